"""Losses: what the watch looks for, what is told of it, and how long each may wait (F-07, C-09, W-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

EVERY = timedelta(seconds=30)  # between two rounds
GRACE = timedelta(seconds=60)  # a lease, a sweep and a tick: what the hub mends by itself is no loss
LOST = timedelta(seconds=240)  # and what a push of the watch has not mended by then is an alarm
URGENT = timedelta(seconds=60)  # the same for emergencies
LINGERS = timedelta(hours=1)  # an alarm over what cannot be undone stays for so long
WINDOW = timedelta(hours=2)  # how far back whole accounts are gone through again
LATE_SOURCE = timedelta(minutes=5)
DEAD = timedelta(seconds=60)  # a process without a sign of life
GAP = timedelta(seconds=120)  # a watch that paused for longer begins anew: nobody was there to be late
LONGEST_LEASE = timedelta(minutes=10)
FEWEST_MARKED, MOST_MARKED = 3, 0.01  # answers in an hour that refuse our identification


class Sort(StrEnum):
    """What kind of loss it is."""

    PUBLICATION = "publication"
    REVISION = "revision"
    STUCK = "stuck"
    STATE = "state"
    LEASE = "lease"
    POSTPONED = "postponed"
    CURSOR = "cursor"
    SUM = "sum"
    IDS = "ids"
    FORGOTTEN = "forgotten"
    ACCOUNT = "account"
    MATCH = "match"
    RETRY = "retry"
    REMINDER = "reminder"
    UNPLANNED = "unplanned"
    DIGEST = "digest"
    ENTRY = "entry"
    EXPIRED = "expired"
    SOURCE = "source"
    HEARTBEAT = "heartbeat"
    SCHEDULER = "scheduler"
    WORKER = "worker"
    ENGINE = "engine"
    MARKED = "marked"
    CANARY = "canary"
    OVERDUE = "overdue"
    UNSENT = "unsent"
    VANISHED = "vanished"
    GLASS = "glass"


def _(message: str) -> str:
    return message


SENTENCES: Mapping[Sort, str] = {
    Sort.PUBLICATION: _("Message “{title}” waits since {since} to be matched with its people."),
    Sort.REVISION: _("Message “{title}” (revision {revision}) was stored but never handed on; nobody was told."),
    Sort.STUCK: _("Batch {batch} (lane {lane}, {count} recipients) is due since {since} and nobody works on it."),
    Sort.STATE: _("Batch {batch} has a state that nobody knows: “{state}”."),
    Sort.LEASE: _("Batch {batch} is held until {since} by somebody who does not work on it."),
    Sort.POSTPONED: _("Batch {batch} was put off until {since} without a reason."),
    Sort.CURSOR: _("Batch {batch} stands at {cursor}, but {count} of its recipients are accounted for."),
    Sort.SUM: _("Batch {batch} is closed, but {count} of its {size} recipients have no end."),
    Sort.IDS: _("Batch {batch} should hold {size} recipients, but holds {count}."),
    Sort.FORGOTTEN: _("Message “{title}”: {count} recipients had no place in any batch."),
    Sort.ACCOUNT: _("Message “{title}”: of {meant} meant, {count} cannot be accounted for."),
    Sort.MATCH: _("Message “{title}”: {count} interests that it fits were left out."),
    Sort.RETRY: _("Batch {batch}: {count} retries are overdue since {since}."),
    Sort.REMINDER: _("Reminders are due since {since} and have not gone out ({count})."),
    Sort.UNPLANNED: _("Message “{title}”: {count} reminders were not planned."),
    Sort.DIGEST: _("Digests are due since {since} and have not gone out ({count})."),
    Sort.ENTRY: _("{count} entries of digests would have gone out with no digest."),
    Sort.EXPIRED: _("Batch {batch}: {count} messages were over before anybody tried to deliver them."),
    Sort.SOURCE: _("The source “{title}” should have been read at {since}."),
    Sort.HEARTBEAT: _("The process {name} ({role}) has given no sign of life since {since}."),
    Sort.SCHEDULER: _("The scheduler has not ticked since {since}: no source is read, no reminder goes out."),
    Sort.WORKER: _("No worker is alive since {since}: nothing is delivered."),
    Sort.ENGINE: _("The engine is not well: {detail}"),
    Sort.MARKED: _("{count} of {size} answers in the last hour refuse our identification: look at keys and clock."),
    Sort.CANARY: _("The test message on the channel {channel} has not arrived since {since}: {detail}"),
    Sort.OVERDUE: _("“{title}” was to go out at {since} and has not."),
    Sort.UNSENT: _("“{title}” was to go out at {since} and was held back: {detail}. It is a draft again."),
    Sort.VANISHED: _("“{title}” was published in {town}, but its message was missing. It was handed on again."),
    Sort.GLASS: _("{name} released the warning “{title}” in {town} without a second person: {detail}"),
}
# What cannot be undone: the alarm stays for an hour so that somebody sees it.
EVENTS = frozenset({
    Sort.EXPIRED, Sort.REVISION, Sort.ACCOUNT, Sort.SUM, Sort.IDS, Sort.UNSENT, Sort.VANISHED, Sort.GLASS,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss. ``about`` tells it from others of its sort; ``mended``: it is repaired and only counted.

    ``given`` fills the sentence; moments are ISO 8601.
    """

    sort: Sort
    about: str
    given: Mapping[str, str | int] = field(default_factory=dict)
    mended: bool = False

    @property
    def key(self) -> str:
        """Name the loss, the same in every round that finds it."""
        return f"{self.sort}:{self.about}"[:200]

    @property
    def sentence(self) -> str:
        """Say in English what is lost."""
        shown = {name: short(value) for name, value in self.given.items()}
        return SENTENCES[self.sort].format(**shown)


def short(value: str | int) -> str:
    """Write a moment in ISO 8601 to the second; leave anything else as it is."""
    if isinstance(value, str) and len(value) >= len("2026-11-23T11:00") and value[4:5] == value[7:8] == "-":
        try:
            return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M:%SZ}"
        except ValueError:
            return value
    return str(value)


def waits(due: datetime, since: datetime, now: datetime) -> timedelta:
    """Return for how long something that was due at ``due`` waits; before ``since`` nobody was there to do it."""
    return now - max(due, since)


def is_mended(waited: timedelta, *, urgent: bool = False) -> bool:
    """Whether waking it once more may be enough; after that somebody must look."""
    return waited < (URGENT + GRACE if urgent else LOST)


def marked_too_many(marked: int, answers: int) -> bool:
    """Whether more than 1 % of an hour's answers refuse our identification (W-04); one or two may be a browser's."""
    return marked >= FEWEST_MARKED and marked > MOST_MARKED * max(answers, marked)
