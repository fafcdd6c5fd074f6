"""``ortsruf source preview | add``: one command from an address to a source, with a look before it goes live (U43)."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from hub.cli import settings_of, show
from hub.cli.commands import JSON
from hub.cli.looking import CHOOSE, SET, Chooser, interactive, look_at, settings_from, show_preview
from hub.cli.sources import source
from hub.core.errors import SettingsError
from hub.core.source import Source

if TYPE_CHECKING:
    from hub.store.database import Store


@source.command()
@click.argument("kind")
@click.argument("file_or_url")
@SET
@CHOOSE
@JSON
@click.pass_context
def preview(
    ctx: click.Context, kind: str, file_or_url: str, pairs: tuple[str, ...], wanted: tuple[str, ...], *, as_json: bool
) -> None:
    """Show what a source would bring, without a database.

    \b
    ortsruf source preview waste https://www.example.org/abfall.ics --set place=ars:053580016016
    ortsruf source preview roads baustellen.geojson --set mapping.title=name --json
    """  # noqa: D301 - click reads the backspace
    choose = Chooser(wanted, ask=interactive() and not as_json)
    _source, result = look_at(ctx, kind, file_or_url, settings_from(pairs), choose)
    show(result, as_json=as_json, table=lambda: show_preview(result))
    if result["refused"]:
        sys.exit(1)


@source.command()
@click.argument("municipality")
@click.argument("kind")
@click.argument("address")
@SET
@CHOOSE
@click.option("--yes", is_flag=True, help="Go live without being asked.")
@click.option("--force", is_flag=True, help="Store it although the preview was refused: it may answer later.")
@JSON
@click.pass_context
def add(  # noqa: PLR0913, PLR0917 - click gives arguments and options by name
    ctx: click.Context, municipality: str, kind: str, address: str, pairs: tuple[str, ...], wanted: tuple[str, ...],
    *, yes: bool, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Look at ADDRESS and, if you agree, poll it for MUNICIPALITY from now on. The first import is silent.

    ADDRESS is an http(s) address, or a provider's name where the kind knows providers. What a provider offers is
    listed, and asked for or chosen by --choose. Nothing is stored before you say yes.

    \b
    ortsruf source add huertgenwald waste https://www.example.org/abfall.ics
    ortsruf source add huertgenwald waste awido:kreis-dueren --choose Hürtgenwald --choose Hauptstr. --yes
    """  # noqa: D301 - click reads the backspace
    from hub.jobs.contact import known_town
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            town = known_town(session, municipality)
        given = settings_from(pairs)
        given.setdefault("place", f"ars:{town['path']}")
        choose = Chooser(wanted, ask=interactive() and not as_json)
        made, result = look_at(
            ctx, kind, address, given, choose, municipality=municipality, source_id=secrets.token_hex(8)
        )
        if not as_json:
            show_preview(result)
        if not force:
            refuse_twin(store, made)
        refused = bool(result["refused"]) and not force
        live = not refused and (yes or _agreed(as_json=as_json, result=result))
        if live:
            made = stored(store, municipality, made)
    finally:
        store.close()
    _say(made, result, live=live, refused=refused, as_json=as_json)
    if not live:
        sys.exit(1)


def refuse_twin(store: Store, made: Source) -> None:
    """Raise ``SettingsError`` if the municipality has this very source: everything would come twice."""
    from hub.store import sources

    with store.read() as session:
        for row in sources.listed(session, made.municipality):
            if (row["kind"], row["url"], row["config"]) == (made.kind, made.url, dict(made.config)):
                raise SettingsError(f"This source is there already: {row['id']}. With --force it is added once more.")


def _agreed(*, as_json: bool, result: dict[str, Any]) -> bool:
    """Ask the person, if there is one."""
    if as_json or not interactive():
        return False
    question = "Go live?" if result["items"] else "It brings nothing now. Go live all the same?"
    return bool(click.confirm(question, default=False, err=True))


def stored(store: Store, municipality: str, made: Source) -> Source:
    """Store a source that was looked at; it is due at once. Returns it with its name."""
    from hub.bootstrap import now
    from hub.store import sources

    made = replace(made, name=made.name or made.url)
    with store.begin() as session:
        sources.add(session, municipality, made, now())
    return made


def _say(made: Source, result: dict[str, Any], *, live: bool, refused: bool, as_json: bool) -> None:
    """Say what became of it; as JSON with the whole preview."""
    if as_json:
        answer = {"id": made.id if live else None, "stored": live, "kind": made.kind, "url": made.url}
        show(answer | {"preview": result}, as_json=True, table=lambda: None)
    elif live:
        click.echo(f"Live: source {made.id} ({made.name}).")
        click.echo("`ortsruf serve` reads it with its next tick. This first import tells nobody.")
    elif refused:
        click.echo("Nothing was stored. With --force it is stored all the same and tried again and again.", err=True)
    else:
        click.echo("Nothing was stored. To go live, give the same command with --yes.", err=True)
