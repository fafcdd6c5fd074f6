from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from hub.core.message import Reason
from hub.core.notice import Geometry, NoticeText, Status
from push.ical import Settings
from push.ical.feed import is_current
from push.ical.render import event_uid, summary, to_event
from tests.foreign.samples import CHANGED, SITE, entry, golden_entries, golden_feed

NOON = datetime(2026, 12, 3, 11, tzinfo=UTC)
PICKUP = date(2026, 12, 8)


def shown(one, language="de", *, alarms_on=True):
    return to_event(one, SITE, language, alarms_on=alarms_on)


def events(payload):
    return {str(one["UID"]): one for one in Calendar.from_ical(payload.body).walk("VEVENT")}


def test_headers():
    headers = golden_feed().headers
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Content-Disposition"] == 'inline; filename="nuembrecht.ics"'
    assert headers["Cache-Control"] == "private, max-age=300, must-revalidate"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Last-Modified"] == "Fri, 20 Nov 2026 08:30:00 GMT"
    assert headers["ETag"].startswith('"')


def test_settings_change_the_hints():
    feed = golden_feed(settings=Settings(refresh=timedelta(hours=4), max_age=timedelta(minutes=1)))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\nX-PUBLISHED-TTL:PT4H\r\n" in feed.body
    assert "max-age=60," in feed.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("slug", "name", "filename"),
    [("", "Bad Münster", "bad-muenster.ics"), ("", '"\r\nX: y', "x-y.ics"), ("", "日本", "ortsruf.ics")],
)
def test_the_file_name_is_plain(slug, name, filename):
    feed = golden_feed(site=replace(SITE, slug=slug, name=name))
    assert feed.headers["Content-Disposition"] == f'inline; filename="{filename}"'


@given(st.permutations(golden_entries()), st.booleans())
def test_the_order_of_entries_and_a_cache_change_no_byte(entries, cached):
    cache = {} if cached else None
    assert golden_feed(entries, cache=cache).body == golden_feed(cache=cache).body


def test_only_what_changed_is_written_again():
    cache = {}
    golden_feed(cache=cache)
    before = set(cache)
    moved = golden_entries()
    moved[2] = replace(moved[2], sequence=1, changed=CHANGED + timedelta(days=1))
    feed = golden_feed(moved, cache=cache)
    assert len(set(cache) - before) == 1
    assert feed.body == golden_feed(moved).body != golden_feed().body
    assert feed.headers["Last-Modified"] == "Sat, 21 Nov 2026 08:30:00 GMT"


@pytest.mark.parametrize(
    "other",
    [
        {"language": "en"},
        {"alarms_on": False},
        {"site": replace(SITE, base_url="https://other.example")},
        {"site": replace(SITE, zone="Europe/London")},
    ],
)
def test_a_shared_cache_mixes_nothing_up(other):
    cache = {}
    golden_feed(cache=cache)
    assert golden_feed(cache=cache, **other).body == golden_feed(**other).body != golden_feed().body


def test_an_entry_of_another_subscriber_is_written_for_this_one():
    cache, mine = {}, entry(start=NOON, reason=Reason("council"), leads=(timedelta(hours=1),))
    golden_feed([mine], cache=cache)
    for theirs in (replace(mine, leads=()), replace(mine, reason=None), replace(mine, url="https://b.example")):
        assert golden_feed([theirs], cache=cache).body == golden_feed([theirs]).body


def test_one_uid_is_one_event_and_the_later_revision_wins():
    old, new = entry(start=NOON, title="Alt"), entry(start=NOON, title="Neu", sequence=3)
    for entries in ([old, new], [new, old]):
        (found,) = events(golden_feed(entries)).values()
        assert (found["SUMMARY"], found["SEQUENCE"]) == ("Neu", 3)


def test_a_moved_date_keeps_its_uid():
    before, after = entry(start=NOON), entry(start=NOON + timedelta(days=7), sequence=1)
    assert event_uid(before, SITE) == event_uid(after, SITE) == "notice-a-a@ortsruf.example"


def test_what_left_the_feed_is_seen_by_readers_of_dates_only():
    composed = CHANGED + timedelta(hours=5)
    feed = golden_feed(golden_entries()[1:], composed=composed)
    assert not is_current((), feed.headers["Last-Modified"], None, golden_feed().headers["Last-Modified"])
    assert is_current((), feed.headers["Last-Modified"], None, "Fri, 20 Nov 2026 13:30:00 GMT")


def test_an_empty_feed_has_no_date_of_its_own():
    feed = golden_feed([])
    assert "Last-Modified" not in feed.headers
    assert golden_feed([], composed=CHANGED).headers["Last-Modified"] == "Fri, 20 Nov 2026 08:30:00 GMT"


@pytest.mark.parametrize("where", ["notice", "occurrence"])
@pytest.mark.parametrize(("language", "title"), [("de", "ABGESAGT: Rat"), ("en-GB", "CANCELLED: Rat")])
def test_called_off(where, language, title):
    off = entry(start=NOON, title="Rat", leads=(timedelta(hours=2),), **{where: {"status": Status.CANCELLED}})
    found = shown(off, language)
    assert (found.status, found.summary, found.alarms, found.transparent) == ("cancelled", title, (), True)
    assert "rinner" not in found.description


def test_a_pickup_is_a_free_day_with_my_lead_time():
    found = shown(entry(start=PICKUP, title="Restmüll", topic="waste", leads=(timedelta(hours=6), timedelta(hours=-7))))
    assert (found.start, found.transparent, found.categories) == (PICKUP, True, ("Abfall",))
    assert found.alarms == (timedelta(hours=-6), timedelta(hours=7))
    assert "Ihre Erinnerung: 7. 12. 2026, 18:00 Uhr\nIhre Erinnerung: 8. 12. 2026, 07:00 Uhr" in found.description


def test_alarms_are_opt_in_and_the_time_is_told_all_the_same():
    found = shown(entry(start=PICKUP, leads=(timedelta(hours=6),)), "en", alarms_on=False)
    assert found.alarms == ()
    assert "Your reminder: 7 December 2026, 18:00" in found.description


def test_a_reminder_days_before_keeps_the_time_of_day_across_the_clock_change():
    sunday_evening = entry(start=datetime(2027, 3, 28, 17, tzinfo=UTC), leads=(timedelta(days=1),))
    assert "Ihre Erinnerung: 27. 3. 2027, 19:00 Uhr" in shown(sunday_evening).description


@pytest.mark.parametrize(
    ("start", "end", "key", "deadline", "free"),
    [
        (NOON, NOON + timedelta(hours=2), "m", None, False),
        (NOON, None, "m", None, False),
        (NOON, NOON + timedelta(days=1), "m", None, True),  # a closure
        (NOON, None, "m", NOON, True),
        (NOON, None, "deadline:LOT-1", None, True),
        (NOON, NOON + timedelta(hours=1), "m", NOON, False),
        (PICKUP, None, "m", None, True),
    ],
)
def test_who_looks_busy(start, end, key, deadline, free):
    assert shown(entry(key, start=start, end=end, notice={"deadline": deadline})).transparent is free


def test_a_deadline_is_a_point_in_time_and_says_so():
    one = entry(start=NOON, topic="tenders", notice={"deadline": NOON})
    assert shown(one).description.startswith("Frist: bis 3. 12. 2026, 12:00 Uhr\n\n")
    (found,) = events(golden_feed([one])).values()
    assert "DTEND" not in found
    assert found["DTSTART"].dt == NOON


@pytest.mark.parametrize(
    ("title", "own", "both"),
    [
        ("Rat", "", "Rat"),
        ("Abfuhr", "Restmüll", "Abfuhr – Restmüll"),
        ("Abfuhr: Restmüll", "Restmüll", "Abfuhr: Restmüll"),
        ("Rat", "3. Sitzung Rat", "3. Sitzung Rat"),
        (" Rat\r\n tagt ", "", "Rat tagt"),
    ],
)
def test_titles(title, own, both):
    assert summary(entry(start=NOON, title=title, occurrence={"summary": own}), "de") == both


def test_the_description_in_order():
    one = entry(
        start=NOON, body="Text", instruction="Bitte melden.", reason=Reason("council", "Nümbrecht", ("Haushalt",), ("45000000",), 1.25),
        notice={"attribution": "RIS, CC BY 4.0"},
    )  # fmt: skip
    assert shown(one).description == (
        "Text\n\nBitte melden.\n\n"
        "Sie bekommen diesen Termin, weil er zu Ihrer Auswahl passt: Rat und Ausschüsse, Ort Nümbrecht, "
        "Stichwort Haushalt, CPV 45000000, 1,2 km von Ihrem Punkt\n\n"
        "Mehr dazu: https://ortsruf.example/n/a\nQuelle: RIS, CC BY 4.0"
    )
    english = shown(one, "en").description
    assert "matches your choice: Council and committees, place Nümbrecht, keyword Haushalt" in english
    assert "1.2 km" in english


def test_a_language_version_is_used():
    texts = (NoticeText("de", "Rat"), NoticeText("en", "Council meeting", "Public."))
    found = shown(entry(start=NOON, notice={"texts": texts}), "en")
    assert (found.summary, found.description[:7]) == ("Council meeting", "Public.")


def test_a_very_long_text_ends_and_the_link_stays():
    found = shown(entry(start=NOON, body="ä" * 50_000)).description
    assert len(found) < 4_200
    assert "ä …\n\nMehr dazu: https://" in found


def test_a_topic_of_a_plug_in_has_its_own_word():
    assert shown(entry(start=NOON, topic="water-level")).categories == ("Water level",)


@pytest.mark.parametrize(
    ("geometry", "geo"),
    [
        (None, None),
        (Geometry(points=((7.5, 50.9),)), (7.5, 50.9)),
        (Geometry(points=((7.5, 50.9), (7.6, 51.0))), None),
        (Geometry(points=((7.5, 50.9),), circles=(((7.5, 50.9), 2.0),)), None),
    ],
)
def test_one_point_is_a_place(geometry, geo):
    assert shown(entry(start=NOON, notice={"geometry": geometry})).geo == geo


def test_no_secret_of_the_feed_is_in_its_events():
    for found in events(golden_feed(source_url="https://ortsruf.example/k/SECRET.ics")).values():
        assert b"SECRET" not in found.to_ical()


@pytest.mark.parametrize(
    ("language", "title", "lines"),
    [
        ("tr", "İPTAL: Sitzung des Rates", ["Hatırlatmanız: 2 Aralık 2026, 19:00", "Ayrıntılar: https://"]),
        ("uk", "СКАСОВАНО: Sitzung des Rates", ["Ваше нагадування: 2 грудня 2026 р., 19:00", "1,2 км від вашої точки"]),
        ("ar", "أُلغي: Sitzung des Rates", ["تذكيركم: 2\u200f/12\u200f/2026، الساعة 19:00", "المزيد: https://", "لغة هذه الرسالة: الألمانية"]),
        ("de-simple", "FÄLLT AUS: Sitzung des Rates", ["Wir erinnern Sie: 2. Dezember 2026 um 19:00 Uhr"]),
    ],
)  # fmt: skip
def test_the_calendar_speaks_every_language(language, title, lines):
    found = {one.uid.split("-")[1]: one for one in (shown(each, language) for each in golden_entries())}
    assert found["off"].summary == title
    for line in lines:
        assert line in found["winter"].description
