"""Enter once, show anywhere (U40): a screen in the town hall, and a list within another website. Nothing is kept.

Both work without a script: the screen then turns its pages by the browser's own refresh, and a script only adds that
a lost connection leaves the last page standing, with its age.
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import RowMapping

from hub.core.notice import Notice
from hub.core.selection import Selection
from hub.store import views
from hub.web.desk import house, language, town
from hub.web.qr import qr
from hub.web.topics import TOPICS
from hub.web.view import View, shortened, view

board = Blueprint("board", __name__)
A_PAGE, MOST_PAGES = 3, 6  # notices on a screen, and screens until it begins again
SECONDS = 15  # that a page of the screen stands
FEW, MANY, USUAL = 1, 20, 5  # notices in another website
_SUMMARY = 280  # characters of a text that can be read from afar in the time
_FRESH = "public, max-age=60"
# Whoever shows the list may frame it; it has no form, no script and no cookie that a frame could misuse.
_FRAMED = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


def _found(row: RowMapping, topic: str, most: int, now: datetime) -> list[View]:
    """Return what holds: the worst warnings first, then the newest change."""
    with house().store.read() as session:
        rows = views.latest(session, row["id"], Selection(topic=topic), now, row["zone"], most=most)
        first = views.warnings(session, row["id"], now) if topic in {"", views.WARNINGS} else []
    ordered = {one["id"]: one for one in (*first, *rows)}
    return [view(one, language(), row["zone"], now, whole=False) for one in list(ordered.values())[:most]]


@board.get("/<slug>/board")
def screen(slug: str) -> Response:
    """Show one page of the notice board; a link to the next one is all that a screen needs."""
    row, now = town(slug), house().now()
    found = _found(row, "", A_PAGE * MOST_PAGES, now)
    pages = max(1, -(-len(found) // A_PAGE))
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and 0 < int(asked[:4]) <= pages else 1
    shown = found[(number - 1) * A_PAGE : number * A_PAGE]
    base = house().site(row).base_url
    told = [(one, shortened(one.text.body or one.text.instruction, _SUMMARY), ends(one.notice, row)) for one in shown]
    body = render_template(
        "board.html", shown=told,
        number=number, pages=pages, following=url_for("board.screen", slug=slug, page=number % pages + 1),
        seconds=SECONDS, as_of=language().clock(now, row["zone"]), day=language().day(now, row["zone"]),
        address=f"{base}/{slug}".partition("://")[2], code=qr(f"{base}/{slug}/", language().text("Stay informed")),
    )  # fmt: skip
    response = make_response(body)
    response.headers["Cache-Control"] = "no-cache"
    return response


def ends(notice: Notice, row: RowMapping) -> str:
    """Return until when a notice holds, in words; empty if it does not say."""
    return language().moment(notice.expires, row["zone"]) if notice.expires else ""


@board.get("/<slug>/widget")
def widget(slug: str) -> Response:
    """Show a short list to be framed by another website; ``topic`` narrows it, ``most`` says how long it is."""
    row = town(slug)
    topic = request.args.get("topic", "")
    topic = topic if topic in TOPICS else ""
    asked = request.args.get("most", "")
    most = min(MANY, max(FEW, int(asked[:3]))) if asked.isascii() and asked.isdecimal() else USUAL
    body = render_template("widget.html", shown=_found(row, topic, most, house().now()), topic=topic)
    response = make_response(body)
    response.headers["Content-Security-Policy"] = _FRAMED
    response.headers["Cache-Control"] = _FRESH
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@board.get("/<slug>/embed")
def embed(slug: str) -> str:
    """Say how to show these notices elsewhere: in a website, on a screen, in a feed reader."""
    row = town(slug)
    topic = request.args.get("topic", "")
    topic = topic if topic in TOPICS else ""
    base, own = house().site(row).base_url, url_for("board.widget", slug=slug, topic=topic or None)
    return render_template(
        "embed.html", topic=topic, lines=_lines(base + own, row["name"]), own=own,
        screen=base + url_for("board.screen", slug=slug),
        feed=base + url_for("listing.feed", slug=slug, kind="atom", topic=topic or None),
    )  # fmt: skip


def _lines(address: str, name: str) -> str:
    """Return what is copied into another website; escaped once there, and once more where it is shown."""
    frame = Markup('<iframe src="{}" title="{}" width="100%" height="420" loading="lazy"></iframe>')
    return str(frame.format(address, name))
