"""The delivery loop with a channel that answers out of order: nothing lost, little repeated, everything counted."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.house import NOON, Town, make_town, news, restarted
from fakes.wire_channel import Killed, lazy
from sqlalchemy import select, update

from hub.core.message import Outcome, Recipient, Result
from hub.core.notice import Severity, Status
from hub.jobs import rounds
from hub.jobs.subscribe import end_endpoint
from hub.store import subscribers
from hub.store.schema import batch, problem, source

COUNTS = ("sent", "failed", "gone", "expired", "suppressed")


def batches_of(town: Town) -> list[dict[str, object]]:
    with town.store.read() as session:
        return [dict(row) for row in session.execute(select(batch).order_by(batch.c.id)).mappings()]


def crowd(town: Town, count: int) -> list[int]:
    people = [town.person() for _ in range(count)]
    town.source()
    return people


@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_is_told_once_in_whatever_order_answers_come(town: Town, seed: int) -> None:
    people = crowd(town, 23)
    push = lazy(town, WINDOW=7, CHUNK=4, seed=seed)
    town.poll("s1", news())
    assert sorted(map(int, push.arrived)) == people
    [row] = batches_of(town)
    assert (row["state"], row["cursor"], row["sent"], row["owner"]) == ("done", 23, 23, None)
    assert row["first_at"] == row["done_at"] == town.clock()


@pytest.mark.parametrize("point", [1, 2, 9, 17, 24])
def test_a_kill_loses_nobody_and_repeats_no_more_than_was_under_way(village: Town, point: int) -> None:
    people = crowd(village, 24)
    push = lazy(village, WINDOW=5, CHUNK=4, seed=point)
    deaths = iter(range(1, 100))

    def die(_recipient: Recipient) -> None:
        if next(deaths) == point:
            raise Killed

    push.before = die
    with pytest.raises(Killed):
        village.poll("s1", news())
    other = restarted(village)
    again = lazy(other, WINDOW=5, CHUNK=4)
    for _ in range(2):  # what its writer had in hand may still have prolonged the lease
        other.clock.forward(seconds=21)
        other.run()
    told = Counter(push.arrived + again.arrived)
    assert sorted(map(int, told)) == people
    assert told.total() - len(people) <= 5 + 4
    [row] = batches_of(village)
    assert (row["state"], row["sent"]) == ("done", 24)


@pytest.mark.parametrize("seed", range(6))
def test_the_counts_of_a_batch_that_is_done_are_its_size(village: Town, seed: int) -> None:
    people, dice = crowd(village, 20), random.Random(seed)
    push = lazy(village, WINDOW=6, CHUNK=4, seed=seed)
    for one in people:
        push.answers(one, *dice.choices(list(Result), weights=[4, 2, 1, 1, 1], k=dice.randrange(4)))
    village.poll("s1", news(expires=NOON + timedelta(hours=2)))
    for _ in range(12):
        village.clock.forward(minutes=dice.choice([1, 5, 20]))
        village.run()
    [row] = batches_of(village)
    assert row["state"] == "done"
    assert sum(int(str(row[name])) for name in COUNTS) == row["size"] == 20
    with village.store.read() as session:
        assert session.scalars(select(problem.c.endpoint_id).where(problem.c.retry_at.is_not(None))).all() == []


def test_a_retry_that_outlives_its_notice_is_counted_once(village: Town) -> None:
    first, _second = crowd(village, 2)
    village.push.answers(first, Result.RETRY)
    village.poll("s1", news(expires=NOON + timedelta(hours=2)))
    village.poll("s1")
    village.poll("s1", news(title="Freibad schließt", expires=NOON + timedelta(hours=2)))
    for _ in range(5):
        village.clock.forward(minutes=5)
        village.run()
    for row in batches_of(village):
        assert sum(int(str(row[name])) for name in COUNTS) == row["size"]


def test_who_leaves_while_the_batch_is_told_hears_nothing(village: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "_STALE", 0.0)
    people = crowd(village, 12)
    push = lazy(village, WINDOW=1, CHUNK=4)
    left: set[str] = set()

    def leave(recipient: Recipient) -> None:
        behind = people.index(int(recipient.endpoint)) + 3
        if behind < len(people):
            with village.store.read() as session:
                row = subscribers.endpoints(session, [people[behind]])[0]
            token = village.house.links.unsubscribe(row["id"], row["generation"]).rpartition("/")[2]
            end_endpoint(village.house, token)
            left.add(str(row["id"]))
        assert recipient.endpoint not in left

    push.before = leave
    village.poll("s1", news())
    [row] = batches_of(village)
    assert (row["sent"], row["suppressed"]) == (len(push.arrived), 12 - len(push.arrived))


def test_a_withdrawal_never_overtakes_its_alert_on_the_wire(town: Town) -> None:
    people = crowd(town, 20)
    push = lazy(town, WINDOW=4, CHUNK=4, seed=3)
    other = make_town(town.store, town.clock, "another", town.gatherer)
    heard: list[tuple[str, str]] = []
    push.before = lambda recipient: heard.append((recipient.endpoint, "new"))
    there = lazy(other, WINDOW=4, CHUNK=4)
    there.before = lambda recipient: heard.append((recipient.endpoint, "withdrawn"))
    alert = news("a1", "Sturm", severity=Severity.SEVERE, expires=NOON + timedelta(hours=9))

    def call_off(_recipient: Recipient) -> Outcome | None:
        if len(heard) == 9:  # while nine are told and more are on the wire, the source takes it back
            with town.store.begin() as session:
                session.execute(update(source).values(next_poll_at=town.clock()))
            other.poll("s1", replace(alert, status=Status.CANCELLED), minutes=0)
        return None

    push.judge = call_off
    town.poll("s1", alert)
    for _ in range(3):
        other.clock.forward(seconds=21)
        other.run()
    told = [endpoint for endpoint, what in heard if what == "new"]
    assert 9 <= len(told) <= 9 + 8  # no more than was under way
    for endpoint in map(str, people):
        story = [what for one, what in heard if one == endpoint]
        assert story in ([], ["new", "withdrawn"], ["withdrawn"])
        assert (endpoint in told) <= ("withdrawn" in story)
    for row in batches_of(town):
        assert (row["state"], sum(int(str(row[name])) for name in COUNTS)) == ("done", row["size"])


def test_bulk_gives_way_to_an_emergency_at_the_next_checkpoint(town: Town) -> None:
    crowd(town, 20)
    town.source("s2", topic="warnings")
    push = lazy(town, WINDOW=1, CHUNK=4)
    calls = iter(range(1, 1000))
    other = make_town(town.store, town.clock, "another", town.gatherer)
    other.engine._jobs = {**other.engine._jobs, "deliver": lambda _id: None}  # it only brings the warning

    def alarm(_recipient: Recipient) -> None:
        if next(calls) == 6:
            storm = news("w1", "Sturm", source="s2", severity=Severity.EXTREME, expires=NOON + timedelta(hours=9))
            other.gatherer.has("s2", storm)
            with town.store.begin() as session:
                session.execute(update(source).values(next_poll_at=town.clock()))
            other.run()
            with town.store.begin() as session:  # on one machine the commit wakes; here the sweep's part
                for row in session.execute(select(batch).where(batch.c.lane == "emergency")).mappings():
                    town.engine.defer(session, "deliver", str(row["id"]), lane="emergency")

    push.before = alarm
    town.poll("s1", news())
    town.run()
    titles = [message.entries[0].notice.title for _, message in push.sent]
    assert Counter(titles) == {"Freibad öffnet": 20, "Sturm": 20}
    begin = titles.index("Sturm")
    assert 6 <= begin <= 6 + 5
    assert set(titles[begin : begin + 20]) == {"Sturm"}


def test_who_ends_our_process_is_parked_and_the_others_are_told(village: Town) -> None:
    people = crowd(village, 9)
    poisoned = str(people[4])
    arrived: list[str] = []
    town = village
    town.gatherer.has("s1", news())
    town.clock.forward(minutes=15)
    for number in range(25):
        push = lazy(town, WINDOW=1, CHUNK=4)

        def die(recipient: Recipient) -> None:
            if recipient.endpoint == poisoned:
                raise Killed

        push.before = die
        with contextlib.suppress(Killed):
            town.run()
        arrived += push.arrived
        town = restarted(town, f"process {number}")
        town.clock.forward(minutes=10)
    [row] = batches_of(town)
    assert (row["state"], row["failed"]) == ("done", 1)
    assert set(arrived) == {str(one) for one in people} - {poisoned}
    with town.store.read() as session:
        parked = session.execute(select(problem).where(problem.c.verdict == "failed")).mappings().one()
    assert (str(parked["endpoint_id"]), parked["verdict"], parked["attempts"]) == (poisoned, "failed", 6)
    assert "parked" in parked["detail"]


def test_a_channel_that_keeps_silent_is_asked_again(village: Town) -> None:
    [one] = crowd(village, 1)
    send = village.push.send
    village.push.send = lambda _chunk, _outlet: []  # type: ignore[method-assign]
    village.poll("s1", news())
    assert [(row["state"], row["cursor"]) for row in batches_of(village)] == [("open", 0)]
    village.push.send = send  # type: ignore[method-assign]
    village.clock.forward(minutes=1)
    village.run()
    assert [recipient.endpoint for recipient, _ in village.push.sent] == [str(one)]
