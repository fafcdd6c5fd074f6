"""Named repairs of a calendar's whole text: each takes and returns it.

Its name, with hyphens, is told in the Reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable

TextRepair = Callable[[str], str]
# The first bytes of two- and three-byte letters as Windows-1252 shows them, and what may follow.
_TWICE = re.compile("[ÂÃ][^\\x00-\\x7f]|â[^\\x00-\\x7f]{2}")


def name_of(repair: Callable[..., object]) -> str:
    """Return the public name of a repair."""
    return repair.__name__.replace("_", "-")


def line_endings(text: str) -> str:
    """CR alone, or CR LF and LF mixed, become LF (RFC 5545 3.1 wants CR LF throughout)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def control_characters(text: str) -> str:
    """NUL and other control characters are not allowed in content lines (RFC 5545, 3.1); so are stray BOMs."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff]", "", text)


def text_before_calendar(text: str) -> str:
    """A PHP warning or other text stands in front of BEGIN:VCALENDAR."""
    start = re.search(r"BEGIN[ \t]{0,9}:[ \t]{0,9}VCALENDAR", text, re.IGNORECASE)
    return text[start.start() :] if start else text


def text_after_calendar(text: str) -> str:
    """Something follows the last END:VCALENDAR."""
    end = text.upper().rfind("END:VCALENDAR")
    return text[: end + 13] if end >= 0 and text[end + 13 :].strip() else text


def blank_lines(text: str) -> str:
    """Empty lines between components or inside folded ones."""
    return re.sub(r"\n{2,}", "\n", text).strip("\n")


def double_utf_8(text: str) -> str:
    """UTF-8 that was taken for Windows-1252 and encoded again: ``MÃ¼ll``."""
    return _TWICE.sub(_once, text) if "Ã" in text or "â€" in text else text


def _once(found: re.Match[str]) -> str:
    for wrong in ("cp1252", "latin-1"):
        try:
            return found[0].encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return found[0]


TEXT_REPAIRS: tuple[TextRepair, ...] = (
    double_utf_8, control_characters, line_endings, blank_lines, text_before_calendar, text_after_calendar,
)  # fmt: skip


def repair_text(text: str) -> tuple[str, list[str]]:
    """Apply all text repairs; return the text and the names of those that mattered.

    Uniform CR LF is what the standard asks for, so turning it into LF is no repair.
    """
    uniform = text.count("\n") == text.count("\r\n") == text.count("\r") or "\r" not in text
    names = []
    for one in TEXT_REPAIRS:
        after = one(text)
        # A trailing empty line is no more than a line end.
        if after != text and not (one is line_endings and uniform) and after != text.strip("\n"):
            names.append(name_of(one))
        text = after
    return text, names
