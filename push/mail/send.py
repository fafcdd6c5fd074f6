"""Hand mails to the SMTP server: kept connections, one answer for each recipient as soon as it is known.

Of a large chunk several connections carry mails by turns, so that one waits for a reply while another sends.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from hub.core.message import Outcome, Outlet, Payload, Recipient, Result
from push.mail import Settings, service, signature, verp
from push.mail.address import addr_spec
from push.mail.chunks import Unspoken
from push.mail.data import Content, Whole, lines
from push.mail.filled import Filled
from push.mail.pool import POOL, Pool, Unavailable, brief, said
from push.mail.render import DKIM_DOMAIN
from push.mail.wire import CLOSING, Answered, Line, Mail, Reply

_LOST = 2  # connections lost in a row after which the rest of the chunk waits
_TRIES = 3  # how often one mail's envelope is sent in one go
_STREAMS = 2  # connections that one chunk uses by turns …
_WORTH = 24  # … if it has so many mails for each
_PAUSE, _LONGEST_PAUSE = 60.0, 1800.0  # seconds
_CLOSED = "the mail server closed the connection too often"
_BUSY = "all connections to the mail server are in use"
# What says "you are too fast" for the whole domain; greylisting (4.7.1) does not, it wants every mail to be tried.
_TOO_FAST = re.compile(r"\b4\.7\.28\b|rate.?limit|too (?:many|fast|quickly)|throttl|slow down", re.IGNORECASE)
# Nobody has this mailbox (RFC 3463, 3.2); 5.1.8 and 5.1.7 are about us, 5.7 is policy, 5.2 may pass.
_UNKNOWN = re.compile(r"5\.1\.(?:1|3|6|10)\b")
_UNKNOWN_WORDS = re.compile(
    r"(?:user|recipient|mailbox|address|account)\s(?:is\s)?(?:unknown|not found|does(?: no|n')t exist)"
    r"|(?:unknown|no such|nonexistent) (?:user|recipient|mailbox|address|account|person)", re.IGNORECASE,
)  # fmt: skip
ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")  # and no part of an IP address


def send(chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet) -> Iterator[Outcome]:
    """Hand every mail over; one outcome each, nothing is raised.

    A mail whose fate is unknown is sent again later: its Message-ID stays the same, so mail programs show one.
    """
    source = iter(chunk)
    first = next(source, None)
    if first is None:
        return
    settings = outlet.settings if isinstance(outlet.settings, Settings) else Settings()
    urgent = first[1].headers.get("Urgency") == "high"
    handover = _Handover(settings, outlet.keys.get("links", ""), service(first[0].address), urgent=urgent)
    try:
        yield from handover.all(chain((first,), source))
    finally:
        handover.close()


def close() -> None:
    """Close the connections that were kept for the next chunk."""
    POOL.close()


@dataclass(eq=False)
class _Stream:
    """One connection in turn with others, and the mails on it that are not answered."""

    line: Line | None = None
    waiting: list[Mail] = field(default_factory=list)


@dataclass
class _Handover:
    """The hand-over of one chunk."""

    settings: Settings
    key: str
    domain: str
    urgent: bool
    pool: Pool = POOL
    _streams: list[_Stream] = field(default_factory=lambda: [_Stream()])
    _again: deque[Mail] = field(default_factory=deque)  # begun on a connection that was lost before their content
    _drawn: int = 0
    _most: int = _STREAMS  # fewer where the server takes no more
    _lost: int = 0
    _fault: str = ""
    _pause: float | None = None  # seconds that the server or a domain asked for
    _slow: dict[str, float] = field(default_factory=dict)
    _known: list[Outcome] = field(default_factory=list)  # and not given back yet
    _answered: list[Answered] = field(default_factory=list)

    def all(self, chunk: Iterable[tuple[Recipient, Payload]]) -> Iterator[Outcome]:
        """Give outcomes back as they become known."""
        for recipient, payload in chunk:
            mail = self._written(recipient, payload)
            if isinstance(mail, Outcome):
                yield mail
                continue
            self._drawn += 1
            self._step(mail)
            while self._again:
                self._step(self._again.popleft())
            if self._known:
                yield from self._taken()
        while self._again or any(stream.waiting for stream in self._streams):
            self._step(self._again.popleft() if self._again else None)
            yield from self._taken()
        yield from self._taken()

    def _taken(self) -> list[Outcome]:
        known, self._known = self._known, []
        return known

    def close(self) -> None:
        """Give the connections back; one with something under way is of no use to others."""
        for stream in self._streams:
            if stream.line is not None:
                self.pool.give_back(self.settings, self.domain, stream.line, sound=not stream.waiting)
                stream.line = None

    def _written(self, recipient: Recipient, payload: Payload) -> Mail | Outcome:
        """Return the mail for the wire, or why it can never be sent."""
        try:
            address = addr_spec(recipient.address)
            envelope = (self._sender(recipient, payload), address.encode())
            return Mail(recipient.endpoint, service(address), *envelope, self._content(payload))
        except ValueError as error:
            return Outcome(recipient.endpoint, Result.FAILED, detail=brief(error))
        except Exception as error:  # noqa: BLE001 - send never raises: one odd mail must not stop the others
            return Outcome(recipient.endpoint, Result.RETRY, detail=f"unforeseen: {type(error).__name__}")

    def _sender(self, recipient: Recipient, payload: Payload) -> bytes:
        """Return what MAIL says: where the mail returns to if it cannot be delivered."""
        sender = self.settings.return_path or payload.headers.get("Return-Path", "") or self.settings.sender
        if sender and self.settings.verp and self.key:
            return addr_spec(verp.return_path(sender, recipient.endpoint, self.key)).encode()
        return _constant(sender) if sender else b""

    def _content(self, payload: Payload) -> Content:
        """Return what goes out, signed if that is ours to do."""
        if self.settings.dkim_domain:
            domain = payload.headers.get(DKIM_DOMAIN, "") or self.settings.dkim_domain
            named = (domain, self.settings.dkim_selector, self.settings.dkim_key_file)
            body = lines(payload.body)
            return Whole(body, signature.signer(*named).header(body))
        return payload if isinstance(payload, Filled) else Whole(lines(payload.body))

    def _step(self, mail: Mail | None) -> None:
        """Let the stream whose turn it is take a step and begin with ``mail``."""
        if mail is not None and (self._fault or mail.domain in self._slow or mail.tries >= _TRIES):
            self._known.append(self._later(mail))
            return
        stream = self._next()
        if stream.line is None and mail is not None:
            try:
                stream.line = self._only_line()
            except Unavailable as error:
                self._fault = str(error)
                self._known.append(self._later(mail))
                return
        if stream.line is not None:
            self._turn(stream, stream.line, mail)

    def _later(self, mail: Mail) -> Outcome:
        pause = self._slow.get(mail.domain, self._pause)
        detail = self._fault or ("the mail server asks for a pause" if mail.domain in self._slow else _CLOSED)
        return Outcome(mail.endpoint, Result.RETRY, retry_after=pause, detail=detail)

    def _only_line(self) -> Line:
        """Return a connection for a chunk that has none. Raises ``Unavailable``."""
        line = self.pool.take(self.settings, self.domain, urgent=self.urgent)
        if line is None:
            raise Unavailable(_BUSY)
        return line

    def _next(self) -> _Stream:
        """Return the stream whose turn it is; a large chunk opens another."""
        wanted = not self.urgent and self._drawn > _WORTH * len(self._streams)
        if wanted and len(self._streams) < self._most and self._streams[0].line is not None:
            try:
                more = self.pool.take(self.settings, self.domain, urgent=False, wait=False)
            except Unavailable:
                more, self._most = None, len(self._streams)
            if more is not None:
                self._streams.append(_Stream(more))
        self._streams.append(self._streams.pop(0))
        return self._streams[-1]

    def _turn(self, stream: _Stream, line: Line, mail: Mail | None) -> None:
        if mail is not None:
            stream.waiting.append(mail)
        lost: OSError | None = None
        try:
            line.turn(mail, self._answered)
        except OSError as error:
            lost = error
        except Exception as error:  # noqa: BLE001 - send never raises
            lost = OSError(f"unforeseen: {type(error).__name__}")
        for answered in self._answered:
            stream.waiting.remove(answered.mail)
            self._known.append(self._judged(answered))
        self._answered.clear()
        if lost is not None:
            self._dropped(stream, line, lost)

    def _dropped(self, stream: _Stream, line: Line, error: OSError) -> None:
        """Give a connection up: what may have arrived is tried later, what surely did not, at once."""
        self.pool.give_back(self.settings, self.domain, line, sound=False)
        stream.line = None
        waiting, stream.waiting = stream.waiting, []
        if len(self._streams) > 1:  # the others go on; one more is opened if there is room
            self._streams.remove(stream)
        if isinstance(error, Unspoken):
            self.pool.without_chunks(self.settings)
        else:
            self._lost += 1
        if self._lost >= _LOST:
            closing = str(CLOSING) in str(error)
            self._fault, self._pause = (brief(error), _PAUSE) if closing else (_CLOSED, None)
        for mail in waiting:
            if mail in line.doubtful:
                detail = f"the connection was lost: {brief(error)}"
                self._known.append(Outcome(mail.endpoint, Result.RETRY, detail=detail))
            else:
                self._again.append(mail)

    def _judged(self, answered: Answered) -> Outcome:
        outcome = nameless(judge(answered.mail.endpoint, answered.reply, answered.refused), answered.mail.recipient)
        if outcome.result is Result.SENT:
            self._lost = 0
        elif outcome.result is Result.RETRY and outcome.retry_after:
            self._slow[answered.mail.domain] = outcome.retry_after
        return outcome


@lru_cache(maxsize=64)
def _constant(sender: str) -> bytes:
    """Return the return path of many mails, checked once."""
    return addr_spec(sender).encode()


def judge(endpoint: str, reply: Reply, refused: str) -> Outcome:
    """Return what a reply means (RFC 5321, 4.2; enhanced codes of RFC 3463). Only an unknown mailbox is gone."""
    if not refused:
        return Outcome(endpoint, Result.SENT, reply.code)
    words, code = said(reply.text), reply.code
    if 500 <= code < 600:  # noqa: PLR2004 - RFC 5321, 4.2.1: permanent
        if refused == "MAIL":  # about us, not about the recipient
            return Outcome(endpoint, Result.MARKED, code, detail=f"the mail server refuses our sender: {words}")
        if refused == "RCPT" and code in {550, 551, 553} and is_unknown(words):
            return Outcome(endpoint, Result.GONE, code, detail=f"no such mailbox: {words}")
        return Outcome(endpoint, Result.FAILED, code, detail=words)
    pause = _PAUSE if code != CLOSING and _TOO_FAST.search(words) else None
    return Outcome(endpoint, Result.RETRY, code, retry_after=pause, detail=f"not now: {words}")


def nameless(outcome: Outcome, recipient: bytes) -> Outcome:
    """Leave the address out of a server's words: they are kept longer than who deletes everything is."""
    if not outcome.detail:
        return outcome
    address = re.escape(recipient.decode("utf-8", "replace"))
    return replace(outcome, detail=re.sub(address, "…", outcome.detail, flags=re.IGNORECASE))


def is_unknown(words: str) -> bool:
    """Whether a refusal says that nobody has this mailbox: by its enhanced code, else by plain words."""
    found = ENHANCED.search(words)
    return bool(_UNKNOWN.match(found[0]) if found else _UNKNOWN_WORDS.search(words))
