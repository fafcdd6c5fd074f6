"""The first visit: one page with the place, the topics with their forecast, and the ways. Nothing is stored here.

Without a script its buttons send the form back and forth; ``POST`` so that an address never stands in a URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.place import overlap
from hub.jobs.find import Hit
from hub.store import finding
from hub.web.choices import Setting
from hub.web.desk import desk, house, language, town
from hub.web.figures import Teller
from hub.web.places import HERE, MOST_PLACES, SOUGHT, TOWN, fields, looks_around, prefix_of, prefixes, towns_in, without
from hub.web.public import neighbour, remembered, setting_of, zones_of
from hub.web.robots import TRAP, began
from hub.web.surroundings import KM

start = Blueprint("start", __name__)
FIRST = {
    "waste": "1", "waste.push": "1", "waste.remind": "1", "waste.at": "18:00",
    "warnings": "1", "warnings.push": "1", "warnings.severity": "minor",
}  # fmt: skip
MOST_OFFERED = 12  # places to choose from, when what was typed may mean several
MOST_IN_LIST = 30  # streets to choose from in a list; more are looked for by name


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the form: what its fields begin with, where it is, and what its bins need to know.

    ``parts`` are the house numbers that are told apart; ``unknown`` whether the given one is in none of them. ``town``
    is its municipality's id, empty if it is none of ours, ``zones`` its streets and waste zones by path, and
    ``located`` whether it is known where it lies.
    """

    prefix: str
    number: int
    town: str = ""
    town_name: str = ""
    zones: Mapping[str, str] = field(default_factory=dict)
    located: bool = False
    name: str = ""
    parts: tuple[str, ...] = ()
    unknown: bool = False
    fractions: tuple[str, ...] = ()
    offers: tuple[Hit, ...] = ()


@dataclass
class Draft:
    """A form that is being filled in: its values, and what was found for the places that were looked for."""

    row: RowMapping
    values: dict[str, str]
    offers: dict[str, tuple[Hit, ...]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


@start.get("/<slug>/start")
def first_visit(slug: str) -> Response:
    """Show the form, filled with what most people want; ``?place=street:ahornweg&house=3`` is their place."""
    row = town(slug)
    place, number = request.args.get("place", "")[:200], request.args.get("house", "")[:8]
    draft = Draft(row, dict(FIRST))
    if place:
        _live_at(draft, "", f"{row['path']}/{place}", number)
    else:
        with house().store.read() as session:
            if len(zones_of(session, row)) > MOST_IN_LIST:
                del draft.values["waste"]  # whoever came for the whole town need not name a street
    return start_form(draft)


@start.post("/<slug>/start")
def go_on(slug: str) -> Response:
    """Do what a button says: ``count`` again, ``add`` a place, ``remove``, ``find`` or ``take`` one; store nothing."""
    return start_form(edited(Draft(town(slug), request.form.to_dict())))


def edited(draft: Draft) -> Draft:
    """Do what the button ``do`` of a form says: the form as it stands then."""
    what, _colon, prefix = draft.values.pop("do", "count").partition(":")
    if what == "add":
        _add(draft)
    elif what == "remove":
        draft.values = without(draft.values, prefix)
    elif what in {"find", "take"} and prefix in prefixes(draft.values):
        _find(draft, prefix, take=what == "take")
    return draft


@start.post("/<slug>/forecast")
def forecast(slug: str) -> Response:
    """Return the figures for a form as JSON: ``topics``, ``levels``, ``total`` (sentences)."""
    row = town(slug)
    values = request.form.to_dict()
    with house().store.read() as session:
        setting = setting_of(session, row, also=towns_in(values), wide=looks_around(values))
    found = _teller(row).figures(values, setting)
    response = jsonify(topics=found.topics, levels=found.levels, total=found.total)
    response.headers["Cache-Control"] = "no-store"
    return response


def _add(draft: Draft) -> None:
    count = len(prefixes(draft.values))
    if count < MOST_PLACES:
        new = prefix_of(count + 1)
        draft.values |= {new + HERE: "1"} | {new + name: value for name, value in FIRST.items()}


def add_place(draft: Draft, town: str, place: str = "", number: str = "") -> None:
    """Put a further place into a form: municipality ``town``, or ``place`` (``street:ahornweg``) in it."""
    path = next((one.path for one in desk().finder.towns() if one.town == town), "")
    before = prefixes(draft.values)
    _add(draft)
    new = [one for one in prefixes(draft.values) if one not in before]
    if path and new:
        _live_at(draft, new[0], f"{path}/{place}" if place else path, number)


def _find(draft: Draft, prefix: str, *, take: bool) -> None:
    """Look for a place by the name that was typed, or take one of those that were offered."""
    picked = draft.values.pop(f"{prefix}pick", "") if take else ""
    hits = _hits(draft, prefix, draft.values.get(f"{prefix}{SOUGHT}", ""))
    if picked:
        path, _bar, number = picked.partition("|")
        _live_at(draft, prefix, path, number)
    elif len(hits) == 1:
        _live_at(draft, prefix, hits[0].path, hits[0].number)
    elif hits:
        draft.offers[prefix] = tuple(hits)
    elif prefix:
        draft.faults[f"{prefix}{SOUGHT}"] = _("We found no such place. Please look at the spelling.")
    else:
        draft.faults[SOUGHT] = _("We found no such street here. Please look at the spelling, or leave it empty.")


def _hits(draft: Draft, prefix: str, sought: str) -> list[Hit]:
    """Return what may be meant: of the first place streets there, of a further one whatever there is anywhere."""
    here = draft.values.get(f"{prefix}{TOWN}") or draft.row["id"]
    inside = [one for one in desk().finder.find(sought, within=here) if one.kind in {"street", "zone"}]
    if not prefix or not several():
        return inside
    known = {one.path for one in inside}
    return [*inside, *(one for one in desk().finder.find(sought) if one.path not in known)][:MOST_OFFERED]


def several() -> bool:
    """Whether there is more than one municipality to choose a place in."""
    return len(desk().finder.towns()) > 1


def _live_at(draft: Draft, prefix: str, path: str, number: str) -> None:
    """Take a place; the house number only where the bins of its street are told apart, nobody needs it elsewhere."""
    official, _slash, local = path.partition("/")
    home = draft.row["id"]
    town = next((one.town for one in desk().finder.towns() if one.path == official), home)
    if not local.startswith(("street:", "zone:")):  # a municipality, or a district: no bins are told apart by it
        path = number = ""
    with house().store.read() as session:
        parts = finding.house_parts(session, town, path, "waste") if number else []
    draft.values |= {
        f"{prefix}{TOWN}": "" if town == home else town, f"{prefix}waste.zone": path,
        f"{prefix}waste.house": number if parts else "", f"{prefix}{SOUGHT}": "",
    }  # fmt: skip
    if path:
        draft.values[f"{prefix}waste"] = "1"
    else:
        draft.values.pop(f"{prefix}waste", None)  # who wants no more than the town need not name a street


def start_form(draft: Draft, *, status: int = 200) -> Response:
    """Return the first visit's page with a form as it stands."""
    values = draft.values
    values.pop(TRAP, None)
    body = render_template(
        "start.html", values=values, faults=draft.faults, **around(draft),
        began=began(house().now(), house().links.key), trap=TRAP, mine=_mine(draft.row), weekdays=language().weekdays(),
    )  # fmt: skip
    return make_response(body, status)


def _mine(row: RowMapping) -> str:
    """Return the page on which the person whom this device remembers can add this town; empty if there is none."""
    token, known = neighbour()
    if known is None or remembered(row)[1] is not None:
        return ""
    given = request.args.get
    return url_for(
        "manage.overview", token=token, add=row["id"], place=given("place"), house=given("house"), _anchor="what"
    )


def around(draft: Draft, has: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what a template needs beside the values of a form: its places, their streets, and the forecast."""
    with house().store.read() as session:
        setting = setting_of(session, draft.row, has, towns_in(draft.values), wide=looks_around(draft.values))
        shown = places(session, draft.values, setting, draft.offers)
    found = _teller(draft.row).figures(draft.values, setting)
    return {"places": shown, "figures": found, "most_places": MOST_PLACES, "many": several(), "distances": KM}


def _teller(row: RowMapping) -> Teller:
    return Teller(desk().foresight, row, language(), house().now())


def places(
    session: Session, values: Mapping[str, str], setting: Setting, offers: Mapping[str, tuple[Hit, ...]]
) -> list[Place]:  # fmt: skip
    """Return the places of a form, each with what is known of the bins there."""
    found = []
    for number, prefix in enumerate(prefixes(values), 1):
        own = fields(values, prefix)
        here = setting.of(own.get(TOWN, ""))
        if here is None:
            found.append(Place(prefix, number, offers=offers.get(prefix, ())))
            continue
        zone, house_number = own.get("waste.zone", ""), own.get("waste.house", "").replace(" ", "").lower()
        name = here.zones.get(zone, "")
        parts = finding.house_parts(session, here.town, zone, "waste") if "/street:" in zone and name else []
        unknown = bool(parts and house_number) and not any(overlap(house_number, one) for one in parts)
        kinds = finding.categories(session, here.town, "waste", zone if name else here.path)
        found.append(Place(
            prefix, number, here.town, here.name, here.zones, here.centre is not None, name, tuple(parts), unknown,
            tuple(kinds), offers.get(prefix, ()),
        ))  # fmt: skip
    return found
