"""A municipality's logo: an SVG or PNG file of which nothing is kept but what is drawn. Pure.

It is shown by ``<img>``, where no script runs; still nothing that could is stored, and nothing that asks another host.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

from hub.core.errors import SettingsError

MOST_BYTES = 64 * 1024
_MOST_PIXELS = 1024  # a side
_SVG = "{http://www.w3.org/2000/svg}"
_DRAWN = {
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "linearGradient",
    "radialGradient", "stop", "clipPath", "mask", "title", "desc",
}  # fmt: skip
_REFUSED = {
    "style": "It has its colours in a <style> element. Save it with presentation attributes (in Inkscape: plain SVG).",
    "text": "It has text that needs a font. Convert text to paths and save it again.",
    "image": "It contains a picture. Save a PNG instead.",
    "use": "It draws by <use>. Unlink clones and save it again.",
}
_PRESENTED = {
    "fill", "fill-rule", "fill-opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "opacity",
    "stroke-miterlimit", "stroke-dasharray", "stroke-opacity", "stop-color", "stop-opacity", "clip-path",
    "clip-rule", "mask",
}  # fmt: skip
_GIVEN = _PRESENTED | {
    "id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "points", "width", "height",
    "viewBox", "transform", "gradientTransform", "gradientUnits", "clipPathUnits", "maskUnits", "offset",
    "preserveAspectRatio", "spreadMethod", "version",
}  # fmt: skip
_PNG = b"\x89PNG\r\n\x1a\n"
_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def cleaned(data: bytes) -> tuple[str, bytes]:
    """Return the kind (``svg``, ``png``) and the bytes that may be shown.

    Raises ``SettingsError`` that says what is wrong and what to do about it.
    """
    if len(data) > MOST_BYTES:
        raise SettingsError(f"The logo has {len(data) // 1024} KB; {MOST_BYTES // 1024} KB are allowed.")
    return ("png", _png(data)) if data.startswith(_PNG) else ("svg", _svg(data))


def _svg(data: bytes) -> bytes:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise SettingsError("The logo is neither a PNG nor an SVG file.") from error
    if root.tag != f"{_SVG}svg" or root.getroottree().docinfo.internalDTD is not None:
        raise SettingsError("The logo is no plain SVG: it has another root element or a document type.")
    if not root.get("viewBox") and not (root.get("width") and root.get("height")):
        raise SettingsError("The logo says nowhere how large it is: it has neither a viewBox nor width and height.")
    made = _drawn(root, etree)
    assert made is not None  # noqa: S101 - the root is an <svg>
    return bytes(etree.tostring(made))


def _drawn(element: Any, etree: Any) -> Any:
    """Return a copy of ``element`` with what is drawn, ``None`` if it draws nothing."""
    name = element.tag.removeprefix(_SVG) if isinstance(element.tag, str) else ""
    if name in _REFUSED:
        raise SettingsError(f"The logo cannot be taken as it is. {_REFUSED[name]}")
    if name not in _DRAWN:
        return None
    made = etree.Element(f"{_SVG}{name}", nsmap={None: _SVG[1:-1]} if name == "svg" else None)
    for key, value in {**_styled(element.get("style", "")), **element.attrib}.items():
        if key in _GIVEN and _harmless(value):
            made.set(key, value)
    made.text, made.tail = element.text, element.tail
    made.extend(one for one in (_drawn(child, etree) for child in element) if one is not None)
    return made


def _styled(style: str) -> dict[str, str]:
    """Return the presentation attributes that a ``style`` attribute stands for."""
    pairs = (one.partition(":") for one in style.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in _PRESENTED}


def _harmless(value: str) -> bool:
    """Whether a value asks for nothing outside the file."""
    return not re.search(r"url\s*\((?!\s*[\"']?#)|[a-z]+://|javascript|data:|\\", value, re.IGNORECASE)


def _png(data: bytes) -> bytes:
    parts, at, packed, head = [_PNG], len(_PNG), b"", b""
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if data[at + 8 + length : at + 12 + length] != struct.pack(">I", zlib.crc32(kind + body)):
            raise SettingsError("The logo is a damaged PNG file: a checksum does not agree.")
        if kind in _KEPT:
            parts.append(data[at : at + 12 + length])
        head, packed = (body if kind == b"IHDR" else head), packed + (body if kind == b"IDAT" else b"")
        at += 12 + length
        if kind == b"IEND":
            break
    _check_pixels(head, packed)
    return b"".join(parts)


def _check_pixels(head: bytes, packed: bytes) -> None:
    """Raise ``SettingsError`` unless the pixels are as many as the head says, and not too many."""
    if len(head) != 13 or head[9] not in _CHANNELS:  # noqa: PLR2004 - PNG, 11.2.2
        raise SettingsError("The logo is a damaged PNG file: its head cannot be read.")
    width, height = struct.unpack(">II", head[:8])
    if not (0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS):
        raise SettingsError(f"The logo has {width} × {height} pixels; {_MOST_PIXELS} × {_MOST_PIXELS} are allowed.")
    if head[12]:
        raise SettingsError("The logo is an interlaced PNG file. Save it without interlacing.")
    wanted = height * (1 + (width * _CHANNELS[head[9]] * head[8] + 7) // 8)
    try:
        found = len(zlib.decompressobj().decompress(packed, wanted + 1))
    except zlib.error:
        found = -1
    if found != wanted:
        raise SettingsError("The logo is a damaged PNG file: pixels are missing or too many.")
