"""A tender's life as its town hears of it: one message per real notice, whatever arrives in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.house import PLACE, Town

from feeds.tenders.normalise import normalise
from feeds.tenders.parse import parse
from hub.core.notice import Notice
from hub.core.source import Document, Fetched, FetchState, Source
from hub.core.subscription import Criteria

CORPUS = Path(__file__).parents[2] / "corpus" / "tenders" / "synthetic"


def read(*names: str) -> list[Notice]:
    """Return the notices of corpus files (those of 2022 as if of 2027), as one poll of source ``s1`` would."""
    source = Source("s1", "tenders", "https://example.org/x")
    bodies = [(CORPUS / f"{name}.xml").read_bytes().replace(b"2022", b"2027") for name in names]
    documents = tuple(Document("https://example.org/x", "", body) for body in bodies)
    fetched = Fetched(documents, datetime(2026, 12, 1, tzinfo=UTC), FetchState(), source)
    return [normalise(item, source) for item in parse(fetched) if not item.note]


FIRST, CHANGED, CANCELLED = "below_threshold_E3", "below_threshold_E3_change", "below_threshold_E3_cancel"
AWARDED, FAILED = "below_threshold_E4_award", "below_threshold_E4_no_award"


@pytest.fixture
def builder(town: Town) -> Town:
    """Give a town with a source of tenders and a firm that wants them, wherever they are."""
    town.person(Criteria(topics=("tenders",)))
    town.source(topic="tenders")
    town.clock.to("2026-12-05T10:00:00+01:00")
    return town


def poll(town: Town, *names: str) -> None:
    """Poll these notices, on the day after the last of them was sent at the earliest."""
    found = read(*names)
    town.clock.at = max(town.clock.at, *(one.sent + timedelta(days=1) for one in found))
    town.poll("s1", *found)


def told(town: Town) -> list[tuple[str, str]]:
    return [(message.change.value, changes(message)) for _, message in town.push.sent]


def changes(message) -> str:
    return " ".join(one.name for one in message.entries[0].changes)


def test_each_step_is_told_once_with_what_changed(builder: Town) -> None:
    poll(builder, FIRST)
    poll(builder, FIRST)
    poll(builder, CHANGED)
    poll(builder, FIRST, CHANGED)
    builder.clock.to("2027-02-12T10:00:00+01:00")
    poll(builder, AWARDED)
    assert told(builder) == [
        ("new", ""),
        ("revised", "lot.1.deadline value lot.1.value text"),
        ("revised", "stage value type winner lot.1.result lot.2.result text"),
    ]
    assert len({message.thread for _, message in builder.push.sent}) == 1


def test_an_older_notice_that_comes_late_changes_nothing(builder: Town) -> None:
    poll(builder, CHANGED)
    poll(builder, FIRST)
    assert told(builder) == [("new", "")]  # still open: news to whoever had not heard of it
    poll(builder, CANCELLED)
    assert [change for change, _ in told(builder)] == ["new", "withdrawn"]


@pytest.mark.parametrize("end", [CANCELLED, FAILED])
def test_a_procedure_called_off_is_told_to_those_who_had_it(end: str, builder: Town) -> None:
    poll(builder, FIRST)
    builder.person(Criteria(topics=("tenders",), places=(PLACE,)))  # another place, later: never heard of it
    poll(builder, end)
    assert [change for change, _ in told(builder)] == ["new", "withdrawn"]


def test_an_award_of_something_unknown_wakes_nobody(builder: Town) -> None:
    poll(builder, AWARDED)
    poll(builder, AWARDED)
    assert told(builder) == []


def test_teds_corrigendum_alone_moves_the_date_of_what_is_known(builder: Town) -> None:
    builder.clock.to("2027-02-10T10:00:00+01:00")
    poll(builder, "../ted-xml-r209/066521-2022")
    builder.clock.to("2027-03-04T10:00:00+01:00")
    poll(builder, "ted_F14_wedel")
    assert told(builder) == [("new", ""), ("revised", "deadline text")]
    notice = builder.push.sent[-1][1].entries[0].notice
    assert notice.links
    assert "Johann-Rist-Gymnasium" in notice.texts[0].body
