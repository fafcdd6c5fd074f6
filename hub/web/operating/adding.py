"""Sources added, changed and removed in the browser, with a look before anything goes live (U43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from hub import reference
from hub.core.causes import Cause, cause
from hub.core.errors import OrtsrufError, SettingsError, SourceConfigError
from hub.core.permission import Capability
from hub.jobs import enlist
from hub.sources import display_name
from hub.starters import starters
from hub.store import editors, sources
from hub.web.access import known as signed_in
from hub.web.access import needs
from hub.web.desk import desk, house, language
from hub.web.operating import kinds as kinds_
from hub.web.operating.looked import Busy, Question, Seen, Wanted, look_at, opened, sealed
from hub.web.topics import TOPICS

adding = Blueprint("adding", __name__, url_prefix="/verwaltung/<slug>/quellen")
_COMMON = ("topic", "name", "interval", "place")
_OWN = "config."  # before the names of a kind's own settings
_LONGEST = 200  # of a name


def _(message: str) -> str:
    return message


_AMISS = Cause(
    "config", _("The address or a setting cannot be right."), _("Please correct what is named here, and look again.")
)


@adding.get("/neu")
@needs(Capability.SOURCES)
def kinds(slug: str) -> str:
    """Let somebody choose what kind of source it is, and name those that are known for this municipality."""
    place = reference.municipality(g.town["path"])
    with house().store.read() as session:
        there = {(row["kind"], row["url"]) for row in sources.listed(session, slug)}
    offered = [one for one in (starters(place) if place is not None else ()) if (one.kind, one.url) not in there]
    return render_template(
        "operating/source_kinds.html", who=signed_in(), kinds=kinds_.kinds(language()), starters=offered,
        titles={one.name: one.title for one in kinds_.kinds(language())},
    )  # fmt: skip


@adding.get("/neu/<kind>")
@needs(Capability.SOURCES)
def form(kind: str, **_slug: str) -> Response:
    """Show the form of a kind, filled in as far as the address says."""
    return _form(kind, request.args.to_dict(), Stage())


@adding.post("/neu/<kind>")
@needs(Capability.SOURCES)
def preview(slug: str, kind: str) -> Response:
    """Look at the source: show what it would bring, or ask what its provider asks. Nothing is stored."""
    given = request.form.to_dict()
    answers = request.form.getlist("choose") if "again" not in given else []
    answers = [one for one in answers if one]
    wanted = Wanted(kind, given.get("url", "").strip(), _settings(kind, given), answers)
    if not desk().lets("preview", request.remote_addr or "", slug):
        return _form(kind, given, Stage(_("That were many looks. Please try again in an hour.")), 429)
    try:
        found = look_at(
            wanted, slug, http=house().outlet("mail").http, language=language(), zone=g.town["zone"], now=house().now()
        )
    except Busy:
        stage = Stage(_("Others are just looking at sources. Please try again in a minute."))
        return _form(kind, given, stage, 503)
    except SourceConfigError as error:
        return _form(kind, given, Stage(why=_AMISS, words=language().text(str(error)), answers=answers), 400)
    except OrtsrufError as error:
        return _form(kind, given, Stage(why=cause(error.label, str(error)), words=str(error), answers=answers), 400)
    if isinstance(found, Question):
        return _form(kind, given, Stage(question=found, answers=answers))
    return _form(kind, given, Stage(seen=found, answers=answers))


def _settings(kind: str, given: dict[str, str]) -> dict[str, str]:
    own = kinds_.known(kind)
    if own is None:
        abort(404)
    known = {one.name for one in own.CONFIG}
    typed = {name.removeprefix(_OWN): value for name, value in given.items() if name.startswith(_OWN)}
    found = {name: value.strip() for name, value in typed.items() if name in known and value.strip()}
    found |= {name: given[name].strip() for name in _COMMON if given.get(name, "").strip()}
    found.setdefault("place", f"ars:{g.town['path']}")
    return found


@dataclass
class Stage:
    """How far somebody has come with a new source: what was asked, seen or refused, and in which words."""

    fault: str = ""
    why: Cause | None = None
    words: str = ""
    question: Question | None = None
    seen: Seen | None = None
    answers: Sequence[str] = ()


def _form(kind: str, given: dict[str, str], stage: Stage, status: int = 200) -> Response:
    own = kinds_.known(kind)
    if own is None:
        abort(404)
    chosen, seen = language(), stage.seen
    live = seen is not None and seen.why is None
    token = sealed(seen.source, house().links.key, signed_in().actor, house().now()) if seen and live else ""
    fields = [(one, given.get(_OWN + one.name, one.default)) for one in kinds_.fields(own, chosen)]
    body = render_template(
        "operating/source_form.html", who=signed_in(), kind=kinds_.described(kind, chosen), given=given,
        fields=fields, filled=any(value not in {"", one.default} for one, value in fields),
        intervals=kinds_.intervals(own.INTERVAL, chosen), usual=str(own.INTERVAL), usual_topic=own.TOPIC,
        topic_names=TOPICS, token=token, fault=stage.fault, question=stage.question, seen=seen, answers=stage.answers,
        why=seen.why if seen else stage.why, words=seen.words if seen else stage.words,
    )  # fmt: skip
    return make_response(body, status)


@adding.post("/neu/speichern")
@needs(Capability.SOURCES)
def save(slug: str) -> Response:
    """Let go live what was looked at."""
    who = signed_in()
    source = opened(request.form.get("token", ""), house().links.key, who.actor, slug, house().now())
    if source is None:
        flash(_("That look was too long ago. Please look once more."))
        return redirect(url_for("adding.kinds", slug=slug), 303)
    try:
        made = enlist.enlist(house(), who.actor, source)
    except SettingsError:
        flash(_("This source is there already. Nothing was added."))
        return redirect(url_for("keeping.desk", slug=slug), 303)
    flash(_("The source is read from now on. This first time nobody is told."))
    return redirect(url_for("keeping.one", slug=slug, source_id=made), 303)


@adding.get("/<source_id>/aendern")
@needs(Capability.SOURCES)
def change_form(slug: str, source_id: str) -> Response:
    """Show what can be changed of a source."""
    return _change(_source(slug, source_id))


@adding.post("/<source_id>/aendern")
@needs(Capability.SOURCES)
def change(slug: str, source_id: str) -> Response:
    """Change the name and the interval of a source."""
    row, given = _source(slug, source_id), request.form
    name = " ".join(given.get("name", "").split())
    offered = {value for value, _text in kinds_.intervals(row["interval"], language())}
    if not name or len(name) > _LONGEST:
        return _change(row, {"name": _("Please give a name of at most 200 characters.")})
    if given.get("interval") not in offered:
        return _change(row, {"interval": _("Please choose one of these.")})
    enlist.amend(house(), signed_in().actor, row, name=name, interval=int(given["interval"]))
    flash(_("The source is changed."))
    return redirect(url_for("keeping.one", slug=slug, source_id=source_id), 303)


def _change(row: RowMapping, faults: dict[str, str] | None = None) -> Response:
    given = request.form or {"name": row["name"], "interval": str(row["interval"])}
    body = render_template(
        "operating/source_change.html", who=signed_in(), row=row, given=given, faults=faults or {},
        intervals=kinds_.intervals(row["interval"], language()),
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)


@adding.get("/<source_id>/entfernen")
@needs(Capability.SOURCES)
def remove_form(slug: str, source_id: str) -> str:
    """Say what goes with a source, and ask."""
    row = _source(slug, source_id)
    with house().store.read() as session:
        count = editors.count_notices(session, source_id)
    return render_template(
        "operating/source_remove.html", who=signed_in(), row=row, count=count,
        name=display_name(row["name"], row["url"]),
    )  # fmt: skip


@adding.post("/<source_id>/entfernen")
@needs(Capability.SOURCES, fresh=True)
def remove(slug: str, source_id: str) -> Response:
    """Remove a source, and what it brought if that is wished."""
    row, wish = _source(slug, source_id), request.form.get("notices", "")
    if wish not in {"keep", "delete"}:
        flash(_("Please say what is to become of its messages. Nothing was removed."))
        return redirect(url_for("adding.remove_form", slug=slug, source_id=source_id), 303)
    enlist.strike(house(), signed_in().actor, row, keep=wish == "keep")
    flash(_("The source is removed. Nobody was told."))
    return redirect(url_for("keeping.desk", slug=slug), 303)


def _source(slug: str, source_id: str) -> RowMapping:
    """Return a source of this municipality; 404 if it is another's."""
    with house().store.read() as session:
        row = sources.row(session, source_id)
    if row is None or row["municipality_id"] != slug:
        abort(404)
    return row
