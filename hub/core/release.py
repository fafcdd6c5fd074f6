"""From a draft to people and back: who may do what to it in which state (F-09, A-05, A-06). Pure.

    draft -> review -> scheduled -> published -> withdrawn
      ^________|___________|           |
      ^________________________________|  an update is a draft again, what was published stands meanwhile

What goes out is always *scheduled* first, if only for the seconds in which anybody may still stop it. A dangerous one
gets there by :attr:`Act.APPROVE` of somebody who wrote nothing of it, bound to the hash they saw, or by
:attr:`Act.BREAK_GLASS`, which is limited and wakes everybody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Work:
    """A draft as it stands. ``writers``: who wrote any of what is not published yet, and who first made it.

    ``dangerous`` also if what is published of it is. ``broken`` counts broken glasses of its municipalities within
    :data:`BREAK_GLASS_SPAN`. ``club``: a club wrote it, within its bounds.
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


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts. ``can``: what they may in every municipality that is told; ``strong``: a fresh second factor."""

    account: int
    can: frozenset[Capability]
    strong: bool = False


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
    Act.RELEASE: frozenset({Capability.PUBLISH}),
    Act.APPROVE: frozenset({Capability.APPROVE}),
    Act.BREAK_GLASS: _RELEASERS,
    Act.ABORT: _WRITERS | _RELEASERS | {Capability.VETO},
    Act.WITHDRAW: _RELEASERS,
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
_SENDS = frozenset({Act.RELEASE, Act.APPROVE, Act.BREAK_GLASS})
_BOUND = _SENDS | {Act.SUBMIT, Act.WITHDRAW}  # acts on exactly what somebody saw


def refusal(work: Work, person: Person, wish: Wish, now: datetime) -> Refusal | None:
    """Return why ``person`` may not do what they wish, or ``None`` if they may."""
    act = wish.act
    if not _ROLES[act] & person.can:
        return Refusal.ROLE
    # While an update is being written, what is published can still be called off.
    callable_off = act is Act.WITHDRAW and work.revision > 0 and work.state in {State.DRAFT, State.REVIEW}
    if work.state not in _STATES[act] and not callable_off:
        return Refusal.STATE
    if act in _BOUND and wish.seen != work.hash:
        return Refusal.STALE
    if act in _SENDS and _over(work, now):
        return Refusal.OVER
    return _of_danger(work, person, wish)


def _of_danger(work: Work, person: Person, wish: Wish) -> Refusal | None:
    """Return what stands against releasing or calling off something that people must not be wrongly told."""
    act = wish.act
    reasoned = len(wish.reason.strip()) >= LEAST_REASON
    grave = act in {Act.APPROVE, Act.BREAK_GLASS} or (act is Act.WITHDRAW and work.dangerous)
    against = (
        (act is Act.RELEASE and work.dangerous, Refusal.SECOND),
        (act is Act.APPROVE and person.account in work.writers, Refusal.SELF),
        (act is Act.BREAK_GLASS and work.broken >= MOST_BREAK_GLASS, Refusal.LIMIT),
        (grave and not person.strong, Refusal.WEAK),
        (act in {Act.RETURN, Act.BREAK_GLASS} and not reasoned, Refusal.REASON),
    )
    return next((why for stands, why in against if stands), None)


def _over(work: Work, now: datetime) -> bool:
    return work.expires is not None and work.expires <= max(work.send_at or now, now)


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
