"""A municipality's notices to look through: by topic, place, time and words; and the feeds of every such view."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from hub.core.selection import When, window
from hub.store import notices as stored
from hub.store import sources, towns, views
from hub.web.dates import calendar_answer
from hub.web.desk import desk, house, language, town
from hub.web.language import LANGUAGES, Language, choose
from hub.web.selecting import WHENS, Asked, Places, asked, heading, places, written_mark
from hub.web.source_view import checks
from hub.web.syndication import FORMATS, Channel, Item
from hub.web.topics import TOPICS
from hub.web.view import View, clean, dates, links, paragraphs, view
from push.ical.feed import is_current

listing = Blueprint("listing", __name__)
PAGE, FEED = 20, 100  # notices of a page, and of a feed
_CALM_AFTER = timedelta(hours=24)  # so long an all-clear is shown
_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
_KINDS = ("district", "street", "zone")  # of places that can be named, the first of two equal names first


def _(message: str) -> str:
    return message


def places_of(session: Session, row: RowMapping) -> Places:
    """Return the districts, streets and zones of a town that can be named."""
    return places(one for kind in _KINDS for one in towns.local_places(session, row["id"], kind))


@listing.get("/<slug>/notices")
def notices(slug: str) -> Response | Redirection:
    """Show a page of a view; an address with empty or unusual parts leads to its clean form first."""
    row, now, chosen = town(slug), house().now(), language()
    with house().store.read() as session:
        known = places_of(session, row)
        wanted = asked(request.args, known)
        clean_query = _clean(wanted)
        if not wanted.faults and request.args.to_dict() != clean_query:
            return redirect(addressed(url_for("listing.notices", slug=slug), clean_query))
        found = views.page(session, slug, wanted.selection, now, row["zone"], after=wanted.after, most=PAGE + 1)
        shown, more = found[:PAGE], len(found) > PAGE
        body = render_template(
            "notices.html", asked=wanted, whens=WHENS, more=written_mark(shown[-1]) if more else "",
            count=views.count(session, slug, wanted.selection, now, row["zone"]),
            counted=views.COUNTED, known=known.names, listed=_listed(session, row, shown, chosen),
            title=title_of(wanted, chosen), feeds=feed_links("listing", slug, wanted.query),
            **_weather_eye(session, row, wanted, chosen),
        )  # fmt: skip
    return make_response(body, 400 if wanted.faults else 200)


def _clean(wanted: Asked) -> dict[str, str]:
    """Return the query that a page's own address has."""
    kept = {name: request.args[name] for name in ("lang",) if request.args.get(name) in LANGUAGES}
    return {**wanted.query, **({"after": request.args["after"].strip()} if wanted.after else {}), **kept}


def title_of(wanted: Asked, chosen: Language) -> str:
    """Return what a view is called; empty if it does not narrow."""
    topic = wanted.selection.topic
    named = [chosen.text(TOPICS[topic].title)] if topic else []
    when = wanted.selection.when
    return " · ".join([*heading(wanted, named), *([chosen.text(WHENS[when])] if when is not When.ALL else [])])


def _listed(
    session: Session, row: RowMapping, found: Sequence[RowMapping], chosen: Language
) -> list[tuple[View, Mapping[str, object] | None]]:
    """Return notices as a list shows them, each with its next date if it has one."""
    now, zone = house().now(), row["zone"]
    ahead = views.dates_ahead(session, [one["id"] for one in found], now)
    return [
        (view(one, chosen, zone, now, whole=False),
         dates([ahead[one["id"]]], chosen, zone, now)[0] if one["id"] in ahead else None)
        for one in found
    ]  # fmt: skip


def _weather_eye(session: Session, row: RowMapping, wanted: Asked, chosen: Language) -> dict[str, Any]:
    """Return the warnings that hold, those that ended lately, and when we last looked (U15)."""
    if wanted.selection.topic not in {"", "warnings"}:
        return {"warned": [], "ended": [], "checked": None}
    now, zone, place = house().now(), row["zone"], wanted.selection.place
    known = sources.listed(session, row["id"])
    warned = views.warnings(session, row["id"], now, place=place)
    looked = [one for one in checks(known, chosen, now, calm=not warned) if one["topic"] == "warnings"]
    ended = views.warnings(session, row["id"], now, place=place, since=now - _CALM_AFTER)
    return {
        "warned": [warning(row, one, chosen) for one in warned],
        "ended": [view(one, chosen, zone, now, whole=False) for one in ended],
        "checked": looked[0] if looked else None,
    }


def warning(row: RowMapping, found: RowMapping, chosen: Language) -> dict[str, Any]:
    """Return a warning as it stands above a list: level, area, until when, what to do."""
    one = view(found, chosen, row["zone"], house().now(), whole=False)
    named = list(dict.fromkeys(ref.name for ref in one.notice.places if ref.name))
    return {
        "one": one, "area": ", ".join(named[:6]) + (" …" if len(named) > 6 else ""),  # noqa: PLR2004
        "until": chosen.moment(one.notice.expires, row["zone"]) if one.notice.expires else "",
        "instruction": paragraphs(one.text.instruction),
    }  # fmt: skip


def addressed(path: str, query: Mapping[str, str]) -> str:
    """Return ``path`` with its query, if any."""
    return f"{path}?{urlencode(query)}" if query else path


def feed_links(
    blueprint: str, slug: str, query: Mapping[str, str], kinds: Sequence[str] = ("atom", "json")
) -> dict[str, str]:  # fmt: skip
    """Return the addresses of a view's feeds and calendar by their kind."""
    paths = {kind: url_for(f"{blueprint}.feed", slug=slug, kind=kind) for kind in kinds}
    paths["ics"] = url_for(f"{blueprint}.calendar", slug=slug)
    return {kind: addressed(path, query) for kind, path in paths.items()}


@listing.get("/<slug>/notices.<any(atom, json):kind>", endpoint="feed")
def as_feed(slug: str, kind: str) -> Response:
    """Serve a view as Atom or JSON Feed."""
    return served(kind, *_feed(slug))


def _feed(slug: str) -> tuple[Channel, list[Item]]:
    row, now = town(slug), house().now()
    chosen = feed_language(row)
    with house().store.read() as session:
        wanted = asked_for_feed(session, row)
        found = views.latest(session, slug, wanted.selection, now, row["zone"], most=FEED)
    channel = channel_of(
        row, chosen, request.path, wanted.query, title=title_of(wanted, chosen), page="listing.notices"
    )
    return channel, [item(one, row, chosen) for one in found]


def asked_for_feed(session: Session, row: RowMapping) -> Asked:
    """Return what a feed's address asks for; 404 where it asks for what there is not, so that nobody is misled."""
    wanted = asked(request.args, places_of(session, row))
    if wanted.faults:
        abort(404)
    return wanted


def feed_language(row: RowMapping) -> Language:
    """Return a feed's language: it depends on the address alone, never on who asks."""
    wanted = request.args.get("lang")
    return choose((wanted if wanted in LANGUAGES else None, row["language"]))


def channel_of(
    row: RowMapping, chosen: Language, path: str, query: Mapping[str, str], *, title: str, page: str
) -> Channel:
    """Return what a feed is of; ``query`` is the clean one."""
    base = house().links_of(row).base_url
    spoken = {"lang": chosen.code} if chosen.code != row["language"] else {}
    parts = "&".join(f"{name}={value}" for name, value in sorted({**query, **spoken}.items()))
    name = f"Ortsruf {row['name']}"
    return Channel(
        key=f"{path}?{parts}", title=f"{name}: {title}" if title else name,
        url=base + addressed(path, {**query, **spoken}),
        page=base + addressed(url_for(page, slug=row["id"]), {**query, **spoken}),
        language=chosen.code, author=row["name"], begun=row["created_at"],
    )  # fmt: skip


def item(found: RowMapping, row: RowMapping, chosen: Language) -> Item:
    """Return one notice for a feed."""
    now = house().now()
    one = view(found, chosen, row["zone"], now, whole=False)
    off = found["withdrawn"] and one.state  # that time passes changes no entry
    return Item(
        id=found["id"], title=f"{one.state}: {one.text.title}" if off else one.text.title,
        page=house().links_of(row).notice(row["id"], found["id"]), updated=found["changed_at"],
        published=one.notice.sent or found["first_seen_at"], language=one.text.lang or chosen.code,
        topic=found["topic"], author=one.notice.publisher or one.notice.attribution, html=clean(one.text.html),
        text="\n\n".join(filter(None, [one.text.body, one.text.instruction])), source=one.notice.url,
        severity=one.notice.severity, until=one.notice.expires, documents=tuple(links(one.notice, chosen)),
    )  # fmt: skip


def served(kind: str, channel: Channel, items: Sequence[Item]) -> Response:
    """Answer with a feed of a kind of ``FORMATS``, or 304 when the reader has it (RFC 9110, 13)."""
    media_type, written = FORMATS[kind]
    body = written(channel, items)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    asked_for = request.headers
    # What leaves a view changes no date, so a reader who knows dates only is always given the whole feed.
    if is_current((tag,), "", asked_for.get("If-None-Match"), asked_for.get("If-Modified-Since")):
        return Response(status=304, headers={"ETag": tag, "Cache-Control": "public, max-age=300"})
    response = Response(body, content_type=f"{media_type}; charset=utf-8")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Last-Modified"] = max((one.updated for one in items), default=channel.begun).strftime(
        "%a, %d %b %Y %H:%M:%S GMT"
    )
    return response


@listing.get("/<slug>/notices.ics", endpoint="calendar")
def as_calendar(slug: str) -> Response:
    """Serve the dates of a view as iCalendar."""
    row, now = town(slug), house().now()
    chosen = feed_language(row)
    with house().store.read() as session:
        wanted = asked_for_feed(session, row)
    channel = channel_of(
        row, chosen, request.path, wanted.query, title=title_of(wanted, chosen), page="listing.notices"
    )
    span = window(wanted.selection.when, now, row["zone"])
    found = desk().feeds.of_notices(
        row, views.chosen(slug, wanted.selection, now, row["zone"]), (span.today, span.end) if span else None,
        name=channel.title, language=chosen, url=channel.url,
    )  # fmt: skip
    return calendar_answer(found)


@listing.get("/<slug>/n/<notice_id>.ics", endpoint="event")
def of_notice(slug: str, notice_id: str) -> Response:
    """Serve the dates of one notice as iCalendar, or with ``?date=`` one of them."""
    row, slot = town(slug), request.args.get("date", "")
    chosen = feed_language(row)
    with house().store.read() as session:
        found = views.one(session, slug, notice_id)
        known = [date.slot for date, _at in stored.dates(session, notice_id)]
    if found is None or not known or (slot and slot not in known):
        abort(404)
    query = {"date": slot} if slot else {}
    channel = channel_of(row, chosen, request.path, query, title="", page="listing.notices")
    name = view(found, chosen, row["zone"], house().now(), whole=False).text.title
    wanted = views.dates_of(notice_id, slot)
    return calendar_answer(desk().feeds.of_notices(row, wanted, _EVER, name=name, language=chosen, url=channel.url))
