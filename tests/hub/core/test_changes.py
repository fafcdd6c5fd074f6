"""What a poll means: content decides, absence cancels nothing, a date keeps its slot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.core.changes import AGREEING_POLLS, VANISH_LEAST, Decision, Known, align, decide, ended
from hub.core.codec import content_hash
from hub.core.message import Change
from hub.core.notice import Notice, NoticeText, Occurrence, Status

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
TODAY = NOW.date()


def pickup(day: date, **values: object) -> Occurrence:
    return Occurrence(key=day.isoformat(), start=day, **values)


def timetable(*days: date, **values: object) -> Notice:
    return Notice("n", "bio", "waste", "waste", (NoticeText("de", "Bio"),), occurrences=tuple(map(pickup, days)),
                  series=True, **values)  # fmt: skip


def known(decision: Decision) -> Known:
    return Known(decision.notice, decision.revision, decision.dates, withdrawn=decision.change is Change.WITHDRAWN)


def poll(state: Known | None, notice: Notice, now: datetime = NOW) -> tuple[Known, Decision]:
    decision = decide(notice, state, now)
    return known(decision), decision


days = st.integers(1, 300).map(lambda count: TODAY + timedelta(days=count))
calendars = st.lists(days, min_size=1, max_size=30, unique=True).map(sorted)
weekly = st.integers(4, 40).map(lambda weeks: [TODAY + timedelta(weeks=week + 1) for week in range(weeks)])


@given(calendars)
def test_the_same_poll_again_changes_nothing(dates: list[date]) -> None:
    state, first = poll(None, timetable(*dates))
    _, again = poll(state, timetable(*dates))
    assert again.change is None
    assert (again.dates, again.revision, again.counted) == (first.dates, 1, False)


@given(weekly, st.data())
def test_a_moved_date_keeps_its_slot(dates: list[date], data: st.DataObject) -> None:
    state, first = poll(None, timetable(*dates))
    index = data.draw(st.integers(0, len(dates) - 1))
    by = data.draw(st.integers(-6, 6).filter(lambda move: move and dates[0] + timedelta(days=move) > TODAY))
    moved = [*dates[:index], dates[index] + timedelta(days=by), *dates[index + 1 :]]
    _, second = poll(state, timetable(*moved))
    assert [one.slot for one in second.dates] == [one.slot for one in first.dates]
    changed = second.dates[index]
    assert (changed.occurrence.start, changed.sequence) == (moved[index], 1)
    assert [(one.slot, one.before.start, one.after.start) for one in second.moved] == [
        (changed.slot, dates[index], moved[index])
    ]
    assert (second.change, second.announce, second.revision) == (Change.REVISED, True, 2)


@given(weekly, st.integers(min_value=2, max_value=6))
def test_a_single_missing_date_is_gone_only_when_enough_polls_agree(dates: list[date], polls: int) -> None:
    state, _ = poll(None, timetable(*dates))
    less = timetable(*dates[:2], *dates[3:])
    for count in range(1, polls + 1):
        state, decision = poll(state, less)
        gone = [one for one in decision.dates if one.occurrence.status is Status.CANCELLED]
        assert len(gone) == (count >= AGREEING_POLLS)
        assert bool(decision.moved) == (count == AGREEING_POLLS)
    assert (gone[0].slot, gone[0].sequence) == (dates[2].isoformat(), 1)


@given(weekly, st.integers(1, 6))
def test_a_date_that_comes_back_was_never_away(dates: list[date], polls: int) -> None:
    state, first = poll(None, timetable(*dates))
    for _ in range(polls):
        state, _ = poll(state, timetable(*dates[:1], *dates[2:]))  # missed once, there again
        state, decision = poll(state, timetable(*dates))
        assert decision.dates == first.dates


@given(calendars, st.integers(1, 6))
def test_an_empty_poll_never_cancels(dates: list[date], polls: int) -> None:
    state, first = poll(None, timetable(*dates))
    for _ in range(polls):
        state, decision = poll(state, timetable())
        if len(dates) >= VANISH_LEAST:
            assert [one.occurrence for one in decision.dates] == [one.occurrence for one in first.dates]
    assert all(one.occurrence.status is Status.ACTIVE for one in decision.dates) or len(dates) < VANISH_LEAST


@given(weekly, st.integers(1, 5), st.data())
def test_half_of_the_future_gone_at_once_is_a_broken_source(dates: list[date], polls: int, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(dates), max_size=len(dates) // 2, unique=True).map(sorted))
    if len(dates) - len(kept) < VANISH_LEAST:
        kept = []
    state, _ = poll(None, timetable(*dates))
    for _ in range(polls):
        state, decision = poll(state, timetable(*kept))
        assert not decision.moved
        assert all(one.occurrence.status is Status.ACTIVE for one in decision.dates)


@given(weekly, st.integers(1, 5))
def test_the_file_of_another_year_cancels_nothing(dates: list[date], polls: int) -> None:
    state, first = poll(None, timetable(*dates))
    after = [one + timedelta(days=364) for one in dates]
    for _ in range(polls):
        state, decision = poll(state, timetable(*after))
        assert not decision.moved
        assert not any(one.sequence for one in decision.dates)
        assert {one.slot for one in first.dates} <= {one.slot for one in decision.dates}
    assert {one.occurrence.start for one in decision.dates} == {*dates, *after}


def test_the_last_pickup_of_the_year_stands_when_only_next_years_file_is_left() -> None:
    december = [date(2026, 12, 24), date(2026, 12, 31)]
    state, _ = poll(None, timetable(*december))
    following = timetable(*(date(2027, 1, 8) + timedelta(days=7 * week) for week in range(20)))
    for _ in range(4):
        state, decision = poll(state, following)
        assert all(one.occurrence.status is Status.ACTIVE for one in decision.dates)


statuses = st.sampled_from(Status)
occurrences = st.builds(
    Occurrence, key=st.sampled_from("abcdefgh"), start=days, location=st.sampled_from(["", "Rathaus"]), status=statuses
)
polls_of_anything = st.lists(
    st.lists(occurrences, max_size=8, unique_by=lambda one: one.key).map(tuple), min_size=1, max_size=6
)


@given(polls_of_anything)
def test_the_sequence_rises_exactly_when_the_date_changes(history: list[tuple[Occurrence, ...]]) -> None:
    base = timetable()
    state = None
    for found in history:
        before = {one.slot: one for one in state.dates} if state else {}
        state, decision = poll(state, replace(base, occurrences=found))
        assert len({one.slot for one in decision.dates}) == len(decision.dates)
        assert set(before) <= {one.slot for one in decision.dates}
        for one in decision.dates:
            if one.slot in before:
                changed = one.occurrence != before[one.slot].occurrence
                assert one.sequence == before[one.slot].sequence + changed
            else:
                assert one.sequence == 0


@given(polls_of_anything)
def test_the_revision_rises_exactly_when_a_reader_would_see_it(history: list[tuple[Occurrence, ...]]) -> None:
    state = None
    for found in history:
        before = state
        state, decision = poll(state, replace(timetable(), occurrences=found))
        if before is not None:
            differs = content_hash(before.notice) != content_hash(state.notice)
            assert state.revision == before.revision + differs
            assert (decision.change is Change.REVISED) == differs


@given(st.lists(occurrences, max_size=8, unique_by=lambda one: one.key), st.integers(0, 400))
def test_what_is_over_is_neither_missed_nor_announced(found: list[Occurrence], later: int) -> None:
    state, _ = poll(None, replace(timetable(), occurrences=tuple(found)))
    now = NOW + timedelta(days=later)
    dates, moved, _ = align(state.dates, timetable(), now)
    for old, new in zip(state.dates, dates, strict=True):
        if ended(old.occurrence, now):
            assert (new.missed, new.occurrence) == (0, old.occurrence)
    assert not any(ended(one.after, now) for one in moved)


def test_first_import_series_expired_and_called_off_notices_are_silent() -> None:
    notice = Notice("n", "k", "rss", "news", (NoticeText("de", "Fest"),))
    assert decide(notice, None, NOW).announce
    assert not decide(notice, None, NOW, first_import=True).announce
    assert not decide(replace(notice, series=True), None, NOW).announce
    assert not decide(replace(notice, expires=NOW), None, NOW).announce
    assert not decide(replace(notice, status=Status.CANCELLED), None, NOW).announce


def test_a_cancel_is_told_once_and_keeps_what_it_does_not_repeat() -> None:
    notice = Notice("n", "k", "rss", "news", (NoticeText("de", "Fest"),), occurrences=(pickup(TODAY),))
    state, _ = poll(None, notice)
    bare = Notice("x", "k2", "rss", "other", (), status=Status.CANCELLED, references=("k",))
    state, decision = poll(state, bare)
    assert (decision.change, decision.revision, decision.announce) == (Change.WITHDRAWN, 2, True)
    assert (decision.notice.title, decision.notice.topic, decision.notice.id) == ("Fest", "news", "n")
    assert [(one.occurrence.status, one.sequence) for one in decision.dates] == [(Status.CANCELLED, 1)]
    _, again = poll(state, bare)
    assert again.change is None


def test_numbering_and_resending_are_no_news() -> None:
    notice = Notice("n", "k", "rss", "news", (NoticeText("de", "Fest"),), sent=NOW)
    state, _ = poll(None, notice)
    _, again = poll(state, replace(notice, sent=NOW + timedelta(hours=1), references=("k0",)))
    assert again.change is None
