"""Transactions: all or nothing, one writer at a time on SQLite, readers never in its way."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from hub.core.errors import StoreError
from hub.store import towns
from hub.store.database import Store, wal_is_safe

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)


def names(store: Store) -> set[str]:
    with store.read() as session:
        return set(towns.secrets(session))


def test_an_error_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.begin() as session:
            towns.add_secret(session, "lost", "x", NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(store) == set()


def test_what_the_database_refuses_is_told_in_plain_words(store: Store) -> None:
    def fail() -> None:
        with store.begin() as session:
            session.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(StoreError, match=r"The database refused: .*nowhere"):
        fail()


def test_writers_wait_for_each_other_and_readers_do_not(store: Store) -> None:
    def write(name: str) -> None:
        for number in range(10):
            with store.begin() as session:
                towns.add_secret(session, f"{name}{number}", "x", NOW)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        names(store)
    assert len(names(store)) == 30


def test_upgrading_twice_is_harmless(store: Store) -> None:
    store.upgrade()
    assert names(store) == set()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 51, 3), True), ((3, 52, 0), True), ((3, 51, 2), False), ((3, 50, 7), True), ((3, 50, 6), False),
        ((3, 44, 6), True), ((3, 45, 0), False), ((3, 7, 0), False),
    ],
)  # fmt: skip
def test_wal_only_where_it_is_safe(version: tuple[int, ...], *, safe: bool) -> None:
    assert wal_is_safe(version) == safe
