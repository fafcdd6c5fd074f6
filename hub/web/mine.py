"""My Ortsruf, behind the secret link: warnings, the next days, the newest messages; and all dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.agenda import AHEAD, BINS, Dated, agenda, next_bins, page
from hub.core.inbox import CLEAR, Warned, holds, last_checked
from hub.core.schedule import local_day, wall
from hub.core.selection import When, window
from hub.core.subscription import Criteria, criteria_from_json
from hub.store import agenda as stored
from hub.store import inbox, subscribers, towns
from hub.web.days import Scribe
from hub.web.desk import house, language, person
from hub.web.eye import eye
from hub.web.mutes import mute_form, taken
from hub.web.own import entries, own_pages, own_sources, owner, standing
from hub.web.selecting import WHENS

mine = Blueprint("mine", __name__, url_prefix="/m/<token>")
_NEWEST, _DATES, _MOST = 10, 100, 500
_BINS_AHEAD = timedelta(days=60)


@mine.before_request
def _secret() -> None:
    g.secret = True  # such pages are kept in no cache


@mine.get("", strict_slashes=False)
def home(token: str) -> str:
    """Show what concerns this person now; ``?notice=`` explains one message, ``?muted=`` offers to take a mute back."""
    row, now, chosen = person(token), house().now(), language()
    known = own_sources(row)
    with house().store.read() as session:
        whose, wishes = owner(session, row), _wishes(session, row)
        unread, newest = inbox.unread_count(session, whose)
        found = inbox.page(session, whose, inbox.Sought(), most=_NEWEST)
        about = request.args.get("notice", "")[:32]
        asked = inbox.one(session, whose, about) if about else None
        return render_template(
            "mine.html", token=token, pages=own_pages(token), unread=unread, until=newest,
            eye=eye(session, g.town, whose, wishes, known=known, language=chosen, now=now),
            **_days(session, row, whose, now),
            listed=entries(session, row, found, known), count=inbox.count(session, whose, inbox.Sought()),
            asked=entries(session, row, [asked], known)[0] if asked is not None else None,
            mute=mute_form(session, row, about) if about else None, taken=taken(session, row),
            **standing(session, row),
        )  # fmt: skip


def _wishes(session: Session, row: RowMapping) -> list[Criteria]:
    return [criteria_from_json(one["criteria"]) for one in subscribers.subscriptions(session, row["id"])]


def _days(session: Session, row: RowMapping, whose: inbox.Owner, now: datetime) -> dict[str, Any]:
    """Return the next bins, and the dates of today, tomorrow and the days after."""
    zone, chosen = g.town["zone"], language()
    today = local_day(now, zone)
    begin = wall(today, time(), zone)
    near = stored.dates(session, whose, begin, wall(today + AHEAD, time(), zone), now, most=_MOST)
    far = wall(today + _BINS_AHEAD, time(), zone)
    bins = next_bins(stored.dates(session, whose, begin, far, now, topic=BINS, most=_MOST), now, zone)
    scribe = _scribe(session, row, [*near, *bins])
    found = agenda(near, today, today + AHEAD, now, zone)
    soon = (today, today + timedelta(days=1))
    return {
        "bins": scribe.shown(bins), "going_on": scribe.shown(found.going_on),
        "near": [(chosen.day(day, zone), day.isoformat(), scribe.shown(found.on(day))) for day in soon],
        "later": [_day(one.day, scribe, one.dates) for one in found.days if one.day not in soon],
        "days_ahead": AHEAD.days,
    }  # fmt: skip


def _scribe(session: Session, row: RowMapping, dates: Sequence[Dated]) -> Scribe:
    rows = stored.notices(session, sorted({one.notice for one in dates}))
    return Scribe(rows, language(), g.town["zone"], _whose(session, row, dates))


def _whose(session: Session, row: RowMapping, dates: Sequence[Dated]) -> dict[str, str]:
    """Return where each bin stands, by notice, if a person has bins at several places."""
    bins = sorted({one.notice for one in dates if one.topic == BINS})
    reasons = inbox.reasons(session, row["id"], bins) if bins else {}
    names = towns.place_names(session, {one.place for one in reasons.values() if one.place})
    found = {notice: names[one.place] for notice, one in reasons.items() if one.place}
    return found if len(set(found.values())) > 1 else {}


def _day(day: date, scribe: Scribe, dates: Sequence[Dated]) -> tuple[str, str, Any]:
    return language().day(day, g.town["zone"]), day.isoformat(), scribe.shown(dates)


@mine.get("/dates")
def dates(token: str) -> str:
    """Show this person's dates of a week, a month or all; ``?from=`` is the day on which a further page begins."""
    row, now, zone = person(token), house().now(), g.town["zone"]
    asked = request.args.get("when", "")
    when = When(asked) if asked in set(When) - {When.PAST} else When.ALL
    span, today = window(when, now, zone), local_day(now, zone)
    first = max(today, _day_of(request.args.get("from", "")) or today, local_day(span.today, zone) if span else today)
    with house().store.read() as session:
        whose = owner(session, row)
        found = stored.dates(
            session, whose, wall(first, time(), zone), span.end if span else None, now, most=_MOST
        )  # fmt: skip
        laid = agenda(found, first, local_day(span.end, zone) if span else None, now, zone)
        days, after = page(laid.days, _DATES)
        scribe = _scribe(session, row, [*laid.going_on, *(one for day in days for one in day.dates)])
        unread, _newest = inbox.unread_count(session, whose)
    return render_template(
        "agenda.html", token=token, pages=own_pages(token), unread=unread, when=when.value,
        whens={one.value: text for one, text in WHENS.items() if one is not When.PAST},
        days=[_day(one.day, scribe, one.dates) for one in days],
        going_on=[] if request.args.get("from") else scribe.shown(laid.going_on),
        after=after.isoformat() if after else "",
    )  # fmt: skip


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@mine.get("/glance")
def glance(token: str) -> Response:
    """Say in figures what the first page says: ``unread`` messages, ``warnings`` in force, ``checked_at`` (ISO 8601).

    ``checked_at`` is when all sources of this person's topics had last been read, ``null`` if one never was.
    """
    row, now = person(token), house().now()
    known = own_sources(row)
    with house().store.read() as session:
        whose, wishes = owner(session, row), _wishes(session, row)
        unread, _newest = inbox.unread_count(session, whose)
        warned = [
            one for one in inbox.warnings(session, whose, now - CLEAR)
            if holds(Warned(one["withdrawn"], one["changed_at"], one["over_at"]), now)
        ]  # fmt: skip
    topics = {topic for one in wishes for topic in one.topics}
    every = any(not one.topics for one in wishes)
    checked = last_checked(one["succeeded_at"] for one in known if every or one["topic"] in topics)
    response = jsonify(unread=unread, warnings=len(warned), checked_at=checked.isoformat() if checked else None)
    response.headers["Cache-Control"] = "private, no-store"
    return response
