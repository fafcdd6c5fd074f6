"""The first sources of a new municipality: looked at, and added through the door of ``ortsruf source add``."""

from __future__ import annotations

import secrets
import shlex
from typing import TYPE_CHECKING, Any

import click

from hub.cli.adding import refuse_twin, stored
from hub.cli.looking import Chooser, look_at, show_preview
from hub.core.errors import OrtsrufError, SettingsError

if TYPE_CHECKING:
    from hub.jobs.found import Plan
    from hub.starters import Starter
    from hub.store.database import Store


def looked(ctx: click.Context, plan: Plan, one: Starter, *, ask: bool) -> tuple[Any, dict[str, Any]]:
    """Return a starter's source and its preview. Raises ``SourceError``."""
    given = {"place": f"ars:{plan.place.ars}", "zone": plan.zone, **one.settings}
    if not one.wanted:
        given.setdefault("name", one.title)
    return look_at(
        ctx, one.kind, one.url, given, Chooser((), ask=ask), municipality=plan.slug, source_id=secrets.token_hex(8)
    )


def begin(
    ctx: click.Context, plan: Plan, one: Starter, *, store: Store | None, ask: bool, quiet: bool
) -> dict[str, Any]:
    """Look at a source and, if there is a ``store``, add it; returns what became of it as JSON.

    ``state`` is ``looked``, ``added``, ``there``, ``declined`` or ``failed`` (then ``detail`` says why). ``ask`` lets
    the person choose among a provider's offers and agree; ``quiet`` prints nothing.
    """
    answer: dict[str, Any] = {
        "kind": one.kind, "title": one.title, "url": one.url, "id": None, "items": None,
        "command": _command(plan, one),
    }  # fmt: skip
    try:
        made, result = looked(ctx, plan, one, ask=ask)
    except OrtsrufError as error:
        return answer | {"state": "failed", "detail": str(error)}
    answer["url"] = made.url
    if not quiet:
        click.echo(f"\n{one.title}")
        show_preview(result)
    if result["refused"]:
        return answer | {"state": "failed", "detail": str(result["refused"])}
    answer["items"] = len(result["items"])
    if store is None:
        return answer | {"state": "looked", "detail": ""}
    try:
        refuse_twin(store, made)
    except SettingsError as error:
        return answer | {"state": "there", "detail": str(error)}
    if ask and not click.confirm("Read this source from now on?", default=True, err=True):
        return answer | {"state": "declined", "detail": ""}
    return answer | {"state": "added", "id": stored(store, plan.slug, made).id, "detail": ""}


def say(one: dict[str, Any]) -> None:
    """Say in a line what became of a source, and how to add it later."""
    if one["state"] == "failed":
        click.echo(f"not added: {one['title']}: {one['detail']}", err=True)
        click.echo(f"  Later: the same command again, or {one['command']}", err=True)
        return
    items = f", {one['items']} items now" if one["items"] is not None else ""
    click.echo(f"{one['state']}: {one['title']}{items}")


def _command(plan: Plan, one: Starter) -> str:
    """Return the command that adds this one source."""
    pairs = [("--set", f"{name}={value}") for name, value in one.settings.items() if name != "place"]
    return shlex.join([
        "ortsruf", "source", "add", plan.slug, one.kind, one.url, *(part for pair in pairs for part in pair),
    ])  # fmt: skip
