"""Calendars: one private feed per subscriber over all topics, and public feeds per topic and place."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from hub.web.desk import desk, house, language, links, town
from hub.web.failures import page
from hub.web.language import LANGUAGES, choose
from hub.web.topics import TOPICS
from push.ical.answer import answer
from push.ical.assemble import Feed

dates = Blueprint("dates", __name__)


@dates.get("/calendar/<token>.ics")
@dates.get("/calendar/<token>/<topic>.ics")
def private(token: str, topic: str = "") -> Response:
    """Serve a person's own calendar, whole or a topic of it; 410 once it was revoked, so that apps stop asking."""
    parts = house().links.parts("calendar", token)
    known = not topic or (topic in TOPICS and TOPICS[topic].dated)
    if parts is None or len(parts) != 2 or not known:  # noqa: PLR2004 - endpoint and generation
        abort(404)
    alarms_on = _alarms_on()
    found = desk().feeds.private(_address(alarms_on=alarms_on), (parts[0], parts[1]), topic, alarms_on=alarms_on)
    return page(410, language().text("This calendar has been revoked.")) if found is None else calendar_answer(found)


@dates.get("/<slug>/calendar/<topic>.ics")
@dates.get("/<slug>/calendar/<topic>/<zone>.ics")
def of_topic(slug: str, topic: str, zone: str = "") -> Response:
    """Serve the public calendar of a topic in a town, or in one of its streets or waste zones."""
    own = town(slug)
    if topic not in TOPICS or not TOPICS[topic].dated:
        abort(404)
    wanted = request.args.get("lang")
    wanted = wanted if wanted in LANGUAGES else None
    alarms_on = _alarms_on()
    found = desk().feeds.public(
        _address(alarms_on=alarms_on, lang=wanted), own, topic, zone, language=choose((wanted, own["language"])),
        alarms_on=alarms_on, url=links().base_url + request.path,
    )  # fmt: skip
    if found is None:
        abort(404)
    return calendar_answer(found)


def _alarms_on() -> bool:
    return request.args.get("alarms") == "1"


def _address(*, alarms_on: bool, lang: str | None = None) -> str:
    """Return what a feed is kept under: path and what of the query matters, as apps that copied our link ask."""
    query = "&".join([f"lang={lang}"] * bool(lang) + ["alarms=1"] * alarms_on)
    path = str(request.environ["PATH_INFO"])
    return f"{path}?{query}" if query else path


def calendar_answer(found: Feed) -> Response:
    """Answer with a calendar, or 304 when the reader has it (RFC 9110, 13)."""
    asked = request.headers
    status, headers, body = answer(
        found, none_match=asked.get("If-None-Match"), since=asked.get("If-Modified-Since"),
        accept_encoding=asked.get("Accept-Encoding", ""),
    )  # fmt: skip
    return Response(body, status, headers)
