"""``ortsruf account invite | list | revoke | sign-out | reset | end``: who may sign in, and as what."""

from __future__ import annotations

import sys
from typing import Any

import click

from hub.cli import main, print_table, show
from hub.cli.commands import JSON
from hub.cli.sources import building_of, moment
from hub.core.clubs import Bounds, Trust
from hub.core.errors import SettingsError
from hub.core.permission import EVERYWHERE, Grant, Role

_ROLE = click.option(
    "--role", type=click.Choice([one.value for one in Role]), required=True, help="What they are to be."
)
_TOWN = click.option("--municipality", "-m", default=EVERYWHERE, help="Where; without it in all municipalities.")


@main.group()
def account() -> None:
    """People who sign in: editors and operators. The first one is invited here."""


@account.command()
@click.argument("address")
@_ROLE
@_TOWN
@click.option("--language", default="de", type=click.Choice(["de", "en"]), help="Of the invitation.")
@click.option("--topic", default="", help="Of a club desk: the one topic that it writes in.")
@click.option("--trust", default="held", type=click.Choice([one.value for one in Trust]), help="Of a club desk.")
@click.option("--per-day", default=2, show_default=True, help="Of a club desk: notices in 24 hours.")
@click.pass_context
def invite(ctx: click.Context, /, address: str, role: str, municipality: str, language: str, **club: Any) -> None:
    """Invite ADDRESS by mail; the link is printed too, for where no mail goes out yet.

    \b
    ortsruf account invite anna@example.org --role county-operator
    ortsruf account invite bernd@example.org --role editor -m huertgenwald
    """  # noqa: D301 - click reads the backspace
    from hub.jobs.people import invite as job
    from hub.jobs.record import COMMAND

    with building_of(ctx) as building:
        made = job(building.house, COMMAND, address, _grant(role, municipality, **club), language)
        sender = building.house.sender
    click.echo(made.link)
    click.echo(
        "The link works once and for seven days. " + ("It goes out by mail as well." if sender else
        "E-mail is off until the setting mail.sender names an address, so please hand it over yourself."), err=True,
    )  # fmt: skip


def _grant(role: str, municipality: str, *, topic: str = "", trust: str = "held", per_day: int = 2) -> Grant:
    try:
        bounds = Bounds(topic, Trust(trust), per_day) if role == Role.CLUB else None
        grant = Grant(Role(role), municipality, bounds)
    except ValueError as error:
        raise SettingsError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    if not grant.valid:
        raise SettingsError(
            "A county operator is one everywhere: leave --municipality out." if role == Role.COUNTY_OPERATOR
            else "A club desk belongs to one municipality: name it with --municipality."
        )  # fmt: skip
    return grant


@account.command("list")
@JSON
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List the accounts: roles, second factors, when they last signed in."""
    from hub.store import accounts, grants

    with building_of(ctx) as building, building.store.read() as session:
        rows = [
            {
                "id": row["id"], "address": row["address"], "name": row["name"],
                "roles": [_named(one) for one in grants.of_account(session, row["id"])],
                "second_factor": accounts.is_equipped(session, row["id"]), "directory": row["issuer"],
                "signed_in_at": row["signed_in_at"],
            }
            for row in accounts.listed(session)
        ]  # fmt: skip
    table = [
        (str(row["id"]), str(row["address"]), str(row["name"]), ", ".join(row["roles"]),
         "yes" if row["second_factor"] else "no", moment(row["signed_in_at"]))
        for row in rows
    ]  # fmt: skip
    columns = ("id", "address", "name", "roles", "second factor", "signed in")
    show(rows, as_json=as_json, table=lambda: print_table(f"Accounts: {len(rows)}", columns, table))


def _named(grant: Grant) -> str:
    return f"{grant.role.value}@{grant.municipality or '*'}"


def _known(session: Any, address: str) -> Any:
    from hub.store import accounts

    row = accounts.by_address(session, address)
    if row is None:
        raise SettingsError(f"There is no account with the address {address}. See `ortsruf account list`.")
    return row


@account.command()
@click.argument("address")
@_ROLE
@_TOWN
@click.pass_context
def revoke(ctx: click.Context, address: str, role: str, municipality: str) -> None:
    """Take a role away from ADDRESS, at once. The last county operator keeps it."""
    from hub.jobs.people import take
    from hub.jobs.record import COMMAND
    from hub.store import grants

    with building_of(ctx) as building:
        with building.store.read() as session:
            rows = grants.rows_of(session, _known(session, address)["id"])
        found = [one for one in rows if one["role"] == role and (one["municipality_id"] or EVERYWHERE) == municipality]
        if not found:
            raise SettingsError(f"{address} does not have the role {role}@{municipality or '*'}.")
        if not take(building.house, COMMAND, found[0]):
            raise SettingsError("This is the last county operator. Invite another one first, or end the account.")
    click.echo(f"{address} is no longer {role}@{municipality or '*'}.")


@account.command("sign-out")
@click.argument("address")
@click.pass_context
def sign_out(ctx: click.Context, address: str) -> None:
    """Sign ADDRESS out everywhere."""
    from hub.jobs.record import COMMAND, by_account, record
    from hub.store import signins

    with building_of(ctx) as building, building.store.begin() as session:
        row = _known(session, address)
        count = signins.end_all(session, row["id"])
        record(building.house, session, COMMAND, "session.revoked", subject=by_account(row["id"]), count=str(count))
    click.echo(f"Signed out: {count}.")


@account.command()
@click.argument("address")
@click.pass_context
def reset(ctx: click.Context, address: str) -> None:
    """Let ADDRESS begin anew who lost phone and codes: a link for a new password, and a new second factor after it.

    It disconnects the account from the directory, too: its owner connects it again on the page of the account.
    """
    from hub.jobs.people import disarm
    from hub.jobs.record import COMMAND

    with building_of(ctx) as building:
        link = disarm(building.house, COMMAND, address)
    click.echo(link)
    click.echo(
        "Everything that signed them in is taken down, also the directory. The link works once and for one hour.",
        err=True,
    )


@account.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="End it without being asked.")
@click.pass_context
def end(ctx: click.Context, address: str, *, yes: bool) -> None:
    """End the account of ADDRESS. The audit log keeps its number and name."""
    from hub.cli.looking import interactive
    from hub.jobs.people import end as job
    from hub.jobs.record import COMMAND

    if not yes and not (interactive() and click.confirm(f"End the account of {address}?", default=False, err=True)):
        click.echo("Nothing was ended. Give the command with --yes.", err=True)
        sys.exit(1)
    with building_of(ctx) as building:
        name = job(building.house, COMMAND, address)
    click.echo(f"The account of {name} is ended.")
