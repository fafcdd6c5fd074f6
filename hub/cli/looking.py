"""What ``source preview`` and ``source add`` share: settings, choosing among offers, and showing what would come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from hub.cli import print_table, settings_of
from hub.core.errors import SourceConfigError
from hub.core.source import Offer, Source

SET = click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting of the kind; repeatable.")
CHOOSE = click.option(
    "--choose", "wanted", multiple=True, metavar="TEXT_OR_NUMBER",
    help="Which of the provider's offers is meant, in the order it asks: a title, a part of one, or a number.",
)  # fmt: skip
_MOST_ROWS = 60  # of a table for people; --json has all
_MOST_LINES = 10


def settings_from(pairs: Sequence[str]) -> dict[str, str]:
    """Read ``--set KEY=VALUE`` options."""
    faults = [pair for pair in pairs if "=" not in pair or pair.startswith("=")]
    if faults:
        raise SourceConfigError(f"Write --set KEY=VALUE, not {', '.join(faults)}.")
    return dict(pair.split("=", 1) for pair in pairs)


def allowed(ctx: click.Context) -> tuple[str, ...]:
    """Return the private hosts that may be dialled."""
    settings, _ = settings_of(ctx)
    return tuple(settings.allow_hosts)


def interactive() -> bool:
    """Whether a person sits at the terminal and can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Chooser:
    """Chooses among a provider's offers: by ``--choose`` as long as there is one, then by asking the person."""

    def __init__(self, wanted: Sequence[str], *, ask: bool) -> None:
        """Take the ``wanted`` choices in the order of the questions; ``ask`` whether a person may be asked."""
        self._wanted, self._ask = list(wanted), ask

    def __call__(self, offers: Sequence[Offer]) -> Offer:
        """Return one of ``offers``. Raises ``SourceConfigError`` when nobody says which."""
        from hub.discovery import listing, pick

        if self._wanted:
            return pick(offers, self._wanted.pop(0))
        if not self._ask:
            raise SourceConfigError(
                f"The provider has {len(offers)} to choose from; add --choose with one of: {listing(offers)}."
            )
        show_offers(offers)
        while True:
            try:
                return pick(offers, click.prompt("Which one? Number, or a part of the name", err=True))
            except SourceConfigError as error:
                click.echo(str(error), err=True)

    @property
    def unused(self) -> tuple[str, ...]:
        """The choices that no question asked for."""
        return tuple(self._wanted)


def show_offers(offers: Sequence[Offer]) -> None:
    """List offers with their numbers."""
    for number, one in enumerate(offers[:_MOST_ROWS], 1):
        click.echo(f"{number:>4}  {one.title}", err=True)
    if len(offers) > _MOST_ROWS:
        click.echo(f"      … and {len(offers) - _MOST_ROWS} more", err=True)


def look_at(
    ctx: click.Context, kind: str, address: str, settings: dict[str, str], choose: Chooser, *,
    municipality: str = "", source_id: str = "preview",
) -> tuple[Source, dict[str, Any]]:  # fmt: skip
    """Complete a source by its provider's offers and preview it; nothing is stored."""
    import feeds
    from hub.bootstrap import now
    from hub.discovery import complete
    from hub.fetcher.client import GuardedHttp
    from hub.gatherer import RealGatherer
    from hub.preview import look

    http = GuardedHttp(allow=allowed(ctx))
    try:
        found = feeds.load(kind)
        source = complete(
            found, address, settings, http=http, choose=choose, source_id=source_id, municipality=municipality
        )
        if choose.unused:
            raise SourceConfigError(f"Nothing asked for --choose {choose.unused[0]!r}.")
        result = look(found, source, http=http, now=now(), places=RealGatherer(http).places)
    finally:
        http.close()
    return source, result | {"source": shown_source(source)}


def shown_source(source: Source) -> dict[str, Any]:
    """Return what a source is made of, as JSON."""
    return {
        "kind": source.kind, "url": source.url, "name": source.name, "topic": source.topic,
        "settings": dict(source.config), "places": [f"{one.scheme}:{one.value}" for one in source.places],
    }  # fmt: skip


def show_preview(result: dict[str, Any]) -> None:
    """Print a preview for people: items, what they span, and everything that is not as it should be."""
    if result["refused"]:
        show_cause(result["label"], result["refused"])
        return
    rows = [
        (one["title"], one["topic"], one["severity"], _begins(one), _short(one["expires"]),
         str(len(one["occurrences"])), _places(one))
        for one in result["items"][:_MOST_ROWS]
    ]  # fmt: skip
    columns = ("title", "topic", "severity", "from", "until", "dates", "places")
    span = result["span"]
    when = f", from {span['first']} to {span['last']}" if span else ""
    print_table(f"Items: {len(result['items'])}{when}", columns, rows)
    if len(result["items"]) > _MOST_ROWS:
        click.echo(f"… and {len(result['items']) - _MOST_ROWS} more; --json shows all.", err=True)
    _lines("note", result["notes"], lambda one: one)
    _lines("left out", result["faults"], lambda one: f"{one['key']}: {one['reason']}")
    _lines(
        "warning", result["unplaced"],
        lambda one: f"{one['title']!r} names no place that is known ({', '.join(one['places']) or 'none'}); "
        "it would reach nobody.",
    )  # fmt: skip
    if not result["items"]:
        click.echo("warning: nothing would be imported.", err=True)


def show_cause(label: str, detail: str) -> None:
    """Print why a source was refused: what happened, what to do, and the exact words."""
    from hub.core.causes import cause

    found = cause(label, detail)
    click.echo(f"Refused: {detail}\n  {found.what}\n  {found.todo}", err=True)


def _lines(title: str, found: Sequence[Any], write: Callable[[Any], str]) -> None:
    for one in found[:_MOST_LINES]:
        click.echo(f"{title}: {write(one)}", err=True)
    if len(found) > _MOST_LINES:
        click.echo(f"{title}: … and {len(found) - _MOST_LINES} more; --json shows all.", err=True)


def _begins(one: dict[str, Any]) -> str:
    return _short(one["valid_from"] or (one["occurrences"][0]["start"] if one["occurrences"] else None))


def _short(moment: str | None) -> str:
    """Write a moment of JSON (UTC, or a day) for a table."""
    text = str(moment or "")
    return f"{text[:10]} {text[11:16]}Z" if "T" in text else text


def _places(one: dict[str, Any]) -> str:
    """Name the places of an item: as the source does, else as the place tree does."""
    from hub import reference

    named = [ref["name"] for ref in one["places"] if ref["name"]]
    found = named or [reference.path_name(path) or path for path in one["paths"]]
    found = found or [ref["value"] for ref in one["places"]]
    return ", ".join(dict.fromkeys(found[:3])) + (" …" if len(found) > 3 else "")  # noqa: PLR2004 - a few names
