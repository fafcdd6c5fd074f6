"""What an incident of a source says: short and kind, in every language of the pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.core.causes import Cause
from hub.core.incidents import Sort
from hub.core.notice import NoticeText
from hub.language import LANGUAGES, Language


def _(message: str) -> str:
    """Mark a text for the catalogues."""
    return message


# A topic's source as residents call it: always one thing, so that one sentence fits all.
THINGS: Mapping[str, str] = {
    "waste": _("The waste calendar"),
    "roads": _("The list of road closures"),
    "council": _("The council’s calendar"),
    "warnings": _("The source of the warnings"),
    "news": _("The source of the news"),
    "tenders": _("The list of tenders"),
    "events": _("The calendar of events"),
    "jobs": _("The list of job offers"),
    "lost-and-found": _("The lost-and-found office"),
}
ANY_THING = _("A source")


@dataclass(frozen=True, slots=True)
class Incident:
    """What the texts of an incident need: the source, why, how many items wait, and the days it is about."""

    sort: Sort
    name: str
    topic: str
    zone: str
    cause: Cause
    detail: str = ""
    since: datetime | None = None  # when it began
    known: datetime | None = None  # when an answer was last believed
    waiting: int = 0
    last_date: date | None = None


def texts(incident: Incident, first: str, *, over: bool = False) -> tuple[NoticeText, ...]:
    """Return the incident in all languages, ``first`` the language that comes first; ``over`` when it has ended."""
    codes = sorted(LANGUAGES, key=lambda code: code != first)
    writer = _over if over else _begun
    return tuple(NoticeText(code, *writer(incident, Language(code))) for code in codes)


def _begun(one: Incident, language: Language) -> tuple[str, str]:
    """Return title and body of an incident that begins."""
    say, moment = language.text, _moments(one, language)
    match one.sort:
        case Sort.BROKEN:
            title = say(_("Source “{name}” is out of order"), name=one.name)
            parts = [say(one.cause.what), say(one.cause.todo), *_standing(one, language, moment)]
            parts += [say(_("The exact words: {detail}"), detail=one.detail)] if one.detail else []
        case Sort.HELD:
            title = say(_("Source “{name}” needs your word"), name=one.name)
            count = _("Items that wait for your word: {count}. Nobody was told of them.")
            parts = [say(count, count=one.waiting)] if one.waiting else []
            parts += [say(one.cause.what), say(one.cause.todo)]
        case Sort.ENDS:
            title = say(_("Source “{name}”: the calendar ends on {day}"), name=one.name, day=moment["last"])
            parts = [say(_("No date after that is known. Please ask the provider for the next calendar; if it has a "
                           "new address, add it as a new source."))]  # fmt: skip
        case _:
            title = say(_("{thing} does not answer"), thing=say(THINGS.get(one.topic, ANY_THING)))
            parts = [say(_("Since {moment} we got nothing from it that can be relied on. We show what was known "
                           "then; anything newer is missing. We tell you when it works again."),
                         moment=moment["known"])]  # fmt: skip
            if one.topic == "warnings":
                parts.append(say(_("Until then please watch other ways to be warned: radio, sirens, warning apps.")))
    return title, "\n\n".join(parts)


def _over(one: Incident, language: Language) -> tuple[str, str]:
    """Return title and body of an incident that is over; the word for that stands before the title."""
    say, moment = language.text, _moments(one, language)
    match one.sort:
        case Sort.BROKEN:
            body = say(_("It answers again and can be read. There is nothing to do."))
        case Sort.HELD:
            body = say(_("Nothing waits for your word any more."))
        case Sort.ENDS:
            body = say(_("The calendar now goes on until {day}."), day=moment["last"])
        case _:
            return say(THINGS.get(one.topic, ANY_THING)), say(_("It answers again. What we show is up to date."))
    return say(_("Source “{name}”"), name=one.name), body


def _moments(one: Incident, language: Language) -> dict[str, str]:
    found: dict[str, Any] = {"since": one.since, "known": one.known, "last": one.last_date}
    return {name: language.moment(when, one.zone) if when is not None else "" for name, when in found.items()}


def _standing(one: Incident, language: Language, moment: Mapping[str, str]) -> list[str]:
    """Return what holds meanwhile."""
    if one.known is None:
        return [language.text(_("It has never been read so far."))]
    return [language.text(_("What was known on {moment} stays and is shown with its age."), moment=moment["known"])]
