"""What all ways out say alike: dates, topics, severity and the headline of a message. Pure.

The words themselves are in ``push._words``; ``tongue`` is always a language that it has (:func:`frame`).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hub.core.message import Change, Entry
from hub.core.notice import Moment, Occurrence, Severity, Status
from hub.core.tongues import TONGUES, direction, fitting, is_easy, primary
from push._incidents import is_incident, settled
from push._reopening import is_reopening, without_closed
from push._words import DATES, clock, counted, dated, named, tables

_LEFTWARD = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")  # letters that run from right to left
_WORDS, _TOPICS, _SEVERITIES, _LANGUAGE = (tables(one) for one in ("wording", "topics", "severities", "language"))
_DAY, _SOON = timedelta(days=1), 90  # below so many minutes a reminder counts minutes


@lru_cache(maxsize=256)
def frame(language: str) -> str:
    """Return the language of the frame for a reader of ``language`` (BCP 47): one of ``TONGUES``, else English."""
    return fitting(language, TONGUES) or "en"


def said(name: str, tongue: str, **values: str) -> str:
    """Return one of the words of the table ``wording``."""
    return _WORDS[tongue][name].format(**values)


def severity(level: Severity, tongue: str) -> str:
    """Return the reader's word for how bad it is; empty for everyday news."""
    return _SEVERITIES[tongue].get(level.name.lower(), "")


def foreign(lang: str, tongue: str) -> str:
    """Return the remark on a text in ``lang`` that a reader of ``tongue`` did not choose; empty if it is theirs."""
    if not lang or (primary(lang) == primary(tongue) and not (is_easy(tongue) and not is_easy(lang))):
        return ""
    return _LANGUAGE[tongue]["only"].format(language=named(lang, tongue))


def apart(text: str, tongue: str) -> str:
    """Return ``text`` so that its lines in another script keep their own direction inside a frame from right to left.

    First-strong isolates (Unicode Bidirectional Algorithm, UAX 9); elsewhere nothing is needed.
    """
    if direction(tongue) == "ltr":
        return text
    lines = text.split("\n")
    return "\n".join(line if not line or _LEFTWARD.search(line) else f"\u2068{line}\u2069" for line in lines)


def one_line(text: str) -> str:
    """Return ``text`` as one line without control characters or lone surrogates: fit for a header or a title."""
    whole = text.encode("utf-8", "replace").decode()
    spaced = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in whole)
    return " ".join(spaced.split())


def many_lines(text: str) -> str:
    """Return ``text`` with line feeds as its only control characters, and at most one empty line in a row."""
    lines = [one_line(line) for line in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` to ``limit`` characters with an ellipsis, never between a character and its combining marks."""
    if len(text) <= limit:
        return text
    end = max(0, limit - 1)
    while 0 < end < len(text) and _joined(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip() + "…"


def _joined(left: str, right: str) -> bool:
    """Whether two characters belong to one sign: combining marks, joiners, variation selectors, skin tones."""
    return (
        unicodedata.category(right) in {"Mn", "Me", "Mc"}
        or "\u200d" in {left, right}
        or "\U0001f3fb" <= right <= "\U0001f3ff"
    )


def topic_name(topic: str, tongue: str) -> str:
    """Return the reader's word for a topic key; a key we do not know is shown with a capital."""
    head = re.split(r"[./:]", topic, maxsplit=1)[0]
    known = _TOPICS[tongue]
    return known.get(topic) or known.get(head) or topic[:1].upper() + topic[1:].replace("-", " ")


def local(moment: Moment, zone: str) -> Moment:
    """Return a time as clocks in ``zone`` show it; a whole day stays as it is."""
    return moment.astimezone(ZoneInfo(zone)) if isinstance(moment, datetime) else moment


def local_day(moment: datetime, zone: str) -> date:
    """Return the day that a time falls on in ``zone``."""
    return moment.astimezone(ZoneInfo(zone)).date()


def short(moment: Moment, zone: str, tongue: str, *, year: bool = False) -> str:
    """Return ``Do 24.12.`` or ``Do 24.12., 19:00 Uhr`` (English ``Thu 24 Dec, 19:00``), with its ``year`` if wanted."""
    return timed(local(moment, zone), "year" if year else "short", tongue)


def full(moment: Moment, zone: str, tongue: str) -> str:
    """Return ``Donnerstag, 24. Dezember 2026, 19:00 Uhr`` (English ``Thursday, 24 December 2026, 19:00``)."""
    return timed(local(moment, zone), "full", tongue)


def timed(here: Moment, style: str, tongue: str) -> str:
    """Return a local day or time in a style of the table ``dates``."""
    day = dated(here, style, tongue)
    if not isinstance(here, datetime):
        return day
    return DATES[tongue]["moment"].format(day=day, time=clock(here, tongue))


def span(start: Moment | None, end: Moment | None, zone: str, tongue: str) -> str:
    """Return a span of time in short form; the end of a whole-day span is exclusive (RFC 5545, 3.6.1)."""
    patterns = DATES[tongue]
    last = end - _DAY if end is not None and not isinstance(end, datetime) else end
    if start is None:
        return patterns["until"].format(end=short(last, zone, tongue)) if last is not None else ""
    if last is None:
        return patterns["since"].format(start=short(start, zone, tongue))
    first, final = local(start, zone), local(last, zone)
    if first == final:
        return short(start, zone, tongue)
    if isinstance(first, datetime) and isinstance(final, datetime) and first.date() == final.date():
        day = dated(first, "short", tongue)
        return patterns["hours"].format(day=day, begin=f"{first:%H:%M}", end=f"{final:%H:%M}")
    return patterns["span"].format(start=short(start, zone, tongue), end=short(last, zone, tongue))


def when(entry: Entry, zone: str, tongue: str) -> str:
    """Return when the thing is: the date a message is about, else the notice's validity, else its only date."""
    notice, dates = entry.notice, entry.notice.occurrences
    occurrence = entry.occurrence or (dates[0] if len(dates) == 1 else None)
    if occurrence is not None:
        if occurrence.end is None:
            return short(occurrence.start, zone, tongue)
        return span(occurrence.start, occurrence.end, zone, tongue)
    return span(notice.valid_from, notice.expires, zone, tongue)


def change_word(entry: Entry, tongue: str) -> str:
    """Return the word that opens a changed or withdrawn notice: ``Geändert``, ``Entwarnung`` …; new ones have none.

    A withdrawal of a notice that still stands means that it no longer concerns this reader.
    """
    if entry.change is Change.WITHDRAWN:
        return said(_end(entry), tongue)
    if _of_a_date(entry):
        dropped = entry.occurrence is not None and entry.occurrence.status is Status.CANCELLED
        return said("dropped" if dropped else "moved" if _begins_otherwise(entry) else "revised", tongue)
    return said("revised", tongue) if entry.change is Change.REVISED else ""


def _end(entry: Entry) -> str:
    """Return which word says that a notice is over."""
    if entry.notice.status is Status.ACTIVE:
        return "elsewhere"
    if is_incident(entry):
        return settled(entry)
    if is_reopening(entry):
        return "reopened"
    if entry.notice.severity > Severity.UNKNOWN:
        return "all_clear"
    return "called_off" if entry.notice.occurrences else "lifted"


def over(entry: Entry, tongue: str) -> str:
    """Return the sentence that stands before the text of a withdrawn notice, else nothing."""
    if entry.change is not Change.WITHDRAWN or is_incident(entry):
        return ""
    return said("over" if entry.notice.status is Status.CANCELLED else "not_yours", tongue)


def moved(entry: Entry, zone: str, tongue: str) -> str:
    """Return the old and the new date of a corrected one: ``statt Do 24.12. am Mi 23.12.``, else nothing."""
    if entry.occurrence is None or not _of_a_date(entry):
        return ""
    after = short(entry.occurrence.start, zone, tongue)
    if entry.before is None or entry.occurrence.status is Status.CANCELLED:
        return said("on", tongue, after=after)
    if not _begins_otherwise(entry):  # its end or place changed: "instead of Saturday, on Saturday" helps nobody
        return said("on", tongue, after=after) if entry.change is Change.CORRECTION else ""
    return said("instead", tongue, before=short(entry.before.start, zone, tongue), after=after)


def _begins_otherwise(entry: Entry) -> bool:
    """Whether a date begins at another time than it did."""
    return entry.before is not None and entry.occurrence is not None and entry.before.start != entry.occurrence.start


def _of_a_date(entry: Entry) -> bool:
    """Whether a message is about one date that is not what it was."""
    return entry.change is Change.CORRECTION or (entry.change is Change.REVISED and entry.before is not None)


def subject_matter(entry: Entry, language: str) -> str:
    """Return what a message is about: the date's own summary, or the notice's title."""
    title = entry.notice.text(language).title if entry.notice.texts else ""
    summary = entry.occurrence.summary if entry.occurrence is not None else ""
    return one_line(without_closed(entry, summary or title)) or one_line(entry.notice.publisher) or "Ortsruf"


def place(entry: Entry, language: str) -> str:
    """Return the place to name before the title, or nothing where the title says it or a timetable needs none.

    A municipality that is not the reader's own is named in any case.
    """
    town, title = one_line(entry.town), subject_matter(entry, language).casefold()
    if entry.notice.series or entry.change in (Change.REMINDER, Change.CORRECTION):
        name = ""
    else:
        named = entry.reason.place if entry.reason and entry.reason.place else ""
        name = one_line(named or next((one.name for one in entry.notice.places if one.name), ""))
    shown = dict.fromkeys(one for one in (town, name) if one and one.casefold() not in title)
    return ", ".join(shown)


def headline(entry: Entry, language: str, *, now: datetime, zone: str, limit: int) -> str:
    """Return the title of a message about one notice, at most ``limit`` characters.

    What changed and where come first, a date at the end stays whole: only the thing's own name is cut.
    """
    tongue, what = frame(language), subject_matter(entry, language)
    if entry.change is Change.REMINDER and entry.occurrence is not None:
        opening, ending = remaining(entry, entry.occurrence, now=now, zone=zone, tongue=tongue), ""
    else:
        opening, ending = change_word(entry, tongue), moved(entry, zone, tongue)
    where = shorten(place(entry, language), max(8, limit // 2))
    before = (f"{opening}: " if opening else "") + (f"{where} – " if where else "")
    after = f" {ending}" if ending else ""
    room = limit - len(before) - len(after)
    return shorten(before + shorten(what, max(room, 8)) + after, limit)


def remaining(entry: Entry, occurrence: Occurrence, *, now: datetime, zone: str, tongue: str) -> str:
    """Return how far a date is away: ``Morgen``, ``In 1 Stunde`` or ``Frist in 3 Tagen``."""
    start, today = local(occurrence.start, zone), now.astimezone(ZoneInfo(zone)).date()
    days = ((start.date() if isinstance(start, datetime) else start) - today).days
    told = said("today" if days <= 0 else "tomorrow", tongue) if days <= 1 else counted("in_days", days, tongue)
    if isinstance(start, datetime):
        minutes = round((start - now).total_seconds() / 60)
        if minutes <= _SOON:
            told = _minutes(minutes, tongue)
        elif days <= 1:
            told = DATES[tongue]["moment"].format(day=told, time=clock(start, tongue))
    if not _is_deadline(entry, occurrence):
        return told
    return said("deadline", tongue, when=f"{told[:1].lower()}{told[1:]}")


def _minutes(minutes: int, tongue: str) -> str:
    """Return a short while in words; the tick comes a little late, so the hour is taken generously."""
    near = 5
    if minutes <= 0:
        return said("now", tongue)
    return said("hour", tongue) if abs(minutes - 60) <= near else counted("in_minutes", minutes, tongue)


def _is_deadline(entry: Entry, occurrence: Occurrence) -> bool:
    """Whether a date is the notice's deadline."""
    deadline = entry.notice.deadline
    if deadline is None:
        return False
    if isinstance(occurrence.start, datetime):
        return occurrence.start == deadline
    return occurrence.start == date(deadline.year, deadline.month, deadline.day)
