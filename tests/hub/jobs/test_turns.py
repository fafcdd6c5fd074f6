"""Publications take turns: a big fan-out lets others go first page by page, and a dead worker's is taken over (G12)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes.house import PLACE, Town, make_town, news, restarted
from sqlalchemy import select

from hub.core.changes import decide
from hub.core.fanout import OPENING, Lane
from hub.core.notice import Severity
from hub.core.subscription import Criteria
from hub.jobs import course, fanout, sweep
from hub.jobs.house import LEASE
from hub.store import leases, notices, publications, towns
from hub.store.database import Store
from hub.store.schema import batch, publication

BIG, SMALL = "huertgenwald", "small"


@pytest.fixture
def town(store: Store, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Nine people in one municipality, one in another; three of them fill a page."""
    monkeypatch.setattr(fanout, "FIRST", 3)
    monkeypatch.setattr(fanout, "PAGE", 3)
    made = make_town(store)
    with store.begin() as session:
        values = {
            "id": SMALL,
            "name": SMALL,
            "path": PLACE,
            "language": "de",
            "zone": "Europe/Berlin",
            "colour": "#000000",
        }
        towns.add(session, values, made.clock())
    for name, people in ((BIG, 9), (SMALL, 1)):
        made.municipality = name
        for _ in range(people):
            made.person(Criteria(places=(PLACE,)))
    made.push.forget()
    return made


def tell(town: Town, *told: tuple[str, str], wake: bool = True, severity: Severity = Severity.UNKNOWN) -> list[int]:
    """Let municipalities publish, all in one moment; returns the publications."""
    found = []
    with town.store.begin() as session:
        for name, key in told:
            notice = news(key, key, source=name, severity=severity)
            made = notices.save(
                session, name, None, decide(notice, None, town.clock()), places=(PLACE,), zone="Europe/Berlin",
                now=town.clock(), names=(),
            )  # fmt: skip
            assert made is not None
            found.append(made)
            if wake:
                lane = Lane.EMERGENCY if severity >= Severity.SEVERE else Lane.NORMAL
                town.engine.defer(session, "publish", str(made), lane=lane)
    return found


def planned(town: Town) -> list[tuple[str, int]]:
    """Return (municipality, recipients) of all batches, in the order in which they were made."""
    with town.store.read() as session:
        return [(row.municipality_id, row.size) for row in session.execute(select(batch).order_by(batch.c.id))]


def unfinished(town: Town) -> int:
    with town.store.read() as session:
        return len(session.scalars(select(publication.c.id).where(publication.c.stage != "done")).all())


@pytest.mark.parametrize("severity", [Severity.UNKNOWN, Severity.EXTREME])
def test_a_big_fan_out_lets_another_municipality_go_first_after_a_page(town: Town, severity: Severity) -> None:
    tell(town, (BIG, "to all"), (SMALL, "to one"), severity=severity)
    town.engine.run_all()
    assert planned(town) == [(BIG, 3), (SMALL, 1), (BIG, 3), (BIG, 3)]
    assert len(town.push.sent) == 10
    assert unfinished(town) == 0


def test_who_publishes_seven_times_holds_nobody_back(town: Town) -> None:
    tell(town, *((BIG, f"many {number}") for number in range(7)), (SMALL, "one"))
    town.engine.run_all()
    order = [message.entries[0].notice.key for _, message in town.push.sent]
    assert order.index("one") <= 2 * 3, f"told after {order[: order.index('one')]}"
    assert len(order) == 7 * 9 + 1


def test_in_an_emergency_each_municipality_hears_something_before_any_is_told_whole(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "FIRST", 5_000)
    town.municipality = SMALL
    for _ in range(OPENING):
        town.person(Criteria(places=(PLACE,)))
    tell(town, (SMALL, "to fifty-one"), (BIG, "to nine"), (BIG, "to nine again"), severity=Severity.EXTREME)
    town.engine.run_all()
    order = [message.entries[0].notice.key for _, message in town.push.sent]
    assert order[: OPENING + 9] == ["to fifty-one"] * OPENING + ["to nine"] * 9
    assert Counter(order) == {"to fifty-one": OPENING + 1, "to nine": 9, "to nine again": 9}


def test_nobody_waits_so_it_goes_on(town: Town) -> None:
    [made] = tell(town, (BIG, "to all"))
    town.plan()
    assert planned(town) == [(BIG, 3)] * 3
    with town.store.read() as session:
        row = session.execute(select(publication).where(publication.c.id == made)).one()
    assert (row.stage, row.owner, row.lease_until, row.meant) == ("done", None, None, 9)


def test_of_many_workers_each_gets_another_publication(town: Town) -> None:
    made = tell(town, *((BIG, f"many {number}") for number in range(4)), wake=False)

    def take(number: int) -> int | None:
        with town.store.begin() as session:
            row = publications.claim(session, Lane.NORMAL, f"w{number}", town.clock(), LEASE)
        return row["id"] if row is not None else None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(one for one in pool.map(take, range(8)) if one is not None) == made


def test_what_a_dead_worker_had_is_taken_over_when_its_lease_ends_and_it_comes_too_late(town: Town) -> None:
    tell(town, (BIG, "to all"), wake=False)
    ghost = restarted(town, "ghost").house
    with town.store.begin() as session:
        taken = course.take(ghost, session, Lane.NORMAL)
    assert taken is not None
    assert sweep.sweep(town.house) == 0
    town.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert sweep.sweep(town.house) == 1
    town.engine.run_all()
    assert len(town.push.sent) == 9
    course.carry(ghost, taken, course.Wake("publish", str(taken["id"])))
    assert planned(town) == [(BIG, 3)] * 3, "who lost its lease plans nothing any more"


def test_a_worker_that_is_slower_than_its_lease_still_gets_on(town: Town) -> None:
    tell(town, (BIG, "to all"), wake=False)
    slow, other = restarted(town, "slow").house, restarted(town, "other").house
    with town.store.begin() as session:
        first = course.take(slow, session, Lane.NORMAL)
    town.clock.forward(seconds=LEASE.total_seconds() + 1)
    with town.store.begin() as session:
        second = course.take(other, session, Lane.NORMAL)
    assert first is not None
    assert second is not None
    course.carry(slow, first, course.Wake("publish", str(first["id"])))
    course.carry(other, second, course.Wake("publish", str(second["id"])))
    assert unfinished(town) == 0
    assert planned(town) == [(BIG, 3)] * 3


def test_a_process_that_ends_gives_its_publications_back_between_two_pages(town: Town) -> None:
    tell(town, (BIG, "to all"), wake=False)
    with town.store.begin() as session:
        taken = course.take(town.house, session, Lane.NORMAL)
        assert taken is not None
        assert leases.under_way(session, town.clock()) == 1
    object.__setattr__(town.house, "stopping", lambda: True)
    course.carry(town.house, taken, course.Wake("publish", str(taken["id"])))
    assert planned(town) == [(BIG, 3)]
    another = restarted(town).house
    with town.store.begin() as session:
        assert leases.under_way(session, town.clock()) == 0
        again = course.take(another, session, Lane.NORMAL)
        assert again is not None
        assert (again["stage"], again["position"] > 0) == ("now", True)
        assert leases.give_back(session, "another") == 1


def test_a_wake_up_of_something_that_is_gone_wakes_nobody(town: Town) -> None:
    town.engine._jobs["publish"]("4711")
    town.engine._jobs["deliver"]("4711")
    assert town.engine.run_all() == 0
