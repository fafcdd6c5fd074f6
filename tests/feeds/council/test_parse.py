"""Lists and single objects, what is passed over, faults, and hostile answers."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.council.parse import parse
from hub.core.codec import from_json, to_json
from hub.core.errors import SourceError, SourceRefused
from hub.core.source import Document, Fetched, FetchState, Source


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("oparl-1.0-huertgenwald/meeting_page_15.json", 17),
        ("oparl-1.0-huertgenwald/organization.json", 0),
        ("oparl-1.0-huertgenwald/paper.json", 0),
        ("oparl-1.0-huertgenwald/system.json", 0),
        ("oparl-1.1-karlsruhe/meeting_10600.json", 1),
        ("oparl-1.1-karlsruhe/meeting_5622.json", 1),
    ],
)
def test_only_meetings_become_notices(council, path, count):
    assert len(council.notices(path)) == len(council.items(path)) == count


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html>", "web page"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"x": Infinity}', "broken JSON"),
        (b'{"error": 1}', "no OParl"),
        (b'[{"title": "scraped"}]', "no OParl"),
        (b'"text"', "no OParl"),
        (b"\x00", "broken JSON"),
    ],
)
def test_what_is_no_oparl_is_refused_in_one_sentence(council, body, sentence):
    with pytest.raises(SourceRefused, match=sentence):
        council.items(body)


def test_a_news_feed_is_refused_by_name(council):
    with pytest.raises(SourceRefused, match="news feed"):
        council.items("feeds/karlsruhe_personalausschuss.atom.xml")


def test_a_broken_meeting_is_a_fault_and_the_others_go_on(council):
    no_id = council.meeting(3)
    no_id.pop("id")
    items = council.items({"data": [council.meeting(1, start=None), council.meeting(2), no_id, 7, None, "x"]})
    assert [item.fault for item in items] == ["The meeting has no start.", "", "The meeting has no id."]


def test_a_meeting_read_twice_counts_once_as_modified_last(council):
    new = council.meeting(1, name="Neu", modified="2026-03-02T08:00:00+01:00")
    for pages in ([council.meeting(1), new], [new, council.meeting(1)]):
        (notice,) = council.notices(*({"data": [one]} for one in pages))
        assert notice.title == "Neu"


def test_only_the_latest_five_thousand_are_kept(council):
    many = [
        council.meeting(n, start=f"{1990 + n // 250}-01-{1 + n % 250 // 24:02}T{n % 250 % 24:02}:00:00Z")
        for n in range(5_100)
    ]
    keys = {item.key for item in council.items({"data": many})}
    assert len(keys) == 5_000
    assert many[-1]["id"] in keys
    assert many[0]["id"] not in keys


def test_embedded_committees_are_known(council):
    committee = {"id": "o", "type": "https://schema.oparl.org/1.1/Organization", "name": "Bauausschuss"}
    (notice,) = council.notices(council.meeting(1, name="2. Sitzung", organization=[committee]))
    assert notice.title == "Bauausschuss – 2. Sitzung"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=15),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "type", "name", "start", "end", "location", "geojson", "coordinates", "agendaItem", "organization",
             "invitation", "accessUrl", "cancelled", "deleted", "body", "modified", "meetingState", "public", "number"]
        ),
        inner | st.sampled_from(["Meeting", "2026-03-20T18:00:00+01:00", "Body", "https://x.example/"]),
        max_size=7,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(st.sampled_from(["name", "end", "location", "agendaItem", "organization", "body", "deleted",
                                              "start", "invitation", "auxiliaryFile", "web", "modified"]), _JSON))  # fmt: skip
def test_any_meeting_gives_a_notice_or_a_fault(council, value):
    try:
        found = council.notices({"data": [council.meeting(1) | value]})
    except SourceError:
        return
    assert all(from_json(to_json(one)) == one for one in found)


@given(st.binary(max_size=300))
def test_any_bytes_give_items_or_a_source_error(data):
    source = Source(id="s", kind="council", url="https://x.example")
    fetched = Fetched(
        (Document("https://x.example", "", data),), datetime(2026, 1, 1, tzinfo=UTC), FetchState(), source
    )
    try:
        assert isinstance(parse(fetched), list)
    except SourceError as error:
        assert str(error)  # noqa: PT017
