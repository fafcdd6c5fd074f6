"""Lines: turns among municipalities and words in their order, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes.house import news
from sqlalchemy import select

from hub.core.changes import decide
from hub.core.circuit import Service
from hub.store import batches, lines, notices, publications, services, towns
from hub.store.database import Store
from hub.store.schema import batch, notice

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
LEASE = timedelta(seconds=20)


@pytest.fixture
def towns_of(store: Store) -> Store:
    with store.begin() as session:
        for name in ("a", "b"):
            values = {"id": name, "name": name, "path": "0", "language": "de", "zone": "UTC", "colour": "#000000"}
            towns.add(session, values, NOW)
        session.execute(
            notice.insert().values(
                id="n", municipality_id="a", topic="news", revision=1, content={}, severity=0, withdrawn=False,
                first_seen_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
    return store


def row(**values: Any) -> dict[str, Any]:
    return {
        "notice_id": None, "revision": 0, "change": "new", "channel": "webpush", "service": "s", "lane": "normal",
        "due_at": NOW, "valid_until": NOW + timedelta(hours=1), "ids": [1], **values,
    }  # fmt: skip


def add(store: Store, town: str, *rows: dict[str, Any]) -> list[int]:
    with store.begin() as session:
        return batches.add_many(session, town, rows, NOW)


def claim(store: Store, batch_id: int, now: datetime = NOW, owner: str = "me") -> int | None:
    with store.begin() as session:
        lane = lines.enter(session, batch_id, now)
        assert lane is not None
        found = batches.claim(session, lane, owner, now, LEASE)
    return found["id"] if found is not None else None


def test_a_town_with_one_batch_does_not_wait_for_one_with_many(towns_of: Store) -> None:
    many = add(towns_of, "a", *[row() for _ in range(6)])
    assert claim(towns_of, many[0]) == many[0]
    [one] = add(towns_of, "b", row())
    assert claim(towns_of, many[-1]) == many[1]
    assert claim(towns_of, many[-1]) == one
    assert [claim(towns_of, one) for _ in range(4)] == many[2:]
    assert claim(towns_of, one) is None


def test_a_worker_who_came_second_does_not_take_what_is_not_yet_due(towns_of: Store) -> None:
    """It saw the first batch, and no other before the turn of a page that is to be planned; the batch then was gone."""
    opening, rest = add(towns_of, "a", row(), row())
    assert claim(towns_of, opening) == opening
    with towns_of.begin() as session:
        turn = session.scalar(select(batch.c.turn).where(batch.c.id == opening))
        assert batches.claim(session, "normal", "second", NOW, LEASE, most=turn) is None
        taken = batches.claim(session, "normal", "second", NOW, LEASE)
        assert taken is not None
        assert taken["id"] == rest


def test_what_a_page_plans_keeps_the_turn_of_the_page(towns_of: Store) -> None:
    with towns_of.begin() as session:
        for town in "ab":
            notices.save(
                session, town, None, decide(news(town, town, source=town), None, NOW), places=(), zone="UTC", now=NOW,
                names=(),
            )  # fmt: skip
        first = publications.claim(session, "normal", "me", NOW, LEASE)
        last = publications.claim(session, "normal", "me", NOW, LEASE)
        assert first is not None
        assert last is not None
    opening, rest = add(towns_of, first["municipality_id"], row(), row())
    assert claim(towns_of, opening) == opening
    [one] = add(towns_of, last["municipality_id"], row())
    assert [claim(towns_of, one) for _ in range(2)] == [one, rest]


def test_lanes_do_not_mix_and_many_workers_share_a_line(towns_of: Store) -> None:
    normal = add(towns_of, "a", *[row() for _ in range(12)])
    [urgent] = add(towns_of, "a", row(lane="emergency"))
    with towns_of.begin() as session:
        assert lines.urgent_waits(session, NOW)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda n: claim(towns_of, normal[0], owner=f"w{n}"), range(24)))
    assert sorted(one for one in got if one is not None) == normal
    assert claim(towns_of, urgent) == urgent
    with towns_of.begin() as session:
        assert not lines.urgent_waits(session, NOW)


def test_what_is_not_due_stands_in_no_line(towns_of: Store) -> None:
    later = add(towns_of, "a", *[row(due_at=NOW + timedelta(hours=8)) for _ in range(3)])
    now = add(towns_of, "a", row())
    assert claim(towns_of, later[0]) == now[0]
    assert claim(towns_of, later[0]) is None
    with towns_of.begin() as session:
        assert batches.release(session, now[0], "me", due_at=None, now=NOW)
    morning = NOW + timedelta(hours=8)
    assert claim(towns_of, later[2], morning) == later[2]


def test_a_later_word_waits_while_the_earlier_is_on_the_wire(towns_of: Store) -> None:
    [first] = add(towns_of, "a", row(notice_id="n", revision=1, ids=[1, 2, 3]))
    assert claim(towns_of, first) == first
    with towns_of.begin() as session:
        batches.may_reach(session, first, "me", 2)
        batches.drop_waiting(session, "n", 2, NOW)
    [second] = add(towns_of, "a", row(notice_id="n", revision=2, change="withdrawn"))
    assert claim(towns_of, second, owner="other") is None
    with towns_of.begin() as session:  # what was on the wire is still counted, then its worker lets go
        assert not batches.checkpoint(session, first, "me", cursor=2, counts={"sent": 2}, lease_until=NOW + LEASE)
        assert batches.afterwards(session, first, "me", cursor=2, counts={"sent": 2})
        batches.let_go(session, first, "me")
    assert claim(towns_of, second, owner="other") == second
    with towns_of.read() as session:
        told = session.execute(batches.table.select().where(batches.table.c.id == first)).mappings().one()
    assert (told["state"], told["sent"], told["suppressed"], told["cursor"]) == ("done", 2, 1, 2)


def test_a_dead_worker_holds_a_later_word_up_for_its_lease_only(towns_of: Store) -> None:
    [first] = add(towns_of, "a", row(notice_id="n", revision=1))
    assert claim(towns_of, first) == first
    with towns_of.begin() as session:
        batches.drop_waiting(session, "n", 2)
    [second] = add(towns_of, "a", row(notice_id="n", revision=2, change="withdrawn"))
    assert claim(towns_of, second) is None
    assert claim(towns_of, second, NOW + LEASE + timedelta(seconds=1)) == second


def test_batches_of_a_paused_service_are_not_taken_but_others_are(towns_of: Store) -> None:
    [held, free] = add(towns_of, "a", row(), row(service="t"))
    with towns_of.begin() as session:
        services.put(session, "webpush", "s", Service(paused_until=NOW + timedelta(minutes=2)), NOW)
        assert lines.held_back(session, held, NOW) == NOW + timedelta(minutes=2)
        assert lines.held_back(session, free, NOW) is None
    assert claim(towns_of, held) == free
    assert claim(towns_of, held) is None
    assert claim(towns_of, held, NOW + timedelta(minutes=2)) == held


def test_only_one_worker_probes(towns_of: Store) -> None:
    down = Service(paused_until=NOW, failures=10)
    with towns_of.begin() as session:
        services.put(session, "webpush", "s", down, NOW)
    with towns_of.begin() as session:
        assert services.take_probe(session, "webpush", "s", down, NOW + LEASE)
        assert not services.take_probe(session, "webpush", "s", down, NOW + LEASE)
