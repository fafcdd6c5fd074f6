"""All that is kept of a person: to read, and to take along as JSON (GDPR Art. 15 and 20, U23)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, render_template, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import flood
from hub.store import floods, mailboxes, own_data, subscribers, towns
from hub.web.desk import house, language, person
from hub.web.explained import KEYS, NUMBERS, PARTS, VALUES
from hub.web.failures import page
from hub.web.subscribe import calendar_url
from hub.web.topics import CHANNELS, TOPICS

export = Blueprint("export", __name__, url_prefix="/m/<token>")
FORMAT = "ortsruf-own-data-1"


@export.before_request
def _secret() -> None:
    g.secret = True


@export.get("/export")
def overview(token: str) -> Response | str:
    """Show everything that is kept, in words."""
    row = person(token)
    data = _data(row)
    if data is None:
        return page(429)
    names = _places(data)
    parts = [(PARTS.get(part, part), [list(_lines(one, names)) for one in found]) for part, found in _parts(data)]
    return render_template("export.html", token=token, parts=parts)


@export.get("/export.json")
def download(token: str) -> Response:
    """Give everything that is kept as one JSON file."""
    row = person(token)
    data = _data(row)
    if data is None:
        return page(429)
    body = json.dumps(data, ensure_ascii=False, indent=2, default=own_data.plain)
    response = Response(body + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="ortsruf-{g.town["id"]}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _data(row: RowMapping) -> dict[str, Any] | None:
    """Return the export of a person; ``None`` if it was asked for too often: it reads a month of deliveries."""
    links, now = house().links_of(g.town), house().now()
    counter = f"export:{links.fingerprint('export', str(row['id']))}"
    with house().store.begin() as session:
        if not floods.passes(session, {counter: flood.EXPORTS}, now):
            return None
    with house().store.read() as session:
        found = own_data.own_data(session, row["id"])
        ways = subscribers.endpoints_of(session, row["id"])
        asked = _asked(session, ways)
    return {
        "format": FORMAT, "made_at": now, "municipality": g.town["name"],
        "explained_at": links.base_url + url_for("public.privacy") + "#export",
        "links": [{"own_page": links.manage(row["id"], row["generation"]), "calendar": calendar_url(row, ways)}],
        **found, "person": [found["person"]], "asked": asked,
    }  # fmt: skip


def _asked(session: Session, ways: Any) -> list[dict[str, Any]]:
    """Return when a confirmation was last sent to the person's addresses, as far as that is still known."""
    found = []
    for one in ways:
        if one["channel"] == "mail":
            at = mailboxes.asked_at(session, house().links.fingerprint("ask", one["address"].lower()))
            found += [{"address": one["address"], "at": at}] if at is not None else []
    return found


def _parts(data: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    further = data["further"].items()
    return [(name, data[name]) for name in PARTS if data[name]] + [(name, rows) for name, rows in further if rows]


def _places(data: Mapping[str, Any]) -> dict[str, str]:
    paths = {path for one in data["choices"] for path in one.get("places", ())}
    paths |= {one["what"] for one in data["muted"] if one["kind"] == "place"}
    with house().store.read() as session:
        return {**towns.place_names(session, paths), g.town["path"]: g.town["name"]}


def _lines(one: Mapping[str, Any], places: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield label and value of what there is to say of one thing."""
    for key, value in one.items():
        if value not in (None, "", [], {}) and key not in NUMBERS:
            yield language().text(KEYS[key]) if key in KEYS else key, _said(value, places)


def _said(value: Any, places: Mapping[str, str]) -> str:
    chosen = language()
    if isinstance(value, datetime):
        return chosen.moment(value, g.town["zone"])
    if isinstance(value, Mapping):
        return ", ".join(f"{label}: {said}" for label, said in _lines(value, places))
    if isinstance(value, list | tuple):
        return "; ".join(_said(each, places) for each in value)
    text = str(value)
    known = CHANNELS.get(text) or (TOPICS[text].title if text in TOPICS else VALUES.get(text, ""))
    return chosen.text(known) if known else places.get(text, text)
