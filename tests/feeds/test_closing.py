"""Closing dates of job offers and lost property that only the text tells, through the RSS kind."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from feeds._days import closing, read_day, read_times
from feeds.rss.normalise import normalise
from feeds.rss.parse import parse
from hub.core.notice import Notice
from hub.core.source import Document, Fetched, FetchState, Source


def notice(text: str, topic: str = "jobs") -> Notice:
    body = (
        '<rss version="2.0"><channel><title>Gemeinde</title><link>https://g.example/</link><item><title>Gärtner (m/w/d)'
        f"</title><guid>1</guid><pubDate>Thu, 19 Nov 2026 10:00:00 +0100</pubDate><description>{text}</description></item>"
        "</channel></rss>"
    )
    source = Source("s", "rss", "https://g.example/feed", topic=topic)
    fetched = Fetched(
        (Document(source.url, "", body.encode()),), datetime(2026, 11, 23, tzinfo=UTC), FetchState(), source
    )
    return normalise(parse(fetched)[0], source)


@pytest.mark.parametrize(
    "text",
    [
        "Bewerbungsfrist: 31.12.2026",
        "Wir suchen. Bewerbungsschluss ist der 31. Dezember 2026!",
        "Bewerbungen bis zum 31.12.26 an das Personalamt",
        "Bitte bewerben Sie sich bis spätestens 31.12.2026.",
        "gültig bis 2026-12-31",
        "valid until: 31 December 2026",
        "&lt;p&gt;Frist: &lt;b&gt;31.12.2026&lt;/b&gt;&lt;/p&gt;",
        "Closing date 2026-12-31",
    ],
)
def test_a_closing_date_in_the_text_of_an_offer(text):
    found = notice(text)
    assert found.deadline == found.expires == datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    assert [(one.key, one.start) for one in found.occurrences] == [("deadline", found.deadline)]


def test_with_a_time():
    assert notice("Bewerbungsfrist: 31.12.2026, 12:00 Uhr").deadline == datetime(2026, 12, 31, 11, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Beginn: 01.01.2027", "Frist: bald", "", "Seit 31.12.2020 sind wir für Sie da."])
def test_other_dates_close_nothing(text):
    found = notice(text)
    assert (found.deadline, found.expires, found.occurrences) == (None, None, ())


def test_news_have_no_closing_date():
    assert notice("Bewerbungsfrist: 31.12.2026", topic="news").deadline is None


def test_lost_property_is_kept_for_six_months_or_as_told():
    assert notice("Schlüssel", topic="lost").expires == datetime(2027, 5, 19, 21, 59, tzinfo=UTC)
    assert notice("gültig bis 31.12.2026", topic="lost").expires == datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    assert notice("gültig bis 31.12.2026", topic="lost").deadline is None


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("19:00", time(19), None),
        ("19.30 Uhr", time(19, 30), None),
        ("19 Uhr", time(19), None),
        ("19–21 Uhr", time(19), time(21)),
        ("19:00 - 21:30 Uhr", time(19), time(21, 30)),
        ("10.00 bis 12.00 Uhr", time(10), time(12)),
        ("05.12.2026 18:00", time(18), None),
        ("2026-12-05T18:00", time(18), None),
        ("5. Dezember 2026, 18 Uhr", time(18), None),
        ("24:00", time(23, 59), None),
        ("25:00", None, None),
        ("05.12.2026", None, None),
        ("ganztägig", None, None),
        ("", None, None),
    ],
)
def test_times(text, begin, end):
    assert read_times(text) == (begin, end)


@pytest.mark.parametrize(
    "text", ["1" * 20_000, "Frist " * 5_000, "bewerb" * 5_000, "1." * 10_000, "frist" + " " * 20_000]
)
def test_long_texts_end(text):
    assert closing([text], "Europe/Berlin") is None
    assert read_day(text) is None
    assert read_times(text)[1] is None
