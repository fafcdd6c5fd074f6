"""The process that draws a stranger's picture anew: bytes in, bytes out, with little memory and time. Nothing else.

Started by ``hub.pictures``. What comes out is pixels only: no metadata, so no place where it was taken; turned as the
camera was held; at most :data:`LONGEST` pixels a side.
"""

from __future__ import annotations

import io
import sys

LONGEST = 1600  # pixels of a side
_MOST_PIXELS = 60_000_000  # more than a phone takes
_MEMORY, _SECONDS = 1024 * 1024 * 1024, 15
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
REFUSED, TOO_MANY = 3, 4  # exit codes


def limit() -> None:
    """Take away memory, time, files and children from this process."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def drawn(data: bytes) -> bytes:
    """Return a picture drawn anew: JPEG, or PNG where something of it is transparent. Raises whatever Pillow does."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise Image.DecompressionBombError
        opened.draft("RGB", (LONGEST, LONGEST))  # a large JPEG is read small at once
        picture: Image.Image = ImageOps.exif_transpose(opened)
    picture.thumbnail((LONGEST, LONGEST))
    clear = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    plain = picture.convert("RGBA" if clear else "RGB")
    if clear and plain.getextrema()[-1] == (255, 255):
        clear, plain = False, plain.convert("RGB")
    made = Image.new(plain.mode, plain.size)  # takes the pixels along and nothing else
    made.paste(plain)
    file = io.BytesIO()
    if clear:
        made.save(file, "PNG", optimize=True)
    else:
        made.save(file, "JPEG", quality=82, optimize=True, progressive=True)
    return file.getvalue()


def main() -> None:
    """Draw what comes on stdin and write it to stdout; the exit code says why not."""
    from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

    _ = JpegImagePlugin, PngImagePlugin, WebPImagePlugin
    data = sys.stdin.buffer.read()
    limit()
    try:
        made = drawn(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        sys.exit(TOO_MANY)
    except Exception:  # noqa: BLE001 - a stranger's bytes: whatever a library says of them, they are refused
        sys.exit(REFUSED)
    sys.stdout.buffer.write(made)
