"""What only makes sense after something else: an award, a corrigendum that holds nothing but changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.changes import Known, decide
from hub.core.corrigendum import completed, is_past
from hub.core.message import Change
from hub.core.notice import Fact, Notice, NoticeText, Occurrence, PlaceRef, Value

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
END = NOW + timedelta(days=20)
FIRST = Notice(
    "n", "first", "tenders", "tenders", (NoticeText("de", "Kita", "Neubau."),), category="F02", deadline=END, expires=END,
    occurrences=(Occurrence("deadline", END),), places=(PlaceRef("plz", "52511"),), value=Value(5.0), cpv=("45214100",),
    publisher="Stadt", facts=(Fact("stage", "tender"), Fact("procedure", "open")),
)  # fmt: skip
LATER = END + timedelta(days=7)
CORRIGENDUM = Notice(
    "x", "first", "tenders", "tenders", (NoticeText("de", "Kita", "Geändert: Frist"),), category="corrigendum",
    deadline=LATER, expires=LATER, occurrences=(Occurrence("deadline", LATER),), facts=(Fact("stage", "tender"),),
)  # fmt: skip


def test_a_corrigendum_is_completed_by_what_was_known():
    found = decide(CORRIGENDUM, Known(FIRST, 1), NOW)
    assert (found.change, found.announce) == (Change.REVISED, True)
    told = found.notice
    assert (told.id, told.category, told.deadline) == ("n", "F02", LATER)
    assert told.texts[0].body == "Geändert: Frist\n\nNeubau."
    assert (told.value, told.cpv, told.places, told.publisher) == (FIRST.value, FIRST.cpv, FIRST.places, "Stadt")
    assert set(told.facts) == set(FIRST.facts)


def test_any_other_notice_is_whole():
    bare = replace(FIRST, value=None, facts=())
    assert completed(bare, FIRST) is bare
    assert decide(bare, Known(FIRST, 1), NOW).notice.value is None


@pytest.mark.parametrize("stage", ["award", "modification"])
def test_what_is_over_when_first_heard_of_is_kept_but_no_news(stage):
    past = replace(FIRST, facts=(Fact("stage", stage),), deadline=None, expires=None, occurrences=())
    assert is_past(past)
    alone = decide(past, None, NOW)
    assert (alone.change, alone.announce) == (Change.NEW, False)
    after = decide(past, Known(FIRST, 1), NOW)
    assert (after.change, after.announce) == (Change.REVISED, True)
    assert decide(FIRST, None, NOW).announce
