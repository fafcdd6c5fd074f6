"""What sign-in keeps, on both databases: tries that race, things used once, letters, and an audit chain that never forks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from fakes.house import Town
from fakes.people import COUNTY, account, operator
from sqlalchemy import RowMapping, event, update

from hub.core.audit import Event, verify
from hub.core.message import Result
from hub.core.permission import Grant, Role
from hub.jobs import people
from hub.jobs.correspond import correspond, write
from hub.store import accounts, audit, grants, letters, signins
from hub.store.schema import audit as audit_table


def test_tries_are_counted_before_they_are_looked_at(town: Town) -> None:
    names, now = ["account:x", "network:y"], town.clock()
    waits = []
    for _ in range(8):
        with town.store.begin() as session:
            waits.append(signins.try_(session, names, now))
    assert waits[:5] == [timedelta(0)] * 5
    assert all(waits[5:])


def test_of_many_tries_at_once_few_are_looked_at(town: Town) -> None:
    looked: list[bool] = []

    def guess() -> None:
        with town.store.begin() as session:
            looked.append(not signins.try_(session, ["account:x"], town.clock()))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(looked) == 5


def test_a_right_try_takes_the_count_back_but_not_that_of_others_on_the_network(town: Town) -> None:
    now = town.clock()
    with town.store.begin() as session:
        for _ in range(3):
            signins.try_(session, ["account:x", "network:y"], now)
        signins.went_well(session, ["account:x", "network:y"], now)
        for _ in range(5):
            assert not signins.try_(session, ["account:x"], now)


def test_what_is_used_once_is_used_once(town: Town) -> None:
    made = account(town, "anna@example.org")
    with town.store.begin() as session:
        accounts.put_codes(session, made, ["a" * 64])
        assert accounts.use_code(session, made, "a" * 64, town.clock())
        assert not accounts.use_code(session, made, "a" * 64, town.clock())
        assert accounts.use_step(session, made, 7)
        assert not accounts.use_step(session, made, 7)
        assert not accounts.use_step(session, made, 6)
        assert accounts.use_step(session, made, 8)
        assert signins.spend(session, "challenge", town.clock())
        assert not signins.spend(session, "challenge", town.clock())


def test_the_audit_chain_never_forks(town: Town) -> None:
    def note(number: int) -> None:
        with town.store.begin() as session:
            audit.add(session, Event(town.clock(), "command", "tested", "", f"thing:{number}", {"n": str(number)}))

    threads = [threading.Thread(target=note, args=(number,)) for number in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with town.store.read() as session:
        found = verify(audit.chain(session))
    assert (found.count, found.broken) == (12, 0)


@pytest.mark.parametrize("column", ["actor", "act", "town", "subject", "detail", "at", "hash", "previous"])
def test_a_row_that_was_changed_is_found(town: Town, column: str) -> None:
    for number in range(5):
        with town.store.begin() as session:
            audit.add(session, Event(town.clock.forward(seconds=1), "command", "tested", "a", f"thing:{number}"))
    other = {"detail": {"x": "y"}, "at": town.clock(), "hash": "0" * 64, "previous": "1" * 64}.get(column, "other")
    with town.store.begin() as session:
        session.execute(update(audit_table).where(audit_table.c.id == 3).values({column: other}))
    with town.store.read() as session:
        assert verify(audit.chain(session)).broken in {3, 4}


def test_a_letter_that_finds_no_server_is_sent_later_and_only_once(town: Town) -> None:
    made = account(town, "anna@example.org", operator())
    with town.store.begin() as session:
        written = write(town.house, session, "password-changed", "anna@example.org", "de", account_id=made)
    town.mail.answers(f"letter-{written}", Result.RETRY, Result.RETRY)
    for _ in range(6):
        town.run()
        town.clock.forward(minutes=5)
    assert [message.entries[0].notice.title for _, message in town.mail.sent] == ["Ihr Passwort wurde geändert"]


def test_a_letter_is_one_workers_at_a_time(town: Town) -> None:
    with town.store.begin() as session:
        written = write(town.house, session, "invitation", "anna@example.org", "de", town="A", role="editor")
        assert letters.claim(session, written, town.clock(), timedelta(minutes=2)) is not None
        assert letters.claim(session, written, town.clock(), timedelta(minutes=2)) is None
    correspond(town.house, str(written))
    assert town.mail.sent == []


def test_an_ended_account_leaves_its_name_only(town: Town) -> None:
    made = account(town, "anna@example.org", operator(), Grant(Role.EDITOR, ""))
    with town.store.begin() as session:
        accounts.end(session, made, town.clock())
    with town.store.read() as session:
        assert accounts.get(session, made) is None
        assert accounts.by_address(session, "anna@example.org") is None
        assert accounts.names(session, [made]) == {made: "Anna"}
        assert grants.of_account(session, made) == ()
    account(town, "anna@example.org")


def test_a_role_is_held_once_and_a_clubs_limits_are_replaced(town: Town) -> None:
    made = account(town, "anna@example.org", operator())
    with town.store.begin() as session:
        assert not grants.add(session, made, operator(), town.clock())
        assert len(grants.of_account(session, made)) == 1
        with pytest.raises(ValueError, match="cannot be granted"):
            grants.add(session, made, Grant(Role.CLUB, "huertgenwald"), town.clock())


def test_what_is_over_is_forgotten(town: Town) -> None:
    from fakes.people import session_of
    from sqlalchemy import func, select

    from hub.jobs.sweep import retain
    from hub.store.schema import login_session, spent, tries

    made = account(town, "anna@example.org", operator())
    session_of(town, made)
    with town.store.begin() as session:
        signins.try_(session, ["account:x"], town.clock())
        signins.spend(session, "x", town.clock())
    town.clock.forward(days=2)
    retain(town.house)
    with town.store.read() as session:
        for table in (login_session, spent, tries):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_two_county_operators_do_not_take_each_other_away(town: Town) -> None:
    """Each is the other's last colleague: at once, one of them stays."""
    ids = [account(town, f"{name}@example.org", COUNTY) for name in ("anna", "berta")]
    with town.store.read() as session:
        rows = [grants.rows_of(session, one)[0] for one in ids]
    begun = threading.Barrier(2)
    taken: list[bool] = []

    def take(row: RowMapping) -> None:
        begun.wait()
        taken.append(people.take(town.house, "command", row))

    with pausing(town, "role_grant"):
        threads = [threading.Thread(target=take, args=(row,)) for row in rows]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sorted(taken) == [False, True]


@contextmanager
def pausing(town: Town, table: str) -> Iterator[None]:
    """Let a moment pass after each reading of a table, so that others come in between."""

    def wait(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT") and table in statement:
            time.sleep(0.1)

    event.listen(town.store.engine, "after_cursor_execute", wait)
    try:
        yield
    finally:
        event.remove(town.store.engine, "after_cursor_execute", wait)
