"""What counts as the same thing said in two municipalities: not a word may differ, and it must be the same item."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from random import Random

import pytest
from fakes.county import notice as of_county
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import (
    Fact,
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
from hub.core.twins import twin_key

URL = "https://landkreis.example/feed"
AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
OTHER = {
    "key": "another", "kind": "roads", "topic": "roads", "texts": (NoticeText("de", "Anderes"),),
    "severity": Severity.EXTREME, "status": Status.CANCELLED, "category": "x", "valid_from": AT,
    "expires": AT, "occurrences": (Occurrence("o", date(2026, 12, 1)),), "deadline": AT, "cpv": ("77",),
    "value": Value(7.0), "url": "https://x.example", "publisher": "Amt", "attribution": "CC BY",
    "links": (Link("via", "https://y.example"),), "series": True, "facts": (Fact("a", "b"),),
}  # fmt: skip
seeds = st.integers(0, 10**9)


def made(seed: int) -> Notice:
    return replace(of_county(Random(seed), seed)[0], kind="rss")


@given(seeds, st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_towns_that_read_the_same_item_have_the_same_key(seed: int, one: str, other: str) -> None:
    """Whatever their sources are called, and however each resolves where it is."""
    notice = made(seed)
    there = replace(
        notice, id=notice_id(other, notice.key), places=(PlaceRef("ars", "0535"),), sent=AT, references=("old",),
        geometry=Geometry(points=((7, 50),)),
    )  # fmt: skip
    assert twin_key(replace(notice, id=notice_id(one, notice.key)), URL) == twin_key(there, URL) != ""


@given(seeds, st.sampled_from(sorted(OTHER)))
def test_whatever_a_reader_would_notice_makes_it_another_thing(seed: int, name: str) -> None:
    notice = made(seed)
    changed = replace(notice, **{name: OTHER[name]})
    assert (twin_key(notice, URL) == twin_key(changed, URL)) == (notice == changed)


def test_no_field_was_forgotten() -> None:
    assert {one.name for one in fields(Notice)} == {*OTHER, "id", "places", "geometry", "sent", "references", "origin"}


@given(seeds)
def test_equal_words_of_two_sources_are_two_things(seed: int) -> None:
    """Two towns may each open a pool, with the same number in their lists."""
    assert twin_key(made(seed), URL) != twin_key(made(seed), URL + "2")


@given(seeds)
def test_an_alert_is_the_same_wherever_it_was_read(seed: int) -> None:
    alert = replace(made(seed), kind="cap")
    assert twin_key(alert, URL) == twin_key(alert, "https://mirror.example")


@pytest.mark.parametrize("values", [{"kind": "desk"}, {"key": ""}])
def test_incidents_and_nameless_things_have_no_twin(values: dict[str, str]) -> None:
    assert twin_key(replace(made(1), **values), URL) == ""
