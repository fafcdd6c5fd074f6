"""``ortsruf municipality change | streets``: what a municipality has of its own, and its list of streets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli import print_table, show
from hub.cli.commands import JSON
from hub.cli.municipality import municipality
from hub.cli.sources import building_of

if TYPE_CHECKING:
    from hub.core.streets import Reading
    from hub.jobs.streets import Counts

_SHOWN = ("name", "language", "languages", "sender", "sender_name", "reply_to", "dkim_domain")
_MOST = 200  # faulty lines of a table for people; --json has all


@municipality.command()
@click.argument("slug")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="A host name of its own; the first is shown.")
@click.option("--no-host", is_flag=True, help="Take its host names away.")
@click.option("--languages", help="Languages that its pages offer, with commas between; empty: all.")
@click.option("--sender", metavar="MAIL", help="What its mails come from; empty: the installation's.")
@click.option("--sender-name", help="The name before that address; empty: its own.")
@click.option("--reply-to", metavar="MAIL", help="Where answers to its mails go.")
@click.option("--dkim-domain", metavar="DOMAIN", help="Domain that signs its mails, by mail.dkim_….")
@JSON
@click.pass_context
def change(
    ctx: click.Context, /, slug: str, *, hosts: tuple[str, ...], no_host: bool, as_json: bool, **given: str | None
) -> None:  # fmt: skip
    """Show or change what a municipality has of its own. An empty value takes it away; what is left out stays.

    \b
    ortsruf municipality change huertgenwald --host ruf.huertgenwald.de
    ortsruf municipality change huertgenwald --sender ruf@huertgenwald.de --dkim-domain huertgenwald.de
    """  # noqa: D301 - click reads the backspace
    from hub.jobs import own
    from hub.jobs.record import COMMAND

    wanted = {name: value for name, value in given.items() if value is not None}
    if hosts or no_host:
        wanted["hosts"] = "" if no_host else " ".join(hosts)
    with building_of(ctx) as building:
        town, named = own.change(building.house, COMMAND, slug, wanted)
    data: dict[str, Any] = {"municipality": slug, "hosts": named, **{name: town[name] for name in _SHOWN}}
    rows = [("hosts", ", ".join(named) or "–"), *((name, str(town[name]) or "–") for name in _SHOWN)]
    show(data, as_json=as_json, table=lambda: print_table(str(town["name"]), ("what", "value"), rows))


@municipality.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only look: import nothing.")
@JSON
@click.pass_context
def streets(ctx: click.Context, slug: str, file: Path, *, check: bool, as_json: bool) -> None:
    """Import the streets in FILE, so that residents find theirs: a plain list, CSV, or GeoJSON.

    A first line may name columns: street, house numbers, zone, district, latitude, longitude. Lines that cannot be are
    listed and left out, all others imported; then it exits with 1. Put right, the same file may simply be given again.

    \b
    ortsruf municipality streets huertgenwald strassen.csv --check
    ortsruf municipality streets huertgenwald strassen.geojson
    """  # noqa: D301 - click reads the backspace
    from hub.core.streets import reading
    from hub.jobs.contact import known_town
    from hub.jobs.record import COMMAND
    from hub.jobs.streets import counted, imported

    found = reading(file.read_bytes())
    with building_of(ctx) as building:
        if check:
            with building.store.read() as session:
                counts = counted(session, known_town(session, slug)["path"], found.streets)
        else:
            counts = imported(building.house, COMMAND, slug, found)
    faults = [{"line": one.line, "text": one.text, "why": one.why} for one in found.faults]
    data = {
        "municipality": slug, "imported": not check, "lines": len(found.streets) + len(faults),
        "new": dict(counts.fresh), "known": dict(counts.known), "placed": counts.placed, "left_out": faults,
    }  # fmt: skip
    show(data, as_json=as_json, table=lambda: _say(found, counts, check=check))
    if faults:
        sys.exit(1)


def _say(found: Reading, counts: Counts, *, check: bool) -> None:
    """Say what a list brought, and every line that was left out."""
    begins = "Would be new" if check else "New"
    rows = [(kind, str(counts.fresh[kind]), str(counts.known[kind])) for kind in counts.fresh]
    print_table(f"Lines: {len(found.streets) + len(found.faults)}", ("places", begins.lower(), "known before"), rows)
    if found.faults:
        lines = [(str(one.line), one.text, one.why) for one in found.faults[:_MOST]]
        print_table(f"Left out: {len(found.faults)}", ("line", "what stands there", "why"), lines)
        if len(found.faults) > _MOST:
            click.echo(f"… and {len(found.faults) - _MOST} more; --json shows all.", err=True)
        click.echo("Put these lines right and give the file again: what is there stays.", err=True)
