"""Plots with their words: what was sampled becomes a picture, its legend, and the same in a table beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from hub.core.goals import BUCKETS, FEWEST, TARGET
from hub.core.plots import Drawn, Scale, Values, bars, lines
from hub.core.samples import Slots, increments, percentile, worst
from hub.jobs.measure import LANES
from hub.language import Language
from hub.store import roundup, samples
from hub.web.operating.amounts import duration, number, people, percent
from hub.web.status import NAMES

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
CHANNELS = ("webpush", "mail", "webhook")
Write = Callable[[float, Language], str]


def _(message: str) -> str:
    return message


LANE_NAMES = {
    "emergency": _("Emergencies"), "transactional": _("Confirmations"), "normal": _("News"), "digest": _("Digests"),
}  # fmt: skip
CHANNEL_NAMES = {**NAMES, "webhook": _("Webhooks")}


@dataclass(frozen=True, slots=True)
class Span:
    """What plots reach over: hours of two days, or days of a month; ``zone`` is where the reader's clock is."""

    slots: Slots
    zone: str

    @classmethod
    def hours(cls, now: datetime, zone: str) -> Span:
        """Return the last 48 hours."""
        return cls(Slots.until(now, _HOUR, 48), zone)

    @classmethod
    def days(cls, now: datetime, zone: str) -> Span:
        """Return the last 30 days (UTC)."""
        return cls(Slots.until(now, _DAY, 30), zone)

    @property
    def daily(self) -> bool:
        """Whether a slot is a day."""
        return self.slots.step >= _DAY

    def labels(self, language: Language) -> list[str]:
        """Name each slot: by its day, or by day and hour where it is."""
        return [self._label(at, language) for at in self.slots.starts()]

    def _label(self, at: datetime, language: Language) -> str:
        if self.daily:
            return short_day(at.date(), language)
        local = at.astimezone(ZoneInfo(self.zone))
        return f"{short_day(local.date(), language)} {local:%H:%M}"


def short_day(day: date, language: Language) -> str:
    """Write a day shortly: "24.11."."""
    return str(format_date(day, "d.M." if language.locale.language == "de" else "d MMM", locale=language.locale))


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture with its words. ``table`` has a row per slot, the newest first; ``said`` stands for the picture."""

    id: str
    title: str
    sort: str  # lines, bars
    drawn: Drawn
    names: tuple[str, ...]
    up: tuple[tuple[float, str], ...]
    along: tuple[tuple[float, str], ...]
    table: tuple[tuple[str, tuple[str, ...]], ...]
    said: str
    empty: bool = False


def plot(
    ident: str, title: str, rows: Mapping[str, Values], *, span: Span, language: Language, write: Write,
    stacked: bool = False,
) -> Plot:  # fmt: skip
    """Return the picture of named rows; names and texts are translated already."""
    values = list(rows.values())
    most = 6 if span.daily else 3  # names of hours are longer
    scale = Scale.SPAN if write is duration else Scale.PLAIN
    drawn = bars(values, most=most) if stacked else lines(values, scale, most=most)
    labels = span.labels(language)
    table = tuple(
        (label, tuple("–" if row[slot] is None else write(row[slot] or 0.0, language) for row in values))
        for slot, label in enumerate(labels)
    )
    known = {name: [one for one in row if one is not None] for name, row in rows.items()}
    said = "; ".join(
        language.text(_("{name}: at most {most}, last {last}"), name=name, most=write(max(row), language),
                      last=write(row[-1], language))
        for name, row in known.items() if row
    )  # fmt: skip
    return Plot(
        ident, title, "bars" if stacked else "lines", drawn, tuple(rows),
        tuple((one.at, (number if write is people else write)(one.value, language)) for one in drawn.up),
        tuple((one.at, labels[int(one.value)]) for one in drawn.along),
        tuple(reversed(table)), f"{title}. {said}",
        not any(known.values()) or (stacked and not any(sum(row) for row in known.values())),
    )  # fmt: skip


def of_house(session: Session, span: Span, language: Language) -> list[Plot]:
    """Return the pictures of the whole installation."""
    return [
        _deliveries(session, span, language), _speed(session, span, language), _queue(session, span, language),
        canary(session, span, language), budget(session, span, language), failures(session, span, language),
    ]  # fmt: skip


def of_town(session: Session, town: str, now: datetime, zone: str, language: Language) -> list[Plot]:
    """Return the pictures of one municipality: a month by days, canaries by hours."""
    month, hours = Span.days(now, zone), Span.hours(now, zone)
    return [
        delivered(session, month, language, town), budget(session, month, language, town),
        failures(session, month, language, town), canary(session, hours, language, town),
    ]  # fmt: skip


def _read(
    session: Session, span: Span, names: Sequence[str], town: str = ""
) -> dict[str, list[tuple[datetime, float]]]:
    return samples.since(session, names, span.slots.begin - 2 * _HOUR, town)


def _deliveries(session: Session, span: Span, language: Language) -> Plot:
    read = _read(session, span, [f"sent:{one}" for one in CHANNELS])
    rows = {
        language.text(CHANNEL_NAMES[one]): increments(read.get(f"sent:{one}", []), span.slots)
        for one in CHANNELS if f"sent:{one}" in read or one == "webpush"
    }  # fmt: skip
    title = _("Messages delivered per day") if span.daily else _("Messages delivered per hour")
    return plot(
        "deliveries", language.text(title), rows, span=span, language=language, write=number, stacked=True
    )  # fmt: skip


def _speed(session: Session, span: Span, language: Language) -> Plot:
    read = _read(session, span, [f"le:{edge}" for edge in (*BUCKETS, 0)])
    rose = {edge: increments(read.get(f"le:{edge}", []), span.slots) for edge in (*BUCKETS, 0)}
    counts = [{edge: row[slot] or 0.0 for edge, row in rose.items()} for slot in range(span.slots.count)]
    rows = {
        language.text(_("Half of all within")): [percentile(one, 0.5) for one in counts],
        language.text(_("95 of 100 within")): [percentile(one, 0.95) for one in counts],
    }
    return plot(
        "speed", language.text(_("From seen to delivered, digests left out")), rows, span=span, language=language,
        write=duration,
    )  # fmt: skip


def _queue(session: Session, span: Span, language: Language) -> Plot:
    read = _read(session, span, [f"queue:{lane}" for lane in LANES])
    rows = {
        language.text(LANE_NAMES.get(lane, lane)): worst(read.get(f"queue:{lane}", []), span.slots) for lane in LANES
    }
    return plot(
        "queue", language.text(_("Age of what waits, by lane")), rows, span=span, language=language, write=duration
    )


def canary(session: Session, span: Span, language: Language, town: str = "") -> Plot:
    """Return how long test messages took, by channel; of all municipalities the slowest."""
    channels = ("webpush", "mail", "ical")
    read = _read(session, span, [f"canary:{one}" for one in channels], town)
    rows = {
        language.text(NAMES[one]): _seconds(worst(read[f"canary:{one}"], span.slots))
        for one in channels if f"canary:{one}" in read
    }  # fmt: skip
    return plot(
        "canaries", language.text(_("How long test messages took")), rows, span=span, language=language, write=duration
    )


def _seconds(values: Sequence[float | None]) -> list[float | None]:
    return [None if one is None else one / 1000 for one in values]


def delivered(session: Session, span: Span, language: Language, town: str) -> Plot:
    """Return what was delivered in a municipality each day, by channel; fewer than five are drawn as four."""
    slots = span.slots
    counts: dict[str, list[float | None]] = {}
    for row in roundup.days(session, slots.begin.date().isoformat(), town):
        slot = slots.of(_midnight(row["day"], slots))
        if slot is not None:
            values, told = counts.setdefault(row["channel"], [0.0] * slots.count), row["kept"] + row["late"]
            values[slot] = float(FEWEST - 1 if 0 < told < FEWEST else told)
    rows = {language.text(CHANNEL_NAMES.get(one, one)): values for one, values in sorted(counts.items(), reverse=True)}
    return plot(
        "deliveries", language.text(_("Messages delivered per day")), rows, span=span, language=language, write=people,
        stacked=True,
    )  # fmt: skip


def budget(session: Session, span: Span, language: Language, town: str = "") -> Plot:
    """Return how the error budget of 30 days was spent, day by day: what is left of it after each."""
    month = span if span.daily else Span.days(span.slots.starts()[-1], span.zone)
    bad, total = [0.0] * month.slots.count, 0.0
    for row in roundup.days(session, month.slots.begin.date().isoformat(), town):
        slot = month.slots.of(_midnight(row["day"], month.slots))
        if slot is not None:
            bad[slot] += row["late"] + row["lost"]
            total += row["kept"] + row["late"] + row["lost"]
    allowed = total * (1 - TARGET)
    left: list[float | None] = [1 - sum(bad[: slot + 1]) / allowed for slot in range(len(bad))] if total else []
    rows = {language.text(_("Left")): left or [None] * month.slots.count}
    return plot(
        "budget", language.text(_("What is left of the error budget of 30 days")), rows, span=month, language=language,
        write=percent,
    )  # fmt: skip


def failures(session: Session, span: Span, language: Language, town: str = "") -> Plot:
    """Return how often sources began to fail or were doubted, by day."""
    month = span if span.daily else Span.days(span.slots.starts()[-1], span.zone)
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for at, outcome in roundup.failures(session, month.slots.begin, town):
        slot = month.slots.of(at)
        if slot is not None:
            counts[outcome][slot] += 1
    names = (("failed", _("Began to fail")), ("held", _("Held back")))
    rows = {
        language.text(name): [float(counts[outcome][slot]) for slot in range(month.slots.count)]
        for outcome, name in names
    }
    return plot(
        "failures", language.text(_("Sources: what went wrong per day")), rows, span=month, language=language,
        write=number, stacked=True,
    )  # fmt: skip


def _midnight(day: str, slots: Slots) -> datetime:
    return datetime.combine(date.fromisoformat(day), slots.begin.timetz())
