"""The questions of ``ortsruf municipality add`` on a terminal: what was not given, one by one, each checked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.core.errors import OrtsrufError

if TYPE_CHECKING:
    from hub.jobs.found import Check
    from hub.reference import Municipality


def ask(
    place: Municipality, given: Mapping[str, Any], taken: Mapping[str, str], checks: Mapping[str, Check]
) -> dict[str, Any]:
    """Return ``given`` with what the person answered to the rest, as text and as bytes of files.

    ``taken`` are the paths of the municipalities there are, by slug; ``checks`` those of :data:`hub.jobs.found.CHECKS`
    and of mail addresses. An empty answer leaves a thing for later. Raises what is wrong with what was ``given``.
    """
    from hub.core.tongues import TONGUES
    from hub.jobs import found

    for name, check in checks.items():
        if given.get(name):
            check(given[name])
    answers = dict(given)

    def asked(name: str, question: str, default: str, *, file: bool = False) -> None:
        if not answers.get(name):
            check = checks[name] if not file else lambda text: _file(text, checks[name])
            answers[name] = _prompt(question, default, check)

    asked("name", "What is it called?", place.name.partition(",")[0])
    asked("slug", "Its name in addresses", found.suggested(place, taken))
    asked("language", f"Language of its pages ({', '.join(TONGUES)})", "de")
    asked("colour", "Its colour, #rrggbb", found.COLOUR)
    _remark(answers["colour"])
    asked("logo", "File of its logo, SVG or PNG (Enter: none)", "", file=True)
    asked("streets", "File with its streets, one a line (Enter: none)", "", file=True)
    asked("contact", "Who is told by mail when a source breaks? (Enter: nobody yet)", "")
    asked("operator", "Mail address of its first operator, who is invited (Enter: nobody yet)", "")
    asked("hosts", "A host name of its own, such as ruf.gemeinde.de (Enter: none)", "")
    asked("languages", f"Languages that its pages offer, of {', '.join(TONGUES)} (Enter: all)", "")
    asked("sender", "Address that its mails come from (Enter: the installation's)", "")
    asked("first_notice", "A first notice, published at once (Enter: none)", "")
    if answers.get("first_notice"):
        asked("reader", "Your own mail address, which gets it (Enter: nobody)", "")
    return {name: value for name, value in answers.items() if value}


def place(query: str) -> Municipality:
    """Return the municipality that the person means; asked again until it is one."""
    from hub import reference
    from hub.jobs.found import candidates

    while True:
        query = query or click.prompt("Which municipality? Name, postcode or official key", err=True)
        found = candidates(query)
        for number, one in enumerate(found, 1):
            click.echo(f"{number:>4}  {one.name}, {reference.path_name(one.ars[:5])} ({one.ars})", err=True)
        if len(found) == 1:
            return found[0]
        if found:
            number = click.prompt("Which one? 0: none of them", type=click.IntRange(0, len(found)), err=True)
            if number:
                return found[number - 1]
        else:
            click.echo(f"There is no municipality {query!r}.", err=True)
        query = ""


def _prompt(question: str, default: str, check: Callable[[str], Any]) -> Any:
    """Return a checked answer; what is wrong with one is said, and it is asked again."""

    def value(text: str) -> Any:
        try:
            return check(text.strip()) if text.strip() else ""
        except OrtsrufError as error:
            raise click.UsageError(str(error)) from error

    return click.prompt(question, default=default, value_proc=value, show_default=bool(default), err=True)


def _file(text: str, check: Check) -> bytes:
    """Return the bytes of a file that can be used."""
    try:
        content = Path(text).expanduser().read_bytes()
    except OSError as error:
        raise click.UsageError(f"{text} cannot be read: {error.strerror}.") from error
    check(content)
    return content


def _remark(colour: str) -> None:
    """Say how a colour is shown where it is read, if that is another one."""
    from hub.core import contrast

    shades = contrast.shades(colour)
    if shades.light != shades.brand:
        click.echo(f"{shades.brand} is too light to be read; links and buttons will be {shades.light}.", err=True)
