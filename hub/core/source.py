"""A Source and what passes between fetching, parsing and normalising it.

The three doors of a feed folder (``feeds/<kind>/``) exchange these types:
``fetch(source, state, http) -> Fetched | NotModified``, ``parse(fetched) -> list[Item]``,
``normalise(item, source) -> Notice``. Only ``fetch`` may use the network; only ``fetch`` knows the time
(``Fetched.at``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.core.notice import PlaceRef


@dataclass(frozen=True, slots=True)
class ConfigField:
    """One setting of a source kind, as the clerk sees it in a form and ``--set`` takes it.

    ``name`` is the key in ``Source.config`` (a dotted name reaches into a table: ``mapping.title``),
    ``default`` is text, and ``choices`` empty means free text.
    """

    name: str
    label: str
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that is polled.

    ``config`` holds the kind's own settings (flat, text values; see the kind's ``CONFIG``). ``places`` are the
    places of items that name none. ``zone`` is the IANA zone in which local times of the source are meant.
    """

    id: str
    kind: str
    url: str
    municipality: str = ""
    name: str = ""
    topic: str = ""
    language: str = "de"
    zone: str = "Europe/Berlin"
    interval: int = 3600  # seconds between two polls
    places: tuple[PlaceRef, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One answer of a server: its final ``url``, media type (with parameters, may be empty) and raw bytes."""

    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FetchState:
    """What the last successful fetch left behind, for conditional requests (RFC 9110, 13.1).

    ``validators`` maps a URL to its headers' values ``etag`` and ``last_modified``; ``body_hash`` is the sha256
    over all documents; ``cursor`` is the kind's own mark (``modified_since``, last day read); ``at`` when; ``hub`` the
    WebSub hub and topic that the source offers, both empty if none.
    """

    validators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    body_hash: str = ""
    cursor: str = ""
    at: datetime | None = None
    hub: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source has nothing new. ``state`` is what to remember; ``fresh_for`` seconds it asked us to wait."""

    state: FetchState
    fresh_for: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was read, at ``at``, with everything that parsing needs.

    ``partial`` is true when the answer holds only what changed since ``state.cursor`` (OParl
    ``modified_since``): then nothing may be concluded from what is missing. ``snapshot`` is true when the answer is
    the whole list of what holds now (road closures): then an item that two agreeing polls miss has ended, if so few
    are missing that the source may mean it.
    """

    documents: tuple[Document, ...]
    at: datetime
    state: FetchState
    source: Source
    partial: bool = False
    fresh_for: int | None = None
    snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One raw item, as the source has it: plain JSON-like ``data`` (str, int, float, bool, None, list, dict).

    ``fault`` says in plain words why this one item could not be read; the others go on (``data`` is then empty).
    ``note`` makes it no item but a remark on the whole answer for the clerk who previews it: a named repair
    (``no-uid: 12 events had none``), what was left out on purpose (``3 items are no public meetings``).
    """

    key: str
    data: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a provider has, found by a kind's ``discover``: what completes a source.

    ``title`` is what the clerk chooses by (a town, a street, a council), ``url`` and ``settings`` are what
    ``Source.url`` and ``Source.config`` become, ``places`` what the provider says of where it is.
    """

    title: str
    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    places: tuple[PlaceRef, ...] = ()
