"""``ortsruf audit list | verify``: who did what, and the proof that nothing of it was changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli import main, print_table, show
from hub.cli.commands import JSON
from hub.cli.sources import building_of, moment
from hub.core.errors import SettingsError

if TYPE_CHECKING:
    from hub.core.audit import Verdict


@main.group()
def audit() -> None:
    """The audit log: a chain in which each event carries the hash of the one before."""


@audit.command("list")
@click.option("--municipality", "-m", default=None, help="Only of one; '' for what belongs to none.")
@click.option("--most", default=50, show_default=True, help="How many, the newest first.")
@JSON
@click.pass_context
def list_(ctx: click.Context, municipality: str | None, most: int, *, as_json: bool) -> None:
    """List the newest events."""
    from hub.store import audit as store

    with building_of(ctx) as building, building.store.read() as session:
        rows = [dict(row) for row in store.latest(session, municipality=municipality, most=most)]
    table = [
        (str(row["id"]), moment(row["at"]), row["actor"], row["act"], row["town"], row["subject"],
         ", ".join(f"{name}={value}" for name, value in row["detail"].items()))
        for row in rows
    ]  # fmt: skip
    columns = ("id", "at", "who", "what", "where", "to what", "details")
    show(rows, as_json=as_json, table=lambda: print_table(f"Events: {len(rows)}", columns, table))


@audit.command()
@click.option("--head", default="", help="A head that was printed earlier and kept elsewhere: it must still be there.")
@click.option(
    "--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A log that was saved from its page, instead of the database.",
)  # fmt: skip
@click.option(
    "--extract", is_flag=True, help="The file is of one municipality, or of some events only: gaps are counted."
)
@JSON
@click.pass_context
def verify(ctx: click.Context, head: str, *, path: Path | None, extract: bool, as_json: bool) -> None:
    """Look through the whole chain; exits with 1 if an event was changed, added, taken out or cut off.

    It prints the head of the chain. Keep it where nobody can change it, and give it with --head next time: without
    it a chain whose end was cut off looks like a shorter one. With --file neither database nor settings are needed.
    """
    if extract and path is None:
        raise SettingsError("An extract is a file: give --file, too.")
    found = _in_file(path, head, extract=extract) if path is not None else _in_database(ctx, head)
    sound = not found.broken and found.passed
    data = {"events": found.count, "head": found.head, "broken": found.broken or None, "passed_head": found.passed,
            "gaps": found.gaps, "sound": sound}  # fmt: skip
    show(data, as_json=as_json, table=lambda: _say(found, extract=extract))
    if found.broken:
        click.echo(f"BROKEN at event {found.broken}: it, or the one before it, is not what was written.", err=True)
    elif not found.passed:
        click.echo("CUT OFF: the chain does not go through the head that you gave.", err=True)
    if not sound:
        sys.exit(1)


def _say(found: Verdict, *, extract: bool) -> None:
    gaps = f"\nGaps: {found.gaps} (events that are not in this file)" if extract else ""
    click.echo(f"Events: {found.count}\nHead: {found.head}{gaps}")


def _in_database(ctx: click.Context, head: str) -> Verdict:
    from hub.core.audit import verify as look
    from hub.store import audit as store

    with building_of(ctx) as building, building.store.read() as session:
        return look(store.chain(session), head)


def _in_file(path: Path, head: str, *, extract: bool) -> Verdict:
    from hub.core.audit import from_line
    from hub.core.audit import verify as look

    with path.open(encoding="utf-8") as file:
        try:
            return look((from_line(line) for line in file if line.strip()), head, extract=extract)
        except ValueError as error:
            raise SettingsError(f"{path.name}: {error}.") from error
