"""What was gathered, matched and delivered, counted from the rows and compared with what arrived."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from hub.bootstrap import Building
from hub.store.schema import batch, match, notice, problem, publication, source

if TYPE_CHECKING:
    from flask import Blueprint

    from hub.demo.story import Story

KINDS = ("waste", "roads", "council", "cap", "rss", "tenders")


def figures(story: Story) -> dict[str, Any]:
    """Return the figures that ``ortsruf demo --once --json`` prints.

    ``lost`` counts recipients of batches that are neither settled nor waiting for a retry, hand-overs that never
    arrived at the push service or the mailbox, publications that were not carried out, and feeds that failed.
    """
    with story.building.store.read() as session:
        polled = session.execute(select(source.c.kind, source.c.succeeded_at, source.c.failures)).all()
        per_kind = select(source.c.kind, func.count(notice.c.id)).join(notice).group_by(source.c.kind)
        kinds: dict[str, int] = {row[0]: row[1] for row in session.execute(per_kind)}
        matches = session.scalar(select(func.count()).select_from(match)) or 0
        batches = session.execute(select(batch)).mappings().all()
        waiting = session.scalar(select(func.count()).select_from(problem).where(problem.c.retry_at.is_not(None))) or 0
        unpublished = session.scalar(select(func.count()).select_from(publication).where(publication.c.stage != "done"))
    sent: dict[str, dict[str, int]] = defaultdict(lambda: {"sent": 0, "failed": 0})
    unsettled = 0
    for one in batches:
        sent[one["channel"]]["sent"] += one["sent"]
        sent[one["channel"]]["failed"] += one["failed"] + one["gone"] + one["expired"]
        done = sum(one[name] for name in ("sent", "failed", "gone", "expired", "suppressed"))
        unsettled += one["size"] - done
    arrived = {
        "webpush": sum("undecipherable" not in one for one in story.world.pushes),
        "mail": len(story.mailbox.mails),
    }
    vanished = sum(max(0, sent[name]["sent"] - count) for name, count in arrived.items())
    calendars = _calendars(story)
    return {
        "sources": {
            kind: {
                "polled": sum(row.kind == kind and row.succeeded_at is not None for row in polled),
                "failed": sum(row.kind == kind and bool(row.failures) for row in polled),
            }
            for kind in KINDS
        },
        "notices": {kind: kinds.get(kind, 0) for kind in KINDS},
        "matches": matches,
        "deliveries": {"webpush": sent["webpush"], "mail": sent["mail"], "ical": calendars},
        "lost": unsettled - waiting + vanished + (unpublished or 0),
    }


def _calendars(story: Story) -> dict[str, int]:
    """Poll every private calendar as a calendar app does, and read it with a library that did not write it."""
    from icalendar import Calendar

    client = story.web().test_client()
    feeds = events = 0
    for one in story.active():
        if one["channel"] == "ical":
            url = story.building.house.links.calendar(one["id"], one["generation"])
            answer = client.get(url.removeprefix(story.settings.base_url))
            if answer.status_code != 200:  # noqa: PLR2004 - OK
                raise RuntimeError(f"a private calendar answered {answer.status_code}")
            feeds += 1
            events += len(Calendar.from_ical(answer.data).walk("VEVENT"))
    return {"feeds": feeds, "events": events}


class Watch:
    """Shows in the terminal what was gathered, matched and delivered, and serves mailbox and pushes as pages."""

    def __init__(self, building: Building) -> None:
        """Take the process that is watched."""
        from rich.console import Console

        self._building, self._console = building, Console(stderr=True)

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text)
        base = self._building.settings.base_url
        self._console.print(f"Pages and calendars: {base}/   mailbox: {base}/demo/mailbox   pushes: {base}/demo/pushes")

    def show(self, story: Story, *, final: bool) -> None:
        """Print the figures as a table."""
        from rich.table import Table

        result = figures(story)
        table = Table(title=f"Stage {story.world.stage}" + (" (the end of the story)" if final else ""))
        for column in ("source", "polled", "failed", "notices"):
            table.add_column(column)
        for kind, one in result["sources"].items():
            table.add_row(kind, str(one["polled"]), str(one["failed"]), str(result["notices"][kind]))
        self._console.print(table)
        out = result["deliveries"]
        self._console.print(
            f"{result['matches']} matches · web push {out['webpush']} · mail {out['mail']} · calendars {out['ical']}"
            f" · lost {result['lost']}"
        )

    def pages(self, story: Story) -> Blueprint:
        """Return the pages ``/demo/mailbox`` and ``/demo/pushes``."""
        from flask import Blueprint, abort, render_template_string

        blueprint = Blueprint("demo", __name__, url_prefix="/demo")

        @blueprint.get("/mailbox")
        def mailbox() -> str:
            return render_template_string(_MAILBOX, mails=list(enumerate(story.mailbox.mails)))

        @blueprint.get("/mailbox/<int:number>")
        def mail(number: int) -> tuple[str, int, dict[str, str]]:
            if number >= len(story.mailbox.mails):
                abort(404)
            return story.mailbox.mails[number].as_string(), 200, {"Content-Type": "text/plain; charset=utf-8"}

        @blueprint.get("/pushes")
        def pushes() -> str:
            return render_template_string(_PUSHES, pushes=story.world.pushes)

        return blueprint


_MAILBOX = """{% extends "base.html" %}{% block title %}Mailbox{% endblock %}{% block content %}<h1>Mailbox</h1>
<ol>{% for number, mail in mails %}<li><a href="/demo/mailbox/{{ number }}">{{ mail["Subject"] }}</a>
to {{ mail["To"] }}</li>{% else %}<li>Nothing yet.</li>{% endfor %}</ol>{% endblock %}"""
_PUSHES = """{% extends "base.html" %}{% block title %}Pushes{% endblock %}{% block content %}<h1>Pushes</h1>
<ol>{% for one in pushes %}<li><strong>{{ one.notification.title }}</strong><br>{{ one.notification.body }}<br>
<small>to {{ one.device }}, TTL {{ one.ttl }}</small></li>{% else %}<li>Nothing yet.</li>{% endfor %}</ol>
{% endblock %}"""
