"""Tenders: a search with the hits of the last month, its feeds by its address, and saving it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from hub.core.codec import from_json
from hub.core.matching import matches
from hub.core.notice import Notice, Position
from hub.jobs.publish import place_centre
from hub.reference import Municipality, cpv_children, cpv_label, find_municipality, municipalities
from hub.store import views
from hub.web.bidding import DAYS, FIELDS, PROCEDURES, RADII, Search, Town, read
from hub.web.choices import LEADS
from hub.web.dates import calendar_answer
from hub.web.desk import desk, house, language, town
from hub.web.language import LANGUAGES, Language
from hub.web.listing import addressed, channel_of, feed_language, feed_links, item, served
from hub.web.public import remembered
from hub.web.syndication import Channel, Item, moment
from hub.web.view import View, view

tenders = Blueprint("tenders", __name__)
LOOK_BACK = timedelta(days=31)
SHOWN, FEED, _READ = 50, 200, 5_000  # hits of a page, and of a feed; a table has all


@dataclass(frozen=True, slots=True)
class Hit:
    """A tender that fits; ``new`` came within the last month."""

    row: RowMapping
    notice: Notice
    new: bool


def towns_called(text: str) -> Sequence[Town]:
    """Return the municipalities of Germany that ``text`` may mean and whose middle is known, likeliest first."""
    found = find_municipality(text[:100])
    return [Town(_called(one), (one.lon, one.lat)) for one in found if one.lat is not None and one.lon is not None]


def _called(one: Municipality) -> str:
    """Return the name that leads back to this municipality: of several of one name, with its postcode."""
    return one.name if find_municipality(one.name)[:1] == [one] else f"{one.plz} {one.name}"


def towns_around(centre: Position) -> Sequence[Town]:
    """Return the municipality whose middle is nearest to ``centre``."""
    known = [one for one in municipalities() if one.lat is not None and one.lon is not None]
    near = min(known, key=lambda one: (one.lon - centre[0]) ** 2 / 2.5 + (one.lat - centre[1]) ** 2)  # type: ignore[operator]
    return [Town(_called(near), (near.lon or 0.0, near.lat or 0.0))]


def asked(row: RowMapping) -> Search:
    """Return the search that this address says."""
    return read({name: request.values.getlist(name) for name in FIELDS}, row["path"], towns_called)


def hits(session: Session, row: RowMapping, search: Search) -> list[Hit]:
    """Return the tenders that fit: those of the last month and those still open, newest change first."""
    now = house().now()
    found = []
    rows = views.tenders(session, row["id"], now, since=now - LOOK_BACK, most=_READ)
    lie_in = views.places(session, [one["id"] for one in rows])
    centre = cache(lambda places: place_centre(session, places))
    for one in rows:
        notice, places = from_json(one["content"]), lie_in.get(one["id"], ())
        if matches(notice, places, search.criteria, elsewhere=centre(places)) is not None:
            found.append(Hit(one, notice, one["first_seen_at"] > now - LOOK_BACK))
    return found


@tenders.get("/<slug>/tenders")
def page(slug: str) -> Response | Redirection:
    """Show the form, the codes to choose from, and what the search found; odd addresses lead to the clean one."""
    row = town(slug)
    search = asked(row)
    own = {name: request.args[name] for name in ("tree", "lang") if request.args.get(name)}
    if not search.faults and request.args.to_dict(flat=False) != {
        name: [value] for name, value in {**search.query, **own}.items()
    }:
        return redirect(addressed(url_for("tenders.page", slug=slug), {**search.query, **own}))
    return shown(row, search, {}, {})


def shown(row: RowMapping, search: Search, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    """Return the page of a search; ``values`` and ``faults`` are those of the form that saves it."""
    chosen, now = language(), house().now()
    with house().store.read() as session:
        found = hits(session, row, search)
    wrong = {**search.faults, **faults}
    body = render_template(
        "tenders.html", search=search, faults=wrong, values=values, radii=RADII, least_days=DAYS,
        procedures=PROCEDURES, leads=LEADS, mine=remembered(row)[0],
        count=sum(one.new for one in found), more=max(0, len(found) - SHOWN),
        found=[_shown_hit(one, row, chosen) for one in found[:SHOWN]], tree=_tree(row, search, chosen),
        codes=[(code, cpv_label(code.ljust(8, "0"))) for code in search.criteria.cpv],
        feeds=feed_links("tenders", row["id"], search.query, ("atom", "json", "csv")),
        since=chosen.day(now - LOOK_BACK, row["zone"]),
    )  # fmt: skip
    return make_response(body, 400 if wrong else 200)


def _shown_hit(one: Hit, row: RowMapping, chosen: Language) -> tuple[View, str, str]:
    """Return a hit as the list shows it: the notice, its closing date, its value."""
    notice = one.notice
    closes = chosen.moment(notice.deadline, row["zone"]) if notice.deadline else ""
    value = chosen.money(notice.value.amount, notice.value.currency) if notice.value else ""
    return view(one.row, chosen, row["zone"], house().now(), whole=False), closes, value


def _tree(row: RowMapping, search: Search, chosen: Language) -> dict[str, Any]:
    """Return one level of the CPV below ``?tree=``: each code with the addresses that open and that choose it."""
    open_at = request.args.get("tree", "")
    if not open_at.isdecimal() or not cpv_label(open_at.ljust(8, "0")):
        open_at = ""
    here, path = search.query, url_for("tenders.page", slug=row["id"])
    spoken = {"lang": chosen.code} if request.args.get("lang") in LANGUAGES else {}
    level, have = [], search.criteria.cpv
    for code in cpv_children(open_at.ljust(8, "0") if open_at else ""):
        short = max(code[:2], code.rstrip("0"), key=len)
        picked = ",".join([*have, short])
        level.append({
            "code": short, "label": cpv_label(code), "chosen": any(map(short.startswith, have)),
            "pick": addressed(path, {**here, "cpv": picked, **spoken}) + "#codes",
            "open": addressed(path, {**here, "tree": short, **spoken}) + "#codes" if cpv_children(code) else "",
        })  # fmt: skip
    steps = [open_at[:count] for count in range(2, len(open_at) + 1) if cpv_label(open_at[:count].ljust(8, "0"))]
    above = [
        {"label": cpv_label(one.ljust(8, "0")), "open": addressed(path, {**here, "tree": one, **spoken}) + "#codes"}
        for one in steps
    ]
    return {
        "level": level,
        "above": above,
        "top": addressed(path, {**here, **spoken}) + "#codes",
        "open": bool(open_at),
    }


def _feed(slug: str, most: int | None) -> tuple[Channel, list[Item]]:
    row = town(slug)
    search, chosen = _for_feed(row), feed_language(row)
    with house().store.read() as session:
        found = hits(session, row, search)[:most]
    return _channel(row, search, chosen), [_item(one, row, chosen) for one in found]


def _for_feed(row: RowMapping) -> Search:
    search = asked(row)
    if search.faults:
        abort(404)
    return search


def _channel(row: RowMapping, search: Search, chosen: Language) -> Channel:
    title = " · ".join([chosen.text("Tenders"), *search.query.values()])
    return channel_of(row, chosen, request.path, search.query, title=title, page="tenders.page")


def _item(one: Hit, row: RowMapping, chosen: Language) -> Item:
    notice = one.notice
    columns = {
        "deadline": moment(notice.deadline) if notice.deadline else "",
        "value": f"{notice.value.amount:.2f}" if notice.value else "",
        "currency": notice.value.currency if notice.value else "", "cpv": " ".join(notice.cpv),
        "procedure": next((fact.value for fact in notice.facts if fact.name == "procedure"), ""),
        "place": ", ".join(dict.fromkeys(place.name for place in notice.places if place.name)),
    }  # fmt: skip
    return replace(item(one.row, row, chosen), row=tuple(columns.items()))


@tenders.get("/<slug>/tenders.<any(atom, json, csv):kind>", endpoint="feed")
def as_feed(slug: str, kind: str) -> Response:
    """Serve a search as Atom, JSON Feed or a table."""
    response = served(kind, *_feed(slug, None if kind == "csv" else FEED))
    if kind == "csv":
        response.headers["Content-Disposition"] = f'attachment; filename="tenders-{slug}.csv"'
    return response


@tenders.get("/<slug>/tenders.ics", endpoint="calendar")
def as_calendar(slug: str) -> Response:
    """Serve the closing dates of a search as iCalendar."""
    row = town(slug)
    search, chosen = _for_feed(row), feed_language(row)
    with house().store.read() as session:
        fitting = [one.row["id"] for one in hits(session, row, search)]
    channel = _channel(row, search, chosen)
    return calendar_answer(desk().feeds.of_notices(
        row, views.among(fitting), None, name=channel.title, language=chosen, url=channel.url
    ))  # fmt: skip
