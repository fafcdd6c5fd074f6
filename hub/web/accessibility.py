"""The accessibility statement of a municipality (BITV 2.0, section 7), and the way to report a barrier or an error."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

import push
from hub.core.desk import HIDDEN
from hub.core.errors import SubscribeError
from hub.jobs.report import Report, is_read, report
from hub.store import notices, towns
from hub.web.desk import desk, house, language, town
from hub.web.failures import page
from hub.web.view import view

accessibility = Blueprint("accessibility", __name__)
ASSESSED = date(2026, 11, 26)  # when the pages were last looked at for barriers, by the tests that the statement names
MOST_WORDS = 2_000


def _(message: str) -> str:
    return message


SORTS = {
    "barrier": _("A barrier: I cannot read or use something"),
    "error": _("An error: a notice says something wrong"),
}


@accessibility.get("/<slug>/barrierefreiheit")
def statement(slug: str) -> str:
    """Show the statement: how far the pages conform, what is known to fail, whom to tell, who enforces."""
    row = town(slug)
    with house().store.read() as session:
        land = towns.place_name(session, str(row["path"])[:2])
    barriers = [one.strip() for one in row["barriers"].splitlines() if one.strip()]
    assessed = language().day(ASSESSED, row["zone"])
    return render_template(
        "accessibility.html", land="" if land == str(row["path"])[:2] else land, barriers=barriers, assessed=assessed
    )


@accessibility.get("/<slug>/rueckmeldung")
def form(slug: str) -> Response:
    """Show the form; ``?notice=`` says which notice it is about."""
    row = town(slug)
    given = {"notice": request.args.get("notice", ""), "sort": "error" if request.args.get("notice") else ""}
    return _form(row, given, {})


@accessibility.post("/<slug>/rueckmeldung")
def send(slug: str) -> Response | Redirection:
    """Tell the editor."""
    row, given = town(slug), request.form.to_dict()
    faults, address = _faults(given)
    if faults:
        return _form(row, given, faults)
    if not desk().lets("report", request.remote_addr or "", slug):
        response = page(429, _("There were too many reports from your connection. Please try again in an hour."))
        response.headers["Retry-After"] = "3600"
        return response
    if not is_read(house(), slug):
        return _form(row, given, {})
    title, url = _about(row, given.get("notice", ""))
    report(house(), slug, Report(given["sort"], given["words"].strip(), address, title, url))
    return redirect(url_for("accessibility.thanks", slug=slug), 303)


@accessibility.get("/<slug>/rueckmeldung/danke")
def thanks(slug: str) -> str:
    """Say that it was sent."""
    town(slug)
    return render_template("reported.html")


def _form(row: RowMapping, given: dict[str, str], faults: dict[str, str]) -> Response:
    title, _url = _about(row, given.get("notice", ""))
    body = render_template(
        "report.html", given=given, faults=faults, title=title, sorts=SORTS, most=MOST_WORDS,
        is_read=is_read(house(), row["id"]),
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)


def _faults(given: dict[str, str]) -> tuple[dict[str, str], str]:
    """Return what is wrong, by field, and the reader's address as it is written."""
    faults, words, address = {}, given.get("words", "").strip(), given.get("email", "").strip()
    if given.get("sort") not in SORTS:
        faults["sort"] = _("Please choose what it is about.")
    if not words:
        faults["words"] = _("Please say in a few words what is wrong.")
    elif len(words) > MOST_WORDS:
        faults["words"] = _("This is too long. Please say it in 2,000 characters.")
    if address:
        try:
            address = push.load("mail").check(address, {}, house().outlet("mail").settings)[0]
        except SubscribeError:
            faults["email"] = _("Please look at the e-mail address again: it is not complete.")
    return faults, address


def _about(row: RowMapping, wanted: str) -> tuple[str, str]:
    """Return title and address of the notice that a report is about; empty if it is about none of this town."""
    if not wanted:
        return "", ""
    with house().store.read() as session:
        found = notices.get(session, row["id"], wanted)
    if found is None or found["topic"] in HIDDEN:
        return "", ""
    title = view(found, language(), row["zone"], house().now(), whole=False).text.title
    return title, house().links_of(row).notice(row["id"], wanted)
