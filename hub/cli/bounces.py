"""``ortsruf bounces``: what the mail server got back."""

from __future__ import annotations

import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli import main, show
from hub.cli.commands import JSON
from hub.cli.sources import building_of

if TYPE_CHECKING:
    from hub.jobs.bounces import Taken

_MOST = 10_000_000  # bytes of one mail
_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and comes again


@main.command()
@click.option(
    "--recipient", "sent_to", multiple=True, help="The address that the mail was sent to, as the server knows it."
)
@click.option(
    "--maildir", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Read what is new in it."
)
@click.option("--mbox", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Read what is new in it.")
@JSON
@click.pass_context
def bounces(
    ctx: click.Context, sent_to: tuple[str, ...], maildir: Path | None, mbox: Path | None, *, as_json: bool
) -> None:
    """Read bounces and complaints: one mail from standard input, or what is new in a Maildir or mbox.

    A mailbox that does not exist, or whose owner complained, is written to no more; soft bounces count for 72 hours.
    What does not carry our signature is ignored. Read mails are marked as seen, never deleted.
    """
    from hub.jobs.bounces import take

    if maildir and mbox:
        raise click.UsageError("Please give --maildir or --mbox, not both.")
    taken: list[Taken] = []
    try:
        with building_of(ctx) as building:
            for raw in _mails(maildir, mbox):
                taken.append(take(building.house, raw, sent_to))  # noqa: PERF401 - what was read counts if the next fails
    except Exception as error:
        if maildir or mbox or ctx.obj.get("debug"):
            raise
        click.echo(f"Error: {error}", err=True)
        ctx.exit(_TRY_AGAIN)
    show(_summary(taken), as_json=as_json, table=lambda: click.echo(_sentence(taken)))


def _mails(maildir: Path | None, mbox: Path | None) -> Iterator[bytes]:
    if maildir is None and mbox is None:
        yield sys.stdin.buffer.read(_MOST)
    elif maildir is not None:
        yield from _new_in(maildir)
    elif mbox is not None:
        yield from _unseen_in(mbox)


def _new_in(folder: Path) -> Iterator[bytes]:
    """Give back the new mails of a Maildir; each is marked as seen once it was dealt with."""
    with closing(mailbox.Maildir(folder, create=False)) as box:
        for key in sorted(box.keys()):
            mail = box.get_message(key)
            if mail.get_subdir() == "new":
                yield box.get_bytes(key)[:_MOST]
                mail.set_subdir("cur")
                mail.add_flag("S")
                box[key] = mail


def _unseen_in(file: Path) -> Iterator[bytes]:
    """Give back the unseen mails of an mbox; each is marked as seen once it was dealt with."""
    with closing(mailbox.mbox(file, create=False)) as box:
        box.lock()
        try:
            for key in sorted(box.keys()):
                mail = box.get_message(key)
                if "R" not in mail.get_flags():
                    yield box.get_bytes(key)[:_MOST]
                    mail.add_flag("RO")
                    box[key] = mail
        finally:
            box.flush()


def _summary(taken: list[Taken]) -> dict[str, int]:
    sorts = Counter(one.report.sort.value if one.endpoint is not None else "ignored" for one in taken)
    sorts["ignored"] += sorts.pop("nothing", 0)
    names = ("hard", "soft", "complaint", "ignored")
    return {
        "read": len(taken),
        **{name: sorts[name] for name in names},
        "ended": sum(bool(one.ended_why) for one in taken),
    }


def _sentence(taken: list[Taken]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in _summary(taken).items())
