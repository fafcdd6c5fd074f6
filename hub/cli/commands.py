"""``ortsruf init | place | serve | demo | config``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from hub.cli import main, print_table, settings_of, show

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@main.command()
@click.option("--ars", default="", help="Official key of the municipality (12 digits); see `ortsruf place NAME`.")
@click.option("--slug", default="", help="Its name in addresses; made from the name if left out.")
@JSON
@click.pass_context
def init(ctx: click.Context, ars: str, slug: str, *, as_json: bool) -> None:
    """Make or update the database: tables, keys, official places, codes and holidays.

    Repeating it is harmless: keys and data that are there stay.
    """
    from rich.console import Console

    from hub.bootstrap import add_municipality, initialise
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    console = Console(stderr=True)
    with console.status("Preparing the database …") as status:
        counts = initialise(settings, progress=lambda step: status.update(f"Preparing {step} …"))
    result: dict[str, object] = {"database": settings.database_url.rpartition("@")[2], **counts}
    if ars:
        store = Store(settings.database_url)
        result["municipality"] = add_municipality(store, ars=ars, slug_=slug)
        store.close()
    show(
        result, as_json=as_json,
        table=lambda: print_table("Ready", ("what", "value"), [(name, str(value)) for name, value in result.items()]),
    )  # fmt: skip


@main.command()
@click.argument("query")
@JSON
def place(query: str, *, as_json: bool) -> None:
    """Find a municipality by name or postcode, with its official key."""
    from hub import reference

    found = reference.find_municipality(query)
    rows = [{"ars": one.ars, "name": one.name, "district": reference.path_name(one.ars[:5])} for one in found]
    show(
        rows, as_json=as_json,
        table=lambda: print_table("Municipalities", ("ARS", "name", "district"), [tuple(row.values()) for row in rows]),
    )  # fmt: skip
    if not rows:
        sys.exit(1)


@main.command()
@JSON
@click.pass_context
def config(ctx: click.Context, *, as_json: bool) -> None:
    """Show every setting with its effective value and where it came from."""
    _, rows = settings_of(ctx)
    data = [{"name": row.name, "value": row.value, "origin": row.origin} for row in rows]
    show(
        data, as_json=as_json,
        table=lambda: print_table(
            "Settings", ("name", "value", "from"), [(row.name, row.value, row.origin) for row in rows]
        ),
    )  # fmt: skip


@main.command()
@click.pass_context
def serve(ctx: click.Context) -> None:
    """Serve pages and calendars, tick and work, all in this process. Stop it with Ctrl-C."""
    from hub.serve import serve as run

    settings, _ = settings_of(ctx)
    run(settings, say=lambda text: click.echo(text, err=True))


@main.command()
@click.option("--once", is_flag=True, help="One full cycle in a temporary place, then stop.")
@click.option("--port", default=8080, show_default=True, help="Port of the pages.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Keep the demo's data here.")
@JSON
def demo(*, once: bool, port: int, data: Path | None, as_json: bool) -> None:
    """Play a whole town on this machine: real payloads in, web push, e-mail and calendars out. No network.

    With --once it exits with 1 if anything was lost.
    """
    from hub.demo import play

    result = play(once=once, port=port, data=data, quiet=as_json)
    if as_json and result is not None:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    if result is not None and (result["lost"] or _silent(result)):
        sys.exit(1)


def _silent(result: dict[str, object]) -> bool:
    """Whether a kind of source failed in the demo: nothing may be lost there either."""
    polled = result["sources"]
    return isinstance(polled, dict) and any(one["failed"] for one in polled.values())
