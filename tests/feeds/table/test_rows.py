"""Tables of events, job offers and lost property."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import feeds
from feeds.table.fetch import fetch
from feeds.table.normalise import normalise
from feeds.table.parse import parse
from hub.core.changes import Known, KnownDate, decide
from hub.core.errors import SourceConfigError, SourceError, SourceRefused
from hub.core.message import Change
from hub.core.notice import Notice
from hub.core.source import Document, Fetched, FetchState, Source
from hub.sandbox import parse_safely
from tests.fakes.http import FakeHttp
from tests.fakes.office import ods, xlsx

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def known(notice: Notice) -> Known:
    return Known(notice, 1, tuple(KnownDate(one.key, one) for one in notice.occurrences))


def by_title(notices) -> dict[str, Notice]:
    return {one.title: one for one in notices}


@pytest.fixture
def file(corpus):
    return lambda name: (corpus / name).read_bytes()


def test_the_kind_is_found():
    made = feeds.load("table")
    assert made.TOPIC == "events"


def test_events(notices, file):
    found = by_title(notices(file("events/synthetic/gemeinde.csv")))
    market, seniors, hours = found["Nikolausmarkt"], found["Seniorennachmittag"], found["Bürgersprechstunde"]
    assert [(one.start, one.end, one.location) for one in market.occurrences] == [
        (datetime(2026, 12, 5, 13, tzinfo=UTC), datetime(2026, 12, 5, 19, tzinfo=UTC), "Rathausplatz")
    ]
    assert (market.publisher, market.texts[0].body) == ("Gewerbeverein", "Veranstalter: Gewerbeverein\nEintritt: frei")
    assert [(one.start, one.end) for one in seniors.occurrences] == [(date(2026, 12, 12), None)]
    assert (len(hours.occurrences), hours.series, market.series) == (2, True, False)
    assert hours.publisher == "Gemeinde Musterdorf"


def test_a_row_without_a_date_is_told(make_fetched, file):
    parsed = parse_safely("table", make_fetched(file("events/synthetic/gemeinde.csv")))
    assert [one.reason for one in parsed.refused] == ["Row 5: 'bald' is no date."]


def test_jobs(notices, file):
    found = notices(file("jobs/synthetic/stellen.csv"), topic="jobs")
    assert [(one.key, one.deadline) for one in found] == [
        ("id:2026-17", datetime(2026, 12, 31, 22, 59, tzinfo=UTC)),
        ("id:2026-18", datetime(2027, 1, 15, 22, 59, tzinfo=UTC)),  # told in the text
        ("id:2026-19", datetime(2027, 2, 1, 22, 59, tzinfo=UTC)),
    ]
    first = found[0]
    assert first.occurrences[0].start == first.deadline == first.expires
    assert first.occurrences[0].key == "deadline"
    assert first.url == "https://gemeinde.example/stellen/17"
    assert first.publisher == "Kita Regenbogen"
    assert "Entgelt: EG S 8a TVöD" in first.texts[0].body
    assert "Bewerbungsfrist: 31.12.2026" in first.texts[0].body


def test_lost_property_can_be_collected_for_six_months(notices, file):
    found = by_title(notices(file("lost/synthetic/fundsachen.csv"), topic="lost"))
    keys, glasses = found["Schlüsselbund"], found["Brille"]
    assert keys.expires == datetime(2027, 5, 18, 21, 59, tzinfo=UTC)  # the last minute of 18 May in Berlin
    assert keys.texts[0].body.split("\n") == [
        "3 Schlüssel, roter Anhänger", "Funddatum: 18.11.2026", "Fundort: Bushaltestelle Kleinhau",
        "Abholung: Fundbüro, Zimmer 4",
    ]  # fmt: skip
    assert (glasses.expires, glasses.occurrences) == (None, ())


def test_mail_addresses_and_numbers_stay(notices):
    found = notices("Titel;Datum;Kontakt\nFlohmarkt;05.12.2026;Frau Muster, 0151 2345678, muster@example.org\n")
    assert found[0].texts[0].body == "Kontakt: Frau Muster, 0151 2345678, muster@example.org"


@pytest.mark.parametrize(
    "body",
    [
        b"Title,Date,Time,Place\nWalk,2026-12-05,10:00,Hall\n",
        b"Name der Veranstaltung\tBeginn\tOrt\nWalk\t05.12.2026 10:00\tHall\n",
        b"Was;Wann;Uhrzeit;Wo\nWalk;Sa, 5. Dezember 2026;10 Uhr;Hall\n",
        xlsx(
            {
                "A": [
                    ["Termine", None, None, None],
                    ["Datum", "Titel", "Zeit", "Ort"],
                    [datetime(2026, 12, 5), "Walk", datetime(2026, 12, 5, 10).time(), "Hall"],
                ]
            },
            merge=["A1:D1"],
        ),
        xlsx({"A": [["Datum", "Titel", "Ort"], [datetime(2026, 12, 5, 10), "Walk", "Hall"]]}),
        ods({"A": [["Datum", "Titel", "Ort"], ["=2026-12-05T10:00:00", "Walk", "Hall"]]}),
    ],
)
def test_one_event_in_many_forms(notices, body):
    found = notices(body)
    assert [(one.title, one.occurrences[0].start, one.occurrences[0].location) for one in found] == [
        ("Walk", datetime(2026, 12, 5, 9, tzinfo=UTC), "Hall")
    ]


def test_several_days_and_nights(notices):
    body = "Titel;Von;Bis;Uhrzeit\nKirmes;04.06.2027;07.06.2027;\nTanz;05.06.2027;;20–2 Uhr\n"
    kermis, dance = notices(body)
    assert (kermis.occurrences[0].start, kermis.occurrences[0].end) == (date(2027, 6, 4), date(2027, 6, 8))
    assert dance.occurrences[0].end == datetime(2027, 6, 6, 0, tzinfo=UTC)


def test_a_moved_event_is_a_revision_of_the_same(notices):
    text = "Titel;Datum;Uhrzeit;Ort\nFest;05.12.2026;10 Uhr;Halle\n"
    before, after = notices(text)[0], notices(text.replace("05.12.", "06.12.").replace("Halle", "Saal"))[0]
    decision = decide(after, known(before), NOW)
    assert (before.id, decision.change, len(decision.moved)) == (after.id, Change.REVISED, 1)


def test_old_rows_of_a_series_that_are_deleted_are_no_news(notices):
    rows = [f"Sprechstunde;{day:02}.12.2026;10 Uhr" for day in (1, 8, 15, 22)]
    head = "Titel;Datum;Uhrzeit\n"
    before, after = (notices(head + "\n".join(part))[0] for part in (rows, rows[1:]))
    decision = decide(after, known(before), datetime(2026, 12, 5, tzinfo=UTC))
    assert not decision.announce


def test_own_headers_by_the_settings(notices):
    body = "Spalte A;Spalte B;C\nFest;5.12.2026;Halle\n"
    with pytest.raises(
        SourceRefused,
        match=r"no column for the title; it has Spalte A, Spalte B, C\. Name it with the setting column_title",
    ):
        notices(body)
    found = notices(body, column_title="Spalte A", column_date="spalte b", column_place="C")
    assert found[0].occurrences[0].location == "Halle"
    with pytest.raises(SourceConfigError, match="no column 'spalte x'; it has Spalte A, Spalte B, C"):
        notices(body, column_title="Spalte X")


def test_an_empty_table_is_no_error(items):
    assert items("Titel;Datum\n") == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The address answered with nothing at all, not with a table of events."),
        (b"<!DOCTYPE html><html><body>Login</body></html>", "The address answered with a web page (HTML), not with a table of events."),
        (b'{"a": [1]}', "The address answered with JSON data, not with a table of events."),
        (b"%PDF-1.7 ...", "The address answered with a PDF document, not with a table of events."),
        (b"Wartung", "The address answered with something else, not with a table of events."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "The file is an old Excel file (.xls) or protected by a password. Open it and save it as .xlsx or as CSV, without a password."),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_a_sentence(make_fetched, body, sentence):
    with pytest.raises(SourceRefused) as caught:
        parse_safely("table", make_fetched(body))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(("setting", "snapshot"), [("", True), ("yes", True), ("no", False)])
def test_a_table_is_the_whole_list_unless_told_otherwise(make_fetched, setting, snapshot):
    source = make_fetched(b"", **({"complete": setting} if setting else {})).source
    http = FakeHttp().answers(source.url, body=b"Titel;Datum\nFest;5.12.2026\n", headers={"content-type": "text/csv"})
    found = fetch(source, FetchState(), http)
    assert isinstance(found, Fetched)
    assert found.snapshot is snapshot


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["events", "jobs", "lost"]),
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='Titel;Datum,Ort\n\t"5.12026:0-|Uhr', max_size=200).map(lambda t: ("Titel;Datum;Uhrzeit\n" + t).encode()),
    ),
)  # fmt: skip
def test_any_table_is_read_or_refused(topic, body):
    source = Source("s", "table", "https://x.example/", topic=topic)
    fetched = Fetched((Document(source.url, "", body),), NOW, FetchState(), replace(source))
    with contextlib.suppress(SourceError):
        made = [normalise(one, source) for one in parse(fetched) if one.data]
        assert len({one.id for one in made}) == len(made)


@pytest.mark.parametrize(
    ("tail", "titles", "torn"),
    [
        ("Börse;03.02.2027;Rathaus\n", ["Markt", "Konzert", "Börse"], False),
        ("Börse;03.02.2027;Rathaus", ["Markt", "Konzert", "Börse"], False),  # many files end without a line end
        ("Börse;03.02", ["Markt", "Konzert"], True),
        ("Bör", ["Markt", "Konzert"], True),
    ],
)
def test_a_row_that_breaks_off_is_left_out_and_told(tail: str, titles: list[str], torn: bool) -> None:
    body = f"Titel;Datum;Ort\nMarkt;01.02.2027;Markt\nKonzert;02.02.2027;Kirche\n{tail}".encode()
    source = Source("s", "table", "https://town.example/t.csv", topic="events", config={"topic": "events"})
    items = parse(Fetched((Document(source.url, "text/csv", body),), NOW, FetchState(), source))
    assert [normalise(one, source).title for one in items if not one.note and not one.fault] == titles
    assert any(one.note.startswith("torn-row") for one in items) is torn
