"""A draft as the office's pages show it: every fact by name, what differs from what is published, who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import drawing
from hub.core.draft import PREFIX, Area, Draft, Mode
from hub.core.notice import Occurrence
from hub.core.release import Act, Refusal, State
from hub.core.tongues import TONGUES
from hub.office_texts import WHY
from hub.store import accounts, drafts
from hub.web.language import Language
from hub.web.topics import TOPICS
from hub.web.writing import words


def _(message: str) -> str:
    return message


KINDS = {  # of the badge that names a state
    State.DRAFT: "info", State.REVIEW: "warning", State.SCHEDULED: "warning", State.PUBLISHED: "success",
    State.WITHDRAWN: "info",
}  # fmt: skip
_STEPS = {
    Act.SUBMIT: _("asked for the release"), Act.RETURN: _("gave it back"), Act.RELEASE: _("released it"),
    Act.APPROVE: _("released it as the second person"), Act.BREAK_GLASS: _("released it without a second person"),
    Act.ABORT: _("stopped it"), Act.WITHDRAW: _("called it off"), Act.DISCARD: _("discarded the changes"),
    drafts.SENT: _("It went out."), drafts.HELD: _("It was held back: {why}."),
}  # fmt: skip
_SHORT = 8  # characters of a file's name, which is a hash of what is in it: another file is another name
REFUSED = {
    Refusal.ROLE: _("Your role does not include this, or not in every municipality that is told."),
    Refusal.STATE: _("Somebody was quicker, or it is too late for that. This is how it stands now."),
    Refusal.STALE: _("It was changed meanwhile, so nothing was done. Please read it once more."),
    Refusal.SELF: _("You have written part of it, so somebody else must release it."),
    Refusal.SECOND: _("A severe or extreme warning needs a second person."),
    Refusal.LIMIT: _("That is the limit for one day. Please ask a second person."),
    Refusal.REASON: _("Please give a reason, in a few words."),
    Refusal.OVER: _("It would be over before it goes out. Please change its end first."),
    Refusal.TEST: _("This is a test. It goes to your own devices only."),
    Refusal.EMPTY: _(
        "Something is missing: a title, a topic, for whom it is, or what a template left open in [brackets]."
    ),
    Refusal.BOUNDS: _("Your club desk does not include this topic, this severity or this place."),
    Refusal.WEAK: _("Please show your second step once more."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a draft: its name, what it says now, and what is published instead (``None``: the same)."""

    name: str
    value: str
    before: str | None = None
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One step in words."""

    when: str
    iso: str
    who: str
    what: str
    reason: str


def titled(draft: Draft, title: str) -> str:
    """Return a title as people will read it: that of a test says so, whatever was written (A-08)."""
    return title if draft.mode is Mode.ACTUAL else f"{PREFIX}: {title}"


def facts(draft: Draft, before: Draft | None, names: Mapping[str, str], zone: str, language: Language) -> list[Fact]:
    """Return everything that a draft says, each fact beside what is published of it."""
    now = _facts(draft, names, zone, language)
    then = {one.name: one.value for one in _facts(before, names, zone, language)} if before is not None else {}
    found = [
        Fact(
            one.name,
            one.value,
            then.get(one.name, "") if before and then.get(one.name, "") != one.value else None,
            one.lang,
        )
        for one in now
    ]
    gone = [Fact(name, "", value) for name, value in then.items() if name not in {one.name for one in now}]
    return found + gone


def _facts(draft: Draft, names: Mapping[str, str], zone: str, language: Language) -> list[Fact]:
    text = language.text
    found: list[Fact] = []
    for one in draft.texts:
        tongue = TONGUES[one.lang].name if one.lang in TONGUES else one.lang
        several = len(draft.texts) > 1

        def named(name: str, tongue: str = tongue, several: bool = several) -> str:  # noqa: FBT001
            return f"{text(name)} ({tongue})" if several else text(name)

        found += [
            Fact(named(_("Title")), titled(draft, one.title), lang=one.lang),
            Fact(named(_("Text")), one.body, lang=one.lang),
            Fact(named(_("What to do")), one.instruction, lang=one.lang),
        ]
    topic = TOPICS.get(draft.topic)
    rows = [
        (_("Topic"), text(topic.title) if topic else draft.topic),
        (_("Severity"), text(words.SEVERITIES[draft.severity][0])),
        (_("Urgency"), _worded(words.URGENCIES, draft.urgency, language)),
        (_("Certainty"), _worded(words.CERTAINTIES, draft.certainty, language)),
        (_("For"), "; ".join(_area(one, names, language) for one in draft.areas)),
        (_("Holds from"), _when(draft.valid_from, zone, language)),
        (_("Holds until"), _when(draft.expires, zone, language)),
        (_("Dates"), "\n".join(_date(one, zone, language) for one in draft.occurrences)),
        (_("Goes out"), _when(draft.send_at, zone, language)), (_("Contact"), draft.contact), (_("Address"), draft.url),
        (_("Files"), "\n".join(f"{one.title} ({one.name[:_SHORT]})".strip() for one in draft.attachments)),
        (_("Drawn on the map"), drawing.write(draft.geometry, language.code)),
    ]  # fmt: skip
    return [one for one in (*found, *(Fact(text(name), value) for name, value in rows)) if one.value]


def _worded(said: Mapping[Any, str], value: Any, language: Language) -> str:
    return language.text(said[value]) if value in said and value != "Unknown" else ""


def _date(one: Occurrence, zone: str, language: Language) -> str:
    """Return a date with its end: people stay at home until then."""
    span = [language.moment(at, zone) for at in (one.start, one.end) if at is not None]
    if isinstance(one.end, datetime) and language.day(one.start, zone) == language.day(one.end, zone):
        span[1] = language.clock(one.end, zone)
    return f"{' – '.join(span)} {one.summary}".strip()


def _area(area: Area, names: Mapping[str, str], language: Language) -> str:
    name = names.get(area.town, area.town)
    if not area.places:
        return language.text(_("all of {town}"), town=name)
    return f"{name}: {', '.join(one.name or one.value for one in area.places)}"


def _when(moment: datetime | None, zone: str, language: Language) -> str:
    return language.moment(moment, zone) if moment is not None else ""


def lines(session: Session, steps: Sequence[RowMapping], zone: str, language: Language) -> list[Line]:
    """Return what was done with a draft, the last first, by names; ended accounts keep theirs."""
    names = accounts.names(session, {row["by"] for row in steps})
    return [_line(row, names, zone, language) for row in reversed(steps)]


def _line(row: RowMapping, names: Mapping[int, str], zone: str, language: Language) -> Line:
    what = language.text(_STEPS.get(row["act"], row["act"]))
    reason = row["reason"]
    if row["act"] == drafts.HELD:
        what, reason = what.format(why=language.text(WHY.get(reason, WHY["state"]))), ""
    return Line(language.short(row["at"], zone), row["at"].isoformat(), names.get(row["by"], ""), what, reason)
