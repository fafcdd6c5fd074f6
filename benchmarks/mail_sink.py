"""A mail server that takes everything, fast, and a sender of prewritten bytes that shows how much it takes.

    python benchmarks/mail_sink.py [--chunking]

Postfix's smtp-sink reads a mail sign by sign, which takes longer than some senders need to write one. This one looks
for the end of the mail only (RFC 5321; PIPELINING, RFC 2920; with ``--chunking`` BDAT, RFC 3030, by whose length it
skips). It prints its port and serves until its stdin ends.
"""

from __future__ import annotations

import argparse
import selectors
import socket
import sys
from contextlib import suppress

_END = b"\r\n.\r\n"
_TAKEN = b"250 2.0.0 taken\r\n"
_OFFERS = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
_MOST = 262_144  # bytes read at once
_ENVELOPE = b"MAIL FROM:<bounces@bench.example>\r\nRCPT TO:<person1234@example.org>\r\n"


class Talk:
    """One connection: ``feed`` takes what came and returns what to answer."""

    def __init__(self, *, chunking: bool) -> None:
        """Begin before EHLO."""
        self._offers = _OFFERS + (b"250-CHUNKING\r\n" if chunking else b"") + b"250 SIZE 20000000\r\n"
        self._rest = b""
        self._content = self._fresh = False  # in a mail after DATA; nothing of it has come
        self._skip = 0  # bytes of a chunk that are still to come
        self.over = False

    def feed(self, came: bytes) -> bytes:
        """Return the replies to everything that is whole in ``came``."""
        if self._rest:
            came, self._rest = self._rest + came, b""
        out: list[bytes] = []
        at = 0
        while at < len(came):
            after = self._skipped(came, at, out) if self._skip else self._read(came, at, out)
            if after < 0:
                break
            at = after
        return b"".join(out)

    def _skipped(self, came: bytes, at: int, out: list[bytes]) -> int:
        step = min(self._skip, len(came) - at)
        self._skip -= step
        if not self._skip:
            out.append(_TAKEN)
        return at + step

    def _read(self, came: bytes, at: int, out: list[bytes]) -> int:
        """Read a command or a mail; returns where it ends, -1 if it is not whole."""
        if self._content:
            return self._mail(came, at, out)
        end = came.find(b"\r\n", at)
        if end < 0:
            self._rest = came[at:]
            return -1
        out.append(self._answer(came[at:end]))
        return end + 2

    def _mail(self, came: bytes, at: int, out: list[bytes]) -> int:
        empty, self._fresh = self._fresh and came.startswith(b".\r\n", at), False
        end = at - 2 if empty else came.find(_END, at)
        if end < 0 and not empty:
            self._rest = came[max(at, len(came) - len(_END) + 1) :]
            return -1
        self._content = False
        out.append(_TAKEN)
        return end + len(_END)

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"DATA":
            self._content = self._fresh = True
            return b"354 go on\r\n"
        if verb == b"BDAT":
            self._skip = int(line.split()[1])
            return b"" if self._skip else _TAKEN
        self.over = verb == b"QUIT"
        return {b"EHLO": self._offers, b"QUIT": b"221 2.0.0 bye\r\n"}.get(verb, b"250 2.1.0 ok\r\n")


def serve(server: socket.socket, *, chunking: bool) -> None:
    """Answer all connections until stdin ends."""
    with selectors.DefaultSelector() as watched:
        watched.register(server, selectors.EVENT_READ)
        watched.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in watched.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is server:
                    sock, _ = server.accept()
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    sock.sendall(b"220 sink ESMTP\r\n")
                    watched.register(sock, selectors.EVENT_READ, Talk(chunking=chunking))
                elif not _answered(key.fileobj, key.data):  # type: ignore[arg-type]
                    watched.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]


def _answered(sock: socket.socket, talk: Talk) -> bool:
    """Answer what came; whether the connection goes on."""
    with suppress(OSError):
        if came := sock.recv(_MOST):
            sock.sendall(talk.feed(came))
            return not talk.over
    return False


def prewritten(port: int, mails: int, size: int, *, chunking: bool, sessions: int = 2) -> None:
    """Send ``mails`` times the same ``size`` bytes as a sender would that costs nothing itself."""
    content = b"".join([b"x" * 74 + b"\r\n"] * (size // 76))
    if chunking:
        first, again = b"", b"RSET\r\n" + _ENVELOPE + b"BDAT %d LAST\r\n" % len(content) + content
        ahead = 4  # mails under way on one connection
    else:
        first, again, ahead = _ENVELOPE + b"DATA\r\n", content + b".\r\n" + _ENVELOPE + b"DATA\r\n", 1
    lines = [_greeted(port) for _ in range(sessions)]
    due = dict.fromkeys(lines, 0)
    for line in lines:
        line.sendall(first)
        due[line] = first.count(b"\n")
    for number in range(mails):
        line = lines[number % sessions]
        while due[line] >= 4 * ahead or (first and due[line]):
            due[line] -= _replies(line)
        line.sendall(again)
        due[line] += 4
    for line in lines:
        while due[line] > 0:
            due[line] -= _replies(line)
        line.close()


def _greeted(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.recv(_MOST)
    line.sendall(b"EHLO bench.example\r\n")
    line.recv(_MOST)
    return line


def _replies(line: socket.socket) -> int:
    came = line.recv(_MOST)
    if not came:
        raise SystemExit("the sink hung up")
    return came.count(b"\n")


def main() -> None:
    """Serve on a free port of the loopback."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--chunking", action="store_true")
    server = socket.create_server(("127.0.0.1", 0), backlog=100)
    print(server.getsockname()[1], flush=True)
    serve(server, chunking=ask.parse_args().chunking)


if __name__ == "__main__":
    main()
