"""A municipality leaves: nothing of it is left, and those who are subscribed elsewhere, too, are told as ever."""

from __future__ import annotations

import pytest
from fakes.house import Town, make_town, news
from fakes.towns import OTHER, Gatherer, add_source, add_town, everywhere, resident
from sqlalchemy import select, update

from hub.core.errors import SettingsError
from hub.core.subscription import Action
from hub.jobs import digest, erase
from hub.jobs.contact import set_contact
from hub.jobs.dissolve import dissolve, owned
from hub.jobs.rotate import give_own
from hub.store import copying, dissolving, guests, pushkeys, routes, subscribers
from hub.store.database import Store
from hub.store.schema import audit, batch, digest_entry, endpoint, erased, guest, route, subscriber

HERE = "huertgenwald"
PUSH, DIGEST = ("webpush", Action.NOW, ""), ("mail", Action.DIGEST, "")


@pytest.fixture
def two(store: Store) -> Town:
    """Two municipalities, one source each, somebody at home in each and subscribed in both, and one in one only."""
    town = make_town(store, gatherer=Gatherer())
    add_town(town)
    town.source("s1")
    add_source(town, "s2")
    resident(town, everywhere(PUSH), "webpush", home=HERE)
    resident(town, everywhere(PUSH), "webpush", home=OTHER)
    resident(town, everywhere(PUSH)[:1], "webpush", home=HERE)
    town.run()
    return town


def told(town: Town, source_id: str, key: str) -> int:
    town.push.forget()
    town.poll(source_id, news(key, f"Neu {key}", source=source_id))
    return len(town.push.sent)


def test_what_goes_is_counted_before(two: Town) -> None:
    told(two, "s1", "a")
    going = owned(two.house, HERE)
    wanted = {"sources": 1, "messages": 1, "residents": 2, "residents elsewhere": 1, "guests": 1}
    assert {name: going[name] for name in wanted} == wanted
    with pytest.raises(SettingsError, match="no municipality called nowhere"):
        owned(two.house, "nowhere")


def test_nothing_is_left_and_guests_are_told_as_ever(two: Town) -> None:
    assert told(two, "s1", "a") == 3
    assert told(two, "s2", "b") == 2
    set_contact(two.house, HERE, "bernd@example.org")
    went = dissolve(two.house, "command", HERE)
    assert went["residents"] == 2
    with two.store.read() as session:
        assert dissolving.left(session, HERE) == {}
        assert set(session.scalars(select(subscriber.c.municipality_id))) == {OTHER}
        assert session.execute(select(guest)).all() == []
        columns = (route.c.interest_id, route.c.endpoint_id)
        kept = {(row.interest_id, row.endpoint_id) for row in session.execute(select(*columns))}
        assert kept == {(row.interest_id, row.endpoint_id) for row in session.execute(routes.joined())}
        (event,) = session.execute(select(audit).where(audit.c.act == "municipality.removed")).mappings()
        assert (event["town"], event["detail"]["residents"]) == (HERE, "2")
    assert told(two, "s2", "c") == 2
    two.run()


def test_whose_home_goes_keeps_a_digest_that_waits(two: Town) -> None:
    resident(two, everywhere(DIGEST), "mail", home=HERE)
    two.run()
    two.mail.forget()
    told(two, "s2", "b")
    dissolve(two.house, "command", HERE)
    two.clock.forward(hours=24)
    two.run()
    assert [what for change, what in two.mail.told() if change == "digest"] == ["Neu b"]


def test_a_digest_under_way_waits_for_the_next_one(two: Town) -> None:
    resident(two, everywhere(DIGEST), "mail", home=HERE)
    told(two, "s2", "b")
    two.mail.forget()
    two.clock.forward(hours=24)
    digest.digest(two.house)  # planned, and not sent yet
    with two.store.read() as session:
        assert [one for one in session.scalars(select(digest_entry.c.batch_id)) if one is not None]
    dissolve(two.house, "command", HERE)
    two.run()
    assert two.mail.told() == []
    two.clock.forward(hours=24)
    two.run()
    assert [what for change, what in two.mail.told() if change == "digest"] == ["Neu b"]


def test_who_is_gone_leaves_other_towns_deliveries_too(two: Town) -> None:
    """Somebody of here only, who was once told of a message over there, is cleaned out of it."""
    with two.store.read() as session:
        ids = {row.subscriber_id: row.endpoint_id for row in session.execute(select(route))}
        alone = next(ids[one] for one in ids if one not in set(guests.straddling(session, HERE)))
    told(two, "s2", "b")
    with two.store.begin() as session:
        row = session.execute(select(batch).where(batch.c.municipality_id == OTHER)).mappings().first()
        assert row is not None
        session.execute(batch.update().where(batch.c.id == row["id"]).values(ids=[*row["ids"], alone]))
    dissolve(two.house, "command", HERE)
    with two.store.read() as session:
        assert alone in set(session.scalars(select(erased.c.endpoint_id)))
    erase.forget(two.house)
    with two.store.read() as session:
        assert all(alone not in one for one in session.scalars(select(batch.c.ids)))


def test_every_table_that_belongs_to_a_town_is_looked_through() -> None:
    named = {table.name for table, _condition in copying.parts(HERE)}
    assert {"source", "notice", "batch", "subscriber", "endpoint", "picture", "place", "interest"} <= named


def test_who_stays_elsewhere_is_reached_by_the_key_of_the_home_that_went(two: Town) -> None:
    number, _ways = resident(two, everywhere(PUSH), "webpush")
    with two.store.begin() as session:
        key = give_own(session, HERE, two.clock(), actor="command")
        unused = give_own(session, HERE, two.clock(), actor="command")
        (way,) = subscribers.endpoints_of(session, number)
        session.execute(update(endpoint).where(endpoint.c.id == way["id"]).values(keys={**way["keys"], "vapid": key}))
    dissolve(two.house, "command", HERE)
    with two.store.read() as session:
        (row,) = pushkeys.of_towns(session)
        assert row["public"] == key != unused
        assert pushkeys.current(session, OTHER) == ""
