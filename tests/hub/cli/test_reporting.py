"""``ortsruf report impact``: a table for people, CSV and JSON for others, few people in none of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes.house import make_town, news

from hub.cli import main
from hub.jobs import tallying
from hub.store import towns
from hub.store.database import Store


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = Store(f"sqlite:///{tmp_path / 'ortsruf.sqlite'}")
    store.upgrade()
    town = make_town(store)
    with store.begin() as session:
        towns.add_secret(session, "links", "key", town.clock())
    town.source()
    for _ in range(6):
        town.person()
    town.person(channel="mail")
    town.poll("s1", news())
    tallying.tally(town.house)
    monkeypatch.setenv("ORTSRUF_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str):
        return CliRunner().invoke(main, ["report", "impact", *words])

    yield call
    store.close()


def test_a_month_is_a_table_csv_and_json(run) -> None:
    plain = run("huertgenwald", "--month", "2026-11")
    assert plain.exit_code == 0, plain.output
    assert "Hürtgenwald, 2026-11, so far" in plain.output
    rows = list(csv.reader(io.StringIO(run("huertgenwald", "--month", "2026-11", "--csv").output)))
    assert rows[0] == ["section", "name", "figure", "value"]
    assert ["delivered", "webpush", "count", "6"] in rows
    assert ["delivered", "mail", "count", "<5"] in rows
    data = json.loads(run("huertgenwald", "--month", "2026-11", "--json").output)
    assert (data["notices"], data["delivered"]["mail"], data["closed"]) == ({"news": 1}, None, False)


def test_this_month_is_the_one_that_runs(run) -> None:
    assert ", so far" in run("huertgenwald").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nirgends",), "no municipality called nirgends"),
        (("huertgenwald", "--month", "2026-13"), "2026-13 is no month"),
        (("huertgenwald", "--csv", "--json"), "not both"),
    ],
)
def test_what_cannot_be_is_said_plainly(run, words: tuple[str, ...], said: str) -> None:
    answer = run(*words)
    assert answer.exit_code == 1
    assert said in answer.output
