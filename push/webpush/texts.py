"""What a notification says: titles, lines, and the sentences of messages without a notice. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.message import Change, Entry, Message, Site
from hub.core.notice import Severity
from hub.core.tongues import direction
from push import _changes as changes
from push import _wording as wording
from push._reasons import because
from push._words import counted, tables

TITLE = 50  # characters that phones show of a title
CHANGES = 4  # lines of what changed; the page has them all

_OURS = frozenset({Change.TEST, Change.CONFIRM, Change.EXPIRY, Change.LAPSE})  # about no notice, in our own words
_SENTENCES = tables("webpush")


def title(message: Message, language: str, site: Site) -> str:
    """Return the title, at most :data:`TITLE` characters, what changed and the place first."""
    tongue = wording.frame(language)
    words = _SENTENCES[tongue]
    if message.change in _OURS:
        return words[f"{message.change.value}_title"]
    if not message.entries:
        return wording.shorten(words["empty"].format(site=wording.one_line(site.name)), TITLE)
    if message.change is not Change.DIGEST and len(message.entries) == 1:
        return wording.headline(message.entries[0], language, now=message.now, zone=site.zone, limit=TITLE)
    said = counted("messages", len(message.entries), tongue)
    where = wording.shorten(wording.one_line(site.name), TITLE - len(said) - 2)
    return f"{where}: {said}"


def lines(message: Message, language: str, site: Site) -> tuple[list[str], str]:
    """Return the lines of the body, which may be cut from their end, and the last line, which may not."""
    tongue = wording.frame(language)
    rows, last = _lines(message, language, site)
    return [wording.apart(one, tongue) for one in rows], wording.apart(last, tongue)


def _lines(message: Message, language: str, site: Site) -> tuple[list[str], str]:
    tongue = wording.frame(language)
    if message.change in _OURS:
        until = wording.local_day(message.valid_until, site.zone)
        said = _SENTENCES[tongue][f"{message.change.value}_body"]
        return [said.format(site=wording.one_line(site.name), day=wording.full(until, site.zone, tongue))], ""
    if message.change is not Change.DIGEST and len(message.entries) == 1:
        entry = message.entries[0]
        return _of_notice(message, entry, language, site), origin(entry, language, site)
    return [_listed(message, entry, language, site) for entry in message.entries], ""


def more(count: int, language: str) -> str:
    """Return the line that stands for ``count`` entries which found no room."""
    return counted("more", count, wording.frame(language))


def buttons(language: str) -> tuple[str, str]:
    """Return what stands on the buttons: to open, to see it on the map."""
    words = _SENTENCES[wording.frame(language)]
    return words["open"], words["map"]


def origin(entry: Entry, language: str, site: Site) -> str:
    """Return topic, place and source: why this reader gets it (U22)."""
    tongue, reason = wording.frame(language), entry.reason
    parts = [wording.topic_name(reason.topic if reason else entry.notice.topic, tongue)]
    if reason:
        parts += [because(entry), *reason.words[:2], *reason.cpv[:1]]
    parts.append(entry.notice.publisher or entry.town or site.name)
    shown = dict.fromkeys(wording.shorten(wording.one_line(part), 60) for part in parts)
    return " · ".join(part for part in shown if part)


def _of_notice(message: Message, entry: Entry, language: str, site: Site) -> list[str]:
    """Return what to say of one notice: how bad and when, then what to do and the text."""
    tongue = wording.frame(language)
    text = entry.notice.text(language) if entry.notice.texts else None
    found: list[str] = []
    matter = wording.subject_matter(entry, language)
    if matter not in title(message, language, site):
        found.append(matter)
    facts = [wording.severity(entry.notice.severity, tongue), _time(entry, site, tongue)]
    if entry.change is Change.WITHDRAWN:
        facts = [wording.over(entry, tongue)]
    changed = changes.shown(changes.besides(entry), entry.notice.kind, site.zone, tongue, most=CHANGES)
    if entry.notice.severity is Severity.UNKNOWN:
        found += changed
    found.append(" · ".join(fact for fact in facts if fact))
    if entry.occurrence is not None:
        found.append(wording.one_line(entry.occurrence.location))
    found += changed  # of a warning, how bad and until when comes first; said once either way
    if text is not None:
        # What to do while it lasted would be wrong advice now.
        advice = "" if entry.change is Change.WITHDRAWN else text.instruction
        told = [wording.many_lines(text.body), wording.many_lines(advice)]
        found.append(wording.foreign(text.lang, tongue) if any(told) else "")
        found += reversed(told) if entry.notice.severity >= Severity.SEVERE else told
    return list(dict.fromkeys(line for line in found if line))


def _time(entry: Entry, site: Site, tongue: str) -> str:
    return wording.moved(entry, site.zone, tongue) or wording.when(entry, site.zone, tongue)


def _listed(message: Message, entry: Entry, language: str, site: Site) -> str:
    """Return one line of a digest; of a changed notice also the change that matters most."""
    line = wording.headline(entry, language, now=message.now, zone=site.zone, limit=90)
    changed = changes.besides(entry)[:1]
    said = changes.shown(changed, entry.notice.kind, site.zone, wording.frame(language), most=1)
    return wording.shorten(" · ".join([line, *said]), 160)


def text_direction(entries: Sequence[Entry], language: str) -> str:
    """Return the direction of the whole: a frame from right to left keeps it, whatever the notice is written in."""
    of_frame = direction(wording.frame(language))
    return of_frame if of_frame == "rtl" else direction(entry_language(entries, language))


def entry_language(entries: Sequence[Entry], language: str) -> str:
    """Return the language in which the notice itself is written, for ``lang``."""
    if len(entries) == 1 and entries[0].notice.texts:
        return entries[0].notice.text(language).lang or language
    return wording.frame(language)
