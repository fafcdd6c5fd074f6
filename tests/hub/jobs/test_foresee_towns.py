"""The forecast for places of two municipalities is what the pipeline sent, also of what both say alike."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes.house import Town, make_town, news
from fakes.towns import Gatherer, add_source, add_town, everywhere
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.core.message import Change
from hub.core.subscription import Action
from hub.jobs import sweep
from hub.jobs.foresee import Foresight
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import subscribers, towns
from hub.store.database import Store
from hub.store.schema import batch

WAYS = (("webpush", Action.NOW, ""), ("mail", Action.NOW, ""), ("mail", Action.DIGEST, ""))
SOURCES = {"s1": "https://county.example/feed", "s2": "https://county.example/feed", "s3": "https://other.example/feed"}
stories = st.lists(
    st.tuples(st.sampled_from(sorted(SOURCES)), st.sampled_from("ab"), st.sampled_from("XY"), st.sampled_from([1, 9, 40])),
    min_size=1, max_size=7,
)  # fmt: skip
chosen = st.lists(st.sampled_from(WAYS), min_size=1, max_size=2, unique=True)


def county(store: Store) -> Town:
    town = make_town(store, gatherer=Gatherer())
    object.__setattr__(town.house, "burst", timedelta(minutes=15))
    add_town(town)
    add_source(town, "s1", "huertgenwald", "053580016016", url=SOURCES["s1"])
    for source in ("s2", "s3"):
        add_source(town, source, url=SOURCES[source])
    return town


def signed_up(town: Town, wishes: tuple[Wish, ...]) -> None:
    ways = {"webpush": ("https://push.example/1", {}, "s"), "mail": ("a@example.org", {}, "example.org")}
    person = sign_up(town.house, town.municipality, SignUp(wishes, ways))
    with town.store.begin() as session:
        for one in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, one["id"], town.clock())
    town.engine.run_all()


def pass_time(town: Town, minutes: int) -> None:
    """Let everything that is due happen a second after its time."""
    end = town.clock() + timedelta(minutes=minutes)
    while (due := _next(town)) is not None and due < end:
        town.clock.at = max(due, town.clock.at) + timedelta(seconds=1)
        sweep.sweep(town.house)
        town.engine.run_all()
    town.clock.at = end


def _next(town: Town) -> datetime | None:
    with town.store.read() as session:
        return session.scalar(select(func.min(batch.c.due_at)).where(batch.c.state == "open"))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=stories, here=chosen, there=chosen)
def test_places_of_two_municipalities(
    tmp_path_factory: pytest.TempPathFactory, empty: Path, story: list[tuple[str, str, str, int]],
    here: list[tuple[str, Action, str]], there: list[tuple[str, Action, str]],
) -> None:  # fmt: skip
    store = Store(f"sqlite:///{shutil.copy(empty, tmp_path_factory.mktemp('county') / 'o.sqlite')}")
    town = county(store)
    (one, _), (_, other) = everywhere(*here), everywhere(*there)
    signed_up(town, (one, other))
    held: dict[str, dict[str, str]] = {source: {} for source in SOURCES}
    for source, key, title, minutes in story:
        pass_time(town, minutes)
        held[source][key] = title
        town.gatherer.has(source, *(news(name, text, source=source) for name, text in held[source].items()))
        pass_time(town, 11)
        town.run()
    pass_time(town, 40)
    town.clock.to("2026-11-24T07:00:05+01:00")
    town.run()
    with store.read() as session:
        row = towns.get(session, town.municipality)
    outlook = Foresight(store, town.clock, timedelta(minutes=15)).outlook(row, (one, other))
    told = [(name, message) for name, channel in town.channels.items() for _, message in channel.sent]
    counted = Counter(
        name for name, message in told if message.change is not Change.CONFIRM and message.now >= outlook.since
    )
    assert outlook.counts == counted
    store.close()
