"""What goes when a person deletes everything, in plain words, before they do."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from hub.store import mutes, subscribers
from hub.web.desk import house, language
from hub.web.subscribe import titles


def _(message: str) -> str:
    return message


def goes(row: RowMapping) -> list[tuple[str, str]]:
    """Return label and value of all that is deleted with a person; nothing that is not there."""
    chosen, now = language(), house().now()
    with house().store.read() as session:
        ways = subscribers.endpoints_of(session, row["id"])
        wished = subscribers.subscriptions(session, row["id"])
        muted = mutes.listed(session, row["id"], now)
    of: dict[str, list[Any]] = {}
    for one in ways:
        of.setdefault(one["channel"], []).append(one)
    found = [
        (_("Topics and searches"), f"{len(wished)} ({', '.join(titles(wished))})" if wished else ""),
        (_("E-mail addresses"), ", ".join(one["address"] for one in of.get("mail", ()))),
        (_("Notifications"), _count(of, "webpush", _("one device"), _("{count} devices"))),
        (_("Private calendar"), chosen.text(_("its address ends; your app will say so")) if "ical" in of else ""),
        (_("Webhooks"), ", ".join(one["address"] for one in of.get("webhook", ()))),
        (_("Muted"), str(len(muted)) if muted else ""),
        (_("Hours, language, secret link"), chosen.text(_("all of them"))),
        (_("Lists of who was told what"), chosen.text(_("your entries in them"))),
    ]
    return [(chosen.text(label), value) for label, value in found if value]


def _count(of: dict[str, list[Any]], channel: str, one: str, many: str) -> str:
    count = len(of.get(channel, ()))
    return language().text(one if count == 1 else many, **({} if count == 1 else {"count": count})) if count else ""
