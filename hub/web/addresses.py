"""A person's e-mail addresses: change one, have the confirmation sent again (U21)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.core.errors import SubscribeError
from hub.jobs.addresses import MAIL, ask_again, change_address
from hub.store import subscribers
from hub.web.desk import house, person
from hub.web.subscribe import mail_way, too_many

addresses = Blueprint("addresses", __name__, url_prefix="/m/<token>/addresses")


def _(message: str) -> str:
    return message


_SENT = _(
    "A message is on its way to the new address. Open the link in it within 48 hours; the old one works until then."
)
_ONCE = _("An address gets one such message a day at most. Please look for the one that you have, also among spam.")


@addresses.before_request
def _secret() -> None:
    g.secret = True


@addresses.get("")
def overview(token: str) -> Response:
    """Show every address with what can be done with it."""
    return _shown(token, person(token))


def _shown(token: str, row: RowMapping, faults: dict[str, str] | None = None, typed: str = "") -> Response:
    mails = _mails(row)
    named = {one["id"]: one["address"] for one in mails}
    body = render_template(
        "addresses.html", token=token, mails=mails, named=named, faults=faults or {}, typed=typed, sender=house().sender
    )
    return make_response(body, 400 if faults else 200)


def _mails(row: RowMapping) -> list[RowMapping]:
    with house().store.read() as session:
        return [one for one in subscribers.endpoints_of(session, row["id"]) if one["channel"] == MAIL]


@addresses.post("/<int:endpoint_id>/change")
def change(token: str, endpoint_id: int) -> Response | Redirection:
    """Have another address confirmed, which then takes the place of this one."""
    row = person(token)
    old = _own(row, endpoint_id)
    typed = request.form.get(f"address_{endpoint_id}", "").strip()
    refused = too_many(row["municipality_id"])
    if refused is not None:
        return refused
    try:
        way = mail_way(typed)
        with house().store.begin() as session:
            change_address(house(), session, g.town, old, way)
    except SubscribeError as error:
        return _shown(token, row, {f"address_{endpoint_id}": str(error)}, typed)
    flash(_SENT)
    return redirect(url_for("addresses.overview", token=token), 303)


@addresses.post("/<int:endpoint_id>/again")
def again(token: str, endpoint_id: int) -> Response | Redirection:
    """Send the confirmation once more."""
    row = person(token)
    old = _own(row, endpoint_id)
    refused = too_many(row["municipality_id"])
    if refused is not None:
        return refused
    with house().store.begin() as session:
        sent = ask_again(house(), session, old)
    flash(_("The message is on its way once more.") if sent else _ONCE)
    return redirect(url_for("addresses.overview", token=token), 303)


def _own(row: RowMapping, endpoint_id: int) -> RowMapping:
    """Return an address of this person; 404 for anybody else's."""
    found = next((one for one in _mails(row) if one["id"] == endpoint_id), None)
    if found is None:
        abort(404)
    return found
