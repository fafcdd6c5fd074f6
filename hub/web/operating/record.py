"""The audit log: who did what, of one municipality or of all, and its export with the hashes that prove it (A-07)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, render_template, request, stream_with_context, url_for

from hub.core.audit import to_line
from hub.core.permission import Capability
from hub.store import audit
from hub.web.access import known, needs
from hub.web.desk import house, language
from hub.web.told import ACTS as TOLD
from hub.web.told import told, who

record = Blueprint("record", __name__, url_prefix="/verwaltung")
_PAGE = 50


def _(message: str) -> str:
    return message


ACTS = {  # those of which other pages of the office speak are named there
    "sign-in": _("signed in"), "sign-in.refused": _("could not sign in"), "sign-out": _("signed out"),
    "session.revoked": _("ended a sign-in"), "code.refused": _("gave a wrong code"),
    "recovery-code.used": _("used a recovery code"), "password.changed": _("changed the password"),
    "address.asked": _("asked for another address"), "address.changed": _("changed the address"),
    "account.made": _("made an account"), "account.ended": _("ended an account"),
    "account.disarmed": _("reset an account"), "directory.connected": _("connected the directory"),
    "municipality.added": _("founded a municipality"), "municipality.changed": _("changed a municipality"),
    "draft.created": _("began a notice"), "draft.copied": _("copied a notice"),
    "draft.rehearsed": _("had a test sent to themselves"), "draft.template-kept": _("kept a template"),
    "draft.template-renamed": _("renamed a template"), "draft.template-dropped": _("deleted a template"),
    "draft.save": _("changed a notice that was released or waited for it"),
    "notice.submit": _("asked for the release of a notice"), "notice.return": _("gave a notice back"),
    "notice.release": _("released a notice"), "notice.approve": _("released a warning as the second person"),
    "notice.break-glass": _("released a warning without a second person"),
    "notice.break-glass.told": _("released a warning without a second person, written elsewhere"),
    "notice.abort": _("stopped a notice"), "notice.withdraw": _("called a notice off"),
    "notice.discard": _("discarded what was written"), "notice.sent": _("a notice went out"),
    "notice.held": _("a notice was held back"), "notice.correction": _("began a correction"),
    "notice.extension": _("began an extension"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """What the form asked for, as it was typed, with its faults by field."""

    asked: audit.Asked
    values: dict[str, str]
    faults: dict[str, str]


@record.get("/<slug>/protokoll")
@needs(Capability.AUDIT)
def page(slug: str) -> str:
    """Show what happened in a municipality."""
    return _page(slug)


@record.get("/protokoll")
@needs(Capability.COUNTY)
def everything() -> str:
    """Show what happened anywhere."""
    return _page(None)


@record.get("/<slug>/protokoll.jsonl")
@needs(Capability.AUDIT)
def export(slug: str) -> Response:
    """Give what happened in a municipality as lines of JSON."""
    return _export(slug)


@record.get("/protokoll.jsonl")
@needs(Capability.COUNTY)
def export_everything() -> Response:
    """Give the whole chain as lines of JSON."""
    return _export(None)


def _page(slug: str | None) -> str:
    given = _filter(slug)
    number = max(1, request.args.get("seite", 1, type=int) or 1)
    with house().store.read() as session:
        count = audit.count(session, given.asked)
        pages = max(1, -(-count // _PAGE))
        number = min(number, pages)
        rows = audit.page(session, given.asked, skip=(number - 1) * _PAGE, most=_PAGE)
        acts, actors = audit.named(session, audit.Asked(municipality=slug))
        people = who(session, actors)
        events = told(session, rows, ACTS)
    kept = {name: value for name, value in given.values.items() if value}

    def address(name: str) -> str:
        return str(url_for(f"record.{name}", **{**kept, **({"slug": slug} if slug is not None else {})}))  # type: ignore[arg-type]

    here = address("page" if slug is not None else "everything")
    return render_template(
        "operating/record.html", who=known(), slug=slug, events=list(zip(rows, events, strict=True)), count=count,
        number=number, pages=pages, given=given, here=here, whole=slug is None and not kept,
        acts=[(one, _act(one)) for one in acts], actors=sorted(people.items(), key=lambda one: one[1]),
        file=address("export" if slug is not None else "export_everything"),
        turn=lambda to: f"{here}{'&' if '?' in here else '?'}seite={to}",
    )  # fmt: skip


def _act(act: str) -> str:
    return language().text({**TOLD, **ACTS}.get(act, act))


def _filter(slug: str | None) -> Filter:
    values = {name: request.args.get(name, "").strip() for name in ("was", "wer", "von", "bis")}
    zone = ZoneInfo(g.town["zone"]) if g.get("town") else ZoneInfo("Europe/Berlin")
    days: dict[str, datetime | None] = {}
    faults = {}
    for name, later in (("von", 0), ("bis", 1)):
        try:
            day = date.fromisoformat(values[name]) + timedelta(days=later) if values[name] else None
            days[name] = datetime.combine(day, time(), zone).astimezone(UTC) if day is not None else None
        except (ValueError, OverflowError):
            days[name], faults[name] = None, _("Please give a day like 2026-11-24.")
    return Filter(audit.Asked(slug, values["was"], values["wer"], days["von"], days["bis"]), values, faults)


def _export(slug: str | None) -> Response:
    asked = _filter(slug).asked
    with house().store.read() as session:
        newest = audit.page(session, asked, most=1)

    def lines() -> Iterator[str]:
        with house().store.read() as session:
            for one in audit.extract(session, asked, until=newest[0]["id"] if newest else 0):
                yield to_line(one) + "\n"

    answer = Response(stream_with_context(lines()), mimetype="application/jsonl")
    name = f"protokoll-{slug or 'alle'}-{house().now():%Y-%m-%d}.jsonl"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
