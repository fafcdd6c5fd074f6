"""Notices as templates show them: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from hub.core.codec import from_json
from hub.core.desk import KIND
from hub.core.notice import Link, Notice, NoticeText, Occurrence, Severity, Status
from hub.core.schedule import ends
from hub.core.tongues import primary
from hub.web.language import Language
from push import _wording as wording
from push._words import named

# What sanitised HTML of a notice may hold on our page: no images, which would call a third party.
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "dl", "dt", "em", "h3", "h4", "i", "li", "ol", "p", "strong",
    "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def _(message: str) -> str:
    return message


_RELS = {
    "invitation": _("Invitation"), "agenda": _("Agenda"), "protocol": _("Minutes"), "resultsProtocol": _("Minutes"),
    "verbatimProtocol": _("Minutes"), "enclosure": _("Attachment"), "auxiliaryFile": _("Attachment"),
    "paper": _("Paper"), "documents": _("Procurement documents"), "submission": _("Submit a tender"),
}  # fmt: skip
_SEVERITY = {
    Severity.MINOR: _("Minor"),
    Severity.MODERATE: _("Moderate"),
    Severity.SEVERE: _("Severe"),
    Severity.EXTREME: _("Extreme"),
}


@dataclass(frozen=True, slots=True)
class View:
    """One notice with everything a page says of it; dates are written, links are safe."""

    id: str
    topic: str
    text: NoticeText
    notice: Notice
    states: tuple[str, ...]  # of: cancelled, expired, changed
    state: str  # called off, open again, all clear, over, in words; empty while it holds
    severity: str
    html: str
    changed: str
    changed_iso: str
    foreign: str = ""  # a remark on the language of the text, where it is not the page's
    spoken: str = ""  # only its name, for lists; empty where it is the reader's but not plain


def view(row: Mapping[Any, Any], language: Language, zone: str, now: datetime, *, whole: bool = True) -> View:
    """Return the notice of a store row in ``language``; ``whole`` also cleans its HTML."""
    notice = from_json(row["content"])
    text = notice.text(language.code) if notice.texts else NoticeText(language.code, "")
    foreign = wording.foreign(text.lang, language.code)
    states = _states(row, notice, zone, now)
    return View(
        id=row["id"], topic=row["topic"], text=text, notice=notice, states=states,
        state=_in_words(states, notice.kind, language),
        severity=_SEVERITY.get(notice.severity, ""), html=clean(text.html) if whole else "",
        changed=language.short(row["changed_at"], zone), changed_iso=row["changed_at"].isoformat(),
        foreign=foreign, spoken="" if primary(text.lang) == primary(language.code) else named(text.lang, language.code),
    )  # fmt: skip


def _states(row: Mapping[Any, Any], notice: Notice, zone: str, now: datetime) -> tuple[str, ...]:
    found = []
    if row["withdrawn"] or notice.status is Status.CANCELLED:
        found.append("expired" if notice.kind == KIND else "cancelled")  # a source's silence is over, not called off
    past = notice.occurrences and all(ends(one, zone) <= now for one in notice.occurrences)
    if (notice.expires is not None and notice.expires <= now) or (notice.expires is None and past):
        found.append("expired")
    if row["revision"] > 1 and not found:
        found.append("changed")
    return tuple(found)


def _in_words(states: tuple[str, ...], kind: str, language: Language) -> str:
    """Return how it stands with a notice that no longer holds: called off, open again, all clear, over; else empty."""
    if "cancelled" in states:
        lifted = {"roads": _("Open again"), "cap": _("All clear")}
        return language.text(lifted.get(kind, _("Called off")))
    return language.text(_("Over")) if "expired" in states else ""


def clean(html: str) -> str:
    """Clean HTML once more before it is shown unescaped: what a feed let through must not matter here."""
    if not html:
        return ""
    import nh3

    return nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}, "td": {"colspan"}, "th": {"colspan"}},
        url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def safe(url: str) -> str:
    """Return ``url`` if a reader may follow it (http, https), else an empty string."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else ""


def links(notice: Notice, language: Language) -> list[tuple[str, str]]:
    """Return (address, title) of the documents that a reader may follow."""
    return [(href, _title(one, language)) for one in notice.links if (href := safe(one.href))]


def _title(link: Link, language: Language) -> str:
    if link.title:
        return link.title
    name = urlsplit(link.href).path.rpartition("/")[2]
    return language.text(_RELS[link.rel]) if link.rel in _RELS else name or link.href


def dates(found: Sequence[Occurrence], language: Language, zone: str, now: datetime) -> list[dict[str, object]]:
    """Return the dates that are not over (all, if every one is over), written out."""
    ahead = [one for one in found if ends(one, zone) > now] or list(found)
    return [
        {
            "when": _span(one, language, zone), "summary": one.summary, "location": one.location,
            "cancelled": one.status is Status.CANCELLED, "iso": one.start.isoformat(), "key": one.key,
        }
        for one in sorted(ahead, key=lambda one: ends(one, zone))
    ]  # fmt: skip


def _span(one: Occurrence, language: Language, zone: str) -> str:
    begin = language.moment(one.start, zone)
    if one.end is None:
        return begin
    if isinstance(one.start, datetime) and isinstance(one.end, datetime):
        same = language.day(one.start, zone) == language.day(one.end, zone)
        end = language.clock(one.end, zone) if same else language.moment(one.end, zone)
        return language.text("{begin} to {end}", begin=begin, end=end)
    last = type(one.end).fromordinal(one.end.toordinal() - 1)  # the end of whole days is exclusive
    return begin if last <= one.start else language.text("{begin} to {end}", begin=begin, end=language.day(last, zone))


def paragraphs(text: str) -> list[str]:
    """Split plain text at blank lines."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def shortened(text: str, most: int = 200) -> str:
    """Return the beginning of ``text`` on one line, cut at a word: what stands below a title elsewhere."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"
