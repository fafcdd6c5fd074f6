"""End one way out by the secret link in each message (RFC 8058): no cookie, no token, no question."""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template

from hub.jobs.monthly import end_monthly
from hub.jobs.subscribe import end_endpoint
from hub.store import subscribers, towns
from hub.web.desk import house
from hub.web.topics import CHANNELS

farewell = Blueprint("farewell", __name__)


@farewell.get("/u/<token>", strict_slashes=False)
def ask(token: str) -> str:
    """Show the button; opening the link ends nothing, because mail scanners open links."""
    known = _known(token)
    return render_template("unsubscribe.html", token=token, **known)


@farewell.post("/u/<token>")
def end(token: str) -> str:
    """End the endpoint, or the monthly mail alone; again and again with the same answer."""
    known = _known(token)
    if known["monthly"]:
        end_monthly(house(), token)
    else:
        end_endpoint(house(), token)
    return render_template("unsubscribed.html", **known)


def _known(token: str) -> dict[str, object]:
    """Return what the link is about: ``channel`` as people call it and whether it is still alive; 404 if not ours.

    ``monthly``: the link ends the monthly mail alone, which is ``alive`` as long as it is wanted.
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
    if row is None or person is None:
        return {"channel": "", "address": "", "alive": False, "monthly": bool(monthly)}
    return {
        "channel": CHANNELS.get(row["channel"], row["channel"]), "monthly": bool(monthly),
        "alive": person["monthly_day"] is not None if monthly else row["state"] in {"active", "pending"},
        "address": row["address"] if row["channel"] == "mail" else "",
    }  # fmt: skip
