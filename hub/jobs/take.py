"""Take: act on what a poll brought, or hold it, and write everything in one transaction with the validators (S-08)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from hub.core import health, plausibility
from hub.core.changes import Decision
from hub.core.codec import from_json
from hub.core.message import Change
from hub.core.notice import Notice, Severity, Status
from hub.core.plausibility import Hold
from hub.core.source import Fetched, FetchState, Source
from hub.failpoints import reached
from hub.jobs.absent import Gone, conclude
from hub.jobs.house import House, Parsed
from hub.jobs.keep import Kept, Round, keep, names_of
from hub.jobs.weigh import Sifted, Weighed, sift, weigh
from hub.store import held, outlook, polls, sources, towns
from hub.store.polls import PollOutcome
from hub.store.sources import Doubting

MOST_ELSEWHERE = 50  # kept for the editor per poll; a nation-wide list has hundreds that concern others
_SOON = timedelta(days=1)  # so far ahead a clock may be wrong; what is sent later than that is a misread date
_MOST_SENTENCES = 20


@dataclass
class Tally:
    """What came of the items of one poll."""

    counts: Counter[str] = field(default_factory=Counter)
    plain: list[int] = field(default_factory=list)  # publications of revisions without a moved date
    asked: list[Notice] = field(default_factory=list)
    held_anew: bool = False
    again: bool = False  # a miss counter rose: the next poll must see the whole answer, changed or not
    seen: set[str] = field(default_factory=set)

    def note(self, kept: Kept, notice: Notice) -> None:
        """Count what one item turned out to be."""
        decision = kept.decision
        self.seen.add(decision.notice.id)
        self.again = self.again or (decision.counted and any(one.missed for one in decision.dates))
        if decision.vanished:
            self.asked.append(notice)
        if decision.change is not None:
            names = {Change.NEW: "fresh", Change.REVISED: "revised", Change.WITHDRAWN: "withdrawn"}
            self.counts[names[decision.change]] += 1
        if kept.publication is not None and _is_plain(decision):
            self.plain.append(kept.publication)


def _is_plain(decision: Decision) -> bool:
    """Whether an announced revision may be part of a flood: neither severe nor a moved date."""
    revised = decision.change is Change.REVISED and decision.announce
    return revised and not decision.moved and decision.notice.severity < Severity.SEVERE


def take(house: House, row: RowMapping, source: Source, fetched: Fetched, parsed: Parsed) -> None:
    """Judge an answer, then act on it or hold it; nothing is written if somebody else polled meanwhile."""
    now = house.now()
    with house.store.begin() as session:
        town = towns.get(session, row["municipality_id"])
        if town is None:
            return
        around = Round(house, session, row, town, source, now, first_import=not row["imported"])
        weighed = weigh(around, fetched, parsed)
        around = replace(around, absence=weighed.verdict.absence)
        reached("take.weighed")
        act = weighed.verdict.act
        kept = _accept(around, fetched, parsed, weighed) if act else _hesitate(around, weighed, parsed)
        reached("take.accepted")
        if not kept:
            session.rollback()


def was_unwell(row: RowMapping) -> bool:
    """Whether a source was failing or doubted before this poll."""
    return bool(row["failures"] or row["broken_since"] or row["doubt"])


def next_poll(house: House, row: RowMapping, fresh_for: int | None) -> datetime:
    """Return when to poll a healthy source again: after its interval, or as long as it called its answer fresh."""
    wait = timedelta(seconds=max(row["interval"], min(fresh_for or 0, 86_400)))
    return house.now() + wait * (1 + house.jitter() / 10)


def _hesitate(around: Round, weighed: Weighed, parsed: Parsed) -> bool:
    """Hold the whole answer: the last good state and its validators stay, so the next poll brings it whole again."""
    verdict, row = weighed.verdict, around.row
    doubting = Doubting(str(verdict.doubt), weighed.digest, verdict.polls)
    counts = {"held": len(weighed.notices), "refused": len(parsed.refused)}
    polls.add(
        around.session, row["id"], around.now, PollOutcome.HELD, counts=counts, label=doubting.reason,
        detail=_sentences(parsed),
    )  # fmt: skip
    around.house.engine.defer(around.session, "tend", row["id"])
    reached("take.doubted")
    return sources.doubt(
        around.session, row, doubting, now=around.now, next_poll_at=next_poll(around.house, row, None)
    )  # fmt: skip


def _accept(around: Round, fetched: Fetched, parsed: Parsed, weighed: Weighed) -> bool:
    """Act on an answer, item by item, then on what it lacks; then write how the source is."""
    tally, sifted = Tally(seen=weighed.seen()), sift(around, weighed)
    for notice in sifted.act:
        tally.note(keep(around, notice), notice)
    gone = conclude(around, fetched, weighed, tally.seen)
    tally.counts["withdrawn"] += gone.withdrawn
    tally.again = tally.again or gone.again
    _hold(around, sifted, tally, gone)
    if len(tally.plain) > plausibility.FLOOD:
        # A relaunch or a better parser changed every item: readers find it on the page, nobody is rung up for it.
        outlook.hush(around.session, tally.plain)
    tally.counts["refused"] = len(parsed.refused)
    return _record(around, fetched, parsed, weighed, tally)


def _hold(around: Round, sifted: Sifted, tally: Tally, gone: Gone) -> None:
    """Keep for the editor what is not acted on, and close what waits no longer."""
    session, source_id = around.session, around.source.id
    elsewhere = [one for one in sifted.hold if one[1] is Hold.ELSEWHERE]
    surplus = {id(one) for one, _ in sorted(elsewhere, key=lambda pair: -pair[0].severity)[MOST_ELSEWHERE:]}
    rows = dict(sifted.rows)
    vanished = [*tally.asked, *gone.asked]
    rows |= held.of_keys(session, source_id, [one.key for one in gone.asked])
    for notice, reason in (*sifted.hold, *((one, Hold.VANISHED) for one in vanished)):
        tally.counts["held"] += 1
        if id(notice) in surplus:
            continue
        if notice.key not in rows or rows[notice.key]["verdict"]:
            tally.held_anew = True
        held.hold(session, source_id, notice, reason, around.now)
        soon = reason is Hold.FUTURE and notice.sent is not None and notice.sent < around.now + _SOON
        tally.again = tally.again or soon
    _outdate(around, sifted, {one.key for one in vanished})


def _outdate(around: Round, sifted: Sifted, vanished: set[str]) -> None:
    """Close what came in a plausible form, was called off by the source, or is over."""
    waiting = held.waiting(around.session, around.source.id, most=20_000)
    if not waiting:
        return
    acted = {name for one in sifted.act for name in names_of(one)}
    acted |= {name for one, _ in sifted.hold if one.status is Status.CANCELLED for name in one.references}
    over = {row["key"] for row in waiting if _is_over(from_json(row["content"]), around.now)}
    held.outdate(around.session, around.source.id, (acted - vanished) | over, around.now)


def _is_over(notice: Notice, now: datetime) -> bool:
    return notice.expires is not None and notice.expires <= now


def _record(around: Round, fetched: Fetched, parsed: Parsed, weighed: Weighed, tally: Tally) -> bool:
    """Write the source's state, its history, and wake who looks after it."""
    row, verdict, session = around.row, weighed.verdict, around.session
    news = any(tally.counts[name] for name in ("fresh", "revised", "withdrawn"))
    accepted = Doubting("", weighed.digest, verdict.polls) if verdict.doubt and not around.first_import else None
    healed = was_unwell(row)
    label = str(verdict.doubt or "") if around.first_import or not news else ""
    changed = news or around.first_import or tally.counts["refused"] != row["held"]
    outcome = PollOutcome.HEALED if healed else PollOutcome.CHANGED if changed else PollOutcome.HELD
    if healed or changed or tally.held_anew:
        polls.add(
            session, row["id"], around.now, outcome, counts=tally.counts, label=label, detail=_sentences(parsed)
        )  # fmt: skip
    ends = news and health.ends_soon(outlook.last_date(session, row["id"]), around.now)
    if healed or tally.held_anew or ends:
        around.house.engine.defer(session, "tend", row["id"])
    return sources.succeed(
        session, row, state=_second_look(fetched.state) if tally.again else fetched.state, now=around.now,
        next_poll_at=next_poll(around.house, row, None if tally.again else fetched.fresh_for),
        held=len(parsed.refused), news=news, doubting=accepted,
    )  # fmt: skip


def _second_look(state: FetchState) -> FetchState:
    """Forget the validators, so that an unchanged answer comes whole and counts as the second poll that agrees."""
    return replace(state, validators={}, body_hash="")


def _sentences(parsed: Parsed) -> str:
    """Return what was refused and remarked, one per line."""
    refused = [f"{one.key}: {one.reason}" if one.key else one.reason for one in parsed.refused]
    lines = [*refused, *parsed.notes]
    more = [f"… and {len(lines) - _MOST_SENTENCES} more"] if len(lines) > _MOST_SENTENCES else []
    return "\n".join([*lines[:_MOST_SENTENCES], *more])
