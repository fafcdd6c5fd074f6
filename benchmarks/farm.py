"""A loopback farm of sources: a small HTTP/1.1 server in a process of its own, for measuring only.

``GET /s/17`` answers an Atom feed of ``--entries`` entries with a strong ETag, 304 when it is known. ``POST /bump?17``
gives source 17 a new entry; ``/bombs/NAME`` never answers well. Started by the benchmarks, ended by them.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import sys
from datetime import UTC, datetime, timedelta
from functools import cache

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


@cache
def entry(number: int) -> str:
    """Return one entry of about 400 bytes."""
    at = (BEGIN + timedelta(hours=number)).isoformat()
    return (
        f"<entry><id>tag:town.example,2026:{number}</id><title>Meldung {number}: Freibad öffnet früher</title>"
        f'<link rel="alternate" href="https://town.example/n/{number}"/><updated>{at}</updated>'
        f"<summary>Das Freibad öffnet am Samstag eine Stunde früher, der Eintritt bleibt gleich. Nummer {number}, "
        f"weitere Auskunft gibt das Bürgerbüro im Rathaus, Zimmer 12.</summary></entry>"
    )


@cache
def feed(entries: int, more: int = 0) -> bytes:
    """Return an Atom feed of ``entries`` entries and ``more`` newer ones."""
    inner = "".join(entry(number) for number in range(entries + more, 0, -1))
    head = '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Rathaus</title>'
    return f"{head}<id>tag:town.example,2026:feed</id><updated>2026-11-01T00:00:00Z</updated>{inner}</feed>".encode()


class Farm(asyncio.Protocol):
    """One connection; requests come one after the other."""

    entries = 20
    more: dict[str, int] = {}  # noqa: RUF012 - one farm a process
    transport: asyncio.Transport
    rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer every whole request (none has a body)."""
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            line, *headers = head.decode("latin-1").split("\r\n")
            self.answer(
                line.split(" ")[1],
                {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in headers)},
            )

    def answer(self, path: str, headers: dict[str, str]) -> None:
        """Answer one request."""
        name = path.rpartition("/")[2].rpartition("?")[2]
        if path.startswith("/bombs/"):
            return self.bomb(name)
        if path.startswith("/bump"):
            self.more[name] = self.more.get(name, 0) + 1
            return self.reply(b"204 No Content", b"")
        tag = f'"{name}-{self.more.get(name, 0)}"'
        if headers.get("if-none-match") == tag:
            return self.reply(b"304 Not Modified", b"", etag=tag)
        return self.reply(b"200 OK", feed(self.entries, self.more.get(name, 0)), etag=tag)

    def reply(self, status: bytes, body: bytes, *, etag: str = "", more: bytes = b"") -> None:
        """Write one answer."""
        tag = f"ETag: {etag}\r\n".encode() if etag else b""
        length = b"" if status.startswith((b"304", b"204")) else b"Content-Length: %d\r\n" % len(body)
        kind = b"Content-Type: application/atom+xml\r\n"
        self.transport.write(b"HTTP/1.1 " + status + b"\r\n" + kind + tag + more + length + b"\r\n" + body)

    def bomb(self, name: str) -> None:
        """Answer as a broken or hostile server does."""
        if name == "hang":
            return
        if name == "drip":
            asyncio.get_running_loop().create_task(self.drip())
        elif name == "endless":
            asyncio.get_running_loop().create_task(self.endless())
        elif name == "gzip":
            packed = gzip.compress(gzip.compress(bytes(200_000_000)))
            self.reply(b"200 OK", packed, more=b"Content-Encoding: gzip, gzip\r\n")
        elif name == "entities":
            levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
            self.reply(b"200 OK", f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><feed>&l11;</feed>'.encode())
        elif name == "nested":
            self.reply(b"200 OK", b"<feed>" + b"<entry><summary type='html'>" + b"&lt;div&gt;" * 900_000)
        elif name == "token":
            self.reply(b"200 OK", b"<feed xmlns='http://www.w3.org/2005/Atom'><title>" + b"a" * 9_500_000)

    async def drip(self) -> None:
        """Send a byte a second."""
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(120):
            await asyncio.sleep(1)
            if self.transport.is_closing():
                return
            self.transport.write(b"x")

    async def endless(self) -> None:
        """Send until the reader has had enough, at most a gigabyte."""
        self.transport.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(16_000):
            if self.transport.is_closing():
                return
            self.transport.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
            await asyncio.sleep(0)


BOMBS = ("hang", "drip", "endless", "gzip", "entities", "nested", "token")


async def main(entries: int) -> None:
    """Serve on a free port of the loopback interface, named on stdout, until stdin ends."""
    Farm.entries = entries
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Farm, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    ask = argparse.ArgumentParser()
    ask.add_argument("--entries", type=int, default=20)
    asyncio.run(main(ask.parse_args().entries))
