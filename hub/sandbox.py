"""Parsing of foreign input in a child process with limits (promise 12); only ``SourceError`` leaves.

``parse_safely`` starts one child per answer. What it needs of a child is :func:`_exchange`, one frame in and one
frame out, so a kept warm child can take its place.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feeds
from hub.core import errors
from hub.core.codec import from_json
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge
from hub.core.notice import Notice
from hub.core.source import Fetched
from hub.parser_wire import LONGEST_ANSWER, ParseLimits, Request, read_answer, request_frame

__all__ = ["ParseLimits", "Parsed", "Refusal", "parse_safely"]

_PIECE = 65_536
_ROOT = str(Path(__file__).resolve().parents[1])
_START = "import sys; sys.path[:] = sys.argv[1:]; from hub.parser_child import main; main()"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that could not be read: the source's ``key`` for it and the ``reason`` in plain words."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer held: the notices, the items that were refused while the others went on, and remarks."""

    notices: tuple[Notice, ...]
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


def parse_safely(
    kind: str, fetched: Fetched, *, limits: ParseLimits | None = None, plugins: Sequence[Path] = ()
) -> Parsed:
    """Parse and normalise ``fetched`` with the folder of ``kind`` in a child process.

    ``plugins`` are searched beside ``ORTSRUF_PLUGINS``. Raises ``SourceError`` only: the child's own class and
    sentence, ``SourceTooLarge`` for memory, ``SourceRefused`` for a time-out, a crash or any library's exception.
    """
    bounds = limits or ParseLimits()
    folders = [str(one) for one in feeds.plugin_folders(plugins)]
    data = request_frame(Request(kind, fetched, bounds, folders))
    answer = _exchange(data, bounds, fetched.source.id)
    try:
        return _parsed(read_answer(answer), fetched.source.id)
    except SourceError:
        raise
    except Exception as error:  # a child that was taken over may answer anything
        raise SourceRefused("The parser's answer makes no sense.", subject=fetched.source.id) from error


def _parsed(answer: dict[str, Any], subject: str) -> Parsed:
    failure = answer.get("error")
    if failure:
        known = getattr(errors, str(failure["class"]), None)
        found = known if isinstance(known, type) and issubclass(known, SourceError) else SourceRefused
        raise found(str(failure["message"]), subject=str(failure["subject"]) or subject)
    return Parsed(
        notices=tuple(from_json(one) for one in answer["notices"]),
        refused=tuple(Refusal(str(key), str(reason)) for key, reason in answer["refused"]),
        notes=tuple(str(one) for one in answer.get("notes", ())),
    )


def _exchange(data: bytes, limits: ParseLimits, subject: str) -> bytes:
    """Start a child, give it ``data`` and return its answer; the child never outlives this call."""
    child = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-X",
            "utf8",
            "-c",
            _START,
            *dict.fromkeys((_ROOT, *filter(None, sys.path))),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8", "TZ": "UTC"},
        cwd="/",
        start_new_session=True,
    )
    try:
        answer = _converse(child, data, time.monotonic() + limits.wall_seconds)
    except TimeoutError as error:
        raise SourceRefused(
            f"Reading the answer took longer than {limits.wall_seconds:g} s.", subject=subject
        ) from error
    finally:
        child.kill()
        code = child.wait()
        _close(child)
    # With the pipe closed the child has either answered or died of something; SIGKILL may be ours, just now.
    if not answer:
        _explain(code, limits, subject)
    return answer


def _converse(child: subprocess.Popen[bytes], data: bytes, until: float) -> bytes:
    """Write ``data`` and read until the child closes its end. Raises ``TimeoutError`` and ``SourceTooLarge``."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child has no pipes")
    rest, answer = memoryview(data), bytearray()
    os.set_blocking(child.stdin.fileno(), False)
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdin, selectors.EVENT_WRITE)
        ready.register(child.stdout, selectors.EVENT_READ)
        while True:
            if until <= time.monotonic():
                raise TimeoutError
            for key, _ in ready.select(max(0.0, until - time.monotonic())):
                if key.fileobj is child.stdin:
                    rest = _write(child.stdin.fileno(), rest)
                    if not rest:
                        ready.unregister(child.stdin)
                        child.stdin.close()
                    continue
                piece = os.read(child.stdout.fileno(), _PIECE)
                if not piece:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(max(0.0, min(1.0, until - time.monotonic())))
                    return bytes(answer)
                answer += piece
                if len(answer) > LONGEST_ANSWER:
                    raise SourceTooLarge("The parser's answer is too large.")


def _write(handle: int, rest: memoryview) -> memoryview:
    """Write a piece of ``rest``; a child that no longer reads gets no more."""
    try:
        return rest[os.write(handle, rest[:_PIECE]) :]
    except BrokenPipeError:
        return rest[:0]


def _close(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _explain(code: int, limits: ParseLimits, subject: str) -> None:
    """Raise the ``SourceRefused`` that a child's exit ``code`` without an answer means."""
    if code == -signal.SIGXCPU:
        raise SourceRefused(
            f"Reading the answer needs more than {limits.cpu_seconds} s of computing time.", subject=subject
        )
    raise SourceRefused(f"The parser stopped without an answer (exit {code}).", subject=subject)
