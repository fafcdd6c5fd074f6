"""A house colour as the nearest name of CSS3: COLOR in a calendar takes names only (RFC 7986, 5.9)."""

from __future__ import annotations

import re
from functools import lru_cache

_HEX = re.compile(r"#([0-9a-fA-F]{6})")
# CSS Color Module Level 3, 4.1 and 4.3; the pale ones are left out, no calendar's text is readable on them.
_TABLE = """
    black 000000 navy 000080 darkblue 00008b mediumblue 0000cd blue 0000ff darkgreen 006400 green 008000
    teal 008080 darkcyan 008b8b deepskyblue 00bfff dodgerblue 1e90ff midnightblue 191970 lightseagreen 20b2aa
    forestgreen 228b22 seagreen 2e8b57 darkslategray 2f4f4f limegreen 32cd32 mediumseagreen 3cb371
    royalblue 4169e1 steelblue 4682b4 darkslateblue 483d8b indigo 4b0082 darkolivegreen 556b2f cadetblue 5f9ea0
    cornflowerblue 6495ed dimgray 696969 slateblue 6a5acd olivedrab 6b8e23 slategray 708090 maroon 800000
    purple 800080 olive 808000 gray 808080 blueviolet 8a2be2 darkred 8b0000 darkmagenta 8b008b
    saddlebrown 8b4513 darkviolet 9400d3 darkorchid 9932cc yellowgreen 9acd32 sienna a0522d brown a52a2a
    darkgray a9a9a9 firebrick b22222 darkgoldenrod b8860b rosybrown bc8f8f mediumvioletred c71585
    indianred cd5c5c peru cd853f chocolate d2691e goldenrod daa520 crimson dc143c red ff0000 deeppink ff1493
    orangered ff4500 tomato ff6347 hotpink ff69b4 coral ff7f50 darkorange ff8c00 orange ffa500 gold ffd700
    yellow ffff00 silver c0c0c0 white ffffff
"""
_NAMES = _TABLE.split()
_PALETTE = tuple(zip(_NAMES[::2], _NAMES[1::2], strict=True))


def _distance(one: str, other: str) -> float:
    """Return how different two ``rrggbb`` colours look ("redmean": red and blue weigh by how red both are)."""
    (r1, g1, b1), (r2, g2, b2) = (bytes.fromhex(text) for text in (one, other))
    red = (r1 + r2) / 2
    return (2 + red / 256) * (r1 - r2) ** 2 + 4 * (g1 - g2) ** 2 + (2 + (255 - red) / 256) * (b1 - b2) ** 2


@lru_cache(maxsize=256)
def css_name(colour: str) -> str:
    """Return the CSS3 name nearest to ``colour`` (``#rrggbb``). Raises ``ValueError`` if it is not one."""
    found = _HEX.fullmatch(colour)
    if found is None:
        raise ValueError(f"{colour!r} is not a colour like #1a2b3c.")
    return min(_PALETTE, key=lambda pair: _distance(pair[1], found[1]))[0]
