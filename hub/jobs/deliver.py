"""Deliver: one batch, chunk by chunk: claim short, send outside any transaction, settle short (promise 3)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import RowMapping

from hub.core.message import Change, Message, Outcome, Recipient, Result
from hub.core.settle import Settled, Verdict, settle
from hub.failpoints import reached
from hub.jobs.compose import Composer
from hub.jobs.house import House, Outgoing
from hub.store import batches, subscribers, towns

LEASE = timedelta(seconds=20)  # and a tick of 10 s: a dead worker is replaced within 30 s (G2)
RUNS = 5  # after so many claims without progress a batch is handled one recipient at a time (F-06)

log = structlog.get_logger(__name__)


def deliver(house: House, subject: str) -> None:
    """Carry out the batch with id ``subject``; a second call finds it claimed or done and does nothing."""
    # The lease belongs to this very run: a chunk that outlived its lease must not go on beside another thread's run.
    owner = f"{house.owner[-40:]}/{threading.get_ident()}"
    with house.store.begin() as session:
        batch = batches.claim(session, int(subject), owner, house.now(), LEASE)
        town = towns.get(session, batch["municipality_id"]) if batch is not None else None
        reached("deliver.claimed")
    if batch is None or town is None:
        return
    reached("deliver.claim-committed")
    composer = Composer(house, batch, town)
    channel = house.channels(batch["channel"])
    if _forward(house, composer, channel) and _again(house, composer, channel):
        _finish(house, batch)


def _forward(house: House, composer: Composer, channel: Outgoing) -> bool:
    """Send the chunks after the cursor; ``False`` if the lease was lost.

    If there is nothing left to say, the cursor stays: it says who was told, and who was not must not get an all-clear.
    """
    batch = composer.batch
    with house.store.read() as session:
        void = composer.is_void(session)
    if void:
        suppressed = Counter(suppressed=len(batch["ids"]) - batch["cursor"])
        return _settle(house, batch, {}, suppressed, cursor=batch["cursor"], attempts={})
    size = channel.CHUNK if batch["runs"] <= RUNS else 1
    for start in range(batch["cursor"], len(batch["ids"]), size):
        ids = batch["ids"][start : start + size]
        if house.stopping():
            return _give_back(house, batch)
        if not _chunk(house, composer, channel, ids, cursor=start + len(ids), attempts=dict.fromkeys(ids, 1)):
            return False
    return True


def _give_back(house: House, batch: RowMapping) -> bool:
    """Let go of a batch as it stands: this process ends, or nothing may be sent now (O-03)."""
    with house.store.begin() as session:
        batches.release(session, batch["id"], batch["owner"], due_at=batch["due_at"])
    return False


def _again(house: House, composer: Composer, channel: Outgoing) -> bool:
    """Try those whose retry is due; ``False`` if the lease was lost."""
    with house.store.read() as session:
        waiting = [row for row in batches.problems(session, composer.batch["id"]) if row["retry_at"] <= house.now()]
    for start in range(0, len(waiting), channel.CHUNK):
        attempts = {row["endpoint_id"]: row["attempts"] + 1 for row in waiting[start : start + channel.CHUNK]}
        ids = list(attempts)
        if not _chunk(house, composer, channel, ids, cursor=len(composer.batch["ids"]), attempts=attempts):
            return False
    return True


def _chunk(
    house: House, composer: Composer, channel: Outgoing, ids: Sequence[int], *, cursor: int, attempts: dict[int, int]
) -> bool:  # fmt: skip
    """Compose, send and settle one chunk; ``False`` if the lease went to somebody else meanwhile."""
    batch, now = composer.batch, house.now()
    with house.store.read() as session:
        told = composer.compose(session, ids, now)
    reached("deliver.composed")
    outcomes = [Outcome(str(one), Result.FAILED, detail="expired") for one in ids]
    expired = batch["valid_until"] <= now
    speakable = {one: pair for one, pair in told.items() if pair is not None}
    if not expired:
        reached("deliver.before-send")
        outcomes = _send(house, composer, channel, list(speakable.values()))
        reached("deliver.after-send")
    results = {int(one.endpoint): one for one in outcomes}
    counts: Counter[str] = Counter()
    settled: dict[int, Settled] = {}
    for one in ids:
        if expired:
            settled[one] = Settled(Verdict.EXPIRED, detail="no longer of use")
        elif one not in speakable:
            counts["suppressed"] += 1
        else:
            outcome = results.get(one, Outcome(str(one), Result.RETRY, detail="no answer from the channel"))
            settled[one] = settle(outcome, attempts[one], now, batch["valid_until"], jitter=house.jitter())
    return _settle(house, batch, settled, counts, cursor=cursor, attempts=attempts)


def _send(
    house: House, composer: Composer, channel: Outgoing, told: Sequence[tuple[Recipient, Message]]
) -> list[Outcome]:
    """Render and hand over; a recipient whose message cannot be rendered does not stop the others."""
    site, chunk, outcomes = house.site(composer.town), [], []
    for recipient, message in told:
        try:
            chunk.append((recipient, channel.render(message, recipient, site)))
        except Exception as error:
            log.exception("message could not be rendered", batch=composer.batch["id"], endpoint=recipient.endpoint)
            detail = f"could not be rendered: {type(error).__name__}"
            outcomes.append(Outcome(recipient.endpoint, Result.FAILED, detail=detail))
    if chunk:
        outcomes += channel.send(chunk, house.outlet(composer.batch["channel"]))
    return outcomes


def _settle(
    house: House, batch: RowMapping, settled: dict[int, Settled], counts: Counter[str],
    *, cursor: int, attempts: dict[int, int],
) -> bool:  # fmt: skip
    """Write cursor, counts, problems and the end of gone endpoints in one short transaction."""
    now = house.now()
    for one in settled.values():
        if one.verdict is not Verdict.RETRY:
            counts[one.verdict.value] += 1
    with house.store.begin() as session:
        kept = batches.checkpoint(
            session, batch["id"], batch["owner"], cursor=cursor, counts=counts, lease_until=now + LEASE
        )  # fmt: skip
        if not kept:
            return False
        reached("deliver.cursor-moved")
        for endpoint_id, one in settled.items():
            if one.verdict is not Verdict.SENT or attempts[endpoint_id] > 1:
                batches.note_problem(
                    session, batch["id"], endpoint_id, one, attempts=attempts[endpoint_id], now=now
                )  # fmt: skip
        gone = [endpoint_id for endpoint_id, one in settled.items() if one.verdict is Verdict.GONE]
        reached("deliver.problems-noted")
        subscribers.end_endpoints(session, gone, now)
        reached("deliver.gone-ended")
        if batch["change"] == Change.DIGEST:
            final = [one for one in attempts if one not in settled or settled[one].verdict is not Verdict.RETRY]
            batches.digest_done(session, batch["id"], final)
            reached("deliver.digest-forgotten")
    reached("deliver.checkpointed")
    return True


def _finish(house: House, batch: RowMapping) -> None:
    """Close the batch, or open it again for the earliest retry."""
    reached("deliver.finishing")
    with house.store.begin() as session:
        waiting = batches.problems(session, batch["id"])
        again: datetime | None = waiting[0]["retry_at"] if waiting else None
        if batches.release(session, batch["id"], batch["owner"], due_at=again) and again is not None:
            house.engine.defer(session, "deliver", str(batch["id"]), lane=batch["lane"], at=again)
            reached("deliver.retry-deferred")
        reached("deliver.released")
    reached("deliver.finished")
