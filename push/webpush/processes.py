"""Encrypt and send in processes of their own, so that more than one core works (``webpush.processes``).

Encryption holds Python's lock, so threads gain nothing. A child has its own wire and is fed over a pipe; the outcomes
come back over it. A child that dies gives RETRY for everything it had, and another takes its place.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TypeAlias
from weakref import WeakKeyDictionary

from hub.core.errors import OrtsrufError
from hub.core.message import Outcome, Outlet, Payload, Recipient, Result
from hub.core.ports import Answer, Posting, Wire
from push.webpush import WINDOW, Settings
from push.webpush.crypto import private_of, subject_of
from push.webpush.desk import Desk

_PARCEL = 8  # messages that travel together: below, the pipe costs more than the encryption
_STOP = 10.0  # seconds a child has to end
# What travels to a child: recipient as (endpoint, address, keys, prekey), body, and which of the headers told before.
Letter: TypeAlias = tuple[str, str, Mapping[str, str], bytes, bytes, int]
Told: TypeAlias = tuple[int, str, str, int, float | None, str]  # what comes back: session and the outcome's fields


@dataclass(eq=False)
class _Child:
    """One process, and whose messages it has."""

    process: multiprocessing.process.BaseProcess
    pipe: Connection
    lock: threading.Lock = field(default_factory=threading.Lock)
    had: dict[tuple[int, str], SimpleQueue[Outcome]] = field(default_factory=dict)
    alive: bool = True

    def tell(self, what: object) -> bool:
        """Send over the pipe; ``False`` if nobody is there."""
        with self.lock:
            try:
                self.pipe.send(what)
            except (OSError, ValueError):
                return False
        return True


class Senders:
    """The child processes of one wire."""

    def __init__(self, wire: Wire, settings: Settings) -> None:
        """``settings.processes`` children, started when first needed."""
        self._wire, self._settings = wire, settings
        self._children: list[_Child] = []
        self._sessions = itertools.count(1)
        self._lock = threading.Lock()
        wire.at_close(self.close)

    @property
    def ids(self) -> list[int]:
        """The process ids of the children that live."""
        return [one.process.pid or 0 for one in self._children if one.alive]

    def send(self, chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet) -> Iterator[Outcome]:
        """As ``push.webpush.send.send``."""
        session = _Session(self, next(self._sessions), outlet)
        try:
            yield from session.run(chunk)
        finally:
            session.end()

    def children(self) -> list[_Child]:
        """Return all children; the missing ones are started."""
        with self._lock:
            self._children = [one for one in self._children if one.alive]
            while len(self._children) < self._settings.processes:
                self._children.append(self._start())
            return list(self._children)

    def close(self) -> None:
        """End the children: what they have goes out first, as far as the time suffices."""
        with self._lock:
            children, self._children = self._children, []
        for one in children:
            one.tell(("stop",))
        for one in children:
            one.process.join(_STOP)
            if one.process.is_alive():
                one.process.kill()
            one.pipe.close()

    def _start(self) -> _Child:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._wire, self._settings), daemon=True, name="push")
        process.start()
        theirs.close()
        child = _Child(process, ours)
        threading.Thread(target=self._listen, args=(child,), daemon=True, name="push-answers").start()
        return child

    def _listen(self, child: _Child) -> None:
        """Hand a child's outcomes to those who wait; when it dies, RETRY for everything it had."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                for session, endpoint, result, status, after, detail in child.pipe.recv():
                    waiting = child.had.pop((session, endpoint), None)
                    if waiting is not None:
                        waiting.put(Outcome(endpoint, Result(result), status, after, detail))
        child.alive = False
        for session, endpoint in list(child.had):
            waiting = child.had.pop((session, endpoint), None)
            if waiting is not None:
                waiting.put(Outcome(endpoint, Result.RETRY, detail="the sending process ended"))


class _Session:
    """One chunk, spread over the children."""

    def __init__(self, senders: Senders, number: int, outlet: Outlet) -> None:
        now = outlet.now or (lambda: datetime.now(UTC))
        self._senders, self._number = senders, number
        self._keys = outlet.keys
        shared = {name: key for name, key in outlet.keys.items() if ":" not in name}  # those of towns are lent
        self._opening = ("open", number, shared, (now() - datetime.now(UTC)).total_seconds())
        self._lent: dict[int, set[str]] = {}  # by child: keys of municipalities that it has
        self._back: SimpleQueue[Outcome] = SimpleQueue()
        self._told: dict[int, dict[int, Mapping[str, str]]] = {}  # by child: heads it knows
        self._used: dict[int, _Child] = {}
        self._flying = 0

    def run(self, chunk: Iterable[tuple[Recipient, Payload]]) -> Iterator[Outcome]:
        """Draw, spread in parcels, give back what comes."""
        parcel: list[tuple[Recipient, Payload]] = []
        for pair in chunk:
            parcel.append(pair)
            if len(parcel) >= (_PARCEL if self._flying else 1):  # the first message waits for no other
                self._post(parcel)
                parcel = []
            while self._flying and (self._flying >= WINDOW or not self._back.empty()):
                yield self._next()
        if parcel:
            self._post(parcel)
        while self._flying:
            yield self._next()

    def end(self) -> None:
        """Let the children forget this chunk."""
        for child in self._used.values():
            child.tell(("close", self._number))

    def _next(self) -> Outcome:
        self._flying -= 1
        return self._back.get()

    def _post(self, parcel: list[tuple[Recipient, Payload]]) -> None:
        child = min(self._senders.children(), key=lambda one: len(one.had))
        known = self._told.get(id(child))
        if known is None:
            known = self._told[id(child)] = {}
            self._used[id(child)] = child
            child.tell(self._opening)
        letters: list[Letter] = []
        for recipient, payload in parcel:
            head = id(payload.headers)
            if known.get(head) is not payload.headers:
                known[head] = payload.headers
                child.tell(("heads", self._number, head, dict(payload.headers)))
            self._lend(child, recipient.keys.get("vapid", ""))
            child.had[self._number, recipient.endpoint] = self._back
            letters.append(
                (recipient.endpoint, recipient.address, recipient.keys, recipient.prekey, payload.body, head)
            )
        self._flying += len(parcel)
        if not child.tell(("post", self._number, letters)) or not child.alive:
            self._give_back(child, letters)

    def _lend(self, child: _Child, public: str) -> None:
        """Let a child have the key that a subscription was made with, if it is a municipality's."""
        lent = self._lent.setdefault(id(child), set())
        if not public or public in lent:
            return
        lent.add(public)
        names = (private_of(public), subject_of(public))
        found = {name: key for name in names if (key := self._keys.get(name)) is not None}
        if found:
            child.tell(("keys", self._number, found))

    def _give_back(self, child: _Child, letters: list[Letter]) -> None:
        """Answer for a child that is no more, as far as its listener has not."""
        child.alive = False
        for endpoint, *_ in letters:
            if child.had.pop((self._number, endpoint), None) is not None:
                self._back.put(Outcome(endpoint, Result.RETRY, detail="the sending process ended"))


_KNOWN: WeakKeyDictionary[Wire, Senders] = WeakKeyDictionary()
_LOCK = threading.Lock()


def senders(wire: Wire, settings: Settings) -> Senders:
    """Return the child processes that belong to ``wire``."""
    with _LOCK:
        if wire not in _KNOWN:
            _KNOWN[wire] = Senders(wire, settings)
        return _KNOWN[wire]


def _work(pipe: Connection, wire: Wire, settings: Settings) -> None:
    """Be a child: read letters, encrypt and post them, send outcomes back, end with the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C goes to all processes of a terminal; the parent ends us
    out: SimpleQueue[Told | None] = SimpleQueue()
    writer = threading.Thread(target=_answer, args=(pipe, out), daemon=True)
    writer.start()
    sessions: dict[int, _Counter] = {}
    with contextlib.suppress(EOFError, OSError):
        while (told := pipe.recv())[0] != "stop":
            sort, number, *rest = told
            if sort == "open":
                sessions[number] = _Counter(number, _outlet(rest[0], rest[1], settings, wire), wire, out)
                sessions[number].keys = rest[0]
            elif sort == "close":
                sessions.pop(number, None)
            elif sort == "keys":
                sessions[number].keys |= rest[0]
            elif sort == "heads":
                sessions[number].heads[rest[0]] = rest[1]
            else:
                for letter in rest[0]:
                    sessions[number].take(letter)
                if not pipe.poll():
                    wire.flush()
    wire.close()  # what is under way comes back as RETRY
    out.put(None)
    writer.join(_STOP)


def _answer(pipe: Connection, out: SimpleQueue[Told | None]) -> None:
    """Send outcomes back, as many at a time as there are."""
    with contextlib.suppress(OSError):
        while (first := out.get()) is not None:
            found = [first]
            while not out.empty() and len(found) < WINDOW:
                following = out.get()
                if following is None:
                    pipe.send(found)
                    return
                found.append(following)
            pipe.send(found)


class _Counter:
    """One chunk inside a child: outcomes are read where they arrive, in the wire's thread."""

    def __init__(self, number: int, outlet: Outlet, wire: Wire, out: SimpleQueue[Told | None]) -> None:
        self.heads: dict[int, Mapping[str, str]] = {}
        self.keys: dict[str, str] = {}  # the very ones of the outlet
        self._number, self._out = number, out
        self._desk = Desk(outlet, wire, self)

    def take(self, letter: Letter) -> None:
        """Encrypt and post one message."""
        endpoint, address, keys, prekey, body, head = letter
        recipient = Recipient(endpoint, address, "", keys, prekey=prekey)
        refused = self._desk.hand_over(recipient, Payload(body, self.heads[head]))
        if refused is not None:
            self._tell(refused)

    def put(self, item: tuple[Posting, Answer | OrtsrufError], /) -> None:
        """Read an answer of the wire."""
        self._tell(self._desk.outcome(*item))

    def _tell(self, one: Outcome) -> None:
        self._out.put((self._number, one.endpoint, one.result.value, one.status, one.retry_after, one.detail))


def _outlet(keys: Mapping[str, str], offset: float, settings: Settings, wire: Wire) -> Outlet:
    """Return a child's outlet: the parent's keys and clock, a wire of its own and no other client."""
    span = timedelta(seconds=offset)
    return Outlet(None, settings, keys, lambda: datetime.now(UTC) + span, wire)  # type: ignore[arg-type]
