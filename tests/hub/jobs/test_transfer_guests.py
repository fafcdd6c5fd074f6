"""A town moves whose people are subscribed in others, too: everybody keeps all choices, each where its town now is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import fresh_database
from fakes.house import Town, make_town, news
from fakes.towns import OTHER, Gatherer, add_source, add_town, everywhere, resident
from postgres_server import Server
from sqlalchemy import select

from hub.core.mutes import Mute, Sort
from hub.core.subscription import Action
from hub.jobs.hold import release
from hub.jobs.subscribe import person_of
from hub.jobs.transfer import Move, transfer
from hub.store import guests, mutes, routes, subscribers, towns
from hub.store.database import Store
from hub.store.schema import route

NOW, DIGEST = ("webpush", Action.NOW, ""), ("mail", Action.DIGEST, "")


@pytest.fixture
def other(store: Store, tmp_path: Path, postgres: Server) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    if store.sqlite:
        url = fresh_database(postgres, f"g{abs(hash(str(tmp_path)))}")
    made = Store(url)
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def county(store: Store) -> Town:
    town = make_town(store, gatherer=Gatherer())
    add_town(town)
    town.source()
    add_source(town, "s2", url="https://example.org/other")
    with store.begin() as session:
        towns.add_secret(session, "links", "key", datetime.now(UTC))
    return town


def told(town: Town, title: str) -> list[str]:
    return [one.endpoint for one, message in town.push.sent if message.entries[0].notice.title == title]


def routes_hold(store: Store) -> None:
    with store.read() as session:
        assert sorted(map(repr, session.execute(select(*route.c)))) == sorted(
            map(repr, session.execute(routes.joined()))
        )  # fmt: skip


@pytest.mark.parametrize("moves", [[OTHER], ["huertgenwald"], [OTHER, "huertgenwald"], ["huertgenwald", OTHER]])
def test_everybody_keeps_what_they_chose(county: Town, other: Store, moves: list[str]) -> None:
    person, ways = resident(county, everywhere(NOW, DIGEST), "webpush", "mail", "ical")
    guest, theirs = resident(county, everywhere(NOW), "webpush", home=OTHER)
    with county.store.begin() as session:
        for one in (person, guest):
            mutes.put(session, one, Mute(Sort.TOPIC, "jobs"), county.clock())
    for town in moves:
        transfer(Move(county.store, other, "the new one", town), county.clock)
        release(other, county.clock())
    new = make_town(other, county.clock, "new", county.gatherer) if moves else county
    gone = set(moves)
    for house, title, source, slug in (
        (new if "huertgenwald" in gone else county, "Freibad öffnet", "s1", "huertgenwald"),
        (new if OTHER in gone else county, "Markt am Rathaus", "s2", OTHER),
    ):
        county.gatherer.has(source, news(source, title, source=source))
        county.clock.forward(minutes=30)
        house.run()
        assert sorted(told(house, title)) == sorted([str(ways["webpush"]), str(theirs["webpush"])]), (slug, moves)
    for store in (county.store, other):
        routes_hold(store)
        with store.read() as session:
            assert sorted(session.execute(guests.joined()).all()) == sorted(
                session.execute(select(*guests.table.c)).all()
            )  # fmt: skip
            for one in (person, guest):
                if subscribers.get(session, one) is not None:
                    assert [each.value for each in mutes.of(session, [one])[one]] == ["jobs"]
    link = county.house.links.token("manage", person, 1)
    assert person_of(new.house, link) is not None
    assert (person_of(county.house, link) is None) == (len(moves) == 2)
