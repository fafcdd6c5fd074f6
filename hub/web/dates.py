"""Calendars: one private feed per subscriber over all topics, and public feeds per topic and place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, abort, g, request
from sqlalchemy import RowMapping

from hub.core.codec import from_json, occurrence_from_json
from hub.core.message import Payload
from hub.core.notice import Occurrence, Status
from hub.core.schedule import local_day, reminder_at, starts, wall
from hub.core.subscription import Action, lead
from hub.store import calendars, interests, subscribers, towns
from hub.web.desk import house, language, town
from hub.web.failures import page
from hub.web.language import choose
from hub.web.topics import TOPICS
from push.ical.feed import FeedEntry, conditional

dates = Blueprint("dates", __name__)
BACK, AHEAD = timedelta(days=60), timedelta(days=400)


def _window() -> tuple[datetime, datetime]:
    """Return what a feed covers: from 60 days ago to 400 days ahead."""
    return house().now() - BACK, house().now() + AHEAD


@dates.get("/calendar/<token>.ics")
def private(token: str) -> Response:
    """Serve a person's own calendar; 410 once it was revoked, so that calendar apps stop asking."""
    parts = house().links.parts("calendar", token)
    if parts is None or len(parts) != 2:  # noqa: PLR2004 - endpoint and generation
        abort(404)
    with house().store.read() as session:
        way = subscribers.endpoint_row(session, parts[0])
        row = subscribers.get(session, way["subscriber_id"]) if way else None
        if way is None or row is None or way["state"] != "active" or row["generation"] != parts[1]:
            return page(410, language().text("This calendar has been revoked."))
        found = calendars.of_subscriber(session, row["id"], *_window())
        wished = subscribers.subscriptions(session, row["id"])
        names = {path: towns.place_name(session, path) for path in _reasons(found)}
    own = town(row["municipality_id"])
    leads = {
        one["interest_id"]: tuple(dict.fromkeys(text for _, action, text in one["ways"] if action is Action.REMINDER))
        for one in wished
    }
    g.language = choose((row["language"],))
    entries = _merged(_entry(one, own, leads.get(one["interest_id"], ()), names) for one in found)
    # A changed choice leaves no date behind, so a reader who knows dates only is always given the whole feed.
    return _served(entries, own, f"Ortsruf {own['name']}", house().links.calendar(*parts), since=None)


def _reasons(found: Sequence[RowMapping]) -> set[str]:
    return {str(one["reason"]["place"]) for one in found if one["reason"] and one["reason"].get("place")}


@dates.get("/<slug>/calendar/<topic>.ics")
@dates.get("/<slug>/calendar/<topic>/<zone>.ics")
def of_topic(slug: str, topic: str, zone: str = "") -> Response:
    """Serve the public calendar of a topic in a town, or in one of its streets or waste zones."""
    own = town(slug)
    if topic not in TOPICS or not TOPICS[topic].dated:
        abort(404)
    begin, end = _window()
    with house().store.read() as session:
        path, name = own["path"], own["name"]
        if zone:
            here = [*towns.streets_of(session, slug, topic), *towns.local_places(session, slug, "zone")]
            known = {one["path"].rpartition(":")[2]: one for one in here}
            if zone not in known:
                abort(404)
            path, name = known[zone]["path"], f"{name}, {known[zone]['name']}"
        found = calendars.of_place(session, slug, topic=topic, path=path, begin=begin, end=end)
    g.language = choose((request.args.get("lang"), own["language"]))
    title = f"{language().text(TOPICS[topic].title)} {name}"
    entries = [_entry(one, own, (), {}) for one in found]
    since = request.headers.get("If-Modified-Since")
    return _served(entries, own, title, house().links.base_url + request.path, since=since)


def _entry(one: RowMapping, own: RowMapping, leads: Sequence[str], names: dict[str, str]) -> FeedEntry:
    occurrence = occurrence_from_json(one["occurrence"])
    if one["withdrawn"]:
        occurrence = replace(occurrence, status=Status.CANCELLED)
    reason = interests.reason_from_json(one.get("reason"))
    if reason is not None:
        reason = replace(reason, place=names.get(reason.place, own["name"]))
    return FeedEntry(
        uid=one["slot"], notice=from_json(one["notice"]), occurrence=occurrence, sequence=one["sequence"],
        changed=one["changed_at"], url=house().links.notice(own["id"], one["id"]), reason=reason,
        leads=tuple(span(text, occurrence, own["zone"]) for text in leads),
    )  # fmt: skip


def span(text: str, occurrence: Occurrence, zone: str) -> timedelta:
    """Return how long before ``occurrence`` a stored lead time falls; before a whole day: before its midnight.

    Whole days are counted on the wall clock, so that the hour stays right when the clocks change that night.
    """
    found = lead(text)
    if found.at is None:
        return found.span or timedelta()
    if isinstance(occurrence.start, datetime):
        return starts(occurrence, zone) - reminder_at(occurrence, found, zone)
    day = date(occurrence.start.year, occurrence.start.month, occurrence.start.day)
    return datetime.combine(day, time()) - datetime.combine(day - timedelta(days=found.days), found.at)


def _merged(entries: Iterable[FeedEntry]) -> list[FeedEntry]:
    """Return each date once, with the lead times of every subscription that brought it."""
    found: dict[tuple[str, str], FeedEntry] = {}
    for one in entries:
        key = (one.notice.id, one.uid)
        before = found.get(key)
        leads = tuple(sorted({*one.leads, *(before.leads if before else ())}))
        found[key] = replace(before or one, leads=leads)
    return list(found.values())


def _served(entries: Sequence[FeedEntry], own: RowMapping, name: str, address: str, *, since: str | None) -> Response:
    """Answer with the feed, or 304 when the reader has it (RFC 9110, 13).

    Each midnight counts as a change, because the window of the feed moves on.
    """
    from push.ical.render import render_feed

    payload: Payload = render_feed(
        entries, site=house().site(own), name=name, language=language().code, source_url=address,
        alarms_on=request.args.get("alarms") == "1",
        composed=wall(local_day(house().now(), own["zone"]), time(), own["zone"]),
    )  # fmt: skip
    status = conditional(payload, request.headers.get("If-None-Match"), since)
    response = Response(payload.body if status == 200 else b"", status)  # noqa: PLR2004 - OK
    response.headers.update(payload.headers)
    return response
