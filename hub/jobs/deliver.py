"""Deliver: one batch: claim short, send outside any transaction, settle beside the sending (promises 3, 4, 6, 7).

take the batch whose turn it is in a lane -> pass the service's gate -> a round over those after the cursor -> a round
over those whose retry is due -> done, or open again for the earliest retry.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.circuit import Gate
from hub.core.fanout import Lane
from hub.core.progress import EXPIRED, SUPPRESSED
from hub.core.settle import DEAD_AFTER, Settled, Verdict, backoff
from hub.failpoints import reached
from hub.jobs import gates
from hub.jobs.gates import Pass
from hub.jobs.house import LEASE, House
from hub.jobs.rounds import End
from hub.jobs.shift import Shift
from hub.store import batches, endpoints, lines, prekeys, towns

RUNS = 5  # after so many claims that ended in a death, one recipient at a time; after so many deaths, parked (F-06)
_ROOM = timedelta(seconds=1)  # for which bulk makes room before it looks again
_TRYING = "was being told when its process ended"


def take(house: House, session: Session, lane: str, most: int | None = None) -> Callable[[], None] | None:
    """Claim the batch of ``lane`` whose turn it is, by turn ``most``; returns what carries it out, if there is one."""
    owner = house.worker()
    batch = batches.claim(session, lane, owner, house.now(), LEASE, most=most)
    if batch is None:
        return None
    reached("deliver.claimed")
    town = towns.get(session, batch["municipality_id"])
    channel = house.channels(batch["channel"])
    batches.may_reach(session, batch["id"], owner, channel.WINDOW + channel.CHUNK)
    way = gates.enter(house, session, batch)
    if way.gate is Gate.WAIT:
        _give_back(house, session, batch, way)
        return None
    if town is None:  # it went with all its batches
        return None
    shift = functools.partial(Shift, house, batch, town, channel, way, prekeys=_prekeys(session, batch))
    return functools.partial(_carry, shift)


def _prekeys(session: Session, batch: RowMapping) -> dict[int, bytes]:
    """Take what was prepared for an emergency: with the claim's commit it is ours alone, and gone when we die."""
    if batch["lane"] != Lane.EMERGENCY or batch["channel"] != prekeys.CHANNEL:
        return {}
    taken = prekeys.take(session, batch["ids"][batch["cursor"] :])
    reached("deliver.prekeys-taken")
    return taken


def put_off(house: House, session: Session, batch_id: int) -> bool:
    """Put a batch off whose service is paused; what wakes others of its lane comes by itself."""
    until = lines.held_back(session, batch_id, house.now())
    if until is None:
        return False
    row = batches.hold(session, batch_id, gates.spread(house, until))
    if row is not None:
        house.engine.defer(session, "deliver", str(batch_id), lane=row.lane, at=row.due_at)
    return True


def _give_back(house: House, session: Session, batch: RowMapping, way: Pass) -> None:
    """Let a batch wait until its service may be used; it is asked again at its end at the latest."""
    at = min(way.until or house.now(), batch["valid_until"])
    batches.release(session, batch["id"], batch["owner"], due_at=at)
    house.engine.defer(session, "deliver", str(batch["id"]), lane=batch["lane"], at=at)


def _carry(begin: Callable[[], Shift]) -> None:
    """Tell everybody, and give the batch back as it then stands."""
    reached("deliver.claim-committed")
    shift = begin()
    try:
        end = _rounds(shift)
    finally:
        shift.close()
    {End.DONE: _finish, End.VOID: _void, End.LOST: _lost, End.PAUSED: _paused, End.ASIDE: _aside}[end](shift)


def _rounds(shift: Shift) -> End:
    """Tell those after the cursor, then those whose retry is due."""
    rest = shift.batch["ids"][shift.batch["cursor"] :]
    with shift.house.store.read() as session:
        waiting = [row for row in batches.problems(session, shift.batch["id"]) if row["retry_at"] <= shift.house.now()]
    if shift.batch["runs"] > RUNS:
        return _carefully(shift, rest, waiting)
    end = shift.forward(rest)
    return shift.again({row["endpoint_id"]: row["attempts"] + 1 for row in waiting}) if end is End.DONE else end


def _carefully(shift: Shift, rest: list[int], waiting: list[RowMapping]) -> End:
    """Tell one recipient at a time, each noted before: who ends our process keeps nobody else waiting (F-06)."""
    tries = {row["endpoint_id"]: row["attempts"] + 1 for row in waiting}
    guilty = {row["endpoint_id"] for row in waiting if row["detail"] == _TRYING and row["attempts"] >= RUNS}
    for number, endpoint in enumerate([*rest, *tries]):
        cursor = min(shift.batch["cursor"] + number + 1, len(shift.batch["ids"]))
        attempts = tries.get(endpoint, 1)
        if endpoint in guilty:
            settled = Settled(Verdict.FAILED, detail=f"parked: {_TRYING}, {RUNS} times")
            end = End.DONE if shift.note(endpoint, settled, attempts, cursor) else End.LOST
        else:
            again = shift.house.now() + timedelta(seconds=backoff(attempts, shift.house.jitter()))
            trying = Settled(Verdict.RETRY, again, _TRYING)
            end = shift.again({endpoint: attempts}) if shift.note(endpoint, trying, attempts, cursor) else End.LOST
        if end is not End.DONE:
            return end
    return End.DONE


def _finish(shift: Shift) -> None:
    """Close the batch, or open it again for the earliest retry."""
    house, batch = shift.house, shift.batch
    reached("deliver.finishing")
    with house.store.begin() as session:
        gates.worked(house, session, batch, shift.way)
        waiting = batches.problems(session, batch["id"])
        again = waiting[0]["retry_at"] if waiting else None
        if shift.cursor < len(batch["ids"]):  # the channel drew nothing, for reasons of its own
            again = house.now() + timedelta(seconds=backoff(1, house.jitter()))
        kept = batches.release(session, batch["id"], batch["owner"], due_at=again, now=house.now())
        if kept and again is not None:
            house.engine.defer(session, "deliver", str(batch["id"]), lane=batch["lane"], at=again)
            reached("deliver.retry-deferred")
        reached("deliver.released")
    reached("deliver.finished")
    shift.tell_operator()


def _void(shift: Shift) -> None:
    """Close a batch of which nothing is (left) to be said, also to those who wait for a retry.

    The cursor stays: it says who was told, and who was not must not get an all-clear.
    """
    house, batch = shift.house, shift.batch
    settled = EXPIRED if batch["valid_until"] <= house.now() else SUPPRESSED
    with house.store.begin() as session:
        dead = endpoints.failing(session, batch["id"], house.now() - DEAD_AFTER) if settled is EXPIRED else ()
        if batches.close(session, batch["id"], batch["owner"], settled.verdict, now=house.now()):
            batches.digest_done(session, batch["id"], batch["ids"])
            shift.bury(session, dead, "dead")
        else:
            batches.let_go(session, batch["id"], batch["owner"])


def _lost(shift: Shift) -> None:
    """Nothing of ours is on the wire any more: a newer revision, which closed the batch, may be told."""
    with shift.house.store.begin() as session:
        batches.let_go(session, shift.batch["id"], shift.batch["owner"])


def _paused(shift: Shift) -> None:
    """Leave the service alone, and let the batch wait as long."""
    with shift.house.store.begin() as session:
        _give_back(shift.house, session, shift.batch, gates.shut(shift.house, session, shift.batch, shift.seen()))


def _aside(shift: Shift) -> None:
    """Make room for an emergency, or end with the process; the batch keeps its turn.

    A process that ends, or may not send, wakes nobody: it would wake itself. The sweep of others finds the batch.
    """
    house, batch = shift.house, shift.batch
    at = house.now() + _ROOM if shift.gives_way() else None
    with house.store.begin() as session:
        kept = batches.release(session, batch["id"], batch["owner"], due_at=batch["due_at"])
        if kept and not house.stopping():
            house.engine.defer(session, "deliver", str(batch["id"]), lane=batch["lane"], at=at)
