"""One person in several municipalities: told of each in its name, in one digest, one calendar, one set of habits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_string
from email.policy import default

import pytest
from fakes.house import PLACE, Town, make_town, news
from fakes.towns import OTHER, OTHER_NAME, OTHER_PLACE, Gatherer, add_source, add_town, everywhere, resident
from sqlalchemy import delete, select

import push
from hub.core.errors import SubscribeError
from hub.core.losses import Sort as Loss
from hub.core.message import Change
from hub.core.mutes import Mute, Sort
from hub.core.notice import Occurrence, PlaceRef
from hub.core.subscription import Action, Criteria
from hub.jobs import months
from hub.jobs.erase import erase
from hub.jobs.subscribe import SignUp, Wish, confirm, put_wishes, sign_up
from hub.jobs.watch import watch
from hub.store import guests, ledger, mutes, subscribers, towns
from hub.store.database import Store
from hub.store.schema import batch, guest, metadata, subscriber

NOW, DIGEST = ("webpush", Action.NOW, ""), ("mail", Action.DIGEST, "")


@pytest.fixture
def county(store: Store) -> Town:
    """Two municipalities, each with its own source of news."""
    town = make_town(store, gatherer=Gatherer())
    with store.begin() as session:
        row = {"path": PLACE, "kind": "municipality", "name": "Hürtgenwald", "sought": "huertgenwald"}
        towns.add_rows(session, towns.place, [row])
    add_town(town)
    town.source()
    add_source(town, "s2", url="https://example.org/other")
    return town


def poll_both(town: Town, *here: object, there: tuple[object, ...] = ()) -> None:
    town.gatherer.has("s1", *here)
    town.gatherer.has("s2", *there)
    town.clock.forward(minutes=15)
    town.run()


def here(title: str = "Freibad öffnet", key: str = "a", **values: object):
    return news(key, title, **values)


def there(title: str = "Markt am Rathaus", key: str = "b", **values: object):
    return news(key, title, source="s2", **values)


def test_a_person_hears_of_each_place_in_the_name_of_its_municipality(county: Town) -> None:
    resident(county, everywhere(NOW), "webpush")
    poll_both(county, here(), there=(there(),))
    told = {message.entries[0].notice.title: message.entries[0] for _, message in county.push.sent}
    assert {title: (one.town, one.reason.place) for title, one in told.items()} == {
        "Freibad öffnet": ("", "Hürtgenwald"), "Markt am Rathaus": (OTHER_NAME, OTHER_NAME),
    }  # fmt: skip
    assert f"/{OTHER}/n/" in told["Markt am Rathaus"].url
    assert "/huertgenwald/n/" in told["Freibad öffnet"].url


def test_whoever_lives_there_is_told_as_ever(county: Town) -> None:
    resident(county, [Wish(Criteria(("news",), (OTHER_PLACE,)), (NOW,))], "webpush", home=OTHER)
    poll_both(county, here(), there=(there(),))
    ((_, message),) = county.push.sent
    assert message.entries[0].town == ""


def test_one_digest_tells_of_both_with_their_own_links(county: Town) -> None:
    resident(county, everywhere(DIGEST), "mail")
    poll_both(county, here(), there=(there(),))
    county.clock.to("2026-11-24T07:05:00+01:00")
    county.run()
    ((_, message),) = county.mail.sent
    assert message.change is Change.DIGEST
    assert {one.notice.title: (one.town, one.url.split("/")[3]) for one in message.entries} == {
        "Freibad öffnet": ("", "huertgenwald"), "Markt am Rathaus": (OTHER_NAME, OTHER),
    }  # fmt: skip


@pytest.mark.parametrize("channel", ["webpush", "mail"])
def test_what_is_seen_names_the_place_and_its_municipality(county: Town, channel: str) -> None:
    kind = push.load(channel)
    ways = ((channel, Action.NOW, ""), (channel, Action.REMINDER, "PT1H"))
    wish = Wish(Criteria(("events",), (f"{OTHER_PLACE}/street:ahornweg",)), ways, OTHER)
    resident(county, [Wish(Criteria(("news",), (PLACE,)), ways), wish], channel)
    add_source(county, "s3", topic="events", url="https://example.org/events")
    date_ = Occurrence("x", county.clock() + timedelta(hours=3), None)
    place = PlaceRef("street", "Ahornweg", "Ahornweg")
    county.poll("s3", news("c", "Straßenfest", source="s3", topic="events", occurrences=(date_,), places=(place,)))
    county.clock.forward(hours=2)
    county.run()
    out = county.channels[channel]
    assert [message.change for _, message in out.sent] == [Change.NEW, Change.REMINDER]
    for recipient, message in out.sent:
        with county.store.read() as session:
            site = county.house.site(towns.get(session, OTHER))
        text = kind.render(message, replace(recipient, address="a@example.org"), site).body.decode()
        seen = _readable(text)
        assert f"{OTHER_NAME}, Ahornweg – Straßenfest" in seen or f"{OTHER_NAME} – Straßenfest" in seen
        assert f"Ahornweg, {OTHER_NAME}" in seen  # why
        assert f"/{OTHER}/n/" in seen


def _readable(text: str) -> str:
    if not text.startswith("{"):
        mail = message_from_string(text, policy=default)
        return f"{mail['Subject']}\n" + mail.get_body(("plain",)).get_content()
    return text


def test_habits_hold_for_all_places(county: Town) -> None:
    person, _ = resident(county, everywhere(NOW), "webpush")
    with county.store.begin() as session:
        subscribers.change(session, person, quiet_from="12:00", quiet_to="14:00")
    poll_both(county, here(), there=(there(),))
    assert county.push.told() == []
    county.clock.forward(hours=3)
    county.run()
    assert len(county.push.told()) == 2


@pytest.mark.parametrize("mute", [Mute(Sort.TOPIC, "news"), Mute(Sort.PLACE, OTHER_PLACE)])
def test_a_mute_silences_the_other_municipality_too(county: Town, mute: Mute) -> None:
    person, _ = resident(county, everywhere(NOW), "webpush")
    with county.store.begin() as session:
        mutes.put(session, person, mute, county.clock())
    poll_both(county, there=(there(),))
    assert county.push.told() == []
    with county.store.read() as session:
        (account,) = ledger.accounts(session, municipality=OTHER)
        assert (account.meant, account.muted, account.missing) == (1, 1, 0)


def test_the_monthly_mail_counts_and_names_both(county: Town) -> None:
    person, ways = resident(county, everywhere(NOW), "webpush", "mail")
    poll_both(county, here(), there=(there(),))
    with county.store.read() as session:
        home = towns.get(session, "huertgenwald")
        month = months.of_page(session, home, {ways["mail"]: person}, {}, county.clock())[ways["mail"]]
    assert [one.places for one in month.watched] == [("Hürtgenwald",), (OTHER_NAME,)]
    assert month.received == (("webpush", 2),)


def test_the_watch_finds_a_guest_who_was_forgotten(county: Town) -> None:
    """And is content when nobody was."""
    resident(county, everywhere(NOW), "webpush")
    poll_both(county, here(), there=(there(),))
    assert not [one for one in watch(county.house, at_once=True) if one.sort in {Loss.FORGOTTEN, Loss.ACCOUNT}]
    county.push.forget()
    with county.store.begin() as session:
        session.execute(delete(batch).where(batch.c.municipality_id == OTHER))
    found = watch(county.house, at_once=True)
    assert Loss.FORGOTTEN in {one.sort for one in found}
    county.run()
    assert county.push.told() == [("new", "Markt am Rathaus")]


def test_leaving_home_for_good_moves_it(county: Town) -> None:
    person, _ = resident(county, everywhere(NOW), "webpush")
    with county.store.begin() as session:
        assert guests.towns_of(session, [person]) == {person: {"huertgenwald", OTHER}}
        home = put_wishes(county.house, session, subscribers.get(session, person), everywhere(NOW)[1:])
        assert home == OTHER
    with county.store.read() as session:
        assert guests.towns_of(session, [person]) == {person: {OTHER}}
        assert {one["municipality_id"] for one in subscribers.endpoints_of(session, person)} == {OTHER}
        assert session.execute(select(guest)).all() == []
    poll_both(county, here(), there=(there(),))
    assert county.push.told() == [("new", "Markt am Rathaus")]
    assert county.push.sent[0][1].entries[0].town == ""


def test_a_municipality_that_is_none_of_ours_is_refused(county: Town) -> None:
    with pytest.raises(SubscribeError, match="atlantis"):
        sign_up(county.house, county.municipality, SignUp((*everywhere(NOW), Wish(Criteria(), (NOW,), "atlantis"))))


def test_one_address_has_one_set_of_choices_in_each_municipality(county: Town) -> None:
    """Signing up again in one of two: there the newer choice holds, in the other nothing is lost."""
    both, ways = resident(county, everywhere(("mail", Action.NOW, "")), "mail")
    with county.store.read() as session:
        address = subscribers.endpoint_row(session, ways["mail"])["address"]
    wish = Wish(Criteria(("council",), (OTHER_PLACE,)), (("mail", Action.NOW, ""),))
    newer = sign_up(county.house, OTHER, SignUp((wish,), {"mail": (address, {}, "service")}))
    with county.store.read() as session:
        (row,) = subscribers.endpoints_of(session, newer)
    link = county.house.links.confirm(row["id"], county.clock())
    assert confirm(county.house, link.rpartition("/")[2]) is not None
    with county.store.read() as session:
        assert [one["town"] for one in subscribers.subscriptions(session, both)] == ["huertgenwald"]
        assert [one["state"] for one in subscribers.endpoints_of(session, both)] == ["active"]
        assert guests.towns_of(session, [both, newer]) == {both: {"huertgenwald"}, newer: {OTHER}}


def test_deleting_everything_leaves_nothing(county: Town) -> None:
    person, _ = resident(county, everywhere(NOW, DIGEST), "webpush", "mail", "ical")
    poll_both(county, here(), there=(there(),))
    with county.store.read() as session:
        row = subscribers.get(session, person)
    erase(county.house, row)
    with county.store.read() as session:
        for table in metadata.sorted_tables:
            if "subscriber_id" in table.c and table.name != "feed_touch":
                assert session.execute(select(table)).all() == [], table.name
        assert session.execute(select(subscriber)).all() == []
