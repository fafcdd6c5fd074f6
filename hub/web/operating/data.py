"""Data: what is kept how long and how much there is, a municipality's export, erasing on request (T-02, T-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirection

from hub.core.errors import SubscribeError
from hub.core.goals import FEWEST
from hub.core.permission import Capability
from hub.jobs.erase import erase_on_request
from hub.jobs.lifetimes import KINDS, Kept
from hub.jobs.record import record
from hub.jobs.sweep import FORGOTTEN
from hub.language import Language
from hub.store import alarms, erasing, holdings, subscribers
from hub.web.access import known, needs
from hub.web.desk import desk, house, language
from hub.web.operating import published
from hub.web.operating.amounts import number
from hub.web.operating.overview import ZONE
from hub.web.subscribe import mail_way

data = Blueprint("data", __name__, url_prefix="/verwaltung")


def _(message: str) -> str:
    return message


HOW = {"letter": _("By letter"), "mail": _("By e-mail"), "phone": _("By telephone"), "person": _("In person")}
_FORMS: dict[str, tuple[str, Callable[[Iterator[dict[str, Any]]], Iterator[str]]]] = {
    "csv": ("text/csv", published.as_csv), "json": ("application/json", published.as_json),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of data in words; ``count`` is empty where it belongs to no single municipality."""

    title: str
    count: str
    span: str
    until: str


@data.get("/daten")
@needs(Capability.COUNTY)
def county() -> str:
    """Show what the whole installation keeps."""
    return render_template("operating/data.html", who=known(), **_kept(""))


@data.get("/<slug>/daten")
@needs(Capability.OPERATE)
def page(slug: str) -> str:
    """Show what a municipality keeps, with its export and the form to erase somebody."""
    return _page(slug)


def _page(slug: str, faults: dict[str, str] | None = None) -> str:
    return render_template(
        "operating/data.html", who=known(), faults=faults or {}, given=request.form, mails=bool(house().sender),
        **_kept(slug),
    )  # fmt: skip


def _kept(slug: str) -> dict[str, Any]:
    chosen, now = language(), house().now()
    with house().store.read() as session:
        kinds = [_holding(session, one, slug, chosen) for one in KINDS]
        mark = alarms.marks(session).get(FORGOTTEN)
    return {
        "kinds": kinds, "cleaned": chosen.ago(mark["at"], now) if mark is not None else "",
        "cleaned_at": chosen.short(mark["at"], g.town["zone"] if slug else ZONE) if mark is not None else "",
    }  # fmt: skip


def _holding(session: Session, one: Kept, slug: str, chosen: Language) -> Holding:
    found = holdings.count(session, one.tables[0], slug)
    if found is None:
        shown = ""
    elif one.personal and 0 < found < FEWEST:
        shown = chosen.text(_("fewer than {count}"), count=FEWEST)
    elif found > holdings.MOST:
        shown = chosen.text(_("more than {count}"), count=number(holdings.MOST, chosen))
    else:
        shown = number(found, chosen)
    span = chosen.length(one.span) if one.span is not None else ""
    return Holding(chosen.text(one.title), shown, span, chosen.text(one.until))


@data.post("/<slug>/daten/ausfuhr")
@needs(Capability.OPERATE)
def export(slug: str) -> Response:
    """Give all public notices of a municipality as one file."""
    form = request.form.get("form", "")
    if form not in _FORMS:
        abort(400)
    with house().store.begin() as session:
        record(house(), session, known().actor, "export.public", municipality=slug, form=form)
    kind, written = _FORMS[form]
    name = f"{slug}-{house().now().date().isoformat()}.{form}"
    response = Response(written(published.rows(house().store, slug)), content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@data.post("/<slug>/daten/person")
@needs(Capability.OPERATE, fresh=True)
def find(slug: str) -> Response | Redirection:
    """Look whether anybody is known at an address, and say what would go."""
    address, people = _asked(slug)
    if not address:
        return make_response(
            _page(slug, {"address": _("Please look at the e-mail address again: it is not complete.")}), 400
        )
    if not desk().lets("link", request.remote_addr or "", slug):
        return make_response(_page(slug, {"address": _("That were many. Please try again in an hour.")}), 429)
    with house().store.begin() as session:
        record(house(), session, known().actor, "resident.look", municipality=slug, found=str(len(people)))
    if not people:
        flash(_("Nobody is known here at this address. If it was another municipality, ask there."))
        return redirect(url_for("data.page", slug=slug), 303)
    return _confirm(address, people)


@data.post("/<slug>/daten/person/loeschen")
@needs(Capability.OPERATE, fresh=True)
def erase(slug: str) -> Response | Redirection:
    """Delete everything known of whoever has an address."""
    address, people = _asked(slug)
    if not people:
        flash(_("Nobody is known here at this address. If it was another municipality, ask there."))
        return redirect(url_for("data.page", slug=slug), 303)
    how = request.form.get("how", "")
    faults = {}
    if how not in HOW:
        faults["how"] = _("Please say how you were asked.")
    if not request.form.get("sure"):
        faults["sure"] = _("Please confirm that you know who asked.")
    if faults:
        return _confirm(address, people, faults)
    erase_on_request(house(), known().actor, slug, people, how)
    flash(_("Everything known of this person is deleted. It cannot be taken back."))
    return redirect(url_for("data.page", slug=slug), 303)


def _asked(slug: str) -> tuple[str, list[RowMapping]]:
    """Return the address that was typed as it is stored (empty: it is none), and who is known at it."""
    try:
        address = mail_way(request.form.get("address", "").strip())[0]
    except SubscribeError:
        return "", []
    with house().store.read() as session:
        return address, list(erasing.people_at(session, slug, address))


def _confirm(address: str, people: list[RowMapping], faults: dict[str, str] | None = None) -> Response:
    """Ask once more: only since when somebody is here, and how many ways and wishes they have."""
    chosen = language()
    with house().store.read() as session:
        shown = [
            (chosen.day(one["created_at"], g.town["zone"]), len(subscribers.endpoints_of(session, one["id"])),
             len(subscribers.subscriptions(session, one["id"])))
            for one in people
        ]  # fmt: skip
    body = render_template(
        "operating/erase.html", who=known(), address=address, people=shown, how=HOW, faults=faults or {},
        given=request.form,
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)
