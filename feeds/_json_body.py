"""JSON answers of strangers: strict reading, and plain text and web addresses out of what they hold.

Used by the kinds that read JSON (``roads``, ``council``). Everything that is wrong with a body is a
``SourceRefused`` with one plain sentence; nothing else leaves :func:`read_json`.
"""

from __future__ import annotations

import html
import json
import math
import re
import unicodedata
from typing import Any, NoReturn
from urllib.parse import urlsplit

from hub.core.errors import SourceRefused
from hub.core.source import Document

_LONGEST_ADDRESS = 2_000  # characters; longer ones are no addresses a reader could open
_LONGEST_NUMBER = 400  # digits; Python refuses to read integers beyond 4,300 with an error of its own
_MARKUP = re.compile(r"<!--|-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_BREAKING = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_SILENT = frozenset({"script", "style"})


def read_json(document: Document) -> Any:
    """Return the value that ``document`` holds (RFC 8259); UTF-8, -16, -32 with or without mark, else Windows-1252.

    Raises ``SourceRefused`` for HTML, XML, an empty or broken body, ``NaN`` and too deep nesting.
    """
    text = _decoded(document.body).lstrip("\ufeff \t\r\n")
    if not text:
        raise SourceRefused("The source answered with nothing at all.", subject=document.url)
    if text.startswith("<"):
        raise SourceRefused(_markup(text), subject=document.url)
    if text.startswith("BEGIN:VCALENDAR"):
        raise SourceRefused(
            "The address leads to a calendar (iCalendar), which is a kind of source of its own.", subject=document.url
        )
    try:
        return json.loads(text, parse_constant=_no_number, parse_int=_integer)
    except RecursionError as error:
        raise SourceRefused("The answer is nested too deeply to be real data.", subject=document.url) from error
    except ValueError as error:
        raise SourceRefused("The answer is broken JSON.", subject=document.url) from error


def finite(value: Any) -> float | None:
    """Return a number or a numeric text (comma or point) as a finite float, anything else as ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def plain_text(value: Any, longest: int = 2_000) -> str:
    """Return a scalar as clean plain text of at most ``longest`` characters: no tags, entities or control characters.

    Line breaks stay, runs of blanks become one; objects, ``None`` and truth values give an empty text.
    """
    if not isinstance(value, str) and finite(value) is None:
        return ""
    text = str(value)[: longest * 4]  # tags and entities go, so read on a little
    if "<" in text:
        text = _without_markup(text)
    text = _visible(html.unescape(text))
    lines = (" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:longest].rstrip()


def one_line(value: Any, longest: int = 300) -> str:
    """Return ``value`` as :func:`plain_text` on one line."""
    return " ".join(plain_text(value, longest).split())


def web_address(value: Any) -> str:
    """Return ``value`` if it is an absolute http or https address with a host, else an empty text."""
    if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS or _visible(value) != value:
        return ""
    text = value.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    usable = parts.scheme.lower() in {"http", "https"} and parts.hostname and not re.search(r"[\s<>\"]", text)
    return text if usable else ""


def _without_markup(text: str) -> str:
    """Drop tags and comments and what scripts and styles hold, in one pass whatever the text; blocks break lines."""
    kept: list[str] = []
    position, silence = 0, ""  # silence: what ends the part that is left out
    for match in _MARKUP.finditer(text):
        mark = match[0] if match[2] is None else f"{match[1]}{match[2].lower()}"
        if not silence:
            kept.append(text[position : match.start()])
            kept.append("\n" if mark.lstrip("/") in _BREAKING else "")
            silence = "-->" if mark == "<!--" else f"/{mark}" if mark in _SILENT else ""
        elif mark == silence:
            silence = ""
        position = match.end()
    return "".join(kept) + ("" if silence else text[position:])


def _decoded(body: bytes) -> str:
    """Decode by RFC 8259's rule (Unicode), else as the Windows text that old town servers still write."""
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _markup(text: str) -> str:
    """Name what came instead of JSON."""
    start = text[:2_000].lower()
    if "<html" in start or "<!doctype html" in start:
        return "The source answered with a web page instead of data."
    if "<feed" in start or "<rss" in start:
        return "The address leads to a news feed (RSS or Atom), which is a kind of source of its own."
    if "incidents" in start and "cifs" in start:
        return "The address leads to Waze CIFS, which is not read here; please give a GeoJSON address."
    if "datex" in start or "d2logicalmodel" in start:
        return "The address leads to DATEX II, which is not read here; please give a GeoJSON address."
    return "The source answered with XML instead of JSON."


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf


def _visible(text: str) -> str:
    """Drop control characters except tab and line breaks, lone surrogates, and marks that reverse a line's order."""
    if text.isprintable() and text.isascii():
        return text
    return "".join(one for one in text if one in "\n\r\t" or _is_shown(one))


def _is_shown(character: str) -> bool:
    if unicodedata.category(character) in {"Cc", "Cs"}:
        return False
    return not ("\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069" or character == "\ufeff")
