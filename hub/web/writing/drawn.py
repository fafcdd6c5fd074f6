"""A draft drawn as each of its readers will see it: by the very templates that will tell them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import push
from hub.core.codec import to_json
from hub.core.draft import Draft, Imprint, Mode, rehearsal, to_notice
from hub.core.fanout import valid_until
from hub.core.message import Change, Entry, Message, Reason, Recipient, Site
from hub.core.notice import Notice
from push.ical.feed import FeedEntry
from push.ical.render import to_event

PREVIEW = "preview"  # in the place of a notice's id: none has it


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a draft is drawn for: the notice, the municipality, the language, and whether it was told before."""

    notice: Notice
    site: Site
    language: str
    now: datetime
    change: Change = Change.NEW

    @property
    def url(self) -> str:
        """Where its page will be."""
        return f"{self.site.base_url}/{self.site.slug}/n/{self.notice.id}"


@dataclass(frozen=True, slots=True)
class Pushed:
    """A notification as a device shows it: ``lang`` and ``dir`` as the browser is told."""

    title: str
    body: str
    lang: str
    direction: str
    actions: tuple[str, ...]
    size: int  # bytes of the message, of which 2,500 always arrive whole


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail as its reader opens it."""

    sender: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry of a calendar."""

    title: str
    start: Any
    end: Any
    location: str
    description: str


def notice_of(draft: Draft, town: str, imprint: Imprint) -> Notice:
    """Return the notice that a draft becomes in ``town``; a test bears the mark that the system writes."""
    return to_notice(draft, town, imprint) if draft.mode is Mode.ACTUAL else rehearsal(draft, town, imprint)


def as_push(drawing: Drawing) -> Pushed:
    """Return the notification."""
    payload = push.load("webpush").render(_message(drawing), _recipient(drawing), drawing.site)
    shown: Mapping[str, Any] = json.loads(payload.body)["notification"]
    actions = tuple(str(one["title"]) for one in shown.get("actions", ()))
    return Pushed(shown["title"], shown["body"], shown["lang"], shown["dir"], actions, len(payload.body))


def as_mail(drawing: Drawing) -> Mailed:
    """Return the mail, read back from the very bytes that would be sent."""
    payload = push.load("mail").render(_message(drawing), _recipient(drawing), drawing.site)
    mail = message_from_bytes(payload.body, EmailMessage, policy=default)
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    content = [str(part.get_content()) if part is not None else "" for part in (text, html)]
    return Mailed(str(mail["From"]), str(mail["Subject"]), *content)


def as_dates(drawing: Drawing) -> list[Dated]:
    """Return the entries of a calendar; none for what has no date."""
    found = []
    for one in drawing.notice.occurrences:
        entry = FeedEntry(one.key, drawing.notice, one, 0, drawing.now, url=drawing.url)
        event = to_event(entry, drawing.site, drawing.language, alarms_on=False)
        found.append(Dated(event.summary, event.start, event.end, event.location, event.description))
    return found


def as_row(drawing: Drawing) -> dict[str, Any]:
    """Return the row that its page is drawn from, as the store would give it."""
    return {
        "id": PREVIEW, "topic": drawing.notice.topic, "content": to_json(drawing.notice), "withdrawn": False,
        "revision": 1, "changed_at": drawing.now, "first_seen_at": drawing.now, "over_at": None,
    }  # fmt: skip


def _message(drawing: Drawing) -> Message:
    notice = drawing.notice
    reason = Reason(notice.topic, notice.places[0].name if notice.places else drawing.site.name)
    entry = Entry(notice, 1, drawing.change, url=drawing.url, reason=reason)
    return Message(
        change=drawing.change, entries=(entry,), thread=notice.id, serial=PREVIEW, now=drawing.now,
        valid_until=valid_until(notice, drawing.change, drawing.now), severity=notice.severity,
    )  # fmt: skip


def _recipient(drawing: Drawing) -> Recipient:
    own = f"{drawing.site.base_url}/{drawing.site.slug}/"
    return Recipient(PREVIEW, "anna@example.org", drawing.language, manage_url=own, unsubscribe_url=own)
