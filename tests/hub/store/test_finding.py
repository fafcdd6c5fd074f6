"""What a form asks of a place, and the past of a municipality, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

from fakes.house import PLACE, Town, news

from hub.core.notice import Occurrence, PlaceRef
from hub.store import finding, history


def test_bins_of_a_street_and_what_was_told_of_them(town: Town) -> None:
    town.source("b1", "waste")
    dates = (Occurrence("a", date(2026, 12, 1)),)
    place = PlaceRef("house", "Am Bach/1-9", "Am Bach")
    town.poll("b1", news("r", "Restmüll", source="b1", topic="waste", category="residual", places=(place,),
                         occurrences=dates, series=True))  # fmt: skip
    since = town.clock() - timedelta(days=365)
    street = f"{PLACE}/street:am-bach"
    with town.store.read() as session:
        assert finding.house_parts(session, "huertgenwald", street, "waste") == ["1-9"]
        assert finding.categories(session, "huertgenwald", "waste", street) == ["residual"]
        assert finding.categories(session, "huertgenwald", "waste", f"{PLACE}/street:other") == []
        (one,) = history.past(session, "huertgenwald", since, most=10)
        assert (one.notice.category, one.announce, one.places) == ("residual", False, (f"{street}/house:1-9",))
        assert [each.slot for each in history.dates(session, "huertgenwald", since)[one.notice.id]] == ["a"]
        assert history.topics_since(session, "huertgenwald")["waste"] == one.at
        assert history.known_since(session, "nowhere") is None
