"""The office: where people begin who are signed in, and the people of a municipality, or of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from hub.account_texts import ROLES
from hub.core.clubs import LONGEST_VETO, MOST_PER_DAY, Bounds, Trust
from hub.core.errors import SubscribeError
from hub.core.permission import EVERYWHERE, Capability, Grant, Role, may_grant, roles_in
from hub.jobs import people
from hub.store import audit, grants, towns
from hub.web.access import forbid, known, needs
from hub.web.desk import house, language
from hub.web.doors import doors
from hub.web.told import ACTS, told
from hub.web.topics import TOPICS

office = Blueprint("office", __name__, url_prefix="/verwaltung")
_MOST_EVENTS = 100
ALL = "alle"  # in addresses: all municipalities; no slug, because people of all have pages of their own


def _(message: str) -> str:
    return message


TRUST = {
    Trust.HELD: _("An editor looks at everything first"),
    Trust.DELAYED: _("Goes out after some hours, if no editor objects"),
    Trust.DIRECT: _("Goes out at once"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality as somebody sees it who has a role there."""

    id: str
    name: str
    roles: tuple[str, ...]
    doors: list[tuple[str, str, bool]]


@office.get("/")
@needs()
def home() -> str:
    """List the municipalities in which somebody has a role, with what they can do there."""
    who = known()
    held = who.visitor.grants
    with house().store.read() as session:
        rows = towns.listed(session)
    places = [_place(row, held) for row in rows if roles_in(held, row["id"])]
    return render_template("office.html", who=who, places=places, county=doors(held))


def _place(row: RowMapping, held: tuple[Grant, ...]) -> Place:
    roles = tuple(ROLES[one][0] for one in Role if one in roles_in(held, row["id"]))
    return Place(row["id"], row["name"], roles, doors(held, row["id"]))


@office.get("/<slug>/personen")
@needs(Capability.PEOPLE)
def persons(slug: str) -> Response:
    """Show who has which role in a municipality, who is invited, and what happened."""
    return _persons(slug)


@office.get("/personen")
@needs(Capability.COUNTY)
def everybody() -> Response:
    """Show who has a role in all municipalities."""
    return _persons(EVERYWHERE)


def _persons(slug: str, faults: dict[str, str] | None = None, link: str = "") -> Response:
    who = known()
    with house().store.read() as session:
        held, open_ = grants.rows_in(session, slug), grants.open_in(session, slug, house().now())
        events = told(session, audit.latest(session, municipality=slug, acts=ACTS, most=_MOST_EVENTS))
    mine = who.visitor.grants
    offered = [one for one in Role if may_grant(mine, _sample(one, slug), own=False)]
    body = render_template(
        "people.html", who=who, slug=slug, held=held, invited=open_, faults=faults or {}, given=request.form,
        roles=ROLES, offered=offered, trust=TRUST, events=events, link=link, topic_names=TOPICS, mails=house().sender,
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)


def _sample(role: Role, slug: str) -> Grant:
    """Return a grant of a role as it might be given."""
    return Grant(role, slug, Bounds("events") if role is Role.CLUB else None)


@office.post("/<slug>/personen")
@needs(Capability.PEOPLE, fresh=True)
def invite(slug: str) -> Response:
    """Invite somebody to a role in a municipality."""
    return _invite(slug)


@office.post("/personen")
@needs(Capability.COUNTY, fresh=True)
def invite_everywhere() -> Response:
    """Invite somebody to a role in all municipalities."""
    return _invite(EVERYWHERE)


def _invite(slug: str) -> Response:
    who, given = known(), request.form
    role = next((one for one in Role if one.value == given.get("role")), None)
    if role is None:
        return _persons(slug, {"role": _("Please choose a role.")})
    bounds, faults = _bounds() if role is Role.CLUB else (None, {})
    if faults:
        return _persons(slug, faults)
    grant = Grant(role, slug, bounds)
    if not may_grant(who.visitor.grants, grant, own=False):
        forbid()
    if given.get("address", "").strip().lower() == who.account["address"]:
        return _persons(
            slug, {"address": _("Nobody gives themselves a role. Please ask somebody else who looks after people.")}
        )
    try:
        made = people.invite(house(), who.actor, given.get("address", ""), grant, language().code)
    except SubscribeError as error:
        return _persons(slug, {"address": str(error)})
    if not house().sender:
        return _persons(slug, link=made.link)
    flash(_("The invitation is on its way. It works for seven days."))
    return _to(slug)


def _bounds() -> tuple[Bounds | None, dict[str, str]]:
    """Read the bounds of a club desk; returns them, or what is wrong in which field."""
    given, faults = request.form, {}
    per_day, hours = _number("per_day", "2"), _number("veto_hours", "4")
    if given.get("topic") not in TOPICS or not 1 <= per_day <= MOST_PER_DAY:
        faults["per_day"] = _("Please choose a topic, and between 1 and 20 messages a day.")
    if not 1 <= hours <= LONGEST_VETO / timedelta(hours=1):
        faults["veto_hours"] = _("Please give between 1 and 168 hours for an objection.")
    if faults:
        return None, faults
    try:
        trust = Trust(given.get("trust", "held"))
    except ValueError:
        abort(400)  # no choice of ours
    return Bounds(given["topic"], trust, per_day, timedelta(hours=hours)), {}


def _number(name: str, default: str) -> int:
    """Return the whole number in a field; 0 for what is none, or has more than four digits."""
    typed = request.form.get(name, default).strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 0  # noqa: PLR2004 - as said


def _to(slug: str) -> Response:
    where = url_for("office.persons", slug=slug) if slug else url_for("office.everybody")
    return redirect(where, 303)


@office.post("/<slug>/personen/rollen/<int:grant_id>/nehmen")
@needs(Capability.PEOPLE, fresh=True)
def take(slug: str, grant_id: int) -> Response:
    """Take a role in a municipality away."""
    return _take(slug, grant_id)


@office.post("/personen/rollen/<int:grant_id>/nehmen")
@needs(Capability.COUNTY, fresh=True)
def take_everywhere(grant_id: int) -> Response:
    """Take a role in all municipalities away."""
    return _take(EVERYWHERE, grant_id)


def _take(slug: str, grant_id: int) -> Response:
    who = known()
    with house().store.read() as session:
        row = grants.row(session, grant_id)
    if row is None or (row["municipality_id"] or EVERYWHERE) != slug:
        abort(404)  # another town's
    if not may_grant(who.visitor.grants, grants.to_grant(row), own=row["account_id"] == who.id):
        forbid()
    done = people.take(house(), who.actor, row)
    flash(_("The role is taken away.") if done else _("Somebody must look after the installation, so this role stays."))
    return _to(slug)


@office.post("/<slug>/personen/einladungen/<int:invitation_id>/widerrufen")
@needs(Capability.PEOPLE, fresh=True)
def withdraw(slug: str, invitation_id: int) -> Response:
    """Revoke an invitation to a municipality."""
    return _withdraw(slug, invitation_id)


@office.post("/personen/einladungen/<int:invitation_id>/widerrufen")
@needs(Capability.COUNTY, fresh=True)
def withdraw_everywhere(invitation_id: int) -> Response:
    """Revoke an invitation to all municipalities."""
    return _withdraw(EVERYWHERE, invitation_id)


def _withdraw(slug: str, invitation_id: int) -> Response:
    with house().store.read() as session:
        row = grants.invited(session, invitation_id)
    if row is None or (row["municipality_id"] or EVERYWHERE) != slug:
        abort(404)  # another town's
    done = people.withdraw(house(), known().actor, row)
    flash(_("The invitation no longer works.") if done else _("It was accepted or revoked already."))
    return _to(slug)
