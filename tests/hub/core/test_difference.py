"""What changed between two revisions: fields in their order, said once, in words that a reader compares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.changes import Moved
from hub.core.difference import EXCERPT, difference, excerpts
from hub.core.notice import (
    Fact,
    Link,
    Notice,
    NoticeText,
    Occurrence,
    PlaceRef,
    Severity,
    Status,
    Value,
)

START = datetime(2027, 1, 12, 9, tzinfo=UTC)
LATER = START + timedelta(days=7)
TENDER = Notice(
    "n", "k", "tenders", "tenders", (NoticeText("de", "Kita", "Bis zum 12. Januar."), NoticeText("en", "Nursery")),
    deadline=START, expires=START, value=Value(1000.0), cpv=("45214100",), publisher="Stadt",
    occurrences=(Occurrence("deadline", START),), places=(PlaceRef("plz", "52511", "Geilenkirchen"),),
    facts=(Fact("stage", "tender"), Fact("lot.1.deadline", "2027-01-12T10:00:00+01:00")),
    links=(Link("documents", "https://a.example/x/plan.pdf"),),
)  # fmt: skip


def names(*args, **options):
    return [one.name for one in difference(*args, **options)]


def test_a_moved_deadline_is_said_once_although_four_fields_hold_it():
    after = replace(
        TENDER, deadline=LATER, expires=LATER, occurrences=(Occurrence("deadline", LATER),),
        facts=(Fact("stage", "tender"), Fact("lot.1.deadline", "2027-01-19T10:00:00+01:00")),
    )  # fmt: skip
    (change,) = difference(TENDER, after)
    assert (change.name, change.before, change.after) == ("deadline", START.isoformat(), LATER.isoformat())


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"deadline": None}, [("deadline", START.isoformat(), "")]),
        ({"value": Value(2000.0, "SEK")}, [("value", "1000.00 EUR", "2000.00 SEK")]),
        ({"value": None}, [("value", "1000.00 EUR", "")]),
        ({"cpv": ("45214100", "90610000")}, [("cpv", "45214100", "45214100, 90610000")]),
        ({"places": (PlaceRef("plz", "52525", "Heinsberg"),)}, [("places", "Geilenkirchen", "Heinsberg")]),
        ({"valid_from": START}, [("valid_from", "", START.isoformat())]),
        ({"publisher": "Kreis"}, [("publisher", "Stadt", "Kreis")]),
        ({"status": Status.CANCELLED}, [("status", "active", "cancelled")]),
        ({"facts": TENDER.facts[1:]}, [("stage", "tender", "")]),
        ({"facts": (*TENDER.facts, Fact("detour", "über Hänichen"))}, [("detour", "", "über Hänichen")]),
        ({"links": (Link("documents", "https://a.example/neu.pdf?x=1"),)}, [("links", "plan.pdf", "neu.pdf")]),
        ({"occurrences": ()}, [("date", START.isoformat(), "")]),
        ({"texts": (NoticeText("de", "Kindergarten", "Bis zum 12. Januar."),)}, [("title", "Kita", "Kindergarten")]),
        ({"texts": (NoticeText("de", "Kita", "Bis zum 19. Januar."),)},
         [("text", "Bis zum »12.« Januar.", "Bis zum »19.« Januar.")]),
        ({"texts": (NoticeText("de", "Kita", "Bis  zum\n12. Januar."),)}, []),
        ({"sent": START, "references": ("x",), "id": "other", "key": "other"}, []),
    ],
)  # fmt: skip
def test_every_field_that_a_reader_sees(changed, found):
    assert [(one.name, one.before, one.after) for one in difference(TENDER, replace(TENDER, **changed))] == found


def test_the_most_important_comes_first():
    after = replace(
        TENDER, deadline=LATER, value=Value(5.0), cpv=(), places=(), publisher="X", valid_from=START,
        texts=(NoticeText("de", "Neu", "Neu"),), facts=(Fact("stage", "award2"), Fact("detour", "x")), links=(),
    )  # fmt: skip
    assert names(TENDER, after)[:4] == ["stage", "deadline", "lot.1.deadline", "valid_from"]
    assert names(TENDER, after)[-1] == "text"
    assert names(TENDER, after).index("places") < names(TENDER, after).index("value")


def lots(*days):
    """A tender whose lots close on these days of January."""
    moments = [datetime(2027, 1, day, 9, tzinfo=UTC) for day in days]
    dates = tuple(Occurrence(f"deadline:{number}", at) for number, at in enumerate(moments, 1))
    facts = tuple(Fact(f"lot.{number}.deadline", at.isoformat()) for number, at in enumerate(moments, 1))
    return replace(
        TENDER, deadline=min(moments), expires=max(moments), facts=facts,
        occurrences=dates if len(set(days)) > 1 else (Occurrence("deadline", moments[0]),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ((12, 15), (19, 15), [("lot.1.deadline", 12, 19)]),  # the whole's would say "12 to 15"
        ((12, 15), (19, 19), [("lot.1.deadline", 12, 19), ("lot.2.deadline", 15, 19)]),
        ((12, 12), (19, 19), [("deadline", 12, 19)]),
        ((12, 12), (12, 19), [("lot.2.deadline", 12, 19)]),
        ((12, 15), (12, 15), []),
    ],
)
def test_lots_that_change_differently_speak_for_themselves(before, after, found):
    told = [(one.name, int(one.before[8:10]), int(one.after[8:10])) for one in difference(lots(*before), lots(*after))]
    assert told == found


def test_an_award_does_not_announce_that_the_deadline_is_gone():
    after = replace(TENDER, deadline=None, expires=None, occurrences=(), facts=(Fact("stage", "award"),))
    assert [(one.name, one.after) for one in difference(TENDER, after)] == [("stage", "award")]


def test_a_reader_of_another_language_compares_that_language():
    after = replace(TENDER, texts=(TENDER.texts[0], NoticeText("en", "Kindergarten")))
    assert names(TENDER, after) == []
    assert [(one.before, one.after) for one in difference(TENDER, after, language="en")] == [
        ("Nursery", "Kindergarten")
    ]


def test_a_warnings_text_is_never_quoted_in_part():
    storm = replace(TENDER, severity=Severity.SEVERE, facts=(), deadline=None)
    after = replace(storm, severity=Severity.EXTREME, texts=(NoticeText("de", "Kita", "Ganz anders."),))
    assert [(one.name, one.before, one.after) for one in difference(storm, after)] == [
        ("severity", "severe", "extreme"), ("text", "", ""),
    ]  # fmt: skip


NIGHTS = tuple(Occurrence(f"n{day}", date(2027, 1, day), summary=f"Nacht {day}") for day in (11, 12, 13))


def test_dates_of_several_say_which_one_moved_and_a_past_one_that_is_gone_is_no_news():
    road = Notice("r", "r", "roads", "roads", (NoticeText("de", "A 1"),), occurrences=NIGHTS)
    after = replace(
        road, occurrences=(replace(NIGHTS[1], location="Brücke"), replace(NIGHTS[2], start=date(2027, 1, 20)))
    )
    now = datetime(2027, 1, 12, 12, tzinfo=UTC)
    found = difference(road, after, at=now)
    assert [(one.name, one.before, one.after, one.about) for one in found] == [
        ("date", "2027-01-13", "2027-01-20", "Nacht 13"),
        ("location", "", "Brücke", "Nacht 12"),
    ]
    assert ("date", "2027-01-11", "") in [(one.name, one.before, one.after) for one in difference(road, after)]


def test_a_timetable_tells_what_moved_and_not_what_was_added():
    bins = Notice("w", "w", "waste", "waste", (NoticeText("de", "Papier"),), series=True, occurrences=NIGHTS)
    after = replace(
        bins, occurrences=(*NIGHTS[:2], Occurrence("x", date(2027, 1, 14)), Occurrence("y", date(2028, 1, 1)))
    )
    assert difference(bins, after) == ()
    moved = (Moved("n13", NIGHTS[2], after.occurrences[2]),)
    assert [(one.before, one.after) for one in difference(bins, after, moved=moved)] == [("2027-01-13", "2027-01-14")]


WORDS = st.lists(st.sampled_from(["a", "b", "c", "»", "12.", "Januar"]), max_size=40).map(" ".join)


@given(WORDS, WORDS)
def test_excerpts_hold_what_differs_and_are_short(before, after):
    found = excerpts(before, after)
    if before == after:
        assert "»" not in before or found  # nothing is marked that was not there
    for text, whole in zip(found, (before, after), strict=True):
        assert len(text) <= EXCERPT + 100
        plain = text.replace("»", "").replace("«", "").replace("…", "").split()
        assert set(plain) <= set(whole.replace("»", "").split())


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "deadline": st.sampled_from([None, START, LATER]),
        "expires": st.sampled_from([None, START, LATER]),
        "value": st.sampled_from([None, Value(1.0), Value(2.5, "USD")]),
        "facts": st.lists(st.sampled_from([Fact("a", "1"), Fact("a", "2"), Fact("b", "1")]), max_size=3).map(tuple),
        "occurrences": st.sampled_from([(), NIGHTS, NIGHTS[:1], NIGHTS[1:]]),
        "cpv": st.sampled_from([(), ("1",), ("2", "1"), ("1", "2")]),
        "texts": st.sampled_from([TENDER.texts, (NoticeText("de", "x", "y z"),), ()]),
    },
)


@given(FIELDS, FIELDS)
def test_nothing_differs_from_itself_and_every_difference_turns_round(one, two):
    before, after = replace(TENDER, **one), replace(TENDER, **two)
    assert difference(before, before) == ()
    there = {(found.name, found.before, found.after) for found in difference(before, after)}
    back = {(found.name, found.after, found.before) for found in difference(after, before)}
    assert there == back
