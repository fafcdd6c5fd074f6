"""Event calendars: one notice per event, whatever happens to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import feeds
from feeds.ical.fetch import fetch, is_whole
from feeds.ical.normalise import normalise
from feeds.ical.parse import parse
from hub.core.changes import Known, KnownDate, decide
from hub.core.errors import SourceError, SourceRefused
from hub.core.message import Change
from hub.core.notice import Notice, Status
from hub.core.source import Fetched, FetchState
from hub.sandbox import parse_safely
from tests.fakes.http import FakeHttp

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def calendar(*events: str, head: str = "") -> str:
    parts = [f"BEGIN:VEVENT\nDTSTAMP:20261101T080000Z\n{one.strip()}\nEND:VEVENT\n" for one in events]
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{''.join(parts)}END:VCALENDAR\n"


def known(notice: Notice) -> Known:
    return Known(notice, 1, tuple(KnownDate(one.key, one) for one in notice.occurrences))


def by_title(notices) -> dict[str, Notice]:
    return {one.title: one for one in notices}


@pytest.fixture
def club(corpus) -> bytes:
    return (corpus / "events/synthetic/verein.ics").read_bytes()


def test_the_kind_is_found():
    made = feeds.load("ical")
    assert (made.TOPIC, made.INTERVAL) == ("events", 3_600)


def test_an_event_with_all_that_it_says(notices, club):
    concert = by_title(notices(club))["Adventskonzert"]
    assert concert.topic == "events"
    assert concert.texts[0].body == "Eintritt frei.\nWir freuen uns über Spenden."
    assert concert.url == "https://musikverein.example/adventskonzert"
    assert concert.publisher == "Musikverein"
    assert concert.expires == datetime(2026, 12, 13, 18, tzinfo=UTC)
    assert not concert.series
    date_ = concert.occurrences[0]
    assert (date_.key, date_.start, date_.location) == (
        "event", datetime(2026, 12, 13, 16, tzinfo=UTC), "Kirche St. Josef, Vossenack",
    )  # fmt: skip


def test_a_recurring_event_is_one_timetable(notices, club):
    found = by_title(notices(club))["Probe"]
    starts = {one.start.isoformat(): one for one in found.occurrences}
    assert found.series
    assert "2026-12-24T18:30:00+00:00" not in starts
    assert "2026-12-10T18:30:00+00:00" not in starts
    changed = starts["2026-12-11T18:00:00+00:00"]
    assert (changed.summary, changed.location) == ("Generalprobe", "Kirche St. Josef, Vossenack")
    assert changed.key == "2026-12-10T19:30:00+01:00"
    assert 60 < len(found.occurrences) < 80


def test_private_and_confidential_events_are_never_shown(make_fetched, club):
    parsed = parse_safely("ical", make_fetched(club))
    shown = repr(parsed.notices)
    assert "Vorstand" not in shown
    assert "geheim" not in shown
    assert "private: 2 dates are private or confidential and were left out" in parsed.notes
    assert "past: 1 dates are over" in parsed.notes
    assert any(note.startswith("html-in-text: ") for note in parsed.notes)


@pytest.mark.parametrize("word", ["PRIVATE", "private", "CONFIDENTIAL", "X-INTERN", "GEHEIM"])
def test_an_unknown_class_is_private(items, word):
    body = calendar(
        f"UID:1\nDTSTART:20261201T100000Z\nSUMMARY:a\nCLASS:{word}",
        "UID:2\nDTSTART:20261201T100000Z\nSUMMARY:b\nCLASS:PUBLIC",
    )
    assert [one.key for one in items(body) if one.data] == ["2"]


def test_a_cancelled_event_is_called_off_by_its_own_word(notices, club):
    market = by_title(notices(club))["Weihnachtsmarkt"]
    assert market.status is Status.CANCELLED
    before = by_title(notices(club.replace(b"STATUS:CANCELLED", b"STATUS:CONFIRMED")))["Weihnachtsmarkt"]
    assert decide(market, known(before), NOW).change is Change.WITHDRAWN


def test_a_moved_event_keeps_its_uid_and_is_a_revision(notices, club):
    before = by_title(notices(club))["Adventskonzert"]
    moved = club.replace(b"20261213T170000", b"20261214T170000").replace(b"20261213T190000", b"20261214T190000")
    after = by_title(notices(moved))["Adventskonzert"]
    decision = decide(after, known(before), NOW)
    assert (before.id, decision.change, len(decision.moved)) == (after.id, Change.REVISED, 1)
    assert decision.announce


def test_the_turn_of_a_month_is_no_news_of_a_series(make_fetched, notices, club):
    before = by_title(notices(club))["Probe"]
    after = by_title(notices(club, at=datetime(2027, 2, 1, 9, tzinfo=UTC)))["Probe"]
    decision = decide(after, known(before), datetime(2027, 2, 1, 9, tzinfo=UTC))
    assert not decision.announce
    assert not decision.moved


def test_a_changed_dtstamp_changes_nothing(notices, club):
    before, after = (
        by_title(notices(one))["Adventskonzert"]
        for one in (club, club.replace(b"20261101T080000Z", b"20261122T235959Z"))
    )
    assert decide(after, known(before), NOW).change is None


def test_overlong_texts_are_cut_at_a_word(notices):
    body = calendar(
        "UID:1\nDTSTART:20261201T100000Z\nSUMMARY:" + "Sehr langer Titel " * 40 + "\nDESCRIPTION:" + "Wort " * 1_900
    )
    found = notices(body)[0]
    assert len(found.title) <= 200
    assert found.title.endswith("Titel …")
    assert len(found.texts[0].body) <= 4_000
    assert found.texts[0].body.endswith("Wort …")


def test_what_has_no_title_is_told(items):
    found = items(calendar("UID:1\nDTSTART:20261201T100000Z", "UID:2\nDTSTART:20261201T100000Z\nDESCRIPTION:Nur Text"))
    assert [(one.key, one.fault) for one in found if one.fault] == [("1", "The event has neither a title nor a text.")]
    assert [one.data["title"] for one in found if one.data] == ["Nur Text"]


def test_only_what_is_wanted(items, club):
    assert [one.data["title"] for one in items(club, without="probe, markt") if one.data] == ["Adventskonzert"]
    assert [one.data["title"] for one in items(club, only="Konzert") if one.data] == ["Adventskonzert"]
    with pytest.raises(SourceRefused, match="leave no event"):
        items(club, only="Fußball")


def test_an_empty_calendar_is_a_quiet_month(items):
    assert items(calendar()) == []


def test_a_recorded_calendar_of_old_events_is_shown(items):
    found = items(calendar("UID:1\nDTSTART;VALUE=DATE:20200104\nSUMMARY:Neujahrslauf"))
    assert [one.data["title"] for one in found if one.data] == ["Neujahrslauf"]
    assert [one.note for one in found if one.note] == ["past: 1 dates are over, all there are"]


def test_one_broken_event_of_two_hundred_loses_only_itself(make_fetched):
    events = [f"UID:{at}\nSUMMARY:Fest {at}\nDTSTART;VALUE=DATE:202701{at % 28 + 1:02d}" for at in range(200)]
    events[77] = "UID:77\nSUMMARY:Fest 77\nDTSTART;VALUE=DATE:20270231"
    parsed = parse_safely("ical", make_fetched(calendar(*events)))
    assert len(parsed.notices) == 199
    assert [one.reason for one in parsed.refused] == ["The event 'Fest 77' was left out: '20270231' is no date."]


@pytest.mark.parametrize(
    ("head", "setting", "whole"),
    [
        ("PRODID:-//Google Inc//Google Calendar 70.9054//EN\n", "auto", True),
        ("PRODID:-//SabreDAV//SabreDAV//EN\n", "auto", True),
        ("PRODID:Microsoft Exchange Server 2010\n", "auto", True),
        ("PRODID:-//The Events Calendar//EN\n", "auto", False),
        ("", "auto", False),
        ("", "yes", True),
        ("PRODID:-//SabreDAV//SabreDAV//EN\n", "no", False),
    ],
)
def test_a_missing_event_means_something_only_in_whole_calendars(make_fetched, head, setting, whole):
    body = calendar("UID:1\nDTSTART:20261201T100000Z\nSUMMARY:X PRODID:-//SabreDAV//EN", head=head)
    assert is_whole(make_fetched(body, complete=setting)) is whole


def test_fetching_says_whether_it_is_whole(make_fetched, club):
    source = make_fetched(club).source
    http = FakeHttp()
    http.answers(source.url, body=club, headers={"content-type": "text/calendar"})
    found = fetch(source, FetchState(), http)
    assert isinstance(found, Fetched)
    assert found.snapshot


def test_every_calendar_of_the_corpus_is_read_or_refused_in_a_sentence(make_fetched, corpus):
    for path in sorted((corpus / "waste").rglob("*.ics")):
        fetched = make_fetched(path.read_bytes())
        try:
            found = parse(fetched)
        except SourceError as error:
            assert str(error).endswith(".")  # noqa: PT017 - either is right, an unnamed refusal is not
        else:
            made = [normalise(one, fetched.source) for one in found if one.data]
            assert len({one.id for one in made}) == len(made)
            assert all(
                one.occurrences and len({d.key for d in one.occurrences}) == len(one.occurrences) for one in made
            )
