"""The word to a street that is collected with another zone from now on: its new days, for two weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from hub.core.notice import Notice, NoticeText, PlaceRef, notice_id
from hub.core.schedule import wall
from hub.core.source import Item, Source

_HOLDS = timedelta(days=14)
_NAMED = 5  # streets that read well in a title
_WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


def moved_notice(item: Item, source: Source) -> Notice:
    """Return the notice of the move ``item``; it ends two weeks after the first new day. Pure."""
    data, where = item.data, _where(item.data["places"])
    german = [f"{where}: Diese Tonnen werden ab jetzt an anderen Tagen geleert.", *map(_german, data["kinds"])]
    english = [f"{where}: These bins are emptied on other days from now on.", *map(_in_english, data["kinds"])]
    texts = {
        "de": NoticeText("de", f"Neue Abfuhrtage: {where}", "\n\n".join(german)),
        "en": NoticeText("en", f"New collection days: {where}", "\n\n".join(english)),
    }
    first = source.language.partition("-")[0]
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind="waste",
        topic=source.topic or "waste",
        texts=tuple(texts[one] for one in sorted(texts, key=lambda one: (one != first, one))),
        category=data["category"],
        expires=_end(data["kinds"], source.zone),
        places=tuple(PlaceRef(*one) for one in data["places"]) or source.places,
        publisher=source.name,
    )


def _german(kind: Mapping[str, Any]) -> str:
    days = [f"{_WEEKDAYS[one.weekday()]}, {one:%d.%m.%Y}" for one in _days(kind)]
    return f"{kind['title']}: {'; '.join(days) or 'neue Termine sind noch nicht bekannt'}"


def _in_english(kind: Mapping[str, Any]) -> str:
    days = [f"{_ENGLISH[one.weekday()]}, {one.day} {_MONTHS[one.month - 1]} {one.year}" for one in _days(kind)]
    return f"{kind['title']}: {'; '.join(days) or 'new dates are not known yet'}"


def _days(kind: Mapping[str, Any]) -> list[date]:
    return [date.fromisoformat(one) for one in kind["days"]]


def _where(places: Sequence[Sequence[str]]) -> str:
    names = [one[2] for one in places]
    return ", ".join(names[:_NAMED]) + (f" (+{len(names) - _NAMED})" if len(names) > _NAMED else "")


def _end(kinds: Sequence[Mapping[str, Any]], zone: str) -> datetime | None:
    first = min((day for kind in kinds for day in _days(kind)), default=None)
    return wall(first + _HOLDS, time(), zone) if first else None
