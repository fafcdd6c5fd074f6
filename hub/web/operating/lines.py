"""Municipalities as lines of the overview: read from the store, judged by hub.core.roundup, said in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.goals import share
from hub.core.health import State, state
from hub.core.roundup import Grade, Line, Trouble
from hub.jobs.canary import OVERDUE
from hub.language import Language
from hub.store import canaries, editors, figures, outlook, roundup
from hub.web.operating.amounts import duration, number, people, percent
from hub.web.status import NAMES, in_percent

_DAY = timedelta(days=1)
CHANNELS = ("webpush", "mail", "ical")


def _(message: str) -> str:
    return message


TROUBLES: Mapping[Trouble, str] = {
    Trouble.QUEUE: _("Messages wait for longer than they should."),
    Trouble.CANARY: _("A test message has not arrived."),
    Trouble.SILENT: _("A source is silent."),
    Trouble.BROKEN: _("A source is out of order."),
    Trouble.BUDGET: _("More was late this month than the goal allows."),
    Trouble.DOUBTED: _("What a source says is in doubt."),
    Trouble.LATE: _("A source is late."),
    Trouble.ENDING: _("A calendar ends soon."),
    Trouble.HELD: _("Held messages wait for a word."),
    Trouble.LOW: _("Little is left of this month’s error budget."),
    Trouble.UNTOLD: _("Nobody is told when a source breaks."),
}
GRADES: Mapping[Grade, tuple[str, str]] = {  # the word, and the kind of its badge
    Grade.WELL: (_("All well"), "success"),
    Grade.LOOK: (_("Please look"), "warning"),
    Grade.ACT: (_("Act now"), "danger"),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A channel's canary: ``well`` is ``None`` where none has set out yet."""

    name: str
    well: bool | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One municipality as the table shows it; empty texts stand for what nobody can say."""

    line: Line
    word: str
    kind: str
    troubles: list[str]
    sources: str
    amiss: str
    last: str
    iso: str
    sent: str
    rate: str
    queue: list[tuple[str, str]]
    proofs: list[Proof]
    left: str
    overspent: bool


def gathered(session: Session, towns: Sequence[RowMapping], now: datetime, *, mails: bool) -> list[Line]:
    """Return these municipalities, whoever needs somebody most first; ``mails``: whether this house sends mail."""
    slugs = {row["id"] for row in towns}
    states = _states(session, slugs, now)
    queues, told, held = roundup.queues(session, now), roundup.told(session, now - _DAY), roundup.waiting(session)
    days, reached = roundup.last_days(session), editors.reached(session) if mails else slugs
    spent = _spent(session, towns, now)
    late, proved = _canaries(session, now)
    found = []
    for row in towns:
        slug, lately = row["id"], told.get(row["id"])
        found.append(Line(
            slug, row["name"], states[slug], held.get(slug, 0),
            lately.at if lately is not None else _noon(days.get(slug)), lately.sent if lately is not None else 0,
            {lane: now - at for lane, at in queues.get(slug, {}).items()}, tuple(late[slug]), tuple(proved[slug]),
            spent.get(slug, (0, 0, 0)), slug in reached,
        ))  # fmt: skip
    return sorted(found, key=Line.rank)


def _states(session: Session, slugs: set[str], now: datetime) -> dict[str, Counter[State]]:
    found: dict[str, Counter[State]] = {slug: Counter() for slug in slugs}
    for row in figures.sources(session):
        if row["municipality_id"] in slugs:
            last = outlook.last_date(session, row["id"]) if row["topic"] == "waste" else None
            found[row["municipality_id"]][state(row, now, last).state] += 1
    return found


def _spent(session: Session, towns: Sequence[RowMapping], now: datetime) -> dict[str, tuple[int, int, int]]:
    """Return what each municipality has spent of its error budget in the month that it is there."""
    months: dict[str, list[str]] = defaultdict(list)
    for row in towns:
        months[now.astimezone(ZoneInfo(row["zone"])).replace(day=1).date().isoformat()].append(row["id"])
    found: dict[str, tuple[int, int, int]] = {}
    for month, slugs in months.items():
        spent = roundup.spent(session, month)
        found |= {slug: spent[slug] for slug in slugs if slug in spent}
    return found


def _canaries(session: Session, now: datetime) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    late: dict[str, list[str]] = defaultdict(list)
    proved: dict[str, list[str]] = defaultdict(list)
    for row in canaries.listed(session):
        waits = row["waits_since"] is not None and now - row["waits_since"] > OVERDUE
        if waits:
            late[row["municipality_id"]].append(row["channel"])
        elif row["proved_at"] is not None:
            proved[row["municipality_id"]].append(row["channel"])
    return late, proved


def _noon(day: str | None) -> datetime | None:
    return datetime.combine(datetime.fromisoformat(day).date(), time(12), UTC) if day else None


def shown(lines: Iterable[Line], language: Language, now: datetime, channels: Sequence[str]) -> list[Shown]:
    """Return lines in words."""
    return [_shown(one, language, now, channels) for one in lines]


def _shown(one: Line, language: Language, now: datetime, channels: Sequence[str]) -> Shown:
    word, kind = GRADES[one.grade]
    amiss = one.count(*(state_ for state_ in State if state_ not in {State.OK, State.WAITING, State.PAUSED}))
    last = ""
    if one.last is not None:
        last = language.text("just now") if one.last > now else language.ago(one.last, now)
    return Shown(
        one, language.text(word), kind, [language.text(TROUBLES[trouble]) for trouble in one.troubles],
        number(sum(one.sources.values()), language), number(amiss, language) if amiss else "", last,
        one.last.isoformat() if one.last is not None else "", people(one.sent, language),
        in_percent(share(*one.spent), language),
        [(lane, duration(age.total_seconds(), language)) for lane, age in sorted(one.queue.items())],
        [Proof(language.text(NAMES[name]), _proof(one, name)) for name in channels],
        percent(max(one.left, 0.0), language) if one.left is not None else "",
        one.left is not None and one.left < 0,
    )  # fmt: skip


def _proof(one: Line, channel: str) -> bool | None:
    return False if channel in one.late else True if channel in one.proved else None
