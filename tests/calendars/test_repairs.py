"""Every named repair has a file that needs it, is told by its name, and loses no date."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import calendars
from calendars.markup import without_markup
from calendars.remarks import REPAIRS, remarks
from calendars.repair import DRAFT_REPAIRS
from calendars.repair_text import TEXT_REPAIRS, name_of
from feeds.waste.parse import parse
from hub.core.source import Document, Fetched, FetchState, Source

CORPUS = Path(__file__).parents[1] / "corpus" / "waste"
OTHER_FILES = {
    "not-utf-8": "derived/latin1_crlf.ics",
    "line-endings": "derived/mixed_line_endings.ics",
    "text-before-calendar": "derived/php_warning_prefix.ics",
    "missing-uid": "derived/no_uid_no_dtstamp.ics",
    "missing-dtstamp": "derived/no_uid_no_dtstamp.ics",
    "zero-length": "ics-real/regioit_aachen_2020.ics",
    "until-mismatch": "ics-nasty/ical_google_dtstart_until_mismatch.ics",
    "exception-mismatch": "ics-nasty/ical_rrule-exdate-mismatch.ics",
}
HEADERS = {"charset-header": "text/calendar; charset=ISO-8859-1"}


def path_of(repair: str) -> Path:
    return CORPUS / OTHER_FILES.get(repair, f"synthetic/repairs/{repair}.ics")


def notes_and_dates(path: Path, content_type: str = "text/calendar") -> tuple[list[str], int]:
    document = Document("https://example.org/kalender", content_type, path.read_bytes())
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    source = Source(id="s", kind="waste", url=document.url)
    items = parse(Fetched((document,), at, FetchState(), source))
    assert not [item.fault for item in items if item.fault]
    return [item.note for item in items if item.note], sum(len(item.data["dates"]) for item in items if item.data)


@pytest.mark.parametrize("repair", REPAIRS)
def test_the_clerk_is_told_of_each_repair_by_its_name(repair):
    notes, dates = notes_and_dates(path_of(repair), HEADERS.get(repair, "text/calendar"))
    assert [note.partition(": ")[0] for note in notes].count(repair) == 1
    assert all(re.fullmatch(r"[a-z0-9-]+: \S.+[^.{}]", note) for note in notes)
    assert dates


@pytest.mark.parametrize("path", sorted((CORPUS / "synthetic/repairs").glob("*.ics")), ids=lambda path: path.stem)
def test_a_repaired_calendar_has_all_its_dates(path, reading):
    found = reading(path.read_bytes(), HEADERS.get(path.stem, ""))
    assert path.stem in REPAIRS
    assert found.faults == ()
    written = path.read_text("utf-8", "replace").count("BEGIN:VEVENT") or 2  # UTF-16
    left_out = {"old-versions": 1, "duplicate-events": 1}.get(path.stem, 0)
    assert len(found.events) >= written - left_out
    assert {one.summary for one in found.events} <= {"Restmüll", "Bioabfall", "Papier & Pappe"}


def test_every_repair_that_the_code_names_has_a_sentence():
    named = {name_of(one) for one in (*TEXT_REPAIRS, *DRAFT_REPAIRS)} | {
        "old-versions",
        "duplicate-events",
        "shared-uid",
    }
    for path in Path(calendars.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
                found = re.search(r"(?:notes|odd)\['([a-z0-9-]+)'\]", ast.unparse(node.target))
                named |= {found[1]} if found else set()
            if isinstance(node, ast.Return) and path.name == "moments.py" and isinstance(node.value, ast.Tuple):
                named |= {one.value for one in node.value.elts if isinstance(one, ast.Constant) and one.value}
    named |= {"not-utf-8", "charset-header", "byte-order-mark", "cut-character"}
    assert named == set(REPAIRS)


def test_counts_are_told(reading):
    found = reading(path_of("missing-uid").read_bytes())
    assert "missing-uid: 15 events had no UID; the content is the identity" in found.remarks


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("unknown-zone", "unknown-zone: 1 time zone is unknown and was read as local"),
        ("html-in-text", "html-in-text: 1 event had HTML in the texts"),
        ("old-versions", "old-versions: 1 earlier version of events was left out"),
        ("line-endings", "line-endings: lines end in different ways"),
    ],
)
def test_one_is_told_as_one(name, sentence):
    assert remarks({name: 1, "missing-uid": 0}) == (sentence,)


def test_html_becomes_lines_of_plain_text(reading):
    event = reading(path_of("html-in-text").read_bytes()).events[0]
    assert event.description == "Bitte bis 6 Uhr hinausstellen.\nFragen?\nTel. 0 12 34 – 56"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a < b & c > d", "a < b & c > d"),
        ("<p>eins</p><p>zwei</p>", "eins\nzwei"),
        ('<a href="https://x.example/">Mehr</a>', "Mehr"),
        ("vor<script>alert(1)</script>nach", "vornach"),
        ("<script>" * 3 + "bleibt", "bleibt"),
        ("<SCRIPT>İ</script >x", "x"),
        ("&lt;b&gt;fett&lt;/b&gt;", "fett"),
        ("&amp;amp;", "&"),
    ],
)
def test_markup_is_taken_out(text, plain):
    assert without_markup(text) == plain


@pytest.mark.parametrize("text", ["<script>" * 1_250 + "</style>", "&" * 10_000, "<a " * 3_000, " " * 10_000 + "<br>"])
def test_markup_bombs_end(text):
    assert len(without_markup(text * 40)) <= 40 * len(text)
