"""A town moves whose people are subscribed in others, too: everybody keeps all choices, each where its town now is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import fresh_database
from fakes.house import Town, make_town, news
from fakes.towns import OTHER, Gatherer, add_source, add_town, everywhere, resident
from postgres_server import Server
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core.mutes import Mute, Sort
from hub.core.subscription import Action
from hub.jobs import digest
from hub.jobs.addresses import change_address
from hub.jobs.hold import release
from hub.jobs.rotate import give_own
from hub.jobs.subscribe import person_of
from hub.jobs.transfer import Move, transfer
from hub.store import guests, moves, mutes, pushkeys, routes, subscribers, towns
from hub.store.database import Store
from hub.store.schema import endpoint, route

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


def new_device(session: Session, person: int, town: Town) -> None:
    home, address = subscribers.get(session, person)["municipality_id"], f"https://push.example/{next(town.count)}"
    subscribers.add_endpoint(
        session, home, person, channel="webpush", address=address, service="service", keys={}, active=True,
        now=town.clock(),
    )  # fmt: skip


def mutes_jobs(session: Session, person: int, town: Town) -> None:
    mutes.put(session, person, Mute(Sort.TOPIC, "jobs"), town.clock())


def hears_jobs(session: Session, person: int, _town: Town) -> None:
    assert mutes.take_back(session, person, "topic", "jobs")


def shows_code(session: Session, person: int, town: Town) -> None:
    moves.begin(session, person, "hash", town.clock() + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("here", "there", "muted"),
    [
        ((new_device,), (new_device,), ["jobs"]),
        ((new_device, shows_code), (), ["jobs"]),
        ((), (shows_code,), ["jobs"]),
        ((shows_code,), (shows_code,), ["jobs"]),
        ((mutes_jobs,), (), ["jobs"]),
        ((), (mutes_jobs,), ["jobs"]),
        ((hears_jobs, mutes_jobs), (hears_jobs,), ["jobs"]),
        ((), (hears_jobs,), []),
        ((hears_jobs,), (), ["jobs"]),
    ],
)  # fmt: skip
def test_a_town_moves_whose_people_changed_something_meanwhile(
    county: Town, other: Store, here: tuple[Callable[..., None], ...], there: tuple[Callable[..., None], ...],
    muted: list[str],
) -> None:  # fmt: skip
    """Between the moves of their two towns they have a page on each side, and may change both."""
    person, _ways = resident(county, everywhere(NOW, DIGEST), "webpush", "mail")
    with county.store.begin() as session:
        mutes_jobs(session, person, county)
    transfer(Move(county.store, other, "the new one", OTHER), county.clock)
    release(other, county.clock())
    county.clock.forward(days=1)
    for store, changes in ((county.store, here), (other, there)):
        with store.begin() as session:
            for change in changes:
                change(session, person, county)
                county.clock.forward(minutes=1)
    transfer(Move(county.store, other, "the new one", "huertgenwald"), county.clock)
    release(other, county.clock())
    new = make_town(other, county.clock, "new", county.gatherer)
    with other.read() as session:
        living = [one["id"] for one in subscribers.endpoints_of(session, person) if one["channel"] == "webpush"]
        assert [one.value for one in mutes.of(session, [person]).get(person, [])] == muted
    assert len(living) == 1 + (here + there).count(new_device)
    for title, source in (("Freibad öffnet", "s1"), ("Markt am Rathaus", "s2")):
        county.gatherer.has(source, news(source, title, source=source))
        county.clock.forward(minutes=30)
        new.run()
        assert sorted(told(new, title)) == sorted(map(str, living))
    routes_hold(other)


def leaves_mail(session: Session, person: int, town: Town) -> None:
    ids = [one["id"] for one in subscribers.endpoints_of(session, person) if one["channel"] == "mail"]
    subscribers.end_endpoints(session, ids, town.clock(), state="ended")


def changes_address(session: Session, person: int, town: Town) -> None:
    row = subscribers.get(session, person)
    (old,) = [one for one in subscribers.endpoints_of(session, person) if one["channel"] == "mail"]
    way = ("neu@example.org", {}, "service")
    change_address(town.house, session, towns.get(session, row["municipality_id"]), old, way)
    fresh = subscribers.endpoints_of(session, person)[-1]
    assert subscribers.confirm(session, fresh["id"], town.clock())
    subscribers.end_endpoints(session, [old["id"]], town.clock(), state="ended", why="replaced")


def revokes(session: Session, person: int, _town: Town) -> None:
    subscribers.change(session, person, generation=subscribers.get(session, person)["generation"] + 1)


BOTH = {"Freibad öffnet": ["old"], "Markt am Rathaus": ["old"]}


@pytest.mark.parametrize(
    ("here", "there", "mailed", "generation"),
    [
        ((leaves_mail,), (), {**BOTH, "Freibad öffnet": []}, 1),
        ((), (leaves_mail,), {**BOTH, "Markt am Rathaus": []}, 1),
        ((leaves_mail,), (leaves_mail,), {title: [] for title in BOTH}, 1),
        ((changes_address,), (), {title: ["neu@example.org"] for title in BOTH}, 1),
        ((revokes,), (), BOTH, 2),
        ((), (revokes,), BOTH, 2),
    ],
)  # fmt: skip
def test_what_somebody_ended_on_one_side_stays_so_and_the_rest_goes_on(
    county: Town, other: Store, here: tuple[Callable[..., None], ...], there: tuple[Callable[..., None], ...],
    mailed: dict[str, list[str]], generation: int,
) -> None:  # fmt: skip
    """``here``: where Hürtgenwald still is; ``there``: where Kreuzau has moved before it."""
    person, ways = resident(county, everywhere(("mail", Action.NOW, "")), "webpush", "mail")
    with county.store.read() as session:
        before = subscribers.endpoint_row(session, ways["mail"])["address"]
    transfer(Move(county.store, other, "the new one", OTHER), county.clock)
    release(other, county.clock())
    for store, changes in ((county.store, here), (other, there)):
        with store.begin() as session:
            for change in changes:
                change(session, person, county)
    transfer(Move(county.store, other, "the new one", "huertgenwald"), county.clock)
    release(other, county.clock())
    new = make_town(other, county.clock, "new", county.gatherer)
    new.run()
    new.mail.forget()
    for title, source in (("Freibad öffnet", "s1"), ("Markt am Rathaus", "s2")):
        county.gatherer.has(source, news(source, title, source=source))
        county.clock.forward(minutes=30)
        new.run()
        sent = [one.address for one, message in new.mail.sent if message.entries[0].notice.title == title]
        assert sent == [before if one == "old" else one for one in mailed[title]], title
    routes_hold(other)
    with other.read() as session:
        assert subscribers.get(session, person)["generation"] == generation


@pytest.mark.parametrize("home", ["huertgenwald", OTHER])
def test_a_digest_that_is_about_to_go_loses_nothing_of_either_town(county: Town, other: Store, home: str) -> None:
    """It is one mail for both towns, bound to the one at home; the other's part waits for the next digest."""
    resident(county, everywhere(DIGEST), "mail", home=home)
    for title, source in (("Freibad öffnet", "s1"), ("Markt am Rathaus", "s2")):
        county.poll(source, news(source, title, source=source))
    county.clock.to("2026-11-24T07:05:00+01:00")
    digest.digest(county.house)
    transfer(Move(county.store, other, "the new one", OTHER), county.clock)
    release(other, county.clock())
    new = make_town(other, county.clock, "new", county.gatherer)
    for _ in range(3):
        for town in (county, new):
            town.run()
        county.clock.forward(hours=12)
    sent = [
        [entry.notice.title for _, message in town.mail.sent for entry in message.entries] for town in (county, new)
    ]
    assert sent == [["Freibad öffnet"], ["Markt am Rathaus"]]


def key_of(store: Store, number: int) -> str:
    with store.read() as session:
        (way,) = [one for one in subscribers.endpoints_of(session, number) if one["channel"] == "webpush"]
    return str(way["keys"]["vapid"])


@pytest.mark.parametrize("moves", [[OTHER, "huertgenwald"], ["huertgenwald", OTHER]])
def test_whoever_tells_a_device_has_the_key_that_it_was_subscribed_with(
    county: Town, other: Store, moves: list[str]
) -> None:
    made = {}
    for home in ("huertgenwald", OTHER):
        person, _ways = resident(county, everywhere(NOW), "webpush", home=home)
        with county.store.begin() as session:
            made[person] = give_own(session, home, county.clock(), actor="command")
            (way,) = subscribers.endpoints_of(session, person)
            keys = {**way["keys"], "vapid": made[person]}
            session.execute(update(endpoint).where(endpoint.c.id == way["id"]).values(keys=keys))
    for count, town in enumerate(moves, 1):
        transfer(Move(county.store, other, "the new one", town), county.clock)
        release(other, county.clock())
        for store in (county.store, other) if count == 1 else (other,):
            with store.read() as session:
                rows = {row["public"]: row["private"] for row in pushkeys.of_towns(session)}
                here = [row["id"] for row in towns.listed(session)]
                now = [pushkeys.current(session, one) for one in here]
            assert {key_of(store, person) for person in made} == set(rows) == set(made.values())
            assert all("PRIVATE" in one for one in rows.values())
            assert set(now) <= set(made.values()), "each goes on with its own"
            assert len(set(now)) == len(here)
