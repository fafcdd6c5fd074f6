"""``ortsruf web | work | tick``: an installation on many machines; ``ortsruf hold | release``."""

from __future__ import annotations

import re
from datetime import timedelta

import click

from hub.cli import main, settings_of, show
from hub.cli.commands import JSON
from hub.core.errors import SettingsError

_UNITS = {"m": 60, "h": 3600, "d": 86_400}


def _say(text: str) -> None:
    click.echo(text, err=True)


@main.command()
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that serve pages.")
@click.pass_context
def web(ctx: click.Context, workers: int) -> None:
    """Serve pages and calendars only, in several processes. Needs engine = postgres and the extra `postgres`."""
    from hub.webserver import web as run

    settings, _ = settings_of(ctx)
    run(settings, ctx.obj["config"], workers=workers, say=_say)


@main.command()
@click.option("--lanes", default="", help="emergency,transactional,normal,digest,gather; all if left out.")
@click.pass_context
def work(ctx: click.Context, lanes: str) -> None:
    """Run jobs only: poll sources, send messages. Start as many as you like, some for urgent lanes alone."""
    from hub.roles import work as run

    settings, _ = settings_of(ctx)
    run(settings, [one.strip() for one in lanes.split(",") if one.strip()], say=_say)


@main.command()
@click.pass_context
def tick(ctx: click.Context) -> None:
    """Tick only: wake what is due. A second one stands by and takes over within seconds."""
    from hub.roles import tick as run

    settings, _ = settings_of(ctx)
    run(settings, say=_say)


@main.command()
@click.option("--reason", default="Put on hold by hand.", help="Why; everybody who looks is told.")
@click.option("--status", is_flag=True, help="Only say whether it is on hold.")
@JSON
@click.pass_context
def hold(ctx: click.Context, reason: str, *, status: bool, as_json: bool) -> None:
    """Gather and send nothing until `ortsruf release`. Nothing is lost; pages and calendars go on.

    Give it before you start on a restored backup.
    """
    from hub.bootstrap import now
    from hub.jobs import hold as holding
    from hub.store import standing
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    try:
        if not status:
            holding.hold(store, reason, now())
        with store.read() as session:
            row = standing.get(session, standing.HOLD)
    finally:
        store.close()
    result = {"hold": row is not None, "reason": row["value"] if row else "", "since": row["at"] if row else None}
    show(result, as_json=as_json, table=lambda: click.echo(_held(result)))


def _held(result: dict[str, object]) -> str:
    if not result["hold"]:
        return "Not on hold."
    return f"On hold since {result['since']:%Y-%m-%d %H:%M} UTC: {result['reason']} `ortsruf release` lets go."


@main.command()
@click.option("--drop-older-than", metavar="SPAN", help="Drop what waits longer than this: 30m, 2h, 1d.")
@click.option("--silent", is_flag=True, help="The next poll of every source tells nobody (after a restored backup).")
@click.option(
    "--removed", "verdict", type=click.Choice(["again", "keep"]),
    help="Municipalities that were removed, and that a restored backup brought back: remove them again, or keep them.",
)  # fmt: skip
@click.pass_context
def release(ctx: click.Context, drop_older_than: str | None, *, silent: bool, verdict: str | None) -> None:
    """Let go of a hold: what waits goes out, what is over meanwhile is dropped and counted."""
    from hub.bootstrap import now
    from hub.erasures import Erasures
    from hub.jobs import hold as holding
    from hub.store.database import Store

    older = span(drop_older_than) if drop_older_than else None
    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    try:
        noted = Erasures(settings.data / "erased")
        back = holding.back_again(store, noted.towns())
        if back and verdict is None:
            raise SettingsError(
                f"{', '.join(slug for slug, _ in back)}: removed or moved away after this backup was made, and back by "
                "it with all residents. Give --removed again to remove what is back, or --removed keep to keep it."
            )
        again = [slug for slug, _ in back] if verdict == "again" else []
        dropped = holding.release(
            store, now(), drop_older_than=older, silent=silent, erased=noted.listed(), removed=again
        )  # fmt: skip
        for slug, founded in back if verdict == "keep" else ():
            noted.note_town(slug, founded, back=True)
    finally:
        store.close()
    click.echo("Released." + (f" Dropped as too old: {dropped} messages." if older is not None else ""))


def span(text: str) -> timedelta:
    """Read a span such as ``30m``, ``2h`` or ``1d``. Raises ``SettingsError``."""
    found = re.fullmatch(r"(\d{1,6})\s*([mhd])", text.strip())
    if found is None:
        raise SettingsError(f"{text!r} is no span of time. Write 30m, 2h or 1d.")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


@main.command()
@click.option(
    "--to", "target", required=True, metavar="URL", help="SQLAlchemy URL: postgresql+psycopg://… or sqlite:///…"
)
@click.option("--municipality", default="", metavar="SLUG", help="Move this town alone.")
@JSON
@click.pass_context
def transfer(ctx: click.Context, target: str, municipality: str, *, as_json: bool) -> None:
    """Move an installation, or one town, to another database; no message is lost or sent twice.

    Stop Ortsruf first. Ids and keys stay, so every link, calendar and push subscription goes on. The new side waits for
    `ortsruf release`; the old one refuses to serve from then on. If it was interrupted, give it again.
    """
    from sqlalchemy import make_url

    from hub.bootstrap import now, prepare
    from hub.erasures import Erasures
    from hub.jobs.transfer import Move
    from hub.jobs.transfer import transfer as run
    from hub.store import towns
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    if make_url(target) == make_url(settings.database_url):
        raise SettingsError("This is the database that the settings name already.")
    old, new = Store(settings.database_url), Store(target)
    try:
        old.upgrade()
        prepare(new)
        counts = run(Move(old, new, new.engine.url.render_as_string(), municipality), now, say=_say)
        if municipality:
            with new.read() as session:
                town = towns.get(session, municipality)
            if town is not None:  # an earlier backup of this side would bring it back
                Erasures(settings.data / "erased").note_town(municipality, town["created_at"])
    finally:
        old.close()
        new.close()
    show(
        {"to": new.engine.url.render_as_string(), "rows": counts},
        as_json=as_json,
        table=lambda: _moved(counts, settings),
    )


def _moved(counts: dict[str, int], settings: object) -> None:
    click.echo(f"Moved: {sum(counts.values())} rows, proved by count and checksum.")
    click.echo("Now name the new database in the settings (database = …, and engine = postgres for many machines),")
    click.echo("start Ortsruf, look at it, and let it work with `ortsruf release`.")
    click.echo(f"Links in earlier messages lead to {getattr(settings, 'base_url', '')}: keep or redirect that address.")
