"""A clerk's list of streets, however it was saved."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import SettingsError
from hub.core.streets import Street, places, read, reading, spots

WANTED = (Street("Ölmühlenweg", ("1-57", "58a"), "Nord"), Street("Am Weißen Stein"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        "Ölmühlenweg;1-57, 58a;Nord\n\nAm Weißen  Stein\n",
        "Ölmühlenweg;1-57, 58a;Nord;\r\nAm Weißen Stein;;;\r\n",
        "Straße;Hausnummern;Bezirk\nÖlmühlenweg;1-57, 58a;Nord\nAm Weißen Stein;;\n",
        "ID;Bezirk;PLZ;Hausnummern;Straße\n1;Nord;52393;1-57,58a;Ölmühlenweg\n2;;52393;;Am Weißen Stein\n",
        "Ölmühlenweg\t1-57,58a\tNord\nAm Weißen Stein\n",
        'Ölmühlenweg,"1-57, 58a",Nord\nAm Weißen Stein\n',
    ],
)
def test_any_usual_way_of_saving_it_is_read(encoding: str, text: str) -> None:
    assert read(text.encode(encoding)) == WANTED


def test_every_line_that_cannot_be_is_named() -> None:
    text = "Ahornweg\nAhornweg;hinten\n;12\n--\na;1;b;c\n" + "x" * 81 + "\n"
    with pytest.raises(SettingsError) as caught:
        read(text.encode())
    said = str(caught.value).splitlines()
    assert [line.split(":")[0].strip() for line in said[1:]] == [f"line {number}" for number in range(2, 7)]
    assert "'hinten' is no house number" in said[1]


def test_of_many_faults_ten_are_shown() -> None:
    with pytest.raises(SettingsError, match="and 20 more lines"):
        read(b";1\n" * 30)


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "is empty"), (b"\n\n", "is empty"), (b"PK\x03\x04", "Save it as CSV"), (b"a\0b", "CSV")]
)
def test_a_file_that_is_no_list_is_said(data: bytes, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read(data)


def test_places_are_each_there_once() -> None:
    found = places((*WANTED, Street("Ölmühlenweg", ("1-57", "60"), "Nord")), "05")
    assert [path for path, _kind, _name in found] == [
        "05/street:oelmuehlenweg", "05/street:oelmuehlenweg/house:1-57", "05/street:oelmuehlenweg/house:58a",
        "05/zone:nord", "05/street:am-weissen-stein", "05/street:oelmuehlenweg/house:60",
    ]  # fmt: skip
    assert found[1] == ("05/street:oelmuehlenweg/house:1-57", "house", "Ölmühlenweg 1-57")


@given(st.binary(max_size=200))
def test_whatever_it_holds_it_is_read_or_refused_in_words(data: bytes) -> None:
    with contextlib.suppress(SettingsError):  # and nothing else
        assert all(len(path) <= 200 for path, _kind, _name in places(read(data), "0" * 12))


def test_the_longest_street_fits_into_a_path() -> None:
    (_street, house) = places(read(f"{'ß' * 70};1000a-1999b-ungerade".encode()), "0" * 12)
    assert len(house[0]) <= 200


NAMED = "Straße;Ortsteil;Breite;Länge\nAm Wehr;Kleinhau;50,7123;6.3711\nAm Berg;Gey;;\n"
FEATURES = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"NAME": "Am Wehr", "ortsteil": "Kleinhau"},
         "geometry": {"type": "LineString", "coordinates": [[6.37, 50.71], [6.3711, 50.7123], [6.38, 50.72]]}},
        {"type": "Feature", "properties": {"str_name": "Am Berg", "Ortsteil": "Gey"}, "geometry": None},
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", [NAMED, json.dumps(FEATURES)], ids=["csv", "geojson"])
def test_district_and_coordinates_are_read(text: str) -> None:
    wanted = (Street("Am Wehr", district="Kleinhau", at=(6.3711, 50.7123)), Street("Am Berg", district="Gey"))
    assert read(text.encode()) == wanted
    assert ("05/district:gey", "district", "Gey") in places(wanted, "05")
    assert spots(wanted, "05") == {"05/street:am-wehr": (6.3711, 50.7123)}


@pytest.mark.parametrize("where", ["6.37;50.71", "2529000;5623000", "hier;dort", "50.71;"])
def test_coordinates_that_cannot_be_are_said(where: str) -> None:
    found = reading(f"street;lat;lon\nAm Wehr;{where}\nAm Berg;50.71;6.37\n".encode())
    assert [one.name for one in found.streets] == ["Am Berg"]
    assert [(one.line, one.text.split(";")[0]) for one in found.faults] == [(2, "Am Wehr")]


@pytest.mark.parametrize("text", ["{", "{}", '{"features": 7}', '{"type": "FeatureCollection", "features": []}'])
def test_a_geojson_without_streets_is_said(text: str) -> None:
    with pytest.raises(SettingsError, match=r"GeoJSON|empty"):
        read(text.encode())


@given(
    st.lists(
        st.sampled_from(["Ahornweg", "Am Wehr;1-9", ";5", "Ahornweg;hinten", "Weg;1;Nord", "a;b;c;d", "--"]), min_size=1
    )
)
def test_of_a_file_nothing_is_lost(lines: list[str]) -> None:
    found = reading("\n".join(lines).encode())
    assert len(found.streets) + len(found.faults) == len(lines)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["type", "features", "properties", "geometry", "coordinates", "name"]), inner
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_a_geojson_holds_it_is_read_or_refused_in_words(found: object) -> None:
    with contextlib.suppress(SettingsError):
        reading(json.dumps({"type": "FeatureCollection", "features": found}).encode())
