"""The database only narrows: whatever the pure predicate accepts is among its candidates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.matching import matches
from hub.core.notice import Geometry, Notice, NoticeText
from hub.core.place import bounds
from hub.core.subscription import Criteria, criteria_from_json
from hub.store import interests, towns
from hub.store.database import Store

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
TOPICS = ("news", "waste", "roads", "desk")

officials = st.builds(
    lambda key, level: key[:level], st.text("01", min_size=12, max_size=12), st.sampled_from((2, 3, 5, 9, 12))
)
below = st.lists(
    st.builds(lambda kind, name: f"{kind}:{name}", st.sampled_from(["zone", "street"]), st.sampled_from("ab_%")),
    max_size=2,
)
paths = st.builds(lambda official, local: "/".join([official, *local]), officials, below)
centres = st.none() | st.tuples(st.floats(6, 7), st.floats(50, 51))
wishes = st.builds(
    Criteria,
    topics=st.lists(st.sampled_from(TOPICS), max_size=2).map(tuple),
    places=st.lists(paths, max_size=3).map(tuple),
    centre=centres,
    radius_km=st.sampled_from([None, 0.1, 10.0, 40.0, 100.0, 3000.0]),
    words=st.sampled_from([(), ("fest",), ("nothing",)]),
)


@pytest.fixture
def filled(store: Store) -> Store:
    values = {"id": "t", "name": "T", "path": "0", "language": "de", "zone": "Europe/Berlin", "colour": "#000000"}
    with store.begin() as session:
        towns.add(session, values, NOW)
        towns.add(session, {**values, "id": "other"}, NOW)
    return store


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(wishes, min_size=1, max_size=6),
    st.lists(paths, min_size=1, max_size=3),
    st.sampled_from(TOPICS),
    st.none() | centres,
    st.sampled_from(["rss", "desk"]),
)
def test_candidates_and_the_predicate_find_what_the_predicate_finds_among_all(
    filled: Store,
    found: list[Criteria],
    places: list[str],
    topic: str,
    point: tuple[float, float] | None,
    kind: str,
) -> None:
    notice = Notice(
        "n", "k", kind, topic, (NoticeText("de", "Fest"),), geometry=Geometry(points=(point,)) if point else None
    )
    with filled.begin() as session:
        ids = {interests.ensure(session, "t", one)[0]: one for one in found}
        strange = interests.ensure(session, "other", Criteria())[0]
        area = bounds(notice.geometry) if notice.geometry else None
        chosen = dict(interests.candidates(session, "t", topic, places, area=area, everywhere=kind == "desk"))
        session.rollback()
    fitting = {
        key for key, one in ids.items() if matches(notice, places, criteria_from_json(one.canonical())) is not None
    }
    assert fitting == {key for key, one in chosen.items() if matches(notice, places, one) is not None}
    assert strange not in chosen


def test_equal_wishes_are_one_interest(filled: Store) -> None:
    with filled.begin() as session:
        one, fresh = interests.ensure(session, "t", Criteria(topics=("news", "waste"), words=("Fest",)))
        interests.filled(session, one)
        assert fresh
        assert interests.ensure(session, "t", Criteria(topics=("waste", "news"), words=(" fest ",))) == (one, False)
        assert interests.ensure(session, "other", Criteria(topics=("waste", "news"), words=("fest",)))[0] != one
