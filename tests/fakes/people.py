"""People who sign in: an account of any role, and a browser without scripts that signs it in, fast or step by step."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pyotp
from argon2 import PasswordHasher
from fakes.house import Town

from hub import hashing
from hub.core.permission import Grant, Role
from hub.core.sessions import Stage
from hub.jobs import people
from hub.jobs.sign_in import Caller, open_
from hub.store import accounts, grants, subscribers
from hub.store.schema import letter

PASSWORD = "sieben Zwerge im Nebel"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_HASHED: list[str] = []
hashing._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # else hashes are most of a test's time


def account(town: Town, address: str, *granted: Grant, equipped: bool = True) -> int:
    """Make an account with :data:`PASSWORD` and, if ``equipped``, an app that knows :data:`SECRET`."""
    if not _HASHED:
        _HASHED.append(hashing.hashed(PASSWORD))
    with town.store.begin() as session:
        made = people.new_account(session, address, address.partition("@")[0].title(), "de", town.house)
        accounts.change(session, made, password=_HASHED[0], totp=SECRET if equipped else "")
        for one in granted:
            grants.add(session, made, one, town.clock())
    return made


def session_of(town: Town, account_id: int, *, stage: Stage = Stage.WHOLE, how: str = "password") -> str:
    """Return the token of a sign-in that began just now."""
    with town.store.begin() as session:
        return open_(town.house, session, account_id, stage=stage, how=how, caller=Caller()).token


def operator(municipality: str = "huertgenwald") -> Grant:
    return Grant(Role.OPERATOR, municipality)


COUNTY = Grant(Role.COUNTY_OPERATOR, "")


def code(town: Town, secret: str = SECRET) -> str:
    """Return the code that an app shows now; the clock goes on a little, so that the next one is another."""
    town.clock.at += timedelta(seconds=31)
    return pyotp.TOTP(secret).at(town.clock())


def written(town: Town, sort: str = "") -> list[tuple[str, str]]:
    """Send what waits; return sort and address of all letters that went out."""
    town.engine.run_all()
    with town.store.read() as session:
        rows = session.execute(letter.select().where(letter.c.state == "sent").order_by(letter.c.id)).mappings().all()
    return [(row["sort"], row["address"]) for row in rows if sort in {"", row["sort"]}]


def link_in(town: Town, sort: str) -> str:
    """Return the link of the newest letter of a sort, as its reader finds it."""
    town.engine.run_all()
    sent = [message for _, message in town.mail.sent if message.entries[0].notice.kind == "account"]
    found = [one.entries[0].url for one in sent if f"/{_PATHS[sort]}/" in one.entries[0].url]
    return found[-1]


_PATHS = {"invitation": "einladung", "reset": "anmelden/neu", "address": "anmelden/adresse"}


def token_in(text: str) -> str:
    """Return the CSRF token of the first form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found, text[:2000]
    return unescape(found[1])


def monthly_soon(town: Town, endpoint_id: int) -> None:
    """Let somebody's monthly mail be due in an hour."""
    due = town.clock() + timedelta(hours=1)
    with town.store.begin() as session:
        person = subscribers.endpoint_row(session, endpoint_id)["subscriber_id"]
        subscribers.change(session, person, monthly_day=due.day, next_monthly_at=due)
