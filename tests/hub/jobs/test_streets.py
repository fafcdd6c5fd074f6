"""Streets and house numbers from a provider to the people who live there: fetched, gathered, matched, told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from fakes.house import PLACE, Town
from fakes.waste import Awido, Provider
from fakes.waste import Town as Streets

from feeds.waste.normalise import normalise
from feeds.waste.parse import parse
from feeds.waste.tour import fetch_provider
from hub.core.notice import Notice, PlaceRef
from hub.core.place import local_path
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.core.subscription import Action, Criteria
from hub.gatherer import RealGatherer
from hub.sandbox import Parsed
from hub.store import sources, towns


class Gatherer:
    """Reads a fake provider by the real doors, in this process."""

    def __init__(self, server: Provider, town: Town) -> None:
        self.server, self.town, self.real = server, town, RealGatherer(server)

    def fetch(self, source: Source, state: FetchState) -> Fetched | NotModified:
        return fetch_provider(source, state, self.server, self.town.clock())

    def parse(self, fetched: Fetched) -> Parsed:
        return Parsed(tuple(normalise(one, fetched.source) for one in parse(fetched) if not one.note and not one.fault))

    def places(self, notice: Notice, source: Source) -> Sequence[str]:
        return self.real.places(notice, source)


@pytest.fixture
def server(town: Town) -> Provider:
    """Let the town have an AWIDO source, read once."""
    server = Awido(Streets())
    object.__setattr__(town.house, "gatherer", Gatherer(server, town))
    town.clock.to("2026-06-10T10:00:00+00:00")
    home = PlaceRef("ars", PLACE)
    made = Source(
        "w1",
        "waste",
        "awido:musterkreis",
        town.municipality,
        topic="waste",
        interval=43_200,
        places=(home,),
        config={"town": "Musterdorf"},
    )
    with town.store.begin() as session:
        sources.add(session, town.municipality, made, town.clock())
    town.run()
    return server


def at(scheme: str, value: str) -> Criteria:
    return Criteria(topics=("waste",), places=(local_path(PLACE, scheme, value),))


EVENING = ("webpush", Action.REMINDER, "P1D@18:00")
NOW_TOO = ("webpush", Action.NOW, "")


def neighbours(town: Town) -> dict[str, str]:
    """Return who lives where, by endpoint."""
    homes = {
        "Ahornweg": at("street", "Ahornweg"), "Birkenweg 3": at("house", "Birkenweg/3"), "Lange Straße 12": at("house", "Lange Straße/12"),
        "Lange Straße 60": at("house", "Lange Straße/60"), "Lange Straße": at("street", "Lange Straße"),
    }  # fmt: skip
    return {str(town.person(criteria, NOW_TOO, EVENING)): name for name, criteria in homes.items()}


def told(town: Town, people: dict[str, str]) -> list[tuple[str, str]]:
    sent = [(one, message) for one, message in town.push.sent if message.entries[0].notice.kind != "desk"]
    found = sorted((people[one.endpoint], message.change.value) for one, message in sent)
    town.push.forget()
    return found


def test_streets_and_ranges_are_in_the_place_tree(town, server):
    with town.store.read() as session:
        streets = {one["path"]: one["name"] for one in towns.local_places(session, town.municipality, "street")}
        houses = {one["path"]: one["name"] for one in towns.local_places(session, town.municipality, "house")}
    assert streets == {f"{PLACE}/street:{slug}": name for slug, name in
                       (("ahornweg", "Ahornweg"), ("birkenweg", "Birkenweg"), ("lange-strasse", "Lange Straße"))}  # fmt: skip
    assert houses == {f"{PLACE}/street:lange-strasse/house:1-57": "Lange Straße 1-57",
                      f"{PLACE}/street:lange-strasse/house:58-99": "Lange Straße 58-99"}  # fmt: skip


def reminded(town, people, day):
    """Return who is reminded on the evening before ``day``."""
    town.clock.to(f"{day - timedelta(days=1)}T17:00:00+00:00")
    town.run()
    return sorted({one for one, change in told(town, people) if change == "reminder"})


def test_each_hears_of_their_own_bins(town, server):
    people = neighbours(town)
    town.run()
    assert told(town, people) == []  # a timetable is no news
    a = next(one for one in server.town.dates["A", "Restmüll"] if one > date(2026, 6, 20))
    b = next(one for one in server.town.dates["B", "Restmüll"] if one > a)
    assert reminded(town, people, a) == ["Ahornweg", "Birkenweg 3", "Lange Straße", "Lange Straße 12"]
    assert reminded(town, people, b) == ["Lange Straße", "Lange Straße 60"]


def test_a_moved_date_corrects_exactly_its_zone(town, server):
    people = neighbours(town)
    day = next(one for one in server.town.dates["B", "Restmüll"] if one > date(2026, 6, 20))
    server.town.moves("B", "Restmüll", day, day + timedelta(days=1))
    town.clock.forward(hours=14)
    town.run()
    assert told(town, people) == [("Lange Straße", "revised"), ("Lange Straße 60", "revised")]


def test_a_street_that_changes_sides_is_told_once_and_only_there(town, server):
    server.town.streets |= {f"Weg {at}": {"": "A"} for at in range(4)}
    for _ in range(16):
        town.clock.forward(hours=14)
        town.run()
    people = neighbours(town)
    server.town.streets["Birkenweg"] = {"": "B"}
    for _ in range(4):
        town.clock.forward(hours=14)
        town.run()
    found = told(town, people)
    assert {(who, what) for who, what in found if what != "reminder"} == {("Birkenweg 3", "new")}
    assert sum(what == "new" for _, what in found) == 1  # one word for all kinds of waste
    a = next(one for one in server.town.dates["A", "Restmüll"] if one > town.clock().date() + timedelta(days=2))
    b = next(one for one in server.town.dates["B", "Restmüll"] if one > a)
    assert "Birkenweg 3" not in reminded(town, people, a)
    assert "Birkenweg 3" in reminded(town, people, b)


def test_silence_takes_nothing_away(town, server):
    people = neighbours(town)
    server.shows_login()
    for _ in range(5):
        town.clock.forward(hours=14)
        town.run()
    assert [one for one in told(town, people) if one[1] != "reminder"] == []
    server.heals()
    town.clock.to(datetime(2026, 7, 1, 10, tzinfo=UTC).isoformat())
    town.run()
    assert [one for one in told(town, people) if one[1] != "reminder"] == []
