"""One connection to a mail server: what goes out, and the replies in their order (RFC 5321, 4.2).

What both ways of handing over share: ``push.mail.dialogue`` (DATA) and ``push.mail.chunks`` (BDAT, RFC 3030).
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from push.mail.data import Content

CLOSING = 421  # RFC 5321, 3.8: the server says good-bye whatever the command was
_BYTES = 65_536
_FAREWELLS = 8  # how often something is read after QUIT
_LONGEST_REPLY = 8_192  # bytes; RFC 5321, 4.5.3.1.5 promises 512 a line
_AFTER_CODE = (b" ", b"")


class Reply(NamedTuple):
    """A server's answer: its code, and the text of all its lines."""

    code: int
    text: bytes

    @property
    def good(self) -> bool:
        """Whether it did what it was asked."""
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321, 4.2.1


class Lost(ConnectionError):
    """The connection is of no use any more; the text is for the operator."""


@dataclass(slots=True, eq=False)
class Mail:
    """One mail on its way: envelope in bytes, and content. ``tries`` counts starts."""

    endpoint: str
    domain: str
    sender: bytes
    recipient: bytes
    content: Content
    tries: int = 0

    def envelope(self) -> bytes:
        """Return MAIL and RCPT."""
        return b"MAIL FROM:<%b>\r\nRCPT TO:<%b>\r\n" % (self.sender, self.recipient)


class Answered(NamedTuple):
    """What the server said to a mail in the end; ``refused`` is the command that it did not take (empty: taken)."""

    mail: Mail
    reply: Reply
    refused: str


@dataclass(slots=True, eq=False)
class Line(ABC):
    """A connection after greeting, TLS and login. Only one thread uses it at a time."""

    sock: socket.socket
    mails: int = 0
    used_at: float = field(default_factory=time.monotonic)
    _buffer: bytes = b""
    _at: int = 0

    @property
    @abstractmethod
    def idle(self) -> bool:
        """Whether nothing is under way."""

    @property
    @abstractmethod
    def doubtful(self) -> Collection[Mail]:
        """The mails whose fate is unknown should the connection be lost now; all others surely did not arrive."""

    @abstractmethod
    def turn(self, following: Mail | None, out: list[Answered]) -> None:
        """Take one step with what is under way and begin with ``following``; answers go to ``out`` as they are read.

        Raises ``Lost`` (or ``OSError``).
        """

    def _ask(self, command: bytes) -> Reply:
        self._write(command)
        return self.reply()

    def _write(self, *parts: bytes) -> None:
        self.sock.sendall(b"".join(parts))

    def _usual(self, expected: re.Pattern[bytes]) -> bool:
        """Read the replies that ``expected`` describes, if they are there at once; else nothing."""
        if self._at == len(self._buffer):
            self._more()
        found = expected.match(self._buffer, self._at)
        if found is not None:
            self._at = found.end()
        return found is not None

    def reply(self) -> Reply:
        """Read one reply of one or many lines. Raises ``Lost``."""
        line = self._line()
        if line[3:4] == b"-":
            line = self._rest(line)
        if not line[:3].isdigit() or line[3:4] not in _AFTER_CODE:
            raise Lost("the mail server answered with something that is no reply")
        return Reply(int(line[:3]), line[4:])

    def _rest(self, line: bytes) -> bytes:
        """Return a reply of many lines as one."""
        whole = line[:3] + b" " + line[4:]
        while line[3:4] == b"-" and len(whole) < _LONGEST_REPLY:
            line = self._line()
            whole += b" " + line[4:] if line[:3] == whole[:3] else b""
        return whole

    def _line(self) -> bytes:
        end = self._buffer.find(b"\n", self._at)
        if end < 0:
            end = self._read()
        line, self._at = self._buffer[self._at : end].rstrip(b"\r"), end + 1
        return line

    def _read(self) -> int:
        """Read on until there is a whole line; returns where it ends."""
        until = time.monotonic() + (self.sock.gettimeout() or _BYTES)
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            self._more()
            if len(self._buffer) > 2 * _BYTES or time.monotonic() > until:
                raise Lost("the mail server answered without end")
        return end

    def _more(self) -> None:
        more = self.sock.recv(_BYTES)
        if not more:
            raise Lost("the mail server hung up")
        self._buffer, self._at = self._buffer[self._at :] + more, 0

    def stale(self) -> bool:
        """Whether the server has said something or hung up while nothing was asked."""
        timeout = self.sock.gettimeout()
        try:
            self.sock.settimeout(0)
            self.sock.recv(_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError):
            return self._at < len(self._buffer)
        except OSError:
            return True
        finally:
            with suppress(OSError):
                self.sock.settimeout(timeout)
        return True

    def close(self, *, politely: bool = False) -> None:
        """Close the connection; ``politely`` after a word, upon which the server closes its end."""
        with suppress(OSError):
            if politely and self.idle:
                self.sock.settimeout(1)
                self.sock.sendall(b"QUIT\r\n")
                for _ in range(_FAREWELLS):
                    if not self.sock.recv(_BYTES):
                        break
        with suppress(OSError):
            self.sock.close()


def unless_closing(reply: Reply) -> None:
    """Raise ``Lost`` if the server says good-bye."""
    if reply.code == CLOSING:
        raise Lost("the mail server takes no mail at present (421)")
