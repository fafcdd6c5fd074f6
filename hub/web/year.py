"""The year on a sheet: the dates of a topic at a place, month by month, to be printed and hung up (U27)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirection

from hub.core.codec import from_json, occurrence_from_json
from hub.core.notice import Occurrence, Status
from hub.core.schedule import local_day, wall
from hub.core.selection import Selection
from hub.store import calendars, views
from hub.web.desk import house, language, town
from hub.web.language import Language
from hub.web.listing import addressed, places_of
from hub.web.selecting import asked
from hub.web.topics import TOPICS

year_sheet = Blueprint("year", __name__)
Line = tuple[date, str, str, bool]  # day, the day in words, what, called off
_YEAR = re.compile(r"20\d\d", re.ASCII)


def _(message: str) -> str:
    return message


@year_sheet.get("/<slug>/year")
def page(slug: str) -> Response | Redirection:
    """Show a year of a topic (waste collection, if none is named) at a place."""
    row, chosen = town(slug), language()
    this = local_day(house().now(), row["zone"]).year
    with house().store.read() as session:
        known_places = places_of(session, row)
        wanted = asked({**request.args, "topic": request.args.get("topic") or "waste"}, known_places)
        faults, typed = dict(wanted.faults), request.args.get("year", "").strip()
        if typed and not _YEAR.fullmatch(typed):
            faults["year"] = _("Please write a year such as 2027.")
        year = int(typed) if _YEAR.fullmatch(typed) else this
        clean = {name: wanted.query[name] for name in ("topic", "place") if name in wanted.query}
        clean |= ({"year": str(year)} if year != this else {}) | (
            {"lang": request.args["lang"]} if request.args.get("lang") else {}
        )
        if not faults and request.args.to_dict() != clean and "topic" in request.args:
            return redirect(addressed(url_for("year.page", slug=slug), clean))
        begin, end = (wall(date(one, 1, 1), time(), row["zone"]) for one in (year, year + 1))
        here = wanted.selection.place or row["path"]
        condition = views.dated(slug, Selection(wanted.selection.topic, here))
        found = calendars.of_notices(session, slug, condition, begin, end)
        known = calendars.contents(session, {one.id for one in found})
    titles = {one: from_json(content).text(chosen.code).title for one, (_revision, content) in known.items()}
    dates = [(occurrence_from_json(json.loads(one.occurrence)), titles[one.id], one.withdrawn) for one in found]
    body = render_template(
        "year.html", year=year, asked=wanted, faults=faults, known=known_places.names, this=this, count=len(dates),
        months=months(dates, year, chosen, row["zone"]),
        topic=TOPICS[wanted.selection.topic or "waste"].title, dated=[one for one in TOPICS.values() if one.dated],
        wide=bool(known_places.names) and not wanted.selection.place,
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)


def months(
    dates: Sequence[tuple[Occurrence, str, bool]], year: int, chosen: Language, zone: str
) -> list[tuple[str, list[Line]]]:
    """Return the twelve months by name, each with its dates in order. Pure."""
    found: dict[int, set[Line]] = {month: set() for month in range(1, 13)}
    for one, title, withdrawn in dates:
        day = one.start.astimezone(ZoneInfo(zone)).date() if isinstance(one.start, datetime) else one.start
        if day.year == year:
            words = format_date(day, "EEEEEE d.", locale=chosen.locale)
            found[day.month].add((day, words, one.summary or title, withdrawn or one.status is Status.CANCELLED))
    return [(name, sorted(lines)) for name, lines in zip(chosen.months(), found.values(), strict=True)]
