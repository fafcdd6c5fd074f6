"""A whole town on one machine: recorded payloads in, web push, e-mail and calendars out. No network."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.demo.story import Story

__all__ = ["play"]


def play(*, once: bool, port: int, data: Path | None, quiet: bool) -> dict[str, Any] | None:
    """Play the town.

    ``once``: one full cycle in a temporary place; returns its figures. Else serves pages, calendars, mailbox and
    pushes on ``port`` until Ctrl-C and returns ``None``. ``quiet`` prints nothing but errors. ``data`` keeps the
    database there instead of a temporary folder.
    """
    with _folder(data) as folder:
        story = Story(folder, port)
        try:
            if once:
                return story.once(quiet=quiet)
            story.live()
        finally:
            story.close()
    return None


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data
        return
    folder = Path(tempfile.mkdtemp(prefix="ortsruf-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
