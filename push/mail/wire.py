"""One connection to a mail server: commands in groups, replies in their order (RFC 5321; PIPELINING, RFC 2920).

Where the server offers PIPELINING, the content of one mail and MAIL, RCPT, DATA of the next travel together, and all
their replies are awaited at once: one round trip a mail. Elsewhere each command waits for its reply.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from hub.failpoints import reached
from push.mail.data import END

CLOSING = 421  # RFC 5321, 3.8: the server says good-bye whatever the command was
_GO_ON = 354
_ENVELOPE = ("MAIL", "RCPT", "DATA")
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
    """One mail on its way: envelope in bytes and content as ``data.transparent`` gives it. ``tries`` counts starts."""

    endpoint: str
    domain: str
    sender: bytes
    recipient: bytes
    content: bytes
    tries: int = 0


class Answered(NamedTuple):
    """What the server said to a mail in the end; ``refused`` is the command that it did not take (empty: taken)."""

    mail: Mail
    reply: Reply
    refused: str


@dataclass(slots=True, eq=False)
class Line:
    """A connection after greeting, TLS and login. Only one thread uses it at a time.

    ``given``: the mail whose content went out and is not answered. ``asked``: the mail of which the envelope went out.
    """

    sock: socket.socket
    pipelining: bool
    mails: int = 0
    used_at: float = field(default_factory=time.monotonic)
    given: Mail | None = None
    asked: Mail | None = None
    _buffer: bytes = b""
    _at: int = 0
    _open: bool = False  # a mail was refused: its transaction must be ended before the next
    _reset: bool = False  # that was asked for

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return self.given is None and self.asked is None

    def turn(self, following: Mail | None) -> Iterator[Answered]:
        """Take one step with what is under way and begin with ``following``; answers come as they are read.

        Raises ``Lost`` (or ``OSError``); ``given`` then is the mail of unknown fate, ``asked`` one that surely was
        not handed over.
        """
        if following is not None:
            self.mails += 1
            following.tries += 1
        if self.pipelining:
            yield from self._group(following)
        elif following is not None:
            yield from self._one_by_one(following)

    def _group(self, following: Mail | None) -> Iterator[Answered]:
        if self.given is not None:
            yield from self._final()
        if self._reset:
            self.reply()
            self._reset = False
        out: list[bytes] = []
        void = False
        if (asked := self.asked) is not None:
            replies = self._replies()
            refused = _refusal(replies)
            self.asked = None
            if refused is None:
                self.given, out = asked, [asked.content, END]
                reached("mail.before-data")
            else:
                # A server may say "go on" although nobody is left to get it: it gets an empty mail (RFC 2920, 3.1).
                void = replies[-1].code == _GO_ON
                self._open, out = not void, [END] if void else []
                yield Answered(asked, *refused)
                _unless_closing(refused[0])
        if void:
            self._write(out)
            self.reply()
            out = []
        self._begin(following, out)
        self._write(out)

    def _replies(self) -> list[Reply]:
        """Read the replies to MAIL, RCPT and DATA; after good-bye there are no more."""
        found: list[Reply] = []
        while len(found) < len(_ENVELOPE) and not (found and found[-1].code == CLOSING):
            found.append(self.reply())
        return found

    def _begin(self, mail: Mail | None, out: list[bytes]) -> None:
        """Append the envelope of ``mail``; what a refused one left open is ended before."""
        if mail is None:
            return
        if self._open:
            out.append(b"RSET\r\n")
            self._open, self._reset = False, True
        out += [b"MAIL FROM:<", mail.sender, b">\r\nRCPT TO:<", mail.recipient, b">\r\nDATA\r\n"]
        self.asked = mail

    def _one_by_one(self, mail: Mail) -> Iterator[Answered]:
        if self._open:
            self._ask(b"RSET\r\n")
            self._open = False
        self.asked = mail
        commands = (b"MAIL FROM:<" + mail.sender + b">\r\n", b"RCPT TO:<" + mail.recipient + b">\r\n", b"DATA\r\n")
        for name, command in zip(_ENVELOPE, commands, strict=True):
            reply = self._ask(command)
            if reply.code == _GO_ON if name == "DATA" else reply.good:
                continue
            self.asked, self._open = None, True
            yield Answered(mail, reply, name)
            _unless_closing(reply)
            return
        self.asked, self.given = None, mail
        reached("mail.before-data")
        self._write([mail.content, END])
        yield from self._final()

    def _final(self) -> Iterator[Answered]:
        """Give back what became of the mail that was given."""
        reply = self.reply()
        reached("mail.after-data")
        mail, self.given = self.given, None
        assert mail is not None  # noqa: S101 - called only then
        yield Answered(mail, reply, "" if reply.good else "DATA")
        _unless_closing(reply)

    def _ask(self, command: bytes) -> Reply:
        self._write([command])
        return self.reply()

    def _write(self, parts: Sequence[bytes]) -> None:
        if parts:
            self.sock.sendall(b"".join(parts))

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
            more = self.sock.recv(_BYTES)
            if not more:
                raise Lost("the mail server hung up")
            self._buffer, self._at = self._buffer[self._at :] + more, 0
            if len(self._buffer) > 2 * _BYTES or time.monotonic() > until:
                raise Lost("the mail server answered without end")
        return end

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


def _unless_closing(reply: Reply) -> None:
    if reply.code == CLOSING:
        raise Lost("the mail server takes no mail at present (421)")


def _refusal(replies: Sequence[Reply]) -> tuple[Reply, str] | None:
    """Return the first reply to MAIL, RCPT, DATA that refuses, and to which; ``None`` if the content may follow."""
    for reply, command in zip(replies, _ENVELOPE, strict=False):
        if reply.code != _GO_ON if command == "DATA" else not reply.good:
            return reply, command
    return None
