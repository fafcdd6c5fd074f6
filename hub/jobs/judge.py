"""Judge: what the rows say of a draft and of who wants to do something with it, as the rules of a release need it.

Everything is read in the caller's transaction: a role that was taken a moment ago is no longer there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.clubs import Bounds, Verdict, course
from hub.core.draft import Draft, content_hash, from_json
from hub.core.permission import CAN, Capability, Grant, Role
from hub.core.release import BREAK_GLASS_SPAN, Act, Person, State, Step, Work
from hub.core.sessions import is_fresh
from hub.jobs.record import by_account
from hub.jobs.sign_in import DIRECTORY, SignedIn
from hub.store import audit, drafts, grants, towns

# In the audit log, where they outlive the draft: where it is written, and in the other municipalities that it tells.
BROKEN, BROKEN_BESIDE = f"notice.{Act.BREAK_GLASS.value}", f"notice.{Act.BREAK_GLASS.value}.told"
SEES = frozenset({
    Capability.WRITE, Capability.PUBLISH, Capability.APPROVE, Capability.VETO, Capability.CLUB,
})  # fmt: skip
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as the web knows it. ``directory``: signed in by one, whose roles count; ``strong``: A-06."""

    account: int
    directory: bool = False
    strong: bool = False


def actor_of(who: SignedIn, now: datetime) -> Actor:
    """Return who is signed in as somebody who acts; ``strong`` if they showed a second factor within minutes."""
    shown = who.session["factor_at"]
    return Actor(who.id, who.session["how"] == DIRECTORY, shown is not None and is_fresh(shown, now))


def content(row: Mapping[Any, Any]) -> Draft:
    """Return what a draft says now."""
    return from_json(row["content"])


def published(row: Mapping[Any, Any]) -> Draft | None:
    """Return what was last published of a draft."""
    return from_json(row["published"]) if row["published"] else None


def concerned(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return the municipalities that somebody must be trusted in: where it is written, told, or was told."""
    before = published(row)
    told = before.towns if before is not None and row["revision"] else ()
    return tuple(dict.fromkeys((str(row["municipality_id"]), *content(row).towns, *told)))


def work_of(session: Session, row: RowMapping, now: datetime, *, account: int = 0) -> Work:
    """Return a draft as the rules see it; ``account`` is whose broken glasses count, too."""
    draft, before = content(row), published(row)
    there = {one["id"] for one in towns.listed(session)}
    return Work(
        state=State(row["state"]), hash=content_hash(draft), writers=drafts.writers(session, row),
        dangerous=draft.dangerous or (before is not None and before.dangerous), revision=row["revision"],
        expires=draft.expires, send_at=draft.send_at, broken=_broken(session, concerned(row), account, now),
        club=bool(row["club"]), verdict=_verdict(session, row, draft, now) if row["club"] else None,
        test=draft.mode.value != "actual", complete=draft.complete and there.issuperset(draft.towns),
        version=row["version"],
    )  # fmt: skip


def _broken(session: Session, told: tuple[str, ...], account: int, now: datetime) -> int:
    """Return how often the glass was broken in the municipality where it was most often, or by this person anywhere."""
    since = now - BREAK_GLASS_SPAN
    counts = [audit.how_often(session, (BROKEN, BROKEN_BESIDE), since, municipality=one) for one in told]
    return max(*counts, audit.how_often(session, (BROKEN,), since, actor=by_account(account)) if account else 0, 0)


def _verdict(session: Session, row: RowMapping, draft: Draft, now: datetime) -> Verdict:
    """Return what the bounds of the club that began a draft say to it; they may have changed since."""
    bounds, town = bounds_of(session, row), str(row["municipality_id"])
    if bounds is None or set(draft.towns) - {town}:
        return Verdict.REFUSED_TOPIC
    within = drafts.sent_since(session, town, row["author"], now - _DAY)
    return course(bounds, draft.topic, draft.severity, within_a_day=within, now=now).verdict


def bounds_of(session: Session, row: Mapping[Any, Any]) -> Bounds | None:
    """Return the bounds of the club desk that a draft was begun at; ``None`` if there is none any more."""
    held = grants.of_account(session, row["author"])
    desks = (one.bounds for one in held if one.role is Role.CLUB and one.covers(str(row["municipality_id"])))
    return next((one for one in desks if one is not None and one.topic == row["club"]), None)


def person_of(session: Session, row: Mapping[Any, Any], actor: Actor) -> Person:
    """Return what somebody may do with a draft: everywhere where it must be asked, and where it is written."""
    held = grants.of_account(session, actor.account, directory=actor.directory)
    own = str(row["municipality_id"])
    club = str(row["club"]) if row["author"] == actor.account else ""  # no club writes in another's
    each = {town: _can(held, town, club) for town in concerned(row)}
    return Person(actor.account, frozenset.intersection(*each.values()), actor.strong, each[own])


def sees(session: Session, row: Mapping[Any, Any], account: int, *, directory: bool = False) -> bool:
    """Whether somebody may look at a draft: who has to do with notices there; of a club, who began it."""
    return bool(person_of(session, row, Actor(account, directory)).here & SEES)


def _can(held: tuple[Grant, ...], town: str, club: str) -> frozenset[Capability]:
    """Return all that some grants allow in a municipality; a club's only for what that club wrote."""
    found: set[Capability] = set()
    for one in held:
        own = one.role is not Role.CLUB or (one.bounds is not None and bool(club) and one.bounds.topic == club)
        if one.covers(town) and own:
            found |= CAN[one.role]
    return frozenset(found)


def steps_of(session: Session, row: RowMapping) -> list[Step]:
    """Return what was done with a draft, the first thing first."""
    return [Step(one["act"], one["by"], one["hash"], one["version"]) for one in drafts.steps(session, row["id"])]
