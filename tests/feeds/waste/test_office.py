"""Waste calendars that a clerk keeps in Excel or LibreOffice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import pytest

from hub.core.errors import SourceConfigError, SourceRefused, SourceTooLarge
from hub.sandbox import ParseLimits, parse_safely
from tests.fakes.office import ods, package, repacked, xlsx

DAY, NEXT = date(2027, 1, 5), date(2027, 1, 12)


@pytest.fixture
def dates(notices):
    """``dates(body, …)``: {(title, zone): days}."""

    def make(body: bytes, **config: str) -> dict[tuple[str, str], list[str]]:
        return {
            (one.title, one.places[0].name if one.places[0].scheme == "zone" else ""): [
                str(found.start) for found in one.occurrences
            ]
            for one in notices(body, **config)
        }

    return make


def test_a_sheet_with_real_dates_below_a_merged_title(dates):
    rows = [["Restmüllabfuhr 2027", None, None], [], ["Datum", "Abfuhrart", "Bezirk"]]
    rows += [[datetime(2027, 1, 5), "Restmüll", 1], [NEXT, "Bio", "2"], ["19.01.2027", "Bio", 2.0]]
    body = xlsx({"Tabelle1": rows}, merge=["A1:C1"])
    assert dates(body) == {("Restmüll", "1"): ["2027-01-05"], ("Bio", "2"): ["2027-01-12", "2027-01-19"]}


def test_a_date_merged_over_several_rows(dates):
    rows = [["Datum", "Abfuhrart", "Bezirk"], [DAY, "Bio", "Nord"], [None, "Papier", "Nord"], [NEXT, "Bio", "Nord"]]
    found = dates(xlsx({"A": rows}, merge=["A2:A3"]))
    assert found == {("Bio", "Nord"): ["2027-01-05", "2027-01-12"], ("Papier", "Nord"): ["2027-01-05"]}


def test_zones_in_a_merged_row_above_the_header(dates):
    rows = [["", "Bezirk 1", None, "Bezirk 2", None], ["Datum", "Restmüll", "Bio", "Restmüll", "Bio"]]
    rows += [[DAY, "x", None, None, "x"], [NEXT, None, "x", "x", None]]
    expected = {
        ("Restmüll", "Bezirk 1"): ["2027-01-05"], ("Bio", "Bezirk 1"): ["2027-01-12"],
        ("Restmüll", "Bezirk 2"): ["2027-01-12"], ("Bio", "Bezirk 2"): ["2027-01-05"],
    }  # fmt: skip
    assert dates(xlsx({"A": rows}, merge=["B1:C1", "D1:E1"])) == expected
    text = ";Bezirk 1;;Bezirk 2;\nDatum;Restmüll;Bio;Restmüll;Bio\n05.01.2027;x;;;x\n12.01.2027;;x;x;\n"
    assert dates(text.encode()) == expected


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        ("Bezirk Nord", [["Datum", "Art"], [DAY, "Bio"]], ("Bio", "Bezirk Nord")),
        ("Kirchdorf", [["Datum", "Art"], [DAY, "Bio"]], ("Bio", "Kirchdorf")),
        ("Januar 2027", [["Datum", "Art"], [DAY, "Bio"]], ("Bio", "")),
        ("Tabelle2", [["Datum", "Art"], [DAY, "Bio"]], ("Bio", "")),
        ("Gelber Sack", [["Datum"], [DAY]], ("Gelber Sack", "")),
        ("Bioabfall", [["Datum", "Bezirk"], [DAY, "3"]], ("Bioabfall", "3")),
        ("2. Halbjahr", [["Datum", "Art", "Bezirk"], [DAY, "Bio", "3"]], ("Bio", "3")),
    ],
)
def test_what_a_sheets_name_says(dates, name, rows, expected):
    found = dates(xlsx({name: rows, "Restmüll": [["Datum"], [NEXT]]}))
    assert found == {expected: ["2027-01-05"], ("Restmüll", ""): ["2027-01-12"]}


def test_a_sheet_of_hints_is_left_out_and_told(make_fetched):
    sheets = {
        "Hinweise": [["Bitte bis 6 Uhr hinausstellen"]],
        "2027": [["Datum", "Art"], [DAY, "Bio"]],
        "Alt": [["Datum", "Art"], [NEXT, "Bio"]],
    }
    found = parse_safely("waste", make_fetched(xlsx(sheets, hidden=["Alt"])))
    assert [[one.start for one in notice.occurrences] for notice in found.notices] == [[DAY]]
    assert [note.partition(":")[0] for note in found.notes] == ["hidden-sheet", "other-sheet", "calendar-end"]


def test_one_sheet_by_name(dates):
    body = xlsx({"2026": [["Datum", "Art"], [DAY, "Bio"]], "2027": [["Datum", "Art"], [NEXT, "Bio"]]})
    assert dates(body, sheet="2027") == {("Bio", ""): ["2027-01-12"]}
    with pytest.raises(SourceConfigError, match="it has 2026, 2027"):
        dates(body, sheet="2028")


def test_rows_that_cannot_be_read_are_told_with_their_number_in_the_file(make_fetched):
    rows = [["Datum", "Art"], [], [DAY, "Bio"], [], ["bald", "Bio"], [NEXT, None]]
    found = parse_safely("waste", make_fetched(xlsx({"A": rows})))
    assert [one.reason for one in found.refused] == ["Row 5: no date.", "Row 6: no kind of waste."]


def test_open_document(dates):
    body = ods(
        {
            "Bezirk 1": [[">3Abfuhr 2027"], ["Datum", "Art", ""], ["=2027-01-05", "Bio", ""]],
            "Bezirk 2": [["Datum", "Art"], ["=2027-01-12T00:00:00", "Bio"]],
        }
    )
    assert dates(body) == {("Bio", "Bezirk 1"): ["2027-01-05"], ("Bio", "Bezirk 2"): ["2027-01-12"]}


SMALL = xlsx({"A": [["Datum", "Art"], [DAY, "Bio"]]})


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "The file is an old Excel file (.xls) or protected by a password. Open it and save it as .xlsx or as CSV, without a password."),
        (package({"xl/workbook.bin": b"\x00"}), "The file is a binary Excel file (.xlsb). Open it and save it as .xlsx or as CSV."),
        (package({"word/document.xml": "<a/>"}), "The file is a text document, not a table. Save the table as .xlsx or as CSV."),
        (package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), "The file is a text document, not a table. Save the table as .xlsx or as CSV."),
        (package({"kalender.ics": "BEGIN:VCALENDAR"}), "The file is a ZIP archive, not a table. Give the address of the table inside it."),
        (SMALL[:400], "The table's file is broken or cut off."),
        (xlsx({"A": []}), "The address answered with an empty table, not with a waste calendar."),
        (xlsx({"A": [["Datum", "Art"]]}), "The calendar contains no collection dates."),
        (repacked(SMALL, **{"xl__worksheets__sheet1.xml": b"<broken"}), "The Excel file cannot be read (ParseError)."),
        (package({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a>"}), "The OpenDocument file cannot be read (ParseError)."),
        (repacked(SMALL, **{"xl__workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "The table's file declares entities, as no office program does."),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_advice(make_fetched, body, sentence):
    with pytest.raises(SourceRefused) as caught:
        parse_safely("waste", make_fetched(body))
    assert str(caught.value) == sentence


def sheet_of(rows: Iterable[str]) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    text = f'<worksheet xmlns="{space}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    return repacked(SMALL, **{"xl__worksheets__sheet1.xml": text.encode()})


@pytest.mark.parametrize(
    "body",
    [
        repacked(SMALL, **{"xl__worksheets__sheet1.xml": b"<a>" + b" " * 40_000_000}),
        repacked(SMALL, **{"xl__sharedStrings.xml": b"<a>" + b" " * 4_000_000}),
        package({f"xl/{at}.xml": "" for at in range(1_001)}),
        package({f"xl/{at}.xml": " " * 900_000 for at in range(40)}),
        sheet_of(f'<row r="{at}"><c r="A{at}"><v>{at}</v></c></row>' for at in range(1, 50_003)),
        sheet_of(f'<row r="{at}"><c r="XFD{at}"><v>{at}</v></c></row>' for at in range(1, 1_000)),
    ],
    ids=["unpacked", "ratio", "members", "sum", "rows", "cells"],
)
def test_bombs_are_refused_before_they_are_opened(make_fetched, body):
    limits = ParseLimits(cpu_seconds=5, wall_seconds=60, memory=256 * 1024 * 1024)
    with pytest.raises(SourceTooLarge):
        parse_safely("waste", make_fetched(body), limits=limits)


def test_a_full_years_table_of_a_county_is_read_in_time(make_fetched):
    rows = [["Datum", "Art", "Bezirk"], *([datetime(2027, 1 + at % 12, 5), "Bio", at % 300] for at in range(6_000))]
    limits = ParseLimits(cpu_seconds=6, wall_seconds=60, memory=256 * 1024 * 1024)
    found = parse_safely("waste", make_fetched(xlsx({"A": rows})), limits=limits)
    assert len(found.notices) == 300


def test_a_sheet_that_lies_about_its_size(dates):
    text = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>'
    text += b'<row r="1"><c r="A1" t="inlineStr"><is><t>Datum</t></is></c><c r="B1" t="inlineStr"><is><t>Art</t></is></c></row>'
    text += (
        b'<row r="1000000"><c r="A1000000" t="inlineStr"><is><t>05.01.2027</t></is></c></row></sheetData></worksheet>'
    )
    with pytest.raises(SourceRefused):
        dates(repacked(SMALL, **{"xl__worksheets__sheet1.xml": text}))
    small = (
        text.replace(b"A1:XFD1048576", b"A1:A1")
        .replace(b"1000000", b"2")
        .replace(b"</row></sheet", b'<c r="B2" t="inlineStr"><is><t>Bio</t></is></c></row></sheet')
    )
    assert dates(repacked(SMALL, **{"xl__worksheets__sheet1.xml": small})) == {("Bio", ""): ["2027-01-05"]}
