"""TED's search: what its answers say, how it is asked, and that no walk is endless."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from fakes.http import FakeHttp

from feeds.tenders import ted_request
from feeds.tenders.fetch import fetch
from feeds.tenders.parse import parse
from hub.core.errors import HttpFailed, SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.notice import Fact
from hub.core.source import Fetched, FetchState, NotModified, Source

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def source(url="ted:", **config):
    return Source("s1", "tenders", url, config=config)


def page(*numbers, token="next", day="2026-11-25", **more):
    found = [{"publication-number": f"{one}-2026", "publication-date": f"{day}+01:00"} for one in numbers]
    return json.dumps({"notices": found, "iterationNextToken": token, "timedOut": False, **more}).encode()


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(ted_request, "PAGE", 2)


def bodies(http):
    return [json.loads(one.body) for one in http.asked]


def test_an_answer_is_read_lot_by_lot(corpus, make_fetched, notices):
    raw = (corpus / "synthetic" / "ted_search_page.json").read_bytes()
    items = parse(make_fetched(raw))
    assert [one.fault for one in items if one.fault] == ["The notice has no publication number."]
    good = json.loads(raw)
    good["notices"].pop()
    station, bus = notices(json.dumps(good).encode())
    assert station.title == "Feuerwache Düren, Rohbau und Technik"  # without country and code
    assert [(one.key, one.summary, one.start.isoformat()) for one in station.occurrences] == [
        ("deadline:LOT-0001", "Los 1: Rohbau", "2026-12-20T10:00:00+01:00"),
        ("deadline:LOT-0002", "Los 2: Technik", "2027-01-10T12:00:00+01:00"),
    ]
    assert (station.value.amount, station.cpv) == (3_700_000.5, ("45216121", "45300000"))
    assert [(one.scheme, one.value) for one in station.places] == [("nuts", "DEA26")]  # DEU is a country
    assert Fact("lot.2.deadline", "2027-01-10T12:00:00+01:00") in station.facts
    assert bus.deadline.isoformat() == "2026-12-08T23:59:59+01:00"  # of the change notice
    assert bus.texts[0].body.startswith("Geändert: Frist verlängert")
    assert {"700002-2026", "700003-2026", "1d9f6a1c-0002-4c3e-9d7a-aaaaaaaaaaa2"} <= set(bus.references)


def test_the_query_names_regions_and_codes_and_the_last_week(small):
    http = FakeHttp().answers(ted_request.SEARCH, body=page(1))
    found = fetch(source(nuts="DEA26, dea2", cpv="45, 90610000"), FetchState(), http)
    assert isinstance(found, Fetched)
    assert found.partial
    (asked,) = bodies(http)
    assert asked["query"] == (
        "(place-of-performance = DEA26 OR place-of-performance = DEA2*) AND "
        "(classification-cpv = 45* OR classification-cpv = 9061*) AND publication-date >= 20261119"
        " SORT BY publication-number ASC"
    )
    assert asked["paginationMode"] == "ITERATION"
    assert "procedure-identifier" in asked["fields"]
    assert found.state.cursor == "2026-11-26"


@pytest.mark.parametrize(
    ("url", "config", "asked"),
    [
        ("ted:DEA26", {}, "(place-of-performance = DEA26)"),
        ("ted:", {"query": "FT ~ Schule OR FT ~ Kita"}, "(FT ~ Schule OR FT ~ Kita)"),
        (ted_request.SEARCH, {"cpv": "45000000-7"}, "(classification-cpv = 45*)"),
        ("ted:", {"nuts": 'DEA26) OR (x = "'}, None),
        ("ted:", {}, None),
    ],
)
def test_what_is_asked(url, config, asked):
    if asked is None:
        with pytest.raises(SourceConfigError, match="nuts=DEA26"):
            ted_request.query(source(url, **config))
    else:
        assert ted_request.query(source(url, **config)) == asked


def test_pages_are_followed_until_one_is_not_full(small):
    http = FakeHttp().answers(ted_request.SEARCH, body=page(1, 2, token="a")).answers(ted_request.SEARCH, body=page(3))
    found = fetch(source(nuts="DEA26"), FetchState(cursor="2026-11-25"), http)
    assert [one.get("iterationNextToken") for one in bodies(http)] == [None, "a"]
    assert "publication-date >= 20261123" in bodies(http)[0]["query"]  # a little before the last time
    assert len(found.documents) == 2


def test_a_walk_ends_when_its_token_repeats_or_its_pages_are_used_up(small, monkeypatch):
    http = FakeHttp().answers(ted_request.SEARCH, body=page(1, 2, token="same"))
    assert fetch(source(nuts="DEA26"), FetchState(), http).state.cursor == "2026-11-26"
    assert len(http.asked) == 2
    monkeypatch.setattr(ted_request, "MOST_PAGES", 3)
    http = FakeHttp()
    for number in range(4):
        http.answers(ted_request.SEARCH, body=page(1, 2, token=f"t{number}", day=f"2026-11-2{number}"))
    found = fetch(source(nuts="DEA26"), FetchState(), http)
    assert len(http.asked) == 3
    assert found.state.cursor == "2026-11-22"  # the rest comes at the next poll


def test_a_full_walk_of_one_day_does_not_stand_still(small, monkeypatch):
    monkeypatch.setattr(ted_request, "MOST_PAGES", 1)
    http = FakeHttp().answers(ted_request.SEARCH, body=page(1, 2, day="2026-11-08"))
    state = FetchState(cursor="2026-11-10")
    assert date.fromisoformat(fetch(source(nuts="DEA26"), state, http).state.cursor) > date(2026, 11, 8)


def test_nothing_new_and_the_same_again(small):
    http = FakeHttp().answers(ted_request.SEARCH, body=page())
    found = fetch(source(nuts="DEA26"), FetchState(cursor="2026-11-20"), http)
    assert isinstance(found, NotModified)
    assert found.state.cursor == "2026-11-26"
    http = FakeHttp().answers(ted_request.SEARCH, body=page(1))
    first = fetch(source(nuts="DEA26"), FetchState(), http)
    assert isinstance(fetch(source(nuts="DEA26"), first.state, http), NotModified)


def test_a_refused_request_is_asked_plainly_once_and_then_told(small):
    url = ted_request.SEARCH
    http = FakeHttp().answers(url, 400, b'{"message": "unknown field"}').answers(url, body=page(1))
    assert isinstance(fetch(source(nuts="DEA26"), FetchState(), http), Fetched)
    first, second = bodies(http)
    assert len(second["fields"]) < len(first["fields"])
    assert "SORT BY" not in second["query"]
    http = FakeHttp().answers(url, 400, b'{"message": "Syntax error\\nat 1"}')
    with pytest.raises(SourceRefused, match="does not understand the query: Syntax error at 1"):
        fetch(source(nuts="DEA26"), FetchState(), http)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, b"", SourceUnreachable),
        (503, b"", SourceUnreachable),
        (404, b"", SourceRefused),
        (200, b"<html></html>", SourceRefused),
        (200, b"[1]", SourceRefused),
        (200, b'{"notices": [], "timedOut": true}', SourceUnreachable),
    ],
)
def test_a_failing_search_is_told_and_keeps_the_cursor(status, body, error, small):
    with pytest.raises(error):
        fetch(source(nuts="DEA26"), FetchState(), FakeHttp().answers(ted_request.SEARCH, status, body))
    with pytest.raises(SourceUnreachable):
        fetch(source(nuts="DEA26"), FetchState(), FakeHttp().fails(ted_request.SEARCH, HttpFailed("late")))
