"""A person's own calendars: all topics in one, or one of each; how apps take them in, and how often they look (U26).

The buttons are links that a person taps; the page itself asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, flash, g, redirect, render_template, url_for
from markupsafe import Markup
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

from hub.core.subscription import Action
from hub.jobs.subscribe import new_calendar
from hub.store import subscribers, towns
from hub.web.desk import house, language, person
from hub.web.qr import qr
from hub.web.subscribe import calendar_url
from hub.web.topics import TOPICS

calendars = Blueprint("calendars", __name__, url_prefix="/m/<token>/calendars")


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class App:
    """A calendar app: the link that opens it, and how often it looks again, in words.

    ``foreign``: the link leads to its maker, whose servers fetch the calendar from then on.
    """

    name: str
    url: str
    often: str
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One calendar as the page shows it."""

    id: str
    title: str
    address: str
    apps: tuple[App, ...]
    reminding: str
    square: Markup


def apps(address: str, title: str) -> tuple[App, ...]:
    """Return the apps that take in the calendar at ``address``, an absolute URL. Pure."""
    plain = address.partition("//")[2]
    webcal, webcals = f"webcal://{plain}", f"webcal{'s' * address.startswith('https:')}://{plain}"
    asked = f"url={quote(address, safe='')}&name={quote(title, safe='')}"
    return (
        App(_("Apple Calendar"), webcal, _("As you set it there: every 5 minutes to once a week. Choose every hour.")),
        App("Google", f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
            _("Up to 24 hours late, and nobody can change that. It then appears on your Android phone as well."),
            foreign=True),
        App("Outlook.com", f"https://outlook.live.com/calendar/0/addfromweb?{asked}",
            _("About every 3 hours, sometimes once a day."), foreign=True),
        App(_("Outlook at work (Microsoft 365)"), f"https://outlook.office.com/calendar/0/addfromweb?{asked}",
            _("About every 3 hours, sometimes once a day."), foreign=True),
        App("Thunderbird", webcals, _("Every 30 minutes, or as you set it there.")),
        App(_("ICSx5 (Android)"), webcals, _("Once a day, or as you set it there.")),
    )  # fmt: skip


@calendars.before_request
def _secret() -> None:
    g.secret = True


@calendars.get("")
def overview(token: str) -> str:
    """Show the calendar of all topics, and one of each."""
    row = person(token)
    with house().store.read() as session:
        ways = subscribers.endpoints_of(session, row["id"])
        wished = subscribers.subscriptions(session, row["id"])
    address = calendar_url(row, ways)
    dated = [
        topic for topic in TOPICS.values()
        if any(topic.name in one["criteria"].get("topics", ()) and _shows(one["ways"]) for one in wished)
    ]  # fmt: skip
    name = f"Ortsruf {g.town['name']}"
    whole = _shown("all", name, address) if address else None
    single = [
        _shown(one.name, f"{language().text(one.title)} {g.town['name']}", _of_topic(address, one.name))
        for one in dated
    ]
    return render_template(
        "calendars.html",
        token=token,
        whole=whole,
        single=single if address else [],
        dated=dated,
        yearly=_sheets(wished),
    )


def _sheets(wished: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the sheets of the year of a person's bins to print (U27): each place, with the address of its sheet.

    Whoever has places in several towns is told in which one a street or zone is.
    """
    waste = [one for one in wished if one["criteria"].get("topics") == ["waste"]]
    found = {
        path.partition("/house:")[0]: one["town"]
        for one in sorted(waste, key=lambda one: (one["town"] != g.town["id"], one["town"]))
        for path in one["criteria"].get("places", ())
    }
    with house().store.read() as session:
        names = towns.place_names(session, found)
        rows = {slug: towns.get(session, slug) for slug in set(found.values())}
    called = {slug: row["name"] for slug, row in rows.items() if row is not None}
    return [
        (
            f"{names[path]} ({called[slug]})" if len(called) > 1 and names[path] != called[slug] else names[path],
            url_for("year.page", slug=slug, place=names[path] if names[path] != called[slug] else None),
        )
        for path, slug in found.items()
        if slug in called
    ]


def _shows(ways: list[tuple[str, Action, str]]) -> bool:
    return any(way[1] is Action.CALENDAR for way in ways)


def _of_topic(address: str, topic: str) -> str:
    return f"{address.removesuffix('.ics')}/{topic}.ics"


def _shown(ident: str, title: str, address: str) -> Shown:
    found = apps(address, title)
    label = language().text("QR code of the calendar “{name}”", name=title)
    return Shown(ident, title, address, found, f"{found[0].url}?alarms=1", qr(found[0].url, label))


@calendars.post("/new")
def renew(token: str) -> Redirection:
    """Make a private calendar; one that is there is revoked by this, its address answers 410 from now on."""
    row = person(token)
    flash(_("Your calendar has a new address. The old one no longer works.") if _renewed(row)
          else _("Your calendar is ready."))  # fmt: skip
    return redirect(url_for("calendars.overview", token=token), 303)


def _renewed(row: RowMapping) -> bool:
    with house().store.begin() as session:
        return new_calendar(house(), session, g.town, row["id"])
