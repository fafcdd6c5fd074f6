"""A person's dates as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from hub.core.agenda import Dated
from hub.core.codec import from_json
from hub.core.notice import Status
from hub.core.schedule import ends, local_day, starts
from hub.language import Language


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Shown:
    """One date; ``when`` is its time or span without the day on which it stands (empty: all day).

    ``place`` says whose bin it is, for who has bins at several places.
    """

    notice: str
    title: str
    lang: str
    topic: str
    day: str
    when: str
    iso: str
    location: str
    off: bool
    place: str = ""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes dates; ``rows`` are the notices by id, ``places`` the names of those that would look alike without."""

    rows: Mapping[str, Mapping[Any, Any]]
    language: Language
    zone: str
    places: Mapping[str, str] = field(default_factory=dict)

    def shown(self, dates: Iterable[Dated]) -> list[Shown]:
        """Return dates as pages show them; those whose notice is gone are left out."""
        return [self._shown(one) for one in dates if one.notice in self.rows]

    def _shown(self, one: Dated) -> Shown:
        notice, date_ = from_json(self.rows[one.notice]["content"]), one.occurrence
        text = notice.text(self.language.code)
        begin = starts(date_, self.zone)
        return Shown(
            one.notice, date_.summary or text.title, text.lang, one.topic, self.language.day(begin, self.zone),
            self._when(one), date_.start.isoformat(), date_.location, date_.status is Status.CANCELLED,
            self.places.get(one.notice, ""),
        )  # fmt: skip

    def _when(self, one: Dated) -> str:
        date_, said = one.occurrence, self.language.text
        clock = self.language.clock(date_.start, self.zone) if isinstance(date_.start, datetime) else ""
        last = local_day(ends(date_, self.zone), self.zone) if isinstance(date_.end, datetime) else _last(date_.end)
        if last is None or last <= local_day(starts(date_, self.zone), self.zone):
            end = self.language.clock(date_.end, self.zone) if isinstance(date_.end, datetime) else ""
            return said(_("{begin} to {end}"), begin=clock, end=end) if end and end != clock else clock
        until = said(_("until {day}"), day=self.language.day(last, self.zone))
        return f"{clock}, {until}" if clock else until


def _last(end: date | None) -> date | None:
    """Return the last of whole days, whose end is exclusive."""
    return date.fromordinal(end.toordinal() - 1) if end is not None else None
