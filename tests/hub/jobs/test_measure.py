"""Measuring: figures every five minutes, hourly ones kept, a municipality's with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.house import Town, news
from sqlalchemy import func, select

from hub.core.errors import SourceRefused
from hub.core.samples import Slots, increments, worst
from hub.jobs import measure, tallying
from hub.jobs.dissolve import dissolve
from hub.store import samples
from hub.store.schema import sample


def counted(town: Town) -> int:
    with town.store.read() as session:
        return int(session.scalar(select(func.count()).select_from(sample)) or 0)


def read(town: Town, *names: str, of: str = "") -> dict[str, list[float]]:
    with town.store.read() as session:
        found = samples.since(session, names, town.clock() - timedelta(days=40), of)
    return {name: [value for _, value in rows] for name, rows in found.items()}


def test_one_process_measures_every_five_minutes(town) -> None:
    assert measure.measure(town.house) > 0
    town.clock.forward(minutes=4)
    assert measure.measure(town.house) == 0
    town.clock.forward(minutes=2)
    assert measure.measure(town.house) > 0
    assert len(read(town, "queue:normal")["queue:normal"]) == 2


def test_what_was_told_meanwhile_is_the_increment(town) -> None:
    town.source()
    town.person()
    measure.measure(town.house)
    town.poll("s1", news("n1"))
    tallying.tally(town.house)
    measure.measure(town.house)
    with town.store.read() as session:
        found = samples.since(session, ["sent:webpush", "le:1", "le:5"], town.clock() - timedelta(days=1))
    slots = Slots.until(town.clock(), timedelta(hours=1), 24)
    assert found["sent:webpush"][-1][1] == 1
    assert sum(one or 0 for one in increments(found["le:1"], slots)) == 1


def test_a_broken_source_and_a_waiting_message_show(town) -> None:
    town.source()
    town.gatherer.breaks("s1", SourceRefused("404", subject="s1"))
    town.clock.forward(minutes=15)
    town.run()
    measure.measure(town.house)
    assert read(town, "troubled") == {"troubled": [1.0]}
    assert read(town, "troubled", of="huertgenwald") == {"troubled": [1.0]}


@pytest.mark.parametrize(("days", "left"), [(1, "all"), (3, "hourly"), (9, "house"), (36, "nothing")])
def test_old_samples_are_thinned_and_forgotten(town, days: int, left: str) -> None:
    begun = town.clock()
    with town.store.begin() as session:
        samples.write(session, begun, {("a", ""): 1.0, ("a", "huertgenwald"): 1.0}, hourly=True)
        samples.write(session, begun + timedelta(minutes=5), {("a", ""): 2.0}, hourly=False)
        samples.forget(session, begun + timedelta(days=days, hours=1))
    own, house = read(town, "a", of="huertgenwald").get("a", []), read(town, "a").get("a", [])
    assert (own, house) == {
        "all": ([1.0], [1.0, 2.0]), "hourly": ([1.0], [1.0]), "house": ([], [1.0]), "nothing": ([], [])
    }[left]  # fmt: skip


def test_only_the_first_sample_of_an_hour_is_kept_for_long(town) -> None:
    for _ in range(13):
        measure.measure(town.house)
        town.clock.forward(minutes=5)
    with town.store.read() as session:
        query = select(func.count()).where(sample.c.name == "queue:normal", sample.c.hourly)
        assert session.scalar(query) == 2
    assert len(read(town, "queue:normal")["queue:normal"]) == 13
    assert worst([(town.clock(), 1.0)], Slots.until(town.clock(), timedelta(hours=1), 1)) == [1.0]


def test_a_municipality_takes_its_samples_along_when_it_goes(town) -> None:
    with town.store.begin() as session:
        samples.write(session, town.clock(), {("a", ""): 1.0, ("a", "huertgenwald"): 1.0}, hourly=True)
    dissolve(town.house, "command", "huertgenwald")
    assert counted(town) == 1
