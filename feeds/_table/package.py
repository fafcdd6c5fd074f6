"""The zip file that an office document is: judged by its directory before anything in it is unpacked."""

from __future__ import annotations

import io
import zipfile

from hub.core.errors import SourceRefused, SourceTooLarge

MOST_MEMBERS = 1_000
MOST_BYTES = 30_000_000  # unpacked
MOST_RATIO = 100
_RATIO_FLOOR = 1_000_000  # bytes unpacked; below, a high ratio does no harm
_ENTRY = b"PK\x01\x02"  # begins every entry of the central directory (APPNOTE 4.3.12)
_BROKEN = (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError, IndexError)


def unpack(body: bytes) -> zipfile.ZipFile:
    """Open the office document ``body``.

    zipfile never reads further than the size that the directory states, so the sums checked here bound all that
    comes later. Raises ``SourceRefused`` for a broken or protected file, ``SourceTooLarge`` for a bomb.
    """
    if body.count(_ENTRY) > MOST_MEMBERS:
        raise SourceTooLarge(f"The table's file holds more than {MOST_MEMBERS:,} parts.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except _BROKEN as error:
        raise SourceRefused("The table's file is broken or cut off.") from error
    members = archive.infolist()
    if any(one.flag_bits & 1 for one in members):
        raise SourceRefused("The table is protected by a password.")
    if sum(one.file_size for one in members) > MOST_BYTES:
        raise SourceTooLarge(f"The table is larger than {MOST_BYTES // 1_000_000} MB when unpacked.")
    if any(one.file_size > max(_RATIO_FLOOR, MOST_RATIO * one.compress_size) for one in members):
        raise SourceTooLarge("The table's file is packed more tightly than any table can be.")
    return archive


def text_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the XML part ``name``. Raises ``SourceRefused`` if it cannot be unpacked or declares entities."""
    try:
        content = archive.read(name)
    except KeyError as error:
        raise SourceRefused(f"The table's file lacks its part {name!r}.") from error
    except Exception as error:  # zlib.error, lzma.LZMAError, EOFError … all mean the same
        raise SourceRefused("The table's file is broken or cut off.") from error
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content[:200]:
        raise SourceRefused("The table's file declares entities, as no office program does.")
    return content
