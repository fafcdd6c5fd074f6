"""What a form is made of: wall time, plans of dates, likeness, differences, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import wallclock
from hub.core.alike import Told, alike
from hub.core.comparing import Turn, compare, pieces
from hub.core.draft import Area, Attachment, Draft
from hub.core.missing import Desk, Fault, Problem, full, problems, stand_ins, usual_end
from hub.core.notice import NoticeText, Occurrence, Severity
from hub.core.repeating import Planned, dates, plan
from hub.core.wallclock import Remark

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DRAFT = Draft(
    topic="news", texts=(NoticeText("de", "Rohrbruch", "Ein Rohr ist gebrochen.", instruction="Wasser abstellen."),),
    areas=(Area("huertgenwald"),), expires=NOW + timedelta(hours=8),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("08:00", time(8)), ("8.30", time(8, 30)), ("8 Uhr", time(8)), ("24:00", time(23, 59)), ("07:05:00", time(7, 5))],
)
def test_times_are_read_as_people_type_them(typed: str, expected: time) -> None:
    assert wallclock.time_of(typed) == expected


@pytest.mark.parametrize("typed", ["", "25:00", "acht", "8:7", "12:60"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"time|must be|hour|minute"):
        wallclock.time_of(typed)


def test_days_are_read_as_people_and_browsers_write_them() -> None:
    assert wallclock.day_of("24.11.2026") == wallclock.day_of("2026-11-24") == date(2026, 11, 24)
    with pytest.raises(ValueError, match="day"):
        wallclock.day_of("31.2.2026")


@pytest.mark.parametrize(
    ("day", "at", "utc", "remark"),
    [
        (date(2026, 11, 24), time(8), "2026-11-24T07:00", None), (date(2026, 7, 1), time(8), "2026-07-01T06:00", None),
        (date(2027, 3, 28), time(2, 30), "2027-03-28T01:30", Remark.GAP),
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30", Remark.FOLD),
    ],
)  # fmt: skip
def test_the_nights_when_clocks_change_are_remarked_on(day, at, utc, remark) -> None:
    found = wallclock.shown(day, at, ZONE)
    assert (found.moment, found.remark) == (datetime.fromisoformat(utc).replace(tzinfo=UTC), remark)


def test_a_plan_becomes_dates_and_weekly_ones_keep_their_hour_across_the_change() -> None:
    made = dates([Planned(date(2027, 3, 15), time(8), time(12), date(2027, 4, 5), "Wasser aus")], ZONE)
    assert [one.key for one in made] == ["2027-03-15T0800", "2027-03-22T0800", "2027-03-29T0800", "2027-04-05T0800"]
    assert [one.start.hour for one in made] == [7, 7, 6, 6]  # type: ignore[union-attr]
    assert all(one.end - one.start == timedelta(hours=4) and one.summary == "Wasser aus" for one in made)


def test_an_end_before_the_begin_is_on_the_next_day_and_a_day_without_hours_is_whole() -> None:
    night, whole = dates([Planned(date(2026, 12, 1), time(22), time(5)), Planned(date(2026, 12, 2))], ZONE)
    assert night.end - night.start == timedelta(hours=7)
    assert whole.all_day


def test_too_many_dates_and_a_week_that_ends_first_are_refused() -> None:
    for last in (date(2030, 1, 1), date(2026, 11, 1)):
        with pytest.raises(ValueError, match=r"too many|before it begins"):
            dates([Planned(date(2026, 12, 1), weekly=last)], ZONE)


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
hours = st.times().map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))
lines = st.builds(
    lambda day, span, weeks, what: Planned(
        day, *(span or (None, None)), day + timedelta(weeks=weeks) if weeks else None, what
    ),
    days, st.none() | st.tuples(hours, st.none() | hours), st.integers(0, 10), st.sampled_from(["", "Wasser aus"]),
)  # fmt: skip


@given(st.lists(lines, max_size=4))
def test_a_plan_read_from_dates_makes_the_same_dates(given_plan) -> None:
    made = dates(given_plan, ZONE)
    again = dates(plan(made, ZONE), ZONE)
    assert [one.key for one in again] == [one.key for one in made]
    assert [one.summary for one in again] == [one.summary for one in made]


def told(title: str = "Rohrbruch in der Kölner Straße", **more) -> Told:
    return Told(**{"topic": "news", "title": title, "text": "", "begin": NOW, "end": NOW + timedelta(hours=8), **more})


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (told("Rohrbruch Kölner Str."), True), (told("ROHRBRUCH in der Koelner Straße!"), True),
        (told("Sommerfest am See"), False), (told(topic="roads"), False),
        (told(begin=NOW + timedelta(hours=9)), False), (told(end=None, begin=NOW - timedelta(days=3)), True),
        (told(places=frozenset({"a/street:koelner-strasse"})), True),
        (told(places=frozenset({"a/street:ahornweg"})), False),
        (told(places=frozenset({"a/street:koelner-strasse/house:1-7"})), True),
        (told("Wasser", text="Rohrbruch in der Kölner Straße: bis 18 Uhr kein Wasser."), True),
    ],
)  # fmt: skip
def test_who_told_it_already_is_found(other: Told, same: bool) -> None:
    mine = told(text="Kein Wasser bis 18 Uhr", places=frozenset({"a/street:koelner-strasse"}))
    assert alike(mine, [other]) == [other] * same


def test_the_most_alike_comes_first() -> None:
    near, nearest = told("Rohrbruch Kölner Allee", ref="b"), told(ref="a")
    assert [one.ref for one in alike(told(), [near, nearest])] == ["a", "b"]


@given(st.text(alphabet="ab .,\n"), st.text(alphabet="ab .,\n"))
def test_pieces_make_both_texts(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(one.words for one in found if one.turn is not Turn.GONE) == after
    old = "".join(one.words for one in found if one.turn is not Turn.COME)
    assert old == before


def test_versions_are_compared_field_by_field_and_language_by_language() -> None:
    later = replace(
        DRAFT, severity=Severity.MINOR,
        texts=(replace(DRAFT.texts[0], body="Ein Rohr ist undicht."), NoticeText("en", "Burst pipe")),
    )  # fmt: skip
    found = compare(DRAFT, later)
    assert [(one.field, one.lang) for one in found] == [("body", "de"), ("title", "en"), ("severity", "")]
    assert [(one.turn.value, one.words) for one in found[0].pieces][1:3] == [("gone", "gebrochen"), ("come", "undicht")]
    assert compare(DRAFT, DRAFT) == ()


def text(**more: str) -> NoticeText:
    return replace(DRAFT.texts[0], **more)


@pytest.mark.parametrize(
    ("changed", "field", "fault"),
    [
        ({"topic": ""}, "topic", Fault.NO_TOPIC), ({"texts": ()}, "title", Fault.NO_TITLE),
        ({"texts": (text(title=" "),)}, "de.title", Fault.NO_TITLE),
        ({"texts": (text(title="x" * 91),)}, "de.title", Fault.LONG_TITLE),
        ({"texts": (text(body=""),)}, "de.body", Fault.NO_TEXT),
        ({"texts": (text(body="x" * 6001),)}, "de.body", Fault.LONG_TEXT),
        ({"texts": (text(title="Rohrbruch: [Straße]"),)}, "de.title", Fault.PLACEHOLDER),
        ({"texts": (text(instruction="Bis [Uhrzeit] abkochen."),)}, "de.instruction", Fault.PLACEHOLDER),
        ({"texts": (text(), text(lang="en"))}, "en.body", Fault.TWICE),
        ({"texts": (text(instruction=""),), "severity": Severity.SEVERE}, "de.instruction", Fault.NO_INSTRUCTION),
        ({"areas": ()}, "where", Fault.NOWHERE), ({"expires": None}, "until", Fault.NO_END),
        ({"expires": NOW}, "until", Fault.ENDED), ({"valid_from": NOW + timedelta(hours=8)}, "until", Fault.END_FIRST),
        ({"send_at": NOW + timedelta(hours=8)}, "send", Fault.SENT_LATE),
        ({"expires": NOW + timedelta(days=367)}, "until", Fault.END_FAR),
        ({"occurrences": (Occurrence("a", NOW, NOW - timedelta(hours=1)),)}, "dates", Fault.DATE_ENDS_FIRST),
        ({"occurrences": (Occurrence("a", NOW + timedelta(hours=9)),)}, "dates", Fault.DATE_LATE),
        ({"attachments": (Attachment("a.jpg", "", "image/jpeg", 1),)}, "file0.title", Fault.UNTITLED),
    ],
)  # fmt: skip
def test_each_thing_that_is_missing_is_said_at_its_field(changed, field: str, fault: Fault) -> None:
    assert problems(DRAFT, Desk(ZONE), NOW) == ()
    found = problems(replace(DRAFT, **changed), Desk(ZONE), NOW)
    assert [(one.field, one.fault) for one in found] == [(field, fault)]


def test_who_writes_for_others_tells_its_own_town_too() -> None:
    assert problems(DRAFT, Desk(ZONE, town="huertgenwald"), NOW) == ()
    found = problems(DRAFT, Desk(ZONE, town="nachbar"), NOW)
    assert [(one.field, one.fault) for one in found] == [("where", Fault.NOWHERE)]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_an_end_is_a_time_that_people_name(moment: datetime) -> None:
    found = full(moment)
    assert timedelta(0) <= found - moment < timedelta(minutes=5)
    assert (found.minute % 5, found.second, found.microsecond) == (0, 0, 0)


def test_a_club_keeps_to_its_topic_and_warns_nobody() -> None:
    found = problems(replace(DRAFT, severity=Severity.MINOR), Desk(ZONE, "events"), NOW)
    assert found == (Problem("topic", Fault.CLUB_TOPIC), Problem("severity", Fault.CLUB_SEVERITY))


def test_an_end_is_proposed_the_sooner_the_worse_it_is() -> None:
    found = [usual_end(one, NOW) for one in Severity]
    assert found == sorted(found, reverse=True)
    assert all(problems(replace(DRAFT, expires=one), Desk(ZONE), NOW) == () for one in found)


@pytest.mark.parametrize(
    ("has", "missing"),
    [
        (["de"], [("de-simple", "de"), ("en", "de"), ("tr", "de")]), (["de", "de-simple", "en"], [("tr", "de")]),
        (["en", "de-simple"], [("de", "de-simple"), ("tr", "en")]), ([], []),
    ],
)  # fmt: skip
def test_who_gets_another_language_is_said(has: list[str], missing: list[tuple[str, str]]) -> None:
    draft = replace(DRAFT, texts=tuple(NoticeText(lang, "x") for lang in has))
    assert stand_ins(draft, ["de", "de-simple", "en", "tr"]) == missing
