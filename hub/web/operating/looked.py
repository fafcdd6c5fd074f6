"""A look at a source before it goes live, within a page's time: what its provider asks, or what it would bring.

A look is signed, so that what goes live is what was looked at, for this municipality and by this person.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

import feeds
from hub.core.causes import Cause, cause
from hub.core.codec import from_json
from hub.core.errors import OrtsrufError, SourceConfigError
from hub.core.notice import PlaceRef
from hub.core.ports import Http
from hub.core.source import Offer, Source
from hub.discovery import complete, pick
from hub.gatherer import RealGatherer
from hub.hurried import Hurried
from hub.language import Language
from hub.preview import is_address, look
from hub.web.view import dates, paragraphs

SECONDS = 25.0  # for all requests of one look
GOOD_FOR = timedelta(hours=1)
_AT_ONCE = threading.BoundedSemaphore(2)  # looks of one process: its other threads serve pages
_MOST_ITEMS = 25


def _(message: str) -> str:
    return message


_WHOLE = _("Please give the whole address, beginning with https://.")


class Busy(OrtsrufError):
    """Others are just looking at sources. Please try again in a minute."""

    label = "preview-busy"


class _Asked(Exception):
    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__("the provider asks")
        self.offers = offers


@dataclass(frozen=True, slots=True)
class Question:
    """What the provider wants to know next: (value, title) of each choice."""

    choices: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a source would bring. ``why`` it was refused, if it was; ``more``: items that are not shown."""

    source: Source
    items: list[dict[str, Any]]
    count: int
    more: int
    notes: list[str]
    faults: list[dict[str, str]]
    unplaced: list[dict[str, Any]]
    why: Cause | None
    words: str


@dataclass
class _Chooser:
    wanted: list[str]

    def __call__(self, offers: Sequence[Offer]) -> Offer:
        if not self.wanted:
            raise _Asked(offers)
        return pick(offers, self.wanted.pop(0))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed: kind, address, settings, and the answers to the provider's questions so far."""

    kind: str
    url: str
    settings: Mapping[str, str]
    answers: Sequence[str]


def look_at(
    wanted: Wanted, municipality: str, *, http: Http, language: Language, zone: str, now: datetime
) -> Question | Seen:
    """Ask the provider, read the source once, and store nothing.

    Raises ``SourceError`` where no look is possible: the settings cannot work, the provider does not answer; and
    :class:`Busy`.
    """
    kind = feeds.load(wanted.kind)
    if not is_address(wanted.url, kind):
        raise SourceConfigError(_WHOLE, subject=wanted.url)
    if not _AT_ONCE.acquire(blocking=False):
        raise Busy
    try:
        hurried = Hurried(http, SECONDS)
        source = complete(
            kind, wanted.url, wanted.settings, http=hurried, choose=_Chooser(list(wanted.answers)),
            source_id="preview", municipality=municipality,
        )  # fmt: skip
        found = look(kind, source, http=hurried, now=now, places=RealGatherer(hurried).places, files=False)
    except _Asked as asked:
        return Question(_choices(asked.offers))
    finally:
        _AT_ONCE.release()
    return _seen(source, found, language, zone, now)


def _choices(offers: Sequence[Offer]) -> list[tuple[str, str]]:
    """Return offers to choose from; one whose title another has, too, is named by its number."""
    titles = [one.title for one in offers]
    return [
        (one.title if titles.count(one.title) == 1 else str(number), one.title) for number, one in enumerate(offers, 1)
    ]


def _seen(source: Source, found: Mapping[str, Any], language: Language, zone: str, now: datetime) -> Seen:
    items = [_item(one, language, zone, now) for one in found["items"][:_MOST_ITEMS]]
    return Seen(
        source, items, len(found["items"]), len(found["items"]) - len(items), list(found["notes"]),
        list(found["faults"]), list(found["unplaced"]),
        cause(found["label"], found["refused"]) if found["refused"] else None, found["refused"] or "",
    )  # fmt: skip


def _item(one: Mapping[str, Any], language: Language, zone: str, now: datetime) -> dict[str, Any]:
    notice = from_json(one)
    text = notice.text(language.code)
    when = dates(notice.occurrences, language, zone, now)
    return {
        "title": text.title, "lang": text.lang, "text": (paragraphs(text.body) or [""])[0][:300],
        "dates": [date["when"] for date in when[:3]], "more": max(0, len(when) - 3),
        "until": language.moment(notice.expires, zone) if notice.expires and not when else "",
        "places": ", ".join(dict.fromkeys(ref.name or ref.value for ref in notice.places)),
    }  # fmt: skip


def sealed(source: Source, key: str, actor: str, now: datetime) -> str:
    """Return a signed copy of what ``actor`` looked at ``now``."""
    data = asdict(source) | {"config": dict(source.config)}
    return str(_signer(key).dumps({"source": data, "actor": actor, "at": now.isoformat()}))


def opened(token: str, key: str, actor: str, municipality: str, now: datetime) -> Source | None:
    """Return what ``actor`` looked at within the last hour for ``municipality``; ``None`` if that is not it."""
    try:
        data = _signer(key).loads(token)
        fresh = timedelta() <= now - datetime.fromisoformat(data["at"]) <= GOOD_FOR
        places = tuple(PlaceRef(**one) for one in data["source"]["places"])
        source = Source(**{**data["source"], "places": places})
    except (BadSignature, KeyError, TypeError, ValueError):
        return None
    return source if fresh and data["actor"] == actor and source.municipality == municipality else None


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="ortsruf-look", signer_kwargs={"key_derivation": "hmac"})
