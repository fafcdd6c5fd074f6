"""Figures for Prometheus: what a scrape says, who may scrape, and that board and alerts ask for what there is."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.house import Town, news
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, insert

from hub import metrics
from hub.core.message import Result
from hub.core.notice import Severity
from hub.jobs import watch
from hub.store.schema import batch, canary, heartbeat, source

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = re.compile(r"\bortsruf_[a-z_]+")


def figures(town: Town) -> dict[tuple[str, ...], float]:
    """Scrape; returns values by name and labels."""
    text = metrics.scrape(town.house).decode()
    return {
        (one.name, *sorted(one.labels.values())): one.value
        for family in text_string_to_metric_families(text) for one in family.samples
    }  # fmt: skip


def names(town: Town) -> set[str]:
    return {key[0] for key in figures(town)}


@pytest.fixture
def told(town: Town) -> Town:
    """Give a town in which five were told of news, one of them at the second try, on each database."""
    town.source()
    people = [town.person() for _ in range(5)]
    town.push.answers(people[0], Result.RETRY)
    town.poll("s1", news())
    town.clock.forward(minutes=2)
    town.run()
    watch.watch(town.house, at_once=True)
    return town


def test_deliveries_are_counted_once_however_often_somebody_counts(told: Town) -> None:
    for _ in range(3):
        told.clock.forward(seconds=31)
        watch.watch(told.house)
    found = figures(told)
    assert found["ortsruf_deliveries_total", "normal", "sent", "webpush"] == 5
    assert (found["ortsruf_ledger_meant",], found["ortsruf_ledger_missing",]) == (5, 0)


def test_the_histogram_tells_who_waited_for_a_second_try(told: Town) -> None:
    found = figures(told)
    if ("ortsruf_delivery_seconds_count", "normal", "webpush") not in found:
        pytest.fail("no histogram")
    assert found["ortsruf_delivery_seconds_bucket", "+Inf", "normal", "webpush"] == found[
        "ortsruf_delivery_seconds_count", "normal", "webpush"
    ]  # fmt: skip
    assert found["ortsruf_delivery_seconds_bucket", "300.0", "normal", "webpush"] >= 1


def test_what_waits_is_told_by_lane(told: Town) -> None:
    told.push.answers(1, *[Result.RETRY] * 9)
    told.poll("s1", news(), news("n2", "Sturm", severity=Severity.SEVERE))
    with told.store.begin() as session:
        session.execute(batch.update().where(batch.c.state == "open").values(due_at=told.clock()))
    told.clock.forward(seconds=45)
    found = figures(told)
    assert found["ortsruf_batches_due", "emergency"] == found["ortsruf_batches_open", "emergency"] == 1
    assert found["ortsruf_oldest_due_seconds", "emergency"] == 45
    assert found["ortsruf_oldest_due_seconds", "normal"] == 0
    assert found["ortsruf_retries_waiting",] == 1


def test_every_metric_of_board_and_alerts_exists(told: Town) -> None:
    now = told.clock()
    with told.store.begin() as session:
        session.execute(
            insert(heartbeat).values(name="w1", role="work", started_at=now, at=now - timedelta(seconds=70), detail="")
        )
        values = {"milliseconds": 900, "how": "loopback", "fault": "", "notice_id": ""}
        session.execute(
            insert(canary).values(municipality_id=told.municipality, channel="webpush", endpoint_id=1, proved_at=now, **values)
        )  # fmt: skip
        session.execute(source.update().values(succeeded_at=now))
    found = figures(told)
    assert found["ortsruf_processes_alive", "work"] == 0
    assert found["ortsruf_canary_seconds", "huertgenwald", "webpush"] == pytest.approx(0.9)
    known = names(told)
    board = json.loads((DEPLOY / "grafana" / "ortsruf.json").read_text(encoding="utf-8"))
    asked = {
        name for panel in board["panels"] for one in panel.get("targets", ()) for name in NAME.findall(one["expr"])
    }
    alerts = (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    assert len(asked) > 15
    assert asked <= known
    assert set(NAME.findall(alerts)) <= known
    # ... and what there is stands on the board.
    assert {one for one in known if not one.endswith(("_created", "_bucket", "_sum", "_count"))} <= asked


def test_every_label_that_board_and_alerts_ask_for_exists(told: Town) -> None:
    text = metrics.scrape(told.house).decode()
    labels = set(re.findall(r'([a-z]+)="', text)) | {"municipality", "source", "topic", "process", "role"}
    for file in ("grafana/ortsruf.json", "prometheus/alerts.yml"):
        content = (DEPLOY / file).read_text(encoding="utf-8")
        used = set(re.findall(r"\{\{ ?(?:\$labels\.)?([a-z]+) ?\}\}", content))
        assert used <= labels


def test_the_board_is_one_that_grafana_imports() -> None:
    board = json.loads((DEPLOY / "grafana" / "ortsruf.json").read_text(encoding="utf-8"))
    assert board["uid"] == "ortsruf"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in board["panels"]]
    assert len(set(places)) == len(places)
    assert all(one["gridPos"]["x"] + one["gridPos"]["w"] <= 24 for one in board["panels"])


def test_a_scrape_asks_as_little_of_many_deliveries_as_of_few(village: Town) -> None:
    town = village
    town.source()
    town.person()
    asked: list[str] = []
    event.listen(town.store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    town.poll("s1", news())
    asked.clear()
    metrics.scrape(town.house)
    few = len(asked)
    town.poll("s1", *[news(f"n{number}") for number in range(20)])
    asked.clear()
    metrics.scrape(town.house)
    assert len(asked) == few
