"""What is being written, waits, goes out and was told: the editors' list, and copies of what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import codec
from hub.core.draft import KIND
from hub.core.errors import DraftError
from hub.core.notice import Severity
from hub.core.release import State
from hub.core.selection import Selection, When
from hub.core.sought import sought_words
from hub.jobs import write
from hub.store import accounts, drafts, views
from hub.web.access import known, needs
from hub.web.desk import house, language
from hub.web.topics import TOPICS
from hub.web.writing import words
from hub.web.writing.authoring import SEES, WRITES, author, content, only_club, page_of, writes

drafts_list = Blueprint("drafts", __name__, url_prefix="/verwaltung/<slug>/mitteilungen")
_MOST, _MOST_GATHERED = 200, 20


def _(message: str) -> str:
    return message


VIEWS = {  # what a list shows: its name, its title, the states in it
    "": (_("Now"), (State.DRAFT, State.REVIEW, State.SCHEDULED)),
    "veroeffentlicht": (_("Published"), (State.PUBLISHED,)),
    "vorbei": (_("Over"), (State.PUBLISHED, State.WITHDRAWN)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One draft in the list."""

    number: int
    title: str
    state: str
    tone: str  # of its badge
    topic: str
    danger: bool
    who: str
    when: str
    iso: str
    due: str
    href: str
    edit: str


@drafts_list.get("")
@needs(*SEES)
def page(slug: str) -> str:
    """List what is written in a municipality; ``?liste=`` is one of :data:`VIEWS`, ``?q=`` searches everywhere."""
    chosen = request.args.get("liste", "")
    chosen = chosen if chosen in VIEWS else ""
    asked = request.args.get("q", "").strip()[:120]
    with house().store.read() as session:
        shown = _lines(session, slug, chosen, asked)
        gathered = _gathered(session, slug, asked) if asked else []
        waiting = drafts.counts(session, slug, club=known().id if only_club() else 0).get(State.REVIEW.value, 0)
    return render_template(
        "writing/list.html", who=known(), lines=shown, chosen=chosen, asked=asked, gathered=gathered,
        views=[(name, title) for name, (title, _states) in VIEWS.items()], waiting=waiting, writes=writes(),
    )  # fmt: skip


def _lines(session: Session, slug: str, chosen: str, asked: str) -> list[Line]:
    states = () if asked else [one.value for one in VIEWS[chosen][1]]
    rows = drafts.found(session, slug, states, asked.split()[:6], club=known().id if only_club() else 0, most=_MOST)
    if not asked and chosen:
        now = house().now()
        over = [
            row["state"] == State.WITHDRAWN or (row["expires"] is not None and row["expires"] <= now) for row in rows
        ]
        rows = [row for row, past in zip(rows, over, strict=True) if past is (chosen == "vorbei")]
    names = accounts.names(session, {row["changed_by"] for row in rows})
    return [_line(slug, row, names) for row in rows]


_TONES = {State.DRAFT: "info", State.REVIEW: "warning", State.SCHEDULED: "warning", State.PUBLISHED: "success"}


def _line(slug: str, row: RowMapping, names: dict[int, str]) -> Line:
    chosen, zone, state = language(), g.town["zone"], State(row["state"])
    draft = content(row)
    said = chosen.text(words.STATES[state])
    if state is State.PUBLISHED and row["expires"] is not None and row["expires"] <= house().now():
        said = chosen.text(_("Over"))
    elif state is State.DRAFT and row["revision"]:
        said = chosen.text(_("Being changed, published"))
    topic = chosen.text(TOPICS[draft.topic].title) if draft.topic in TOPICS else ""
    may_edit = writes() and state in {State.DRAFT, State.REVIEW, State.PUBLISHED}
    return Line(
        row["id"], row["title"] or chosen.text(_("Without a title")), said, _TONES.get(state, "info"), topic,
        draft.severity >= Severity.SEVERE, names.get(row["changed_by"], ""), chosen.short(row["changed_at"], zone),
        row["changed_at"].isoformat(), chosen.short(row["due_at"], zone) if row["due_at"] else "", page_of(row["id"]),
        url_for("drafting.edit", slug=slug, number=row["id"]) if may_edit else "",
    )  # fmt: skip


def _gathered(session: Session, slug: str, asked: str) -> Sequence[tuple[str, str, str, str]]:
    """Return number, title, date and address of gathered notices that a search finds, those that are over too."""
    found: list[tuple[str, str, str, str]] = []
    for when in (When.ALL, When.PAST):
        rows = views.latest(
            session, slug, Selection(when=when, words=sought_words(asked)), house().now(), g.town["zone"],
            most=_MOST_GATHERED,
        )  # fmt: skip
        for row in rows:
            notice = codec.from_json(row["content"])
            if notice.kind != KIND:
                at = language().short(row["changed_at"], g.town["zone"])
                found.append((row["id"], notice.title, at, url_for("public.notice", slug=slug, notice_id=row["id"])))
    return found[:_MOST_GATHERED]


@drafts_list.post("/kopieren")
@needs(*WRITES)
def copy(slug: str) -> Response:
    """Begin a draft with the words of another one, or of a notice."""
    number, notice = request.form.get("number", ""), request.form.get("notice", "")[:40]
    try:
        if number.isdecimal():
            made = write.copy(house(), author(), int(number[:9]))
        else:
            made = write.copy_notice(house(), author(), notice)
    except DraftError:
        abort(404)
    flash(_("This is a copy. Please look at times and places."))
    return redirect(url_for("drafting.edit", slug=slug, number=made), 303)
