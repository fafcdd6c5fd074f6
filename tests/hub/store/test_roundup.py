"""What the operators' pages read, on both databases: queues, deliveries, budgets, failures, holdings, addresses."""

from __future__ import annotations

import pytest
from fakes.house import Town, news
from fakes.operated import OWN, county
from fakes.towns import OTHER
from sqlalchemy import insert

from hub.core.errors import SourceRefused
from hub.core.health import State
from hub.core.roundup import Trouble
from hub.jobs import gather, measure, tallying
from hub.jobs.lifetimes import KINDS
from hub.store import erasing, holdings, roundup, towns
from hub.store.schema import held_item
from hub.web.operating.lines import gathered


@pytest.fixture
def filled(town: Town) -> Town:
    county(town)
    return town


def test_lines_are_the_same_on_both_databases(filled) -> None:
    with filled.store.read() as session:
        first, second = gathered(session, towns.listed(session), filled.clock(), mails=True)
    assert (first.slug, second.slug) == (OTHER, OWN)
    assert first.sources == {State.QUARANTINED: 1}
    assert first.troubles == (Trouble.CANARY, Trouble.BROKEN, Trouble.BUDGET, Trouble.UNTOLD)
    assert (second.troubles, second.sent, second.late) == ((), 1, ())
    assert second.left is not None
    assert 0.6 < second.left < 0.7


def test_what_waits_counts_from_when_it_was_due(town) -> None:
    town.source()
    town.person()
    town.gatherer.has("s1", news("n1"))
    town.clock.forward(minutes=15)
    town.run()
    town.gatherer.has("s1", news("n1"), news("n2"))
    with town.store.read() as session:
        assert roundup.queues(session, town.clock()) == {}
    town.clock.forward(minutes=15)
    gather.gather_due(town.house)
    gather.gather(town.house, "s1")
    town.plan()
    town.clock.forward(minutes=7)
    with town.store.read() as session:
        (lanes,) = roundup.queues(session, town.clock()).values()
    assert set(lanes) == {"normal"}


def test_days_spent_and_failures_are_a_towns_own(filled) -> None:
    since = filled.clock().replace(day=1)
    with filled.store.read() as session:
        spent = roundup.spent(session, since.date().isoformat())
        own = roundup.days(session, since.date().isoformat(), OWN)
        every = roundup.days(session, since.date().isoformat())
        assert roundup.failures(session, since, OWN) == []
        assert [outcome for _, outcome in roundup.failures(session, since, OTHER)] == ["failed"]
        assert len(roundup.failures(session, since)) == 1
    kept = sum(row["kept"] for row in own)
    assert spent[OWN][0] == kept
    assert sum(row["kept"] for row in every) == kept + spent[OTHER][0]


def test_held_items_are_counted_by_town(filled) -> None:
    with filled.store.begin() as session:
        row = {"source_id": "k1", "reason": "flood", "content": {}, "held_at": filled.clock(), "decided_at": None}
        session.execute(insert(held_item), [
            row | {"key": "a", "verdict": ""}, row | {"key": "b", "verdict": ""}, row | {"key": "c", "verdict": "dropped"},
        ])  # fmt: skip
        assert roundup.waiting(session) == {OTHER: 2}


def test_every_kind_can_be_counted_for_all_and_for_one(filled) -> None:
    with filled.store.read() as session:
        for one in KINDS:
            whole, own = holdings.count(session, one.tables[0]), holdings.count(session, one.tables[0], OWN)
            assert whole is not None, one.title
            assert own is None or own <= whole
        assert holdings.count(session, "source") == 2
        assert holdings.count(session, "source", OWN) == 1
        assert holdings.count(session, "audit", OWN) is None


def test_public_notices_come_in_pages_and_with_how_many_were_told(town, monkeypatch) -> None:
    monkeypatch.setattr(holdings, "_PAGE", 2)
    town.source()
    town.person()
    town.poll("s1", *[news(f"n{number}", f"T{number}") for number in range(5)])
    with town.store.read() as session:
        found = list(holdings.notices(session, OWN))
        assert list(holdings.notices(session, "nowhere")) == []
    assert len({row["id"] for row, _ in found}) == len(found) == 5
    assert sum(told for _, told in found) >= 1


def test_incidents_and_canaries_are_no_public_notices(filled) -> None:
    filled.gatherer.breaks("s1", SourceRefused("404", subject="s1"))
    for _ in range(4):
        filled.clock.forward(minutes=40)
        filled.run()
    with filled.store.read() as session:
        assert {row["topic"] for row, _ in holdings.notices(session, OWN)} == {"news"}


def test_measuring_reads_the_same_figures(filled) -> None:
    tallying.tally(filled.house)
    filled.clock.forward(minutes=6)
    assert measure.measure(filled.house) > 20


def test_nobody_is_found_where_nobody_is(filled) -> None:
    with filled.store.read() as session:
        assert erasing.people_at(session, OWN, "nobody@example.org") == []
