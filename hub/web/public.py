"""What everybody may read: the list of municipalities, a town's page, one notice, privacy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from hub.core.desk import HIDDEN
from hub.core.draft import FILES
from hub.core.notice import Position, Severity
from hub.core.place import box_around, distance_km
from hub.jobs.subscribe import person_of
from hub.store import notices, sources, towns, views
from hub.web.choices import Setting
from hub.web.desk import NAME, desk, house, language, mine, town
from hub.web.explained import KEYS, PARTS, VALUES
from hub.web.history import history
from hub.web.language import Language
from hub.web.opened import opened_here
from hub.web.places import MOST_PLACES
from hub.web.source_view import banners, checks
from hub.web.surroundings import KM, WIDE
from hub.web.topics import TOPICS
from hub.web.view import View, dates, links, paragraphs, safe, shortened, view
from push._changes import details

public = Blueprint("public", __name__)
_LATEST = 20


def _(message: str) -> str:
    return message


@public.get("/")
def home() -> str | Redirection:
    """List the municipalities; a single one is gone to at once."""
    with house().store.read() as session:
        rows = towns.listed(session)
    if len(rows) == 1:
        return redirect(url_for("public.town_page", slug=rows[0]["id"], lang=request.args.get("lang")))
    return render_template("home.html", rows=rows)


@public.get("/<slug>/")
def town_page(slug: str) -> str:
    """Show a town: the way to sign up, its latest notices and public calendars."""
    row = town(slug)
    now, chosen = house().now(), language()
    with house().store.read() as session:
        latest = views.recent(session, row["id"], now, most=_LATEST)
        zones = zones_of(session, row)
        known = [one for one in sources.listed(session, row["id"]) if one["enabled"]]
        calm = not views.warnings(session, row["id"], now)
    shown = [view(one, chosen, row["zone"], now, whole=False) for one in latest]
    return render_template(
        "town.html", zones=zones, mine=remembered(row)[0],
        latest=shown, urgent=[one for one in shown if _urgent(one)],
        feeds=[topic for topic in TOPICS.values() if topic.dated],
        stale=banners(known, chosen, row["zone"], now), checks=checks(known, chosen, now, calm=calm),
    )  # fmt: skip


def _urgent(one: View) -> bool:
    """Whether a notice is a severe or extreme warning that holds."""
    return one.topic == "warnings" and one.notice.severity >= Severity.SEVERE and not {*one.states} - {"changed"}


def zones_of(session: Session, row: RowMapping) -> dict[str, str]:
    """Return the streets and waste zones of a town that are told apart, path to name."""
    found = [*towns.streets_of(session, row["id"], "waste"), *towns.local_places(session, row["id"], "zone")]
    return {one["path"]: one["name"] for one in found}


def setting_of(
    session: Session, row: RowMapping, has: tuple[str, ...] = (), also: Collection[str] = (), *, wide: bool = False
) -> Setting:  # fmt: skip
    """Return where a town's form is shown; ``also`` are the ids of the municipalities of further places.

    ``wide``: what lies around them matters.
    """
    others = {slug: towns.get(session, slug) for slug in sorted(set(also) - {row["id"]})[:MOST_PLACES]}
    return Setting(
        row["path"], zones_of(session, row), has, row["id"], row["name"],
        {slug: setting_of(session, one, wide=wide) for slug, one in others.items() if one is not None},
        *_around(session, row, wide=wide),
    )  # fmt: skip


def _around(session: Session, row: RowMapping, *, wide: bool) -> tuple[Position | None, dict[str, float]]:
    """Return where a town lies, and if asked for how far away the others are, the nearest first."""
    known = towns.place_row(session, row["path"])
    if known is None or known["lon"] is None or known["lat"] is None:
        return None, {}
    centre = (known["lon"], known["lat"])
    found = towns.within(session, box_around(centre, float(KM[-1]) + WIDE)) if wide else []
    away = {one["id"]: distance_km(centre, (one["lon"], one["lat"])) for one in found if one["id"] != row["id"]}
    return centre, dict(sorted(away.items(), key=lambda one: one[1]))


def remembered(row: RowMapping) -> tuple[str, RowMapping | None]:
    """Return the manage token that this device remembers and whose it is, if they are alive and of this town."""
    token, known = neighbour()
    if known is None:
        return "", None
    with house().store.read() as session:
        theirs = {one["id"] for one in mine(session, known)}
    return (token, known) if row["id"] in theirs else ("", None)


def neighbour() -> tuple[str, RowMapping | None]:
    """Return the manage token that this device remembers and whose it is, in whatever municipality."""
    token = request.cookies.get(desk().cookie(NAME), "")
    known = person_of(house(), token) if token else None
    return (token, known) if known is not None else ("", None)


@public.get("/<slug>/n/<notice_id>")
def notice(slug: str, notice_id: str) -> str:
    """Show one notice."""
    row = town(slug)
    with house().store.read() as session:
        found = notices.get(session, slug, notice_id)
        if found is None or found["topic"] in HIDDEN:
            abort(404)
        shown = details_of(session, row, found, language())
    return render_template("notice.html", **shown, mine=opened_here(notice_id))


def details_of(
    session: Session, row: RowMapping, found: Mapping[Any, Any], chosen: Language
) -> dict[str, Any]:  # fmt: skip
    """Return what the page of a notice shows; ``found`` is its row, or what stands for one that is not stored yet."""
    now, zone = house().now(), row["zone"]
    one = view(found, chosen, zone, now)
    stored = [date for date, _ in notices.dates(session, found["id"])]
    names = [place_name(session, row, path) for path in notices.places_of(session, found["id"])]
    own = [ref.name for ref in one.notice.places if ref.name]
    address = house().links_of(row).notice(row["id"], found["id"])
    base, linked = house().links.base_url, links(one.notice, chosen)
    return {
        "one": one, "paragraphs": paragraphs(one.text.body), "instruction": paragraphs(one.text.instruction),
        "dates": dates([date.occurrence for date in stored] or one.notice.occurrences, chosen, zone, now),
        "slots": {date.occurrence.key: date.slot for date in stored},
        "links": [pair for pair in linked if not _is_picture(pair[0])],
        "pictures": [(href.removeprefix(base), title) for href, title in linked if _is_picture(href)],
        "history": history(session, found["id"], chosen, zone), "details": details(one.notice, zone, chosen.code),
        "places": list(dict.fromkeys(own or names)), "source": safe(one.notice.url),
        "facts": _facts(one, found, chosen, zone), "ended": _ended(one, found, chosen, zone), "address": address,
        "ends": one.notice.expires.isoformat() if one.notice.expires else "",
        "summary": shortened(one.text.body or one.text.instruction),
        "shapes": url_for("mapping.shape", slug=row["id"], notice_id=found["id"]) if one.notice.geometry else "",
        "tiles": url_for("mapping.tiles") if desk().settings.map_tiles else "", "credit": desk().settings.map_credit,
    }  # fmt: skip


def _is_picture(href: str) -> bool:
    """Whether a document is a picture that we drew ourselves; those of others are never shown here."""
    return href.startswith(house().links.base_url + FILES) and href.endswith((".jpg", ".png"))


def _facts(one: View, found: Mapping[Any, Any], chosen: Language, zone: str) -> list[tuple[str, str, str]]:
    """Return (title, moment in words, ISO 8601) of the moments that a reader asks for."""
    known = one.notice
    return [
        (chosen.text(title), chosen.moment(when, zone), when.isoformat())
        for title, when in (
            (_("Sent"), known.sent or found["first_seen_at"]), (_("Valid from"), known.valid_from),
            (_("Valid until"), known.expires), (_("Closing date"), known.deadline),
        ) if when is not None
    ]  # fmt: skip


def _ended(one: View, found: Mapping[Any, Any], chosen: Language, zone: str) -> str:
    """Return since when a notice no longer holds, in words; empty while it holds, or where nobody knows."""
    if not one.state:
        return ""
    since = found["changed_at"] if "cancelled" in one.states else found["over_at"]
    return chosen.text("since {moment}", moment=chosen.short(since, zone)) if since is not None else ""


def place_name(session: Session, row: RowMapping, path: str) -> str:
    """Return what a place of a notice is called; the town's own name where only the town is known."""
    name = towns.place_name(session, path)
    return str(row["name"]) if name == path and path.partition("/")[0] == row["path"] else name


@public.get("/datenschutz")
def privacy() -> str:
    """Say what is kept, what for and how long."""
    return render_template("privacy.html", parts=PARTS, keys=KEYS, codes=VALUES)
