"""From bytes to text by what is declared, never by statistics; and saying what a wrong answer is instead."""

from __future__ import annotations

import codecs
import html
import re

from hub.core.errors import SourceRefused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What calls itself Latin-1 or ASCII is Windows-1252 in practice (WHATWG Encoding, 4.2).
_AS_CP1252 = {"iso8859-1", "ascii", "cp1252"}
_SNIFF = 65_536  # characters that are looked at to name a wrong answer
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
)


def decode(body: bytes, content_type: str) -> tuple[str, str]:
    """Return ``body`` as text, and the name of the encoding that fitted.

    Order: byte order mark, the header's ``charset``, UTF-8, then Windows-1252, which takes any byte. A fold that cut
    a UTF-8 character (RFC 5545 3.1 allows it) is healed first. Never raises.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    declared = _declared(content_type)
    # What calls itself Latin-1 but is UTF-8 with umlauts is UTF-8: no German text is both by chance.
    order = ("utf-8", declared) if declared == "cp1252" and not body.isascii() else (declared, "utf-8")
    for name in filter(None, order):
        try:
            return body.decode(name), name
        except (UnicodeDecodeError, LookupError):
            continue
    try:
        return re.sub(rb"\r?\n[ \t](?=[\x80-\xbf])", b"", body).decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace"), "cp1252"


def oddities(body: bytes, content_type: str, encoding: str) -> list[str]:
    """Return the names (``calendars.remarks``) of what was odd about bytes that :func:`decode` read as ``encoding``."""
    declared, marked = _declared(content_type), any(body.startswith(mark) for mark, _ in _MARKS)
    ascii_only = body.isascii()
    found = {
        "byte-order-mark": marked,
        "not-utf-8": not marked and not ascii_only and encoding not in ("utf-8", declared),
        "charset-header": not marked and not ascii_only and declared not in ("", encoding),
        "cut-character": not marked and not ascii_only and encoding == "utf-8" and not _is_utf_8(body),
    }
    return [name for name, odd in found.items() if odd]


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _declared(content_type: str) -> str:
    """Return Python's name of the header's charset; empty if there is none or it is not one for text."""
    found = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", content_type, re.IGNORECASE)
    if found is None:
        return ""
    try:
        codec = codecs.lookup(found[1])
    except LookupError:
        return ""
    if not getattr(codec, "_is_text_encoding", True):  # hex, zlib, rot13 …
        return ""
    return "cp1252" if codec.name in _AS_CP1252 else codec.name


def foreign(body: bytes, text: str) -> str:
    """Name what ``body`` (decoded: ``text``) is if it is plainly no calendar or table; empty if nothing is plain."""
    for magic, name in _MAGIC:
        if body.startswith(magic):
            return name
    if not text.strip("\ufeff\x00 \t\r\n"):
        return "nothing at all"
    head = text[:_SNIFF].lstrip("\ufeff \t\r\n")
    return _page(head) if web_page(head) else _other(head)


def _other(head: str) -> str:
    """Name what begins like ``head`` and is no web page."""
    if head.startswith(("<?xml", "<rss", "<feed")):
        feed = re.search(r"<(?:rss|feed|rdf:RDF)[\s>]", head)
        return "a news feed (RSS or Atom)" if feed else "an XML document"
    if re.match(r"BEGIN:V(?!CALENDAR)", head, re.IGNORECASE):
        return "a part of a calendar whose beginning (BEGIN:VCALENDAR) is missing"
    return "JSON data" if re.match(r"[{\[]\s*[\"{\[\]}]", head) else ""


def _page(text: str) -> str:
    """Name a web page by what it is for, or by its title."""
    if re.search(r"<input\b[^<>]{0,500}\btype\s?=\s?[\"']?password", text, re.IGNORECASE):
        return "a web page (HTML) with a login"
    found = re.search(r"<title[^<>]{0,200}>([^<]{1,200})</title>", text, re.IGNORECASE)
    title = " ".join(html.unescape(found[1]).split())[:80] if found else ""
    return f"a web page (HTML) called {title!r}" if title else "a web page (HTML)"


def web_page(text: str) -> bool:
    """Whether ``text`` says that it is an HTML page."""
    return bool(re.search(r"<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]", text, re.IGNORECASE))


def refuse(what: str, wanted: str) -> SourceRefused:
    """Return the refusal of an answer that is ``what`` where ``wanted`` was expected, as a sentence."""
    return SourceRefused(f"The address answered with {what}, not with {wanted}.")
