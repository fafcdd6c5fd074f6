"""The public status of a town: when each channel was last proven, how old each source is, what the month's goal was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from sqlalchemy import RowMapping

from hub.core.goals import TARGET, share
from hub.jobs.canary import OVERDUE
from hub.store import alarms, canaries, tally
from hub.web.desk import desk, house, language, town
from hub.web.language import Language
from hub.web.sources import views_of

status = Blueprint("status", __name__)
_UNWATCHED = timedelta(minutes=3)
_CHANNELS = ("webpush", "mail", "ical")


def _(message: str) -> str:
    return message


NAMES = {"webpush": _("Notifications"), "mail": _("E-mail"), "ical": _("Calendars")}
HOW = {
    "public": _("A test message came back to us over the public address."),
    "loopback": _("A test message went the whole way and came back to us within this machine."),
    "mailbox": _("The mail server has taken a test message for our own mailbox."),
    "door": _("The mail server would take our mail. Nothing is sent for this test, so it ends at the server’s door."),
    "ical": _("We fetched our own calendar, as a calendar app does."),
    "inside": _("A test message was written and encrypted, but not sent: this machine cannot reach its own address."),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """One channel as the page shows it; ``word`` is its state, ``iso`` when it was last proven."""

    name: str
    word: str
    well: bool
    ago: str
    iso: str
    how: str
    kept: str


@status.get("/<slug>/status")
def page(slug: str) -> str:
    """Show how the town's channels and sources are."""
    own = town(slug)
    now, chosen = house().now(), language()
    month = now.astimezone(ZoneInfo(own["zone"])).replace(day=1).date().isoformat()
    with house().store.read() as session:
        known = {row["channel"]: row for row in canaries.listed(session, own["id"])}
        spent = tally.spent(session, own["id"], month)
        watched = alarms.marks(session).get("watch")
        views = views_of(session, own)
    proofs = [_proof(one, known.get(one), spent.get(one), chosen, now) for one in _offered()]
    total = share(*(sum(one[place] for one in spent.values()) for place in range(3)))
    return render_template(
        "status.html", proofs=proofs, views=views, month=in_percent(total, chosen),
        target=in_percent(TARGET, chosen),
        met=total is None or total >= TARGET, looked=chosen.ago(watched["at"], now) if watched is not None else "",
        watched=watched is not None and now - watched["at"] < _UNWATCHED,
    )  # fmt: skip


def _offered() -> list[str]:
    """Return the channels that this installation uses: mail only with a sender."""
    return [one for one in _CHANNELS if one != "mail" or house().sender]


def _proof(
    channel: str, row: RowMapping | None, spent: tuple[int, int, int] | None, chosen: Language, now: datetime
) -> Proof:
    kept = in_percent(share(*spent), chosen) if spent else ""
    proved = row["proved_at"] if row is not None else None
    late = row is not None and row["waits_since"] is not None and now - row["waits_since"] > OVERDUE
    if late:
        word = _("Out of order")
    elif proved is not None:
        word = _("Works")
    else:
        word = _("Not tested yet") if desk().settings.canary_minutes else _("Not tested")
    how = HOW.get(channel if channel == "ical" else row["how"], "") if row is not None and proved is not None else ""
    return Proof(
        chosen.text(NAMES[channel]), chosen.text(word), not late, chosen.ago(proved, now) if proved else "",
        proved.isoformat() if proved else "", chosen.text(how) if how else "", kept,
    )  # fmt: skip


def in_percent(part: float | None, chosen: Language) -> str:
    """Write a share, cut and not rounded: 99.95 % is not all. Empty if there were too few to say."""
    if part is None:
        return ""
    from babel.numbers import format_percent

    cut = int(part * 10_000) / 10_000
    pattern = chosen.locale.percent_formats[None].pattern.replace("#,##0", "#,##0.##")
    return str(format_percent(cut, format=pattern, locale=chosen.locale))
