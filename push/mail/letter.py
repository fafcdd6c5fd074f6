"""The content of a mail, once, for both its text and its HTML part. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.core import desk
from hub.core.message import WITHOUT_NOTICE, Change, Entry, Message, Reason, Recipient, Site
from hub.core.monthly import Month
from hub.core.tongues import direction
from push import _changes as changes
from push import _wording as wording
from push._reasons import because
from push._words import arrow, counted, number
from push.mail import monthly
from push.mail.section import Piece, Section
from push.mail.texts import TEXTS

SUBJECT = 120  # characters
CHANGES = 12  # lines of what changed; the page has them all
_SOON = timedelta(days=7)
_NO_COLOUR = "#171a2b"
_AFTER = {  # what stands below the button
    Change.CONFIRM: ("confirm_lives", "confirm_ignore"), Change.RESCUE: ("rescue_until",),
    Change.EXPIRY: ("once",), Change.LAPSE: ("lapse_or", "once"), Change.LINK: ("link_ignore",),
    Change.ADDRESS: ("address_ignore",),
}  # fmt: skip
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole mail. ``button`` is label and URL of the one thing to do; ``links`` stand at its foot."""

    tongue: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None
    after: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    site: str
    home: str
    colour: str
    words: Mapping[str, str]

    @property
    def dir(self) -> str:
        """``ltr`` or ``rtl``."""
        return direction(self.tongue)

    @property
    def arrow(self) -> str:
        """What leads from the old to the new."""
        return arrow(self.tongue)


def letter(message: Message, recipient: Recipient, site: Site) -> Letter:
    """Return the content of ``message`` for ``recipient``."""
    language = recipient.language or site.language
    tongue = wording.frame(language)
    words, name = TEXTS[tongue], wording.one_line(site.name)
    subject, heading, paragraphs = _opening(message, language, site)
    confirm = message.change is Change.CONFIRM
    end = words["monthly_end" if message.change is Change.MONTHLY else "unsubscribe"]
    links = () if confirm else ((words["manage"], recipient.manage_url), (end, recipient.unsubscribe_url))
    sent_by = words["sent_by"].format(site=name)
    formal = bool(message.entries) and message.entries[0].notice.kind == desk.ACCOUNT
    if message.entries and message.entries[0].notice.topic in desk.HIDDEN:
        words = {**words, "read": words["go_on" if formal else "look"]}
    return Letter(
        tongue=tongue,
        subject=subject,
        heading=heading,
        paragraphs=paragraphs,
        button=_button(message.change, words, recipient),
        after=tuple(words[one] for one in _AFTER.get(message.change, ())),
        sections=_sections(message, language, site),
        footer=(words["automatic"],) if confirm or formal else (sent_by, words["automatic"]),
        links=tuple((label, url) for label, url in links if url and not confirm),
        site=name,
        home=f"{site.base_url}/{site.slug}/" if site.slug else f"{site.base_url}/",
        colour=site.colour if _COLOUR.fullmatch(site.colour) else _NO_COLOUR,
        words=words,
    )


def _button(change: Change, words: Mapping[str, str], recipient: Recipient) -> tuple[str, str] | None:
    """Return the one thing to do, if there is one."""
    found = {
        Change.CONFIRM: (words["confirm_button"], recipient.confirm_url),
        Change.RESCUE: (words["rescue_button"], recipient.manage_url),
        Change.EXPIRY: (words["expiry_button"], recipient.manage_url),
        Change.LAPSE: (words["lapse_button"], recipient.confirm_url),
        Change.LINK: (words["link_button"], recipient.manage_url),
        Change.ADDRESS: (words["address_button"], recipient.manage_url),
    }
    return found.get(change)


def _opening(message: Message, language: str, site: Site) -> tuple[str, str, tuple[str, ...]]:
    """Return subject, heading and first paragraphs."""
    tongue = wording.frame(language)
    words, name = TEXTS[tongue], wording.one_line(site.name)
    own = message.change if message.change in WITHOUT_NOTICE or message.entries else Change.TEST
    if own in WITHOUT_NOTICE:
        subject = words[f"{own.value}_subject"].format(site=name)
        return subject, subject, _own_words(own, message, site, tongue)
    if message.change is Change.DIGEST or len(message.entries) > 1:
        count = sum(one.change is not Change.REMINDER for one in message.entries) or len(message.entries)
        kind = "bundle" if message.change is Change.BUNDLE and count > 1 else "digest"
        subject = counted(kind, count, tongue, site=name)
        today = wording.full(wording.local_day(message.now, site.zone), site.zone, tongue)
        return subject, words["digest_heading"].format(day=today), ()
    told = wording.headline(message.entries[0], language, now=message.now, zone=site.zone, limit=SUBJECT)
    return told, told, ()


def _own_words(kind: Change, message: Message, site: Site, tongue: str) -> tuple[str, ...]:
    """Return what a message says that is about no notice."""
    words, name = TEXTS[tongue], wording.one_line(site.name)
    if kind is Change.MONTHLY:
        return monthly.opening(message.month or Month(), name, tongue)
    day = wording.full(wording.local_day(message.valid_until, site.zone), site.zone, tongue)
    told = words[kind.value].format(site=name, day=day)
    return (words["hello"], told, words["rescue_how"]) if kind is Change.RESCUE else (words["hello"], told)


def _sections(message: Message, language: str, site: Site) -> tuple[Section, ...]:
    """Return all entries, those of one topic together, topics in the order of their first entry.

    A digest begins with what closes within the week, the first to close first.
    """
    tongue = wording.frame(language)
    if message.change is Change.MONTHLY:
        return monthly.sections(message.month or Month(), site, tongue)
    single = message.change is not Change.DIGEST and len(message.entries) == 1
    soon = sorted((one for one in message.entries if _closes_soon(one, message)), key=_closes)
    grouped: dict[str, list[Piece]] = {}
    for entry in (*soon, *(one for one in message.entries if one not in soon)):
        topic = wording.topic_name(entry.reason.topic if entry.reason else entry.notice.topic, tongue)
        title = TEXTS[tongue]["closing"] if entry in soon else topic
        grouped.setdefault("" if single else title, []).append(_piece(message, entry, language, site))
    return tuple(Section(title, tuple(pieces)) for title, pieces in grouped.items())


def _closes_soon(entry: Entry, message: Message) -> bool:
    if message.change is not Change.DIGEST or entry.notice.kind != "tenders" or entry.change is Change.WITHDRAWN:
        return False
    return message.now < _closes(entry) <= message.now + _SOON


def _closes(entry: Entry) -> datetime:
    """Return when a tender closes; far away if nobody says."""
    told = entry.occurrence.start if entry.occurrence is not None else entry.notice.deadline
    return told if isinstance(told, datetime) else datetime.max.replace(tzinfo=UTC)


def _piece(message: Message, entry: Entry, language: str, site: Site) -> Piece:
    tongue, notice = wording.frame(language), entry.notice
    text = notice.text(language) if notice.texts else None
    lang = (text.lang if text else "") or tongue
    heading = wording.headline(entry, language, now=message.now, zone=site.zone, limit=SUBJECT)
    changed = changes.besides(entry)
    return Piece(
        heading=heading,
        lang=lang,
        dir=direction(lang),
        severity="" if entry.change is Change.WITHDRAWN else wording.severity(notice.severity, tongue),
        facts=_facts(entry, site, tongue),
        changes=tuple(changes.lines(changed[:CHANGES], notice.kind, site.zone, tongue)),
        more=changes.more(len(changed) - CHANGES, tongue),
        remark=wording.over(entry, tongue),
        foreign=wording.foreign(lang, tongue) if text and (text.body or text.instruction) else "",
        paragraphs=_paragraphs(text.body if text else ""),
        # What to do while it lasted would be wrong advice after its end.
        instruction=_paragraphs(text.instruction if text and entry.change is not Change.WITHDRAWN else ""),
        origin=_origin(entry, site, tongue),
        url=entry.url,
    )


def _facts(entry: Entry, site: Site, tongue: str) -> tuple[tuple[str, str], ...]:
    """Return when, where, what it was before, and until when it is of use."""
    words, occurrence = TEXTS[tongue], entry.occurrence
    ended = entry.change is Change.WITHDRAWN
    found = [] if ended and not entry.notice.occurrences else [(words["when"], _when(entry, site, tongue))]
    if entry.before is not None:
        found.append((words["before"], wording.full(entry.before.start, site.zone, tongue)))
    if occurrence is not None:
        found.append((words["where"], wording.one_line(occurrence.location)))
    places = dict.fromkeys(wording.one_line(place.name) for place in entry.notice.places if place.name)
    if occurrence is None or not occurrence.location:
        found.append((words["where"], ", ".join(places)))
    if entry.notice.expires is not None and not ended:
        found.append((words["until"], wording.full(entry.notice.expires, site.zone, tongue)))
    return tuple((label, value) for label, value in found if value)


def _when(entry: Entry, site: Site, tongue: str) -> str:
    occurrence = entry.occurrence
    if occurrence is not None and occurrence.end is None:
        return wording.full(occurrence.start, site.zone, tongue)
    return wording.when(entry, site.zone, tongue)


def _origin(entry: Entry, site: Site, tongue: str) -> tuple[tuple[str, str], ...]:
    """Return where it comes from and why this reader gets it (U22)."""
    words, notice = TEXTS[tongue], entry.notice
    if notice.kind == desk.ACCOUNT:
        return ()
    source = " – ".join(dict.fromkeys(
        wording.one_line(part) for part in (notice.publisher or entry.town or site.name, notice.attribution) if part
    ))  # fmt: skip
    found = [(words["source"], source)]
    if entry.reason is not None:
        found.append((words["reason"], _because(entry, entry.reason, tongue)))
    return tuple((label, value) for label, value in found if value)


def _because(entry: Entry, reason: Reason, tongue: str) -> str:
    words = TEXTS[tongue]
    parts = [wording.topic_name(reason.topic, tongue), because(entry)]
    parts.append(words["words"].format(words=", ".join(reason.words)) if reason.words else "")
    parts.append(words["cpv"].format(cpv=", ".join(reason.cpv)) if reason.cpv else "")
    if reason.km is not None:
        parts.append(words["km"].format(km=number(reason.km, "0.0", tongue)))
    return " · ".join(wording.one_line(part) for part in parts if part)


def _paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of plain text; single line breaks stay inside."""
    return tuple(part for part in wording.many_lines(text).split("\n\n") if part.strip())
