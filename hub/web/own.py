"""What the pages of My Ortsruf share: whose they are, what they are called, and messages as lists show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import g, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.mutes import Mute, Sort
from hub.core.sought import LONGEST
from hub.store import endpoints, guests, inbox, mailboxes, mutes, sources, subscribers, towns
from hub.web.desk import house, language, mine
from hub.web.listing import addressed
from hub.web.selecting import mark
from hub.web.view import View, view
from hub.web.why import Why, explainer


def _(message: str) -> str:
    return message


_PAGES = (
    ("mine.home", _("My Ortsruf")), ("mine.dates", _("My dates")), ("inbox.listed", _("My messages")),
    ("manage.overview", _("Settings")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a list; ``at`` is when it last was news, in words; ``town`` names whose, if not one's own."""

    one: View
    unread: bool
    muted: bool
    at: str
    at_iso: str
    why: Why
    town: str = ""


def owner(session: Session, row: RowMapping) -> inbox.Owner:
    """Return whose inbox it is, with the mutes that hold now."""
    living = mutes.listed(session, row["id"], house().now())
    several = len(guests.towns_of(session, [row["id"]]).get(row["id"], ())) > 1
    return inbox.Owner(
        row["id"], row["read_until"], tuple(Mute(Sort(one["sort"]), one["value"], one["until"]) for one in living),
        row["municipality_id"] if several else "",
    )  # fmt: skip


def own_pages(token: str) -> list[tuple[str, str, bool]]:
    """Return address and title of a person's pages, and whether it is the one that is shown."""
    return [
        (url_for(endpoint, token=token), language().text(title), request.endpoint == endpoint)
        for endpoint, title in _PAGES
    ]


def entries(
    session: Session, row: RowMapping, found: Sequence[RowMapping], known: Sequence[Mapping[Any, Any]]
) -> list[Entry]:  # fmt: skip
    """Return messages as lists show them; ``known`` are the rows of the sources of this person's towns."""
    zone, now, chosen = g.town["zone"], house().now(), language()
    around = mine(session, row)
    explains = explainer(session, around, chosen, known, whose=row["id"], ids=[one["id"] for one in found])
    elsewhere = {one["municipality_id"] for one in found} - {g.town["id"]}
    names = {one: town["name"] for one in elsewhere if (town := towns.get(session, one)) is not None}
    return [
        Entry(
            shown := view(one, chosen, zone, now, whole=False), bool(one["unread"]), bool(one["muted"]),
            chosen.short(one["news_at"], zone), one["news_at"].isoformat(),
            explains.why(one, shown.notice.publisher or shown.notice.attribution),
            names.get(one["municipality_id"], ""),
        )
        for one in found
    ]  # fmt: skip


def standing(session: Session, row: RowMapping) -> dict[str, Any]:
    """Return what a person should know of their own ways and pauses, for ``standing.html``."""
    ways = subscribers.endpoints_of(session, row["id"])
    return {
        "person": row, "has": tuple(dict.fromkeys(one["channel"] for one in ways)),
        "paused": row["paused_until"] is not None and row["paused_until"] > house().now(),
        "cut_off": endpoints.cut_off(session, row["id"]), "mail_lost": mailboxes.mail_lost(session, row["id"]),
    }  # fmt: skip


def own_sources(row: RowMapping) -> Sequence[RowMapping]:
    """Return the enabled sources of a person's towns."""
    with house().store.read() as session:
        return [one for town in mine(session, row) for one in sources.listed(session, town["id"]) if one["enabled"]]


def moment(text: str) -> datetime | None:
    """Read a moment as our forms write it (ISO 8601 with its offset); ``None`` if it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def query_of(args: Mapping[str, str]) -> dict[str, str]:
    """Return the clean query of a list of messages: ``q`` (words), ``unread``, ``after`` (the mark of a page)."""
    typed = " ".join(args.get("q", "").replace("\0", "").split())[:LONGEST]
    found = {"q": typed, "unread": "1" if args.get("unread") == "1" else "", "after": args.get("after", "").strip()}
    if mark(found["after"]) is None:
        found["after"] = ""
    return {name: value for name, value in found.items() if value}


def back_to(token: str, form: Mapping[str, str], **more: str) -> str:
    """Return the page on which a form stood: ``back`` names it, ``view`` is its query."""
    if form.get("back") == "inbox":
        query = query_of(dict(parse_qsl(form.get("view", "")[:1000])))
        return addressed(url_for("inbox.listed", token=token), {**query, **more})
    return addressed(url_for("mine.home", token=token), more)
