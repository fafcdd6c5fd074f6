"""What follows from an outcome: every result has exactly one verdict, and waiting ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.message import Outcome, Result
from hub.core.settle import MOST_ATTEMPTS, Verdict, backoff, settle

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
    elif tries >= MOST_ATTEMPTS:
        assert settled.verdict is Verdict.FAILED
    assert (settled.retry_at is not None) == (settled.verdict is Verdict.RETRY)
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
