"""``ortsruf deliveries``: a table for people, JSON for machines, and a word if anybody is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes.house import make_town, news

from hub.cli import main
from hub.store import towns
from hub.store.database import Store
from hub.store.schema import batch


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = Store(f"sqlite:///{tmp_path / 'ortsruf.sqlite'}")
    store.upgrade()
    town = make_town(store)
    with store.begin() as session:
        towns.add_secret(session, "links", "key", town.clock())
    town.source()
    town.person()
    town.person()
    town.poll("s1", news())
    monkeypatch.setenv("ORTSRUF_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str):
        return CliRunner().invoke(main, ["deliveries", *words])

    yield call, town
    store.close()


def test_everybody_is_accounted_for(run) -> None:
    call, _town = run
    answer = call()
    assert answer.exit_code == 0, answer.output
    assert "Freibad öffnet" in answer.output
    assert "Nothing is missing: of 2 meant, all are accounted for." in answer.output
    one = json.loads(call(news().id, "--json").output)
    assert one["missing"] == 0
    assert [(row["meant"], row["sent"], row["change"]) for row in one["deliveries"]] == [(2, 2, "new")]
    assert json.loads(call("--municipality", "huertgenwald", "--json").output)["deliveries"]


def test_a_missing_recipient_is_said_and_ends_with_1(run) -> None:
    call, town = run
    with town.store.begin() as session:
        session.execute(batch.update().values(sent=1))
    answer = call()
    assert answer.exit_code == 1
    assert "MISSING: 1. Of 2 meant, 1 are accounted for." in answer.output
    assert call("--json").exit_code == 1


def test_an_unknown_notice_or_municipality_is_said_plainly(run) -> None:
    call, _town = run
    assert "There is no notice nonsense" in call("nonsense").output
    assert "known: huertgenwald" in call("--municipality", "elsewhere").output
