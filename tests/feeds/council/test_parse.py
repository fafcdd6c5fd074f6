"""Lists and single objects, what is passed over, faults, and hostile answers."""

from dataclasses import replace
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
        ("oparl-1.0-huertgenwald/meeting_page_15.json", 16),
        ("oparl-1.1-karlsruhe/meeting_10600.json", 1),
        ("oparl-1.1-karlsruhe/meeting_5622.json", 0),
    ],
)
def test_only_public_meetings_become_notices(council, path, count):
    assert len(council.notices(path)) == count


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("oparl-1.0-huertgenwald/organization.json", "This is a list of committees, not a list of meetings"),
        ("oparl-1.0-huertgenwald/paper.json", "This is a list of papers, not a list of meetings"),
        ("oparl-1.0-huertgenwald/system.json", "its bodies are at https://sdnetrim.kdvz-frechen.de/rim4220/"),
        ("oparl-1.0-huertgenwald/body.json", "'Gemeinde Hürtgenwald', .* the meetings are at https://"),
    ],
)
def test_what_is_no_list_of_meetings_is_refused_with_the_way_on(council, path, sentence):
    with pytest.raises(SourceRefused, match=sentence):
        council.items(path)


@pytest.mark.parametrize("kind", ["Paper", "Person", "File", "Location", "AgendaItem", "Consultation"])
def test_a_single_object_is_named_without_its_words(council, kind):
    one = {"id": "x", "type": f"https://schema.oparl.org/1.1/{kind}", "name": "Erika Beispiel"}
    with pytest.raises(SourceRefused, match=r"This is a single .*; please give the address of the body") as caught:
        council.items(one)
    assert "Erika" not in str(caught.value)


def test_an_empty_list_of_meetings_is_no_fault(council):
    assert council.items({"data": [], "links": {}}) == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html>", "web page"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"x": Infinity}', "broken JSON"),
        (b'{"error": 1}', "no OParl"),
        (b'[{"title": "scraped"}]', "no OParl"),
        (b'"text"', "no OParl"),
        (b"\x00", "no feed"),
        (b"hello", "broken JSON"),
    ],
)
def test_what_is_no_oparl_is_refused_in_one_sentence(council, body, sentence):
    with pytest.raises(SourceRefused, match=sentence):
        council.items(body)


def test_a_broken_meeting_is_a_fault_and_the_others_go_on(council):
    items = council.items({"data": [council.meeting(1, start=None), council.meeting(2), 7, None, "x"]})
    assert [item.fault for item in items] == ["The meeting has no start.", ""]


def test_a_meeting_without_an_id_is_known_by_its_page_or_by_who_meets_when(council):
    def without(**more):
        return {name: value for name, value in council.meeting(**more).items() if name != "id"}

    first = {"data": [without(web="https://x.example/m/1"), without(name="Bau"), without(name="Rat")]}
    keys = [one.key for one in council.notices(first)]
    assert keys[0] == "https://x.example/m/1"
    assert len(set(keys)) == 3
    edited = {"data": [one | {"location": {"description": "Saal"}} for one in reversed(first["data"])]}
    assert [one.key for one in council.notices(edited)] == keys[::-1]
    assert "no-id: 3 meetings" in " ".join(one.note for one in council.items(first))


def test_only_the_chosen_committee_is_kept(council):
    committees = {"data": [{"id": f"o{n}", "type": "Organization", "name": name, "shortName": short}
                           for n, name, short in ((1, "Bauausschuss", "BA"), (2, "Rat", ""))]}  # fmt: skip
    meetings = {"data": [council.meeting(n, organization=[f"o{n}"]) for n in (1, 2)]}
    for wanted in ("Bauausschuss", "ba", "o1", "Nichts; BA"):
        fetched = council.fetched(committees, meetings)
        chosen = parse(replace(fetched, source=council.source(organization=wanted)))
        assert [one.key for one in chosen] == ["https://ris.example/oparl/v1.1/meeting/1"], wanted
    (note,) = parse(replace(council.fetched(committees, meetings), source=council.source(organization="Atlantis")))
    assert note.note == "None of 2 meetings is of the chosen committee; known: Bauausschuss, Rat."


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
