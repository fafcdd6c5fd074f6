"""Kinds of sources as a form shows them: what each is for, and a field for each of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import feeds
from feeds import FeedKind
from hub.core.errors import SourceConfigError
from hub.language import Language


def _(message: str) -> str:
    return message


# Title, and what is to be typed as its address.
KINDS: Mapping[str, tuple[str, str]] = {
    "waste": (_("Waste dates"), _("Address of a calendar, or a provider’s name such as awido:kreis-dueren.")),
    "roads": (_("Roadworks and closures"), _("Address of a DATEX II, WZDx, CIFS, GeoJSON or WFS service.")),
    "council": (_("Council meetings"), _("Address of the council’s OParl interface, calendar or feed.")),
    "cap": (_("Official warnings"), _("Address of a CAP feed, or nina: for the warnings of the federal office.")),
    "rss": (_("News"), _("Address of an RSS or Atom feed.")),
    "tenders": (_("Tenders"), _("Address of the tender platform’s data, or ted: for the European register.")),
    "ical": (_("Events of a calendar"), _("Address of an iCalendar file (.ics).")),
    "ortsruf": (_("Notices of another town"), _("Address of its Ortsruf; you compare the key with them.")),
    "table": (_("Events, jobs or lost property of a table"), _("Address of a CSV, Excel or LibreOffice table.")),
}
_OTHER = _("A kind of source that was added here.")
MINUTES = (5, 15, 30, 60, 180, 360, 720, 1440)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a kind in the form: its name there, label, preset and choices (value, text)."""

    name: str
    label: str
    required: bool
    default: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its name, what it is called, what its address looks like."""

    name: str
    title: str
    address: str


def kinds(language: Language) -> list[Kind]:
    """Return every kind that can be loaded, ours first; plug-ins by their own names."""
    names = [*KINDS, *(one for one in feeds.kinds() if one not in KINDS)]
    return [_kind(name, language) for name in names if known(name) is not None]


def known(name: str) -> FeedKind | None:
    """Return the kind of that name, if there is one that can be loaded."""
    try:
        return feeds.load(name)
    except SourceConfigError:
        return None


def _kind(name: str, language: Language) -> Kind:
    title, address = KINDS.get(name, (name, _OTHER))
    return Kind(name, language.text(title), language.text(address))


def described(name: str, language: Language) -> Kind:
    """Return one kind in words."""
    return _kind(name, language)


def fields(kind: FeedKind, language: Language) -> list[Field]:
    """Return the fields of a kind's own settings, required ones first."""
    found = [
        Field(
            one.name, language.text(one.label), one.required, one.default,
            [(value, value or "–") for value in one.choices],
        )
        for one in kind.CONFIG
    ]  # fmt: skip
    return sorted(found, key=lambda one: not one.required)


def intervals(usual: int, language: Language) -> list[tuple[str, str]]:
    """Return how often a source may be read: seconds and words, its kind's usual among them."""
    offered = sorted({usual, *(60 * one for one in MINUTES)})
    return [(str(one), language.length(timedelta(seconds=one))) for one in offered]
