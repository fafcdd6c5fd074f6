"""What another town's feed means here: whole notices with whose they are, only those that concern us, nothing unclean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.ortsruf.normalise import normalise
from feeds.ortsruf.parse import parse
from hub.core.codec import from_json, to_json
from hub.core.errors import SourceRefused
from hub.core.notice import Geometry, Link, PlaceRef, Severity, Status
from hub.core.source import Document, Fetched, FetchState, Source
from tests.feeds.ortsruf.conftest import CORPUS, KEY, PLACE

BRIDGE, CALLED_OFF, MARKET = "Rurbrücke gesperrt", "Freibad geschlossen", "Wochenmarkt"
HERE = (PlaceRef("ars", "053580016016"),)


def spoiled(good: bytes, number: int, *path: Any, to: Any) -> dict[str, Any]:
    """Return the feed with one value of one item's own part changed."""
    feed: dict[str, Any] = json.loads(good)
    part = feed["items"][number]["_ortsruf"]
    for one in path[:-1]:
        part = part[one]
    part[path[-1]] = to
    return feed


def test_everything_of_a_notice_arrives(notices, good) -> None:
    bridge = notices(good)[BRIDGE]
    assert [one.lang for one in bridge.texts] == ["de", "en"]
    assert bridge.texts[0].html == "<p>Die Brücke ist bis <strong>Freitag</strong> gesperrt.</p>"
    assert (bridge.severity, bridge.topic, bridge.kind) == (Severity.MODERATE, "roads", "rss")
    assert isinstance(bridge.geometry, Geometry)
    assert (len(bridge.geometry.lines), len(bridge.geometry.polygons), len(bridge.geometry.circles)) == (1, 1, 1)
    assert [one.key for one in bridge.occurrences] == ["c"]
    assert [one.name for one in bridge.facts] == ["detour"]


def test_it_says_whose_it_is(notices, good) -> None:
    found = notices(good, reach="everybody")
    market, bridge = found[MARKET], found[BRIDGE]
    assert (market.publisher, market.attribution) == ("Hürtgenwald", "Ortsruf Hürtgenwald")
    assert market.url.startswith("https://huertgenwald.example/huertgenwald/n/")
    assert (bridge.publisher, bridge.url) == ("Bauhof", "https://bauhof.example/b")
    page = f"https://huertgenwald.example/huertgenwald/n/{bridge.origin.notice}"
    assert Link("via", page, "Ortsruf Hürtgenwald") in bridge.links
    assert bridge.key == f"{bridge.origin.installation}/{bridge.origin.notice}"
    assert found["Stadtfest auf der Burg"].publisher == "Nideggen"


def test_a_street_is_that_of_the_other_town(notices, good) -> None:
    refs = notices(good, reach="everybody")[MARKET].places
    assert [(one.scheme, one.value) for one in refs] == [("ars", "053580016016"), ("street", "Ahornweg")]


def test_only_what_names_our_places_is_taken_unless_everybody_is_meant(items, notices, good) -> None:
    named = notices(good)
    assert BRIDGE in named
    assert not {MARKET, "Stadtfest auf der Burg"} & set(named)
    assert any("reach=everybody" in one.note for one in items(good))
    assert {BRIDGE, MARKET, "Stadtfest auf der Burg"} <= set(notices(good, reach="everybody"))
    assert MARKET in notices(good, places=HERE)


def test_a_warning_for_the_whole_district_names_us(notices, good) -> None:
    assert notices(good)["Sturmböen"].attribution == "Quelle: Deutscher Wetterdienst"
    assert "Sturmböen" not in notices(good, places=(PlaceRef("ars", "053340002002"),))


def test_what_concerned_us_before_and_does_not_any_more_ends_here(notices, good) -> None:
    (over,) = [one for one in notices(good).values() if not one.texts]
    assert (over.status, over.places, over.origin.revision) == (Status.CANCELLED, (), 2)
    assert notices(good, reach="everybody")[CALLED_OFF].status is Status.CANCELLED


def test_timetables_of_others_come_only_where_they_are_asked_for(notices, items, good) -> None:
    assert "Restmüll" not in notices(good, reach="everybody")
    assert set(notices(good, reach="everybody", topics="waste, roads")) == {"Restmüll", BRIDGE}
    assert any("topics" in one.note for one in items(good))


def test_empty_and_broken_answers(items) -> None:
    assert [bool(one.note) for one in items((CORPUS / "empty.json").read_bytes())] == [True, True]
    broken = items((CORPUS / "broken.json").read_bytes(), reach="everybody", topics="news,roads,warnings,waste")
    assert [bool(one.fault) for one in broken if not one.note] == [True] * 6


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("notice", "texts", 0, "title"), None), (("notice", "texts"), []), (("notice", "topic"), "canary"),
        (("notice", "topic"), "Roads/../"), (("notice", "severity"), 4), (("notice", "places", 0, "value"), 7),
        (("notice", "occurrences"), "often"), (("notice", "sent"), "2026-11-23T11:00:00"), (("notice", "cpv"), [1]),
        (("notice", "texts", 0, "extra"), "x"), (("origin", "revision"), 0), (("origin", "revision"), "2"),
        (("origin", "revision"), True), (("origin", "hops"), ["a/b"]), (("origin", "installation"), "somebody-else"),
        (("names",), ["x" * 401]), (("area",), ["Kreuzau"]), (("area",), None), (("notice",), None),
    ],
)  # fmt: skip
def test_one_item_that_cannot_be_is_named_and_the_others_go_on(items, good, path, to) -> None:
    number = next(at for at, one in enumerate(json.loads(good)["items"]) if BRIDGE in one["title"])
    found = items(spoiled(good, number, *path, to=to), reach="everybody")
    assert [one.key for one in found if one.fault] == [f"item-{number + 1}"]
    assert len([one for one in found if not (one.fault or one.note)]) == 4


def test_nobody_speaks_for_who_did_not_pass_it_on(items, good) -> None:
    """The last hop is who signs the feed: a peer cannot claim that somebody else sent a thing directly."""
    number = next(at for at, one in enumerate(json.loads(good)["items"]) if "Stadtfest" in one["title"])
    found = items(spoiled(good, number, "origin", "hops", to=[]), reach="everybody")
    assert any("neither made it nor passed it on" in one.fault for one in found)


def test_markup_and_addresses_are_cleaned_whatever_the_other_side_let_through(notices, good) -> None:
    number = next(at for at, one in enumerate(json.loads(good)["items"]) if BRIDGE in one["title"])
    feed = spoiled(good, number, "notice", "texts", 0, "html", to="<p onclick=x>a<script>alert(1)</script></p>")
    notice = feed["items"][number]["_ortsruf"]["notice"]
    notice["url"], notice["links"] = "javascript:alert(1)", [{"rel": "via", "href": "data:text/html,x", "title": "x"}]
    bridge = notices(feed)[BRIDGE]
    assert bridge.texts[0].html == "<p>a</p>"
    assert bridge.url == ""
    assert all(one.href.startswith("https://") for one in bridge.links)


@pytest.mark.parametrize("body", [{"items": 5}, {"_ortsruf": {"version": 1}}, [], "x"])
def test_a_document_that_is_no_such_feed_is_refused(items, body) -> None:
    with pytest.raises(SourceRefused):
        items(json.dumps(body).encode())


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.data(), values)
def test_whatever_stands_in_a_notice_only_errors_of_sources_leave(data, value) -> None:
    good = json.loads((CORPUS / "good.json").read_bytes())
    part: Any = data.draw(st.sampled_from(good["items"]))["_ortsruf"]
    for _ in range(data.draw(st.integers(0, 3))):
        keys = list(part) if isinstance(part, dict) else list(range(len(part))) if isinstance(part, list) else []
        inner = [one for one in keys if isinstance(part[one], dict | list) and part[one]]
        if not inner:
            break
        part = part[data.draw(st.sampled_from(inner))]
    at = data.draw(st.sampled_from(list(part) if isinstance(part, dict) else list(range(len(part)))))
    part[at] = value
    source = Source("s1", "ortsruf", "https://x.example", places=(PLACE,), config={"reach": "everybody", "key": KEY})
    document = Document("https://x.example", "", json.dumps(good).encode("utf-8", "surrogatepass"))
    try:
        found = parse(Fetched((document,), datetime(2026, 11, 23, tzinfo=UTC), FetchState(), source))
    except SourceRefused:
        return
    for one in found:
        if not (one.fault or one.note):
            made = normalise(one, source)
            assert from_json(json.loads(json.dumps(to_json(made)))) == made
