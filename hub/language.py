"""Languages of what people read: Babel catalogues read once, and dates as people write them. Needs no request."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta, get_month_names
from babel.messages import pofile
from babel.numbers import format_currency

from hub.core.notice import Moment
from hub.core.tongues import TONGUES, direction, fitting
from push._words import dated

FOLDER = Path(__file__).resolve().parent / "translations"
# A language is offered as soon as its catalogue is there; German comes first.
LANGUAGES = tuple(code for code in TONGUES if (FOLDER / code).is_dir())
_CATALOGUES = ("messages", "office")  # of all pages, and of those where people write and operate
OFFICE_LANGUAGES = tuple(code for code in LANGUAGES if (FOLDER / code / "LC_MESSAGES" / "office.po").is_file())


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """Return the translated texts of a language by their English original; what is missing stays English."""
    found: dict[str, str] = {}
    for name in _CATALOGUES if code in OFFICE_LANGUAGES else _CATALOGUES[:1]:
        with (FOLDER / code / "LC_MESSAGES" / f"{name}.po").open("rb") as file:
            read = pofile.read_po(file, locale=Locale.parse(TONGUES[code].locale))
        found |= {str(one.id): str(one.string) for one in read if one.id and one.string and not one.fuzzy}
    return found


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages; ``code`` is BCP 47, one of ``LANGUAGES``."""

    code: str

    @property
    def locale(self) -> Locale:
        """Babel's locale."""
        return Locale.parse(TONGUES[self.code].locale)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, for the ``dir`` attribute."""
        return direction(self.code)

    @property
    def name(self) -> str:
        """What its speakers call it."""
        return TONGUES[self.code].name

    def text(self, message: str, /, **values: object) -> str:
        """Return ``message`` (English) in this language, with ``{name}`` replaced by ``values``."""
        found = catalogue(self.code).get(message, message)
        return found.format(**values) if values else found

    def day(self, moment: Moment, zone: str) -> str:
        """Write the day of ``moment`` in ``zone``: "Dienstag, 24. November 2026"."""
        local = moment.astimezone(ZoneInfo(zone)) if isinstance(moment, datetime) else moment
        return dated(local, "full", self.code)

    def moment(self, moment: Moment, zone: str) -> str:
        """Write ``moment`` in ``zone``: a day, or a day and a time."""
        if not isinstance(moment, datetime):
            return self.day(moment, zone)
        return self.text("{day}, {time}", day=self.day(moment, zone), time=self.clock(moment, zone))

    def short(self, moment: datetime, zone: str) -> str:
        """Write ``moment`` in ``zone`` shortly, for lists."""
        local = moment.astimezone(ZoneInfo(zone))
        day = format_date(local, "medium", locale=self.locale)
        return self.text("{day}, {time}", day=day, time=self.clock(moment, zone))

    def money(self, amount: float, currency: str) -> str:
        """Write an amount without cents: "120.000 €"."""
        return str(
            format_currency(round(amount), currency, locale=self.locale, format="#,##0 ¤", currency_digits=False)
        )

    def months(self) -> list[str]:
        """Return the names of the months, January first."""
        own = TONGUES[self.code].months or get_month_names("wide", "stand-alone", self.locale).values()
        return [name[:1].upper() + name[1:] for name in own]

    def weekdays(self) -> list[tuple[str, str]]:
        """Return the ISO weekdays with their names, Monday first."""
        names = self.locale.days["format"]["wide"]
        return [(str(day + 1), names[day][:1].upper() + names[day][1:]) for day in range(7)]

    def ago(self, moment: datetime, now: datetime) -> str:
        """Write how far ``moment`` is from ``now``: "vor 4 Minuten", "in 2 Stunden", "gerade eben"."""
        delta = moment - now
        return self._length(delta, directed=True) if abs(delta) >= timedelta(minutes=1) else self.text("just now")

    def span(self, length: timedelta) -> str:
        """Write a length of time as it stands after "seit" or "for": "3 Tagen", "3 days"."""
        # German wants the dative here and Arabic the genitive ("يومين"), which Babel has only behind "vor" and "قبل".
        before = {"de": "vor ", "ar": "قبل "}.get(self.locale.language, "")
        return self._length(-length, directed=True).removeprefix(before) if before else self.length(length)

    def length(self, length: timedelta) -> str:
        """Write a length of time: "15 Minuten", "12 Tage"."""
        return self._length(length, directed=False)

    def _length(self, delta: timedelta, *, directed: bool) -> str:
        """Write ``delta`` in the largest unit that is full; days stay days up to two months."""
        length = abs(delta)
        unit: Literal["month", "day", "hour", "minute"] = "month"
        if length < timedelta(days=60):
            unit = "day" if length >= timedelta(days=1) else "hour" if length >= timedelta(hours=1) else "minute"
        return format_timedelta(
            delta, granularity=unit, threshold=sys.maxsize, add_direction=directed, locale=self.locale
        )  # fmt: skip

    def clock(self, moment: datetime, zone: str) -> str:
        """Write the time of ``moment`` in ``zone``: "18:00 Uhr"."""
        return self.text("{time} o’clock", time=f"{moment.astimezone(ZoneInfo(zone)):%H:%M}")


def choose(wanted: Iterable[str | None], among: Sequence[str] = LANGUAGES) -> Language:
    """Return the language of the first of the ``wanted`` tags (BCP 47) that is ``among`` those offered, else German."""
    for tag in wanted:
        if tag and (found := fitting(tag, among)):
            return Language(found)
    return Language(among[0])
