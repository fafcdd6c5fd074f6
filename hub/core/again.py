"""From what was told once to a new draft: words, places and files stay, times and tests do not. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from hub.core.draft import KIND, Area, Certainty, Draft, Mode, Urgency
from hub.core.missing import usual_end
from hub.core.notice import Notice, NoticeText, Severity
from hub.core.place import LOCAL


def again(draft: Draft, now: datetime, towns: Collection[str]) -> Draft:
    """Return ``draft`` to be written again: for ``towns`` only, and until its usual end."""
    return replace(
        draft, valid_from=None, expires=usual_end(draft.severity, now), occurrences=(), mode=Mode.ACTUAL, send_at=None,
        areas=tuple(one for one in draft.areas if one.town in towns),
    )  # fmt: skip


def of_notice(notice: Notice, town: str, now: datetime) -> Draft:
    """Return a draft with the words of any notice, gathered ones too; what it linked to becomes the address."""
    local = tuple(one for one in notice.places if one.scheme in LOCAL)
    facts = {one.name: one.value for one in notice.facts}
    ours = notice.kind == KIND
    return Draft(
        topic=notice.topic,
        texts=tuple(NoticeText(one.lang, one.title, one.body, instruction=one.instruction) for one in notice.texts),
        severity=notice.severity if ours else Severity.UNKNOWN,  # how bad it is today, a person says
        urgency=_urgency(facts.get("urgency", "")) if ours else Urgency.UNKNOWN,
        certainty=_certainty(facts.get("certainty", "")) if ours else Certainty.UNKNOWN,
        areas=(Area(town, local),) if local or not notice.places else (),
        geometry=notice.geometry,
        expires=usual_end(notice.severity if ours else Severity.UNKNOWN, now),
        contact=facts.get("contact", "") if ours else "",
        url=notice.url,
    )


def _urgency(said: str) -> Urgency:
    return next((one for one in Urgency if one.value == said), Urgency.UNKNOWN)


def _certainty(said: str) -> Certainty:
    return next((one for one in Certainty if one.value == said), Certainty.UNKNOWN)
