"""The sources that a new municipality may begin with: looked at before they are chosen, nothing stored."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import feeds
from hub import reference
from hub.core.causes import cause
from hub.core.errors import OrtsrufError
from hub.core.source import Offer, Source
from hub.discovery import complete, pick
from hub.jobs.begun import Begun, packed
from hub.jobs.house import House
from hub.preview import look
from hub.starters import Starter, starters

MOST_TITLES = 5
_MOST_OFFERS = 400


class _AsksError(Exception):
    """The provider asks which of its offers is meant."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__("the provider asks")
        self.offers = [one.title for one in offers][:_MOST_OFFERS]


@dataclass(frozen=True, slots=True)
class Known:
    """A source that is known for the place, and what is known of it so far (see :func:`looked`)."""

    key: str
    starter: Starter
    told: dict[str, Any]


def known(one: Begun) -> list[Known]:
    """Return what is known for the place that was given."""
    place = reference.municipality(one.field("ars"))
    told = one.given.get("sources", {})
    found = starters(place) if place is not None else ()
    return [Known(f"q{number}", starter, told.get(_name(starter), {})) for number, starter in enumerate(found, 1)]


def _name(starter: Starter) -> str:
    return f"{starter.kind} {starter.url}"


def looked(house: House, begun: Begun, one: Known, chosen: Sequence[str]) -> dict[str, Any]:
    """Look at a source; returns what is known then: ``made`` and ``items``, or ``offers``, or ``fault``.

    ``chosen`` are the answers to what its provider asks, in turn.
    """
    rest, clean = list(chosen), {"chosen": list(chosen), "made": None, "offers": [], "fault": "", "todo": ""}

    def choose(offers: Sequence[Offer]) -> Offer:
        if rest:
            return pick(offers, rest.pop(0))
        raise _AsksError(offers)

    try:
        source, result = _look(house, begun, one.starter, choose)
    except _AsksError as asks:
        return {**clean, "offers": asks.offers}
    except OrtsrufError as error:
        return {**clean, "chosen": [], **_why(error.label, str(error))}
    if result["refused"]:
        return {**clean, **_why(result["label"], str(result["refused"]))}
    titles = [item["title"] for item in result["items"]]
    return {
        **clean, "made": packed(source), "items": len(titles), "titles": titles[:MOST_TITLES], "span": result["span"],
        "unplaced": len(result["unplaced"]),
    }  # fmt: skip


def _why(label: str, detail: str) -> dict[str, str]:
    found = cause(label, detail)
    return {"fault": found.what, "todo": found.todo, "detail": detail[:300]}


def _look(house: House, begun: Begun, starter: Starter, choose: Any) -> tuple[Source, dict[str, Any]]:
    kind, http = feeds.load(starter.kind), house.outlet("mail").http
    given = {"name": starter.title, "place": f"ars:{begun.field('ars')}", "zone": "Europe/Berlin", **starter.settings}
    source = complete(
        kind, starter.url, given, http=http, choose=choose, source_id=secrets.token_hex(8),
        municipality=begun.field("slug"),
    )  # fmt: skip
    source = replace(source, name=source.name or starter.title)
    return source, look(kind, source, http=http, now=house.now(), places=house.gatherer.places)


def chosen(house: House, begun: Begun, form: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form says of all sources; each that is taken, or is to be looked at, is looked at.

    ``stays``: something is still open, so the page is shown again.
    """
    told: dict[str, Any] = {}
    wanted, stays = form.get("do", "next"), False
    for one in known(begun):
        take = form.get(f"{one.key}.take") == "1"
        answer = form.get(f"{one.key}.offer", "")
        state = {**one.told, "take": take}
        asks = wanted == f"look:{one.key}" or (take and wanted == "next" and not state.get("made"))
        if asks:
            answers = [*state.get("chosen", ()), answer] if answer else list(state.get("chosen", ()))
            state |= looked(house, begun, one, answers)
            stays = stays or wanted != "next" or not state.get("made")
        told[_name(one.starter)] = state
    return {"sources": told, "stays": stays}
