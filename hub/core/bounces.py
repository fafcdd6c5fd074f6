"""What follows from a mail that came back (E-04). Pure.

A hard bounce says that nobody has the mailbox; anything else that failed is soft: a full mailbox, a policy, a server
that was away. A complaint is a person's word ("this is spam"), told by their mail provider (RFC 5965).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SOFT_LASTS = timedelta(hours=72)  # so long an address may bounce softly …
_SOFT_FEWEST = 3  # … if it did so often enough to believe it
_RUN_ENDS = timedelta(days=15)  # older bounces tell nothing of today; a weekly digest still makes three in that time


class Sort(StrEnum):
    """What a report says."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    NOTHING = "nothing"  # an auto-reply, a delay, a success, something else


@dataclass(frozen=True, slots=True)
class Report:
    """One mail to the return path: what it says, and by what its endpoint may be found.

    ``paths``: addresses it was sent to or that the mail it is about came from; ``links``: unsubscribe links in the
    mail it is about. Both prove themselves by their signature, nothing else in a report is believed.
    """

    sort: Sort
    status: str = ""  # enhanced code of RFC 3463
    detail: str = ""
    paths: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is known of an endpoint: when its present run of soft bounces began, and how many there were."""

    since: datetime | None = None
    bounces: int = 0


@dataclass(frozen=True, slots=True)
class Ruling:
    """``ended_why`` is empty if the endpoint lives on; ``trouble`` is its new state, ``None`` if it is as before."""

    ended_why: str = ""
    trouble: Trouble | None = None


def rule(sort: Sort, known: Trouble, now: datetime) -> Ruling:
    """Decide what a report means for the endpoint it is about."""
    if sort is Sort.HARD:
        return Ruling("bounced")
    if sort is Sort.COMPLAINT:
        return Ruling("complained")
    if sort is Sort.NOTHING:
        return Ruling()
    since = known.since if known.since is not None and now - known.since <= _RUN_ENDS else now
    bounces = known.bounces + 1 if since is known.since else 1
    if now - since >= SOFT_LASTS and bounces >= _SOFT_FEWEST:
        return Ruling("bounced")
    return Ruling(trouble=Trouble(since, bounces))
