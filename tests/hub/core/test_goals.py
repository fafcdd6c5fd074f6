"""When the recipients of a batch were told, and what that means for the month's goal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.core.fanout import Lane
from hub.core.goals import TARGET, budget_used, tallied, told_at

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ROW = {
    "sent": 10, "failed": 0, "expired": 0, "lane": Lane.NORMAL, "seen_at": NOON, "created_at": NOON, "wanted_at": NOON,
    "first_at": NOON + timedelta(seconds=2), "done_at": NOON + timedelta(seconds=4),
}  # fmt: skip


def test_a_batch_of_one_round_was_told_when_it_was_done() -> None:
    assert told_at(ROW, ()) == {NOON + timedelta(seconds=4): 10}


def test_a_batch_that_still_goes_on_was_told_when_it_began() -> None:
    assert told_at(ROW | {"done_at": None}, ()) == {NOON + timedelta(seconds=2): 10}


def test_who_needed_more_tries_was_told_later_than_the_others() -> None:
    late = NOON + timedelta(hours=1)
    assert told_at(ROW | {"done_at": late}, (late,)) == {NOON + timedelta(seconds=2): 9, late: 1}


def test_what_may_be_late_is_used_up_by_a_thousandth() -> None:
    assert budget_used(None) is None
    assert budget_used(1.0) == 0
    assert budget_used(TARGET) == pytest.approx(1)
    assert budget_used(0.99) == pytest.approx(10)


def test_one_that_was_given_up_hours_later_makes_no_other_late() -> None:
    row = ROW | {"sent": 9, "expired": 1, "done_at": NOON + timedelta(hours=5)}
    assert told_at(row, (), later=True) == {NOON + timedelta(seconds=2): 9}
    found = tallied(row, (), later=True)
    assert (found.kept, found.late, found.lost) == (9, 0, 1)
