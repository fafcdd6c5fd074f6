"""A provider's town, poll by poll: names, dates, a moved date, a street that changes sides, a new year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fakes.waste import SERVERS, Awido, Provider, Town

from feeds.waste.normalise import normalise
from feeds.waste.parse import parse
from feeds.waste.plan import read
from feeds.waste.tour import fetch_provider
from hub.core.errors import SourceConfigError, SourceError, SourceRefused, SourceUnreachable
from hub.core.notice import PlaceRef
from hub.core.source import Fetched, FetchState, NotModified, Source

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
HOME = PlaceRef("ars", "053580016016")


class Clerk:
    """Polls one source and keeps what a poll leaves behind."""

    def __init__(self, server: Provider, url: str, **config: str) -> None:
        self.server, self.state, self.now = server, FetchState(), NOW
        self.source = Source("s1", "waste", url, topic="waste", places=(HOME,), config=config)
        self.answer: Fetched | NotModified | None = None
        self.notes: list[str] = []
        self.faults: list[str] = []

    def poll(self, hours: float = 12):
        """Poll, and return the notices by key."""
        asked = len(self.server.asked)
        self.answer = fetch_provider(self.source, self.state, self.server, self.now)
        self.requests = len(self.server.asked) - asked
        self.now += timedelta(hours=hours)
        self.state = self.answer.state
        if isinstance(self.answer, NotModified):
            return {}
        items = parse(self.answer)
        self.notes = [one.note for one in items if one.note]
        self.faults = [one.fault for one in items if one.fault]
        found = [normalise(one, self.source) for one in items if not one.note and not one.fault]
        return {one.key: one for one in found}

    def polls(self, times: int, hours: float = 12):
        """Poll some times, and return all notices by key, the last word of each."""
        found = {}
        for _ in range(times):
            found |= self.poll(hours)
        return found


def clerk(family: str, town: Town | None = None, **config: str) -> Clerk:
    server, url = SERVERS[family]
    return Clerk(server(town or Town()), url, town="Musterdorf", **config)


def read_town(family: str, town: Town | None = None, polls: int = 4):
    """Return a clerk who has read a town, and its notices."""
    one = clerk(family, town)
    return one, one.polls(polls)


def places(notice):
    return sorted(f"{one.scheme}:{one.value}" for one in notice.places)


def zone_of(found, street, category="residual"):
    """Return the key of the notice of a category that a street is in."""
    (key,) = [key for key, one in found.items() if key.startswith(category) and f"street:{street}" in places(one)]
    return key


def days(notice):
    return [one.start for one in notice.occurrences]


A, B = ["house:Lange Straße/1-57", "street:Ahornweg", "street:Birkenweg"], ["house:Lange Straße/58-99"]


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_a_whole_town_becomes_a_few_notices_with_all_its_streets(family):
    one, found = read_town(family)
    assert len(found) == 8, found.keys()
    by_category = {}
    for notice in found.values():
        by_category.setdefault(notice.category, []).append(notice)
    assert sorted(by_category) == ["organic", "packaging", "paper", "residual"]
    ahorn = next(found[key] for key in found if key.startswith("residual:") and "Ahornweg" in str(places(found[key])))
    other = next(found[key] for key in found if key.startswith("residual:") and found[key] is not ahorn)
    if family == "insert-it":  # tells every location apart: the only one of a street is a range
        assert len(ahorn.places) + len(other.places) == 4
    else:
        assert (places(ahorn), places(other)) == (A, B)
    town = one.server.town
    assert days(ahorn) == town.dates["A", "Restmüll"]
    assert days(other) == town.dates["B", "Restmüll"]
    assert all(notice.series for notice in found.values())


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_one_house_stays_the_simple_case(family):
    one = clerk(family, street="Lange Str.", house="12")
    found = one.poll()
    assert len(found) == 4
    assert all(places(notice) == A[:1] for notice in found.values())
    assert isinstance(one.answer, Fetched)
    assert not one.answer.partial
    assert one.poll() == {}
    assert isinstance(one.answer, NotModified)
    assert one.requests <= 7


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_a_moved_date_is_one_revision_of_its_zone(family):
    one, first = read_town(family)
    old = one.server.town.dates["A", "Restmüll"][15]
    one.server.town.moves("A", "Restmüll", old, old + timedelta(days=1))
    found = one.polls(4)
    changed = {key: notice for key, notice in found.items() if days(notice) != days(first[key])}
    assert [notice.category for notice in changed.values()] == ["residual"]
    (notice,) = changed.values()
    assert old + timedelta(days=1) in days(notice)
    assert old not in days(notice)
    assert places(notice) == places(first[notice.key])


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_a_new_year_has_new_handles_and_the_same_names(family):
    one, first = read_town(family)
    one.now = datetime(2026, 12, 1, 10, tzinfo=UTC)
    one.server.town.plan(2027)
    found = one.polls(4, hours=48)
    one.server.town.generation = 2  # the provider has numbered its streets anew
    one.server.first_year = 2027
    one.now = datetime(2027, 1, 2, 10, tzinfo=UTC)
    found |= one.polls(4)
    assert {key for key in found if not key.startswith("moved")} == first.keys()
    notice = next(found[key] for key in found if key.startswith("residual:") and "Ahornweg" in str(places(found[key])))
    assert [one for one in days(notice) if one.year == 2027] == [
        d for d in one.server.town.dates["A", "Restmüll"] if d.year == 2027
    ]
    assert not any(key.startswith("moved") for key in found)  # a new year's plan is no moved street


def big_town(streets: int = 400, zones: int = 10) -> Town:
    return Town(streets={f"Straße {at:03}": {"": "ABCDEFGHIJ"[at % zones]} for at in range(streets)})


def test_a_town_of_400_streets_converges_within_its_manners():
    one = clerk("awido", big_town())
    found, polls = one.poll(), 1
    assert one.answer.partial
    assert any(note.startswith("partly-read") for note in one.notes)
    while sum(leaf.read > 0 for leaf in read(one.state.cursor).leaves.values()) < 400:
        assert one.requests <= 40
        found |= one.poll()
        polls += 1
    plan = read(one.state.cursor)
    assert len(plan.leaves) == 400
    assert all(leaf.read for leaf in plan.leaves.values())
    assert polls <= 25
    assert len(found) == 40
    assert sum(len(notice.places) for notice in found.values()) == 1600
    assert len(one.state.cursor) < 250_000
    quiet = [one.poll() for _ in range(3)]
    assert quiet == [{}, {}, {}]


def test_few_areas_need_few_requests():
    one = clerk("jumomind", big_town())
    found = one.poll()
    assert one.requests == 13  # towns, streets, names of bins, ten areas
    assert len(found) == 40


def test_a_street_that_changes_sides_is_told_and_no_zone_changes_its_name():
    one, first = read_town("awido", big_town(30, 3), polls=6)
    one.server.town.streets["Straße 003"] = {"": "B"}  # from A
    found = one.polls(3)
    (told,) = [notice for key, notice in found.items() if key.startswith("moved:")]
    assert {key for key in found if not key.startswith("moved:")} <= set(first)
    assert places(told) == ["street:Straße 003"]
    assert told.title == "Neue Abfuhrtage: Straße 003"
    assert [line.partition(":")[0] for line in told.text("de").body.split("\n\n")[1:]] == [
        "Altpapier",
        "Biotonne",
        "Gelber Sack",
        "Restmüll",
    ]
    assert "Dienstag, " in told.text("de").body
    assert "Tuesday, " in told.text("en").body
    assert not told.series
    assert told.expires is not None
    a, b = zone_of(first, "Straße 003"), zone_of(first, "Straße 001")
    assert "street:Straße 003" not in places(found[a])
    assert "street:Straße 003" in places(found[b])
    assert days(found[a]) == days(first[a])


def test_even_the_street_that_named_a_zone_may_leave_it():
    one, first = read_town("awido", big_town(30, 3), polls=6)
    a, b = zone_of(first, "Straße 000"), zone_of(first, "Straße 001")
    founder = next(street for street in one.server.town.streets if a.endswith(f":strasse-{street[-3:]}"))
    one.server.town.streets[founder] = {"": "B"}
    found = one.polls(3)
    assert {key for key in found if not key.startswith("moved:")} <= set(first)
    assert len(found[a].places) == 9
    assert f"street:{founder}" in places(found[b])


def test_nothing_is_concluded_from_streets_that_were_not_read():
    one, first = read_town("awido", big_town(120, 1), polls=12)
    assert len(first) == 4
    old = one.server.town.dates["A", "Restmüll"][20]
    one.server.town.moves("A", "Restmüll", old, old + timedelta(days=1))
    found, polls = one.poll(), 1
    assert found == {} or all(old in days(notice) for notice in found.values() if notice.category == "residual")
    while not any(key.startswith("residual") for key in found):
        found |= one.poll()
        polls += 1
        assert polls < 6
    notice = found[zone_of(first, "Straße 000")]
    assert old + timedelta(days=1) in days(notice)
    assert len(notice.places) == 120
    assert not any(key.startswith("moved") for key in found)


def test_a_street_whose_numbers_part_later_is_asked_number_by_number():
    town = Town()
    town.streets["Lange Straße"] = {"1-57": "A", "58-99": "A"}
    one = clerk("abfallnavi", town)
    first = one.poll() | one.poll()
    assert places(first["residual:restmuell:ahornweg"]) == [
        "street:Ahornweg",
        "street:Birkenweg",
        "street:Lange Straße",
    ]
    town.dates["B", "Restmüll"] = [day + timedelta(days=1) for day in town.dates["A", "Restmüll"]]
    for title in ("Biotonne", "Altpapier", "Gelber Sack"):
        town.dates["B", title] = list(town.dates["A", title])
    town.streets["Lange Straße"]["58-99"] = "B"
    found = one.polls(4)
    assert places(found["residual:restmuell:ahornweg"]) == A
    assert any(places(notice) == B for notice in found.values())


HOSTILE = {
    "awido": ("getData", "getPlaces"), "abfallnavi": ("termine", "orte"), "jumomind": ("dates", "cities_web"),
    "insert-it": ("Calender", "GetStreets"), "c-trace": ("abfallkalender", "Data/Strassen"), "muellmax": ("mm_ica_gen", "mm_aus_ort"),
    "abfallio": ("export_ics", "auswahl_kommune"), "abfallio-graphql": ("appointments", "cities"),
}  # fmt: skip


BODIES = [b"", b'[{"key":', b"null", b"[]", b"{}", b"<html>", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", b"[" * 5000,
          b'{"calendar":[{"dt":5}]}', b'[{"datum":"2026-99-99","bezirk":{"fraktionId":[]}}]', b"\xff\x00" * 40]  # fmt: skip


@pytest.mark.parametrize("family", sorted(SERVERS))
@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("body", BODIES)
def test_hostile_answers_are_refused_in_words(family, step, body):
    one = clerk(family)
    one.server.says(body, HOSTILE[family][step])
    with pytest.raises(SourceError) as caught:
        one.poll()
    assert len(str(caught.value)) > 20
    assert "Error" not in str(caught.value)


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_a_login_page_is_named_and_costs_nothing(family):
    one = clerk(family)
    first = one.poll()
    before = one.state
    one.server.shows_login()
    with pytest.raises(SourceError):
        one.poll()
    one.server.heals()
    assert one.state is before
    assert isinstance(first, dict)


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_silence_is_unreachable(family):
    one = clerk(family)
    one.server.hangs()
    with pytest.raises(SourceUnreachable):
        one.poll()


def test_a_key_that_moved_says_where():
    one = clerk("abfallio")
    one.server.refuses(401)
    with pytest.raises(SourceRefused, match=r"migrated.*abfallio-graphql"):
        one.poll()


def test_a_form_without_its_token_is_refused():
    one = clerk("abfallio")
    one.server.token = ("", "")
    with pytest.raises(SourceRefused, match="without its token"):
        one.poll()


def test_warnings_inside_an_export_are_left_out():
    one = clerk("abfallio", street="Ahornweg")
    one.server.warns = True
    found = one.poll()
    assert days(found["residual:restmuell:"]) == one.server.town.dates["A", "Restmüll"]


@pytest.mark.parametrize("family", ["c-trace", "muellmax"])
def test_a_lost_session_is_begun_again(family):
    one = clerk(family, street="Ahornweg")
    one.server.forgets = 1
    assert len(one.poll()) == 4


@pytest.mark.parametrize("family", ["c-trace", "muellmax"])
def test_a_session_that_stays_lost_is_named(family):
    one = clerk(family, street="Ahornweg")
    one.server.forgets = 99
    with pytest.raises(SourceRefused, match="session was lost"):
        one.poll()


def test_a_handle_that_is_gone_is_looked_up_by_name_at_once():
    one = clerk("abfallnavi", street="Ahornweg")
    one.poll()
    one.now += timedelta(days=1)
    one.server.town.generation = 7
    old = one.server.town.dates["A", "Restmüll"][15]
    one.server.town.moves("A", "Restmüll", old, old + timedelta(days=1))
    found = one.poll()
    assert old + timedelta(days=1) in days(found["residual:restmuell:"])


def test_unknown_kinds_of_waste_are_shown_and_may_be_named():
    town = Town()
    town.dates["A", "Xylofon"] = [date(2026, 7, 1)]
    one = clerk("awido", town, street="Ahornweg")
    found = one.poll()
    assert found["other:xylofon:"].category == "other"
    assert any("Xylofon" in note for note in one.notes)
    named = clerk("awido", town, street="Ahornweg", fractions="Xylofon=Sperrmüll").poll()
    assert named["other:xylofon:"].category == "bulky"
    assert named["other:xylofon:"].title == "Sperrmüll"


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"town": "Musterdrof"}, "has no town 'Musterdrof'. There is: Musterdorf"),
        ({"street": "Ahorn"}, "has no street 'Ahorn'. There is: Ahornweg"),
        ({"street": "Lange Straße", "house": "120"}, "has no house '120'. There is: 1-57, 58-99"),
    ],
)
def test_names_that_are_not_there_say_what_is(config, sentence):
    one = Clerk(Awido(Town()), "awido:musterkreis", **{"town": "Musterdorf", **config})
    with pytest.raises(SourceConfigError) as caught:
        one.poll()
    assert sentence in str(caught.value)


def test_one_street_that_fails_leaves_the_others_alone():
    one = clerk("awido")
    one.server.refuses(404, f"getData/{one.server._oid('Birkenweg', '')}")
    found = one.poll() | one.poll()
    assert len(found) == 8
    assert not any("street:Birkenweg" in places(notice) for notice in found.values())
    assert any(fault.startswith("Birkenweg: ") for fault in one.faults)


def test_the_directory_is_read_once_a_week():
    one = clerk("awido")
    for _ in range(20):
        one.poll(hours=12)
    assert one.server.count("getPlaces") == 2


def test_streets_without_dates_do_not_starve_the_others():
    one = clerk("awido", big_town(90, 1))
    for at in range(60):
        one.server.refuses(404, f"getData/{one.server._oid(f'Straße {at:03}', '')}")
        one.server.refuses(404, f"oid={one.server._oid(f'Straße {at:03}', '')}")
    found = one.polls(14)
    zone = zone_of(found, "Straße 060")
    assert len(found) == 4
    assert len(found[zone].places) == 30
    assert one.server.count("getPlaces") <= 2
    one.server.town.moves("A", "Restmüll", one.server.town.dates["A", "Restmüll"][20], date(2026, 12, 24))
    found = one.polls(8)
    assert date(2026, 12, 24) in days(found[zone])


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((HOME,), ["street:Ahornweg"]),
        ((HOME, PlaceRef("street", "Ahornweg")), ["street:Ahornweg"]),
        ((HOME, PlaceRef("zone", "Nord", "Nord")), ["ars:053580016016", "zone:Nord"]),
    ],
)
def test_one_street_may_speak_for_a_zone_if_the_clerk_says_so(own, expected):
    one = clerk("awido", street="Ahornweg")
    one.source = replace(one.source, places=own)
    assert all(places(notice) == expected for notice in one.poll().values())


def test_every_street_and_none_named_are_the_same_town():
    one, two = clerk("awido"), clerk("awido", street="*", house="*")
    assert one.polls(3).keys() == two.polls(3).keys()
