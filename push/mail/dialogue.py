"""Mails handed over by DATA (RFC 5321, 3.3): in groups where the server offers PIPELINING, else step by step."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hub.failpoints import reached
from push.mail.data import END
from push.mail.wire import CLOSING, Answered, Line, Mail, Reply, unless_closing

_GO_ON = 354
_ENVELOPE = ("MAIL", "RCPT", "DATA")
_USUAL = re.compile(rb"(?:2\d\d [^\r\n]*\r\n){2}354 [^\r\n]*\r\n")  # replies to these three


@dataclass(slots=True, eq=False)
class Dialogue(Line):
    """A connection on which each mail waits for "go on".

    ``given``: the mail whose content went out and is not answered. ``asked``: the mail of which the envelope went out.
    """

    pipelining: bool = False
    given: Mail | None = None
    asked: Mail | None = None
    _open: bool = False  # a mail was refused: its transaction must be ended before the next
    _reset: bool = False  # that was asked for

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return self.given is None and self.asked is None

    @property
    def doubtful(self) -> Collection[Mail]:
        """The mail whose content is under way."""
        return () if self.given is None else (self.given,)

    def turn(self, following: Mail | None, out: list[Answered]) -> None:
        """Read what is due, give the content of the mail that was asked for, and ask for ``following``."""
        if following is not None:
            self.mails += 1
            following.tries += 1
        if self.pipelining:
            self._group(following, out)
        elif following is not None:
            self._one_by_one(following, out)

    def _group(self, following: Mail | None, out: list[Answered]) -> None:
        if self.given is not None:
            self._final(out)
        if self._reset:
            self.reply()
            self._reset = False
        parts = self._content(out) if self.asked is not None else []
        if following is not None:
            if self._open:
                parts.append(b"RSET\r\n")
                self._open, self._reset = False, True
            parts += [following.envelope(), b"DATA\r\n"]
            self.asked = following
        if parts:
            self._write(*parts)

    def _content(self, out: list[Answered]) -> list[bytes]:
        """Read the replies to the envelope and return the content that may follow; none if it is refused."""
        asked = self.asked
        assert asked is not None  # noqa: S101 - called only then
        replies: list[Reply] = [] if self._usual(_USUAL) else self._replies()
        refused = _refusal(replies)
        self.asked = None
        if refused is None:
            self.given = asked
            reached("mail.before-data")
            return [*asked.content.stuffed(), END]
        # A server may say "go on" although nobody is left to get it: it gets an empty mail (RFC 2920, 3.1).
        void = replies[-1].code == _GO_ON
        self._open = not void
        out.append(Answered(asked, *refused))
        unless_closing(refused[0])
        if void:
            self._ask(END)
        return []

    def _replies(self) -> list[Reply]:
        """Read the replies to MAIL, RCPT and DATA; after good-bye there are no more."""
        found: list[Reply] = []
        while len(found) < len(_ENVELOPE) and not (found and found[-1].code == CLOSING):
            found.append(self.reply())
        return found

    def _one_by_one(self, mail: Mail, out: list[Answered]) -> None:
        if self._open:
            self._ask(b"RSET\r\n")
            self._open = False
        self.asked = mail
        commands = [*mail.envelope().splitlines(keepends=True), b"DATA\r\n"]
        for name, command in zip(_ENVELOPE, commands, strict=True):
            reply = self._ask(command)
            if reply.code == _GO_ON if name == "DATA" else reply.good:
                continue
            self.asked, self._open = None, True
            out.append(Answered(mail, reply, name))
            unless_closing(reply)
            return
        self.asked, self.given = None, mail
        reached("mail.before-data")
        self._write(*mail.content.stuffed(), END)
        self._final(out)

    def _final(self, out: list[Answered]) -> None:
        """Give back what became of the mail that was given."""
        reply = self.reply()
        reached("mail.after-data")
        mail, self.given = self.given, None
        assert mail is not None  # noqa: S101 - called only then
        out.append(Answered(mail, reply, "" if reply.good else "DATA"))
        unless_closing(reply)


def _refusal(replies: Sequence[Reply]) -> tuple[Reply, str] | None:
    """Return the first reply to MAIL, RCPT, DATA that refuses, and to which; ``None`` if the content may follow."""
    for reply, command in zip(replies, _ENVELOPE, strict=False):
        if reply.code != _GO_ON if command == "DATA" else not reply.good:
            return reply, command
    return None
