"""End one way out by the secret link in each message (RFC 8058): no cookie, no token, no question; and take it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request

from hub.jobs.addresses import sealed, undo
from hub.jobs.monthly import choose_by_link
from hub.jobs.subscribe import end_endpoint
from hub.store import subscribers, towns
from hub.web.desk import house
from hub.web.failures import page
from hub.web.subscribe import titles
from hub.web.topics import CHANNELS

farewell = Blueprint("farewell", __name__)


def _(message: str) -> str:
    return message


@farewell.get("/u/<token>", strict_slashes=False)
def ask(token: str) -> str:
    """Show the button; opening the link ends nothing, because mail scanners open links."""
    known = _known(token)
    return render_template("unsubscribe.html", token=token, **known)


@farewell.post("/u/<token>")
def end(token: str) -> str:
    """End the endpoint, or the monthly mail alone; again and again with the same answer.

    The page names what ended and offers to take it back; the address is kept nowhere but, encrypted, in that offer.
    """
    known = _known(token)
    if known["monthly"]:
        choose_by_link(house(), token, wanted=False)
        seal = ""
    else:
        row = end_endpoint(house(), token)
        seal = sealed(house(), row) if row is not None and known["active"] else ""
    return render_template("unsubscribed.html", token=token, seal=seal, **known)


@farewell.post("/u/<token>/undo")
def back(token: str) -> str | Response:
    """Take the end back."""
    known = _known(token)
    done = (
        choose_by_link(house(), token, wanted=True) is not None if known["monthly"]
        else undo(house(), token, request.form.get("seal", ""))
    )  # fmt: skip
    if not done:
        return page(410, _("This can no longer be taken back. Please sign up again."))
    return render_template("unsubscribe_undone.html", **_known(token))


def _known(token: str) -> dict[str, Any]:
    """Return what the link is about: ``channel`` as people call it and whether it is still alive; 404 if not ours.

    ``monthly``: the link ends the monthly mail alone, which is ``alive`` as long as it is wanted. ``told``: the topics
    that come this way; ``others``: the ways that stay. What was never confirmed is alive, but not ``active``.
    """
    g.secret = True
    links = house().links
    monthly = links.parts("monthly", token)
    parts = links.parts("unsubscribe", token) or monthly
    if not parts:
        abort(404)
    with house().store.read() as session:
        row = subscribers.endpoint_row(session, parts[0])
        g.town = towns.get(session, row["municipality_id"]) if row else None
        person = subscribers.get(session, row["subscriber_id"]) if row else None
        wished = subscribers.subscriptions(session, row["subscriber_id"]) if row else []
        ways = subscribers.endpoints_of(session, row["subscriber_id"]) if row else []
    if row is None or person is None:
        return {"channel": "", "address": "", "alive": False, "active": False, "monthly": bool(monthly),
                "told": [], "others": []}  # fmt: skip
    others = [CHANNELS.get(one["channel"], one["channel"]) for one in ways if one["id"] != row["id"]]
    return {
        "channel": CHANNELS.get(row["channel"], row["channel"]), "monthly": bool(monthly),
        "alive": person["monthly_day"] is not None if monthly else row["state"] in {"active", "pending"},
        "active": row["state"] == "active", "others": list(dict.fromkeys(others)),
        "told": titles([one for one in wished if any(way[0] == row["channel"] for way in one["ways"])]),
        "address": row["address"] if row["channel"] == "mail" else "",
    }  # fmt: skip
