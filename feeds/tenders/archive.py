"""Zip exports, read one member at a time and never further than a day's notices can reasonably be.

Names of members are never used as paths. The bounds stop bombs (many members, high ratio, overlapping members).
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from hub.core.errors import SourceRefused, SourceTooLarge

MAX_MEMBERS = 20_000  # the largest days seen have some thousand notices
MAX_RATIO = 100
MAX_TOTAL = 200_000_000  # decompressed bytes of one archive
MAX_MEMBER = 20_000_000  # decompressed bytes of one member
_RATIO_FLOOR = 200_000  # bytes; below, a high ratio does no harm
_CHUNK = 65_536
_ENTRY = b"PK\x01\x02"  # begins every entry of the central directory


def is_zip(body: bytes) -> bool:
    """Whether ``body`` begins like a zip file (an empty one included)."""
    return body[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def members(body: bytes) -> Iterator[tuple[str, bytes | str]]:
    """Yield (name, content) of each file in the zip ``body``; instead of bytes a sentence if it cannot be read.

    Raises ``SourceRefused`` for no or a broken zip file and ``SourceTooLarge`` for a bomb.
    """
    # Counted before zipfile builds an object for each of them.
    if body.count(_ENTRY) > MAX_MEMBERS:
        raise SourceTooLarge(f"The archive holds more than {MAX_MEMBERS} files.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError, OverflowError) as error:
        raise SourceRefused("The archive is broken or cut off.") from error
    left = MAX_TOTAL
    with archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            content = _content(archive, info, left)
            left -= len(content)
            yield info.filename, content


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes | str:
    """Return the bytes of a member, or why they cannot be read."""
    if info.flag_bits & 1:
        return "The file is encrypted."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "The file is packed in a way that is not allowed here."
    try:
        with archive.open(info) as packed:
            return _bounded(packed, max(info.compress_size, 1), left)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        ValueError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ):
        return "The file is damaged."


def _bounded(packed: IO[bytes], size: int, left: int) -> bytes:
    """Read ``packed`` (``size`` bytes compressed) to its end; raise ``SourceTooLarge`` as soon as a bound is passed."""
    found = bytearray()
    while chunk := packed.read(_CHUNK):
        found += chunk
        if len(found) > min(left, MAX_MEMBER):
            raise SourceTooLarge("The archive holds more than a day's notices can be.")
        if len(found) > _RATIO_FLOOR and len(found) > MAX_RATIO * size:
            raise SourceTooLarge("The archive is packed more tightly than any text can be.")
    return bytes(found)
