"""Official places: finding, naming and resolving them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import PlaceRef
from hub.core.place import covers
from hub.reference import (
    district_nuts,
    find_municipality,
    load_rows,
    municipalities,
    municipality,
    path_name,
    resolve,
)


@pytest.mark.parametrize(
    ("scheme", "value", "paths"),
    [
        ("ars", "053580016016", ("053580016016",)),
        ("ars", "053700000000", ("05370",)),
        (
            "ars",
            "059580004000",
            ("059580004004",),
        ),  # an association of one municipality, as MoWaS names it
        ("ars", "059999999999", ()),
        ("ags", "05358016", ("053580016016",)),
        ("ags", "05370012", ("053700012012",)),
        ("ags", "11000000", ("11",)),
        ("ags", "05358000", ("05358",)),  # a district filled up to 8 digits
        ("ags", "05358999", ()),
        ("warncell", "805358016", ("053580016016",)),
        (
            "warncell",
            "711000101",
            ("11",),
        ),  # Berlin has no cell of its own, only quarters
        ("warncell", "811000000", ("11",)),
        ("warncell", "709162001", ("09162",)),
        ("warncell", "105370000", ("05370",)),
        ("warncell", "101051000", ("01051",)),
        ("warncell", "901051001", ("01051",)),  # the inland part of a district
        ("warncell", "901056002", ("010560025025",)),  # Helgoland
        ("warncell", "909184999", ("09162", "09184")),  # "Kreis und Stadt München"
        (
            "warncell",
            "816056000",
            ("160630105105",),
        ),  # Eisenach, a city of its own until 2021
        ("warncell", "203159000", ()),  # a lake
        ("warncell", "501000001", ()),  # the sea
        ("warncell", "899999999", ()),
        ("nuts", "DEA29", ("05370",)),
        ("nuts", "DEA2", ("053",)),
        ("nuts", "DEA", ("05",)),
        ("nuts", "DE30", ("11",)),
        ("nuts", "DE501", ("04011",)),
        ("nuts", "DEZZZ", ()),
        ("nuts", "AT312", ()),
        ("plz", "52511", ("053700012012",)),
        ("plz", "10178", ("11",)),
        ("plz", "00000", ()),
        ("emma", "DE356", ("07233",)),
        ("emma", "DE020", ("09563", "09573")),  # "Kreis und Stadt Fürth"
        ("emma", "DE99999", ()),
        ("emma", "AT312", ()),
        ("zone", "Bezirk 1", ("05370/zone:bezirk-1",)),
        ("street", "Hauptstr.", ("05370/street:hauptstrasse",)),
        ("district", "!", ()),
        ("planet", "Erde", ()),
    ],
)
def test_resolves(scheme: str, value: str, paths: tuple[str, ...]) -> None:
    """Every scheme gives paths of the place tree, or none."""
    assert resolve(PlaceRef(scheme, value), "05370") == paths


def test_a_meteoalarm_area_that_is_not_in_the_table_is_found_by_the_name_of_the_warn_cell() -> None:
    """MeteoAlarm's German areas bear the names of the DWD's warn cells; foreign ones are nowhere."""
    assert resolve(PlaceRef("emma", "DE999", "Kreis Vulkaneifel")) == ("07233",)
    assert resolve(PlaceRef("emma", "AT999", "Kreis Vulkaneifel")) == ()
    assert resolve(PlaceRef("emma", "DE999", "Bodensee - Mitte")) == ()


def test_local_place_needs_a_parent() -> None:
    """A zone without a municipality is nowhere."""
    assert resolve(PlaceRef("zone", "Bezirk 1")) == ()


def test_all_sixteen_laender_are_germany() -> None:
    """NUTS 0 is every land, not 400 districts."""
    assert len(resolve(PlaceRef("nuts", "DE"))) == 16


def test_a_postcode_may_mean_many_and_a_municipality_have_many() -> None:
    """Postcodes and municipalities are n:m."""
    many = resolve(PlaceRef("plz", "54570"))
    assert len(many) > 10
    assert all(covers("07233", path) for path in many)
    assert resolve(PlaceRef("plz", "80331")) == resolve(PlaceRef("plz", "81249")) == ("09162",)


@given(
    st.sampled_from(["ars", "ags", "warncell", "nuts", "plz", "zone"]),
    st.text(max_size=14),
)
def test_any_text_is_resolved_or_unknown(scheme: str, value: str) -> None:
    """Hostile values give paths or nothing, never an exception."""
    assert all(path_name(path) for path in resolve(PlaceRef(scheme, value), "05370"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("geilenk", "Geilenkirchen"),
        ("52511", "Geilenkirchen"),
        ("52511 Geil", "Geilenkirchen"),
        ("Muenchen", "München"),
        ("munchen", "München"),
        ("MÜNCHEN", "München"),
        ("St. Augustin", "Sankt Augustin"),
        ("sankt augustin", "Sankt Augustin"),
        ("hürtgen", "Hürtgenwald"),
        ("frankfurt", "Frankfurt am Main"),
        ("Berlin", "Berlin"),
    ],
)
def test_finds_as_people_type(query: str, name: str) -> None:
    """Umlauts, "St." and postcodes as people write them; the larger place first."""
    assert find_municipality(query)[0].name == name


@pytest.mark.parametrize("query", ["", " ", "xyzzy", "1", "99999 Geilenkirchen", "%_"])
def test_finds_nothing_quietly(query: str) -> None:
    """No match is no error."""
    assert find_municipality(query) == []


def test_limit_and_no_forests() -> None:
    """At most ``limit`` are returned, and nobody lives in a gemeindefreies Gebiet."""
    found = find_municipality("ha", limit=7)
    assert len(found) == 7
    assert all(one.population for one in found)


def test_names_of_paths() -> None:
    """Land, district, municipality and local nodes have names; the unknown has none."""
    names = [
        path_name(path)
        for path in (
            "05",
            "05370",
            "053700012012",
            "053700012012/zone:a",
            "09162",
            "09184",
            "99",
        )
    ]
    assert names == [
        "Nordrhein-Westfalen",
        "Kreis Heinsberg",
        "Geilenkirchen",
        "Geilenkirchen",
        "München",
        "Landkreis München",
        "",
    ]


def test_one_municipality_by_any_key() -> None:
    """ARS, AGS, path and an ARS with a former association lead to the same row."""
    one = municipality("053580016016")
    assert one is not None
    assert (one.name, one.ags, one.plz, one.path) == (
        "Hürtgenwald",
        "05358016",
        "52393",
        "053580016016",
    )
    assert one == municipality("05358016") == municipality("053589999016")
    assert (one.lat, one.lon) == pytest.approx((50.7167, 6.3667))
    berlin = municipality("11")
    assert berlin is not None
    assert berlin.ags == "11000000"
    assert municipality("999999999999") is None


def test_rows_for_the_database() -> None:
    """Each path once, parents before children, every land's digits covered, nothing outside Germany."""
    rows = list(load_rows())
    kinds = {row.path: row.kind for row in rows}
    assert len(kinds) == len(rows)
    assert sum(kind == "municipality" for kind in kinds.values()) == 10952 == len(list(municipalities()))
    assert {path[:2] for path in kinds} == {f"{number:02}" for number in range(1, 17)}
    assert (kinds["11"], kinds["05"], kinds["05370"], kinds["09162"]) == (
        "municipality",
        "land",
        "district",
        "municipality",
    )
    assert all(47 < row.lat < 56 and 5 < row.lon < 16 for row in rows if row.lat is not None and row.lon is not None)
    assert sum(row.population or 0 for row in rows) > 83_000_000
    assert all(row.nuts.startswith("DE") for row in rows if row.population)


def test_a_postcode_of_several_municipalities_is_narrowed_by_the_name() -> None:
    several = resolve(PlaceRef("plz", "17495"))
    assert len(several) > 1
    assert resolve(PlaceRef("plz", "17495", "Züssow")) == ("130755563154",)
    assert resolve(PlaceRef("plz", "17495", "zuessow")) == ("130755563154",)
    assert resolve(PlaceRef("plz", "17495", "Ortsteil Nirgends")) == several


def test_the_district_of_a_place_has_a_nuts_code() -> None:
    assert [district_nuts(path) for path in ("053580016016", "05358", "053580016016/zone:1", "11", "99")] == [
        "DEA26", "DEA26", "DEA26", "DE300", "",
    ]  # fmt: skip
