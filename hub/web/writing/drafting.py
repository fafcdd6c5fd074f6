"""The form of a notice: begun, saved by hand or by itself, and never lost, whoever else writes or whatever expires."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, flash, g, jsonify, make_response, redirect, render_template, request
from flask import url_for as address_of
from werkzeug.wrappers import Response as Answer

from hub.blanks import blanks
from hub.core.comparing import compare
from hub.core.draft import Draft
from hub.core.errors import ActRefused, DraftChanged, DraftError
from hub.core.missing import Desk, problems
from hub.core.notice import NoticeText
from hub.core.release import State
from hub.jobs import write
from hub.store import accounts, patterns
from hub.web.access import keeps, known, needs, takes
from hub.web.desk import house, language
from hub.web.writing.authoring import WRITES, author, content, page_of
from hub.web.writing.compared import compared
from hub.web.writing.formed import Page, form_of, of_row, readable, show
from hub.web.writing.sending import MOST_BYTES, Sent, begun, kept, read_form, row_of, seen

drafting = Blueprint("drafting", __name__, url_prefix="/verwaltung/<slug>/mitteilungen")
MOST_QUIET = 256 * 1024  # bytes of a form without its files


def _(message: str) -> str:
    return message


@drafting.get("/neu")
@needs(*WRITES)
def begin(slug: str) -> Response | str:
    """Offer templates; with ``?vorlage=`` show the form that it fills."""
    wanted = request.args.get("vorlage")
    if wanted is None:
        return _choice(slug)
    draft = _of_template(slug, wanted)
    return show(Page(draft, form_of(draft), template=wanted))


def _choice(slug: str) -> str:
    with house().store.read() as session:
        own = patterns.listed(session, slug) if not author().club else []
    code = language().code
    offered = [(key, one.name(code)) for key, one in blanks().items() if author().club in {"", one.topic}]
    return render_template("writing/begin.html", who=known(), blanks=offered, own=own, club=author().club)


def _of_template(slug: str, wanted: str) -> Draft:
    now = house().now()
    made: Draft | None = write.empty(author(), now)
    if wanted in blanks():
        made = blanks()[wanted].draft(slug, g.town["language"], now)
    elif wanted.isdecimal():
        with house().store.read() as session:
            made = write.of_template(session, slug, int(wanted[:9]), now)
    if made is None:
        abort(404)
    return write.bounded(made, slug, author().club)


@drafting.post("/neu")
@keeps
@takes(MOST_BYTES)
@needs(*WRITES)
def create(slug: str) -> Answer:
    """Begin a draft with what was typed."""
    return _posted(slug, None)


@drafting.get("/<int:number>/schreiben")
@needs(*WRITES)
def edit(slug: str, number: int) -> Answer:  # noqa: ARG001 - the guard has read it
    """Show the form of a draft."""
    row = row_of(number)
    if row["state"] in {State.SCHEDULED, State.WITHDRAWN}:
        flash(_("It cannot be changed now. Stop it first, or copy it."))
        return redirect(page_of(number), 303)
    return show(of_row(row, content(row)))


@drafting.post("/<int:number>/schreiben")
@keeps
@takes(MOST_BYTES)
@needs(*WRITES)
def save(slug: str, number: int) -> Answer:
    """Save a draft, and do what the button says besides."""
    return _posted(slug, number)


def _posted(slug: str, number: int | None) -> Answer:
    row = row_of(number) if number is not None else None
    sent = read_form(slug, row, files=True)
    template = request.form.get("template", "")[:40]
    if sent.faults:
        version = seen() if row is not None else 0
        return show(Page(sent.read.draft, sent.form, row, version, sent.faults, template), status=400)
    try:
        number = kept(number, sent.read.draft, own=True)[0]
    except DraftChanged:
        return _conflict(slug, number or begun(sent.read.draft), sent)
    except ActRefused:
        flash(_("It cannot be changed now. Stop it first, or copy it."))
        return redirect(page_of(number or 0), 303)
    except DraftError:
        abort(404)
    for remark in sent.read.remarks:
        flash(language().text(remark.text, **remark.values))
    return redirect(_next(slug, number, sent, template), 303)


def _next(slug: str, number: int, sent: Sent, template: str) -> str:
    """Return where a button leads after what was typed is saved."""
    here = {"slug": slug, "number": number}

    def form(at: str, **more: str) -> str:
        return address_of("drafting.edit", _anchor=at, **here, **more)  # type: ignore[arg-type]

    draft = sent.read.draft
    if sent.act == "check":
        desk = Desk(g.town["zone"], author().club, slug)
        missing = problems(draft, desk, house().now())
        return form("faults", pruefen="1") if missing else page_of(number)
    if sent.act == "seek":
        return form("where", suche=request.form.get("seek", "").strip()[:120])
    if sent.act == "language":
        lang = request.form.get("add", "")[:20]
        _add_words(number, draft, lang, template)
        return form(f"lang-{lang}", sprache=lang)
    if sent.act in {"take", "draw"}:
        return form("where")
    if sent.act in {"row", "upload", "drop-language"}:
        return form({"row": "when", "upload": "files"}.get(sent.act, "languages"))
    flash(_("Saved."))
    return form("")


def _add_words(number: int, draft: Draft, lang: str, template: str) -> None:
    """Give a language that is added the words that the template has in it, if it was begun with one."""
    blank = blanks().get(template)
    text = blank.text(lang) if blank is not None else None
    if text is None or any(one.lang == lang for one in draft.texts):
        return
    row = row_of(number)
    made = replace(draft, texts=(*draft.texts, NoticeText(lang, text.title, text.body, instruction=text.instruction)))
    write.save(house(), author(), number, made, seen=row["version"])


def _conflict(slug: str, number: int, sent: Sent) -> Response:
    """Show what somebody else saved meanwhile beside what was typed, which stays in the form."""
    row = row_of(number)
    with house().store.read() as session:
        name = accounts.names(session, [row["changed_by"]]).get(row["changed_by"], "")
    theirs = content(row)
    conflict = {
        "who": name, "when": language().short(row["changed_at"], g.town["zone"]),
        "changes": compared(compare(theirs, sent.read.draft)),
        "theirs": address_of("drafting.edit", slug=slug, number=number),
    }  # fmt: skip
    return show(Page(sent.read.draft, sent.form, row, row["version"], conflict=conflict), status=409)


@drafting.post("/neu/sichern")
@takes(MOST_QUIET)
@needs(*WRITES)
def create_quietly(slug: str) -> Response:
    """Begin a draft while it is being typed; JSON says where it is from now on."""
    return _quietly(slug, None)


@drafting.post("/<int:number>/sichern")
@takes(MOST_QUIET)
@needs(*WRITES)
def save_quietly(slug: str, number: int) -> Response:
    """Save a draft while it is being typed; JSON says the version that it is now, or who else saved."""
    return _quietly(slug, number)


def _quietly(slug: str, number: int | None) -> Response:
    row, text = (row_of(number) if number is not None else None), language().text
    sent = read_form(slug, row, files=False)
    try:
        made, version = kept(number, sent.read.draft, own=False)
    except DraftChanged:
        said = text(_("Somebody else has saved this meanwhile. What you typed is kept: press Save to compare."))
        return make_response(jsonify(error=said), 409)
    except DraftError:
        return make_response(jsonify(error=text(_("It cannot be changed now. Stop it first, or copy it."))), 409)
    return jsonify(
        number=made, version=version, form=address_of("drafting.edit", slug=slug, number=made),
        quiet=address_of("drafting.save_quietly", slug=slug, number=made),
        said=text(_("Saved at {time}"), time=language().clock(house().now(), g.town["zone"])),
    )  # fmt: skip


@drafting.post("/lesbarkeit")
@needs(*WRITES)
def readability(slug: str) -> Response:  # noqa: ARG001 - the guard has read it
    """Say how easy a text is to read, while it is being typed."""
    return jsonify(readable(request.form.get("text", "")[:20_000], request.form.get("lang", "de")[:20]))
