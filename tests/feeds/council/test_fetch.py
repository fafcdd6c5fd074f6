"""The walk from System to meetings, paging, modified_since, and what a broken page means."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.council.fetch import MOST_REFERENCES, fetch, read, with_parameters
from feeds.council.normalise import normalise
from feeds.council.oparl import NOTE
from feeds.council.parse import parse
from hub.core.errors import SourceConfigError, SourceError, SourceRefused, SourceTooLarge, SourceUnreachable
from hub.core.ports import Answer
from hub.core.source import Fetched, FetchState, NotModified

BASE = "https://ris.example/oparl/v1.1"
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


def since_of(url):
    return parse_qs(urlsplit(url).query).get("modified_since")


@pytest.mark.parametrize("entry", ["system", "body", "body/1"])
def test_from_system_or_body_to_all_meetings(council, serve, pages, entry):
    fetched = read(council.source(f"{BASE}/{entry}"), FetchState(), serve(pages), NOW)
    assert isinstance(fetched, Fetched)
    assert not fetched.partial
    notices = [normalise(item, fetched.source) for item in parse(fetched)]
    assert [one.title for one in notices] == ["Gemeinderat", "Bauausschuss – 3. Sitzung"]
    assert {one.publisher for one in notices} == {"Stadt Muster"}
    assert notices[0].places[0].value == "05358016"


def test_from_a_list_of_meetings_or_one_meeting(council, serve, pages):
    server = serve(pages | {f"{BASE}/meeting/9": council.meeting(9)})
    assert len(parse(read(council.source(f"{BASE}/meeting"), FetchState(), server, NOW))) == 2
    one = read(council.source(f"{BASE}/meeting/9"), FetchState(), server, NOW)
    assert [item.key for item in parse(one)] == [f"{BASE}/meeting/9"]
    assert one.state.cursor == "oparl"


def test_the_same_answer_is_nothing_new(council, serve, pages):
    first = fetch(council.source(modified_since="off"), FetchState(), serve(pages))
    assert isinstance(fetch(council.source(modified_since="off"), first.state, serve(pages)), NotModified)


def test_the_second_poll_asks_only_for_changes_and_a_week_later_for_all(council, serve, pages):
    source = council.source()
    first = read(source, FetchState(), serve(pages), NOW)
    assert first.state.cursor
    server = serve(pages)
    later = NOW + timedelta(hours=4)
    second = read(source, first.state, server, later)
    (asked,) = (url for url in server.asked if since_of(url))
    assert asked.startswith(f"{BASE}/meeting?")
    since = datetime.fromisoformat(since_of(asked)[0])
    assert NOW - timedelta(hours=3) < since < NOW, "what was modified while we read must not be lost"
    cursor = second.state.cursor
    assert cursor != first.state.cursor
    assert isinstance(second, NotModified) or second.partial
    server = serve(pages)
    read(source, FetchState(cursor=cursor), server, NOW + timedelta(days=7, hours=1))
    assert not any(since_of(url) for url in server.asked)


def test_a_changed_page_of_a_filtered_read_is_partial(council, serve, pages):
    first = read(council.source(), FetchState(), serve(pages), NOW)
    pages[f"{BASE}/meeting"] = {"data": [council.meeting(5)], "links": {}}
    second = read(council.source(), first.state, serve(pages), NOW + timedelta(hours=4))
    assert second.partial
    assert [item.key for item in parse(second)] == [f"{BASE}/meeting/5"]


def test_a_server_without_modified_dates_is_always_read_whole(council, serve, pages):
    pages[f"{BASE}/meeting?page=2"]["data"][0].pop("modified")
    assert read(council.source(), FetchState(), serve(pages), NOW).state.cursor == "oparl"


def test_modified_since_can_be_switched_off(council, serve, pages):
    server = serve(pages)
    state = FetchState(cursor=f"{NOW.isoformat()} {NOW.isoformat()}")
    fetched = read(council.source(modified_since="off"), state, server, NOW + timedelta(hours=1))
    assert not any(since_of(url) for url in server.asked)
    assert (fetched.state.cursor, fetched.partial) == ("oparl", False)


@pytest.mark.parametrize(
    "cursor", ["garbage", "a b", "2026-03-15 2026-03-14", f"{NOW.isoformat()} {NOW.replace(year=2000).isoformat()}"]
)
def test_a_cursor_of_no_use_means_a_full_read(council, serve, pages, cursor):
    server = serve(pages)
    assert not read(council.source(), FetchState(cursor=cursor), server, NOW).partial
    assert not any(since_of(url) for url in server.asked)


def test_a_server_that_refuses_the_filter_is_asked_for_all(council, serve, pages):
    whole = pages[f"{BASE}/meeting"]
    pages[f"{BASE}/meeting"] = lambda url: 400 if since_of(url) else whole
    state = FetchState(cursor=f"{NOW.isoformat()} {NOW.isoformat()}")
    fetched = read(council.source(), state, serve(pages), NOW + timedelta(hours=1))
    assert not fetched.partial
    assert len(parse(fetched)) == 2


@pytest.mark.parametrize("where", ["system", "body", "organization", "meeting", "meeting?page=2"])
def test_a_server_that_is_down_fails_the_fetch_as_a_whole(council, serve, pages, where):
    with pytest.raises(SourceUnreachable):
        read(council.source(), FetchState(), serve(pages | {f"{BASE}/{where}": 503}), NOW)


@pytest.mark.parametrize("where", ["system", "body", "meeting"])
@pytest.mark.parametrize("broken", [404, b"<html>login</html>", b"{", b'{"error":1}', {"data": [{"x": 1}]}])
def test_a_broken_first_page_is_refused(council, serve, pages, where, broken):
    with pytest.raises(SourceError):
        parse(read(council.source(), FetchState(), serve(pages | {f"{BASE}/{where}": broken}), NOW))


@pytest.mark.parametrize("broken", [404, b"<html>oops</html>", b"{", b'{"error":1}'])
def test_a_broken_later_page_keeps_the_earlier_ones_but_not_the_cursor(council, serve, pages, broken):
    old = FetchState(cursor="kept as it was")
    fetched = read(council.source(), old, serve(pages | {f"{BASE}/meeting?page=2": broken}), NOW)
    assert fetched.partial
    assert fetched.state.cursor == old.cursor
    items = parse(fetched)
    assert [bool(item.fault) for item in items] == [False, True]
    assert "could not be read on" in items[1].fault


def test_committees_that_are_broken_for_good_do_not_stop_the_meetings(council, serve, pages):
    fetched = read(council.source(), FetchState(), serve(pages | {f"{BASE}/organization": 404}), NOW)
    assert not fetched.partial
    assert [normalise(item, fetched.source).title for item in parse(fetched)] == ["Gemeinderat", "3. Sitzung"]


@pytest.mark.parametrize(
    ("following", "reason"),
    [
        ("https://evil.example/meeting?page=2", "another server"),
        ("https://ris.example:8443/oparl/v1.1/meeting?page=2", "another server"),
        ("file:///etc/passwd", "another server"),
        (f"{BASE}/meeting", "leads back"),
    ],
)
def test_paging_stays_on_the_server_and_never_turns_in_circles(council, serve, pages, following, reason):
    pages[f"{BASE}/meeting"]["links"]["next"] = following
    server = serve(pages)
    fetched = read(council.source(), FetchState(), server, NOW)
    assert reason in parse(fetched)[-1].fault
    assert all(url.startswith(BASE) for url in server.asked)


def test_the_page_cap_is_said_aloud(council, serve, pages):
    fetched = read(council.source(pages="1"), FetchState(), serve(pages), NOW)
    assert "more than 1 pages" in parse(fetched)[-1].fault
    assert fetched.partial


@pytest.mark.parametrize("config", [{"pages": "0"}, {"pages": "x"}, {"pages": "9999"}, {"body": "Atlantis"}])
def test_bad_settings_are_named(council, serve, pages, config):
    with pytest.raises(SourceConfigError):
        read(council.source(**config), FetchState(), serve(pages), NOW)


def test_one_body_of_several_is_chosen_by_name(council, serve, pages):
    other = pages[f"{BASE}/body/1"] | {"id": f"{BASE}/body/2", "name": "Kreis", "meeting": f"{BASE}/other"}
    pages[f"{BASE}/body"]["data"].append(other)
    server = serve(pages)
    read(council.source(body="stadt muster"), FetchState(), server, NOW)
    assert f"{BASE}/other" not in server.asked


def test_papers_are_not_meetings(council, serve):
    paper = {"id": "p", "type": "https://schema.oparl.org/1.1/Paper"}
    with pytest.raises(SourceRefused, match="not a list of meetings"):
        read(council.source(f"{BASE}/paper"), FetchState(), serve({f"{BASE}/paper": {"data": [paper]}}), NOW)


def test_pages_beyond_all_measure_are_refused(council, serve, pages):
    page = json.dumps(pages[f"{BASE}/organization"]).encode() + b" " * 61_000_000
    with pytest.raises(SourceTooLarge):
        read(council.source(), FetchState(), serve(pages | {f"{BASE}/meeting": page}), NOW)


def test_parameters_are_encoded_and_never_doubled():
    assert with_parameters("https://x.example/m?body=1", modified_since="2026-03-15T12:00:00+00:00") == (
        "https://x.example/m?body=1&modified_since=2026-03-15T12%3A00%3A00%2B00%3A00"
    )
    assert with_parameters("https://x.example/m?limit=5", limit="100") == "https://x.example/m?limit=5"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just(f"{BASE}/meeting"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "links", "next", "type", "id", "body", "meeting", "organization", "start"]),
            inner | st.sampled_from(["System", "Body", "Meeting"]),
            max_size=5,
        )
    ),
    max_leaves=15,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=_JSON, meetings=_JSON)
def test_any_json_from_a_server_gives_an_answer_or_a_source_error(council, serve, entry, meetings):
    server = serve({f"{BASE}/system": entry, f"{BASE}/meeting": meetings})
    try:
        found = read(council.source(), FetchState(), server, NOW)
    except SourceError:
        return
    assert isinstance(found, Fetched)
    assert all(one.body or one.content_type == NOTE for one in found.documents)


def test_what_coming_meetings_refer_to_is_fetched_from_their_own_server(council, serve, pages):
    refers = {
        "agendaItem": [f"{BASE}/item/1", f"{BASE}/item/2", "https://evil.example/item/3"],
        "location": f"{BASE}/room/1", "organization": [f"{BASE}/organization/8"],
    }  # fmt: skip
    past = council.meeting(4, start="2020-01-01T18:00:00+01:00", agendaItem=[f"{BASE}/item/old"])
    pages[f"{BASE}/meeting"] = {"data": [council.meeting(3, name="4. Sitzung", **refers), past], "links": {}}
    pages |= {
        f"{BASE}/item/1": {"id": f"{BASE}/item/1", "type": "AgendaItem", "number": "1", "name": "Haushalt"},
        f"{BASE}/item/2": {"id": f"{BASE}/item/2", "type": "AgendaItem", "name": "Kauf", "public": False},
        f"{BASE}/room/1": {"id": f"{BASE}/room/1", "type": "Location", "room": "Ratssaal"},
        f"{BASE}/organization/8": {"id": f"{BASE}/organization/8", "type": "Organization", "name": "Kreisrat"},
    }
    server = serve(pages)
    fetched = read(council.source(), FetchState(), server, NOW)
    notice = normalise(next(one for one in parse(fetched) if one.key.endswith("/3")), fetched.source)
    assert (notice.title, notice.texts[0].body) == ("Kreisrat – 4. Sitzung", "1 Haushalt")
    assert notice.occurrences[0].location == "Ratssaal"
    assert not any("evil" in url or "old" in url for url in server.asked)


def test_references_are_bounded_and_said_aloud(council, serve, pages):
    items = [f"{BASE}/item/{n}" for n in range(1_000)]
    pages[f"{BASE}/meeting"] = {"data": [council.meeting(3, agendaItem=items)], "links": {}}
    server = serve(pages)
    fetched = read(council.source(), FetchState(), server, NOW)
    assert sum("/item/" in url for url in server.asked) == MOST_REFERENCES
    assert "too many to ask for" in parse(fetched)[-1].fault


def test_ten_thousand_pages_end_at_the_cap(council, serve, pages):
    def page(url):
        number = int((parse_qs(urlsplit(url).query).get("page") or ["1"])[0])
        return {"data": [council.meeting(number)], "links": {"next": f"{BASE}/meeting?page={number + 1}"}}

    server = serve(pages | {f"{BASE}/meeting": page} | {f"{BASE}/meeting?page={n}": page for n in range(2, 10_001)})
    fetched = read(council.source(pages="50"), FetchState(), server, NOW)
    assert len(server.asked) == 50 + 3
    assert fetched.partial


def test_slow_pages_end_before_the_lease_does(council, serve, pages):
    ticks = iter(range(0, 10_000, 25))
    fetched = read(council.source(), FetchState(), serve(pages), NOW, clock=lambda: next(ticks))
    assert "longer than 90 s" in parse(fetched)[-1].fault
    assert fetched.partial


def test_an_organization_leads_to_its_own_meetings(council, serve, pages):
    committee = {"id": f"{BASE}/o/7", "type": "Organization", "name": "Bauausschuss", "meeting": f"{BASE}/o/7/meeting"}
    mine = {"data": [council.meeting(5, name="2. Sitzung", organization=[f"{BASE}/o/7"])], "links": {}}
    server = serve(pages | {f"{BASE}/o/7": committee, f"{BASE}/o/7/meeting": mine})
    fetched = read(council.source(f"{BASE}/o/7"), FetchState(), server, NOW)
    assert [normalise(one, fetched.source).title for one in parse(fetched)] == ["Bauausschuss – 2. Sitzung"]


def test_an_export_is_asked_for_conditionally(council):
    body = council.body("synthetic/sessionnet.ics")

    class Export:
        def __init__(self):
            self.sent = []

        def get(self, url, *, headers=None, limits=None):
            self.sent.append(dict(headers))
            if headers.get("if-none-match") == '"1"':
                return Answer(304, {}, b"", url)
            return Answer(200, {"etag": '"1"', "content-type": "text/calendar"}, body, url)

    export, source = Export(), council.source("https://ris.example/termine.ics")
    first = read(source, FetchState(), export, NOW)
    assert isinstance(first, Fetched)
    assert not first.partial
    assert isinstance(read(source, first.state, export, NOW + timedelta(hours=4)), NotModified)
    assert len(export.sent) == 2


def test_a_council_system_that_answers_with_an_export_is_not_believed(council, serve, pages):
    first = read(council.source(), FetchState(), serve(pages), NOW)
    other = serve({f"{BASE}/system": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"})
    with pytest.raises(SourceRefused, match="was a council system"):
        read(council.source(), first.state, other, NOW + timedelta(hours=1))
