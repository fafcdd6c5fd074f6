"""``ortsruf federation key | rotate``: what other installations know this one by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hub.cli import main, print_table, settings_of, show
from hub.cli.commands import JSON
from hub.cli.keys import opened

if TYPE_CHECKING:
    from hub.jobs.seal import Seal
    from hub.store.database import Store


@main.group()
def federation() -> None:
    """Exchange public notices with other installations of Ortsruf."""


@federation.command()
@JSON
@click.pass_context
def key(ctx: click.Context, *, as_json: bool) -> None:
    """Show the key that signs our feeds, its fingerprint to read out, and the addresses of what we give.

    The other town adds a feed by `ortsruf source add TOWN ortsruf ADDRESS` and compares the fingerprint with you.
    """
    from hub.bootstrap import now
    from hub.jobs.seal import seal

    with opened(ctx) as store:
        _show(ctx, store, seal(store, now()), as_json=as_json)


@federation.command()
@click.option("--at-once", is_flag=True, help="The present key was seen by others: it ends now, all peers pin anew.")
@click.option("--certificate", is_flag=True, help="Renew the certificate that signs CAP alerts instead.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_context
def rotate(ctx: click.Context, *, at_once: bool, certificate: bool, yes: bool, as_json: bool) -> None:
    """Make a new key. For 30 days both sign, and peers that look in this time learn the new one by themselves."""
    from hub.bootstrap import now
    from hub.jobs.seal import certify, rotate

    if at_once and certificate:
        raise click.UsageError("The certificate always ends at once; give one of the two.")
    if not yes and not as_json:
        warned = " Whoever reads us must pin the new one." if at_once or certificate else ""
        click.confirm(f"Make a new {'certificate' if certificate else 'key'}?{warned}", abort=True)
    with opened(ctx) as store:
        made = certify(store, now()) if certificate else rotate(store, now(), overlap=not at_once)
        _show(ctx, store, made, as_json=as_json)


def _show(ctx: click.Context, store: Store, ours: Seal, *, as_json: bool) -> None:
    from hub.jobs.seal import fingerprint
    from hub.store import towns

    settings, _ = settings_of(ctx)
    with store.read() as session:
        slugs = [row["id"] for row in towns.listed(session)]
    base = settings.base_url
    found: dict[str, Any] = {
        "installation": ours.installation,
        "keys": [{"key": one.public, "fingerprint": fingerprint(one.public), "until": one.until} for one in ours.keys],
        "certificate": {"sha256": ours.certified, "pem": ours.pem},
        "address": f"{base}/.well-known/ortsruf.json",
        "feeds": {slug: f"{base}/{slug}/federation.json" for slug in slugs},
        "alerts": {slug: f"{base}/{slug}/alerts.atom" for slug in slugs},
    }
    show(found, as_json=as_json, table=lambda: _say(found))


def _say(found: dict[str, Any]) -> None:
    for one in found["keys"]:
        until = f"signs until {one['until']:%Y-%m-%d}, the other follows it" if one["until"] else "signs our feeds"
        click.echo(f"Key {one['key']}: {until}")
        click.echo(f"  fingerprint  {one['fingerprint']}")
    click.echo(f"Certificate of CAP alerts (SHA-256)\n  {found['certificate']['sha256']}")
    click.echo(f"Known at {found['address']}")
    print_table(
        "What we give", ("municipality", "notices", "CAP alerts"),
        [(slug, feed, found["alerts"][slug]) for slug, feed in found["feeds"].items()],
    )  # fmt: skip
