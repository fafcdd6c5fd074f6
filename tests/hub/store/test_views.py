"""Views of a municipality, on both databases: what each shows, in order, page by page without losing any."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from fakes.house import NOON, PLACE, Town, news, zone

from hub.core.notice import Occurrence, PlaceRef, Severity, Status
from hub.core.selection import Selection, When
from hub.core.sought import sought_words
from hub.store import views

BERLIN = "Europe/Berlin"


def shown(town: Town, **chosen) -> list[str]:
    with town.store.read() as session:
        rows = views.page(session, town.municipality, Selection(**chosen), town.clock(), BERLIN, most=50)
        assert views.count(session, town.municipality, Selection(**chosen), town.clock(), BERLIN) == len(rows)
    return [row["content"]["key"] for row in rows]


@pytest.fixture
def full(town: Town) -> Town:
    """A town with a pickup, a meeting, a closure in one street, news of last month and of today."""
    town.source()
    town.source("old")
    town.poll("old", news("old", "Alter Bericht über Müll", source="old", sent=NOON - timedelta(days=40)))
    day = timedelta(days=1)
    town.poll(
        "s1",
        news("pickup", "Müllabfuhr", topic="waste", places=(zone("nord"),), series=True,
             occurrences=(Occurrence("1", date(2026, 11, 20)), Occurrence("2", date(2026, 11, 24)))),
        news("meeting", "Ratssitzung", topic="council", occurrences=(Occurrence("m", NOON + 3 * day, NOON + 3 * day),)),
        news("closure", "Vollsperrung", topic="roads", places=(PlaceRef("street", "ahornweg", "Ahornweg"),),
             occurrences=(Occurrence("c", NOON - 9 * day, NOON + 20 * day),), expires=NOON + 20 * day),
        news("fresh", "Freibad öffnet", sent=NOON),
        news("gone", "Markt vorbei", expires=NOON + timedelta(minutes=20)),
    )  # fmt: skip
    town.clock.forward(minutes=10)
    return town


@pytest.mark.parametrize(
    ("chosen", "keys"),
    [
        ({"when": When.TODAY}, {"closure", "fresh", "gone"}),
        ({"when": When.TOMORROW}, {"pickup", "closure"}),
        ({"when": When.WEEK}, {"pickup", "closure", "meeting", "fresh", "gone"}),
        ({"when": When.MONTH}, {"pickup", "closure", "meeting", "fresh", "gone"}),
        ({"when": When.ALL}, {"pickup", "closure", "meeting", "fresh", "old"}),
        ({"when": When.PAST}, {"gone"}),
        ({"topic": "roads"}, {"closure"}),
        ({"place": f"{PLACE}/street:ahornweg"}, {"closure", "meeting", "fresh", "old"}),
        ({"place": f"{PLACE}/zone:nord"}, {"pickup", "meeting", "fresh", "old"}),
        ({"words": sought_words("muell")}, {"pickup", "old"}),
        ({"words": sought_words("sperrung Ahornweg")}, {"closure"}),
        ({"words": ("100%",)}, set()),
    ],
)
def test_each_view_shows_what_it_says(full: Town, chosen, keys) -> None:
    assert set(shown(full, **chosen)) == keys


def test_what_is_next_comes_first(full: Town) -> None:
    found = shown(full, when=When.WEEK)
    assert found[0] == "closure"
    assert found[-2:] == ["pickup", "meeting"]


def test_paging_loses_none_while_notices_come_and_change(town: Town) -> None:
    town.source()
    many = [news(f"n{number:02}", f"Meldung {number}") for number in range(6)]
    town.poll("s1", *many)
    seen: list[str] = []
    after = None
    while True:
        with town.store.read() as session:
            rows = views.page(session, town.municipality, Selection(), town.clock(), BERLIN, after=after, most=2)
        if not rows:
            break
        seen += [row["content"]["key"] for row in rows]
        after = (rows[-1]["at"], rows[-1]["id"])
        town.poll("s1", *many[:-1], replace(many[-1], publisher=str(len(seen))), news(f"new{len(seen)}", "Neu dazu"))
    assert sorted(seen) == [one.key for one in many]


def test_warnings_stand_worst_first_and_their_end_is_told(town: Town) -> None:
    town.source(topic="warnings")
    minor = news("w1", "Wind", topic="warnings", severity=Severity.MINOR, expires=NOON + timedelta(hours=5))
    severe = news("w2", "Orkan", topic="warnings", severity=Severity.SEVERE, expires=NOON + timedelta(hours=1))
    town.poll("s1", minor, severe)
    with town.store.read() as session:
        rows = views.warnings(session, town.municipality, town.clock())
    assert [row["content"]["key"] for row in rows] == ["w2", "w1"]
    town.poll("s1", replace(minor, status=Status.CANCELLED), severe, minutes=60)
    with town.store.read() as session:
        assert not views.warnings(session, town.municipality, town.clock())
        ended = views.warnings(session, town.municipality, town.clock(), since=NOON)
    assert {row["content"]["key"] for row in ended} == {"w1", "w2"}
