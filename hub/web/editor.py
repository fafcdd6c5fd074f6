"""The editor's desk behind a secret link: the same pages, with what is held and the buttons to act (U42)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.jobs import review, switch
from hub.jobs.contact import editor_of
from hub.store import held, sources
from hub.web.desk import house, language, town
from hub.web.source_view import held_view
from hub.web.sources import details, views_of
from hub.web.view import safe

editor = Blueprint("editor", __name__, url_prefix="/d/<token>")
_MOST_HELD = 50


@editor.before_request
def _secret() -> None:
    g.secret = True  # such pages are kept in no cache


def _(message: str) -> str:
    return message


def _own(token: str) -> RowMapping:
    """Return the town whose desk a secret link opens and make it this request's own; 404 otherwise."""
    row = editor_of(house(), token)
    if row is None:
        abort(404)
    return town(row["municipality_id"])


def _source(token: str, source_id: str) -> RowMapping:
    """Return a source of the desk's town; 404 if it is not."""
    own = _own(token)
    with house().store.read() as session:
        row = sources.row(session, source_id)
    if row is None or row["municipality_id"] != own["id"]:
        abort(404)
    return row


@editor.get("")
def desk(token: str) -> str:
    """List the sources of the desk's town, those in trouble first."""
    own = _own(token)
    with house().store.read() as session:
        views = sorted(views_of(session, own), key=lambda one: (one.well and not one.waiting, one.name.casefold()))
    return render_template("sources.html", views=views, token=token)


@editor.get("/<source_id>")
def one(token: str, source_id: str) -> str:
    """Show one source with what is held and everything that can be done."""
    own = _own(token)
    with house().store.read() as session:
        shown = details(session, own, source_id)
        waiting = held.waiting(session, source_id, most=_MOST_HELD)
    now = house().now()
    items = [held_view(row, language(), own["zone"], now) for row in waiting]
    return render_template("source.html", token=token, waiting=items, address=safe(shown["row"]["url"]), **shown)


def _back(token: str, source_id: str, message: str) -> Redirection:
    flash(message)
    return redirect(url_for("editor.one", token=token, source_id=source_id), 303)


@editor.post("/<source_id>/retry")
def retry(token: str, source_id: str) -> Redirection:
    """Read the source again now."""
    row = _source(token, source_id)
    if not row["enabled"]:
        return _back(token, source_id, _("The source is paused. Let it go on first."))
    switch.retry(house(), source_id)
    return _back(token, source_id, _("We are asking the source now. Load this page again in a moment."))


@editor.post("/<source_id>/pause")
def pause(token: str, source_id: str) -> Redirection:
    """Read the source no more until :func:`resume`."""
    _source(token, source_id)
    switch.pause(house(), source_id)
    return _back(token, source_id, _("The source is paused. What is known stays, and nothing new comes in."))


@editor.post("/<source_id>/resume")
def resume(token: str, source_id: str) -> Redirection:
    """Read a paused source again, now."""
    _source(token, source_id)
    switch.resume(house(), source_id)
    return _back(token, source_id, _("The source is read again, beginning now."))


@editor.post("/<source_id>/trust")
def trust(token: str, source_id: str) -> Redirection:
    """Vouch for the answer that is doubted."""
    _source(token, source_id)
    done = review.trust(house(), source_id)
    return _back(token, source_id, _("Thank you. The next look at the source, which begins now, acts on this answer.")
                 if done else _("Nothing of this source is in doubt any more."))  # fmt: skip


@editor.post("/<source_id>/held/<int:held_id>/release")
def release(token: str, source_id: str, held_id: int) -> Redirection:
    """Believe a held item and tell it."""
    return _ruled(token, source_id, held_id, review.release, _("Released. Those whom it concerns are told."))


@editor.post("/<source_id>/held/<int:held_id>/drop")
def drop(token: str, source_id: str, held_id: int) -> Redirection:
    """Do not believe a held item."""
    return _ruled(token, source_id, held_id, review.drop, _("Dropped. Nobody is told of it."))


@editor.post("/<source_id>/held/release")
def release_all(token: str, source_id: str) -> Redirection:
    """Believe everything that is held, and show it without telling anybody."""
    _source(token, source_id)
    review.release_all(house(), source_id)
    return _back(token, source_id, _("Everything is released. It is shown, and nobody gets a message for it."))


def _ruled(
    token: str, source_id: str, held_id: int, rule: Callable[..., bool], message: str
) -> Redirection:  # fmt: skip
    _source(token, source_id)
    with house().store.read() as session:
        row = held.row(session, held_id)
    if row is None or row["source_id"] != source_id:
        abort(404)
    done = rule(house(), held_id)
    return _back(token, source_id, message if done else _("Somebody has already decided on this."))
