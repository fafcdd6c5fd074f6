"""``ortsruf report impact``: the month of a municipality in figures, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from hub.cli import main, print_table, show
from hub.cli.commands import JSON
from hub.cli.sources import building_of
from hub.core.errors import SettingsError


@main.group()
def report() -> None:
    """Reports for councils: counts only, never of fewer than five people."""


@report.command("impact")
@click.argument("municipality")
@click.option("--month", default="", help="The month, like 2026-11; left out, the one that runs.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table (CSV).")
@JSON
@click.pass_context
def impact_(ctx: click.Context, municipality: str, *, month: str, as_csv: bool, as_json: bool) -> None:
    """Show what Ortsruf did in a month of MUNICIPALITY: notices, reach, how soon, warnings, sources.

    A month is closed three days after its end and then stays as it is.
    """
    from hub.core.impact import month_of, table, to_csv
    from hub.jobs import impact
    from hub.jobs.contact import known_town

    if as_csv and as_json:
        raise SettingsError("Give --csv or --json, not both.")
    with building_of(ctx) as building, building.store.read() as session:
        town, now = known_town(session, municipality), building.house.now()
        which = month or month_of(now, town["zone"])
        try:
            content: Mapping[str, Any] = impact.month(session, town, which, now)
        except ValueError as error:
            raise SettingsError(f"{which} is no month; write it like 2026-11.") from error
    if as_csv:
        click.echo(to_csv(content), nl=False)
        return
    plain = [(section, name, figure, str(value)) for section, name, figure, value in table(content)]
    ending = "" if content["closed"] else ", so far"
    title = f"{town['name']}, {which}{ending}"
    show(content, as_json=as_json, table=lambda: print_table(title, ("what", "name", "figure", "value"), plain))
