"""The month of a municipality for its council: a page that prints on paper, and its figures for tables (I23)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request
from sqlalchemy import RowMapping

from hub.core import impact as core
from hub.core.aftermath import Word
from hub.core.goals import TARGET
from hub.jobs import impact as job
from hub.store import impact as store
from hub.web.access import known, needs
from hub.web.desk import house, language
from hub.web.topics import CHANNELS, TOPICS
from hub.web.writing.counts import about, few, number, share, span
from hub.web.writing.reports import READERS

impact = Blueprint("impact", __name__, url_prefix="/verwaltung")
_MONTHS = 24  # that are offered


def _(message: str) -> str:
    return message


_SAID = {Word.NEW.value: _("warning"), Word.UPDATE.value: _("update"), Word.ALL_CLEAR.value: _("all-clear")}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one of the tables: its head and its cells, as they are written."""

    head: str
    cells: tuple[str, ...]


@impact.get("/<slug>/wirkung")
@needs(*READERS)
def page(slug: str) -> str:
    """Show a month, this one if none is named."""
    which, content, months = _read(slug)
    text = language().text
    head = [
        (text(_("People reached")), about(content["people"])),
        (text(_("New subscribers")), few(content["begun"])), (text(_("Subscribers who left")), few(content["ended"])),
        (text(_("Notices")), number(sum(content["notices"].values()))),
        (text(_("Messages in time")), share(content["in_time_all"]) or text(_("too few to say"))),
        (text(_("Error budget used")), share(content["budget_used"]) or text(_("too few to say"))),
    ]  # fmt: skip
    return render_template(
        "writing/impact.html", who=known(), which=which, name=_name(which),
        months=[(one, _name(one)) for one in months], content=content, head=head,
        topics_=_topics(content), ways=_ways(content), soon=_soon(content),
        warnings=[_warning(one) for one in content["warnings"]], target=share(TARGET),
        sources=[Row(one["name"], (share(one["uptime"]),)) for one in content["sources"]],
        canaries=[
            Row(text(CHANNELS[name]), (number(one["sent"]), number(one["arrived"])))
            for name, one in content["canaries"].items()
        ],
    )  # fmt: skip


@impact.get("/<slug>/wirkung.<any(csv, json):kind>")
@needs(*READERS)
def figures(slug: str, kind: str) -> Response:
    """Give a month's figures as CSV or JSON."""
    which, content, _months = _read(slug)
    body = core.to_csv(content) if kind == "csv" else json.dumps(content, ensure_ascii=False, indent=2)
    answer = Response(body, mimetype="text/csv" if kind == "csv" else "application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="wirkung-{slug}-{which}.{kind}"'
    return answer


def _read(slug: str) -> tuple[str, Mapping[str, Any], list[str]]:
    """Return the month asked for, what it holds, and the months to choose from; 404 for what is none yet."""
    town, now = g.town, house().now()
    current = core.month_of(now, town["zone"])
    which = request.args.get("monat", current)
    with house().store.read() as session:
        months = _months(town, current, store.closed(session, slug))
        if which not in months:
            abort(404)
        return which, job.month(session, town, which, now), months


def _months(town: RowMapping, current: str, closed: Any) -> list[str]:
    """Return the months that can be read, the newest first: back to the first that is kept, or when the town came."""
    first = min([core.month_of(town["created_at"], town["zone"]), *closed])
    found = [current]
    while found[-1] > first and len(found) < _MONTHS:
        found.append(core.before(found[-1]))
    return found


def _name(month: str) -> str:
    year, _dash, number_ = month.partition("-")
    return f"{language().months()[int(number_) - 1]} {year}"


def _topics(content: Mapping[str, Any]) -> list[Row]:
    text = language().text
    counts = sorted(content["notices"].items(), key=lambda one: (-one[1], one[0]))
    return [Row(text(TOPICS[name].title) if name in TOPICS else name, (number(count),)) for name, count in counts]


def _ways(content: Mapping[str, Any]) -> list[Row]:
    text, found = language().text, []
    for name in dict.fromkeys((*content["reach"], *content["delivered"])):
        delivered = few(content["delivered"][name]) if name in content["delivered"] else "–"
        told = share(content["in_time"].get(name)) or "–"
        found.append(Row(text(CHANNELS.get(name, name)), (about(content["reach"].get(name, 0)), delivered, told)))
    return found


def _soon(content: Mapping[str, Any]) -> list[Row]:
    text = language().text
    names = {"first": _("From the release to the first delivery"), "told": _("From the release to each delivery")}
    return [
        Row(text(title), tuple(_span(content[name][part]) or "–" for part in ("p50", "p95")))
        for name, title in names.items()
    ]  # fmt: skip


def _span(seconds: float | None) -> str:
    return span(timedelta(seconds=seconds)) if seconds is not None else ""


def _warning(one: Mapping[str, Any]) -> Row:
    at = language().short(datetime.fromisoformat(one["at"]), g.town["zone"])
    said = f"{one['title']} ({language().text(_SAID[one['word']])})"
    return Row(said, (at, few(one["told"]), _span(one["first"]) or "–", _span(one["p95"]) or "–"))
