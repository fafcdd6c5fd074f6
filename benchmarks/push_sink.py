"""A push service and a mail server of our own, in a process of their own: fast, and counting what arrives when.

``/town7/42`` belongs to the group ``town7``; so does a mail to ``p42.town7@…``. Started by :class:`Sink`; speaks JSON
lines on stdin and stdout: ``{"do": "report"}``, ``{"do": "forget"}``, ``{"do": "answer", "group": …, "status": 429,
"headers": {…}, "times": 100}`` (a status of 0 hangs up). HTTP/1.1 with kept connections; TLS with ``--certificate``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import ssl
import subprocess
import sys
import threading
import time
from array import array
from dataclasses import dataclass, field
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TOPIC = re.compile(rb"\r\ntopic: *([^\r]+)", re.IGNORECASE)
_CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
_REASONS = {404: "Not Found", 410: "Gone", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Unavailable"}


@dataclass
class Book:
    """What arrived, by group: when, and how often the same message came again."""

    times: dict[str, array[float]] = field(default_factory=dict)
    seen: set[tuple[bytes, bytes]] = field(default_factory=set)
    repeats: int = 0
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, group: str, to: bytes, what: bytes) -> None:
        """Count a message ``what`` to ``to``."""
        key = (to, what)
        if what and key in self.seen:
            self.repeats += 1
        self.seen.add(key)
        if group not in self.times:
            self.times[group] = array("d")
        self.times[group].append(time.time())

    def scripted(self, group: str) -> dict[str, Any] | None:
        """Return what ``group`` is to be answered now, if it is not to be taken."""
        script = self.scripts.get(group)
        if script is None or script["times"] <= 0:
            return None
        script["times"] -= 1
        return script

    def report(self) -> dict[str, Any]:
        """Return all that arrived."""
        return {
            "total": sum(map(len, self.times.values())), "distinct": len(self.seen), "repeats": self.repeats,
            "groups": {group: list(times) for group, times in self.times.items()},
        }  # fmt: skip


class PushProtocol(asyncio.Protocol):
    """RFC 8030 as far as a sender sees it."""

    def __init__(self, book: Book) -> None:
        self.book, self.buffer = book, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request in what has come."""
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.buffer[:end])
            found = _LENGTH.search(head)
            size = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < size:
                return
            del self.buffer[:size]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        path = head.split(b" ", 2)[1]
        group = path.split(b"/", 2)[1].decode()
        script = self.book.scripted(group) if self.book.scripts else None
        if script is None:
            topic = _TOPIC.search(head)
            self.book.note(group, path, topic[1] if topic else b"")
            self.transport.write(_CREATED)
        elif script["status"] == 0:
            self.transport.abort()
        else:
            lines = [f"{name}: {value}" for name, value in script.get("headers", {}).items()]
            status = f"HTTP/1.1 {script['status']} {_REASONS.get(script['status'], 'Scripted')}"
            self.transport.write("\r\n".join([status, *lines, "Content-Length: 0", "", ""]).encode())


class MailProtocol(asyncio.Protocol):
    """RFC 5321 and 2920 as far as a sender sees it: takes every mail."""

    def __init__(self, book: Book) -> None:
        self.book, self.buffer, self.to, self.data = book, bytearray(), b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport: Any = transport
        self.transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole request in what has come."""
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n.\r\n" if self.data else b"\r\n")
            if end < 0:
                return
            piece = bytes(self.buffer[:end])
            del self.buffer[: end + (5 if self.data else 2)]
            self.transport.write(self._mail(piece) if self.data else self._command(piece))

    def _mail(self, piece: bytes) -> bytes:
        self.data = False
        name = re.search(rb"(?im)^message-id: *(\S+)", piece)
        local = self.to.partition(b"@")[0]
        self.book.note(local.rpartition(b".")[2].decode(), self.to, name[1] if name else b"")
        return b"250 2.0.0 taken\r\n"

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 20000000\r\n"
        if verb == b"RCPT":
            found = re.search(rb"<([^>]*)>", line)
            self.to = found[1] if found else b""
        if verb == b"DATA":
            self.data = True
            return b"354 go on\r\n"
        return b"221 2.0.0 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n"


def _obey(book: Book, loop: asyncio.AbstractEventLoop) -> None:
    """Do what the lines on stdin say; its end is ours."""
    for line in sys.stdin:
        order = json.loads(line)
        done: threading.Event = threading.Event()
        answer: dict[str, Any] = {}

        def act(order: dict[str, Any] = order, answer: dict[str, Any] = answer, done: threading.Event = done) -> None:
            if order["do"] == "report":
                answer.update(book.report())
            elif order["do"] == "forget":
                book.__init__()  # type: ignore[misc]
            else:
                book.scripts[order["group"]] = order
            done.set()

        loop.call_soon_threadsafe(act)
        done.wait()
        print(json.dumps(answer), flush=True)
    loop.call_soon_threadsafe(loop.stop)


async def _open(book: Book, context: ssl.SSLContext | None) -> tuple[int, int]:
    loop = asyncio.get_running_loop()
    push = await loop.create_server(lambda: PushProtocol(book), "127.0.0.1", 0, ssl=context, backlog=1024)
    mail = await loop.create_server(lambda: MailProtocol(book), "127.0.0.1", 0)
    return push.sockets[0].getsockname()[1], mail.sockets[0].getsockname()[1]


class Sink:
    """The sink's process and its reports. ``origin`` is where it takes pushes, ``smtp`` the port for mail."""

    def __init__(self, certificate: str = "") -> None:
        """Start it; ``certificate`` is a PEM file with key and chain."""
        extra = ["--certificate", certificate] if certificate else []
        self.process = subprocess.Popen(
            [sys.executable, __file__, *extra], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        ports = json.loads(self._line())
        self.origin = f"{'https' if certificate else 'http'}://127.0.0.1:{ports['push']}"
        self.smtp = int(ports["mail"])

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order and return the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def main() -> None:
    """Serve until stdin ends."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--certificate", default="")
    given = ask.parse_args()
    context = None
    if given.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate)
    loop, book = asyncio.new_event_loop(), Book()
    push, mail = loop.run_until_complete(_open(book, context))
    print(json.dumps({"push": push, "mail": mail}), flush=True)
    threading.Thread(target=_obey, args=(book, loop), daemon=True).start()
    loop.run_forever()


if __name__ == "__main__":
    main()
