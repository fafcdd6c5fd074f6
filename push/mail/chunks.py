"""Mails handed over by BDAT (CHUNKING, RFC 3030): envelope and content at once, several mails under way.

BDAT says how long a mail is, so nothing in it can be taken for its end, and nobody waits for "go on". What is under way
when the connection is lost may have arrived, as with DATA; there are more of them. Each mail begins with RSET: else a
refused recipient would leave its transaction open for the next, which then went out with a stranger's return path.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from hub.failpoints import reached
from push.mail.wire import CLOSING, Answered, Line, Lost, Mail, Reply, unless_closing

DEPTH = 4  # mails under way on one connection: what a kill or a lost connection leaves in doubt
_ENVELOPE = ("MAIL", "RCPT")
_COMMANDS = ("RSET", *_ENVELOPE, "BDAT")
_USUAL = re.compile(rb"(?:2\d\d [^\r\n]*\r\n){4}")
# "No such command", "not now that": a server that says so to BDAT takes what follows for commands (RFC 5321, 4.2.2).
_UNKNOWN = frozenset({500, 501, 502, 503, 504})
_NEVER_HEARD = frozenset({500, 502})  # also where the envelope was refused, and 503 is right
_OFFERED = "the mail server offers CHUNKING and refuses BDAT"


class Unspoken(Lost):
    """The server offers CHUNKING and does not know BDAT."""


@dataclass(slots=True, eq=False)
class Chunks(Line):
    """A connection on which mails follow each other unasked.

    The first is asked for, and only its first line sent, until the server has taken one chunk: not before is it sure
    that it reads content as content.
    """

    _flying: deque[tuple[Mail, tuple[str, ...]]] = field(default_factory=deque)  # and the replies that are due
    _proven: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._flying

    @property
    def doubtful(self) -> Collection[Mail]:
        """The mails that went out whole and are not answered."""
        return [mail for mail, _ in self._flying]

    def turn(self, following: Mail | None, out: list[Answered]) -> None:
        """Send ``following``; read what became of the oldest if there are many, or if nothing follows."""
        if self._flying and (following is None or len(self._flying) >= DEPTH):
            self._oldest(out)
        if following is None:
            return
        self.mails += 1
        following.tries += 1
        if self._proven:
            self._give(following, _COMMANDS, b"RSET\r\n" + following.envelope(), following.content.plain())
        else:
            self._prove(following, out)

    def _give(self, mail: Mail, due: tuple[str, ...], before: bytes, content: Collection[bytes]) -> None:
        """Let content go out as the last chunk of its mail."""
        self._flying.append((mail, due))
        reached("mail.before-data")
        self._write(before, b"BDAT %d LAST\r\n" % sum(map(len, content)), *content)

    def _prove(self, mail: Mail, out: list[Answered]) -> None:
        """Send one mail step by step."""
        if self.mails > 1:
            self._ask(b"RSET\r\n")
        self._write(mail.envelope())
        begun, named = self.reply(), self.reply()
        if not (begun.good and named.good):
            refused = (named, "RCPT") if begun.good else (begun, "MAIL")
            out.append(Answered(mail, *refused))
            unless_closing(refused[0])
            return
        content = b"".join(mail.content.plain())
        head, end, rest = content.partition(b"\r\n")
        taken = self._ask(b"BDAT %d\r\n%b%b" % (len(head + end), head, end))
        if not taken.good:
            _unless_unspoken(taken)
            out.append(Answered(mail, taken, "DATA"))
            unless_closing(taken)
            return
        self._proven = True
        self._give(mail, ("BDAT",), b"", (rest,))

    def _oldest(self, out: list[Answered]) -> None:
        """Read what became of the mail that has been under way longest."""
        mail, due = self._flying[0]
        if due is _COMMANDS and self._usual(_USUAL):
            reached("mail.after-data")
            self._flying.popleft()
            out.append(Answered(mail, _TAKEN, ""))
            return
        replies: dict[str, Reply] = {}
        for command in due:
            replies[command] = self.reply()
            if replies[command].code == CLOSING:
                break
        reached("mail.after-data")
        self._flying.popleft()
        reply, refused = _verdict(replies)
        if refused == "BDAT":
            _unless_unspoken(reply)
            refused = "DATA"
        out.append(Answered(mail, reply, refused))
        unless_closing(reply)
        if refused in _ENVELOPE and "BDAT" in replies and replies["BDAT"].code in _NEVER_HEARD:
            raise Unspoken(_OFFERED)  # what it answers from here on is about lines of the mail


_TAKEN = Reply(250, b"")


def _verdict(replies: dict[str, Reply]) -> tuple[Reply, str]:
    """Return the reply that decided, and what it refused (empty: nothing, the mail is taken)."""
    last = replies.get("BDAT")
    if last is not None and last.good and replies.get("RCPT", last).good:
        return last, ""
    for command in (*_ENVELOPE, "BDAT"):
        if command in replies and not replies[command].good:
            return replies[command], command
    return next(reversed(replies.values())), "DATA"


def _unless_unspoken(reply: Reply) -> None:
    if reply.code in _UNKNOWN:
        raise Unspoken(_OFFERED)
