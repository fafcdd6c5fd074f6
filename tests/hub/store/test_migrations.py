"""Migrations that die at any statement are simply run again, and no row is lost going up and down (D-08, G27)."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import pytest
from alembic import command
from conftest import fresh_database
from fakes.house import PLACE, Town, make_town, news
from fakes.people import account, operator
from postgres_server import Server
from sqlalchemy import event, inspect, text

from hub.core.message import Result
from hub.core.subscription import Action, Criteria
from hub.jobs import people
from hub.store import towns
from hub.store.database import Store

STRIDE = int(os.environ.get("ORTSRUF_MIGRATION_STRIDE", "37"))  # 1: every statement
OLD = "0003"
# Routes follow from the subscriptions: the migration writes them. Marks say when a job last ran: it runs again. The
# others are forgotten within a day, or made anew.
DERIVED = {"alembic_version", "route", "mark", "feed_touch", "mail_ask", "prekey"}
FORGOTTEN = {"reach"}  # by channel; what came of a notice on all of them stays


class Death(BaseException):
    """Nobody catches it: the process is gone."""


def counts(store: Store) -> dict[str, int]:
    with store.read() as session:
        names = inspect(session.connection()).get_table_names()
        left = sorted(set(names) - DERIVED - FORGOTTEN)
        return {name: session.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in left}


@pytest.fixture
def lived_in(store: Store) -> Town:
    """A town with people, notices, batches and a problem."""
    town = make_town(store)
    people = [town.person() for _ in range(3)]
    town.person(Criteria(topics=("news",), places=(PLACE,)), ("mail", Action.DIGEST, ""), channel="mail")
    town.source()
    town.push.answers(people[0], Result.RETRY)
    town.poll("s1", news("a", "Markt"), news("b", "Fest"))
    return town


def test_no_row_is_lost_going_down_and_up_again(lived_in: Town) -> None:
    store = lived_in.store
    before = counts(store)
    store._migrate(command.downgrade, OLD)
    below = counts(store)
    assert below == {name: count for name, count in before.items() if name in below}
    store.upgrade()
    assert counts(store) == before
    lived_in.poll("s1", news("a", "Markt"), news("b", "Fest"), news("c", "Neues nach dem Wandern"))
    assert ("new", "Neues nach dem Wandern") in lived_in.push.told()


def test_a_migration_that_dies_at_any_statement_is_run_again(lived_in: Town) -> None:
    store = lived_in.store
    before = counts(store)
    store._migrate(command.downgrade, OLD)
    below = counts(store)
    died, step = 0, 1
    while not _finishes(store, step):
        assert counts(store) == below, f"statement {step} left something behind"
        died, step = died + 1, step + STRIDE
    assert died >= 2
    assert counts(store) == before


def _finishes(store: Store, statements: int) -> bool:
    """Upgrade, dying at the given statement; whether it came to its end before."""
    left = [statements]

    def look(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Death

    event.listen(store.engine, "before_cursor_execute", look)
    try:
        with suppress(Death):
            store.upgrade()
            return True
        return False
    finally:
        event.remove(store.engine, "before_cursor_execute", look)


def test_vacuum_follows_what_retention_deletes(postgres: Server) -> None:
    store = Store(fresh_database(postgres, "vacuum"))
    store.upgrade()
    query = text("SELECT relname FROM pg_class WHERE 'autovacuum_vacuum_scale_factor=0.02' = ANY (reloptions)")
    with store.read() as session:
        assert {"batch", "problem"} <= set(session.scalars(query))
    store._migrate(command.downgrade, "0013")
    with store.read() as session:
        assert set(session.scalars(query)) == set()
    store.close()


NAMED = (
    "user_account", "passkey", "login_session", "role_grant", "invitation", "letter", "held_item", "publication",
    "batch",
    "subscriber", "endpoint", "interest",
)  # fmt: skip


def test_no_id_that_stands_in_a_link_or_form_is_given_twice(lived_in: Town) -> None:
    """Rows, indexes and references stay when SQLite's tables are made to count on; so do ids of who is gone."""
    store = lived_in.store
    account(lived_in, "anna@example.org", operator())
    people.invite(lived_in.house, "command", "bert@example.org", operator(), "de")
    with store.begin() as session:
        towns.add_secret(session, "links", "secret", lived_in.clock())
    shape = shape_of(store)
    before = counts(store)
    store._migrate(command.downgrade, "0022")
    with store.begin() as session:
        last = session.scalar(text("SELECT max(id) FROM invitation"))
        session.execute(text("DELETE FROM invitation"))
    store.upgrade()
    assert counts(store) == before | {"invitation": 0, "letter": 0}
    assert shape_of(store) == shape
    with store.begin() as session:
        for name in NAMED if store.sqlite else ():
            sql = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
            assert "AUTOINCREMENT" in sql, name
    made = people.invite(lived_in.house, "command", "bert@example.org", operator(), "de").id
    assert made > last
    with store.begin() as session:
        session.execute(text("DELETE FROM invitation"))
    assert people.invite(lived_in.house, "command", "bert@example.org", operator(), "de").id > made


def shape_of(store: Store) -> dict[str, object]:
    """Return the indexes (those of some rows only, too) and references of the tables that are made anew."""

    def plain(one: Any) -> str:
        where = {name: str(value) for name, value in (one.pop("dialect_options", None) or {}).items()}
        return str({**one, **where})

    with store.read() as session:
        found = inspect(session.connection())
        doors = found.get_indexes, found.get_foreign_keys, found.get_unique_constraints
        return {name: [sorted(plain(dict(one)) for one in door(name)) for door in doors] for name in NAMED}
