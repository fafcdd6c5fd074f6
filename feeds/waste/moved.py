"""The word to a street that is collected with another zone from now on: its new days, for two weeks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from hub.core.notice import Notice, NoticeText, PlaceRef, notice_id
from hub.core.schedule import wall
from hub.core.source import Item, Source

_HOLDS = timedelta(days=14)
_WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def moved_notice(item: Item, source: Source) -> Notice:
    """Return the notice of the move ``item``; it ends two weeks after the first new day. Pure."""
    data = item.data
    days = [date.fromisoformat(one) for one in data["days"]]
    places = tuple(PlaceRef(*one) for one in data["places"])
    where = _where(data)
    german = f"{where}: {data['title']} wird ab jetzt an anderen Tagen abgeholt. " + (
        f"Nächste Termine: {', '.join(f'{_WEEKDAYS[one.weekday()]}, {one:%d.%m.%Y}' for one in days)}."
        if days else "Neue Termine sind noch nicht bekannt."
    )  # fmt: skip
    english = f"{where}: {data['title']} is collected on other days from now on. " + (
        f"Next dates: {', '.join(f'{_ENGLISH[one.weekday()]}, {one.day} {one:%B %Y}' for one in days)}."
        if days else "New dates are not known yet."
    )  # fmt: skip
    texts = {
        "de": NoticeText("de", f"{data['title']}: neue Abfuhrtage", german),
        "en": NoticeText("en", f"{data['title']}: new collection days", english),
    }
    first = source.language.partition("-")[0]
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind="waste",
        topic=source.topic or "waste",
        texts=tuple(texts[one] for one in sorted(texts, key=lambda one: (one != first, one))),
        category=data["category"],
        expires=_end(days, source.zone),
        places=places or source.places,
        publisher=source.name,
    )


def _where(data: dict[str, Any] | Any) -> str:
    names = [one[2] for one in data["places"]]
    return ", ".join(names[:5]) + (f" (+{len(names) - 5})" if len(names) > 5 else "")  # noqa: PLR2004 - as many as read well


def _end(days: list[date], zone: str) -> datetime | None:
    return wall(days[0] + _HOLDS, time(), zone) if days else None
