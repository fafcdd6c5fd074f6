"""Systems without OParl: calendar, feed, table and scrape, told apart by content."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.council.parse import parse
from hub.core.codec import to_json
from hub.core.errors import SourceError, SourceRefused
from hub.core.notice import Status

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>S</title><link>https://ris.example/</link>{}</channel></rss>"""


def told(council, *answers):
    return [(one.title, one.occurrences[0].start, one.status.value) for one in council.notices(*answers)]


def feed(*items):
    return FEED.format("".join(f"<item>{one}</item>" for one in items)).encode()


def test_a_calendar(council):
    assert told(council, "synthetic/sessionnet.ics") == [
        ("Gemeinderat", datetime(2026, 3, 20, 17, tzinfo=UTC), "active"),
        ("Bauausschuss", datetime(2026, 3, 26, 16, tzinfo=UTC), "cancelled"),
        ("ABGESAGT: Ortschaftsrat Neudorf", date(2026, 4, 1), "cancelled"),
    ]
    said = json.dumps([to_json(one) for one in council.notices("synthetic/sessionnet.ics")], ensure_ascii=False)
    assert "Zitronenfalter" not in said
    assert "Geheimzimmer" not in said
    assert "1 of 4 meetings are not public" in " ".join(one.note for one in council.items("synthetic/sessionnet.ics"))


def test_a_moved_event_of_a_calendar_keeps_its_name(council):
    body = council.body("synthetic/sessionnet.ics")
    moved = body.replace(b"20260320T180000", b"20260323T180000").replace(b"20260320T210000", b"20260323T210000")
    before, after = council.notices(body)[0], council.notices(moved)[0]
    assert before.id == after.id
    assert before.occurrences[0].key == after.occurrences[0].key
    assert after.occurrences[0].start == datetime(2026, 3, 23, 17, tzinfo=UTC)


def test_a_feed_of_meetings_with_the_date_in_prose(council):
    assert told(council, "synthetic/ratsinfo.rss.xml") == [
        ("Bauausschuss", datetime(2026, 3, 26, 16, 30, tzinfo=UTC), "active"),
        ("Gemeinderat", datetime(2026, 4, 2, 17, tzinfo=UTC), "active"),
        ("ABGESAGT: Kulturausschuss", date(2026, 3, 28), "cancelled"),
    ]
    first, second, _ = council.notices("synthetic/ratsinfo.rss.xml")
    assert first.texts[0].body == "– Bebauungsplan Am Bach"
    assert (first.occurrences[0].location, second.occurrences[0].location) == ("Rathaus, Saal 2", "Ratssaal")
    assert first.sent == datetime(2026, 3, 2, 8, tzinfo=UTC)
    (fault,) = (one.fault for one in council.items("synthetic/ratsinfo.rss.xml") if one.fault)
    assert fault == "Neue Vorlage 12/2026: Spielplatzsatzung: it names no date of a meeting."


def test_agenda_items_of_one_meeting_are_put_together_again(council):
    def item(number, session="https://ris.example/termin-1", day="12. Juli 2026"):
        return (
            f"<title>Punkt {number}</title><link>{session}#top{number}</link><guid>g{number}{session}</guid><description>"
            f"&lt;b&gt;Sitzung:&lt;/b&gt; Personalausschuss&lt;br&gt;&lt;b&gt;Datum:&lt;/b&gt; {day}&lt;br&gt;"
            f"&lt;b&gt;TOP {number}:&lt;/b&gt; Punkt {number}&lt;br&gt;"
            f"&lt;a href='/f{number}.pdf'&gt;Vorlage&lt;/a&gt;</description>"
        )

    (one,) = council.notices(feed(item(2), item(1)))
    assert (one.title, one.texts[0].body, one.key) == (
        "Personalausschuss", "1 Punkt 1\n2 Punkt 2", "https://ris.example/termin-1",
    )  # fmt: skip
    assert [(link.href, link.title) for link in one.links] == [
        ("https://ris.example/f1.pdf", "TOP 1: Vorlage"), ("https://ris.example/f2.pdf", "TOP 2: Vorlage"),
    ]  # fmt: skip
    assert (
        len(council.notices(feed(item(1), item(2, day="13. Juli 2026"), item(1, "https://ris.example/termin-2")))) == 3
    )


def test_a_non_public_meeting_of_a_real_feed_is_left_out(council):
    notices = council.notices("feeds/karlsruhe_personalausschuss.atom.xml")
    assert len(notices) == 3
    assert "Brunnentechnikerin" not in json.dumps([to_json(one) for one in notices], ensure_ascii=False)


@pytest.mark.parametrize(
    ("title", "text", "start"),
    [
        ("Rat 20.03.2026 18:00", "", datetime(2026, 3, 20, 17, tzinfo=UTC)),
        ("Rat am 20. 3. 2026 um 18.30 Uhr", "", datetime(2026, 3, 20, 17, 30, tzinfo=UTC)),
        (
            "Rat",
            "Sitzungstermin: Freitag, 20. März 2026&lt;br&gt;Uhrzeit: 18:00",
            datetime(2026, 3, 20, 17, tzinfo=UTC),
        ),
        ("Rat", "Die Sitzung findet am 20.03.2026, 18 Uhr, im Saal statt.", datetime(2026, 3, 20, 17, tzinfo=UTC)),
        ("Rat vom 20.03.2026", "", date(2026, 3, 20)),
    ],
)
def test_german_ways_to_say_when(council, title, text, start):
    answer = feed(f"<title>{title}</title><link>https://ris.example/1</link><description>{text}</description>")
    (one,) = council.notices(answer)
    assert (one.title, one.occurrences[0].start) == ("Rat", start)


def test_the_date_of_writing_is_no_meeting(council):
    answer = feed("<title>Rat</title><pubDate>Mon, 02 Mar 2026 09:00:00 +0100</pubDate>")
    assert [one.fault for one in council.items(answer)] == ["Rat: it names no date of a meeting."]


def test_a_json_feed_of_meetings(council):
    answer = {"version": "https://jsonfeed.org/version/1.1", "title": "S", "items": [
        {"id": "1", "url": "https://ris.example/1", "title": "Rat am 20.03.2026, 18:00 Uhr", "content_text": ""}]}  # fmt: skip
    assert told(council, answer) == [("Rat", datetime(2026, 3, 20, 17, tzinfo=UTC), "active")]


def test_a_table(council):
    notices = council.notices("allris-scrape/allris_sitzungen_import_example.csv")
    assert len(notices) == 10
    first = notices[0]
    assert (first.title, first.occurrences[0].start) == ("Stadtrat", datetime(2025, 1, 15, 16, tzinfo=UTC))
    assert first.occurrences[0].location == "Grosser Sitzungssaal, Rathausplatz 1, 84001 Musterstadt"
    assert [one.rel for one in first.links] == ["invitation", "resultsProtocol"]


@pytest.mark.parametrize(
    ("row", "told_of"),
    [
        ("1;Rat;Öffentlich;20.03.2026;18:00;Geplant", [("Rat", "active")]),
        ("1;Rat;Nicht öffentlich;20.03.2026;18:00;Geplant", []),
        ("1;Rat;nichtoeffentlich;20.03.2026;18:00;Geplant", []),
        ("1;Rat;Öffentlich;20.03.2026;18:00;Abgesagt", [("Rat", "cancelled")]),
        ("1;Rat;Öffentlich;2026-03-20;18:00;", [("Rat", "active")]),
    ],
)
def test_rows_of_a_table(council, row, told_of):
    table = f"Sitzung-ID;Gremium;Sitzungsart;Datum;Uhrzeit;Status\r\n{row}\r\n".encode("cp1252")
    assert [(one.title, one.status.value) for one in council.notices(table)] == told_of


def test_a_row_without_a_day_is_a_fault(council):
    assert [one.fault for one in council.items(b"Gremium;Datum\nRat;bald\n")] == ["Row 2 names no day."]


def test_a_scrape_with_its_agenda_and_papers(council):
    first, second = council.notices("sessionnet-scrape/amtzell_old.json")
    assert (first.title, first.publisher) == ("Gemeinderat", "Amtzell")
    assert [(one.scheme, one.value) for one in first.places] == [("ags", "08436006")]
    assert first.texts[0].body.startswith("4 @mtzell digital")
    assert [one.title for one in second.links] == ["TOP 7: Vorlage"]
    assert second.status is Status.ACTIVE


def test_papers_alone_are_refused_with_the_reason(council):
    with pytest.raises(SourceRefused, match="list of papers without the dates of meetings"):
        council.items("allris-scrape/leipzig_papers.json")


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>Ratsinfo", b"\n <html lang=de>", b"<!-- x --><html>"])
def test_a_page_for_people_says_what_to_look_for(council, page):
    with pytest.raises(SourceRefused, match="iCal, RSS or CSV"):
        council.items(page)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(["synthetic/sessionnet.ics", "synthetic/ratsinfo.rss.xml", "sessionnet-scrape/amtzell_old.json",
                           "allris-scrape/allris_sitzungen_import_example.csv"]),
    at=st.integers(0, 4_000), length=st.integers(0, 60), put=st.binary(max_size=20),
)  # fmt: skip
def test_damaged_exports_give_items_or_a_source_error(council, start, at, length, put):
    body = council.body(start)
    try:
        council.notices(body[:at] + put + body[at + length :])
    except SourceError as error:
        assert str(error)  # noqa: PT017


def test_a_table_behind_a_session_address_keeps_its_names(council):
    body = b"Sitzung-ID;Gremium;Datum\n7;Rat;20.03.2026\n;Bauausschuss;21.03.2026\n"
    fetched = council.fetched(body)
    moved = replace(fetched, documents=(replace(fetched.documents[0], url="https://ris.example/;jsessionid=9/x.csv"),))
    first, second = ([one.key for one in parse(found) if not one.note] for found in (fetched, moved))
    assert first == second
    assert first[0] == "meeting:7"


def test_meetings_without_ids_on_one_page_stay_apart(council):
    page = "https://ris.example/sitzungen"
    without = [{"type": "Meeting", "name": name, "start": "2026-03-20T18:00:00+01:00", "web": page} for name in "AB"]
    assert {one.title for one in council.notices({"data": without})} == {"A", "B"}
    assert len(council.notices(b"Gremium;Datum\nRat;20.03.2026\nRat;27.03.2026\n")) == 2
