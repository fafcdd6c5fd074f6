"""Before anything is sent: whom it reaches, how each of them will see it, and a test to oneself (I13, U36)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.core.draft import FILES, Draft, Imprint, Mode, from_json
from hub.core.errors import DraftError, SubscribeError
from hub.core.message import Change
from hub.core.notice import Geometry, Severity
from hub.core.tongues import TONGUES
from hub.jobs.judge import sees
from hub.jobs.reach import reach
from hub.jobs.rehearse import rehearse
from hub.jobs.sign_in import DIRECTORY
from hub.store import drafts, rehearsals
from hub.web.access import known, needs
from hub.web.agent import agent
from hub.web.assets import push_key
from hub.web.desk import desk, house, language, town
from hub.web.device import way_of
from hub.web.geojson import MEDIA_TYPE, collection
from hub.web.language import Language
from hub.web.public import details_of
from hub.web.writing.drawn import Drawing, as_dates, as_mail, as_push, as_row, notice_of
from hub.web.writing.releasing import READERS, drawing_of

previewing = Blueprint("previewing", __name__, url_prefix="/verwaltung/<slug>/mitteilungen/<int:number>/vorschau")
MOST_TESTS = 20  # an hour, of one account
# What is framed may do nothing: no script, no form, no other host.
_FRAMED = (
    "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-same-origin"
)
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)  # of our own templates; what people typed is quoted


def _(message: str) -> str:
    return message


WAYS = {
    ("webpush", "now"): _("notifications at once"), ("webpush", "reminder"): _("notifications as a reminder"),
    ("webpush", "digest"): _("notifications once a day"), ("mail", "now"): _("e-mails at once"),
    ("mail", "digest"): _("e-mails once a day or a week"), ("mail", "reminder"): _("e-mails as a reminder"),
    ("ical", "calendar"): _("calendars"), ("webhook", "now"): _("programs of businesses, at once"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """The draft that a page is about, as it is previewed: where, in which language."""

    row: RowMapping
    town: RowMapping
    draft: Draft
    language: str


def shown(slug: str, number: int) -> Shown:
    """Return the draft of this request; 404 if there is none here."""
    with house().store.read() as session:
        row = drafts.get(session, slug, number)
        if row is None or not sees(session, row, known().id, directory=known().session["how"] == DIRECTORY):
            abort(404)
    here, draft = town(slug), from_json(row["content"])
    offered = [one.lang for one in draft.texts] or [here["language"]]
    wanted = request.values.get("sprache", "")
    return Shown(row, here, draft, wanted if wanted in TONGUES else offered[0])


def _drawing(of: Shown) -> Drawing | None:
    """Return what to draw; ``None`` while the draft has no text or no place."""
    if not of.draft.texts or not of.draft.areas:
        return None
    home = of.draft.towns[0]
    imprint = Imprint(of.row["key"], of.town["name"], house().now(), house().links.base_url + FILES)
    site = house().site(of.town)
    site = replace(site, sender=site.sender or "ortsruf@example.org")
    change = Change.REVISED if of.row["revision"] else Change.NEW
    return Drawing(notice_of(of.draft, home, imprint), site, of.language, house().now(), change)


@previewing.get("")
@needs(*READERS)
def page(slug: str, number: int) -> str:
    """Show whom a draft reaches and how it will look as a notification, mail, page and calendar entry."""
    of = shown(slug, number)
    drawing = _drawing(of)
    with house().store.read() as session:
        devices = rehearsals.of(session, known().id)
    languages = [Language(one.lang) for one in of.draft.texts if one.lang in TONGUES]
    drawn: dict[str, Any] = {}
    if drawing is not None:
        drawn = {"pushed": as_push(drawing), "mailed": as_mail(drawing), "dated": _dates(drawing)}
    return render_template(
        "writing/preview.html", who=known(), slug=slug, number=number, row=of.row, draft=of.draft, of=of,
        reach=reach(house(), of.draft) if drawing is not None else None, ways=WAYS, devices=devices,
        texts=languages, is_test=of.draft.mode is Mode.TEST, mails=bool(house().sender), loud=_loud(of.draft),
        **drawing_of(slug, number, of.draft),
        missing=[one for one in _READ if one not in {text.lang for text in of.draft.texts}], tongues=TONGUES, **drawn,
    )  # fmt: skip


_READ = ("de", "de-simple", "en", "tr", "uk", "ar")


def _loud(draft: Draft) -> bool:
    """Whether it breaks quiet hours and pauses."""
    return draft.severity >= Severity.SEVERE


def _dates(drawing: Drawing) -> list[dict[str, str]]:
    chosen, zone = language(), drawing.site.zone
    return [
        {
            "title": one.title, "from": chosen.moment(one.start, zone), "location": one.location,
            "to": chosen.moment(one.end, zone) if one.end else "", "description": one.description,
        }
        for one in as_dates(drawing)
    ]  # fmt: skip


@previewing.get("/seite")
@needs(*READERS)
def as_page(slug: str, number: int) -> Response:
    """Show the page of the notice as readers will see it, to be framed."""
    of = shown(slug, number)
    drawing = _drawing(of) or abort(404)
    chosen = Language(of.language)
    with house().store.read() as session:
        given = details_of(session, of.town, as_row(drawing), chosen)
    names = [one.name or one.value for one in drawing.notice.places] or [of.town["name"]]
    given["pictures"] = [
        (url_for("own_files.before", slug=slug, name=href.rpartition("/")[2]), title)
        for href, title in given["pictures"]
    ]
    given |= {"places": names, "slots": {}, "shapes": "", "address": drawing.url, "mine": ""}
    body = render_template("notice.html", **given, language=chosen, _=chosen.text)
    return _framed(body)


@previewing.get("/mail")
@needs(*READERS)
def as_letter(slug: str, number: int) -> Response:
    """Show the HTML of the mail, to be framed."""
    return _framed(as_mail(_drawing(shown(slug, number)) or abort(404)).html)


def _framed(body: str) -> Response:
    response = make_response(_SCRIPT.sub("", body))  # a browser complains of each that it does not run
    response.headers["Content-Security-Policy"] = _FRAMED
    return response


@previewing.get("/flaeche.geojson")
@needs(*READERS)
def shape(slug: str, number: int) -> Response:
    """Serve what was drawn on the map."""
    of = shown(slug, number)
    said = {
        "id": "preview", "title": of.draft.title, "topic": of.draft.topic, "url": "", "state": "",
        "severity": of.draft.severity.name.lower() if of.draft.severity else "",
    }  # fmt: skip
    data = collection([(of.draft.geometry or Geometry(), said)])
    return Response(json.dumps(data, ensure_ascii=False), content_type=MEDIA_TYPE)


@previewing.post("/an-mich")
@needs(*READERS)
def to_me(slug: str, number: int) -> Redirection:
    """Send the draft to whoever asks, on their own address and test devices, and to nobody else."""
    of, who = shown(slug, number), known()
    back = url_for("previewing.page", slug=slug, number=number, sprache=of.language)
    if not desk().lets_account("rehearsal", who.id, MOST_TESTS):
        flash(_("That were many tests. Please try again in an hour."))
        return redirect(back, 303)
    try:
        count = rehearse(
            house(), of.row, of.draft, who.account, language=of.language, url=house().links.base_url + back
        )  # fmt: skip
    except DraftError as error:
        flash(language().text(str(error)))
    else:
        flash(language().text(_("The test is on its way to you, on {count} ways. Nobody else gets it."), count=count))
    return redirect(back, 303)


@previewing.post("/geraet")
@needs(*READERS)
def add_device(slug: str, number: int) -> Response:
    """Let this browser show the tests of whoever is signed in; ``look`` asks whether it does."""
    shown(slug, number)
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    with house().store.read() as session:
        mine = {one["address"] for one in rehearsals.of(session, known().id)}
    if "look" in body:
        return make_response({"state": "active" if body["look"] in mine else "gone"}, 200)
    try:
        address, keys, _service = way_of(body.get("subscription"), push_key())
    except SubscribeError as error:
        return make_response({"error": language().text(str(error))}, 400)
    named = agent(request.headers.get("User-Agent", "")) or "Browser"
    with house().store.begin() as session:
        rehearsals.put(session, known().id, address, keys, name=named, now=house().now())
    return make_response({"status": "ok"}, 201)


@previewing.post("/geraet/<int:device>/weg")
@needs(*READERS)
def drop_device(slug: str, number: int, device: int) -> Redirection:
    """Let a browser show no tests any more; what it gets as a resident's stays."""
    shown(slug, number)
    with house().store.begin() as session:
        rehearsals.drop(session, known().id, device)
    flash(_("That device shows no tests any more."))
    return redirect(url_for("previewing.page", slug=slug, number=number) + "#test", 303)
