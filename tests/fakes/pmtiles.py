"""The smallest PMTiles file (version 3): every tile of every zoom is the same piece of plain earth."""

from __future__ import annotations

import struct

_EVERY = (4**16 - 1) // 3  # tiles from zoom 0 to 15


def _varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def earth() -> bytes:
    """Return the file."""
    square = b"".join(map(_varint, (9, 0, 0, 26, 8192, 0, 0, 8192, 8191, 0, 15)))  # Mapbox Vector Tile 2.1, 4.3
    feature = _field(3, 3) + _field(4, square)
    tile = _field(3, _field(15, 2) + _field(1, b"earth") + _field(2, feature) + _field(5, 4096))
    root = b"".join(map(_varint, (1, 0, _EVERY, len(tile), 1)))
    metadata = b"{}"
    start = 127
    places = (start, len(root), start + len(root), len(metadata), 0, 0, start + len(root) + len(metadata), len(tile))
    header = b"PMTiles\x03" + struct.pack("<8Q3Q", *places, _EVERY, 1, 1) + bytes([1, 1, 1, 1, 0, 15])
    header += struct.pack("<4iB2i", -1800000000, -850000000, 1800000000, 850000000, 6, 64000000, 507000000)
    return header + root + metadata + tile
