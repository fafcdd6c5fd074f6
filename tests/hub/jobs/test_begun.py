"""A founding in the browser: kept for the account, founded as a whole or not at all, and once however often it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes.house import Town, make_town
from fakes.people import COUNTY, account

from hub.core.errors import SettingsError
from hub.core.notice import PlaceRef
from hub.core.source import Source
from hub.jobs import begun, own, sweep
from hub.jobs.contact import contact_of
from hub.jobs.record import COMMAND, by_account
from hub.store import audit, dissolving, grants, hosts, pushkeys, sources, towns
from hub.store.database import Store

KREUZAU = "053580032032"
SOURCE = Source(
    "q1", "rss", "https://example.org/a", name="Rathaus", topic="news", places=(PlaceRef("ars", KREUZAU),), config={"a": "b"}
)  # fmt: skip
GIVEN = {
    "ars": KREUZAU, "name": "Kreuzau", "slug": "kreuzau", "colour": "#1d6b3c", "language": "de", "languages": "de en",
    "contact": "bernd@example.org", "sender": "ruf@kreuzau.example", "hosts": "ruf.kreuzau.example",
    "editor": "Clara@example.org", "first_notice": "Ortsruf ist da", "reader": "anna@example.org",
    "imprint_url": "https://kreuzau.example/impressum", "done": ["ort"],
    "sources": {
        "rss a": {"take": True, "made": begun.packed(SOURCE)}, "rss b": {"take": False, "made": begun.packed(SOURCE)},
        "rss c": {"take": True, "made": None},
    },
}  # fmt: skip


@pytest.fixture
def anna(town: Town) -> int:
    return account(town, "anna@example.org", COUNTY)


def test_what_is_given_is_kept_and_founded_as_a_whole(town: Town, anna: int) -> None:
    begun.keep(town.house, anna, {"name": "Kreuzau", "colour": "#000000"}, streets=b"Am Wehr\n;5\n")
    begun.keep(town.house, anna, GIVEN)
    kept = begun.begun(town.house, anna)
    assert (kept.field("colour"), [one.name for one in kept.reading.streets]) == ("#1d6b3c", ["Am Wehr"])
    assert begun.found_now(town.house, anna) == "kreuzau"
    with town.store.read() as session:
        row = towns.get(session, "kreuzau")
        assert row is not None
        assert (row["colour"], row["sender"], row["languages"]) == ("#1d6b3c", "ruf@kreuzau.example", "de en")
        assert hosts.listed(session, "kreuzau") == ["ruf.kreuzau.example"]
        assert pushkeys.current(session, "kreuzau")
        (stored,) = sources.listed(session, "kreuzau")
        assert (stored["url"], stored["config"]) == (SOURCE.url, {"a": "b"})
        assert [one["address"] for one in grants.open_in(session, "kreuzau", town.clock())] == ["clara@example.org"]
        acts = audit.latest(session, municipality="kreuzau")
    assert {one["actor"] for one in acts} == {by_account(anna)}
    assert contact_of(town.house, "kreuzau") == ("bernd@example.org", True)
    town.engine.run_all()
    assert ("new", "Ortsruf ist da") in town.mail.told()
    assert begun.begun(town.house, anna).given == {}
    assert begun.found_now(town.house, anna) is None


def test_what_cannot_be_leaves_nothing_and_keeps_what_was_given(town: Town, anna: int) -> None:
    own.change(town.house, COMMAND, "huertgenwald", {"hosts": "ruf.kreuzau.example"})  # somebody was quicker
    begun.keep(town.house, anna, GIVEN)
    with pytest.raises(SettingsError, match="huertgenwald already"):
        begun.found_now(town.house, anna)
    with town.store.read() as session:
        assert towns.get(session, "kreuzau") is None
        assert dissolving.left(session, "kreuzau") == {}
    begun.keep(town.house, anna, {"hosts": ""})
    assert begun.found_now(town.house, anna) == "kreuzau"


def test_the_place_of_another_is_refused(town: Town, anna: int) -> None:
    begun.keep(town.house, anna, {**GIVEN, "slug": "huertgenwald"})
    with pytest.raises(SettingsError, match="there already"):
        begun.found_now(town.house, anna)


def test_nothing_is_founded_of_nothing(town: Town, anna: int) -> None:
    assert begun.found_now(town.house, anna) is None
    begun.keep(town.house, anna, {"name": "Kreuzau"})
    with pytest.raises(SettingsError, match="which municipality"):
        begun.found_now(town.house, anna)
    begun.discard(town.house, anna)
    assert begun.found_now(town.house, anna) is None


def test_of_many_clicks_at_once_one_founds(store: Store) -> None:
    town = make_town(store)
    anna = account(town, "anna@example.org", COUNTY)
    begun.keep(town.house, anna, GIVEN)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: begun.found_now(town.house, anna), range(8)))
    assert sorted(map(str, found)) == ["None"] * 7 + ["kreuzau"]
    with store.read() as session:
        assert len(sources.listed(session, "kreuzau")) == 1
        assert len(grants.open_in(session, "kreuzau", town.clock())) == 1


def test_what_somebody_has_begun_is_theirs(town: Town, anna: int) -> None:
    other = account(town, "bernd@example.org", COUNTY)
    begun.keep(town.house, anna, GIVEN, logo=b"x")
    assert begun.begun(town.house, other).given == {}
    assert begun.found_now(town.house, other) is None


def test_what_nobody_goes_on_with_is_forgotten_after_a_month(town: Town, anna: int) -> None:
    begun.keep(town.house, anna, GIVEN)
    town.clock.forward(days=29)
    sweep.forget(town.house)
    assert begun.begun(town.house, anna).field("name") == "Kreuzau"
    town.clock.forward(days=2)
    sweep.forget(town.house)
    assert begun.begun(town.house, anna).given == {}
