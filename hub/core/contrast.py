"""Colours that can be read: the contrast of WCAG 2.2 (1.4.3, 1.4.11), and a municipality's colour brought to it.

A municipality chooses one colour. It is shown as it is where it only decorates; where it is read (links, buttons) it
becomes darker on light pages and lighter on dark ones, as little as is needed and no less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

AA = 4.5  # of text and what lies behind it
WHITE, BLACK = "#ffffff", "#000000"
# What links and buttons stand on or carry, by light and in the dark: the page, its boxes and KERN's feedback colours.
LIGHT = (WHITE, "#f3f4f7")
DARK = (BLACK, "#131525", "#1d2034")
_WRITTEN = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shades:
    """One colour as it is used; all ``#rrggbb``.

    ``brand`` decorates, ``on_brand`` is what stands on it. ``light`` is read on light pages with white upon it,
    ``dark`` on dark ones with black upon it; ``*_hover`` and ``*_active`` are their pressed shades.
    """

    brand: str
    on_brand: str
    light: str
    light_hover: str
    light_active: str
    dark: str
    dark_hover: str
    dark_active: str


def written(colour: str) -> str:
    """Return ``colour`` (``#rgb`` or ``#rrggbb``, either case) as ``#rrggbb``. Raises ``ValueError``."""
    found = colour.strip().lower()
    if not _WRITTEN.fullmatch(found):
        raise ValueError(f"“{colour}” is no colour. Write it as #rrggbb, for example #1d4f91.")
    return found if len(found) == 7 else "#" + "".join(digit * 2 for digit in found[1:])  # noqa: PLR2004 - #rrggbb


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(one / 255) for one in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours ``#rrggbb``: 1 (equal) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, behind: tuple[str, ...], towards: str) -> str:
    """Return ``colour`` mixed with as little of ``towards`` as makes it readable on all of ``behind``."""
    for share in range(256):
        found = mixed(colour, towards, share / 255)
        if all(contrast(found, one) >= AA for one in behind):
            return found
    return towards


def mixed(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with ``share`` (0 to 1) of ``other`` in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (another - one) * share):02x}" for one, another in pairs)


def shades(colour: str) -> Shades:
    """Return the shades of ``colour``; readable ones fulfil AA by light and in the dark. Raises ``ValueError``."""
    brand = written(colour)
    light, dark = readable(brand, LIGHT, BLACK), readable(brand, DARK, WHITE)
    return Shades(
        brand=brand, on_brand=max(WHITE, BLACK, key=lambda one: contrast(one, brand)),
        light=light, light_hover=mixed(light, BLACK, 0.15), light_active=mixed(light, BLACK, 0.3),
        dark=dark, dark_hover=mixed(dark, WHITE, 0.2), dark_active=mixed(dark, WHITE, 0.4),
    )  # fmt: skip


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's own numbers
