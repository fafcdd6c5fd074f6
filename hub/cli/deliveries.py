"""``ortsruf deliveries``: who was meant by each notice, and what became of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from hub.cli import main, print_table, show
from hub.cli.commands import JSON
from hub.cli.sources import building_of, moment
from hub.core.errors import SettingsError

if TYPE_CHECKING:
    from hub.core.ledger import Account

_COUNTS = (
    "meant", "sent", "open", "failed", "gone", "expired", "suppressed", "lapsed", "bundled", "muted", "doubled",
    "missing",
)  # fmt: skip


@main.command()
@click.argument("notice", required=False, default="")
@click.option("--municipality", default="", help="Only of this municipality.")
@click.option("--most", default=20, show_default=True, help="So many notices, the newest first.")
@JSON
@click.pass_context
def deliveries(ctx: click.Context, notice: str, *, municipality: str, most: int, as_json: bool) -> None:
    """Show who was meant by each NOTICE and what became of them; exits with 1 if anybody is missing.

    Meant = sent + open + failed + gone + expired + suppressed + lapsed + bundled + muted + doubled. Times run from the
    moment when the hub learned of it.
    """
    from hub.jobs.contact import known_town
    from hub.store import ledger

    with building_of(ctx) as building, building.store.read() as session:
        if municipality:
            known_town(session, municipality)
        if notice and not ledger.known(session, notice):
            raise SettingsError(f"There is no notice {notice}. The list without a NOTICE shows the latest ones.")
        found = ledger.accounts(session, municipality=municipality, notice_id=notice, canaries=bool(notice), most=most)
        alone = ledger.reminder_batches(session, notice) if notice else ledger.digest_batches(session, municipality)
        found += ledger.forgotten(session, notice) if notice else []
        reminders = ledger.reminders(session, building.house.now(), notice_id=notice)
        digests = ledger.digests(session, notice_id=notice)
        troubles = [dict(row) for row in ledger.troubles(session, notice)] if notice else []
    missing = _missing([*found, *alone]) + abs(reminders.missing) + digests.missing
    data = {
        "deliveries": [_plain(one) for one in found],
        "reminders" if notice else "digests": [_plain(one) for one in alone],
        "planned": {name: getattr(reminders, name) for name in ("planned", "fired", "missed", "ahead", "due")},
        "entries": {name: getattr(digests, name) for name in ("waiting", "leaving", "stranded")},
        "problems": troubles, "missing": missing,
    }  # fmt: skip
    show(data, as_json=as_json, table=lambda: _tables(found, alone, troubles, notice=notice))
    if not as_json:
        _say([*found, *alone], missing)
    if missing:
        sys.exit(1)


def _missing(accounts: Sequence[Account]) -> int:
    from hub.core.ledger import summary

    return summary(accounts)[2]


def _plain(one: Account) -> dict[str, Any]:
    return {
        "notice": one.notice_id, "revision": one.revision, "change": one.change, "title": one.title,
        "municipality": one.municipality, "at": one.at, "pending": one.pending,
        **{name: getattr(one, name) for name in (*_COUNTS, "digested")},
        "first_seconds": one.first.total_seconds() if one.first is not None else None,
        "last_seconds": one.last.total_seconds() if one.last is not None else None,
    }  # fmt: skip


def _tables(
    found: Sequence[Account], alone: Sequence[Account], troubles: Sequence[dict[str, Any]], *, notice: str
) -> None:
    _table("Deliveries", found, notice=notice)
    if alone:
        _table("Reminders" if notice else "Digests", alone, notice=notice)
    if troubles:
        rows = [(str(one["count"]), one["channel"], one["verdict"], one["detail"]) for one in troubles]
        print_table("What was difficult", ("how often", "channel", "verdict", "why"), rows)


def _table(title: str, accounts: Sequence[Account], *, notice: str) -> None:
    """Print accounts; a count that is nothing everywhere has no column."""
    shown = [name for name in _COUNTS if name in {"meant", "sent"} or any(getattr(one, name) for one in accounts)]
    timed = any(one.first is not None or one.last is not None for one in accounts)
    rows = [
        (
            *((one.notice_id,) if not notice else ()), one.title or "–", f"{one.change} {one.revision or ''}".strip(),
            moment(one.at), *("…" if one.pending else str(getattr(one, name)) for name in shown),
            *((_span(one.first), _span(one.last)) if timed else ()),
        )
        for one in accounts
    ]  # fmt: skip
    columns = (
        *(("id",) if not notice else ()),
        "notice",
        "change",
        "at",
        *shown,
        *(("first", "last") if timed else ()),
    )
    print_table(f"{title}: {len(accounts)}", columns, rows)


def _span(span: timedelta | None) -> str:
    if span is None:
        return ""
    seconds = span.total_seconds()
    if seconds < 100:  # noqa: PLR2004 - above, minutes are easier to read
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h"  # noqa: PLR2004 - the same with hours


def _say(accounts: Sequence[Account], missing: int) -> None:
    """Say in one line whether anything is missing."""
    from hub.core.ledger import summary

    meant, accounted, _ = summary(accounts)
    waiting = sum(one.open for one in accounts)
    if missing:
        click.echo(f"MISSING: {missing}. Of {meant} meant, {accounted} are accounted for.", err=True)
    else:
        ending = f", {waiting} still open." if waiting else "."
        click.echo(f"Nothing is missing: of {meant} meant, all are accounted for{ending}")
