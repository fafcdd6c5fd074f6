"""What a bounce means for an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.core.bounces import Ruling, Sort, Trouble, rule

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def run(*hours):
    """Soft bounces so many hours after the first; returns the last ruling."""
    known, ruling = Trouble(), Ruling()
    for hour in hours:
        ruling = rule(Sort.SOFT, known, NOW + timedelta(hours=hour))
        known = ruling.trouble or known
    return ruling


def test_hard_bounces_and_complaints_end_at_once():
    assert rule(Sort.HARD, Trouble(), NOW) == Ruling("bounced")
    assert rule(Sort.COMPLAINT, Trouble(), NOW) == Ruling("complained")


def test_anything_else_changes_nothing():
    assert rule(Sort.NOTHING, Trouble(NOW, 9), NOW + timedelta(days=9)) == Ruling()


def test_soft_bounces_count_and_end_after_72_hours():
    assert run(0).trouble == Trouble(NOW, 1)
    assert run(0, 1, 2, 3, 40, 71.9).ended_why == ""
    assert run(0, 36, 72).ended_why == "bounced"
    assert run(0, 72).ended_why == ""  # two are no pattern
    assert run(0, 24 * 7, 24 * 14).ended_why == "bounced"  # a weekly digest


def test_an_old_bounce_is_forgotten():
    assert run(0, 1, 24 * 16).trouble == Trouble(NOW + timedelta(days=16), 1)


@given(st.lists(st.floats(0, 71.9), min_size=1, max_size=30))
def test_within_72_hours_no_soft_bounce_ends(hours):
    assert run(*sorted(hours)).ended_why == ""
