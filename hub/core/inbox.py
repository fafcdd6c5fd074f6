"""A person's own messages: what of them is unread, and which warnings hold for them. Pure.

A message is a notice that fits one of the person's interests. What was never told as news (the first reading of a
source, a timetable) is there to be looked up, but is never unread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

CLEAR = timedelta(hours=48)  # so long the end of a warning is shown
SETTLED = timedelta(hours=1)  # what is older than this cannot turn up between older messages any more


@dataclass(frozen=True, slots=True)
class News:
    """What of a notice decides whether it is unread. ``news_at``: when it last was news, ``told``: if it ever was."""

    notice: str
    news_at: datetime
    told: bool
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """What a person has read: everything up to ``until``, and single notices as of what they last told."""

    until: datetime
    marks: tuple[tuple[str, datetime], ...] = ()


def is_unread(news: News, reader: Reader) -> bool:
    """Whether ``reader`` has not read this. A new word of a notice is unread again."""
    if not news.told or news.muted or news.news_at <= reader.until:
        return False
    return all(notice != news.notice or at < news.news_at for notice, at in reader.marks)


def read_through(reader: Reader, messages: Iterable[News], shown: datetime, now: datetime) -> Reader:
    """Return what is read once ``reader`` has read all ``messages`` that were news up to ``shown``.

    The line moves to an hour ago at most, what is newer is marked one by one: a message whose matching is still under
    way is never read unseen. Marks behind the line are forgotten.
    """
    until = max(reader.until, min(shown, now - SETTLED))
    marks = dict(reader.marks) | {
        one.notice: one.news_at for one in messages if one.news_at <= shown and is_unread(one, reader)
    }
    return Reader(until, tuple((notice, at) for notice, at in sorted(marks.items()) if at > until))


@dataclass(frozen=True, slots=True)
class Warned:
    """What of a warning decides whether it holds; ``over_at`` empty: it names no end."""

    withdrawn: bool
    changed_at: datetime
    over_at: datetime | None


def holds(one: Warned, now: datetime) -> bool:
    """Whether a warning is in force."""
    return not one.withdrawn and (one.over_at is None or one.over_at > now)


def cleared(one: Warned, now: datetime) -> bool:
    """Whether a warning ended so lately that its end is worth saying: called off, or run out."""
    since = now - CLEAR
    if one.withdrawn:
        return one.changed_at > since
    return one.over_at is not None and since < one.over_at <= now


def last_checked(times: Iterable[datetime | None]) -> datetime | None:
    """Return when all of several sources had last been read; ``None`` if one never was, or there is none."""
    found = list(times)
    known = [at for at in found if at is not None]
    return min(known) if known and len(known) == len(found) else None
