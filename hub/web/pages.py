"""The site's pages put together: blueprints, and what every template may use."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from hub.web.accessibility import accessibility
from hub.web.account import account
from hub.web.addresses import addresses
from hub.web.assets import assets, cached, colour_of, push_key, serve_packed, sheets, static_url, worker_url
from hub.web.board import board
from hub.web.calendars import calendars
from hub.web.canary import canary
from hub.web.choices import LEADS
from hub.web.dates import dates
from hub.web.desk import LANGUAGE_COOKIE, desk, language, languages, links
from hub.web.device import device
from hub.web.directory import directory
from hub.web.editor import editor, keeping
from hub.web.export import export
from hub.web.factors import factors
from hub.web.farewell import farewell
from hub.web.federation import federation
from hub.web.finder import finder
from hub.web.forgotten import forgotten
from hub.web.health import health
from hub.web.inbox import inbox
from hub.web.invited import invited
from hub.web.kept import keepable, marked
from hub.web.language import LANGUAGES, Language, spoken
from hub.web.launch import launch
from hub.web.listing import addressed, listing
from hub.web.lost import lost
from hub.web.manage import manage
from hub.web.manifest import manifest
from hub.web.mapping import mapping
from hub.web.mine import mine
from hub.web.move import move
from hub.web.mutes import mutes
from hub.web.navigation import navigation
from hub.web.offer import offered
from hub.web.office import office
from hub.web.operating.adding import adding
from hub.web.operating.belongings import belongings
from hub.web.operating.checked import checked
from hub.web.operating.data import data
from hub.web.operating.exchange import exchange
from hub.web.operating.founding import founding
from hub.web.operating.overview import overview
from hub.web.operating.record import record
from hub.web.protection import csrf
from hub.web.public import public
from hub.web.searches import searches
from hub.web.signing import signing
from hub.web.sources import source_pages
from hub.web.start import MOST_IN_LIST, start
from hub.web.status import status
from hub.web.subscribe import subscribe
from hub.web.tenders import tenders
from hub.web.topics import CHANNELS, DIGEST_HOURS, FRACTIONS, MORNING_HOURS, REMINDER_HOURS, TOPICS
from hub.web.trial import LOUD, trial
from hub.web.websub import websub
from hub.web.writing.drafting import drafting
from hub.web.writing.files import files, own_files
from hub.web.writing.impact import impact
from hub.web.writing.listing import drafts_list
from hub.web.writing.patterns import patterns
from hub.web.writing.previewing import previewing
from hub.web.writing.releasing import releasing
from hub.web.writing.reports import reports
from hub.web.writing.versions import versions
from hub.web.year import year_sheet

_YEAR = 31_536_000
_ANSWERED_ON = {  # where the form stands whose answer has no address of its own
    "farewell.back": "farewell.ask", "move.take": "move.enter", "addresses.change": "addresses.overview",
    "addresses.again": "addresses.overview",
}  # fmt: skip


def install(app: Flask) -> None:
    """Add every page to ``app``."""
    for blueprint in (
        assets, manifest, launch, health, canary, device, dates, farewell, subscribe, mine, inbox, manage, trial, mutes,
        calendars, export, move, addresses, lost, websub, editor, keeping, signing, forgotten, invited, factors,
        account, directory, office, source_pages, status, accessibility, listing, federation, mapping, tenders,
        searches, year_sheet, board, finder, start, public,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    for blueprint in (  # of the office, one a line
        adding,
        belongings,
        checked,
        data,
        drafting,
        drafts_list,
        exchange,
        files,
        founding,
        impact,
        overview,
        own_files,
        patterns,
        previewing,
        record,
        releasing,
        reports,
        versions,
    ):
        app.register_blueprint(blueprint)
    csrf.exempt(farewell)
    csrf.exempt(device)
    csrf.exempt(websub)
    csrf.exempt(canary)
    app.context_processor(_context)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    serve_packed(app)
    app.after_request(cached)
    app.after_request(marked)
    app.after_request(_remember_language)


def _context() -> dict[str, Any]:
    """Return what every template may use."""
    chosen = language()
    return {
        "_": chosen.text, "language": chosen, "languages": [Language(code) for code in languages()],
        "town": g.get("town"), "static_url": static_url, "push_key": push_key, "worker_url": worker_url,
        "keepable": keepable, "colour_of": colour_of,
        "language_url": _language_url, "spoken": partial(spoken, chosen), "sheets": sheets, "navigation": navigation,
        "topics": TOPICS, "fraction_names": FRACTIONS, "channels": CHANNELS, "base_url": links().base_url,
        "offered": offered, "most_in_list": MOST_IN_LIST, "lead_days": LEADS,
        "loud": LOUD, "reminder_hours": REMINDER_HOURS, "morning_hours": MORNING_HOURS, "digest_hours": DIGEST_HOURS,
    }  # fmt: skip


def _language_url(code: str) -> str:
    """Return this page in another language; where only a form leads, the page that the form stands on."""
    path, given = request.path, request.view_args or {}
    asked = request.args.to_dict() if request.method == "GET" else {}
    if request.endpoint == "manage.deleted":
        path = url_for("public.home")
    elif request.endpoint in _ANSWERED_ON:
        path = url_for(_ANSWERED_ON[request.endpoint], **({"token": given["token"]} if "token" in given else {}))
    elif request.method == "POST" and path.startswith("/m/") and not _shown(path):
        path = url_for("manage.overview", token=given["token"])
    elif request.method == "POST" and g.get("secret") and not _shown(path):
        path = url_for("office.home")
    elif request.endpoint in {"subscribe.sign_up_form", "start.go_on"}:
        path = url_for("start.first_visit", slug=given["slug"])
    elif request.method == "POST" and not _shown(path):
        path = url_for("public.town_page", slug=g.town["id"]) if g.get("town") else url_for("public.home")
    return addressed(path, {**asked, "lang": code})


def _shown(path: str) -> bool:
    """Whether a page can be asked for at ``path``, or nothing is there at all."""
    try:
        current_app.url_map.bind("").match(path, "GET")
    except MethodNotAllowed:
        return False
    except RequestRedirect:  # the way to a town's page; of a form's own address only the rule of towns
        return request.endpoint is None
    except NotFound:
        return True
    return True


def _remember_language(response: Response) -> Response:
    wanted = request.args.get("lang")
    if request.endpoint == "board.widget":  # within another website
        return response
    if wanted in LANGUAGES and response.mimetype == "text/html":  # calendar apps and feed readers are sent no cookie
        response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=_YEAR, httponly=True, samesite="Lax", secure=desk().secure)
    return response
