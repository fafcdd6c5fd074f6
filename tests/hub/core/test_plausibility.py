"""What is believed: whole answers, single items, and the gaps of a snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.absence import gaps
from hub.core.changes import Absence, KnownDate
from hub.core.notice import Geometry, Notice, NoticeText, Occurrence, PlaceRef, Severity, Status
from hub.core.plausibility import (
    Answer,
    Doubt,
    Doubted,
    Hold,
    Home,
    Outlook,
    Where,
    fingerprint,
    hold,
    is_news,
    judge,
    look_ahead,
    whereabouts,
)

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
TODAY = NOW.date()
ALERT = Notice("n", "a1", "cap", "warnings", (NoticeText("de", "Sturm"),), severity=Severity.SEVERE, sent=NOW)
HOME = Home(("053580016016",), (6.4, 50.7))
BERLIN = "110000000000"


def timetable(*days: date) -> Notice:
    dates = tuple(Occurrence(day.isoformat(), day) for day in days)
    return Notice("n", "bio", "waste", "waste", (NoticeText("de", "Bio"),), occurrences=dates, series=True)


def known(*days: date, missed: int = 0) -> list[KnownDate]:
    return [KnownDate(day.isoformat(), Occurrence(day.isoformat(), day), missed=missed) for day in days]


WEEKS = [TODAY + timedelta(weeks=week) for week in range(1, 11)]
answers = st.builds(
    Answer, st.integers(0, 30), st.integers(0, 5), st.sampled_from("abc"), st.booleans(), st.booleans()
)  # fmt: skip
outlooks = st.integers(0, 40).flatmap(
    lambda expected: st.builds(Outlook, st.booleans(), st.just(expected), st.integers(0, expected))
)
doubts = st.builds(Doubted, st.sampled_from(["", "a", "b"]), st.integers(0, 4), st.sampled_from(["", "a"]))


@given(answers, outlooks, doubts)
def test_what_is_held_is_acted_on_at_the_second_poll_that_says_the_same_or_at_the_editors_word(
    answer: Answer, outlook: Outlook, doubted: Doubted
) -> None:
    verdict = judge(answer, outlook, doubted, first_import=False)
    if not verdict.act:
        again = judge(answer, outlook, Doubted(answer.digest, verdict.polls), first_import=False)
        assert again.act or verdict.polls == 0
        trusted = judge(answer, outlook, Doubted(trusted=answer.digest), first_import=False)
        assert (trusted.act, trusted.absence) == (True, Absence.BELIEVED)
        other = judge(replace(answer, digest="z"), outlook, Doubted(answer.digest, 1), first_import=False)
        assert (other.act, other.polls) == (False, 1)


@given(answers, outlooks, doubts)
def test_an_empty_partial_or_half_read_answer_concludes_nothing_without_the_editor(
    answer: Answer, outlook: Outlook, doubted: Doubted
) -> None:
    verdict = judge(answer, outlook, doubted, first_import=False)
    if answer.partial or answer.refused or not answer.notices:
        assert verdict.absence is not Absence.COUNTED
    assert (verdict.absence is Absence.BELIEVED) == (answer.digest == doubted.trusted)


@given(answers, outlooks, doubts)
def test_warnings_and_parts_are_never_kept_back_whole(answer: Answer, outlook: Outlook, doubted: Doubted) -> None:
    if answer.warns or answer.partial:
        assert judge(answer, outlook, doubted, first_import=False).act


@given(answers, outlooks, doubts)
def test_the_first_import_has_nothing_to_lose(answer: Answer, outlook: Outlook, doubted: Doubted) -> None:
    verdict = judge(answer, outlook, doubted, first_import=True)
    assert verdict.act
    assert verdict.doubt == (Doubt.EMPTY if answer.notices == answer.refused == 0 else None)


@pytest.mark.parametrize(
    ("answer", "outlook", "doubt"),
    [
        (Answer(0, 0, "a"), Outlook(live=True), Doubt.EMPTY),
        (Answer(0, 4, "a"), Outlook(live=True), Doubt.UNREADABLE),
        (Answer(0, 0, "a"), Outlook(live=False), None),
        (Answer(5, 0, "a"), Outlook(expected=10, missing=5), Doubt.HALF),
        (Answer(5, 0, "a"), Outlook(expected=10, missing=4), None),
        (Answer(1, 0, "a"), Outlook(expected=2, missing=2), None),
        (Answer(1, 0, "a"), Outlook(expected=3, missing=3), Doubt.HALF),
    ],
)
def test_why_an_answer_is_doubted(answer: Answer, outlook: Outlook, doubt: Doubt | None) -> None:
    assert judge(answer, outlook, Doubted(), first_import=False).doubt == doubt


def test_half_a_calendar_is_seen_and_a_moved_date_is_none() -> None:
    ahead = {"n": known(*WEEKS)}
    half = look_ahead(ahead, {"n": [timetable(*WEEKS[:5])]}, NOW, live=False)
    assert (half.expected, half.missing) == (10, 5)
    moved = look_ahead(ahead, {"n": [timetable(*WEEKS[:9], WEEKS[9] + timedelta(days=1))]}, NOW, live=False)
    assert moved.missing == 0
    assert look_ahead(ahead, {}, NOW, live=False).missing == 10


def test_what_was_missed_before_is_not_expected_again() -> None:
    ahead = {"n": [*known(*WEEKS[:5]), *known(*WEEKS[5:], missed=1)]}
    found = look_ahead(ahead, {"n": [timetable(*WEEKS[:5])]}, NOW, live=False)
    assert (found.expected, found.missing) == (5, 0)


def test_another_years_file_is_no_half_calendar() -> None:
    ahead = {"n": known(*WEEKS[:5])}
    following = timetable(*(day + timedelta(weeks=60) for day in WEEKS))
    assert look_ahead(ahead, {"n": [following]}, NOW, live=False).missing == 0


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-1, 1)), st.sets(st.sampled_from("abcdefgh")))
def test_a_snapshot_ends_only_what_two_polls_missed_and_only_the_smaller_part(
    live: dict[str, int], seen: set[str]
) -> None:
    found = gaps(live, seen, Absence.COUNTED)
    missing = {one for one in live if one not in seen}
    insisted = {one for one in missing if live[one] < 0}
    assert set(found.ended) | set(found.missed) | set(found.asked) == missing - insisted
    assert all(live[one] == 1 for one in (*found.ended, *found.asked))
    if len(missing) >= 3 and len(missing) * 2 >= len(live):
        assert found.ended == ()
    else:
        assert found.asked == ()
    assert set(found.back) == {one for one in live if one in seen and live[one]}
    nothing = gaps(live, seen, Absence.NOTHING)
    assert (nothing.ended, nothing.missed, nothing.asked) == ((), (), ())
    assert set(gaps(live, seen, Absence.BELIEVED).ended) == missing


def test_equal_answers_agree_in_any_order_and_numbering() -> None:
    one, two = timetable(WEEKS[0]), replace(ALERT, sent=NOW)
    assert fingerprint([one, two], ["x"]) == fingerprint([replace(two, sent=NOW + timedelta(hours=1)), one], ["x"])
    assert fingerprint([one, two], []) != fingerprint([one], [])
    assert fingerprint([one], ["x"]) != fingerprint([one], [])


def square(lon: float, lat: float, size: float = 0.1) -> Geometry:
    ring = ((lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), (lon, lat))
    return Geometry(polygons=(ring,))


@pytest.mark.parametrize(
    ("places", "paths", "geometry", "expected"),
    [
        ((), (), None, Where.NOWHERE),
        ((), (), square(6.4, 50.7), Where.HERE),
        ((), (), square(50.7, 6.4), Where.FAR),  # swapped
        ((), (), square(11.5, 48.1), Where.FAR),
        ((), (), square(-180, -90, 360), Where.NOWHERE),  # the world
        ((), (), Geometry(circles=(((6.4, 50.7), 5000.0),)), Where.NOWHERE),
        ((), (), Geometry(), Where.NOWHERE),
        (("ars",), ("053580016016",), None, Where.HERE),
        (("ars",), ("05358",), None, Where.HERE),
        (("ars",), ("05",), None, Where.HERE),
        (("ars",), ("053580004004",), None, Where.HERE),  # the same Kreis
        (("ars",), (BERLIN,), None, Where.NAMED_ELSEWHERE),
        (("ars",), (BERLIN,), square(6.4, 50.7), Where.HERE),
        (("ars",), (), None, Where.NOWHERE),  # a code that nobody knows
        (("ars",), (BERLIN, "053580016016"), square(13.4, 52.5), Where.HERE),
    ],
)
def test_where_an_area_is_seen_from_here(
    places: tuple[str, ...], paths: tuple[str, ...], geometry: Geometry | None, expected: Where
) -> None:
    refs = tuple(PlaceRef(scheme, "1") for scheme in places)
    notice = replace(ALERT, places=refs, geometry=geometry)
    assert whereabouts(notice, paths, HOME, {BERLIN: (13.4, 52.5)}) is expected


def test_without_a_known_centre_coordinates_cannot_be_judged() -> None:
    notice = replace(ALERT, geometry=square(11.5, 48.1))
    assert whereabouts(notice, (), Home(("053580016016",)), {}) is Where.HERE


@pytest.mark.parametrize(
    ("notice", "where", "known", "expected"),
    [
        (ALERT, Where.HERE, False, None),
        (replace(ALERT, sent=NOW + timedelta(minutes=10)), Where.HERE, False, None),
        (replace(ALERT, sent=NOW + timedelta(minutes=11)), Where.HERE, True, Hold.FUTURE),
        (replace(ALERT, kind="rss", topic="news", sent=NOW + timedelta(days=1)), Where.HERE, False, Hold.FUTURE),
        (ALERT, Where.NOWHERE, False, Hold.NO_AREA),
        (ALERT, Where.NOWHERE, True, Hold.NO_AREA),
        (replace(ALERT, status=Status.CANCELLED), Where.NOWHERE, True, None),
        (ALERT, Where.FAR, False, Hold.ELSEWHERE),
        (ALERT, Where.FAR, True, Hold.ELSEWHERE),
        (ALERT, Where.NAMED_ELSEWHERE, False, Hold.ELSEWHERE),
        (ALERT, Where.NAMED_ELSEWHERE, True, None),
        (replace(ALERT, kind="roads", topic="roads"), Where.FAR, False, None),
    ],
)
def test_why_an_item_is_held(notice: Notice, where: Where, known: bool, expected: Hold | None) -> None:
    assert hold(notice, where, NOW, known=known) is expected


def test_no_severe_warning_is_part_of_a_flood() -> None:
    assert not is_news(ALERT, NOW)
    assert is_news(replace(ALERT, severity=Severity.MODERATE), NOW)
    assert not is_news(timetable(TODAY), NOW)
    assert not is_news(replace(ALERT, severity=Severity.MINOR, expires=NOW), NOW)
