"""What an editor writes before it is a notice, and what of it an approval is bound to (A-05). Pure.

A :class:`Draft` is a value: each save makes a new one. :func:`content_hash` covers all that anybody would be told,
where and when; :func:`to_notice` is the one way from here to people.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from hub.core.codec import geometry_from_json, moment_from_json, occurrence_from_json, plain
from hub.core.notice import (
    Fact,
    Geometry,
    Link,
    Notice,
    NoticeText,
    Occurrence,
    PlaceRef,
    Severity,
    Status,
    notice_id,
)
from hub.core.place import local_path

FILES = "/anhang/"  # below the installation's address: where a notice's files lie
KIND = "editorial"  # the kind of notices that people here wrote
REHEARSAL = "rehearsal"  # the kind of a test, which the store refuses
DANGEROUS = Severity.SEVERE  # from here on a second person releases (F-09)
_GAP = re.compile(r"\[[^\[\]\n]{1,80}\]")
PREFIX = "PROBEWARNUNG"  # the system writes it before each title in test mode, whatever the editor wrote


class Mode(StrEnum):
    """Whether this is meant (CAP 1.2, 3.2.1 ``status``): ``actual`` reaches residents, ``test`` never does."""

    ACTUAL = "actual"
    TEST = "test"


class Urgency(StrEnum):
    """When to act (CAP 1.2, 3.2.2 ``urgency``)."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """How sure it is (CAP 1.2, 3.2.2 ``certainty``)."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Area:
    """Where in one municipality (its slug): ``places`` are local ones in it, none means all of it."""

    town: str
    places: tuple[PlaceRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along: ``name`` is the stored file's own, after its bytes; ``title`` says what it shows."""

    name: str
    title: str
    media_type: str
    size: int  # bytes


def gap(text: NoticeText) -> str:
    """Return the first gap in [brackets] that a template left and nobody filled in; empty if there is none."""
    found = (_GAP.search(words) for words in (text.title, text.body, text.instruction))
    return next((one[0] for one in found if one is not None), "")


@dataclass(frozen=True, slots=True)
class Draft:
    """All that an editor decides on. ``texts``: the municipality's own language first; further ones may be missing.

    ``areas`` names each municipality that is told, the one that publishes first; a ``geometry`` drawn on the map
    narrows nothing by itself and shows where it is. ``send_at`` is when it goes out, ``None``: once it is released.
    """

    topic: str = ""
    texts: tuple[NoticeText, ...] = ()
    severity: Severity = Severity.UNKNOWN
    urgency: Urgency = Urgency.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    category: str = ""
    areas: tuple[Area, ...] = ()
    geometry: Geometry | None = None
    valid_from: datetime | None = None
    expires: datetime | None = None
    occurrences: tuple[Occurrence, ...] = ()
    contact: str = ""
    url: str = ""
    attachments: tuple[Attachment, ...] = ()
    mode: Mode = Mode.ACTUAL
    send_at: datetime | None = None

    @property
    def title(self) -> str:
        """The title in the first language."""
        return self.texts[0].title if self.texts else ""

    @property
    def towns(self) -> tuple[str, ...]:
        """The municipalities that are told, each once."""
        return tuple(dict.fromkeys(one.town for one in self.areas))

    @property
    def complete(self) -> bool:
        """Whether it says something to somebody, without a gap: a topic, a title, and at least one municipality."""
        return bool(self.topic and self.title.strip() and self.areas and not any(map(gap, self.texts)))

    @property
    def dangerous(self) -> bool:
        """Whether a second person has to release it: residents would be warned of a severe or extreme danger."""
        return self.severity >= DANGEROUS and self.mode is Mode.ACTUAL


def to_json(draft: Draft) -> dict[str, Any]:
    """Write a draft as a JSON object."""
    return cast("dict[str, Any]", plain(draft))


def from_json(data: Mapping[str, Any]) -> Draft:
    """Read what :func:`to_json` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    return Draft(
        topic=data["topic"],
        texts=tuple(NoticeText(**one) for one in data["texts"]),
        severity=Severity[data["severity"].upper()],
        urgency=Urgency(data["urgency"]),
        certainty=Certainty(data["certainty"]),
        category=data["category"],
        areas=tuple(Area(one["town"], tuple(PlaceRef(**ref) for ref in one["places"])) for one in data["areas"]),
        geometry=geometry_from_json(data["geometry"]),
        valid_from=_time(data["valid_from"]),
        expires=_time(data["expires"]),
        occurrences=tuple(occurrence_from_json(one) for one in data["occurrences"]),
        contact=data["contact"],
        url=data["url"],
        attachments=tuple(Attachment(**one) for one in data["attachments"]),
        mode=Mode(data["mode"]),
        send_at=_time(data["send_at"]),
    )


def _time(text: str | None) -> datetime | None:
    found = moment_from_json(text)
    return found if isinstance(found, datetime) else None


def content_hash(draft: Draft) -> str:
    """Return the sha256 (hex) of everything in a draft: an approval holds for exactly this."""
    return hashlib.sha256(json.dumps(to_json(draft), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the house adds to a draft: its stable ``key``, who publishes, and how a file's name becomes an address."""

    key: str
    publisher: str
    sent: datetime
    files: str = ""  # the address in front of an attachment's name


def to_notice(draft: Draft, town: str, imprint: Imprint, *, withdrawn: bool = False) -> Notice:
    """Return the notice of a draft for one of its municipalities.

    Raises ``ValueError`` for a test: what is none must not become a notice by any way (A-08). The words are the same in
    every municipality, so that neighbours who are subscribed in two are told once (``hub.core.twins``).
    """
    if draft.mode is not Mode.ACTUAL:
        raise ValueError("a test never becomes a notice")
    places = next((one.places for one in draft.areas if one.town == town), None)
    if places is None:
        raise ValueError(f"{town} is not told of this")
    return Notice(
        id=notice_id(f"{KIND}:{town}", imprint.key),
        key=imprint.key,
        kind=KIND,
        topic=draft.topic,
        texts=draft.texts,
        severity=draft.severity,
        status=Status.CANCELLED if withdrawn else Status.ACTIVE,
        category=draft.category,
        sent=imprint.sent,
        valid_from=draft.valid_from,
        expires=draft.expires,
        places=places,
        geometry=draft.geometry,
        occurrences=draft.occurrences,
        url=draft.url,
        publisher=imprint.publisher,
        links=tuple(Link("enclosure", imprint.files + one.name, one.title) for one in draft.attachments),
        facts=_facts(draft),
    )


def rehearsal(draft: Draft, town: str, imprint: Imprint) -> Notice:
    """Return a draft as its writer may have it sent to themselves, whatever its mode.

    It says in every language that it is a test, and is of a kind that the store refuses.
    """
    marked = tuple(replace(one, title=f"{PREFIX}: {one.title}") for one in draft.texts)
    notice = to_notice(replace(draft, mode=Mode.ACTUAL, texts=marked), town, imprint)
    return replace(notice, id=notice_id(REHEARSAL, imprint.key), kind=REHEARSAL)


def paths(area: Area, town_path: str) -> tuple[str, ...]:
    """Return the place paths of an area in the municipality at ``town_path``; all of it where no place is named."""
    named = (local_path(town_path, ref.scheme, ref.value) for ref in area.places)
    return tuple(dict.fromkeys(named)) or (town_path,)


def _facts(draft: Draft) -> tuple[Fact, ...]:
    """Return what has no field of its own in a notice, by CAP's names."""
    found: Sequence[tuple[str, str]] = (
        ("urgency", draft.urgency if draft.urgency is not Urgency.UNKNOWN else ""),
        ("certainty", draft.certainty if draft.certainty is not Certainty.UNKNOWN else ""),
        ("contact", draft.contact),
    )
    return tuple(Fact(name, str(value)) for name, value in found if value)
