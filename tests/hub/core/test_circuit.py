"""Circuits: a service that is down is left alone, one probe asks again, and its rate rises slowly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.circuit import FULL_RATE, OPENS_AFTER, Gate, Service, asked, gate, is_down, opened, pace, reserve, worked
from hub.core.message import Outcome, Result

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
jitters = st.floats(0, 1, exclude_max=True)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), jitters)
def test_an_outage_makes_pauses_longer_up_to_five_minutes(rounds: list[int], jitter: float) -> None:
    service, now, before = Service(), NOW, 0.0
    for failures in rounds:
        service = opened(service, failures, now, jitter)
        if service.failures < OPENS_AFTER:
            assert gate(service, now) is Gate.OPEN
            continue
        assert service.paused_until is not None
        assert gate(service, now) is Gate.WAIT
        wait = (service.paused_until - now).total_seconds()
        assert 7.5 <= wait <= 300
        assert wait >= before - 1e-5
        before, now = wait, service.paused_until
        assert gate(service, now) is Gate.PROBE


@given(st.floats(0, 86_400), st.integers(0, 20_000), st.floats(1, 50_000), jitters)
def test_a_pause_that_was_asked_for_is_kept_to_the_second(
    seconds: float, rate: int, seen: float, jitter: float
) -> None:
    after = asked(Service(rate=rate), seconds, seen, NOW, jitter)
    assert after.paused_until is not None
    assert after.paused_until >= NOW + timedelta(seconds=seconds)
    assert 1 <= after.rate <= max(1, (rate or min(seen, FULL_RATE)) / 2)
    assert gate(after, after.paused_until) is Gate.OPEN  # it answered: no probe needed


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    long = asked(Service(), 600, 100, NOW, 0.0)
    assert asked(long, 5, 100, NOW, 0.0).paused_until == long.paused_until


def test_after_an_outage_a_service_starts_slowly_and_becomes_free_again() -> None:
    service = worked(opened(Service(), OPENS_AFTER, NOW, 0.5))
    assert (service.failures, service.paused_until, service.rate) == (0, None, 50)
    rounds = 0
    while service.rate:
        faster = worked(service)
        assert faster.rate == 0 or service.rate < faster.rate <= service.rate * 1.1 + 1
        service, rounds = faster, rounds + 1
    assert 30 <= rounds <= 100


def test_what_works_stays_as_it_is() -> None:
    assert worked(Service()) == Service()


@pytest.mark.parametrize(
    ("rate", "most", "allowed"), [(0, 0, 0), (100, 0, 100), (0, 70, 70), (100, 70, 70), (50, 70, 50)]
)
def test_the_smaller_limit_holds(rate: int, most: int, allowed: int) -> None:
    assert pace(Service(rate=rate), most) == allowed
    assert pace(None, most) == most


def test_a_rate_is_promised_to_one_batch_at_a_time() -> None:
    first = reserve(Service(), 500, 100, NOW)
    assert first is not None
    assert first.free_at == NOW + timedelta(seconds=5)
    assert reserve(first, 500, 100, NOW + timedelta(seconds=4)) is None
    assert reserve(first, 500, 100, NOW + timedelta(seconds=5)) is not None


@pytest.mark.parametrize(
    ("result", "status", "down"),
    [
        (Result.RETRY, 0, True),
        (Result.RETRY, 429, True),
        (Result.RETRY, 503, True),
        (Result.RETRY, 421, True),
        (Result.RETRY, 450, False),  # a mailbox, not the server
        (Result.GONE, 410, False),
        (Result.SENT, 201, False),
        (Result.FAILED, 413, False),
    ],
)
def test_a_service_is_down_when_it_does_not_answer_or_has_a_fault_of_its_own(
    result: Result, status: int, down: bool
) -> None:
    assert is_down(Outcome("1", result, status=status)) is down
