"""From a draft to people and back: who may do what to it in which state (F-09, A-05, A-06). Pure.

    draft -> review -> scheduled -> published -> withdrawn
      ^________|___________|           |
      ^________________________________|  an update is a draft again, what was published stands meanwhile

What goes out is always *scheduled* first, if only for the seconds in which anybody may still stop it. A dangerous one
gets there by :attr:`Act.APPROVE` of somebody who wrote nothing of it, bound to the hash they saw, or by
:attr:`Act.BREAK_GLASS`, which is limited and wakes everybody. When its time has come, :func:`unsanctioned` looks once
more whether it may go. A test never gets there at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.core.clubs import Verdict
from hub.core.notice import Severity
from hub.core.permission import Capability

MOST_BREAK_GLASS = 2  # in a municipality within BREAK_GLASS_SPAN
BREAK_GLASS_SPAN = timedelta(days=1)
LEAST_REASON = 10  # characters
_COUNTDOWN = {Severity.EXTREME: timedelta(seconds=10), Severity.SEVERE: timedelta(seconds=15)}
_PLAIN_COUNTDOWN = timedelta(seconds=30)


class State(StrEnum):
    """Where a draft is. One that was published and is being changed is a draft with a revision."""

    DRAFT = "draft"
    REVIEW = "review"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What somebody does to a draft, as it stands in its steps and in the audit log."""

    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"  # to its author, with a reason
    RELEASE = "release"  # an ordinary one
    APPROVE = "approve"  # a dangerous one, as the second person
    BREAK_GLASS = "break-glass"  # a dangerous one, alone
    ABORT = "abort"  # before it went out
    WITHDRAW = "withdraw"  # call off, all-clear
    DISCARD = "discard"  # the draft, or the changes to what is published


class Refusal(StrEnum):
    """Why somebody may not; ``None`` in its place means that they may."""

    ROLE = "role"
    STATE = "state"  # it is not in the state for that
    STALE = "stale"  # it is not what they saw
    SELF = "self"  # whoever wrote it does not approve it
    WEAK = "weak"  # a second factor within the last minutes is needed
    SECOND = "second"  # needs a second person
    LIMIT = "limit"  # the glass was broken too often
    REASON = "reason"
    OVER = "over"  # it would be over before it goes out
    TEST = "test"  # a test is shown to whoever writes it, and to nobody else
    EMPTY = "empty"  # it says nothing, or to nobody
    BOUNDS = "bounds"  # a club writes in its own topic, and warns nobody


@dataclass(frozen=True, slots=True)
class Work:
    """A draft as it stands. ``writers``: who wrote any of what is not published yet, and who first made it.

    ``dangerous`` also if what is published of it is. ``broken`` counts broken glasses of its municipalities within
    :data:`BREAK_GLASS_SPAN`. ``club``: a club wrote it, and ``verdict`` is what its bounds say to that. ``complete``:
    it says something to somebody. ``version`` rises with each save.
    """

    state: State
    hash: str
    writers: frozenset[int]
    dangerous: bool = False
    revision: int = 0
    expires: datetime | None = None
    send_at: datetime | None = None
    broken: int = 0
    club: bool = False
    verdict: Verdict | None = None
    test: bool = False
    complete: bool = True
    version: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts. ``can``: what they may in every municipality that is told; ``strong``: a fresh second factor.

    ``here``: what they may where it is written; that is enough to stop it. CLUB counts in both only for the club's own.
    """

    account: int
    can: frozenset[Capability]
    strong: bool = False
    here: frozenset[Capability] = frozenset()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to do, and to which content: ``seen`` is the hash that their page showed."""

    act: Act
    seen: str = ""
    reason: str = ""


_WRITERS = frozenset({Capability.WRITE, Capability.CLUB})
_RELEASERS = frozenset({Capability.PUBLISH, Capability.APPROVE})
_ROLES = {
    Act.SAVE: _WRITERS,
    Act.SUBMIT: _WRITERS,
    Act.RETURN: _RELEASERS | {Capability.VETO},
    Act.RELEASE: frozenset({Capability.PUBLISH, Capability.CLUB}),
    Act.APPROVE: frozenset({Capability.APPROVE}),
    Act.BREAK_GLASS: _RELEASERS,
    Act.ABORT: _WRITERS | _RELEASERS | {Capability.VETO},
    Act.WITHDRAW: _RELEASERS | {Capability.CLUB},
    Act.DISCARD: _WRITERS,
}
_STATES = {
    Act.SAVE: {State.DRAFT, State.REVIEW, State.PUBLISHED},
    Act.SUBMIT: {State.DRAFT},
    Act.RETURN: {State.REVIEW},
    Act.RELEASE: {State.DRAFT, State.REVIEW},
    Act.APPROVE: {State.REVIEW},
    Act.BREAK_GLASS: {State.DRAFT, State.REVIEW},
    Act.ABORT: {State.SCHEDULED},
    Act.WITHDRAW: {State.PUBLISHED},
    Act.DISCARD: {State.DRAFT, State.REVIEW},
}
_STOPS = frozenset({Act.ABORT, Act.RETURN})
SENDS = frozenset({Act.RELEASE, Act.APPROVE, Act.BREAK_GLASS})
_BOUND = SENDS | {Act.SUBMIT, Act.WITHDRAW}  # acts on exactly what somebody saw


def refusal(work: Work, person: Person, wish: Wish, now: datetime) -> Refusal | None:
    """Return why ``person`` may not do what they wish, or ``None`` if they may."""
    act = wish.act
    if not _ROLES[act] & (person.can | person.here if act in _STOPS else person.can):
        return Refusal.ROLE
    # While an update is being written, what is published can still be called off.
    callable_off = act is Act.WITHDRAW and work.revision > 0 and work.state in {State.DRAFT, State.REVIEW}
    if work.state not in _STATES[act] and not callable_off:
        return Refusal.STATE
    if act in _BOUND and wish.seen != work.hash:
        return Refusal.STALE
    return _of_content(work, act, now) or _of_club(work, person, act) or _of_danger(work, person, wish)


def _of_content(work: Work, act: Act, now: datetime) -> Refusal | None:
    """Return what in it stands against sending it, whoever asks."""
    if act not in SENDS | {Act.SUBMIT}:
        return None
    against = (
        (work.test, Refusal.TEST),
        (not work.complete, Refusal.EMPTY),
        (act in SENDS and _over(work, now), Refusal.OVER),
    )
    return next((why for stands, why in against if stands), None)


_OF_BOUNDS: dict[Verdict | None, Refusal] = {
    Verdict.REFUSED_TOPIC: Refusal.BOUNDS, Verdict.REFUSED_SEVERITY: Refusal.BOUNDS,
    Verdict.REFUSED_LIMIT: Refusal.LIMIT,
}  # fmt: skip


def _of_club(work: Work, person: Person, act: Act) -> Refusal | None:
    """Return what the bounds of a club say to sending its own; who edits for the town hall is not bound by them."""
    enough = {Act.SUBMIT: Capability.WRITE, Act.RELEASE: Capability.PUBLISH}
    if act not in enough or enough[act] in person.can:
        return None
    if work.verdict in _OF_BOUNDS:
        return _OF_BOUNDS[work.verdict]
    held = work.verdict not in {Verdict.NOW, Verdict.LATER}
    return Refusal.ROLE if act is Act.RELEASE and held else None


def _of_danger(work: Work, person: Person, wish: Wish) -> Refusal | None:
    """Return what stands against releasing or calling off something that people must not be wrongly told."""
    act = wish.act
    reasoned = len(wish.reason.strip()) >= LEAST_REASON
    grave = act in {Act.APPROVE, Act.BREAK_GLASS} or (act is Act.WITHDRAW and work.dangerous)
    against = (
        (act in {Act.APPROVE, Act.BREAK_GLASS} and not work.dangerous, Refusal.STATE),
        (act is Act.RELEASE and work.dangerous, Refusal.SECOND),
        (act is Act.APPROVE and person.account in work.writers, Refusal.SELF),
        (act is Act.BREAK_GLASS and work.broken >= MOST_BREAK_GLASS, Refusal.LIMIT),
        (grave and not person.strong, Refusal.WEAK),
        (act in {Act.RETURN, Act.BREAK_GLASS} and not reasoned, Refusal.REASON),
    )
    return next((why for stands, why in against if stands), None)


def _over(work: Work, now: datetime) -> bool:
    return work.expires is not None and work.expires <= max(work.send_at or now, now)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done: ``act`` by the account ``by`` to what then had this ``hash`` and ``version``."""

    act: str
    by: int
    hash: str
    version: int


def unsanctioned(work: Work, steps: Sequence[Step], now: datetime) -> Refusal | None:
    """Return why a scheduled draft may not go out now after all, or ``None`` if it may.

    Whatever was checked when it was released is checked again on what is there now: the last word on it must be one
    that sends, on this very content, and by somebody else than all who wrote it if it is dangerous (A-05).
    """
    if work.state is not State.SCHEDULED or not steps:
        return Refusal.STATE
    last = steps[-1]
    if last.act not in SENDS:
        return Refusal.STATE
    if (last.hash, last.version) != (work.hash, work.version):
        return Refusal.STALE
    content = _of_content(work, Act.RELEASE, now)
    if content is not None:
        return content
    if work.dangerous and last.act == Act.RELEASE:
        return Refusal.SECOND
    return Refusal.SELF if last.act == Act.APPROVE and last.by in work.writers else None


_AFTER = {
    Act.SAVE: State.DRAFT,
    Act.SUBMIT: State.REVIEW,
    Act.RETURN: State.DRAFT,
    Act.RELEASE: State.SCHEDULED,
    Act.APPROVE: State.SCHEDULED,
    Act.BREAK_GLASS: State.SCHEDULED,
    Act.ABORT: State.DRAFT,
    Act.WITHDRAW: State.WITHDRAWN,
}


def after(work: Work, act: Act) -> State | None:
    """Return the state that an act leads to; what is discarded is as it was published, or gone (``None``)."""
    if act is Act.DISCARD:
        return State.PUBLISHED if work.revision else None
    return _AFTER[act]


def due(severity: Severity, send_at: datetime | None, now: datetime) -> datetime:
    """Return when a released one goes out: at the time chosen, but never before anybody could have stopped it."""
    soonest = now + _COUNTDOWN.get(severity, _PLAIN_COUNTDOWN)
    return max(send_at, soonest) if send_at is not None else soonest


def offered(work: Work, person: Person, now: datetime) -> Collection[Act]:
    """Return the acts that a page should offer: those that nothing but a missing proof or reason stands against."""
    later = {None, Refusal.WEAK, Refusal.REASON}
    return [one for one in Act if refusal(work, person, Wish(one, work.hash), now) in later]
