"""What a draft was: its versions, what changed from one to the next, and the way back to one."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from hub.core.comparing import compare
from hub.core.draft import from_json
from hub.core.errors import ActRefused, DraftChanged, DraftError
from hub.jobs import write
from hub.store import accounts, drafts
from hub.web.access import known, needs
from hub.web.desk import house, language
from hub.web.writing.authoring import SEES, WRITES, author, only_club, page_of, writes
from hub.web.writing.compared import compared

versions = Blueprint("versions", __name__, url_prefix="/verwaltung/<slug>/mitteilungen/<int:number>/fassungen")
_MOST = 50


def _(message: str) -> str:
    return message


@versions.get("")
@needs(*SEES)
def page(slug: str, number: int) -> str:
    """Show the versions of a draft, the newest first, with what changed in each."""
    with house().store.read() as session:
        row = drafts.get(session, slug, number)
        if row is None or (only_club() and not (row["club"] and row["author"] == known().id)):
            abort(404)
        rows = list(drafts.revisions(session, number))[-_MOST:][::-1]
        names = accounts.names(session, {one["by"] for one in rows})
    older: list[RowMapping | None] = [*rows[1:], None]
    shown = [_version(one, before, names) for one, before in zip(rows, older, strict=True)]
    return render_template(
        "writing/versions.html", who=known(), row=row, shown=shown, writes=writes(), on=page_of(number)
    )  # fmt: skip


def _version(row: RowMapping, before: RowMapping | None, names: dict[int, str]) -> dict[str, object]:
    changes = compare(from_json(before["content"]), from_json(row["content"])) if before is not None else ()
    return {
        "version": row["version"], "who": names.get(row["by"], ""), "own": bool(row["own"]), "first": before is None,
        "when": language().short(row["at"], g.town["zone"]), "iso": row["at"].isoformat(), "changes": compared(changes),
    }  # fmt: skip


@versions.post("/<int:version>")
@needs(*WRITES)
def restore(slug: str, number: int, version: int) -> Response:
    """Make an earlier version the newest one."""
    seen = request.form.get("seen", "")
    try:
        write.restore(
            house(), author(), number, version=version, seen=int(seen[:9]) if seen.isdecimal() else 0
        )  # fmt: skip
    except DraftChanged:
        flash(_("Somebody else has saved meanwhile. Please look once more."))
    except ActRefused:
        flash(_("It cannot be changed now. Stop it first, or copy it."))
    except DraftError:
        abort(404)
    else:
        flash(_("The earlier version is the newest one again."))
    return redirect(url_for("versions.page", slug=slug, number=number), 303)
