"""Faults of the fan-out (F-03 to F-08): nobody starves, nothing storms, one bad row stops no other, order holds.

Through the doors of a house with fakes, on both databases; with real processes in ``tests/load``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import structlog
from crash.story import unsettled
from fakes.house import NOON, Town, make_town, news, restarted
from sqlalchemy import update

from hub.core.message import Outcome, Result
from hub.core.notice import Notice, Severity, Status
from hub.core.source import Source
from hub.core.subscription import Criteria
from hub.jobs import gather
from hub.store import sources, towns
from hub.store.database import Store
from hub.store.schema import batch

WARNING = {"severity": Severity.EXTREME, "topic": "warnings"}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep what jobs log when they fail from being drawn."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def town(store: Store) -> Town:
    """Give a town whose jobs must come to an end: one that wakes itself for ever is a fault."""
    made = make_town(store)
    made.engine.run_all = partial(made.engine.run_all, most=1500)  # type: ignore[method-assign]
    return made


def settle(town: Town, *, minutes: float = 1, most: int = 40) -> None:
    """Turn the clock until nothing waits."""
    for _ in range(most):
        town.run()
        left = unsettled(town)
        if "batches" not in left and "publications" not in left:
            return
        town.clock.forward(minutes=minutes)
    raise AssertionError(f"never settled: {left}")


def told_of(town: Town) -> list[tuple[str, str, str]]:
    """Return (endpoint, change, key) of everything that was handed over, in order."""
    return [(one.endpoint, message.change, message.entries[0].notice.key) for one, message in town.push.sent]


def found(town: Town, number: int, people: int) -> str:
    """Found a further municipality with ``people`` and a source; returns the source's id."""
    slug, path = f"town{number}", f"05358{number:07d}"
    values = {"id": slug, "name": slug, "path": path, "language": "de", "zone": "Europe/Berlin", "colour": "#1d4f91"}
    with town.store.begin() as session:
        towns.add(session, values, town.clock())
    town.municipality = slug
    for _ in range(people):
        town.person(Criteria())
    source = Source(f"of-{slug}", "rss", "https://example.org/feed", slug, topic="news", interval=600)
    with town.store.begin() as session:
        sources.add(session, slug, source, town.clock())
    town.gatherer.has(source.id)
    town.run()
    return source.id


def items(source: str, count: int) -> list[Notice]:
    return [news(f"{source}-{at}", f"Nachricht {at}", source=source) for at in range(count)]


def test_towns_take_turns_when_one_sends_seven_times_everything(town: Town) -> None:
    """F-03, F-04: who publishes once is served before the second message of who publishes seven times."""
    names = [found(town, number, people=2) for number in range(5)]
    for name in names:
        town.gatherer.has(name, *items(name, 7 if name == names[0] else 1))
    town.push.forget()
    town.clock.forward(minutes=15)
    for name in names:  # all are read before anything is told
        gather.gather(town.house, name)
    town.run()
    order = [key for _, _, key in told_of(town)]
    assert Counter(key.rpartition("-")[0] for key in order) == {name: 14 if name == names[0] else 2 for name in names}
    quiet_done = max(order.index(f"{name}-0") for name in names[1:])
    before = {key for key in order[:quiet_done] if key.startswith(f"{names[0]}-")}
    assert len(before) <= 2, f"{len(before)} messages of the loud town came before the last quiet one"


def test_a_row_that_always_crashes_its_worker_stops_no_other(town: Town) -> None:
    """F-06: parked after five attempts; everybody else in the batch is told."""
    people = [town.person() for _ in range(12)]
    town.source()
    poison, honest = str(people[4]), town.push.send

    def send(chunk, outlet):
        pairs = list(chunk)
        if any(recipient.endpoint == poison for recipient, _ in pairs):
            raise MemoryError("this recipient takes the worker with it")
        return honest(pairs, outlet)

    town.push.send = send  # type: ignore[method-assign]
    town.push.forget()
    town.poll("s1", news())
    settle(town)
    assert sorted(int(one) for one, _, _ in told_of(town)) == [one for one in people if str(one) != poison]


def test_an_hour_without_the_push_service_ends_without_a_storm(town: Town) -> None:
    """F-05: everybody is told once when it is back, and meanwhile it was not hammered."""
    people = [town.person() for _ in range(20)]
    town.source()
    back, honest, tries = NOON.replace(hour=13), town.push.send, Counter()

    def send(chunk, outlet):
        pairs = list(chunk)
        tries.update(recipient.endpoint for recipient, _ in pairs)
        if town.clock() < back:
            return [Outcome(one.endpoint, Result.RETRY, status=503) for one, _ in pairs]
        return honest(pairs, outlet)

    town.push.send = send  # type: ignore[method-assign]
    town.push.forget()
    town.poll("s1", news())
    settle(town, minutes=10)
    assert sorted(int(one) for one, _, _ in told_of(town)) == people
    assert max(tries.values()) <= 12


def test_what_was_over_before_the_push_service_came_back_is_not_told(town: Town) -> None:
    """F-05: expired deliveries are dropped and counted."""
    person = str(town.person())
    town.source()
    town.push.answers(person, *[Result.RETRY] * 9)
    town.push.forget()
    town.poll("s1", news(expires=town.clock().replace(hour=11, minute=40)))
    settle(town)
    assert told_of(town) == []


@pytest.mark.parametrize("tries", [1, 3])
def test_an_alert_that_waits_for_its_retry_is_not_told_after_its_end(town: Town, tries: int) -> None:
    """F-08: who was not reached before the all-clear hears nothing; who was, hears alert, then all-clear."""
    people = [str(town.person()) for _ in range(3)]
    town.source()
    town.push.answers(people[1], *[Result.RETRY] * tries)
    town.push.forget()
    alert = news("alert", "Unwetter", **WARNING)
    town.poll("s1", alert)
    town.gatherer.has("s1", replace(alert, status=Status.CANCELLED))
    town.clock.forward(minutes=11)
    town.run()
    settle(town)
    heard = {one: [change for who, change, _ in told_of(town) if who == one] for one in people}
    assert heard[people[0]] == heard[people[2]] == ["new", "withdrawn"]
    assert heard[people[1]] in (["new", "withdrawn"], [], ["withdrawn"])


def test_an_all_clear_does_not_overtake_an_alert_that_is_on_the_wire(town: Town) -> None:
    """F-08: a worker that stalls while it hands the alert over; the all-clear comes meanwhile, by another worker."""
    person = str(town.person())
    town.source()
    alert = news("alert", "Unwetter", **WARNING)
    honest, stalled = town.push.send, []

    def send(chunk, outlet):
        pairs = list(chunk)
        if not stalled:
            stalled.append(True)
            other = restarted(town)
            other.push.send, other.push.render = town.push.send, town.push.render  # type: ignore[method-assign]
            other.house.gatherer.has("s1", replace(alert, status=Status.CANCELLED))  # type: ignore[attr-defined]
            town.clock.forward(minutes=11)
            renew_leases(town)
            other.run()
        return honest(pairs, outlet)

    town.push.send = send  # type: ignore[method-assign]
    town.push.forget()
    town.poll("s1", alert)
    settle(town)
    assert stalled
    heard = [change for who, change, _ in told_of(town) if who == person]
    assert heard[-1:] == ["withdrawn"] or heard == [], f"the device shows the alert last: {heard}"


def renew_leases(town: Town) -> None:
    """Let the stalled worker keep what it holds: it is slow, not dead."""
    with town.store.begin() as session:
        session.execute(
            update(batch).where(batch.c.owner.is_not(None)).values(lease_until=town.clock() + timedelta(seconds=20))
        )
