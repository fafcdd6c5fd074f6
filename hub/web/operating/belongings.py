"""The settings of a municipality: its look, contact and languages, the sender of its mails, its streets and hosts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from hub.core import hosts
from hub.core.errors import OrtsrufError, SettingsError
from hub.core.permission import EVERYWHERE, Capability, may
from hub.core.streets import reading
from hub.jobs import own
from hub.jobs.contact import put_contact
from hub.jobs.dress import put_look
from hub.jobs.streets import imported
from hub.store import hosts as store_hosts
from hub.store import pushkeys
from hub.web.access import known, needs, takes
from hub.web.desk import house, town
from hub.web.language import LANGUAGES, Language
from hub.web.operating import asked
from hub.web.operating.founding import MOST_UPLOAD, shades
from hub.web.operating.listed import Heard, heard

belongings = Blueprint("belongings", __name__, url_prefix="/verwaltung/<slug>/gemeinde")
LOOK = ("colour", "imprint_url", "easy_url", "sign_url", "enforcement", "barriers")
MAIL = ("language", "languages", "sender", "sender_name", "reply_to", "dkim_domain")


def _(message: str) -> str:
    return message


@belongings.get("")
@needs(Capability.OPERATE)
def page(slug: str) -> Response:
    """Show the settings."""
    return _shown(town(slug))


@belongings.post("")
@takes(MOST_UPLOAD)
@needs(Capability.OPERATE)
def look(slug: str) -> Response:
    """Change how its pages look, what they lead to, and who is told."""
    row = town(slug)
    given, faults = asked.checked(asked.typed(request, (*LOOK, "contact")))
    sent = request.files.get("logo")
    content = sent.read() if sent is not None else b""
    logo = b"" if request.form.get("no_logo") else content or None
    if faults:
        return _shown(row, given, faults)
    try:
        with house().store.begin() as session:
            wanted = {name: given[name] or row["colour"] if name == "colour" else given[name] for name in LOOK}
            put_look(house(), session, known().actor, slug, wanted, logo=logo)
            put_contact(house(), session, known().actor, slug, given["contact"])
    except OrtsrufError:  # all else was looked at already
        return _shown(row, given, {"logo": asked.LOGO})
    return _kept(slug)


@belongings.post("/post")
@needs(Capability.OPERATE, fresh=True)
def mail(slug: str) -> Response:
    """Change the languages of its pages, and what its mails come from."""
    return _own(slug, MAIL)


@belongings.post("/hosts")
@needs(Capability.COUNTY, fresh=True)
def names(slug: str) -> Response:
    """Change its host names: whoever looks after the installation's DNS and certificates does that."""
    return _own(slug, ("hosts",))


def _own(slug: str, fields: tuple[str, ...]) -> Response:
    row = town(slug)
    given, faults = asked.checked(asked.typed(request, fields))
    ours = hosts.named(urlsplit(house().links.base_url).netloc)
    signs = bool(getattr(house().outlet("mail").settings, "dkim_domain", ""))
    with house().store.read() as session:
        together = asked.of_addresses(session, {**row, **given}, slug, ours=ours, signs=signs)
    faults |= {name: text for name, text in together.items() if name not in faults}
    if faults:
        return _shown(row, given, faults)
    own.change(house(), known().actor, slug, given)
    return _kept(slug)


@belongings.post("/strassen")
@takes(MOST_UPLOAD)
@needs(Capability.OPERATE)
def streets(slug: str) -> Response:
    """Import a list of streets: the good lines at once, the others are told."""
    row = town(slug)
    sent = request.files.get("streets")
    content = sent.read() if sent is not None else b""
    try:
        counts = imported(house(), known().actor, slug, reading(content))
        told = heard(content)
    except SettingsError:
        return _shown(row, {}, {"streets": asked.STREETS})
    if not told.faults:
        flash(_("The list is imported.") if counts.words else _("All of this was there already."))
        return redirect(url_for("belongings.page", slug=slug), 303)
    return _shown(row, told=told)


def _kept(slug: str) -> Response:
    flash(_("It is changed."))
    return redirect(url_for("belongings.page", slug=slug), 303)


def _shown(
    row: RowMapping, given: dict[str, str] | None = None, faults: dict[str, str] | None = None,
    told: Heard | None = None,
) -> Response:  # fmt: skip
    with house().store.read() as session:
        named = store_hosts.listed(session, row["id"])
        key = pushkeys.current(session, row["id"])
    values: dict[str, Any] = {**row, "hosts": " ".join(named), **(given or {})}
    body = render_template(
        "operating/belongings.html", who=known(), row=row, given=values, faults=faults or {}, heard=told,
        county=may(known().visitor.grants, Capability.COUNTY, EVERYWHERE), shades=shades(values["colour"]),
        spoken_here=[Language(code) for code in LANGUAGES], mails=house().sender, push=key, hosts=named,
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)
