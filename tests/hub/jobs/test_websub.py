"""Hubs as they are: those that verify at once, later, never; that deny, lie, flood us, move and lose us."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from fakes.house import Town
from fakes.http import FakeHttp
from sqlalchemy import update

from hub.core.errors import AddressRefused, HttpFailed
from hub.core.source import FetchState
from hub.jobs import websub
from hub.store import sources
from hub.store import websub as store
from hub.store.schema import source as source_table

HUB, TOPIC = "https://hub.example/", "https://verein.example/feed.xml"


class Hub:
    """A town whose source s1 offers a hub, and that hub."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.http.answers(HUB, 202)
        town.source()
        self.offers(HUB, TOPIC)

    def offers(self, hub: str, topic: str) -> None:
        with self.town.store.begin() as session:
            state = sources.state_to_json(FetchState(hub=(hub, topic)))
            values = {"state": state, "succeeded_at": self.town.clock()}
            session.execute(update(source_table).values(**values))

    def ask(self) -> dict[str, str]:
        """Let the tick pass and its jobs run; return the form that the hub got last."""
        websub.renew(self.town.house)
        self.town.engine.run_all()
        return dict(parse_qsl(self.http.asked[-1].body.decode())) if self.http.asked else {}

    @property
    def http(self) -> FakeHttp:
        return self.town.http

    @property
    def row(self) -> object:
        with self.town.store.read() as session:
            return store.get(session, "s1")

    @property
    def mark(self) -> str:
        with self.town.store.read() as session:
            return websub.callback_mark(store.get(session, "s1")["secret"])

    def verifies(self, mode: str = "subscribe", topic: str = TOPIC, challenge: str = "abc", **more: str) -> str | None:
        query = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
        query |= {f"hub.{name}": value for name, value in more.items()}
        return websub.verify(self.town.house, "s1", self.mark, query)

    def delivers(self, body: bytes = b"<rss/>", *, secret: str = "") -> bool:
        secret = secret or self.row["secret"]
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return websub.take(self.town.house, "s1", self.mark, [f"sha256={signature}"], body)

    @property
    def polls(self) -> int:
        return len(self.town.gatherer.fetches)


@pytest.fixture
def hub(town: Town) -> Hub:
    return Hub(town)


def test_the_hub_is_asked_with_a_secret_and_verified(hub: Hub) -> None:
    form = hub.ask()
    secret, callback = form.pop("hub.secret"), form.pop("hub.callback")
    assert form == {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.lease_seconds": "864000"}
    assert len(secret) >= 32
    assert callback == f"https://ortsruf.example/websub/s1/{hub.mark}"
    assert secret not in callback
    assert hub.row["state"] == "asked"
    assert hub.verifies(lease_seconds="3600") == "abc"
    assert (hub.row["state"], hub.row["lease_until"] - hub.row["verified_at"]) == ("verified", timedelta(hours=1))


def test_only_what_we_asked_is_verified(hub: Hub) -> None:
    assert websub.verify(hub.town.house, "s1", "", {"hub.mode": "subscribe"}) is None
    hub.ask()
    assert hub.verifies(topic="https://evil.example/") is None
    assert hub.verifies(mode="unsubscribe") is None
    assert hub.verifies(mode="publish") is None
    assert hub.verifies(challenge="") is None
    assert hub.verifies(challenge="x" * 5_000) is None
    assert websub.verify(hub.town.house, "s1", "0" * 32, {"hub.mode": "subscribe", "hub.topic": TOPIC}) is None
    assert hub.verifies() == "abc"
    hub.town.clock.forward(minutes=1)
    assert hub.verifies() is None, "nothing is asked any more"


def test_a_delivery_makes_the_source_due_at_most_once_a_minute(hub: Hub) -> None:
    hub.ask()
    hub.verifies()
    hub.town.clock.forward(minutes=5)
    before = hub.polls
    for _ in range(20):
        assert hub.delivers()
        hub.town.run()
    assert hub.polls == before + 1
    hub.town.clock.forward(seconds=61)
    websub.renew(hub.town.house)
    hub.town.run()
    assert hub.polls == before + 2, "what came within the minute is looked at after it"
    hub.town.clock.forward(seconds=61)
    websub.renew(hub.town.house)
    hub.town.run()
    assert hub.polls == before + 2


@pytest.mark.parametrize("what", ["forged", "unverified", "failing"])
def test_what_does_not_count_changes_nothing_and_the_hub_does_not_learn_of_it(hub: Hub, what: str) -> None:
    hub.ask()
    if what != "unverified":
        hub.verifies()
    if what == "failing":
        hub.town.gatherer.breaks("s1", HttpFailed("busy"))
        hub.town.clock.forward(hours=5)
        hub.town.run()
    hub.town.clock.forward(minutes=2)
    before = hub.polls
    assert hub.delivers(secret="wrong" if what == "forged" else "")
    websub.renew(hub.town.house)
    hub.town.run()
    assert hub.polls == before


def test_a_delivery_to_nobody_is_gone(hub: Hub) -> None:
    assert not websub.take(hub.town.house, "s1", "0" * 32, [], b"")
    assert not websub.take(hub.town.house, "nobody", "0" * 32, [], b"")


def test_a_lease_is_renewed_in_time_with_the_same_secret(hub: Hub) -> None:
    secret = hub.ask()["hub.secret"]
    hub.verifies(lease_seconds="864000")
    hub.town.clock.forward(days=7)
    hub.ask()
    assert len(hub.http.asked) == 1
    hub.town.clock.forward(days=1, hours=1)
    assert hub.ask()["hub.secret"] == secret
    assert len(hub.http.asked) == 2
    assert hub.delivers(), "deliveries are believed while the hub has not yet verified again"
    assert hub.verifies(lease_seconds="864000") == "abc"
    assert hub.row["lease_until"] > hub.town.clock() + timedelta(days=9)


@pytest.mark.parametrize("trouble", [404, 500, HttpFailed("no answer"), AddressRefused("a private address")])
def test_a_hub_that_fails_is_asked_again_hours_later(hub: Hub, trouble: int | Exception) -> None:
    hub.town.http = FakeHttp()
    hub.http.answers(HUB, trouble) if isinstance(trouble, int) else hub.http.fails(HUB, trouble)
    for minutes in (0, 10, 60):
        hub.town.clock.forward(minutes=minutes)
        hub.ask()
    assert len(hub.http.asked) == 1
    hub.town.clock.forward(hours=6)
    hub.ask()
    assert len(hub.http.asked) == 2


def test_a_hub_that_denies_is_left_alone_for_a_week(hub: Hub) -> None:
    hub.ask()
    assert hub.verifies(mode="denied", reason="no") == ""
    hub.town.clock.forward(days=6)
    hub.ask()
    assert (hub.row["state"], len(hub.http.asked)) == ("denied", 1)
    hub.town.clock.forward(days=2)
    hub.ask()
    assert len(hub.http.asked) == 2


def test_a_moved_hub_is_followed_once(hub: Hub) -> None:
    hub.town.http = FakeHttp().answers(HUB, 307, headers={"location": "/v2"}).answers(f"{HUB}v2", 202)
    hub.ask()
    assert [one.url for one in hub.http.asked] == [HUB, f"{HUB}v2"]


def test_a_source_that_offers_another_hub_leaves_the_old_one(hub: Hub) -> None:
    hub.ask()
    hub.verifies()
    old = hub.mark
    hub.offers("https://new.example/", TOPIC)
    assert hub.ask()["hub.mode"] == "unsubscribe"
    assert not hub.delivers()
    assert hub.verifies() is None
    assert hub.verifies(mode="unsubscribe") == "abc"
    assert hub.row is None
    hub.http.answers("https://new.example/", 202)
    assert hub.ask()["hub.mode"] == "subscribe"
    assert (hub.http.asked[-1].url, hub.mark != old) == ("https://new.example/", True)


def test_an_old_hub_that_never_comes_is_forgotten(hub: Hub) -> None:
    hub.ask()
    hub.verifies()
    hub.offers("", "")
    hub.ask()
    hub.town.clock.forward(hours=7)
    hub.ask()
    assert hub.row is None


def test_no_hub_no_question(hub: Hub) -> None:
    hub.offers("", "")
    assert hub.ask() == {}
    assert websub.renew(hub.town.house) == 0


def test_asking_twice_at_once_keeps_one_secret(hub: Hub) -> None:
    hub.ask()
    secret = hub.row["secret"]
    websub.ask(hub.town.house, "s1", http=hub.http)
    assert hub.row["secret"] == secret
    assert len(hub.http.asked) == 1


def test_a_poll_that_was_under_way_is_followed_by_another(hub: Hub) -> None:
    hub.ask()
    hub.verifies()
    hub.town.clock.forward(hours=2)
    with hub.town.store.begin() as session:
        under_way = sources.claim(session, "s1", "other", hub.town.clock(), timedelta(minutes=2))
    assert under_way is not None
    before = hub.polls
    assert hub.delivers()
    hub.town.run()
    assert hub.polls == before
    with hub.town.store.begin() as session:
        late = hub.town.clock() + timedelta(hours=1)
        sources.succeed(session, under_way, state=FetchState(hub=(HUB, TOPIC)), now=hub.town.clock(), next_poll_at=late)
    hub.town.clock.forward(seconds=61)
    websub.renew(replace(hub.town.house))
    hub.town.run()
    assert hub.polls == before + 1
