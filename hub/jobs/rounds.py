"""A round: what one claim of a batch hands over, lazily drawn by the channel, settled as outcomes come.

The channel draws recipients as it has room; each is read again in pages, so that nobody is told who left meanwhile
(E-06). A recipient is drawn only while fewer than ``WINDOW + CHUNK`` lie between it and what is durable: that many a
kill may repeat.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import RowMapping

from hub.core import circuit
from hub.core.fanout import Lane
from hub.core.message import Outcome, Payload, Recipient, Result
from hub.core.progress import SUPPRESSED, Progress
from hub.core.settle import Settled, Verdict, is_trouble, settle
from hub.failpoints import reached
from hub.jobs.checkpoints import Clerk
from hub.jobs.compose import Composer, Told
from hub.jobs.house import House, Outgoing
from hub.store.endpoints import MAIL

PAGE = 500  # recipients read at a time
FIRST = 25  # of an emergency, before anything is on the wire: the first message waits for few others
_STALE = 5.0  # seconds after which a page is read again
_NO_ANSWER = "no answer from the channel"

log = structlog.get_logger(__name__)


class End(StrEnum):
    """Why a round came to its end."""

    DONE = "done"  # everybody has been told, or tried
    VOID = "void"  # nothing is left to say
    LOST = "lost"  # the batch is somebody else's
    PAUSED = "paused"  # the service is to be left alone
    ASIDE = "aside"  # this process ends, or an emergency waits


@dataclass
class Round:
    """The sending of ``ids`` (the batch's own from its cursor on, or those to be tried again) on one channel.

    ``attempts`` are the tries of each, this one included; 1 where it says nothing. ``aside`` is asked before each
    recipient whether to stop; ``pace`` is how many a second are allowed, 0 for any number. ``prekeys`` are used up.
    """

    house: House
    batch: RowMapping
    town: RowMapping
    channel: Outgoing
    progress: Progress
    clerk: Clerk
    attempts: Mapping[int, int] = field(default_factory=dict)
    aside: Callable[[], bool] = lambda: False
    pace: int = 0
    prekeys: dict[int, bytes] = field(default_factory=dict)
    failures: int = 0  # in a row, of the service as a whole
    most_failures: int = circuit.OPENS_AFTER
    asked: float | None = None  # seconds for which the service wants to be left alone
    first_at: datetime | None = None
    troubled: dict[int, datetime | None] = field(default_factory=dict)  # and since when, as it was read
    healed: set[int] = field(default_factory=set)
    marked: int = 0
    handed: int = 0
    _told: dict[int, Told | None] = field(default_factory=dict)
    _drawn: dict[int, datetime | None] = field(default_factory=dict)
    _read_at: float = 0.0
    _void: bool = False
    _paced: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def run(self, ids: Sequence[int], *, most: int = 0) -> End:
        """Hand over to ``ids`` until they are settled or there is a reason to stop; ``most``: of so many only."""
        wanted = ids[:most] if most else ids
        start = 0
        while start < len(wanted) and not self._ended():
            count = self._send(wanted, start)
            if not self.clerk.flush():
                return End.LOST
            if not count:
                break
            start += count
        return self._ended() or End.DONE

    def _ended(self) -> End | None:
        if self.clerk.lost:
            return End.LOST
        if self._void or self.batch["valid_until"] <= self.house.now():
            return End.VOID
        if self.asked is not None or self.failures >= self.most_failures:
            return End.PAUSED
        return End.ASIDE if self.aside() else None

    def _send(self, ids: Sequence[int], start: int) -> int:
        """Let the channel draw from position ``start`` on; returns how many recipients are settled by it."""
        seen = [0]
        reached("deliver.before-send")
        for outcome in self.channel.send(self._draw(ids, start, seen), self.house.outlet(self.batch["channel"])):
            self._note(outcome)
        for endpoint in list(self._drawn):  # nothing may be left in doubt: a try without an answer is tried again
            self._note(Outcome(str(endpoint), Result.RETRY, detail=_NO_ANSWER))
        reached("deliver.after-send")
        if self._paced:
            self.house.sleep(self._paced)
            self._paced = 0.0
        return seen[0]

    def _draw(self, ids: Sequence[int], start: int, seen: list[int]) -> Iterator[tuple[Recipient, Payload]]:
        """Give recipient and payload, as long as a kill would not repeat too many."""
        bound = self.channel.WINDOW + self.channel.CHUNK
        offset = self.clerk.durable if self.progress.ordered else 0
        for index in range(start, len(ids)):
            place = offset + index - start if self.progress.ordered else len(self._drawn)
            if self._ended() or not self._has_room(place, bound):
                return
            self._read(ids, index)
            if self._void:
                return
            seen[0] = index - start + 1
            one = self._told.pop(ids[index], None)
            payload = self._payload(ids[index], one)
            if one is not None and payload is not None:
                self._keep_pace()
                self._drawn[ids[index]] = one.troubled_since
                self.handed += 1
                reached("deliver.drawn")
                prekey = self.prekeys.pop(ids[index], b"")  # before it leaves: no other message may have it
                yield replace(one.recipient, prekey=prekey) if prekey else one.recipient, payload

    def _has_room(self, place: int, bound: int) -> bool:
        return self.clerk.room(place, bound) if self.progress.ordered else place < bound

    def _payload(self, endpoint: int, one: Told | None) -> Payload | None:
        """Return what goes out; settles whom there is nothing to tell, or whose message cannot be written."""
        if one is None:
            self.clerk.settle(endpoint, SUPPRESSED)
            return None
        try:
            return one.payload()
        except Exception as error:
            log.exception("message could not be rendered", batch=self.batch["id"], endpoint=endpoint)
            detail = f"could not be rendered: {type(error).__name__}"
            self.clerk.settle(endpoint, Settled(Verdict.FAILED, detail=detail))
            return None

    def _read(self, ids: Sequence[int], index: int) -> None:
        """Read the next page as things stand now, unless the one at hand is fresh."""
        fresh = time.monotonic() - self._read_at < _STALE
        if fresh and ids[index] in self._told:
            return
        page = PAGE if self._read_at or self.batch["lane"] != Lane.EMERGENCY else FIRST
        with self.house.store.read() as session:
            composer = Composer(self.house, self.batch, self.town)
            self._void = composer.is_void(session)
            if not self._void:
                self._told = composer.compose(session, ids[index : index + page], self.house.now())
        self._read_at = time.monotonic()
        reached("deliver.composed")

    def _keep_pace(self) -> None:
        """Wait as long as the service's rate asks for."""
        if self.pace:
            self._paced += 1 / self.pace
            if self._paced >= 0.1:  # noqa: PLR2004 - seconds: ten pauses a second are even enough
                self.house.sleep(self._paced)
                self._paced = 0.0

    def _note(self, outcome: Outcome) -> None:
        """Settle one outcome and see what it says of endpoint and service."""
        with self._lock:
            endpoint = int(outcome.endpoint)
            if endpoint not in self._drawn:
                return  # answered already, or never asked
            troubled_since = self._drawn.pop(endpoint)
            now, tries = self.house.now(), self.attempts.get(endpoint, 1)
            self._see(outcome)
            settled = settle(outcome, tries, now, self.batch["valid_until"], jitter=self.house.jitter())
            if settled.verdict is Verdict.SENT:
                self.first_at = self.first_at or now
                if troubled_since is not None and self._tells_of_endpoint():
                    self.healed.add(endpoint)
            elif is_trouble(outcome) and self._tells_of_endpoint():
                self.troubled[endpoint] = troubled_since
            self.clerk.settle(endpoint, settled)
        reached("deliver.outcome-noted")

    def _tells_of_endpoint(self) -> bool:
        """Whether what a service says is about the endpoint: a relay that takes a mail proves nothing, bounces do."""
        return bool(self.batch["channel"] != MAIL)

    def _see(self, outcome: Outcome) -> None:
        if circuit.is_down(outcome):
            self.failures += 1
        else:
            self.failures = 0
        if outcome.result is Result.RETRY and outcome.retry_after is not None:
            self.asked = max(self.asked or 0.0, outcome.retry_after)
        if outcome.result is Result.MARKED:
            self.marked += 1
