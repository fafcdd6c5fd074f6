"""Sign up, be welcomed, and confirm an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping

import push
from hub.core.errors import SubscribeError
from hub.core.subscription import criteria_from_json
from hub.jobs.subscribe import SignUp, Wish, confirm, sign_up
from hub.store import subscribers, towns
from hub.web.choices import Choice
from hub.web.desk import NAME, desk, house, language, links, person, town
from hub.web.failures import page
from hub.web.figures import Teller
from hub.web.places import looks_around, read_places, towns_in
from hub.web.public import setting_of
from hub.web.robots import BEGAN, is_robot
from hub.web.start import Draft, start_form
from hub.web.topics import TOPICS

subscribe = Blueprint("subscribe", __name__)
_YEAR = 31_536_000
Way = tuple[str, dict[str, str], str]


def _(message: str) -> str:
    return message


@subscribe.post("/<slug>/subscribe")
def sign_up_form(slug: str) -> Response:
    """Take the sign-up form; what is wrong comes back with what was typed."""
    row, values = town(slug), request.form.to_dict()
    refused = too_many(slug)
    if refused is not None:
        return refused
    if is_robot(values, house().now(), house().links.key):
        doubt = _("We could not tell whether a person sent this. Please read it once more, and send it again.")
        return start_form(Draft(row, values, faults={BEGAN: doubt}), status=400)
    with house().store.read() as session:
        choice = read_places(values, setting_of(session, row, also=towns_in(values), wide=looks_around(values)))
    faults = dict(choice.faults)
    addresses = ways_out(choice, faults)
    if not faults:
        try:
            form = SignUp(choice.wishes, addresses, language().code, choice.digest_at, choice.digest_days)
            return welcomed(sign_up(house(), slug, form))
        except SubscribeError as error:
            faults["email" if choice.email else "topics"] = str(error)
    return start_form(Draft(row, values, faults=faults), status=400)


def too_many(slug: str) -> Response | None:
    """Return the refusal if this client's network, or the whole municipality, signs up too often."""
    if desk().lets_sign_up(request.remote_addr or "", slug):
        return None
    response = page(429)
    response.headers["Retry-After"] = "3600"
    return response


def ways_out(choice: Choice, faults: dict[str, str], has: tuple[str, ...] = ()) -> dict[str, Way]:
    """Return the new endpoints that a choice needs; a push endpoint comes later, from the device itself."""
    found: dict[str, Way] = {}
    if choice.uses("mail") and choice.email and "mail" not in has:
        try:
            found["mail"] = mail_way(choice.email)
        except SubscribeError as error:
            faults["email"] = str(error)
    if choice.uses("ical") and "ical" not in has:
        found["ical"] = ("", {}, "")
    return found


def mail_way(address: str) -> Way:
    """Return an e-mail address as stored. Raises ``SubscribeError`` if it is none or we have no sender."""
    if not house().sender:
        raise SubscribeError(_("E-mail is not set up here yet. Please choose another way."))
    kind = push.load("mail")
    try:
        checked, keys = kind.check(address, {}, house().outlet("mail").settings)
    except SubscribeError as error:
        raise SubscribeError(_("Please look at the e-mail address again: it is not complete.")) from error
    return checked, dict(keys), kind.service(checked)


def welcomed(subscriber_id: int) -> Response:
    """Lead to the new person's welcome page and let this device remember them."""
    with house().store.read() as session:
        row = subscribers.get(session, subscriber_id)
    token = house().links.token("manage", subscriber_id, row["generation"] if row else 1)
    return remember(make_response(redirect(url_for("subscribe.welcome", token=token), 303)), token)


def remember(response: Response, token: str) -> Response:
    """Let this device know its person from now on."""
    response.set_cookie(
        desk().cookie(NAME), token, max_age=_YEAR, httponly=True, samesite="Lax", secure=desk().secure, path="/"
    )
    return response


@subscribe.get("/m/<token>/welcome")
def welcome(token: str) -> str:
    """Say what comes next: the mailbox, this device, the calendar; and the link to keep."""
    g.secret = True
    row = person(token)
    with house().store.read() as session:
        ways = subscribers.endpoints_of(session, row["id"])
        wished = subscribers.subscriptions(session, row["id"])
    named, figure = coming(g.town, wished)
    return render_template(
        "welcome.html", token=token, coming=named, figure=figure,
        manage_url=links().manage(row["id"], row["generation"]),
        calendar=calendar_url(row, ways), sender=house().sender,
        waiting=[one["address"] for one in ways if one["channel"] == "mail" and one["state"] == "pending"],
        push_wanted=any(way[0] == "webpush" for one in wished for way in one["ways"]),
    )  # fmt: skip


def coming(row: RowMapping, wished: Sequence[Mapping[str, Any]]) -> tuple[list[str], str]:
    """Return what notifications will tell, in words, and how much that would have been so far."""
    spoken = [one for one in wished if any(way[0] == "webpush" for way in one["ways"])]
    loud = [Wish(criteria_from_json(one["criteria"]), tuple(one["ways"]), one["town"]) for one in spoken]
    told = Teller(desk().foresight, row, language(), house().now()).of_wishes(loud, "webpush") if loud else ""
    return titles(spoken), told


def titles(wished: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the topics of subscriptions are called, each once."""
    names = dict.fromkeys(topic for one in wished for topic in one["criteria"].get("topics", ()) if topic in TOPICS)
    return [language().text(TOPICS[name].title) for name in names]


def calendar_url(row: RowMapping, ways: object) -> str:
    """Return the address of a person's private calendar, or an empty string without one."""
    for one in ways:  # type: ignore[attr-defined]
        if one["channel"] == "ical" and one["state"] == "active":
            return links().calendar(one["id"], row["generation"])
    return ""


@subscribe.get("/c/<token>", strict_slashes=False)
def ask(token: str) -> str | Response:
    """Show the button that confirms; opening the link alone confirms nothing (mail scanners open links)."""
    g.secret = True
    row = _asked(token)
    if row is None:
        return _dead()
    return render_template("confirm.html", token=token)


@subscribe.post("/c/<token>")
def confirm_address(token: str) -> str | Response:
    """Confirm the address that the link names; a device that remembers this person is given their new link."""
    g.secret = True
    if _asked(token) is None:
        return _dead()
    row = confirm(house(), token)
    if row is None:
        return _dead()
    with house().store.read() as session:
        known = subscribers.get(session, row["subscriber_id"])
    if known is None:
        return _dead()
    manage = links().manage(known["id"], known["generation"])
    response = make_response(render_template("confirmed.html", manage_url=manage, address=row["address"]))
    remembered = house().links.parts("manage", request.cookies.get(desk().cookie(NAME), ""))
    if remembered is not None and remembered[0] == known["id"]:
        return remember(response, house().links.token("manage", known["id"], known["generation"]))
    return response


def _asked(token: str) -> RowMapping | None:
    """Return the endpoint of a living confirmation link, and make its town this request's own."""
    if house().links.parts("confirm", token) is None:
        abort(404)
    endpoint_id = house().links.confirmed(token, house().now())
    if endpoint_id is None:
        return None
    with house().store.read() as session:
        row = subscribers.endpoint_row(session, endpoint_id)
        if row is None:
            return None
        g.town = towns.get(session, row["municipality_id"])
    return row if row["state"] == "pending" else None


def _dead() -> Response:
    return page(
        410,
        _("This link was used or is older than 48 hours. If nothing reaches you, please sign up again."),
    )
