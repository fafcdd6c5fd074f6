"""The operators' dashboards: all municipalities at a glance (U45), one of them, and the installation itself."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from flask import Blueprint, g, render_template, request
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.alarm_texts import sentence
from hub.core.losses import DEAD, Sort
from hub.core.permission import Capability
from hub.core.roundup import Grade
from hub.jobs.hold import standing_reason
from hub.language import Language
from hub.store import alarms, figures, heartbeats, standing, towns
from hub.store.database import Store
from hub.web.access import known, needs
from hub.web.desk import house, language
from hub.web.operating import plotted
from hub.web.operating.amounts import duration
from hub.web.operating.lines import CHANNELS, gathered, shown
from hub.web.sources import views_of

overview = Blueprint("overview", __name__, url_prefix="/verwaltung")
ZONE = "Europe/Berlin"
_UNWATCHED = timedelta(minutes=3)


def _(message: str) -> str:
    return message


ROLES = {
    "serve": _("Everything"), "web": _("Pages"), "work": _("Deliveries and sources"), "tick": _("Ticks"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that stands."""

    text: str
    since: str
    iso: str


@dataclass(frozen=True, slots=True)
class Living:
    """A process; ``alive``: it was heard of within a minute."""

    name: str
    role: str
    lanes: str
    seen: str
    iso: str
    begun: str
    alive: bool
    leads: bool
    fault: str


@dataclass(frozen=True, slots=True)
class Installation:
    """How the installation itself is."""

    alarms: list[Alarm]
    processes: list[Living]
    hold: str
    watched: str
    unwatched: bool
    waiting: dict[str, str]
    versions: list[tuple[str, str]]


@overview.get("/uebersicht")
@needs(Capability.COUNTY)
def county() -> str:
    """Show every municipality in one line, those in trouble first, and how the installation is."""
    now, chosen = house().now(), language()
    daily = request.args.get("zeitraum") == "30"
    span = plotted.Span.days(now, ZONE) if daily else plotted.Span.hours(now, ZONE)
    with house().store.read() as session:
        rows = gathered(session, towns.listed(session), now, mails=bool(house().sender))
        plots = plotted.of_house(session, span, chosen)
        own = installation(session, house().store, chosen, now)
    counts = {grade: sum(one.grade is grade for one in rows) for grade in Grade}
    return render_template(
        "operating/overview.html", who=known(), rows=shown(rows, chosen, now, offered()), own=own, plots=plots,
        daily=daily, counts=counts, grades=Grade, at=chosen.short(now, ZONE), lane_names=plotted.LANE_NAMES,
    )  # fmt: skip


@overview.get("/<slug>/betrieb")
@needs(Capability.OPERATE)
def operation(slug: str) -> str:
    """Show how one municipality is: what is wrong, its sources, its ways out, its month."""
    now, chosen = house().now(), language()
    with house().store.read() as session:
        rows = gathered(session, [g.town], now, mails=bool(house().sender))
        plots = plotted.of_town(session, slug, now, g.town["zone"], chosen)
        views = sorted(views_of(session, g.town), key=lambda one: (one.well and not one.waiting, one.name.casefold()))
        held = standing_reason(session)
    return render_template(
        "operating/operation.html", who=known(), one=shown(rows, chosen, now, offered())[0], plots=plots, views=views,
        hold=held, at=chosen.short(now, g.town["zone"]), lane_names=plotted.LANE_NAMES,
    )  # fmt: skip


def offered() -> list[str]:
    """Return the channels whose canaries fly here: mail only with a sender."""
    return [one for one in CHANNELS if one != "mail" or house().sender]


def installation(session: Session, store: Store, chosen: Language, now: datetime) -> Installation:
    """Return how the installation is."""
    watched = alarms.marks(session).get("watch")
    names = {row["id"]: row["name"] for row in towns.listed(session)}
    leader = standing.get(session, "leader")
    lead = str(leader["value"]) if leader is not None else ""
    rows = {row["lane"]: row["oldest"] for row in figures.lanes(session, now)}
    return Installation(
        [_alarm(row, names, chosen, now) for row in alarms.current(session)],
        [_living(row, lead, chosen, now) for row in heartbeats.listed(session)],
        standing_reason(session), chosen.ago(watched["at"], now) if watched is not None else "",
        watched is None or now - watched["at"] > _UNWATCHED,
        {
            lane: duration((now - oldest).total_seconds(), chosen)
            for lane, oldest in rows.items() if oldest is not None and oldest <= now
        },
        versions(store),
    )  # fmt: skip


def _alarm(row: RowMapping, names: Mapping[str, str], chosen: Language, now: datetime) -> Alarm:
    """Say what an alarm says; that of a canary does not name its municipality by itself."""
    text = sentence(row, chosen, ZONE)
    place = names.get(row["key"].split(":")[1], "") if row["kind"] == Sort.CANARY else ""
    said = chosen.text(_("{town}: {text}"), town=place, text=text) if place else text
    return Alarm(said, chosen.ago(row["begun_at"], now), row["begun_at"].isoformat())


def _living(row: RowMapping, lead: str, chosen: Language, now: datetime) -> Living:
    detail, role = row["detail"], row["role"]
    leads = role in {"serve", "tick"} and (row["name"] == lead if lead else detail == "leads")
    return Living(
        row["name"], chosen.text(ROLES.get(role, role)), "" if row["lanes"] == "all" else row["lanes"],
        chosen.ago(row["at"], now), row["at"].isoformat(), chosen.ago(row["started_at"], now),
        now - row["at"] <= DEAD, leads, "" if detail in {"leads", "stands by"} else detail,
    )  # fmt: skip


def versions(store: Store) -> list[tuple[str, str]]:
    """Return what runs here: ours, Python's and the database's version."""
    try:
        own = version("ortsruf")
    except PackageNotFoundError:
        own = "?"
    return [("Ortsruf", own), ("Python", platform.python_version()), store.version()]
