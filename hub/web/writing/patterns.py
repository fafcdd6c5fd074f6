"""A municipality's own templates: kept from a draft, called otherwise, deleted."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hub.core.errors import DraftError
from hub.core.permission import Capability
from hub.jobs import write
from hub.store import patterns as store
from hub.web.access import known, needs
from hub.web.desk import house
from hub.web.writing.authoring import author

patterns = Blueprint("patterns", __name__, url_prefix="/verwaltung/<slug>/mitteilungen")


def _(message: str) -> str:
    return message


@patterns.get("/vorlagen")
@needs(Capability.WRITE)
def page(slug: str) -> str:
    """List the municipality's own templates."""
    with house().store.read() as session:
        rows = store.listed(session, slug)
    return render_template("writing/patterns.html", who=known(), rows=rows)


@patterns.post("/<int:number>/vorlage")
@needs(Capability.WRITE)
def keep(slug: str, number: int) -> Response:
    """Keep a draft as a template."""
    name = request.form.get("name", "")
    if not name.strip():
        flash(_("Please give the template a name."))
        return redirect(url_for("drafting.edit", slug=slug, number=number, _anchor="more"), 303)
    try:
        write.keep_template(house(), author(), number, name)
    except DraftError:
        abort(404)
    flash(_("The template is kept. It stands with the others when somebody begins a notice."))
    return redirect(url_for("patterns.page", slug=slug), 303)


@patterns.post("/vorlagen/<int:number>/name")
@needs(Capability.WRITE)
def rename(slug: str, number: int) -> Response:
    """Call a template something else."""
    done = write.rename_template(house(), author(), number, request.form.get("name", ""))
    flash(_("The template has its new name.") if done else _("Please give the template a name."))
    return redirect(url_for("patterns.page", slug=slug), 303)


@patterns.post("/vorlagen/<int:number>/loeschen")
@needs(Capability.WRITE)
def drop(slug: str, number: int) -> Response:
    """Delete a template."""
    if not write.drop_template(house(), author(), number):
        abort(404)
    flash(_("The template is deleted."))
    return redirect(url_for("patterns.page", slug=slug), 303)
