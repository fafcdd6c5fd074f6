"""The words all ways out share: dates, topics, severity and the headline of a message, German and English. Pure.

Notices keep the language they were written in; only the frame around them comes from here. A reader whose language
has no frame gets the English one.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.core.message import Change, Entry
from hub.core.notice import Moment, Occurrence, Severity, Status
from push._incidents import is_incident, settled
from push._reopening import is_reopening, without_closed
from push._topics import TOPICS

DAY_NAMES = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTH_NAMES = {
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
SEVERITIES = {
    "de": {
        Severity.MINOR: "Geringe Gefahr",
        Severity.MODERATE: "Mittlere Gefahr",
        Severity.SEVERE: "Große Gefahr",
        Severity.EXTREME: "Extreme Gefahr",
    },
    "en": {
        Severity.MINOR: "Minor danger",
        Severity.MODERATE: "Moderate danger",
        Severity.SEVERE: "Severe danger",
        Severity.EXTREME: "Extreme danger",
    },
}
_WORDS = {
    "de": {
        "revised": "Geändert", "called_off": "Abgesagt", "lifted": "Aufgehoben", "all_clear": "Entwarnung",
        "elsewhere": "Betrifft Sie nicht mehr", "moved": "Verschoben", "dropped": "Fällt aus",
        "today": "Heute", "tomorrow": "Morgen", "in_days": "In {n} Tagen", "hour": "In 1 Stunde",
        "minutes": "In {n} Minuten", "now": "Jetzt", "deadline": "Frist", "instead": "statt {before} am {after}",
        "on": "am {after}", "oclock": " Uhr", "until": "bis", "from": "ab", "reopened": "Wieder frei",
    },
    "en": {
        "revised": "Changed", "called_off": "Cancelled", "lifted": "Lifted", "all_clear": "All clear",
        "elsewhere": "No longer concerns you", "moved": "Moved", "dropped": "Cancelled",
        "today": "Today", "tomorrow": "Tomorrow", "in_days": "In {n} days", "hour": "In 1 hour",
        "minutes": "In {n} minutes", "now": "Now", "deadline": "Deadline", "instead": "on {after} instead of {before}",
        "on": "on {after}", "oclock": "", "until": "to", "from": "from", "reopened": "Open again",
    },
}  # fmt: skip
_OVER = {
    "de": {
        Status.CANCELLED: "Diese Meldung gilt nicht mehr.",
        Status.ACTIVE: "Diese Meldung wurde geändert und betrifft Ihre Auswahl nicht mehr.",
    },
    "en": {
        Status.CANCELLED: "This message no longer holds.",
        Status.ACTIVE: "This message was changed and no longer concerns what you chose.",
    },
}
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_DAY, _SOON = timedelta(days=1), 90  # below so many minutes a reminder counts minutes


def frame(language: str) -> str:
    """Return the language of the frame for a reader of ``language`` (BCP 47): ``de`` or ``en``."""
    return "de" if language.lower().partition("-")[0] == "de" else "en"


def direction(language: str) -> str:
    """Return the direction of ``language`` as HTML and notifications name it: ``ltr`` or ``rtl``."""
    return "rtl" if language.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


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
    return TOPICS[tongue].get(topic) or TOPICS[tongue].get(head) or topic[:1].upper() + topic[1:]


def local(moment: Moment, zone: str) -> Moment:
    """Return a time as clocks in ``zone`` show it; a whole day stays as it is."""
    return moment.astimezone(ZoneInfo(zone)) if isinstance(moment, datetime) else moment


def local_day(moment: datetime, zone: str) -> date:
    """Return the day that a time falls on in ``zone``."""
    return moment.astimezone(ZoneInfo(zone)).date()


def short(moment: Moment, zone: str, tongue: str) -> str:
    """Return ``Do 24.12.`` or ``Do 24.12., 19:00 Uhr`` (English ``Thu 24 Dec, 19:00``)."""
    here = local(moment, zone)
    if tongue == "de":
        day = f"{DAY_NAMES['de'][here.weekday()][:2]} {here.day}.{here.month}."
    else:
        day = f"{DAY_NAMES['en'][here.weekday()][:3]} {here.day} {MONTH_NAMES['en'][here.month - 1][:3]}"
    return f"{day}, {clock(here, tongue)}" if isinstance(here, datetime) else day


def full(moment: Moment, zone: str, tongue: str) -> str:
    """Return ``Donnerstag, 24. Dezember 2026, 19:00 Uhr`` (English ``Thursday, 24 December 2026, 19:00``)."""
    here = local(moment, zone)
    dot = "." if tongue == "de" else ""
    month = MONTH_NAMES[tongue][here.month - 1]
    day = f"{DAY_NAMES[tongue][here.weekday()]}, {here.day}{dot} {month} {here.year}"
    return f"{day}, {clock(here, tongue)}" if isinstance(here, datetime) else day


def clock(moment: datetime, tongue: str) -> str:
    """Return the time of day: ``19:00 Uhr``."""
    return f"{moment:%H:%M}{_WORDS[tongue]['oclock']}"


def span(start: Moment | None, end: Moment | None, zone: str, tongue: str) -> str:
    """Return a span of time in short form; the end of a whole-day span is exclusive (RFC 5545, 3.6.1)."""
    words = _WORDS[tongue]
    last = end - _DAY if end is not None and not isinstance(end, datetime) else end
    if start is None:
        return f"{words['until']} {short(last, zone, tongue)}" if last is not None else ""
    if last is None:
        return f"{words['from']} {short(start, zone, tongue)}"
    first, final = local(start, zone), local(last, zone)
    if first == final:
        return short(start, zone, tongue)
    if isinstance(first, datetime) and isinstance(final, datetime) and first.date() == final.date():
        return f"{short(start, zone, tongue).removesuffix(' Uhr')} {words['until']} {clock(final, tongue)}"
    return f"{short(start, zone, tongue)} {words['until']} {short(last, zone, tongue)}"


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
    words = _WORDS[tongue]
    if entry.change is Change.WITHDRAWN:
        if entry.notice.status is Status.ACTIVE or is_incident(entry):
            return words["elsewhere"] if entry.notice.status is Status.ACTIVE else settled(entry, tongue)
        if is_reopening(entry) or entry.notice.severity > Severity.UNKNOWN:
            return words["reopened" if is_reopening(entry) else "all_clear"]
        return words["called_off" if entry.notice.occurrences else "lifted"]
    if _of_a_date(entry):
        dropped = entry.occurrence is not None and entry.occurrence.status is Status.CANCELLED
        return words["dropped" if dropped else "moved" if entry.before is not None else "revised"]
    return words["revised"] if entry.change is Change.REVISED else ""


def over(entry: Entry, tongue: str) -> str:
    """Return the sentence that stands before the text of a withdrawn notice, else nothing."""
    if entry.change is not Change.WITHDRAWN or is_incident(entry):
        return ""
    return _OVER[tongue][entry.notice.status]


def moved(entry: Entry, zone: str, tongue: str) -> str:
    """Return the old and the new date of a corrected one: ``statt Do 24.12. am Mi 23.12.``, else nothing."""
    if entry.occurrence is None or not _of_a_date(entry):
        return ""
    after = short(entry.occurrence.start, zone, tongue)
    if entry.before is None or entry.occurrence.status is Status.CANCELLED:
        return _WORDS[tongue]["on"].format(after=after)
    return _WORDS[tongue]["instead"].format(before=short(entry.before.start, zone, tongue), after=after)


def _of_a_date(entry: Entry) -> bool:
    """Whether a message is about one date that is not what it was."""
    return entry.change is Change.CORRECTION or (entry.change is Change.REVISED and entry.before is not None)


def subject_matter(entry: Entry, language: str) -> str:
    """Return what a message is about: the date's own summary, or the notice's title."""
    title = entry.notice.text(language).title if entry.notice.texts else ""
    summary = entry.occurrence.summary if entry.occurrence is not None else ""
    return one_line(without_closed(entry, summary or title)) or one_line(entry.notice.publisher) or "Ortsruf"


def place(entry: Entry, language: str) -> str:
    """Return the place to name before the title, or nothing where the title says it or a timetable needs none."""
    if entry.notice.series or entry.change in (Change.REMINDER, Change.CORRECTION):
        return ""
    named = entry.reason.place if entry.reason and entry.reason.place else ""
    name = one_line(named or next((one.name for one in entry.notice.places if one.name), ""))
    return "" if name.casefold() in subject_matter(entry, language).casefold() else name


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
    words = _WORDS[tongue]
    start, today = local(occurrence.start, zone), now.astimezone(ZoneInfo(zone)).date()
    days = ((start.date() if isinstance(start, datetime) else start) - today).days
    said = words["today"] if days <= 0 else words["tomorrow"] if days == 1 else words["in_days"].format(n=days)
    if isinstance(start, datetime):
        minutes = round((start - now).total_seconds() / 60)
        if minutes <= _SOON:
            said = _minutes(minutes, tongue)
        elif days <= 1:
            said = f"{said}, {clock(start, tongue)}"
    if not _is_deadline(entry, occurrence):
        return said
    return f"{words['deadline']} {said[:1].lower()}{said[1:]}"


def _minutes(minutes: int, tongue: str) -> str:
    """Return a short while in words; the tick comes a little late, so the hour is taken generously."""
    words, near = _WORDS[tongue], 5
    if minutes <= 0:
        return words["now"]
    if abs(minutes - 60) <= near:
        return words["hour"]
    return words["minutes"].format(n=minutes)


def _is_deadline(entry: Entry, occurrence: Occurrence) -> bool:
    """Whether a date is the notice's deadline."""
    deadline = entry.notice.deadline
    if deadline is None:
        return False
    if isinstance(occurrence.start, datetime):
        return occurrence.start == deadline
    return occurrence.start == date(deadline.year, deadline.month, deadline.day)
