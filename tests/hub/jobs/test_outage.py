"""A push service that is down or asks for a pause: left alone by all, nothing dropped, no storm afterwards (F-05)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from fakes.house import NOON, Town, news, restarted
from fakes.wire_channel import lazy
from sqlalchemy import insert, select, update

from hub.core.circuit import PATIENCE
from hub.core.message import Outcome, Recipient, Result
from hub.core.notice import Severity
from hub.store import routes, services
from hub.store.schema import batch, endpoint, problem

COUNTS = ("sent", "failed", "gone", "expired", "suppressed")


def many(town: Town, count: int) -> list[int]:
    """Make endpoints of one push service for one batch each ten, without the way through the form."""
    first = town.person()
    with town.store.begin() as session:
        row = dict(session.execute(select(endpoint).where(endpoint.c.id == first)).mappings().one())
        rows = [{**row, "id": None, "address": f"https://push.example/m{n}"} for n in range(count - 1)]
        for one in rows:
            del one["id"]
        ids = session.scalars(insert(endpoint).returning(endpoint.c.id, sort_by_parameter_order=True), rows).all()
        routes.rebuild(session, [row["subscriber_id"]])
    return [first, *ids]


def tick(town: Town, **span: float) -> None:
    town.clock.forward(**span)
    town.run()


def test_after_an_outage_of_an_hour_there_is_no_storm(village: Town) -> None:
    most = 40  # hand-overs a second that the operator allows
    house = replace(village.house, rate=most, sleep=lambda seconds: village.clock.forward(seconds=seconds) and None)
    village.engine._jobs = {
        name: (lambda door, subject: door.args[0](house, subject)).__get__(job)  # the same doors, this house
        for name, job in village.engine._jobs.items()
    }
    people = many(village, 120)
    village.source()
    push = lazy(village, WINDOW=1, CHUNK=20)
    tries: list[datetime] = []
    back = NOON + timedelta(hours=1, minutes=15)

    def answer(_recipient: Recipient) -> Outcome | None:
        tries.append(village.clock())
        down = village.clock() < back
        return Outcome(_recipient.endpoint, Result.RETRY, status=503) if down else None

    push.judge = answer
    keys = [f"n{number}" for number in range(4)]
    village.poll("s1", *[news(key, expires=NOON + timedelta(hours=9)) for key in keys])
    while village.clock() < back:
        tick(village, seconds=30)
    during = len(tries)
    assert during <= 70  # ten, then a probe now and then
    for _ in range(400):
        tick(village, seconds=3)
        if len(push.arrived) == len(people) * len(keys):
            break
    tick(village, seconds=30)
    arrived = Counter(push.arrived)
    assert set(arrived) == set(map(str, people))
    assert set(arrived.values()) == {len(keys)}
    seconds = Counter(int(at.timestamp()) for at in tries[during:])
    assert max(seconds.values()) <= most + 1
    with village.store.read() as session:
        for row in session.execute(select(batch)).mappings():
            assert (row["state"], sum(row[name] for name in COUNTS)) == ("done", row["size"])


def test_a_pause_is_kept_by_all_workers_and_drops_nobody(town: Town) -> None:
    people = [town.person() for _ in range(6)]
    town.source()
    town.push.CHUNK, town.push.WINDOW = 2, 0
    push = lazy(town, WINDOW=1, CHUNK=2)
    asked = [Outcome(str(people[1]), Result.RETRY, status=429, retry_after=120.0)]
    push.judge = lambda one: asked.pop() if asked and one.endpoint == str(people[1]) else None
    town.poll("s1", news(expires=NOON + timedelta(hours=3)))
    assert push.arrived == [str(people[0])]
    other = restarted(town)
    there = lazy(other, WINDOW=1, CHUNK=2)
    for _ in range(7):
        other.clock.forward(seconds=15)
        other.run()
        assert there.arrived == []
    for _ in range(5):
        other.clock.forward(seconds=15)
        other.run()
    assert sorted(map(int, push.arrived + there.arrived)) == people
    with town.store.read() as session:
        [row] = session.execute(select(batch)).mappings()
        assert (row["state"], row["sent"], row["failed"]) == ("done", 6, 0)
        assert session.scalar(select(problem.c.attempts)) == 1  # the pause was no try
        [service] = services.listed(session)
    assert service["paused_until"] is None
    assert service["rate"] >= 1


def test_what_ends_while_its_service_is_paused_is_expired(village: Town) -> None:
    [one] = [village.person()]
    village.source()
    push = lazy(village, WINDOW=1, CHUNK=2)
    push.judge = lambda one: Outcome(one.endpoint, Result.RETRY, status=429, retry_after=7200.0)
    village.poll("s1", news(expires=NOON + timedelta(hours=5)))
    push.judge = lambda _one: None
    village.poll("s1", news("n2", "Markt", expires=village.clock() + timedelta(minutes=40)))
    for _ in range(16):
        tick(village, minutes=10)
    assert push.told() == [("new", "Freibad öffnet")]
    with village.store.read() as session:
        found = session.execute(select(batch.c.sent, batch.c.expired, batch.c.state).order_by(batch.c.id)).all()
    assert [tuple(row) for row in found] == [(1, 0, "done"), (0, 1, "done")]
    assert one


def test_one_probe_asks_whether_a_service_works_again(village: Town) -> None:
    people = many(village, 30)
    village.source()
    push = lazy(village, WINDOW=1, CHUNK=4)
    tried: list[str] = []

    def dead(recipient: Recipient) -> Outcome:
        tried.append(recipient.endpoint)
        return Outcome(recipient.endpoint, Result.RETRY, status=0, detail="no answer")

    push.judge = dead
    village.poll("s1", news(severity=Severity.SEVERE, expires=NOON + timedelta(hours=9)))
    assert len(tried) == 10
    with village.store.read() as session:
        service = services.get(session, "webpush", "service")
    assert service is not None
    assert service.paused_until is not None
    tried.clear()
    village.clock.at = service.paused_until + timedelta(seconds=1)
    village.run()
    assert len(tried) == 1
    with village.store.begin() as session:  # a probe that died with its process keeps the gate shut for so long only
        session.execute(update(batch).values(due_at=village.clock()))
    push.judge = lambda _recipient: None
    for _ in range(8):
        tick(village, seconds=PATIENCE.total_seconds() + 20)
    assert sorted(map(int, push.arrived)) == people
