"""``ortsruf backup FILE`` and ``ortsruf restore FILE``."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli import main, settings_of, show
from hub.cli.commands import JSON

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@main.command()
@_FILE
@JSON
@click.pass_context
def backup(ctx: click.Context, file: Path, *, as_json: bool) -> None:
    """Write the whole installation to FILE while it goes on: towns, people, keys, history.

    FILE holds addresses and secret keys: keep it as you keep those. The settings file is not in it. Works on SQLite and
    on PostgreSQL; `ortsruf restore` reads it on either.
    """
    from hub.bootstrap import now
    from hub.checkup import BACKUP
    from hub.jobs.backup import backup as run
    from hub.store import alarms
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    try:
        size = run(store, file, now())
        with store.begin() as session:
            alarms.ran(session, BACKUP, now())
    finally:
        store.close()
    show(
        {"file": str(file), "bytes": size}, as_json=as_json,
        table=lambda: click.echo(f"{file}: {size / 1e6:,.1f} MB. Restored, it waits for `ortsruf release`."),
    )  # fmt: skip


@main.command()
@_FILE
@JSON
@click.pass_context
def restore(ctx: click.Context, file: Path, *, as_json: bool) -> None:
    """Fill the empty database of the settings from FILE. It stays on hold, and nobody is told twice.

    What was due since the backup was made may have gone out: it is dropped, and the next poll of every source tells
    nobody. Links, calendars and push subscriptions of residents go on. Everybody who signs in has to do so again, with
    new recovery codes; invitations are void.
    """
    from hub.bootstrap import now, prepare
    from hub.erasures import Erasures
    from hub.jobs.backup import restore as run
    from hub.jobs.hold import back_again
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database_url)
    try:
        prepare(store)
        done = run(file, store, now())
        back = [slug for slug, _ in back_again(store, Erasures(settings.data / "erased").towns())]
    finally:
        store.close()
    result = {"made_at": done.made_at, "towns": done.towns, "dropped": done.dropped, "removed_since": back}
    show(
        result,
        as_json=as_json,
        table=lambda: click.echo(
            f"Restored: {', '.join(done.towns) or 'no town'}, as of {done.made_at:%Y-%m-%d %H:%M} UTC. "
            f"Dropped, because it may have gone out since: {done.dropped} messages.\n"
            + (f"Back again, although removed or moved away since: {', '.join(back)}.\n" if back else "")
            + "Everybody is signed out; recovery codes and open invitations are void.\n"
            "On hold: start Ortsruf, look at it, and let it work with `ortsruf release`."
        ),
    )
