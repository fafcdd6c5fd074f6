"""The month of a municipality in figures, for its council: what was said, whom it reached, how soon (I23). Pure.

Figures of people are made coarse before they are stored, so that no month holds a count of one to four of them (T-06):
``None`` stands for such a count; what is not known is left out.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.core.aftermath import Aftermath, Told, coarse, shown
from hub.core.delays import total
from hub.core.goals import budget_used, share
from hub.core.notice import Severity

SETTLES = timedelta(days=3)  # after its end a month is closed: deliveries end, and who signs off has done so
_LENGTH = 7  # of "2026-11"


def month_of(at: datetime, zone: str) -> str:
    """Return the month of a moment in ``zone``: "2026-11"."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m}"


def bounds(month: str, zone: str) -> tuple[datetime, datetime]:
    """Return when a month begins and ends in ``zone``. Raises ``ValueError`` for what is no month."""
    if len(month) != _LENGTH:
        raise ValueError("a month is written like 2026-11")
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    begin, end = (datetime(one.year, one.month, 1, tzinfo=ZoneInfo(zone)) for one in (first, after))
    return begin, end


def before(month: str) -> str:
    """Return the month before one."""
    return f"{date.fromisoformat(f'{month}-01') - timedelta(days=1):%Y-%m}"


def of_notices(notices: Sequence[Aftermath], begin: datetime, end: datetime) -> dict[str, Any]:
    """Return what was said in a month: notices by topic, how soon the first and all heard them, and every warning."""
    words = [(notice, one) for notice in notices for one in notice.words if begin <= one.released < end]
    topics = Counter(notice.topic for notice in {notice.notice_id: notice for notice, _ in words}.values())
    firsts = [one.delays.first for _, one in words if one.delays.first is not None]
    everybody = total(one.delays for _, one in words)
    return {
        "notices": dict(sorted(topics.items())), "words": len(words),
        "first": _spread(middle(firsts, 0.5), middle(firsts, 0.95)),
        "told": _spread(everybody.within(0.5), everybody.within(0.95)),
        "warnings": [_warning(one) for _, one in reversed(words) if one.severity >= Severity.SEVERE],
    }  # fmt: skip


def _warning(one: Told) -> dict[str, Any]:
    delays = one.delays
    return {
        "title": one.title, "word": one.word.value, "at": one.released.isoformat(), "told": shown(one.account.sent),
        "first": _seconds(delays.first), "p95": _seconds(delays.within(0.95)),
    }  # fmt: skip


def _spread(half: timedelta | None, most: timedelta | None) -> dict[str, float | None]:
    return {"p50": _seconds(half), "p95": _seconds(most)}


def _seconds(span: timedelta | None) -> float | None:
    return round(span.total_seconds(), 1) if span is not None else None


def middle(spans: Iterable[timedelta], part: float) -> timedelta | None:
    """Return the time within which this part (0 to 1) of ``spans`` lies; ``None`` if there are none."""
    ordered = sorted(spans)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None


def of_people(reached: Mapping[str, int], everybody: int, begun: int, ended: int) -> dict[str, Any]:
    """Return whom a municipality reaches, by channel and in all, and how many came and went."""
    return {
        "people": coarse(everybody), "reach": {name: coarse(count) for name, count in sorted(reached.items())},
        "begun": shown(begun), "ended": shown(ended),
    }  # fmt: skip


def of_deliveries(spent: Mapping[str, tuple[int, int, int]]) -> dict[str, Any]:
    """Return how many messages were delivered by channel, and which part of all kept its goal."""
    whole = tuple(sum(one[place] for one in spent.values()) for place in range(3))
    return {
        "delivered": {name: shown(kept + late) for name, (kept, late, _) in sorted(spent.items())},
        "in_time": {name: part for name, one in sorted(spent.items()) if (part := share(*one)) is not None},
        "in_time_all": share(*whole) if spent else None,
        "budget_used": budget_used(share(*whole)) if spent else None,
    }  # fmt: skip


def uptime(polls: Sequence[tuple[datetime, bool]], begin: datetime, end: datetime) -> float:
    """Return which part of the time between ``begin`` and ``end`` a source did answer.

    ``polls``: when it failed (``True``) or answered anew, in order; an outage lasts until the next answer.
    """
    down, since = timedelta(), None
    for at, failed in polls:
        if failed and since is None:
            since = at
        elif not failed and since is not None:
            down += _overlap(since, at, begin, end)
            since = None
    if since is not None:
        down += _overlap(since, end, begin, end)
    return 1 - down / (end - begin) if end > begin else 1.0


def _overlap(since: datetime, until: datetime, begin: datetime, end: datetime) -> timedelta:
    return max(timedelta(), min(until, end) - max(since, begin))


def table(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield a month as rows for a table: section, name, figure, value; counts that are not shown are ``<5``."""
    for section in ("notices", "reach", "delivered"):
        yield from ((section, name, "count", _count(value)) for name, value in content[section].items())
    yield from (("all", name, "count", _count(content[name])) for name in ("words", "people", "begun", "ended"))
    for section in ("first", "told"):
        yield from (("delay", section, f"{name} seconds", _known(value)) for name, value in content[section].items())
    shares = [*content["in_time"].items(), ("all", content["in_time_all"])]
    yield from (("in time", name, "share", round(part, 5)) for name, part in shares if part is not None)
    if content["budget_used"] is not None:
        yield ("in time", "error budget used", "share", round(content["budget_used"], 5))
    yield from (("source", one["name"], "uptime", round(one["uptime"], 5)) for one in content["sources"])
    for name, one in content["canaries"].items():
        yield from (("canary", name, figure, one[figure]) for figure in ("sent", "arrived"))
    for one in content["warnings"]:
        plain = {**one, "told": _count(one["told"])}
        yield from (
            ("warning", one["title"], name, _known(plain[name])) for name in ("at", "word", "told", "first", "p95")
        )


def to_csv(content: Mapping[str, Any]) -> str:
    """Write a month as CSV (RFC 4180); what a table program would take for a formula is marked as text."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("section", "name", "figure", "value"))
    for row in table(content):
        writer.writerow([f"'{cell}" if str(cell)[:1] in {"=", "+", "-", "@"} else cell for cell in row])
    return file.getvalue()


def _known(value: Any) -> Any:
    return "" if value is None else value


def _count(value: int | None) -> int | str:
    return "<5" if value is None else value
