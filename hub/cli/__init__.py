"""The command ``ortsruf``. Heavy parts are imported by the command that needs them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from hub.core.errors import OrtsrufError

FAILED, WRONG_USE = 1, 2


class Group(click.Group):
    """Shows an expected error as one plain message and exits with 1, never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except OrtsrufError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"Error: {error}", err=True)
            ctx.exit(FAILED)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ortsruf")
@click.option(
    "--config", "-c", type=click.Path(exists=True, dir_okay=False, path_type=Path), envvar="ORTSRUF_CONFIG",
    help="Settings file (TOML). Environment variables ORTSRUF_… win over it.",
)  # fmt: skip
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, *, debug: bool) -> None:
    """Ortsruf, the town crier: gathers what a municipality has to say and tells those whom it concerns.

    \b
    First steps:
      ortsruf demo                                   see it at work, no network needed
      ortsruf municipality add                       found a municipality: asks, shows, makes it
      ortsruf init                                   make or update the database
      ortsruf source preview waste FILE_OR_URL       look what a source would bring
      ortsruf source add MUNICIPALITY waste URL      look, and poll it from now on if you say yes
      ortsruf account invite MAIL --role county-operator    who may sign in first
      ortsruf check                                  judge how everything is set up
      ortsruf serve                                  web pages, ticks and workers in one process
    """  # noqa: D301 - click reads the backspace
    ctx.obj = {"config": config, "debug": debug}


def settings_of(ctx: click.Context) -> Any:
    """Return the settings and their origins, once per call."""
    from hub import log
    from hub.settings import load

    if "settings" not in ctx.obj:
        ctx.obj["settings"] = load(ctx.obj["config"])
        log.configure(ctx.obj["settings"][0].log)
    return ctx.obj["settings"]


def show(data: Any, *, as_json: bool, table: Callable[[], None]) -> None:
    """Print ``data`` as JSON, or as ``table`` does for people."""
    if as_json:
        json.dump(data, sys.stdout, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write("\n")
    else:
        table()


def print_table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows as a table: coloured on a terminal, plain when piped."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "id")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


from hub.cli import (  # noqa: E402 - they register with the group
    accounts,
    acting,
    adding,
    audit,
    bounces,
    checking,
    commands,
    deliveries,
    federation,
    founding,
    keeping,
    keys,
    look,
    municipality,
    owning,
    reporting,
    running,
    sources,
)

__all__ = [
    "accounts", "acting", "adding", "audit", "bounces", "checking", "commands", "deliveries", "federation", "founding",
    "keeping", "keys", "look", "main", "municipality", "owning", "reporting", "running", "sources",
]  # fmt: skip
