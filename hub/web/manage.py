"""A person's settings behind the secret link: topics, ways, habits, calendar, and deleting everything."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.core.errors import SubscribeError
from hub.core.lapse import GRACE
from hub.core.schedule import EVERY_DAY, next_wall
from hub.jobs.erase import erase
from hub.jobs.monthly import choose, moved
from hub.jobs.subscribe import add_endpoint, put_wishes
from hub.store import lifesigns, subscribers, towns
from hub.web.choices import Choice
from hub.web.desk import NAME, desk, house, language, links, mine, person
from hub.web.erasure import goes
from hub.web.language import LANGUAGES
from hub.web.mutes import mute_form
from hub.web.own import own_pages, standing
from hub.web.places import looks_around, read_places, towns_in
from hub.web.public import setting_of
from hub.web.searches import saved
from hub.web.start import Draft, add_place, around, edited
from hub.web.subscribe import calendar_url, mail_way, too_many, ways_out
from hub.web.topics import DIGEST_HOURS
from hub.web.written import written

manage = Blueprint("manage", __name__, url_prefix="/m/<token>")
PAUSES = ("0", "1", "7", "14", "28")  # days
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@manage.before_request
def _secret() -> None:
    g.secret = True  # such pages are kept in no cache


def _(message: str) -> str:
    return message


@manage.get("/settings", strict_slashes=False)
def overview(token: str) -> Response:
    """Show everything this person has chosen."""
    return _shown(token, person(token))


def _shown(
    token: str,
    row: RowMapping,
    habits: dict[str, str | None] | None = None,
    *,
    values: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    draft: Draft | None = None,
) -> Response:
    """Return the page; ``habits`` as typed if they were refused. Whose page it is says the link alone."""
    with house().store.read() as session:
        ways = subscribers.endpoints_of(session, row["id"])
        setting = setting_of(session, g.town, _has(ways), {one["id"] for one in mine(session, row)}, wide=True)
        stands = standing(session, row)
        wished = subscribers.subscriptions(session, row["id"])
        stored, rest = written(wished, setting)
        mute = mute_form(session, row)
    draft = draft or Draft(g.town, stored if values is None else values)
    if add := request.args.get("add", "")[:64]:
        add_place(draft, add, request.args.get("place", "")[:200], request.args.get("house", "")[:8])
    body = render_template(
        "manage.html", token=token, **{**stands, "person": {**row, **(habits or {})}}, ways=ways, rest=rest,
        values=draft.values, faults={**(faults or {}), **draft.faults}, **around(draft, _has(ways)),
        pages=own_pages(token),
        calendar=calendar_url(row, ways), manage_url=links().manage(row["id"], row["generation"]),
        typed=request.form.get("address", ""),
        searches=saved(wished), mute=mute,
        mailed=("mail", "active") in {(one["channel"], one["state"]) for one in ways},
        weekdays=language().weekdays(),
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)


def _has(ways: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one["channel"] for one in ways))


def _back(token: str, message: str) -> Redirection:
    flash(message)
    return redirect(url_for("manage.overview", token=token), 303)


@manage.post("/topics")
def topics(token: str) -> Response | Redirection:
    """Replace the subscriptions by what the form says; those it cannot show stay as they are."""
    row, form = person(token), request.form.to_dict()
    if "do" in form:
        return _shown(token, row, draft=edited(Draft(g.town, form)))
    with house().store.read() as session:
        has = _has(subscribers.endpoints_of(session, row["id"]))
        setting = setting_of(session, g.town, has, towns_in(form), wide=looks_around(form))
    choice = read_places(form | {"digest_at": row["digest_at"]}, setting)
    faults = dict(choice.faults)
    faults.pop("digest_at", None)
    new = ways_out(choice, faults, has)
    refused = too_many(row["municipality_id"]) if "mail" in new else None
    if refused is not None:
        return refused
    if not faults:
        try:
            _replace(row, choice, new)
            return _back(token, _("Your topics are saved."))
        except SubscribeError as error:
            faults["email"] = str(error)
    return _shown(token, row, values=form, faults=faults)


def _replace(row: RowMapping, choice: Choice, new: dict[str, tuple[str, dict[str, str], str]]) -> None:
    """Write topics and new ways in one transaction: all or nothing."""
    with house().store.begin() as session:
        old = subscribers.subscriptions(session, row["id"])
        setting = setting_of(session, g.town, also={one["id"] for one in mine(session, row)}, wide=True)
        _values, rest = written(old, setting)
        home = put_wishes(house(), session, row, (*choice.wishes, *rest))
        town = towns.get(session, home) or g.town
        for channel, way in new.items():
            add_endpoint(house(), session, town, row["id"], channel=channel, way=way)


@manage.post("/habits")
def habits(token: str) -> Response | Redirection:
    """Change quiet hours, the hour and the days of the digest, and the language."""
    row, form = person(token), request.form
    begin, end = form.get("quiet_from", ""), form.get("quiet_to", "")
    digest_at, wanted = form.get("digest_at", ""), form.get("language", "")
    faults = {}
    if bool(begin) != bool(end) or any(text and not _CLOCK.fullmatch(text) for text in (begin, end)):
        faults["quiet"] = _("Please give both the beginning and the end of the quiet hours, or neither.")
    if digest_at not in DIGEST_HOURS and digest_at != row["digest_at"]:
        faults["digest_at"] = _("Please choose one of the hours offered.")
    days = row["digest_days"]
    if form.get("digest_days"):  # the boxes were there; none of them ticked sends nothing
        days = "".join(day for day in EVERY_DAY if form.get(f"digest_day_{day}"))
    if not days:
        faults["digest_days"] = _("Please choose at least one day.")
    if wanted not in LANGUAGES:
        faults["language"] = _("Please choose one of the languages offered.")
    if faults:
        typed = {"quiet_from": begin, "quiet_to": end, "digest_at": digest_at, "language": wanted}
        return _shown(token, row, typed | {"digest_days": days, "monthly_day": form.get("monthly")}, faults=faults)
    at = next_wall(house().now(), time.fromisoformat(digest_at), g.town["zone"], days)
    with house().store.begin() as session:
        subscribers.change(
            session, row["id"], quiet_from=begin or None, quiet_to=end or None, language=wanted,
            digest_at=digest_at, digest_days=days, next_digest_at=at, **moved(row, digest_at, g.town["zone"]),
        )  # fmt: skip
        if form.get("monthly_shown"):
            fresh = subscribers.get(session, row["id"]) or row
            choose(house(), session, fresh, wanted=form.get("monthly") == "1")
    return _back(token, _("Your times and your language are saved."))


@manage.post("/pause")
def pause(token: str) -> Redirection:
    """Pause all messages for some days, or go on at once."""
    row = person(token)
    given = request.form.get("days", "")
    if given not in PAUSES:
        abort(400)
    days = int(given)
    until = house().now() + timedelta(days=days) if days else None
    with house().store.begin() as session:
        subscribers.change(session, row["id"], paused_until=until)
    return _back(token, _("Your messages are paused.") if days else _("You get messages again."))


@manage.post("/address")
def address(token: str) -> Response | Redirection:
    """Add an e-mail address; it must be confirmed."""
    row, typed = person(token), request.form.get("address", "").strip()
    refused = too_many(row["municipality_id"])
    if refused is not None:
        return refused
    try:
        way = mail_way(typed)
        with house().store.begin() as session:
            add_endpoint(house(), session, g.town, row["id"], channel="mail", way=way)
    except SubscribeError as error:
        return _shown(token, row, faults={"address": str(error)})
    return _back(token, _("Please look into your mailbox and confirm the address."))


@manage.post("/ways/<int:endpoint_id>/end")
def end_way(token: str, endpoint_id: int) -> Redirection:
    """End one way out of this person."""
    row = person(token)
    with house().store.begin() as session:
        if endpoint_id not in [one["id"] for one in subscribers.endpoints_of(session, row["id"])]:
            abort(404)
        subscribers.end_endpoints(session, [endpoint_id], house().now(), state="ended")
    return _back(token, _("It is ended. Nothing more comes this way."))


@manage.get("/keep")
def ask_to_keep(token: str) -> str:
    """Show the one button that keeps everything; opening the link keeps nothing, because mail scanners open links."""
    row = person(token)
    at = row["lapse_told_at"]
    return render_template("keep.html", token=token, ends=at + GRACE if at is not None else None)


@manage.post("/keep")
def keep(token: str) -> Redirection:
    """Keep everything, whoever was warned that it will be deleted."""
    row = person(token)
    with house().store.begin() as session:
        lifesigns.kept(session, row["id"], house().now())
    return _back(token, _("Everything stays as it is."))


@manage.get("/delete")
def delete(token: str) -> str:
    """Ask once more before everything goes."""
    return render_template("delete.html", token=token, goes=goes(person(token)))


@manage.post("/delete")
def deleted(token: str) -> Response:
    """Delete everything known of this person, now."""
    row = person(token)
    erase(house(), row)
    response = make_response(render_template("deleted.html"))
    response.headers["Clear-Site-Data"] = '"storage"'  # what the app kept, and its worker
    response.delete_cookie(desk().cookie(NAME), secure=desk().secure, httponly=True, samesite="Lax", path="/")
    return response
