"""Templates, dotted paths, presets and automatic names; nothing of Python is reachable through a template."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.roads.mapping import fields_of, fill, look_up, presets
from hub.core.errors import SourceConfigError

PROPERTIES = {"art": "Vollsperrung", "strasse": "Am Markt", "a.b": "punkt", "n": {"m": "tief"}, "leer": None, "z": 3}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{art}: {strasse}", "Vollsperrung: Am Markt"),
        ("{fehlt}: {strasse}", "Am Markt"),
        ("{art} – {leer}", "Vollsperrung"),
        ("{n.m} {a.b} {z}", "tief punkt 3"),
        ("{art.__class__.__mro__}", ""),
        ("{0}{}{art!r}{art:>9}", "{}"),
        ("{{art}}", "{Vollsperrung}"),
        ("{art", "{art"),
        ("{art}\\n{strasse}", "Vollsperrung\nAm Markt"),
        ("{n}", ""),
    ],
)
def test_fill(pattern, text):
    assert fill(pattern, PROPERTIES) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{x|before}", "Sperrung - Umleitung: gut"),
        ("{x|after}", "Weg (Ost)"),
        ("{x|inside}", "Ost"),
        ("{s|outside}", "Weg"),
        ("{s|inside}", "Ost"),
        ("{y|before}", ""),
        ("{y|after}", "Allee"),
        ("{y|inside}", ""),
    ],
)
def test_filters(pattern, text):
    properties = {"x": "Sperrung - Umleitung: gut: Weg (Ost)", "s": "Weg (Ost)", "y": "Allee"}
    assert fill(pattern, properties) == text


def test_an_exact_name_wins_over_a_path():
    assert look_up("a.b", {"a.b": 1, "a": {"b": 2}}) == 1
    assert look_up("a.b", {"a": {"b": 2}}) == 2
    assert look_up("a.b", {"a": "text"}) is None


def test_own_settings_win_over_the_preset_and_the_preset_is_no_guess(roads):
    fields = fields_of(roads.source(preset="rostock", mapping__street="lage"))
    assert fields.text("street", {"lage": "Ecke", "strasse_name": "Weg"}) == "Ecke"
    assert fields.text("url", {"url": "https://x.example"}) == ""
    assert fields.whole_days
    assert not fields_of(roads.source(preset="rostock", midnight="time")).whole_days


def test_common_names_are_found_whatever_their_case(roads):
    fields = fields_of(roads.source())
    properties = {
        "STRASSE": "Weg",
        "Datum_von": "1.1.2026",
        "Maßnahmen-Art": "x",
        "Umleitung": "über B 1",
        "OBJECTID": 7,
    }
    assert fields.text("street", properties) == "Weg"
    assert fields.text("start", properties) == "1.1.2026"
    assert fields.text("detour", properties) == "über B 1"
    assert fields.text("id", properties) == "", "a row number is no identifier"


def test_an_unknown_preset_is_named_with_the_known_ones(roads):
    with pytest.raises(SourceConfigError, match="viz-berlin"):
        fields_of(roads.source(preset="atlantis"))


def test_presets_use_known_fields_only():
    from feeds.roads.mapping import FIELDS

    assert set(presets()) >= {"viz-berlin", "rostock", "chemnitz", "autobahn-geojson"}
    for table in presets().values():
        assert set(table) <= {*FIELDS, "attribution", "midnight"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.text(alphabet="{}|.:_ abfteron\\", max_size=60), st.dictionaries(st.text(max_size=4), _JSON, max_size=5))
def test_any_template_over_any_properties_gives_text(pattern, properties):
    found = fill(pattern, properties)
    assert isinstance(found, str)
    assert "\x00" not in found


@given(st.text(max_size=40))
def test_a_value_is_never_read_as_a_template(value):
    properties = {"a": value, "secret": "TOP-SECRET-VALUE"}
    assert "TOP-SECRET-VALUE" not in fill("{a}", properties) or "TOP-SECRET-VALUE" in value
    assert "TOP-SECRET-VALUE" not in fill("{a}", {**properties, "a": "{secret}"})
