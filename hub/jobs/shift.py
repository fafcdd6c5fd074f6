"""A shift: one worker's time with one batch: its rounds, its checkpoints, and what it learns of endpoints."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import circuit
from hub.core.circuit import Gate
from hub.core.fanout import Lane
from hub.core.message import Change
from hub.core.progress import Progress, Step
from hub.core.settle import WAITS, Settled, Verdict, is_dead
from hub.failpoints import reached
from hub.jobs import gates, probe, rescue
from hub.jobs.checkpoints import Clerk
from hub.jobs.gates import Pass, Seen
from hub.jobs.house import LEASE, House, Outgoing
from hub.jobs.rounds import End, Round
from hub.store import batches, endpoints, lines, subscribers

_MARKED_SHARE = 0.01  # of hand-overs refused for our own keys or clock, from which on the operator is told (W-04)
_UNEVENTFUL = frozenset({Verdict.SENT, Verdict.SUPPRESSED})

log = structlog.get_logger(__name__)


@dataclass
class Shift:
    """The work on a claimed ``batch``; ``way`` is what its service allows, ``prekeys`` what was made beforehand."""

    house: House
    batch: RowMapping
    town: RowMapping
    channel: Outgoing
    way: Pass
    cursor: int = 0
    prekeys: dict[int, bytes] = field(default_factory=dict)
    _emergency: bool = False
    _clerks: list[Clerk] = field(default_factory=list)
    _rounds: list[Round] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Begin at the batch's cursor."""
        self.cursor = self.batch["cursor"]

    def forward(self, ids: Sequence[int]) -> End:
        """Tell those after the cursor."""
        return self._run(ids, Progress(self.batch["ids"], self.cursor), {})

    def again(self, attempts: Mapping[int, int]) -> End:
        """Tell those who are tried again; the cursor stays."""
        return self._run(list(attempts), Progress(self.batch["ids"], self.cursor, ordered=False), attempts)

    def _run(self, ids: Sequence[int], progress: Progress, attempts: Mapping[int, int]) -> End:
        made: list[Round] = []
        # A whole chunk is written at a time, beside the wire: each checkpoint costs as much as eight hand-overs.
        clerk = Clerk(progress, self.channel.CHUNK, lambda step: self._write(step, made[0]))
        made.append(
            Round(
                self.house, self.batch, self.town, self.channel, progress, clerk, attempts=attempts,
                aside=self._stands_aside, pace=self.way.pace, most_failures=self._most_failures(), prekeys=self.prekeys,
            )
        )  # fmt: skip
        self._clerks.append(clerk)
        self._rounds.append(made[0])
        if self.way.gate is not Gate.PROBE:
            return made[0].run(ids)
        end = made[0].run(ids, most=1)
        if end is End.DONE and ids:
            if not self._passed():
                return End.ASIDE  # works again, but its slow rate is promised to others
            made[0].most_failures, made[0].pace = self._most_failures(), self.way.pace
            end = made[0].run(ids[1:])
        return end

    def _most_failures(self) -> int:
        known = self.way.stands.failures if self.way.stands is not None else 0
        return max(1, circuit.OPENS_AFTER - known)

    def _passed(self) -> bool:
        """Open the gate for all after a probe that worked; whether the rest may go on at once, at the slow rate."""
        with self.house.store.begin() as session:
            gates.worked(self.house, session, self.batch, self.way)
            self.way = gates.enter(self.house, session, self.batch)
        return self.way.gate is not Gate.WAIT

    def _stands_aside(self) -> bool:
        return self.house.stopping() or self.gives_way()

    def gives_way(self) -> bool:
        """Whether an emergency wants the room of this batch."""
        return self._emergency or (self._is_bulk() and self.house.engine.urgent())

    def _is_bulk(self) -> bool:
        return self.batch["lane"] in (Lane.NORMAL, Lane.DIGEST)

    def note(self, endpoint: int, settled: Settled, attempts: int, cursor: int) -> bool:
        """Write one recipient's standing at once; ``False`` if the batch is somebody else's."""
        return self._write(Step(cursor, [(endpoint, settled)]), None, {endpoint: attempts})

    def _write(self, step: Step, made: Round | None, attempts: Mapping[int, int] | None = None) -> bool:
        """Write cursor, counts, problems and what it means for endpoints, in one short transaction."""
        now, batch = self.house.now(), self.batch
        tries = attempts if attempts is not None else (made.attempts if made is not None else {})
        with self.house.store.begin() as session:
            counts = step.counts()
            kept = batches.checkpoint(
                session, batch["id"], batch["owner"], cursor=step.cursor, counts=counts,
                lease_until=now + LEASE, first_at=made.first_at if made is not None else None,
            )  # fmt: skip
            if not kept and not batches.afterwards(
                session, batch["id"], batch["owner"], cursor=step.cursor, counts=counts
            ):
                return False
            reached("deliver.cursor-moved")
            again = made is None or not made.progress.ordered
            self._note_problems(session, step, tries if again else None, now, closed=not kept)
            reached("deliver.problems-noted")
            self._learn(session, step, made, now)
            probe.prove(self.house, session, batch, dict(step.settled))
            reached("deliver.gone-ended")
            self._emergency = self._emergency or (self._is_bulk() and lines.urgent_waits(session, now))
        reached("deliver.checkpointed")
        self.cursor = step.cursor
        return kept

    def _note_problems(
        self, session: Session, step: Step, attempts: Mapping[int, int] | None, now: datetime, *, closed: bool
    ) -> None:
        """Give a row to each that did not succeed at once; of a closed batch nothing is tried again.

        ``attempts``: of those who have a row already, because they are tried again.
        """
        for endpoint, one in step.settled:
            tries = (attempts or {}).get(endpoint, 1)
            if attempts is None and one.verdict in _UNEVENTFUL:
                continue
            stands = Settled(Verdict.SUPPRESSED, detail=one.detail) if closed and one.verdict in WAITS else one
            count = tries if one.tried else tries - 1
            batches.note_problem(session, self.batch["id"], endpoint, stands, attempts=count, now=now)
        if self.batch["change"] == Change.DIGEST:
            final = [endpoint for endpoint, one in step.settled if one.verdict not in WAITS]
            batches.digest_done(session, self.batch["id"], final)
            reached("deliver.digest-forgotten")

    def _learn(self, session: Session, step: Step, made: Round | None, now: datetime) -> None:
        """End endpoints that are gone or dead, mark those in trouble, and rescue their people."""
        troubled = made.troubled if made is not None else {}
        healed = made.healed if made is not None else set[int]()
        gone = [endpoint for endpoint, one in step.settled if one.verdict is Verdict.GONE]
        dead = [endpoint for endpoint, one in step.settled if is_dead(one, troubled.get(endpoint), now)]
        fresh = [one for one, _ in step.settled if one in troubled and troubled[one] is None]
        endpoints.trouble(session, fresh, now)
        endpoints.heal(session, [one for one, _ in step.settled if one in healed])
        self.bury(session, gone, "bounced" if self.batch["channel"] == endpoints.MAIL else "gone")
        self.bury(session, dead, "dead")

    def bury(self, session: Session, ids: Sequence[int], why: str) -> None:
        """End endpoints, and tell their people where there is another way to."""
        if ids:
            subscribers.end_endpoints(session, ids, self.house.now(), why=why)
            rescue.rescue(self.house, session, ids)

    def seen(self) -> Seen:
        """Return what the last round saw of the service."""
        last = self._rounds[-1]
        handed = sum(one.handed for one in self._rounds)
        rate = handed / max(0.05, time.monotonic() - self._began)
        return Seen(last.failures, last.asked, rate)

    def tell_operator(self) -> None:
        """Say that a push service or mail server refuses us, not the recipients, if it does so often."""
        total: Counter[str] = Counter()
        for one in self._rounds:
            total.update(marked=one.marked, handed=one.handed)
        if total["marked"] > _MARKED_SHARE * total["handed"]:
            log.error(
                "our identification is refused: check the VAPID key, the sender and the clock",
                channel=self.batch["channel"], service=self.batch["service"], refused=total["marked"],
                of=total["handed"],
            )  # fmt: skip

    def close(self) -> None:
        """Leave the checkpoints alone."""
        for one in self._clerks:
            one.close()
