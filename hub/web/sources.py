"""How the sources of a town are, for everybody (F10): state, ages, history, cause; never an address's secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, render_template
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.store import editors, held, outlook, polls, sources
from hub.web.desk import house, language, town
from hub.web.source_view import SourceView, history, source_view

source_pages = Blueprint("sources", __name__)
MOST_HISTORY = 30


@source_pages.get("/<slug>/quellen")
def listed(slug: str) -> str:
    """List a town's sources with their health."""
    own = town(slug)
    with house().store.read() as session:
        views = views_of(session, own)
    return render_template("sources.html", views=views)


@source_pages.get("/<slug>/quellen/<source_id>")
def one(slug: str, source_id: str) -> str:
    """Show one source: how it is, why, and what it brought."""
    own = town(slug)
    with house().store.read() as session:
        shown = details(session, own, source_id)
    return render_template("source.html", **shown)


def views_of(session: Session, own: RowMapping) -> list[SourceView]:
    """Return all sources of a town as pages show them."""
    waiting = held.count(session, own["id"])
    return [_view(session, own, row, waiting) for row in sources.listed(session, own["id"])]


def details(session: Session, own: RowMapping, source_id: str) -> dict[str, Any]:
    """Return one source with its history; 404 if this town has none of that id."""
    row = sources.row(session, source_id)
    if row is None or row["municipality_id"] != own["id"]:
        abort(404)
    past = polls.history(session, source_id, most=MOST_HISTORY)
    return {
        "one": _view(session, own, row, held.count(session, own["id"]), past),
        "past": history(past, language(), own["zone"]),
        "row": row, "items": editors.count_notices(session, source_id),
    }  # fmt: skip


def _view(
    session: Session, own: RowMapping, row: RowMapping, waiting: dict[str, int],
    past: Sequence[RowMapping] | None = None,
) -> SourceView:  # fmt: skip
    if past is None:
        past = polls.history(session, row["id"], most=1) if row["failures"] else ()
    return source_view(
        row, language(), own["zone"], house().now(), last_date=outlook.last_date(session, row["id"]),
        waiting=waiting.get(row["id"], 0), label=next((str(one["label"]) for one in past if one["label"]), ""),
    )  # fmt: skip
