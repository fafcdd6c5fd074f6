"""Tables of towns: delimiters, headers, dates."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.waste.pickup import read_day
from feeds.waste.table import read_table, zones_of
from hub.core.errors import SourceError
from hub.core.source import Document


def rows(text, **config):
    found = read_table(Document("u", "text/csv", text.encode()), config)
    return [(one.day.isoformat(), one.title, one.zone) for one in found.pickups], found.faults


@pytest.mark.parametrize(
    "text",
    [
        "Datum;Abfuhrart;Bezirk\n04.01.2027;Bio;Nord\n",
        "\ufeffDate,Fraction,Zone\r\n2027-01-04,Bio,Nord\r\n",
        "Termin\tTonne\tOrt\nMo, 04.01.27\tBio\tNord\n",
        '"Bezirk"|"Art"|"Tag"\n"Nord"|"Bio"|"4.1.2027"\n',
        "Abfuhrplan der Stadt;;\n\nBEZIRK;Fraktion;Datum\nNord;Bio;04/01/2027\n",
        "Datum;Bio;Gebiet\n04.01.2027;x;Nord\n",
        "Datum;Bio;Papier\n04.01.2027;Nord;\n",
        "Zone;Bio\nNord;04.01.2027\n",
    ],
)
def test_one_pickup_in_many_forms(text):
    assert rows(text) == ([("2027-01-04", "Bio", "Nord")], ())


def test_a_table_without_header():
    assert rows("04.01.2027;Bio\n05.01.2027;Papier\n")[0] == [("2027-01-04", "Bio", ""), ("2027-01-05", "Papier", "")]


def test_broken_rows_are_told_with_their_number():
    found, faults = rows("Datum;Art\n04.01.2027;Bio\n;Papier\n31.02.2027;Bio\n05.01.2027;\n")
    assert found == [("2027-01-04", "Bio", "")]
    assert faults == ("Row 3: no date.", "Row 4: no date.", "Row 5: no kind of waste.")


def test_zones_of_a_cell():
    assert zones_of("1, 2/3 + A und B, 1") == ["1", "2", "3", "A", "B"]
    assert zones_of(" ") == [""]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("04.01.2027", date(2027, 1, 4)),
        ("Mo, 4.1.27", date(2027, 1, 4)),
        ("2027-01-04T06:00:00", date(2027, 1, 4)),
        ("20270104", date(2027, 1, 4)),
        ("20270104T000000", date(2027, 1, 4)),
        ("4/1/2027", date(2027, 1, 4)),
        ("31.02.2027", None),
        ("04.01.", None),
        ("04.01.0027", None),
        ("12345678", None),
        ("", None),
    ],
)
def test_days(text, day):
    assert read_day(text) == day


CELLS = st.one_of(
    st.sampled_from(["04.01.2027", "4.1.27", "31.02.2027", "Bio", "Rest, Bio", "x", '"', "\x00"]), st.text(max_size=6)
)
ROWS = st.lists(CELLS, max_size=4).map(";".join)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(ROWS, max_size=6).map(lambda rows: "\n".join(["Datum;Bio", *rows]).encode()),
        st.text(alphabet='Datum;Art,Bio\n\t"x01.2027-0104|\x00', max_size=200).map(
            lambda tail: ("Datum;Bio\n" + tail).encode()
        ),
    )
)
def test_any_table_is_read_or_refused(body):
    with contextlib.suppress(SourceError):
        found = read_table(Document("u", "", body), {})
        assert all(one.title and 1990 <= one.day.year <= 2200 for one in found.pickups)
