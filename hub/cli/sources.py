"""``ortsruf source add | list | check | preview``."""

from __future__ import annotations

import secrets
import sys
from typing import Any

import click

from hub.cli import main, print_table, settings_of, show
from hub.cli.commands import JSON
from hub.core.errors import SettingsError, SourceConfigError

SET = click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting of the kind; repeatable.")


@main.group()
def source() -> None:
    """Look at sources before they go live, add them, see how they are."""


def _settings(pairs: tuple[str, ...]) -> dict[str, str]:
    faults = [pair for pair in pairs if "=" not in pair or pair.startswith("=")]
    if faults:
        raise SourceConfigError(f"Write --set KEY=VALUE, not {', '.join(faults)}.")
    return dict(pair.split("=", 1) for pair in pairs)


def _allowed(ctx: click.Context) -> tuple[str, ...]:
    settings, _ = settings_of(ctx)
    return tuple(settings.allow_hosts)


@source.command()
@click.argument("kind")
@click.argument("file_or_url")
@SET
@JSON
@click.pass_context
def preview(ctx: click.Context, kind: str, file_or_url: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Show what a source would bring, without a database.

    \b
    ortsruf source preview waste https://www.example.org/abfall.ics --set place=ars:053580016016
    ortsruf source preview roads baustellen.geojson --set mapping.title=name --json
    """  # noqa: D301 - click reads the backspace
    from hub.bootstrap import now
    from hub.fetcher.client import GuardedHttp
    from hub.preview import preview as look

    http = GuardedHttp(allow=_allowed(ctx))
    try:
        result = look(kind, file_or_url, _settings(pairs), http=http, now=now())
    finally:
        http.close()
    show(result, as_json=as_json, table=lambda: _show_preview(result))
    if result["refused"]:
        sys.exit(1)


def _show_preview(result: dict[str, Any]) -> None:
    if result["refused"]:
        click.echo(f"Refused: {result['refused']}", err=True)
        return
    rows = [
        (
            one["title"],
            one["topic"],
            one["severity"],
            str(one["valid_from"] or (one["occurrences"][0]["start"] if one["occurrences"] else "")),
            str(one["expires"] or ""),
            str(len(one["occurrences"])),
        )
        for one in result["items"]
    ]
    print_table(f"{len(rows)} items", ("title", "topic", "severity", "from", "until", "dates"), rows)
    for note in result["notes"]:
        click.echo(f"note: {note}", err=True)
    for fault in result["faults"]:
        click.echo(f"left out: {fault['key']}: {fault['reason']}", err=True)


@source.command()
@click.argument("municipality")
@click.argument("kind")
@click.argument("url")
@SET
@JSON
@click.pass_context
def add(ctx: click.Context, municipality: str, kind: str, url: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Poll URL for MUNICIPALITY from now on. The first import is silent."""
    import feeds
    from hub.bootstrap import now
    from hub.sources import build_source
    from hub.store import sources, towns
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    with store.begin() as session:
        town = towns.get(session, municipality)
        if town is None:
            known = ", ".join(row["id"] for row in towns.listed(session)) or "none yet"
            raise SettingsError(f"There is no municipality called {municipality}; known: {known}.")
        given = _settings(pairs)
        given.setdefault("place", f"ars:{town['path']}")
        made = build_source(feeds.load(kind), url, given, source_id=secrets.token_hex(8), municipality=municipality)
        sources.add(session, municipality, made, now())
    store.close()
    show({"id": made.id, "kind": kind, "url": url}, as_json=as_json, table=lambda: click.echo(f"Added {made.id}."))


def _rows(ctx: click.Context, municipality: str | None) -> list[dict[str, Any]]:
    from hub.store import sources
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    with store.read() as session:
        rows = sources.listed(session, municipality)
    store.close()
    names = (
        "id",
        "municipality_id",
        "kind",
        "name",
        "url",
        "succeeded_at",
        "next_poll_at",
        "failures",
        "fault",
        "held",
    )
    return [{name: row[name] for name in names} for row in rows]


@source.command("list")
@click.argument("municipality", required=False)
@JSON
@click.pass_context
def list_(ctx: click.Context, municipality: str | None, *, as_json: bool) -> None:
    """List the sources: last success, next run, what is wrong."""
    rows = _rows(ctx, municipality)
    show(
        rows, as_json=as_json,
        table=lambda: print_table(
            "Sources", ("id", "kind", "name", "last success", "next run", "fault"),
            [
                tuple(str(row[name] or "") for name in ("id", "kind", "name", "succeeded_at", "next_poll_at", "fault"))
                for row in rows
            ],
        ),
    )  # fmt: skip


@source.command()
@click.argument("source_id")
@JSON
@click.pass_context
def check(ctx: click.Context, source_id: str, *, as_json: bool) -> None:
    """Poll one source now and say what came of it."""
    from hub.bootstrap import Building, now
    from hub.store import sources

    settings, _ = settings_of(ctx)
    building = Building(settings)
    try:
        with building.store.begin() as session:
            if not sources.hurry(session, source_id, now()):
                raise SettingsError(f"There is no source {source_id}. See `ortsruf source list`.")
        building.jobs()["gather"](source_id)
    finally:
        building.close()
    row = next(one for one in _rows(ctx, None) if one["id"] == source_id)
    show(row, as_json=as_json, table=lambda: click.echo(row["fault"] or "The source answers and can be read."))
    if row["fault"]:
        sys.exit(1)
