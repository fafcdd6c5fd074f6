"""Days read since the cursor, and plain documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from feeds.tenders import CONFIG, KIND, TOPIC
from feeds.tenders import fetch as door
from feeds.tenders.fetch import day_templates, days_due, fetch
from hub.core.errors import SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.source import Fetched, FetchState, NotModified, Source

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
URL = "https://oeffentlichevergabe.de/api/notice-exports?pubDay={}&format=eforms.zip"


def source(url: str = "https://oeffentlichevergabe.de", **config: str) -> Source:
    return Source(id="s1", kind="tenders", url=url, config=config)


def answers(*days: int, body: bytes = b"PK") -> dict[str, bytes]:
    return {URL.format(f"2026-11-{day:02}"): body + bytes([day]) for day in days}


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def test_kind_describes_itself():
    assert (KIND, TOPIC) == ("tenders", "tenders")
    assert [one.name for one in CONFIG] == ["format", "cpv", "nuts", "query", "buyer"]


def test_first_run_reads_a_week_up_to_yesterday(scripted):
    http = scripted(answers(*range(16, 23)))
    found = fetch(source(), FetchState(), http)
    assert isinstance(found, Fetched)
    assert found.partial
    assert http.asked == [URL.format(f"2026-11-{day}") for day in range(16, 23)]
    assert [one.body[-1] for one in found.documents] == list(range(16, 23))
    assert (found.state.cursor, found.at) == ("2026-11-22", NOW)


def test_next_run_reads_only_new_days_and_then_nothing(scripted):
    http = scripted(answers(22))
    found = fetch(source(), FetchState(cursor="2026-11-21"), http)
    assert isinstance(found, Fetched)
    assert len(http.asked) == 1
    again = fetch(source(), found.state, http)
    assert isinstance(again, NotModified)
    assert again.state.cursor == "2026-11-22"
    assert len(http.asked) == 1


def test_yesterday_not_yet_published_is_asked_again(scripted):
    found = fetch(source(), FetchState(cursor="2026-11-21"), scripted({}))
    assert isinstance(found, NotModified)
    assert found.state.cursor == "2026-11-21"


def test_past_day_without_notices_is_skipped(scripted):
    found = fetch(source(), FetchState(cursor="2026-11-19"), scripted(answers(20, 22)))
    assert isinstance(found, Fetched)
    assert [one.body[-1] for one in found.documents] == [20, 22]
    assert found.state.cursor == "2026-11-22"


def test_failure_after_some_days_keeps_them(scripted):
    script = {**answers(20), URL.format("2026-11-21"): 503}
    found = fetch(source(), FetchState(cursor="2026-11-19"), scripted(script))
    assert isinstance(found, Fetched)
    assert found.state.cursor == "2026-11-20"


@pytest.mark.parametrize(("status", "error"), [(503, SourceUnreachable), (403, SourceRefused)])
def test_failure_at_the_first_day_is_told(status, error, scripted):
    with pytest.raises(error):
        fetch(source(), FetchState(cursor="2026-11-19"), scripted({}, default=status))


def test_a_run_ends_when_enough_was_read(scripted, monkeypatch):
    monkeypatch.setattr(door, "MOST_BYTES", 6)
    found = fetch(source(), FetchState(), scripted(answers(*range(16, 23))))
    assert isinstance(found, Fetched)
    assert found.state.cursor == "2026-11-17"


def test_days_end_at_midnight_of_the_source(scripted):
    with time_machine.travel(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), tick=False):  # 00:30 on the 23rd in Berlin
        found = fetch(source(), FetchState(cursor="2026-11-21"), scripted(answers(22)))
    assert found.state.cursor == "2026-11-22"


@pytest.mark.parametrize("cursor", ["", "nonsense", "2026-13-01"])
def test_without_a_cursor_a_week(cursor):
    assert days_due(cursor, date(2026, 11, 23)) == [date(2026, 11, day) for day in range(16, 23)]


def test_at_most_fourteen_days_and_none_from_the_future():
    today = date(2026, 11, 23)
    assert days_due("2026-01-01", today) == [date(2026, 1, 2) + timedelta(number) for number in range(14)]
    assert days_due("2026-11-22", today) == days_due("2027-01-01", today) == []


EFORMS, OCDS = URL.format("{day}"), URL.format("{day}").replace("eforms", "ocds")


@pytest.mark.parametrize(
    ("url", "config", "templates"),
    [
        ("https://www.oeffentlichevergabe.de/", {}, (EFORMS,)),
        ("oeffentlichevergabe:", {}, (EFORMS,)),
        ("https://oeffentlichevergabe.de", {"format": "eforms"}, (EFORMS,)),
        ("https://oeffentlichevergabe.de", {"format": "ocds"}, (OCDS, EFORMS)),
        ("https://oeffentlichevergabe.de", {"format": "both"}, (OCDS, EFORMS)),
        ("https://example.org/{day}.zip", {}, ("https://example.org/{day}.zip",)),
        ("https://oeffentlichevergabe.de/api/notice-exports?pubDay=2026-11-01&format=ocds.zip", {}, ()),
        ("https://oeffentlichevergabe.de/api/notice-exports?pubMonth=2026-11&format=ocds.zip", {}, ()),
        ("https://example.org/rss.xml", {}, ()),
    ],
)
def test_what_is_read_day_by_day(url, config, templates):
    assert day_templates(source(url, **config)) == templates


def test_a_day_counts_only_when_both_of_its_formats_are_there(scripted):
    both = {**answers(22), OCDS.replace("{day}", "2026-11-22"): b"PK-ocds"}
    waiting = scripted({OCDS.replace("{day}", "2026-11-22"): b"PK-ocds"})
    state = FetchState(cursor="2026-11-21")
    assert fetch(source(format="ocds"), state, waiting).state.cursor == "2026-11-21"
    found = fetch(source(format="ocds"), state, scripted(both))
    assert [one.body for one in found.documents] == [b"PK-ocds", b"PK\x16"]
    assert found.state.cursor == "2026-11-22"
    broken = scripted({**both, EFORMS.replace("{day}", "2026-11-22"): 503})
    with pytest.raises(SourceUnreachable):
        fetch(source(format="ocds"), state, broken)


def test_after_an_outage_the_days_are_caught_up_run_by_run(scripted):
    http = scripted({}, default=404)
    state = FetchState(cursor="2026-10-01")
    for cursor in ("2026-10-15", "2026-10-29", "2026-11-12", "2026-11-21"):
        state = fetch(source(), state, http).state
        assert state.cursor == cursor
    assert len(http.asked) == len(set(http.asked)) + 0 == 52


def test_plain_document_is_partial(scripted):
    url = "https://example.org/rss.xml"
    http = scripted({url: b"<rss/>"})
    found = fetch(source(url), FetchState(), http)
    assert isinstance(found, Fetched)
    assert found.partial
    assert isinstance(fetch(source(url), found.state, http), NotModified)


def test_malformed_settings_are_told(scripted):
    with pytest.raises(SourceConfigError):
        fetch(source("https://[x"), FetchState(), scripted({}))
    with pytest.raises(SourceConfigError, match="time zone"):
        fetch(Source(id="s", kind="tenders", url="https://x/{day}", zone="No/Where"), FetchState(), scripted({}))
