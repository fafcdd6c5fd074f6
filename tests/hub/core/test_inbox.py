"""What is unread, what of it is read by one tap, and which warnings hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.inbox import CLEAR, SETTLED, News, Reader, Warned, cleared, holds, is_unread, last_checked, read_through

slow_machines = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
moments = st.integers(-200, 0).map(lambda minutes: NOW + timedelta(minutes=minutes))
inboxes = st.lists(
    st.builds(News, st.integers(0, 9).map(str), moments, st.booleans(), st.booleans()),
    unique_by=lambda one: one.notice, max_size=8,
)  # fmt: skip
readers = st.builds(
    Reader, moments, st.dictionaries(st.integers(0, 9).map(str), moments).map(lambda found: tuple(found.items()))
)


def test_what_was_told_is_unread_until_it_is_read_and_again_when_it_says_something_new():
    one, reader = News("a", NOW, told=True), Reader(NOW - HOUR)
    assert is_unread(one, reader)
    read = Reader(NOW - HOUR, (("a", NOW),))
    assert not is_unread(one, read)
    assert is_unread(News("a", NOW + HOUR, told=True), read)


def test_what_was_never_told_or_is_muted_or_came_before_is_not_unread():
    reader = Reader(NOW - HOUR)
    assert not is_unread(News("a", NOW, told=False), reader)
    assert not is_unread(News("a", NOW, told=True, muted=True), reader)
    assert not is_unread(News("a", NOW - HOUR, told=True), reader)


@slow_machines
@given(inboxes, readers, moments)
def test_reading_all_reads_what_was_shown_and_nothing_else(inbox, reader, shown):
    after = read_through(reader, inbox, shown, NOW)
    for one in inbox:
        assert is_unread(one, after) == (is_unread(one, reader) and one.news_at > shown)


@slow_machines
@given(inboxes, readers, moments, moments)
def test_what_turns_up_late_is_not_read_unseen(inbox, reader, shown, late):
    after = read_through(reader, inbox, shown, NOW)
    unseen = News("late", late, told=True)
    if late > NOW - SETTLED:
        assert is_unread(unseen, after) == is_unread(unseen, reader)


@slow_machines
@given(inboxes, readers, moments)
def test_marks_behind_the_line_are_forgotten(inbox, reader, shown):
    after = read_through(reader, inbox, shown, NOW)
    assert after.until >= reader.until
    assert all(at > after.until for _, at in after.marks)
    assert read_through(after, inbox, shown, NOW) == after


@slow_machines
@given(
    st.booleans(), moments, st.none() | moments, st.integers(0, 5000).map(lambda more: NOW + timedelta(minutes=more))
)
def test_a_warning_holds_or_ended_lately_or_is_forgotten(withdrawn, changed_at, over_at, now):
    one = Warned(withdrawn, changed_at, over_at)
    assert not (holds(one, now) and cleared(one, now))
    end = changed_at if withdrawn else over_at
    if end is None:
        assert holds(one, now)
    elif not holds(one, now):
        assert cleared(one, now) == (now - end < CLEAR)


def test_sources_were_last_read_when_the_most_neglected_one_was():
    assert last_checked([NOW, NOW - HOUR]) == NOW - HOUR
    assert last_checked([NOW, None]) is None
    assert last_checked([]) is None
