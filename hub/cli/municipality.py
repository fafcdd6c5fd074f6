"""``ortsruf municipality list | remove``: the group that all commands of municipalities join."""

from __future__ import annotations

import sys

import click

from hub.cli import main, print_table, show
from hub.cli.commands import JSON
from hub.cli.looking import interactive
from hub.cli.sources import building_of


@main.group()
def municipality() -> None:
    """Found a municipality, list those there are, remove one."""


@municipality.command("list")
@JSON
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List the municipalities of this installation: slug, name, official key, what they have."""
    from hub.store import dissolving, hosts, towns

    with building_of(ctx) as building, building.store.read() as session:
        rows = [
            {
                "id": row["id"], "name": row["name"], "ars": row["path"].ljust(12, "0"), "language": row["language"],
                "contact": row["contact"], "hosts": hosts.listed(session, row["id"]),
                **dissolving.owned(session, row["id"]),
            }
            for row in towns.listed(session)
        ]  # fmt: skip
    columns = ("slug", "name", "ARS", "sources", "messages", "residents", "guests")
    names = ("id", "name", "ars", "sources", "messages", "residents", "guests")
    table = [tuple(str(row[name]) for name in names) for row in rows]
    show(rows, as_json=as_json, table=lambda: print_table(f"Municipalities: {len(rows)}", columns, table))


@municipality.command()
@click.argument("slug")
@click.option("--confirm", default="", metavar="SLUG", help="The slug once more: removes without being asked.")
@click.option("--wizard", is_flag=True, help="Ask, also where no terminal is seen.")
@JSON
@click.pass_context
def remove(ctx: click.Context, slug: str, confirm: str, *, wizard: bool, as_json: bool) -> None:
    """Remove a municipality with its sources, messages and residents. Nobody is told, and nothing brings it back.

    Residents who are subscribed in another municipality, too, stay there. Accounts and the audit log stay.

    \b
    ortsruf municipality remove huertgenwald
    ortsruf municipality remove huertgenwald --confirm huertgenwald --json
    """  # noqa: D301 - click reads the backspace
    from hub.jobs.dissolve import dissolve, owned
    from hub.jobs.record import COMMAND

    with building_of(ctx) as building:
        going = owned(building.house, slug)
        if not as_json:
            _say(slug, going)
        typed = confirm
        if not typed and not as_json and (wizard or interactive()):
            typed = click.prompt(f"Type {slug} to remove it for good", default="", show_default=False, err=True).strip()
        if typed != slug:
            click.echo(f"Nothing was removed. To remove it, give --confirm {slug}.", err=True)
            sys.exit(1)
        went = dissolve(building.house, COMMAND, slug)
    show(
        {"removed": slug, **went},
        as_json=as_json,
        table=lambda: click.echo(f"{slug} is removed. The audit log says so."),
    )


def _say(slug: str, going: dict[str, int]) -> None:
    """Say what goes, and who stays."""
    print_table(f"With {slug} go", ("what", "how many"), [(name, str(count)) for name, count in going.items()])
    if going["residents elsewhere"]:
        click.echo(f"{going['residents elsewhere']} of the residents are subscribed elsewhere, too, and stay there.")
    if going["guests"]:
        click.echo(f"{going['guests']} guests lose only what they have chosen in {slug}.")
