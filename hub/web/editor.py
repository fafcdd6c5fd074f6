"""The desk of a municipality's sources: the same pages, with what is held and the buttons to act (U42).

There are two doors: the office, for whoever has signed in and keeps sources there, and a secret link, which opens
this desk of one municipality and nothing else, for a town hall where one person looks after one calendar.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.jobs import review, switch
from hub.jobs.contact import editor_of
from hub.jobs.record import by_link
from hub.store import held, sources
from hub.web.access import me
from hub.web.desk import house, language, town
from hub.web.source_view import held_view
from hub.web.sources import details, views_of
from hub.web.view import safe

editor = Blueprint("editor", __name__, url_prefix="/d/<token>")
keeping = Blueprint("keeping", __name__, url_prefix="/verwaltung/<slug>/quellen")
_MOST_HELD = 50


def _secret() -> None:
    g.secret = True  # such pages are kept in no cache


def _(message: str) -> str:
    return message


def _own(key: dict[str, str]) -> RowMapping:
    """Return the town whose desk this is and make it this request's own; 404 if a secret link opens none."""
    if "slug" in key:  # whoever is signed in may be here, the guard has seen to that
        return town(key["slug"])
    row = editor_of(house(), key["token"])
    if row is None:
        abort(404)
    return town(row["municipality_id"])


def _source(key: dict[str, str], source_id: str) -> RowMapping:
    """Return a source of the desk's town; 404 if it is not."""
    own = _own(key)
    with house().store.read() as session:
        row = sources.row(session, source_id)
    if row is None or row["municipality_id"] != own["id"]:
        abort(404)
    return row


def _at(view: str, key: dict[str, str], **values: object) -> str:
    """Return the address of another page of this desk, by the door that this request came through."""
    return url_for(f"{request.blueprint}.{view}", **key, **values)  # type: ignore[arg-type]


def _actor(row: RowMapping) -> str:
    """Return what the audit log calls whoever acts on a source of this desk."""
    who = me() if request.blueprint == keeping.name else None
    return who.actor if who is not None else by_link(row["municipality_id"])


def desk(**key: str) -> str:
    """List the sources of the desk's town, those in trouble first."""
    own = _own(key)
    with house().store.read() as session:
        views = sorted(views_of(session, own), key=lambda one: (one.well and not one.waiting, one.name.casefold()))
    return render_template(
        "sources.html", views=views, at=partial(_at, key=key), by_link="token" in key, adds="slug" in key
    )  # fmt: skip


def one(source_id: str, **key: str) -> str:
    """Show one source with what is held and everything that can be done."""
    own = _own(key)
    with house().store.read() as session:
        shown = details(session, own, source_id)
        waiting = held.waiting(session, source_id, most=_MOST_HELD)
    now = house().now()
    items = [held_view(row, language(), own["zone"], now) for row in waiting]
    return render_template(
        "source.html",
        at=partial(_at, key=key),
        waiting=items,
        address=safe(shown["row"]["url"]),
        changes="slug" in key,
        **shown,
    )


def _back(key: dict[str, str], source_id: str, message: str) -> Redirection:
    flash(message)
    return redirect(_at("one", key, source_id=source_id), 303)


def retry(source_id: str, **key: str) -> Redirection:
    """Read the source again now."""
    row = _source(key, source_id)
    if not row["enabled"]:
        return _back(key, source_id, _("The source is paused. Let it go on first."))
    switch.retry(house(), source_id, actor=_actor(row))
    return _back(key, source_id, _("We are asking the source now. Load this page again in a moment."))


def pause(source_id: str, **key: str) -> Redirection:
    """Read the source no more until :func:`resume`."""
    switch.pause(house(), source_id, actor=_actor(_source(key, source_id)))
    return _back(key, source_id, _("The source is paused. What is known stays, and nothing new comes in."))


def resume(source_id: str, **key: str) -> Redirection:
    """Read a paused source again, now."""
    switch.resume(house(), source_id, actor=_actor(_source(key, source_id)))
    return _back(key, source_id, _("The source is read again, beginning now."))


def trust(source_id: str, **key: str) -> Redirection:
    """Vouch for the answer that is doubted."""
    done = review.trust(house(), source_id, actor=_actor(_source(key, source_id)))
    return _back(key, source_id, _("Thank you. The next look at the source, which begins now, acts on this answer.")
                 if done else _("Nothing of this source is in doubt any more."))  # fmt: skip


def release(source_id: str, held_id: int, **key: str) -> Redirection:
    """Believe a held item and tell it."""
    return _ruled(key, source_id, held_id, review.release, _("Released. Those whom it concerns are told."))


def drop(source_id: str, held_id: int, **key: str) -> Redirection:
    """Do not believe a held item."""
    return _ruled(key, source_id, held_id, review.drop, _("Dropped. Nobody is told of it."))


def release_all(source_id: str, **key: str) -> Redirection:
    """Believe everything that is held, and show it without telling anybody."""
    review.release_all(house(), source_id, actor=_actor(_source(key, source_id)))
    return _back(key, source_id, _("Everything is released. It is shown, and nobody gets a message for it."))


def _ruled(
    key: dict[str, str], source_id: str, held_id: int, rule: Callable[..., bool], message: str
) -> Redirection:  # fmt: skip
    source = _source(key, source_id)
    with house().store.read() as session:
        row = held.row(session, held_id)
    if row is None or row["source_id"] != source_id:
        abort(404)
    done = rule(house(), held_id, actor=_actor(source))
    return _back(key, source_id, message if done else _("Somebody has already decided on this."))


for _door in (editor, keeping):
    _door.before_request(_secret)
    _door.get("")(desk)
    _door.get("/<source_id>")(one)
    for _act in (retry, pause, resume, trust):
        _door.post(f"/<source_id>/{_act.__name__}")(_act)
    _door.post("/<source_id>/held/<int:held_id>/release")(release)
    _door.post("/<source_id>/held/<int:held_id>/drop")(drop)
    _door.post("/<source_id>/held/release")(release_all)
