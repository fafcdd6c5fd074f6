"""``ortsruf check``: every setting judged in plain words, with what to do."""

from __future__ import annotations

import sys

import click

from hub.cli import main, print_table, settings_of, show
from hub.cli.commands import JSON

_WORDS = ("good", "see to it", "WRONG")


@main.command()
@JSON
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Judge how this installation is set up: address, keys, mail, database, disk, clock, backups, people.

    Exits with 1 if something is wrong.
    """
    from hub.bootstrap import now
    from hub.checkup import facts
    from hub.core.facts import Grade
    from hub.core.soundness import findings, worst
    from hub.store.database import Store

    settings, _ = settings_of(ctx)
    store = Store(settings.database_url)
    try:
        found = findings(facts(settings, store, now()))
    finally:
        store.close()
    data = [
        {"about": one.title, "grade": one.grade.name.lower(), "what": one.what.format(**one.given),
         "todo": one.todo.format(**one.given)}
        for one in found
    ]  # fmt: skip
    rows = [(_WORDS[one.grade], row["about"], row["what"], row["todo"]) for one, row in zip(found, data, strict=True)]
    show(
        data, as_json=as_json, table=lambda: print_table("Checked", ("state", "about", "what was found", "to do"), rows)
    )
    if worst(found) is Grade.RED:
        sys.exit(1)
