"""Leases and fencing: one owner at a time, and who lost the lease changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.store import batches, lines, towns
from hub.store.database import Store

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def batch_id(store: Store) -> int:
    values = {"id": "t", "name": "T", "path": "0", "language": "de", "zone": "Europe/Berlin", "colour": "#000000"}
    columns: dict[str, Any] = {
        "notice_id": None, "revision": 0, "change": "test", "channel": "webpush", "service": "s", "lane": "normal",
        "due_at": NOW, "valid_until": NOW + timedelta(hours=1),
    }  # fmt: skip
    with store.begin() as session:
        towns.add(session, values, NOW)
        return batches.add(session, "t", columns, [1, 2, 3], NOW)


def claim(store: Store, batch_id: int, owner: str, now: datetime = NOW) -> bool:
    with store.begin() as session:
        lane = lines.enter(session, batch_id, now)
        assert lane is not None
        return batches.claim(session, lane, owner, now, LEASE) is not None


def checkpoint(store: Store, batch_id: int, owner: str, now: datetime) -> bool:
    with store.begin() as session:
        return batches.checkpoint(
            session, batch_id, owner, cursor=1, counts={"sent": 1}, lease_until=now + LEASE
        )  # fmt: skip


def test_of_many_who_claim_at_once_one_wins(store: Store, batch_id: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: claim(store, batch_id, f"owner {number}"), range(16)))
    assert won.count(True) == 1


def test_a_batch_is_not_claimed_before_it_is_due_nor_while_it_is_held(store: Store, batch_id: int) -> None:
    assert not claim(store, batch_id, "a", NOW - timedelta(seconds=1))
    assert claim(store, batch_id, "a")
    assert not claim(store, batch_id, "b", NOW + LEASE)
    assert claim(store, batch_id, "b", NOW + LEASE + timedelta(seconds=1))


def test_a_checkpoint_prolongs_the_lease(store: Store, batch_id: int) -> None:
    assert claim(store, batch_id, "a")
    assert checkpoint(store, batch_id, "a", NOW + LEASE / 2)
    assert not claim(store, batch_id, "b", NOW + LEASE + timedelta(seconds=1))


def test_who_lost_the_lease_changes_nothing(store: Store, batch_id: int) -> None:
    later = NOW + LEASE + timedelta(seconds=1)
    assert claim(store, batch_id, "slow")
    assert claim(store, batch_id, "quick", later)
    assert not checkpoint(store, batch_id, "slow", later)
    with store.begin() as session:
        assert not batches.release(session, batch_id, "slow", due_at=None)
    assert checkpoint(store, batch_id, "quick", later)
    with store.begin() as session:
        row = batches.claim(session, "normal", "third", later + 3 * LEASE, LEASE)
        assert row is not None
        assert (row["cursor"], row["sent"], row["runs"]) == (1, 1, 3)


def test_what_is_done_is_never_claimed_again(store: Store, batch_id: int) -> None:
    assert claim(store, batch_id, "a")
    with store.begin() as session:
        assert batches.release(session, batch_id, "a", due_at=None)
    assert not claim(store, batch_id, "b", NOW + timedelta(days=1))
    with store.read() as session:
        assert list(batches.due(session, NOW + timedelta(days=1))) == []


def test_what_is_to_be_tried_again_waits_for_its_time(store: Store, batch_id: int) -> None:
    assert claim(store, batch_id, "a")
    with store.begin() as session:
        assert batches.release(session, batch_id, "a", due_at=NOW + timedelta(minutes=5))
    assert not claim(store, batch_id, "b", NOW + timedelta(minutes=4))
    assert claim(store, batch_id, "b", NOW + timedelta(minutes=5))
