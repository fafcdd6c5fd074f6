"""Zip bundles of alerts, read one member at a time and no further than a bundle of warnings can reasonably be.

Names of members are labels in messages, never paths.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from hub.core.errors import SourceRefused, SourceTooLarge

MAX_MEMBERS = 5_000
MAX_RATIO = 100
MAX_TOTAL = 50_000_000  # decompressed bytes of one bundle
_RATIO_FLOOR = 100_000  # bytes; below, a high ratio does no harm
_CHUNK = 65_536
_ENTRY = b"PK\x01\x02"  # begins every entry of the central directory (APPNOTE 4.3.12)
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # a file with members, an empty one


def is_zip(body: bytes) -> bool:
    """Whether ``body`` begins like a zip file (an empty one included)."""
    return body[:4] in _MAGIC


def members(body: bytes) -> Iterator[tuple[str, bytes | str]]:
    """Yield (name, content) of each file in the zip ``body``; instead of bytes a sentence if it cannot be read.

    Raises ``SourceRefused`` for a broken zip file or one inside it, ``SourceTooLarge`` for a bomb.
    """
    # Counted before zipfile builds an object for each of them.
    if body.count(_ENTRY) > MAX_MEMBERS:
        raise SourceTooLarge(f"The bundle holds more than {MAX_MEMBERS} files.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError, IndexError) as error:
        raise SourceRefused("The bundle is broken or cut off.") from error
    left = MAX_TOTAL
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            content = _content(archive, info, left)
            left -= len(content)
            if isinstance(content, bytes) and is_zip(content):
                raise SourceRefused("The bundle holds a further zip file, which is not accepted.")
            yield info.filename, content


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes | str:
    """Return the bytes of a member, or why they cannot be read."""
    if info.flag_bits & 1:
        return "The file is encrypted."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "The file is packed in a way that is not accepted."
    try:
        return _bounded(archive, info, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError):
        return "The file is damaged."


def _bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    """Read a member to its end; raise ``SourceTooLarge`` as soon as a bound is passed."""
    found = bytearray()
    with archive.open(info) as packed:
        while chunk := packed.read(_CHUNK):
            found += chunk
            if len(found) > left:
                raise SourceTooLarge("The bundle holds more than warnings can be.")
            if len(found) > _RATIO_FLOOR and len(found) > MAX_RATIO * max(info.compress_size, 1):
                raise SourceTooLarge("The bundle is packed more tightly than any text can be.")
    return bytes(found)
