"""``ortsruf municipality add``: a municipality from nothing, by options or by a short conversation (U44, F82)."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli import print_table, settings_of, show
from hub.cli.commands import JSON
from hub.cli.looking import interactive
from hub.cli.municipality import municipality
from hub.cli.sources import building_of
from hub.core.errors import OrtsrufError, SettingsError

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from hub.bootstrap import Building
    from hub.jobs.found import Check, Plan
    from hub.settings import Settings
    from hub.starters import Starter

_KEPT = ("name", "language", "zone", "colour", "contact")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@municipality.command()
@click.argument("place", required=False, default="")
@click.option("--name", default="", help="What it is called; its official name if left out.")
@click.option("--slug", default="", help="Its name in addresses; made from the name if left out.")
@click.option("--language", default="", help="Language of its pages: de, de-simple, en, tr, uk, ar.  [default: de]")
@click.option("--zone", default="", help="Its time zone (IANA).  [default: Europe/Berlin]")
@click.option("--colour", default="", help="Its colour as #rrggbb. Where it is read, it is made readable.")
@click.option("--logo", type=_FILE, help="SVG or PNG file, up to 64 KB.")
@click.option(
    "--streets",
    type=_FILE,
    help="Its streets, one a line: street[;house numbers][;waste zone, as the waste calendar calls it].",
)
@click.option("--contact", default="", metavar="MAIL", help="The editor, who is told when a source breaks.")
@click.option("--operator", default="", metavar="MAIL", help="Its first operator, who is invited.")
@click.option("--editor", default="", metavar="MAIL", help="Its first editor, who is invited.")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="A host name of its own; repeatable.")
@click.option("--languages", default="", help="Languages that its pages offer, with commas between.  [default: all]")
@click.option("--sender", default="", metavar="MAIL", help="What its mails come from.  [default: mail.sender]")
@click.option("--sender-name", default="", help="The name before that address.  [default: its own]")
@click.option("--reply-to", default="", metavar="MAIL", help="Where answers to its mails go.")
@click.option("--dkim-domain", default="", metavar="DOMAIN", help="Domain that signs its mails, by mail.dkim_….")
@click.option("--push-contact", default="", metavar="MAIL", help="Whom push services may write to about its key.")
@click.option("--imprint", "imprint_url", default="", metavar="URL", help="Its imprint.")
@click.option("--first-notice", default="", metavar="TEXT", help="Publish this at once, and see it delivered.")
@click.option("--reader", default="", metavar="MAIL", help="Your own address, which hears of it by mail.")
@click.option("--source", "named", nargs=2, multiple=True, metavar="KIND ADDRESS", help="A source of it; repeatable.")
@click.option("--starters/--no-starters", default=True, help="Look for sources that are known for its place.")
@click.option("--preview", is_flag=True, help="Show what would be made and what the sources bring; make nothing.")
@click.option("--yes", is_flag=True, help="Ask nothing, make it.")
@click.option("--wizard", is_flag=True, help="Ask for what is not given, also where no terminal is seen.")
@JSON
@click.pass_context
def add(
    ctx: click.Context, /, *, named: tuple[tuple[str, str], ...], starters: bool, preview: bool, yes: bool,
    wizard: bool, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Found a municipality: PLACE is its official key, postcode or name. Makes the database if there is none.

    On a terminal it asks for what was not given, shows what it will make, and makes it when you agree. Repeated, it
    goes on where it stopped. Where a municipality has no --sender of its own, its mails come from the installation's
    (setting mail.sender). It has push keys of its own from the beginning.

    \b
    ortsruf municipality add
    ortsruf municipality add 053580016016 --preview
    ortsruf municipality add Hürtgenwald --streets strassen.csv --operator anna@example.org --yes
    ortsruf municipality add Hürtgenwald --yes --reader anna@example.org --first-notice 'Ortsruf beginnt.'
    """  # noqa: D301 - click reads the backspace
    settings, _ = settings_of(ctx)
    asking = not yes and not as_json and not preview and (wizard or interactive())
    plan = _plan(settings, given, asking=asking)
    wanted = _sources(plan, named, starters=starters)
    if not as_json:
        _show(settings, plan, wanted)
    if preview:
        _preview(ctx, plan, wanted, as_json=as_json)
        return
    if not (yes or (asking and click.confirm("Make it?", default=True, err=True))):
        click.echo("Nothing was made. To make it, give the same command with --yes.", err=True)
        sys.exit(1)
    answer = _make(ctx, settings, plan, wanted, asking=asking, as_json=as_json)
    show(answer, as_json=as_json, table=lambda: _end(answer))
    missing = {one.title for one in wanted if one.wanted}
    if any(one["state"] == "failed" and one["title"] in missing for one in answer["sources"]):
        sys.exit(1)


def _plan(settings: Settings, given: dict[str, Any], *, asking: bool) -> Plan:
    """Return the plan, completed by the person if ``asking``. Raises ``SettingsError`` with every fault."""
    from hub.cli import wizard
    from hub.jobs import found

    checks = _mail_checks(settings)
    given = {**given, "hosts": " ".join(given["hosts"])}
    files = {name: given[name].read_bytes() for name in ("logo", "streets") if given[name]}
    given = {name: value for name, value in {**given, **files}.items() if value}
    there = _there(settings)
    query = given.pop("place", "")
    if asking:
        query = wizard.place(query).ars
    if not query:
        raise SettingsError("Say which municipality: its official key, postcode or name. See `ortsruf place NAME`.")
    place = found.the_place(query)
    own = next((row for row in there if row["path"] == place.path), None)
    if own is not None:  # what is there stays, unless something else is given
        given = {"slug": own["id"], **{name: own[name] for name in _KEPT if own[name]}, **given}
    if asking:
        given = wizard.ask(place, given, {row["id"]: row["path"] for row in there}, {**found.CHECKS, **checks})
    plan = found.planned(place.ars, slug_=given.pop("slug", ""), checks=checks, **given)
    found.refuse_twin(there, plan)
    return plan


def _there(settings: Settings) -> Sequence[RowMapping]:
    """Return the municipalities that are there; none where there is no database yet."""
    from hub.founding import is_ready
    from hub.store import towns
    from hub.store.database import Store

    if not is_ready(settings.database_url):
        return ()
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            return towns.listed(session)
    finally:
        store.close()


def _mail_checks(settings: Settings) -> dict[str, Check]:
    import push

    check = push.load("mail").check

    def address(text: str) -> str:
        try:
            return str(check(text.strip(), {}, settings.channels["mail"])[0])
        except OrtsrufError as error:
            raise SettingsError(f"{text!r} is no mail address. {error}") from error

    return dict.fromkeys(("contact", "operator", "editor", "reader"), address)


def _sources(plan: Plan, named: tuple[tuple[str, str], ...], *, starters: bool) -> list[Starter]:
    """Return the sources that were named, and those that are known for the place."""
    import feeds
    from hub.starters import Starter
    from hub.starters import starters as known

    for kind, _address in named:
        feeds.load(kind)
    wanted = [Starter(kind, f"{kind} {address}", address, wanted=True) for kind, address in named]
    return [*wanted, *(known(plan.place) if starters else ())]


def _show(settings: Settings, plan: Plan, wanted: list[Starter]) -> None:
    """Show what will be made."""
    from hub.jobs.found import COLOUR

    rows = [
        ("municipality", f"{plan.name} ({plan.place.ars})"), ("address", _address(settings, plan)),
        ("language", plan.language), ("time zone", plan.zone), ("colour", plan.colour or COLOUR),
        ("logo", "yes" if plan.logo else "none"), ("streets", str(len(plan.streets)) if plan.streets else "none"),
        ("told of faults", plan.contact or "nobody yet"), ("first operator", plan.operator or "nobody yet"),
        ("mail from", _sender(settings, plan)), ("own host", plan.own.get("hosts", "") or "none"),
        ("page languages", plan.own.get("languages", "") or "all"), ("first notice", plan.first_notice or "none"),
        *((f"source: {one.kind}", one.title) for one in wanted),
    ]  # fmt: skip
    print_table("To be made", ("what", "value"), rows)


def _address(settings: Settings, plan: Plan) -> str:
    """Return where its pages are."""
    from hub.links import Links

    first = plan.own.get("hosts", "").partition(" ")[0]
    return f"{Links(settings.base_url, '').at(first).base_url}/{plan.slug}/"


def _sender(settings: Settings, plan: Plan) -> str:
    ours = str(getattr(settings.channels.get("mail"), "sender", ""))
    return (plan.own.get("sender", "") or ours) if ours else "off (setting mail.sender)"


def _preview(ctx: click.Context, plan: Plan, wanted: list[Starter], *, as_json: bool) -> None:
    from hub.cli.starting import begin, say

    looks = [begin(ctx, plan, one, store=None, ask=False, quiet=as_json) for one in wanted]
    answer = {"made": False, "municipality": plan.slug, "name": plan.name, "ars": plan.place.ars, "sources": looks}
    show(answer, as_json=as_json, table=lambda: None)
    for one in () if as_json else looks:
        say(one)


def _make(
    ctx: click.Context, settings: Settings, plan: Plan, wanted: list[Starter], *, asking: bool, as_json: bool
) -> dict[str, Any]:
    """Make everything, telling each step; what fails leaves the steps before it, and a repeat goes on there."""
    from hub.cli.starting import begin, say
    from hub.jobs.making import make

    tell = functools.partial(click.echo, err=True)
    steps, begun, told = [], [], None
    try:
        _ready(settings, tell)
        with building_of(ctx) as building:
            for step in make(building.house, plan):
                steps.append(step)
                tell(f"{step.state}: {step.name} {step.detail}".rstrip())
            for one in wanted:
                begun.append(begin(ctx, plan, one, store=building.store, ask=asking, quiet=not asking))
                if not as_json:
                    say(begun[-1])
            if plan.first_notice:
                told = _tell_first(building, plan)
                tell(f"first notice: {told['sent']} of {told['meant']} reached, {told['open']} on their way")
    except OrtsrufError:
        tell("It stopped here. Give the same command again: it goes on where it stopped.")
        raise
    return {
        "made": True, "municipality": plan.slug, "name": plan.name, "ars": plan.place.ars,
        "address": _address(settings, plan), "first_notice": told,
        "steps": [{"name": one.name, "state": one.state, "detail": one.detail} for one in steps],
        "invitation": next((one.link for one in steps if one.link), ""), "sources": begun,
    }  # fmt: skip


def _tell_first(building: Building, plan: Plan) -> dict[str, int]:
    """Hand the first notice over at once where this process can; returns who was meant and what became of them."""
    from hub.engines.inline import InlineEngine
    from hub.jobs.welcome import name_of
    from hub.store import ledger

    if isinstance(building.engine, InlineEngine):
        building.run_all()
    with building.store.read() as session:
        found = ledger.accounts(session, municipality=plan.slug, notice_id=name_of(plan.slug), canaries=False, most=1)
    return {name: sum(getattr(one, name) for one in found) for name in ("meant", "sent", "open", "failed")}


def _ready(settings: Settings, tell: Any) -> None:
    from hub.bootstrap import initialise
    from hub.founding import is_ready

    if not is_ready(settings.database_url):
        tell("Preparing the database …")
        initialise(settings)


def _end(answer: dict[str, Any]) -> None:
    """Say where it is now, and what comes next."""
    click.echo(f"{answer['name']} is at {answer['address']}")
    if answer["invitation"]:
        click.echo(f"The first operator's link, which works once and for seven days: {answer['invitation']}")
    click.echo("`ortsruf serve` reads its sources with the next tick. The first import of each tells nobody.")
