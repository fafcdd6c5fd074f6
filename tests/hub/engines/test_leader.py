"""One leader of the ticks, whatever happens to processes and connections (C-05, O-08)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import fresh_database
from postgres_server import Server
from sqlalchemy import text

from hub.engines.leader import Leader
from hub.store.database import Store


@pytest.fixture
def store(postgres: Server, tmp_path: Path) -> Iterator[Store]:
    made = Store(fresh_database(postgres, f"l{abs(hash(str(tmp_path)))}"))
    with made.begin() as session:
        session.execute(text("CREATE TABLE standing (name text PRIMARY KEY, value text, at timestamptz)"))
    yield made
    made.close()


@pytest.fixture
def four(store: Store) -> Iterator[list[Leader]]:
    url = store.engine.url.render_as_string(hide_password=False)
    made = [Leader(url, f"process {number}") for number in range(4)]
    yield made
    for one in made:
        one.stop()


def test_of_four_one_leads_and_the_next_takes_over(four: list[Leader]) -> None:
    assert [one.look() for one in four] == [True, False, False, False]
    assert [one.leads() for one in four] == [True, False, False, False]
    assert [one.state() for one in four] == ["leads", "stands by", "stands by", "stands by"]
    four[0].stop()
    assert [one.look() for one in four[1:]] == [True, False, False]


def test_a_leader_that_sleeps_is_deposed_and_learns_it_before_its_next_step(four: list[Leader], store: Store) -> None:
    sleeper, other = four[:2]
    assert sleeper.look()
    assert not other.look()
    with store.begin() as session:  # it has not said for a while that it is awake
        session.execute(text("UPDATE standing SET at = at - interval '11 seconds'"))
    assert not other.look()  # ends the sleeper's connection
    while not other.look():  # the server needs a moment to see its end
        pass
    assert other.leads()
    assert not sleeper.leads()
    assert not sleeper.look()
    assert other.leads()


def test_a_lost_connection_costs_the_lead(four: list[Leader], store: Store) -> None:
    assert four[0].look()
    with store.begin() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'ortsruf tick' AND datname = current_database()"
            )
        )
    assert not four[0].leads()
    assert four[0].look()


def test_a_database_that_is_away_has_no_leader() -> None:
    away = Leader("postgresql+psycopg://nobody@127.0.0.1:1/none", "process")
    assert not away.look()
    assert not away.leads()
    away.stop()
