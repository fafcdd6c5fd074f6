"""Files that somebody attaches: pictures are drawn anew in a process of their own, a PDF is looked at from outside."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from hub.core.errors import DraftError
from hub.picture_child import REFUSED

MOST_PICTURE, MOST_PDF = 8 * 1024 * 1024, 5 * 1024 * 1024  # bytes as they come
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
_ROOT = str(Path(__file__).resolve().parents[1])
_START = "import sys; sys.path[:] = sys.argv[1:]; from hub.picture_child import main; main()"
_SECONDS = 30
_AT_ONCE = threading.BoundedSemaphore(2)


class FileRefused(DraftError):
    """A file that cannot go along; ``why`` is one of: empty, kind, large, pixels, broken."""

    label = "file-refused"

    def __init__(self, why: str = "") -> None:
        """Take why it is refused."""
        super().__init__(f"refused: {why}" if why else "")
        self.why = why


def cleaned(data: bytes) -> tuple[str, bytes]:
    """Return the media type and the bytes that may be shown to people. Raises :class:`FileRefused`."""
    if not data:
        raise FileRefused("empty")
    if data.startswith(b"%PDF-"):
        if len(data) > MOST_PDF:
            raise FileRefused("large")
        if b"%%EOF" not in data[-2048:]:
            raise FileRefused("broken")
        return PDF, data
    if len(data) > MOST_PICTURE:
        raise FileRefused("large")
    if not _looks_like_one(data):
        raise FileRefused("kind")
    made = _redrawn(data)
    return (PNG if made.startswith(b"\x89PNG") else JPEG), made


def _looks_like_one(data: bytes) -> bool:
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")) or (
        data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    )


def _redrawn(data: bytes) -> bytes:
    path = dict.fromkeys((_ROOT, *filter(None, sys.path)))
    with _AT_ONCE:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-B", "-c", _START, *path], input=data, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env={"LANG": "C.UTF-8"}, cwd="/", timeout=_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise FileRefused("pixels") from error
    if done.returncode or not done.stdout:
        raise FileRefused("broken" if done.returncode == REFUSED else "pixels")
    return done.stdout
