"""The word to a street that is collected with another zone from now on: its new days, for two weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_date

from hub.core.notice import Notice, NoticeText, PlaceRef, notice_id
from hub.core.schedule import wall
from hub.core.source import Item, Source
from hub.core.tongues import TONGUES

_HOLDS = timedelta(days=14)
_NAMED = 5  # streets that read well in a title
# Of each language: the title, the sentence below it, what is said of days not known, and how a day is written (CLDR).
_WORDS = {
    "de": ("Neue Abfuhrtage: {}", "{}: Diese Tonnen werden ab jetzt an anderen Tagen geleert.",
           "neue Termine sind noch nicht bekannt", "EEEE, dd.MM.y"),
    "en": ("New collection days: {}", "{}: These bins are emptied on other days from now on.",
           "new dates are not known yet", "EEEE, d MMMM y"),
    "de-simple": ("Neue Tage für die Müll-Abholung: {}", "{}: Diese Müll-Tonnen kommen jetzt an anderen Tagen dran.",
                  "Die neuen Tage wissen wir noch nicht.", "EEEE, d. MMMM y"),
    "tr": ("Yeni çöp toplama günleri: {}", "{}: Bu çöp kutuları artık başka günlerde boşaltılıyor.",
           "yeni tarihler henüz bilinmiyor", "d MMMM y EEEE"),
    "uk": ("Нові дні вивезення сміття: {}", "{}: ці контейнери відтепер вивозять в інші дні.",
           "нові дати ще невідомі", "EEEE, d MMMM y 'р'."),
    "ar": ("أيام جديدة لجمع النفايات: {}", "{}: تُفرَّغ هذه الحاويات من الآن فصاعدًا في أيام أخرى.",
           "المواعيد الجديدة غير معروفة بعد", "EEEE d\u200f/M\u200f/y"),
}  # fmt: skip


def moved_notice(item: Item, source: Source) -> Notice:
    """Return the notice of the move ``item``; it ends two weeks after the first new day. Pure."""
    data, where = item.data, _where(item.data["places"])
    first = source.language.partition("-")[0]
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind="waste",
        topic=source.topic or "waste",
        texts=tuple(_text(one, where, data["kinds"]) for one in sorted(_WORDS, key=lambda one: one != first)),
        category=data["category"],
        expires=_end(data["kinds"], source.zone),
        places=tuple(PlaceRef(*one) for one in data["places"]) or source.places,
        publisher=source.name,
    )


def _text(code: str, where: str, kinds: Sequence[Mapping[str, Any]]) -> NoticeText:
    title, opening, unknown, pattern = _WORDS[code]
    locale = TONGUES[code].locale
    lines = [
        f"{kind['title']}: {'; '.join(format_date(day, pattern, locale) for day in _days(kind)) or unknown}"
        for kind in kinds
    ]
    return NoticeText(code, title.format(where), "\n\n".join([opening.format(where), *lines]))


def _days(kind: Mapping[str, Any]) -> list[date]:
    return [date.fromisoformat(one) for one in kind["days"]]


def _where(places: Sequence[Sequence[str]]) -> str:
    names = [one[2] for one in places]
    return ", ".join(names[:_NAMED]) + (f" (+{len(names) - _NAMED})" if len(names) > _NAMED else "")


def _end(kinds: Sequence[Mapping[str, Any]], zone: str) -> datetime | None:
    first = min((day for kind in kinds for day in _days(kind)), default=None)
    return wall(first + _HOLDS, time(), zone) if first else None
