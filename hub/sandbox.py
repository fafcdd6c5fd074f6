"""Parsing of foreign input in a child process with limits (promise 12); only ``SourceError`` leaves.

``parse_safely`` has one child per answer forked by a server process that has the parsers loaded
(``hub.parser_server``); what it needs of a child is :func:`_exchange`, one frame in and one frame out.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
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
from hub.parser_server import STATUS
from hub.parser_wire import LONGEST_ANSWER, ParseLimits, Request, read_answer, request_frame

__all__ = ["ParseLimits", "Parsed", "Refusal", "parse_safely"]

_PIECE = 65_536
_ROOT = str(Path(__file__).resolve().parents[1])
_START = "import sys; sys.path[:] = sys.argv[1:]; from hub.parser_server import main; main()"


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
    answer = _exchange(kind, data, bounds, fetched.source.id)
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


class _Server:
    """The process that forks the children; started when first needed, and again when it has gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entry: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def child(self, kind: str) -> tuple[socket.socket, socket.socket]:
        """Have a child for ``kind`` forked; returns its data socket and its control."""
        (ours, theirs), (control, controlled) = socket.socketpair(), socket.socketpair()
        with theirs, controlled, self._lock:
            handles = [theirs.fileno(), controlled.fileno()]
            message = json.dumps({"kind": kind}).encode()
            try:
                socket.send_fds(self._open(), [message], handles)
            except OSError:  # it left after a while without work
                self.close()
                socket.send_fds(self._open(), [message], handles)
        return ours, control

    def _open(self) -> socket.socket:
        if self._entry is None or self._process is None or self._process.poll() is not None:
            self.close()
            self._entry, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = _start(theirs)
        return self._entry

    def close(self) -> None:
        """End the server; the next answer starts another."""
        if self._entry is not None:
            self._entry.close()
            self._entry = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int | None:
        """The server's process id, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def forget(self) -> None:
        """Leave the server to the process that we were forked from."""
        self._lock = threading.Lock()
        if self._entry is not None and self._process is not None:
            self._entry.close()
            self._process.returncode = 0  # it is not ours to wait for
        self._entry = self._process = None


_SERVER = _Server()
os.register_at_fork(after_in_child=_SERVER.forget)
atexit.register(_SERVER.close)


def _start(entry: socket.socket) -> subprocess.Popen[bytes]:
    """Start the server with ``entry`` as its stdin, without our environment and our import hooks."""
    path = dict.fromkeys((_ROOT, *filter(None, sys.path)))
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _START, *path],
        stdin=entry.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8", "TZ": "UTC"},
        cwd="/",
        start_new_session=True,
    )


def _exchange(kind: str, data: bytes, limits: ParseLimits, subject: str) -> bytes:
    """Give a fresh child ``data`` and return its answer; the child never outlives this call."""
    code: int | None = None
    for _ in range(2):  # a server that went away under us is no fault of the answer
        ours, control = _SERVER.child(kind)
        with ours, control:
            try:
                answer = _converse(ours, data, time.monotonic() + limits.wall_seconds)
            except TimeoutError as error:
                raise SourceRefused(
                    f"Reading the answer took longer than {limits.wall_seconds:g} s.", subject=subject
                ) from error
            if answer:
                return answer
            code = _ending(control, limits.wall_seconds)
        if code is not None:
            break
    _explain(code, limits, subject)
    return b""


def _ending(control: socket.socket, seconds: float) -> int | None:
    """Return the child's exit code (negative: its signal), ``None`` if the server went away with it."""
    control.settimeout(seconds)
    try:
        status = control.recv(STATUS)
    except OSError:
        return None
    return int.from_bytes(status, "big", signed=True) if len(status) == STATUS else None


def _converse(ours: socket.socket, data: bytes, until: float) -> bytes:
    """Write ``data`` and read until the child closes its end. Raises ``TimeoutError`` and ``SourceTooLarge``."""
    rest, answer = memoryview(data), bytearray()
    ours.setblocking(False)
    with selectors.DefaultSelector() as ready:
        ready.register(ours, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            if until <= time.monotonic():
                raise TimeoutError
            for _, events in ready.select(max(0.0, until - time.monotonic())):
                if events & selectors.EVENT_WRITE:
                    rest = _write(ours, rest)
                    if not rest:
                        ready.modify(ours, selectors.EVENT_READ)
                if events & selectors.EVENT_READ:
                    piece = _read(ours)
                    if not piece:
                        return bytes(answer)
                    answer += piece
                    if len(answer) > LONGEST_ANSWER:
                        raise SourceTooLarge("The parser's answer is too large.")


def _write(ours: socket.socket, rest: memoryview) -> memoryview:
    """Write a piece of ``rest``; a child that no longer reads gets no more."""
    try:
        return rest[ours.send(rest[:_PIECE]) :]
    except BlockingIOError:
        return rest
    except OSError:
        return rest[:0]


def _read(ours: socket.socket) -> bytes:
    try:
        return ours.recv(_PIECE)
    except ConnectionError:
        return b""


def _explain(code: int | None, limits: ParseLimits, subject: str) -> None:
    """Raise the ``SourceRefused`` that a child's exit ``code`` without an answer means."""
    if code == -signal.SIGXCPU:
        raise SourceRefused(
            f"Reading the answer needs more than {limits.cpu_seconds} s of computing time.", subject=subject
        )
    raise SourceRefused(f"The parser stopped without an answer (exit {code}).", subject=subject)
