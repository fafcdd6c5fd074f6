"""From bytes to text, without statistics: what can be proved, then what is declared, then cp1252.

Order: BOM or the NULs of UTF-16, valid UTF-8 (no other text with umlauts looks like it), the HTTP header, the
XML declaration, cp1252. ISO-8859-1 and US-ASCII are read as cp1252, as browsers do (WHATWG Encoding, 4.2).
"""

from __future__ import annotations

import re

from w3lib.encoding import http_content_type_encoding, read_bom, resolve_encoding

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._-]{2,40})""")
# Not characters of XML 1.0 (2.2), or halves of characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def decode(body: bytes, content_type: str) -> str:
    """Return ``body`` as text without characters that no document may hold; never fails."""
    return clean(_text(body, content_type))


def clean(text: str) -> str:
    """Return ``text`` without control characters, lone surrogates and non-characters."""
    return _ILLEGAL.sub("", text)


def _text(body: bytes, content_type: str) -> str:
    wide = _wide(body)
    if wide:
        return body.decode(wide, "replace").removeprefix("\ufeff")
    try:
        return body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    for name in _candidates(body, content_type):
        try:
            return body.decode(name)
        except (UnicodeError, LookupError):
            continue
    return _damaged(body)


def _wide(body: bytes) -> str:
    """Return the encoding that a BOM or the zero bytes around "<" prove, or ""."""
    name, _ = read_bom(body)
    if name:
        return str(name)
    start = body.lstrip()[:4]
    if start[:2] in (b"<\0", b"{\0"):
        return "utf-16-le"
    return "utf-16-be" if start[:2] in (b"\0<", b"\0{") else ""


def _candidates(body: bytes, content_type: str) -> list[str]:
    """Return the Python names of the encodings that header and declaration claim."""
    declared = _DECLARED.search(body[:1024])
    claimed = [
        resolve_encoding(http_content_type_encoding(content_type) or "") if content_type else None,
        resolve_encoding(declared[1].decode("ascii")) if declared else None,
    ]
    # What starts with utf was tried already, or is contradicted by the bytes.
    return [one for one in claimed if one and not one.lower().startswith("utf")]


def _damaged(body: bytes) -> str:
    """Read UTF-8 with a few broken bytes as such, anything else as cp1252."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for one in text if one > "\x7f") - broken
    return text if whole > broken else body.decode("cp1252", "replace")
