"""``ortsruf source list | check | history``: how sources are, in words; the group that all commands of sources join."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from hub.cli import main, print_table, settings_of, show
from hub.cli.commands import JSON
from hub.core.causes import cause
from hub.core.errors import SettingsError
from hub.core.health import State, state

if TYPE_CHECKING:
    from sqlalchemy import RowMapping
    from sqlalchemy.orm import Session

    from hub.bootstrap import Building

_KEPT = ("id", "municipality_id", "kind", "name", "url", "topic", "interval", "enabled", "succeeded_at", "polled_at",
         "news_at", "next_poll_at", "failures", "fault", "doubt", "held")  # fmt: skip
_WORDS = {
    State.WAITING: "not read yet", State.OK: "works", State.ENDED: "calendar ends soon", State.LATE: "late",
    State.DOUBTFUL: "doubted", State.FAILING: "failed just now", State.QUARANTINED: "out of order",
    State.SILENT: "silent", State.PAUSED: "paused",
}  # fmt: skip


@main.group()
def source() -> None:
    """Look at sources before they go live, add them, see how they are, act on what is wrong."""


@contextmanager
def building_of(ctx: click.Context) -> Iterator[Building]:
    """Open the house for one command."""
    from hub.bootstrap import Building

    settings, _ = settings_of(ctx)
    building = Building(settings)
    try:
        yield building
    finally:
        building.close()


def known_source(session: Session, source_id: str) -> RowMapping:
    """Return a source's row. Raises ``SettingsError`` if there is none of that id."""
    from hub.store import sources

    row = sources.row(session, source_id)
    if row is None:
        raise SettingsError(f"There is no source {source_id}. See `ortsruf source list`.")
    return row


def described(session: Session, row: RowMapping, now: datetime) -> dict[str, Any]:
    """Return a source and its health as JSON: the state in words, ages in seconds, the cause with what to do."""
    from hub.store import held, outlook, polls

    health = state(row, now, outlook.last_date(session, row["id"]))
    last = next(iter(polls.history(session, row["id"], most=1)), None)
    why = None
    if row["failures"] or row["doubt"]:
        found = cause(last["label"] if last is not None and row["failures"] else row["doubt"], row["fault"])
        why = {"code": found.code, "what": found.what, "todo": found.todo}
    return {name: row[name] for name in _KEPT} | {
        "state": health.state.value, "state_text": _WORDS[health.state], "well": health.well, "cause": why,
        "data_age": round(health.data_age.total_seconds()) if health.data_age is not None else None,
        "last_date": health.last_date, "waiting": len(held.waiting(session, row["id"])),
    }  # fmt: skip


def age(seconds: float) -> str:
    """Write an age for a table: ``4 min``, ``3 h``, ``12 d``."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


def ago(at: datetime | None, now: datetime) -> str:
    """Write a time as its distance from now, for a table."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    return f"{age(seconds)} ago" if seconds >= 0 else f"in {age(-seconds)}"


def moment(at: datetime | None) -> str:
    """Write a time for a table, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}Z" if at is not None else ""


@source.command("list")
@click.argument("municipality", required=False)
@JSON
@click.pass_context
def list_(ctx: click.Context, municipality: str | None, *, as_json: bool) -> None:
    """List the sources: state, last success, age of the data, next run, what is held and what is wrong."""
    from hub.bootstrap import now
    from hub.store import sources
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store, at = Store(settings.database_url), now()
    try:
        with store.read() as session:
            rows = [described(session, row, at) for row in sources.listed(session, municipality)]
    finally:
        store.close()
    show(rows, as_json=as_json, table=lambda: _list(rows, at))


def _list(rows: list[dict[str, Any]], now: datetime) -> None:
    from hub.sources import display_name

    columns = ("id", "source", "state", "last success", "next run", "held")
    table = [
        (row["id"], f"{row['kind']}: {display_name(row['name'], row['url'])}", row["state_text"],
         ago(row["succeeded_at"], now), ago(row["next_poll_at"], now) if row["enabled"] else "",
         str(row["waiting"] or ""))
        for row in rows
    ]  # fmt: skip
    print_table("Sources", columns, table)
    for row in rows:
        if row["cause"]:
            click.echo(f"{row['id']}: {row['cause']['what']} {row['cause']['todo']}")


@source.command()
@click.argument("source_id")
@JSON
@click.pass_context
def check(ctx: click.Context, source_id: str, *, as_json: bool) -> None:
    """Poll one source now and say what came of it: what is new, changed, held or called off, or why it failed."""
    from hub.jobs import switch
    from hub.store import polls

    with building_of(ctx) as building:
        with building.store.read() as session:
            if not known_source(session, source_id)["enabled"]:
                raise SettingsError(
                    f"Source {source_id} is paused. Let it go on by `ortsruf source resume {source_id}`."
                )
        began = building.house.now()
        switch.retry(building.house, source_id)
        building.jobs()["gather"](source_id)
        building.jobs()["tend"](source_id)
        with building.store.read() as session:
            row = known_source(session, source_id)
            result = described(session, row, building.house.now())
            last = next(iter(polls.history(session, source_id, most=1)), None)
    result["poll"] = _poll(last) if last is not None and last["at"] >= began else None
    show(result, as_json=as_json, table=lambda: _say(result))
    if result["failures"] or result["doubt"]:
        sys.exit(1)


def _poll(row: RowMapping) -> dict[str, Any]:
    """Return one row of history as JSON, with its cause."""
    found = {name: row[name] for name in ("at", "outcome", "fresh", "revised", "withdrawn", "held", "refused")}
    why = cause(row["label"], row["detail"]) if row["label"] else None
    return found | {"cause": why.what if why else "", "label": row["label"], "detail": row["detail"]}


def _say(result: dict[str, Any]) -> None:
    poll, why = result["poll"], result["cause"]
    if why:
        click.echo(f"{result['state_text']}: {why['what']}\n  {why['todo']}")
        if result["fault"]:
            click.echo(f"  The exact words: {result['fault']}")
    else:
        click.echo(f"The source answers and can be read ({result['state_text']}).")
    click.echo(f"This time: {counted(poll) or 'nothing was new'}." if poll else "This time: nothing was new.")
    if poll and poll["detail"] and not why:
        click.echo(poll["detail"])
    if result["waiting"]:
        click.echo(f"{result['waiting']} items are held: `ortsruf source held {result['id']}`.")


def counted(poll: dict[str, Any]) -> str:
    """Write the counts of a poll that are not nothing."""
    words = (("fresh", "new"), ("revised", "changed"), ("withdrawn", "called off"), ("held", "held"),
             ("refused", "unreadable"))  # fmt: skip
    return ", ".join(f"{poll[name]} {word}" for name, word in words if poll[name])


@source.command()
@click.argument("source_id")
@click.option("--most", default=30, show_default=True, help="How many rows, the newest first.")
@JSON
@click.pass_context
def history(ctx: click.Context, source_id: str, most: int, *, as_json: bool) -> None:
    """Show what polls of a source brought. A poll that changed nothing leaves no row."""
    from hub.store import polls
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            known_source(session, source_id)
            rows = [_poll(row) for row in polls.history(session, source_id, most=most)]
    finally:
        store.close()
    columns = ("when", "outcome", "what", "cause", "details")
    table: Sequence[tuple[str, ...]] = [
        (moment(one["at"]), one["outcome"], counted(one), one["cause"], one["detail"]) for one in rows
    ]
    show(rows, as_json=as_json, table=lambda: print_table(f"History of {source_id}", columns, table))
