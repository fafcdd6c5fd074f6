"""Notices survive JSON whatever is in them; the content hash sees what a reader sees, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.codec import content_hash, from_json, moment_from_json, moment_to_json, occurrence_from_json, to_json
from hub.core.notice import (
    Geometry,
    Link,
    Notice,
    NoticeText,
    Occurrence,
    PlaceRef,
    Severity,
    Status,
    Value,
    notice_id,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
offsets = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=offsets)
moments = times | st.dates()
points = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
lines = st.lists(st.lists(points, max_size=3).map(tuple), max_size=2).map(tuple)
geometries = st.builds(
    Geometry, points=st.lists(points, max_size=2).map(tuple), lines=lines, polygons=lines,
    circles=st.lists(st.tuples(points, st.floats(0, 500)), max_size=2).map(tuple),
)  # fmt: skip
occurrences = st.builds(
    Occurrence, key=texts, start=moments, end=st.none() | moments, summary=texts, location=texts,
    status=st.sampled_from(Status),
)  # fmt: skip


def tuples(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


notices = st.builds(
    Notice, id=texts, key=texts, kind=texts, topic=texts, category=texts, url=texts, publisher=texts, attribution=texts,
    texts=tuples(st.builds(NoticeText, texts, texts, texts, texts, texts)), severity=st.sampled_from(Severity),
    status=st.sampled_from(Status), sent=st.none() | times, valid_from=st.none() | times, expires=st.none() | times,
    places=tuples(st.builds(PlaceRef, texts, texts, texts)), geometry=st.none() | geometries,
    occurrences=tuples(occurrences), deadline=st.none() | times, cpv=tuples(texts),
    value=st.none() | st.builds(Value, st.floats(0, 1e12), texts), links=tuples(st.builds(Link, texts, texts, texts)),
    references=tuples(texts), series=st.booleans(),
)  # fmt: skip


@given(notices)
def test_a_notice_survives_json(notice: Notice) -> None:
    again = from_json(json.loads(json.dumps(to_json(notice))))
    assert again == notice
    assert content_hash(again) == content_hash(notice)


@given(moments)
def test_a_moment_survives(moment: datetime) -> None:
    again = moment_from_json(moment_to_json(moment))
    assert again == moment
    assert isinstance(again, datetime) == isinstance(moment, datetime)


@given(notices, texts, st.none() | times)
def test_numbering_is_not_content(notice: Notice, other: str, sent: datetime | None) -> None:
    again = replace(notice, id=other, key=other, sent=sent, references=(other,))
    assert content_hash(again) == content_hash(notice)


@pytest.mark.parametrize(
    "change",
    [
        {"texts": (NoticeText("de", "other"),)}, {"severity": Severity.MINOR}, {"status": Status.CANCELLED},
        {"expires": datetime(2027, 1, 1, tzinfo=UTC)}, {"places": (PlaceRef("ars", "05"),)},
        {"geometry": Geometry(points=((6.0, 50.0),))}, {"deadline": datetime(2027, 1, 1, tzinfo=UTC)},
        {"value": Value(1.0)}, {"url": "https://example.org"}, {"cpv": ("45",)},
    ],
)  # fmt: skip
def test_what_a_reader_sees_is_content(change: dict[str, object]) -> None:
    notice = Notice("n", "k", "rss", "news", (NoticeText("de", "title"),))
    assert content_hash(replace(notice, **change)) != content_hash(notice)


@pytest.mark.parametrize(
    "broken", [{"texts": None}, {"severity": "terrible"}, {"status": "gone"}, {"sent": "yesterday"}, {"geometry": {}}]
)
def test_a_broken_object_is_refused(broken: dict[str, object]) -> None:
    data = to_json(Notice("n", "k", "rss", "news", (NoticeText("de", "title"),))) | broken
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(data)
    with pytest.raises(KeyError):
        from_json({})


def test_an_occurrence_needs_a_start() -> None:
    with pytest.raises(ValueError, match="needs a start"):
        occurrence_from_json({"key": "k", "start": None})


@given(texts, texts)
def test_an_id_fits_a_push_topic_and_is_stable(source: str, key: str) -> None:
    found = notice_id(source, key)
    assert len(found) == 26
    assert found.isalnum()
    assert found == notice_id(source, key)
