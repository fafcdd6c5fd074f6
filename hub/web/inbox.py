"""All messages of a person: page by page, searched in, marked as read, opened."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirection

from hub.core.sought import sought_words
from hub.store import inbox as store
from hub.store import notices, towns
from hub.web.desk import house, person
from hub.web.listing import addressed
from hub.web.mutes import taken
from hub.web.opened import note
from hub.web.own import back_to, entries, moment, own_pages, own_sources, owner, query_of
from hub.web.selecting import mark, written_mark

inbox = Blueprint("inbox", __name__, url_prefix="/m/<token>")
PAGE = 20


def _(message: str) -> str:
    return message


@inbox.before_request
def _secret() -> None:
    g.secret = True


@inbox.get("/inbox")
def listed(token: str) -> str:
    """Show a page of messages, all of them or those that are searched for."""
    row, query = person(token), query_of(request.args)
    known = own_sources(row)
    sought = store.Sought(sought_words(query.get("q", "")), unread="unread" in query)
    with house().store.read() as session:
        whose = owner(session, row)
        found = store.page(session, whose, sought, after=mark(query.get("after", "")), most=PAGE + 1)
        shown, more = found[:PAGE], len(found) > PAGE
        unread, newest = store.unread_count(session, whose)
        return render_template(
            "inbox.html", token=token, pages=own_pages(token), unread=unread, until=newest, query=query,
            narrowed={name: value for name, value in query.items() if name != "after"},
            count=store.count(session, whose, sought), listed=entries(session, row, shown, known),
            more=written_mark(shown[-1]) if more else "", back="inbox", view=addressed("", query).removeprefix("?"),
            taken=taken(session, row),
        )  # fmt: skip


@inbox.post("/read")
def read(token: str) -> Redirection:
    """Mark a message as read (``notice``), or all (empty), as of what was shown (``until``)."""
    row, wanted = person(token), request.form.get("notice", "")
    until = moment(request.form.get("until", ""))
    if until is None:
        abort(400)
    with house().store.begin() as session:
        whose, shown = owner(session, row), min(until, house().now())
        if not wanted:
            store.read_all(session, whose, shown, house().now())
        elif not store.read(session, whose, wanted[:32], shown):
            abort(404)
    flash(_("It is marked as read.") if wanted else _("Everything is marked as read."))
    place = "found" if request.form.get("back") == "inbox" else "messages"
    return redirect(f"{back_to(token, request.form)}#{place}", 303)


@inbox.get("/n/<notice_id>")
def opened(token: str, notice_id: str) -> Redirection:
    """Lead from a person's own page to a notice, and mark it as read; no message links here."""
    row = person(token)
    with house().store.read() as session:
        known = store.one(session, owner(session, row), notice_id[:32])
        found = known if known is not None else notices.get(session, g.town["id"], notice_id[:32])
        town = towns.get(session, found["municipality_id"]) if found is not None else None
    if found is None or town is None:
        abort(404)
    if known is not None:
        note(token, notice_id)
    return redirect(url_for("public.notice", slug=town["id"], notice_id=notice_id), 302)
