"""Release: carry out what somebody does to a draft, in one transaction.

answered already? -> the draft, locked -> judged by what holds now (hub.core.release) -> state moved -> done to the
world -> step and audit event written. Whoever asks for the same thing again gets the same answer (A-10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.clubs import Verdict
from hub.core.draft import Draft, to_json
from hub.core.errors import ActRefused
from hub.core.losses import Loss, Sort
from hub.core.notice import NoticeText
from hub.core.permission import Capability
from hub.core.release import Act, Person, Refusal, State, Wish, Work, after, due, refusal
from hub.failpoints import reached
from hub.jobs import inform
from hub.jobs.house import House
from hub.jobs.judge import BROKEN_BESIDE, Actor, bounds_of, concerned, content, person_of, published, work_of
from hub.jobs.record import by_account, record
from hub.jobs.tell import lane_of, tell
from hub.store import accounts, alarms, answers, drafts, towns

LONGEST_REASON = 1000  # characters

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a form is known by when it comes again, and the address that it is answered by."""

    key: str
    location: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: where to go on, the state and when it goes out; ``again``: it was done before."""

    location: str = ""
    state: State | None = None
    due_at: datetime | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Doing:
    """One act under way: everything that it may look at, in the caller's transaction."""

    house: House
    session: Session
    row: RowMapping
    work: Work
    person: Person
    wish: Wish
    words: tuple[NoticeText, ...]
    now: datetime

    @property
    def reason(self) -> str:
        """What they gave as the reason, cut to a length that somebody reads."""
        return self.wish.reason.strip()[:LONGEST_REASON]

    @property
    def as_club(self) -> bool:
        """Whether they release within a club's bounds, not for the town hall."""
        return Capability.PUBLISH not in self.person.can


def perform(
    house: House, town: str, draft_id: int, actor: Actor, wish: Wish, *, words: tuple[NoticeText, ...] = (),
    receipt: Receipt | None = None,
) -> Done:  # fmt: skip
    """Do ``wish.act`` to a draft of a municipality. ``words``: what an all-clear says, else what was published.

    Raises ``ActRefused`` with a :class:`~hub.core.release.Refusal` if it may not be, also if somebody was quicker;
    nothing is changed then. Saving is no act of this door.
    """
    now = house.now()
    with house.store.begin() as session:
        if receipt is not None:
            before = answers.given(session, receipt.key, receipt.location, now)
            if before is not None:
                return Done(before, again=True)
        row = drafts.locked(session, draft_id, town)
        if row is None:
            raise ActRefused(Refusal.STATE.value, subject=str(draft_id))
        reached("release.locked")
        work, person = work_of(session, row, now, account=actor.account), person_of(session, row, actor)
        why = refusal(work, person, wish, now)
        if why is not None or wish.act not in _DOORS:
            raise ActRefused((why or Refusal.STATE).value, subject=str(draft_id))
        doing = _Doing(house, session, row, work, person, wish, words, now)
        due_at = _DOORS[wish.act](doing)
        reached("release.done")
        _write_down(doing, due_at)
    return Done(receipt.location if receipt is not None else "", after(work, wish.act), due_at)


def _write_down(doing: _Doing, due_at: datetime | None) -> None:
    """Write the step, unless the draft is gone, and what the audit log keeps for good."""
    act, row, session = doing.wish.act, doing.row, doing.session
    if after(doing.work, act) is not None:
        drafts.step(session, row, act.value, doing.person.account, doing.now, reason=doing.reason)
    detail = {"hash": doing.work.hash, "version": str(row["version"]), "title": row["title"][:120]}
    detail |= {"due": due_at.isoformat()} if due_at is not None else {}
    detail |= {"reason": doing.reason} if doing.reason else {}
    for town in concerned(row):
        own = town == row["municipality_id"]
        if own or act in {Act.BREAK_GLASS, Act.WITHDRAW}:
            name = BROKEN_BESIDE if act is Act.BREAK_GLASS and not own else f"notice.{act.value}"
            record(
                doing.house, session, by_account(doing.person.account), name, municipality=town,
                subject=f"draft:{row['id']}", **detail,
            )  # fmt: skip


def _moved(doing: _Doing, state: State, due_at: datetime | None = None) -> None:
    if not drafts.move(doing.session, doing.row, state, due_at=due_at):
        raise ActRefused(Refusal.STALE.value, subject=str(doing.row["id"]))
    reached("release.state")


def _submit(doing: _Doing) -> None:
    _moved(doing, State.REVIEW)
    inform.review_wanted(
        doing.house, doing.session, doing.row, doing.person.account, dangerous=doing.work.dangerous
    )  # fmt: skip


def _return(doing: _Doing) -> None:
    _moved(doing, State.DRAFT)
    inform.returned(doing.house, doing.session, doing.row, doing.person.account, doing.reason)


def _schedule(doing: _Doing) -> datetime:
    """Let it go out when its time has come; until then anybody may stop it."""
    draft = content(doing.row)
    at = due(draft.severity, _earliest(doing, draft), doing.now)
    if draft.expires is not None and draft.expires <= at:
        raise ActRefused(Refusal.OVER.value, subject=str(doing.row["id"]))
    _moved(doing, State.SCHEDULED, at)
    lane = lane_of(draft.severity)
    doing.house.engine.defer(doing.session, "release", str(doing.row["id"]), lane=lane, at=at)
    return at


def _earliest(doing: _Doing, draft: Draft) -> datetime | None:
    """Return before when it must not go out: the time that was chosen, and a club's time for a veto."""
    bounds = bounds_of(doing.session, doing.row) if doing.as_club else None
    if bounds is None or doing.work.verdict is not Verdict.LATER:
        return draft.send_at
    veto = doing.now + bounds.veto
    return max(veto, draft.send_at) if draft.send_at is not None else veto


def _release(doing: _Doing) -> datetime:
    at = _schedule(doing)
    if doing.as_club and doing.work.verdict is Verdict.LATER:
        inform.club_delayed(doing.house, doing.session, doing.row, doing.person.account, at)
    return at


def _break_glass(doing: _Doing) -> datetime:
    at = _schedule(doing)
    session, row, by = doing.session, doing.row, doing.person.account
    inform.glass_broken(doing.house, session, row, by, doing.reason)
    names = [one["name"] for town in concerned(row) if (one := towns.get(session, town)) is not None]
    given = {
        "name": accounts.names(session, [by]).get(by, "?"), "title": row["title"][:80], "town": ", ".join(names),
        "detail": doing.reason[:200],
    }  # fmt: skip
    # Each one is an alarm of its own, however many there are.
    for sentence in alarms.note(
        session, [Loss(Sort.GLASS, f"{row['id']}:{doing.now.isoformat()}", given)], (), doing.now
    ):
        log.error("alarm", what=sentence)
    return at


def _abort(doing: _Doing) -> None:
    _moved(doing, State.DRAFT)


def _withdraw(doing: _Doing) -> None:
    """Call it off at once in every municipality that was told; exactly those who were told hear it."""
    row, before = doing.row, published(doing.row)
    if before is None:
        raise ActRefused(Refusal.STATE.value, subject=str(row["id"]))
    ending = replace(before, texts=doing.words) if doing.words else before
    moved = drafts.move(
        doing.session, row, State.WITHDRAWN, withdrawn_at=doing.now, published=to_json(ending)
    )  # fmt: skip
    if not moved:
        raise ActRefused(Refusal.STALE.value, subject=str(row["id"]))
    reached("release.state")
    tell(doing.house, doing.session, row, ending, over=ending.towns)


def _discard(doing: _Doing) -> None:
    """Throw a draft away, or the changes to what is published."""
    session, row, before = doing.session, doing.row, published(doing.row)
    if row["revision"] and before is not None:
        done = drafts.revert(session, row, before, doing.now)
    else:
        done = drafts.drop(session, row)
    if not done:
        raise ActRefused(Refusal.STALE.value, subject=str(row["id"]))


_DOORS: Mapping[Act, Callable[[_Doing], datetime | None]] = {
    Act.SUBMIT: _submit, Act.RETURN: _return, Act.RELEASE: _release, Act.APPROVE: _schedule,
    Act.BREAK_GLASS: _break_glass, Act.ABORT: _abort, Act.WITHDRAW: _withdraw, Act.DISCARD: _discard,
}  # fmt: skip
