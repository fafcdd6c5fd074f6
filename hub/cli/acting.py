"""``ortsruf source held | release | drop | trust | retry | pause | resume | remove | desk`` and ``ortsruf contact``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from hub.cli import main, print_table, show
from hub.cli.commands import JSON
from hub.cli.looking import interactive
from hub.cli.sources import building_of, known_source, moment, source
from hub.core.causes import cause
from hub.core.errors import SettingsError

ALL = click.option("--all", "source_id", metavar="SOURCE_ID", help="Everything that is held of this source.")


@source.command("held")
@click.argument("source_id", required=False)
@JSON
@click.pass_context
def held_(ctx: click.Context, source_id: str | None, *, as_json: bool) -> None:
    """List what is held and why: items that were read but not believed. Nobody was told of them."""
    from hub.core.codec import from_json
    from hub.store import held, sources

    with building_of(ctx) as building, building.store.read() as session:
        ids = [known_source(session, source_id)["id"]] if source_id else [row["id"] for row in sources.listed(session)]
        rows = [dict(row) for one in ids for row in held.waiting(session, one)]
    for row in rows:
        row["title"], row["cause"] = from_json(row["content"]).title or row["key"], cause(row["reason"], "").what
    columns = ("id", "source", "held since", "title", "why")
    table = [
        (str(row["id"]), row["source_id"], moment(row["held_at"]), row["title"], row["cause"]) for row in rows
    ]  # fmt: skip
    show(rows, as_json=as_json, table=lambda: print_table(f"Held items: {len(rows)}", columns, table))


@source.command()
@click.argument("held_ids", nargs=-1, type=int)
@ALL
@click.option("--tell/--silent", default=None, help="Tell those whom it concerns. Single items are told, --all is not.")
@click.pass_context
def release(ctx: click.Context, held_ids: tuple[int, ...], source_id: str | None, *, tell: bool | None) -> None:
    """Believe held items: HELD_ID…, or --all of a source (a flood that was meant)."""
    from hub.jobs import review

    announce = bool(held_ids) if tell is None else tell
    _rule(
        ctx, held_ids, source_id, "Released",
        one=lambda house, held_id: review.release(house, held_id, announce=announce),
        every=lambda house, found: review.release_all(house, found, announce=announce),
    )  # fmt: skip


@source.command()
@click.argument("held_ids", nargs=-1, type=int)
@ALL
@click.pass_context
def drop(ctx: click.Context, held_ids: tuple[int, ...], source_id: str | None) -> None:
    """Do not believe held items: HELD_ID…, or --all of a source. Nobody is told."""
    from hub.jobs import review

    _rule(ctx, held_ids, source_id, "Dropped", one=review.drop, every=_drop_all)


def _drop_all(house: Any, source_id: str) -> int:
    from hub.jobs import review
    from hub.store import held

    with house.store.read() as session:
        ids = [row["id"] for row in held.waiting(session, source_id)]
    return sum(review.drop(house, one) for one in ids)


def _rule(
    ctx: click.Context, held_ids: tuple[int, ...], source_id: str | None, done: str, *,
    one: Callable[[Any, int], bool], every: Callable[[Any, str], int],
) -> None:  # fmt: skip
    """Carry out a ruling on items or on all of a source, and say what became of it."""
    if bool(held_ids) == bool(source_id):
        raise SettingsError("Give the ids of held items (`ortsruf source held`), or --all SOURCE_ID.")
    with building_of(ctx) as building:
        if source_id:
            with building.store.read() as session:
                known_source(session, source_id)
            click.echo(f"{done}: {every(building.house, source_id)}.")
            return
        missing = [str(held_id) for held_id in held_ids if not one(building.house, held_id)]
    click.echo(f"{done}: {len(held_ids) - len(missing)}.")
    if missing:
        raise SettingsError(f"Nothing waits under {', '.join(missing)}; somebody may have decided already.")


@source.command()
@click.argument("source_id")
@click.pass_context
def trust(ctx: click.Context, source_id: str) -> None:
    """Vouch for the answer that is doubted: the next poll, which is due now, acts on it, and what it lacks is gone."""
    from hub.jobs import review

    _act(ctx, source_id, review.trust, "The next poll acts on the answer.", "Nothing of this source is in doubt.")


@source.command()
@click.argument("source_id")
@click.pass_context
def retry(ctx: click.Context, source_id: str) -> None:
    """Make a source due now, also when it is asked less often because it failed."""
    from hub.jobs import switch

    _act(ctx, source_id, switch.retry, "The source is due now; `ortsruf serve` polls it within seconds.")


@source.command()
@click.argument("source_id")
@click.pass_context
def pause(ctx: click.Context, source_id: str) -> None:
    """Read a source no more until `resume`. What is known stays."""
    from hub.jobs import switch

    _act(ctx, source_id, switch.pause, "Paused. What is known stays, nothing new comes in.")


@source.command()
@click.argument("source_id")
@click.pass_context
def resume(ctx: click.Context, source_id: str) -> None:
    """Read a paused source again."""
    from hub.jobs import switch

    _act(ctx, source_id, switch.resume, "The source is read again, beginning now.")


def _act(ctx: click.Context, source_id: str, door: Callable[[Any, str], bool], done: str, otherwise: str = "") -> None:
    with building_of(ctx) as building:
        with building.store.read() as session:
            known_source(session, source_id)
        acted = door(building.house, source_id)
    click.echo(done if acted else otherwise)
    if not acted:
        sys.exit(1)


@source.command()
@click.argument("source_id")
@click.option("--yes", is_flag=True, help="Remove it without being asked.")
@click.option("--keep", is_flag=True, help="Keep the messages it brought; they are not followed any more.")
@click.pass_context
def remove(ctx: click.Context, source_id: str, *, yes: bool, keep: bool) -> None:
    """Remove a source with what it brought. Nobody is told; dates vanish from calendars."""
    from hub.jobs import switch
    from hub.store import editors

    with building_of(ctx) as building:
        with building.store.read() as session:
            row = known_source(session, source_id)
            count = editors.count_notices(session, source_id)
        what = f"source {source_id} ({row['name']})" + ("" if keep else f" and all it brought (messages: {count})")
        if not yes and not (interactive() and click.confirm(f"Remove {what}?", default=False, err=True)):
            click.echo(f"Nothing was removed. To remove {what}, give the command with --yes.", err=True)
            sys.exit(1)
        switch.remove(building.house, source_id, keep=keep)
    click.echo(f"Removed {what}.")


@source.command()
@click.argument("municipality")
@click.option("--renew", is_flag=True, help="Make a new link; the old one opens nothing any more.")
@click.pass_context
def desk(ctx: click.Context, municipality: str, *, renew: bool) -> None:
    """Print the secret link of a municipality's desk: its sources with what is held, and the buttons to act."""
    from hub.jobs.contact import desk_link

    with building_of(ctx) as building:
        click.echo(desk_link(building.house, municipality, renew=renew))


@main.command()
@click.argument("municipality")
@click.argument("address", required=False)
@click.option("--none", "nobody", is_flag=True, help="Nobody is told any more.")
@click.pass_context
def contact(ctx: click.Context, municipality: str, address: str | None, *, nobody: bool) -> None:
    """Name the editor: who gets one mail when a source of MUNICIPALITY breaks and one when it works again.

    Without ADDRESS, says who it is. A new address ends the old one's mails and secret link.
    """
    from hub.jobs.contact import contact_of, set_contact

    if address and nobody:
        raise SettingsError("Give an address or --none, not both.")
    with building_of(ctx) as building:
        if address or nobody:
            set_contact(building.house, municipality, "" if nobody else str(address))
        known, told = contact_of(building.house, municipality)
        sender = building.house.sender
    if not known:
        click.echo(f"Nobody is told when a source of {municipality} breaks.")
        return
    click.echo(f"{known} is told when a source of {municipality} breaks and when it works again.")
    if not told:
        click.echo("They have unsubscribed; give the address again to begin anew.", err=True)
    if not sender:
        click.echo("E-mail is off until the setting mail.sender names an address.", err=True)
