"""Whatever anybody does to people, endpoints and subscriptions, the routes are the join (a state machine)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, insert, literal, select, text

from hub.core.subscription import Action, Criteria
from hub.store import addresses, erasing, guests, interests, routes, subscribers, towns
from hub.store.database import Store
from hub.store.schema import endpoint, guest, route, subscriber, subscription, way

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
TOPICS = ("news", "waste", "warnings")
WAYS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["webpush", "mail", "ical"]), st.sampled_from(list(Action)[:3]), st.just("")),
        st.tuples(st.sampled_from(["webpush", "mail"]), st.just(Action.REMINDER), st.sampled_from(["PT1H", "PT2H"])),
    ),
    max_size=4,
)
_MANY = 10000  # people
CLOCKS = st.sampled_from([None, "22:00", "06:30"])


class People(RuleBasedStateMachine):
    """Changes people through the doors of the store; one transaction a step."""

    store: Store
    people = Bundle("people")
    ways = Bundle("ways")

    def __init__(self) -> None:
        super().__init__()
        with self.store.begin() as session:
            session.execute(delete(subscriber))
            self.interests = [
                interests.ensure(session, town, Criteria(topics=(topic,)))[0] for topic in TOPICS for town in ("t", "u")
            ]

    @rule(target=people)
    def arrives(self) -> int:
        with self.store.begin() as session:
            return subscribers.add(session, "t", language="de", digest_at="07:00", next_digest_at=NOW, now=NOW)

    @rule(
        target=ways, person=people, channel=st.sampled_from(["webpush", "mail", "ical"]), active=st.booleans(),
        service=st.sampled_from(["a", "b"]),
    )  # fmt: skip
    def adds_a_way(self, person: int, channel: str, active: bool, service: str) -> int:
        with self.store.begin() as session:
            if subscribers.get(session, person) is None:
                return 0
            return subscribers.add_endpoint(
                session, "t", person, channel=channel, address=f"{person}", service=service, keys={}, active=active,
                now=NOW,
            )  # fmt: skip

    @rule(way=ways)
    def confirms(self, way: int) -> None:
        with self.store.begin() as session:
            subscribers.confirm(session, way, NOW)

    @rule(way=ways, service=st.sampled_from(["a", "b", "c"]))
    def renews(self, way: int, service: str) -> None:
        with self.store.begin() as session:
            subscribers.renew_endpoint(session, way, address="x", service=service, keys={})

    @rule(ended=st.lists(ways, max_size=3), state=st.sampled_from(["gone", "ended"]))
    def end(self, ended: list[int], state: str) -> None:
        with self.store.begin() as session:
            subscribers.end_endpoints(session, ended, NOW, state=state)

    @rule(person=people, at=st.integers(0, 5), ways=WAYS)
    def subscribes(self, person: int, at: int, ways: list[tuple[str, Action, str]]) -> None:
        with self.store.begin() as session:
            if subscribers.get(session, person) is not None:  # a sign-up that lapsed
                subscribers.subscribe(session, person, self.interests[at], ways)

    @rule(person=people)
    def unsubscribes(self, person: int) -> None:
        with self.store.begin() as session:
            for one in subscribers.subscriptions(session, person)[:1]:
                subscribers.unsubscribe(session, person, one["id"])

    @rule(person=people, begin=CLOCKS, end=CLOCKS)
    def sleeps(self, person: int, begin: str | None, end: str | None) -> None:
        with self.store.begin() as session:
            subscribers.change(session, person, quiet_from=begin, quiet_to=end)

    @rule(person=people, days=st.sampled_from([None, 1, 7]))
    def pauses(self, person: int, days: int | None) -> None:
        with self.store.begin() as session:
            subscribers.change(session, person, paused_until=days and NOW + timedelta(days=days), language="en")

    @rule(person=people, town=st.sampled_from(["t", "u"]))
    def moves_home(self, person: int, town: str) -> None:
        with self.store.begin() as session:
            guests.move_home(session, person, town)
            routes.rebuild(session, [person])

    @rule(person=people, town=st.sampled_from(["t", "u"]), channel=st.sampled_from(["webpush", "mail"]))
    def drops_ways(self, person: int, town: str, channel: str) -> None:
        with self.store.begin() as session:
            addresses.drop_ways(session, person, channel, [town])

    @rule(person=consumes(people))
    def leaves(self, person: int) -> None:
        with self.store.begin() as session:
            erasing.erase(session, [person], NOW)

    @rule()
    def sign_ups_lapse(self) -> None:
        with self.store.begin() as session:
            erasing.forget_unconfirmed(session, NOW + timedelta(days=3), NOW)

    @invariant()
    def routes_are_the_join(self) -> None:
        with self.store.read() as session:
            kept = sorted(map(repr, session.execute(select(*route.c))))
            asked = sorted(map(repr, session.execute(routes.joined())))
        assert kept == asked

    @invariant()
    def guests_are_who_is_subscribed_elsewhere(self) -> None:
        with self.store.read() as session:
            kept = sorted(map(tuple, session.execute(select(*guest.c))))
            asked = sorted(map(tuple, session.execute(guests.joined())))
        assert kept == asked


def test_routes_are_the_join_whatever_happens(store: Store) -> None:
    values: dict[str, Any] = {"name": "T", "path": "0", "language": "de", "zone": "Europe/Berlin"}
    with store.begin() as session:
        for town in ("t", "u"):
            towns.add(session, {**values, "id": town, "colour": "#000000"}, NOW)
    machine = type("PeopleOfStore", (People,), {"store": store})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_all_routes_can_be_made_anew(store: Store) -> None:
    values: dict[str, Any] = {"id": "t", "name": "T", "path": "0", "language": "de", "zone": "Europe/Berlin"}
    with store.begin() as session:
        towns.add(session, {**values, "colour": "#000000"}, NOW)
        interest = interests.ensure(session, "t", Criteria(topics=("news",)))[0]
        person = subscribers.add(session, "t", language="de", digest_at="07:00", next_digest_at=NOW, now=NOW)
        subscribers.subscribe(session, person, interest, [("mail", Action.NOW, "")])
        subscribers.add_endpoint(
            session, "t", person, channel="mail", address="a@b.example", service="b.example", keys={}, active=True,
            now=NOW,
        )  # fmt: skip
        session.execute(delete(route))
        routes.rebuild_all(session)
        assert len(session.execute(select(*route.c)).all()) == 1


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_nobodys_way_is_laid_beside_the_endpoints_of_others(store: Store) -> None:
    """PostgreSQL knows nothing yet of what stands in tables that were just filled, as in a rush of sign-ups."""
    values: dict[str, Any] = {"id": "t", "name": "T", "path": "0", "language": "de", "zone": "Europe/Berlin"}
    with store.begin() as session:
        towns.add(session, {**values, "colour": "#000000"}, NOW)
        interest = interests.ensure(session, "t", Criteria(topics=("news",)))[0]
        person = {
            "municipality_id": "t", "language": "de", "digest_at": "07:00", "next_digest_at": NOW, "created_at": NOW,
        }  # fmt: skip
        persons = session.scalars(insert(subscriber).returning(subscriber.c.id), [person] * _MANY).all()
        everybody = select(subscriber.c.id, literal(interest))
        session.execute(insert(subscription).from_select(["subscriber_id", "interest_id"], everybody))
        ways = select(subscription.c.id, literal("webpush"), literal("now"))
        session.execute(insert(way).from_select(["subscription_id", "channel", "action"], ways))
        row = {
            "municipality_id": "t", "channel": "webpush", "address": "", "address_hash": "", "service": "a",
            "keys": {}, "state": "active", "created_at": NOW,
        }  # fmt: skip
        devices = select(subscriber.c.id, *(literal(value, endpoint.c[name].type) for name, value in row.items()))
        session.execute(insert(endpoint).from_select(["subscriber_id", *row], devices))
        for ids in (None, persons[:500], persons[:1]):
            asked = routes.joined(ids).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            plan = session.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked}"))
            assert _touched(plan[0]["Plan"]) <= 20 * _MANY


def _touched(node: dict[str, Any]) -> float:
    """Return how many rows a plan and all below it gave or threw away."""
    own = sum(value for key, value in node.items() if key == "Actual Rows" or key.startswith("Rows Removed by"))
    return float(own * node["Actual Loops"]) + sum(_touched(below) for below in node.get("Plans", ()))
