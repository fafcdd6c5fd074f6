"""What stands against sending a draft, field by field, and what a writer should know. Pure.

The form shows it beside its fields; whoever submits or releases asks once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.core.draft import DANGEROUS, Draft, gap
from hub.core.notice import NoticeText, Severity
from hub.core.schedule import ends, starts
from hub.core.tongues import fitting, primary

LONGEST_TITLE = 90  # characters: what a locked phone shows of a push
LONGEST_TEXT = 6000
LONGEST_VALIDITY = timedelta(days=366)
_USUAL = {  # how long something holds unless its writer says otherwise
    Severity.EXTREME: timedelta(hours=6), Severity.SEVERE: timedelta(hours=12), Severity.MODERATE: timedelta(days=1),
    Severity.MINOR: timedelta(days=3), Severity.UNKNOWN: timedelta(days=14),
}  # fmt: skip


class Fault(StrEnum):
    """What is wrong with a field."""

    NO_TOPIC = "no-topic"
    NO_TITLE = "no-title"
    LONG_TITLE = "long-title"
    NO_TEXT = "no-text"
    LONG_TEXT = "long-text"
    PLACEHOLDER = "placeholder"
    NO_INSTRUCTION = "no-instruction"  # who warns of a danger says what to do
    TWICE = "twice"  # the same words in two languages
    NOWHERE = "nowhere"
    NO_END = "no-end"
    ENDED = "ended"
    END_FIRST = "end-first"
    END_FAR = "end-far"
    SENT_LATE = "sent-late"  # it would be over before it goes out
    DATE_ENDS_FIRST = "date-ends-first"
    DATE_LATE = "date-late"  # a date lies behind the end
    UNTITLED = "untitled"
    CLUB_TOPIC = "club-topic"
    CLUB_SEVERITY = "club-severity"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a field, named as the form names it (``de.title``, ``where``); ``value`` is what it is about."""

    field: str
    fault: Fault
    value: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a draft is written: the town's time zone and, if it must be told there, its id.

    ``club`` is the topic of the club that writes, if one does.
    """

    zone: str
    club: str = ""
    town: str = ""


def problems(draft: Draft, desk: Desk, now: datetime) -> tuple[Problem, ...]:
    """Return everything that must be put right before a draft is submitted, in the order of the form."""
    return (*_what(draft), *_where(draft, desk), *_when(draft, desk, now), *_rest(draft, desk))


def _what(draft: Draft) -> Iterator[Problem]:
    if not draft.topic:
        yield Problem("topic", Fault.NO_TOPIC)
    if not draft.texts:
        yield Problem("title", Fault.NO_TITLE)
    bodies: set[str] = set()
    for text in draft.texts:
        yield from _of_text(text)
        if text.body.strip() and text.body in bodies:
            yield Problem(f"{text.lang}.body", Fault.TWICE)
        bodies.add(text.body)
    if draft.severity >= DANGEROUS and draft.texts and not draft.texts[0].instruction.strip():
        yield Problem(f"{draft.texts[0].lang}.instruction", Fault.NO_INSTRUCTION)


def _of_text(text: NoticeText) -> Iterator[Problem]:
    at = text.lang
    if not text.title.strip():
        yield Problem(f"{at}.title", Fault.NO_TITLE, at)
    elif len(text.title) > LONGEST_TITLE:
        yield Problem(f"{at}.title", Fault.LONG_TITLE, str(LONGEST_TITLE))
    if not text.body.strip():
        yield Problem(f"{at}.body", Fault.NO_TEXT, at)
    for name, words in (("title", text.title), ("body", text.body), ("instruction", text.instruction)):
        if found := gap(NoticeText(at, words)):
            yield Problem(f"{at}.{name}", Fault.PLACEHOLDER, found)
        if len(words) > LONGEST_TEXT:
            yield Problem(f"{at}.{name}", Fault.LONG_TEXT, str(LONGEST_TEXT))


def _where(draft: Draft, desk: Desk) -> Iterator[Problem]:
    if not draft.areas or (desk.town and desk.town not in draft.towns):
        yield Problem("where", Fault.NOWHERE)


def _when(draft: Draft, desk: Desk, now: datetime) -> Iterator[Problem]:
    goes_out = max(draft.send_at or now, now)
    begins = max(draft.valid_from or goes_out, goes_out)
    if draft.expires is None:
        yield Problem("until", Fault.NO_END)
    elif draft.expires <= now:
        yield Problem("until", Fault.ENDED)
    elif draft.valid_from is not None and draft.expires <= draft.valid_from:
        yield Problem("until", Fault.END_FIRST)
    elif draft.expires <= goes_out:
        yield Problem("send", Fault.SENT_LATE)
    elif draft.expires - begins > LONGEST_VALIDITY:
        yield Problem("until", Fault.END_FAR)
    for one in draft.occurrences:
        if ends(one, desk.zone) < starts(one, desk.zone):
            yield Problem("dates", Fault.DATE_ENDS_FIRST, one.key)
        elif draft.expires is not None and starts(one, desk.zone) >= draft.expires:
            yield Problem("dates", Fault.DATE_LATE, one.key)


def _rest(draft: Draft, desk: Desk) -> Iterator[Problem]:
    if desk.club and draft.topic and draft.topic != desk.club:
        yield Problem("topic", Fault.CLUB_TOPIC)
    if desk.club and draft.severity > Severity.UNKNOWN:
        yield Problem("severity", Fault.CLUB_SEVERITY)
    for number, one in enumerate(draft.attachments):
        if not one.title.strip():
            yield Problem(f"file{number}.title", Fault.UNTITLED, one.name)


def usual_end(severity: Severity, begins: datetime) -> datetime:
    """Return when a notice ends whose writer names no end."""
    return full(begins + _USUAL[severity])


def full(moment: datetime) -> datetime:
    """Return a moment as people name it: the next full five minutes."""
    spare = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment + (timedelta(minutes=5) - spare if spare else spare)


def stand_ins(draft: Draft, languages: Iterable[str]) -> list[tuple[str, str]]:
    """Return the house's languages that a draft lacks, each with the one that its readers get instead.

    A regional form does for its language; Leichte Sprache is missing wherever it was not written.
    """
    has = [one.lang for one in draft.texts]
    if not has:
        return []
    return [(one, fitting(one, has) or has[0]) for one in languages if not _told(one, has)]


def _told(lang: str, has: Iterable[str]) -> bool:
    return any(one == lang or ("-" not in lang and primary(one) == lang and "-simple" not in one) for one in has)
