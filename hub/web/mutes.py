"""Mutes on a person's own page: hear no more of a notice, a topic or a place, for a while or until taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from hub.core.codec import from_json
from hub.core.desk import HIDDEN
from hub.core.mutes import Mute, Sort
from hub.store import guests, notices, towns
from hub.store import mutes as store
from hub.web.desk import house, language, mine, person
from hub.web.own import back_to
from hub.web.public import zones_of
from hub.web.topics import TOPICS

mutes = Blueprint("mutes", __name__, url_prefix="/m/<token>/mutes")
SPANS = {"1": timedelta(days=1), "7": timedelta(days=7), "": None}
_LONGEST, _USUAL = 200, "7"


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Muted:
    """One line of the list; ``name`` is still English where it is a topic's."""

    sort: str
    value: str
    name: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class MuteForm:
    """What the page shows: the living mutes, what may be muted, and the notice that a message's link brought."""

    listed: list[Muted]
    topics: dict[str, str]
    places: dict[str, str]
    notice: str = ""
    title: str = ""


@mutes.before_request
def _secret() -> None:
    g.secret = True


def mute_form(session: Session, row: RowMapping, notice_id: str = "") -> MuteForm:
    """Return what the person's page shows of mutes; ``notice_id`` is offered to be muted if there is such a notice."""
    theirs = mine(session, row)
    slugs = guests.towns_of(session, [row["id"]]).get(row["id"], set())
    places: dict[str, str] = {}
    for town in theirs:
        more = {
            path: f"{town['name']}, {name}" if len(theirs) > 1 else name
            for path, name in zones_of(session, town).items()
        }
        places |= {town["path"]: town["name"], **more}
    listed = [
        Muted(one["sort"], one["value"], _name(session, slugs, places, one), one["until"])
        for one in store.listed(session, row["id"], house().now())
    ]
    title = _title(session, slugs, notice_id) if notice_id else ""
    known = {one.value for one in listed if one.sort == Sort.NOTICE}
    topics = {name: topic.title for name, topic in TOPICS.items()}
    return MuteForm(listed, topics, places, notice_id if title and notice_id not in known else "", title)


def _name(session: Session, slugs: Collection[str], places: dict[str, str], one: RowMapping) -> str:
    if one["sort"] == Sort.TOPIC:
        return TOPICS[one["value"]].title if one["value"] in TOPICS else str(one["value"])
    if one["sort"] == Sort.PLACE:
        return places.get(one["value"]) or towns.place_name(session, one["value"])
    return _title(session, slugs, one["value"]) or str(one["value"])


def _title(session: Session, slugs: Collection[str], notice_id: str) -> str:
    """Return the title of a notice of one of these municipalities."""
    found = (notices.get(session, slug, notice_id) for slug in sorted(slugs))
    row = next((one for one in found if one is not None), None)
    if row is None or row["topic"] in HIDDEN:
        return ""
    return from_json(row["content"]).text(language().code).title


def taken(session: Session, row: RowMapping) -> Muted | None:
    """Return the mute that the form before this page made (``?muted=``), while it holds, so that it can be undone."""
    what = request.args.get("muted", "")
    listed = mute_form(session, row).listed if what else []
    return next((one for one in listed if what == f"{one.sort}:{one.value}"), None)


@mutes.post("")
def mute(token: str) -> Redirection:
    """Mute what the form names: ``what`` is ``sort:value``, ``days`` how long (empty: until taken back).

    Without ``days`` a message is muted until taken back, a topic or place for a week. ``back`` names the page to go
    back to (``hub.web.own.back_to``), where it can be undone; without it that is the list of mutes.
    """
    row = person(token)
    sort, _colon, value = request.form.get("what", "").partition(":")
    days = request.form.get("days", "" if sort == Sort.NOTICE else _USUAL)
    with house().store.begin() as session:
        form = mute_form(session, row, value if sort == Sort.NOTICE else "")
        known = {Sort.TOPIC: form.topics, Sort.PLACE: form.places, Sort.NOTICE: [value] if form.title else []}
        if days not in SPANS or sort not in set(Sort) or value not in known[Sort(sort)] or len(value) > _LONGEST:
            abort(400)
        span, now = SPANS[days], house().now()
        store.put(session, row["id"], Mute(Sort(sort), value, now + span if span else None), now)
    if request.form.get("back"):
        return redirect(back_to(token, request.form, muted=f"{sort}:{value}"), 303)
    flash(_("It is muted. You can take it back at any time."))
    return redirect(url_for("manage.overview", token=token) + "#mutes", 303)


@mutes.post("/end")
def end(token: str) -> Redirection:
    """Take one mute back."""
    row = person(token)
    sort, _colon, value = request.form.get("what", "").partition(":")
    with house().store.begin() as session:
        if not store.take_back(session, row["id"], sort[:_LONGEST], value[:_LONGEST]):
            abort(404)
    flash(_("You hear of it again."))
    if request.form.get("back"):
        return redirect(back_to(token, request.form), 303)
    return redirect(url_for("manage.overview", token=token) + "#mutes", 303)
