"""What follows from an outcome: every result has exactly one verdict, and waiting ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.message import Outcome, Result
from hub.core.settle import DEAD_AFTER, MOST_ATTEMPTS, WAITS, Settled, Verdict, backoff, is_dead, is_trouble, settle

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
jitters = st.floats(0, 1, exclude_max=True)
attempts = st.integers(1, 40)


@given(attempts, jitters)
def test_waiting_grows_and_stays_within_an_hour(tries: int, jitter: float) -> None:
    assert 7.5 <= backoff(tries, jitter) <= 3600
    assert backoff(tries, jitter) <= backoff(tries + 1, jitter)
    assert backoff(tries, 0.0) <= backoff(tries, jitter) <= 2 * backoff(tries, 0.0)


@given(st.sampled_from(Result), attempts, jitters, st.none() | st.floats(0, 100_000), st.integers(-10, 200_000))
def test_every_outcome_is_settled(result: Result, tries: int, jitter: float, after: float | None, lives: int) -> None:
    until = NOW + timedelta(seconds=lives)
    settled = settle(Outcome("1", result, retry_after=after), tries, NOW, until, jitter=jitter)
    plain = {Result.SENT: Verdict.SENT, Result.GONE: Verdict.GONE, Result.FAILED: Verdict.FAILED}
    if result in plain:
        assert settled.verdict is plain[result]
    elif tries >= MOST_ATTEMPTS and not (result is Result.RETRY and after is not None):
        assert settled.verdict is Verdict.FAILED
    assert (settled.retry_at is not None) == (settled.verdict in WAITS)
    assert settled.tried or after is not None
    if settled.retry_at is not None:
        assert NOW + timedelta(seconds=max(after or 0, 7.5)) <= settled.retry_at < until


@given(st.sampled_from([result for result in Result if result is not Result.GONE]), attempts, jitters)
def test_only_gone_ends_an_endpoint(result: Result, tries: int, jitter: float) -> None:
    settled = settle(Outcome("1", result), tries, NOW, NOW + timedelta(days=1), jitter=jitter)
    assert settled.verdict is not Verdict.GONE


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1), NOW + timedelta(seconds=5)])
def test_nothing_is_tried_again_after_its_end(until: datetime) -> None:
    assert settle(Outcome("1", Result.RETRY), 1, NOW, until).verdict is Verdict.EXPIRED


@given(jitters)
def test_a_recipient_that_never_answers_is_given_up(jitter: float) -> None:
    now, tries = NOW, 1
    while (settled := settle(Outcome("1", Result.RETRY), tries, now, NOW + timedelta(days=9), jitter=jitter)).retry_at:
        now, tries = settled.retry_at, tries + 1
    assert (settled.verdict, tries) == (Verdict.FAILED, MOST_ATTEMPTS)


@given(st.integers(1, 1000), jitters)
def test_a_pause_that_the_service_asked_for_drops_nobody(tries: int, jitter: float) -> None:
    asked = Outcome("1", Result.RETRY, status=429, retry_after=60.0)
    settled = settle(asked, tries, NOW, NOW + timedelta(days=9), jitter=jitter)
    assert (settled.verdict, settled.tried) == (Verdict.RETRY, False)


def test_a_fault_of_our_own_is_marked_and_speaks_against_no_endpoint() -> None:
    refused = Outcome("1", Result.MARKED, status=403)
    assert settle(refused, 1, NOW, NOW + timedelta(days=1)).verdict is Verdict.MARKED
    assert not is_trouble(refused)
    assert not is_trouble(Outcome("1", Result.RETRY, status=429, retry_after=5.0))
    assert is_trouble(Outcome("1", Result.RETRY, status=503))
    assert not is_trouble(Outcome("1", Result.FAILED, detail="could not be rendered"))


@pytest.mark.parametrize(
    ("verdict", "since", "dead"),
    [
        (Verdict.EXPIRED, DEAD_AFTER, True),
        (Verdict.FAILED, DEAD_AFTER, True),
        (Verdict.EXPIRED, DEAD_AFTER - timedelta(seconds=1), False),
        (Verdict.RETRY, DEAD_AFTER * 2, False),
        (Verdict.SENT, DEAD_AFTER * 2, False),
    ],
)
def test_an_endpoint_is_dead_when_it_only_failed_for_14_days(verdict: Verdict, since: timedelta, dead: bool) -> None:
    assert is_dead(Settled(verdict), NOW - since, NOW) is dead
    assert not is_dead(Settled(verdict), None, NOW)
