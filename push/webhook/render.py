"""A message as JSON for programs: every field by its name in the source's own standard, times in UTC. Pure."""

from __future__ import annotations

import json
from typing import Any

from hub.core.difference import iso
from hub.core.message import Entry, Message, Payload, Recipient, Site
from hub.core.notice import Occurrence

_LONGEST = 4_000  # characters of a notice's text; its page has the rest
ID = "webhook-id"


def render(message: Message, recipient: Recipient, site: Site) -> Payload:
    """Write the body; ``webhook-id`` is the same when a message is sent again."""
    language = recipient.language or site.language
    body = {
        "type": f"notices.{message.change.value}",
        "timestamp": iso(message.now),
        "data": {
            "municipality": site.slug,
            "name": site.name,
            "notices": [_notice(one, language) for one in message.entries],
        },
    }
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Payload(data, {ID: f"{message.serial}.{recipient.endpoint}"})


def _notice(entry: Entry, language: str) -> dict[str, Any]:
    notice, text = entry.notice, entry.notice.text(language)
    body = text.body if len(text.body) <= _LONGEST else text.body[: _LONGEST - 2].rsplit(" ", 1)[0] + " …"
    found: dict[str, Any] = {
        "id": notice.id, "revision": entry.revision, "change": entry.change.value, "url": entry.url,
        "source": notice.url, "title": text.title, "text": body, "language": text.lang, "topic": notice.topic,
        "publisher": notice.publisher, "status": notice.status.value, "sent": iso(notice.sent),
        "deadline": iso(notice.deadline), "expires": iso(notice.expires), "cpv": list(notice.cpv),
        "value": {"amount": notice.value.amount, "currency": notice.value.currency} if notice.value else None,
        "places": list(dict.fromkeys(place.name or place.value for place in notice.places)),
        "facts": [{"name": fact.name, "value": fact.value} for fact in notice.facts],
        "dates": [_date(one) for one in ([entry.occurrence] if entry.occurrence else notice.occurrences)],
        "changes": [{"field": one.name, "before": one.before, "after": one.after} for one in entry.changes],
        "documents": [{"title": one.title, "url": one.href} for one in notice.links],
    }  # fmt: skip
    if entry.reason is not None:
        found["reason"] = {"words": list(entry.reason.words), "cpv": list(entry.reason.cpv), "km": entry.reason.km}
    return found


def _date(one: Occurrence) -> dict[str, str]:
    return {"start": iso(one.start), "end": iso(one.end), "summary": one.summary, "status": one.status.value}
