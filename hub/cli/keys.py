"""``ortsruf keys list | rotate``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from hub.cli import main, print_table, settings_of, show
from hub.cli.commands import JSON

if TYPE_CHECKING:
    from hub.jobs.rotate import PushKey
    from hub.store.database import Store


@main.group()
def keys() -> None:
    """The server keys that push subscriptions are bound to (VAPID, RFC 8292)."""


@contextmanager
def opened(ctx: click.Context) -> Iterator[Store]:
    """Open the database for one command."""
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    try:
        yield store
    finally:
        store.close()


def _shown(found: list[PushKey], *, as_json: bool, title: str) -> None:
    rows = [
        {
            "public": one.public, "current": one.current, "since": f"{one.since:%Y-%m-%d %H:%M} UTC",
            "subscriptions": one.subscriptions,
        }
        for one in found
    ]  # fmt: skip
    table = [
        (one.public, "current" if one.current else "earlier", f"{one.since:%Y-%m-%d %H:%M} UTC", str(one.subscriptions))
        for one in found
    ]
    columns = ("public key", "", "since", "subscriptions")
    show(rows, as_json=as_json, table=lambda: print_table(title, columns, table))


@keys.command("list")
@click.option("--municipality", default="", metavar="SLUG", help="Those of this municipality.")
@JSON
@click.pass_context
def list_(ctx: click.Context, *, municipality: str, as_json: bool) -> None:
    """List the push keys and how many subscriptions were made with each. Private halves are never shown."""
    from hub.jobs.rotate import listed, listed_of

    with opened(ctx) as store:
        found = listed_of(store, municipality) if municipality else listed(store)
        _shown(found, as_json=as_json, title=f"Push keys of {municipality}" if municipality else "Push keys")


@keys.command("rotate")
@click.option("--municipality", default="", metavar="SLUG", help="The key of this municipality, not the shared one.")
@click.option("--contact", default="", metavar="MAIL", help="Whom push services may write to about that key.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def rotate_(ctx: click.Context, *, municipality: str, contact: str, yes: bool, as_json: bool) -> None:
    """Make a new push key. Nobody is lost: the present key goes on serving the subscriptions made with it.

    Browsers take the new key when their owner next opens their page here. Running processes notice within a minute. A
    municipality without a key of its own gets one; who subscribed with the shared one keeps it until they subscribe
    anew.
    """
    from hub.bootstrap import now
    from hub.jobs.rotate import listed, listed_of, rotate, rotate_own

    if contact and not municipality:
        raise click.UsageError("--contact belongs to --municipality; the shared key's is the setting webpush.subject.")
    if not yes and not as_json:
        click.confirm("Make a new push key, and keep the present one for those who subscribed with it?", abort=True)
    with opened(ctx) as store:
        if municipality:
            rotate_own(store, municipality, now(), subject=contact)
        else:
            rotate(store, now())
        found = listed_of(store, municipality) if municipality else listed(store)
        _shown(found, as_json=as_json, title="Push keys: the first one is new")
