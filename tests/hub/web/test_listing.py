"""Views of a municipality: clean addresses, forms without script, pages, and their feeds read by foreign programs."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from re import findall

import feedparser
import icalendar
import pytest
from fakes.house import NOON, news

from hub.core.notice import Link, NoticeText, Occurrence, PlaceRef, Severity, Status

NODE = Path(__file__).parents[2] / "node"


@pytest.fixture
def lively(pages):
    town = pages.town
    town.source()
    town.poll(
        "s1",
        news("road", "Vollsperrung", topic="roads", places=(PlaceRef("street", "ahornweg", "Ahornweg"),),
             occurrences=(Occurrence("c", NOON, NOON + timedelta(days=3)),)),
        news("news", "Müll & <Fest>", sent=NOON, url="https://example.org/a", publisher="Bauhof",
             links=(Link("enclosure", "https://example.org/plan.pdf", "Plan"),)),
    )  # fmt: skip
    with town.store.begin() as session:
        from hub.store import towns

        towns.add_places(session, town.municipality, [("053580016016/street:ahornweg", "street", "Ahornweg")])
    return pages


def titles(page: str) -> list[str]:
    part = page.partition('<ul class="notices">')[2].partition("</ul>")[0]
    return [unescape(one) for one in findall(r'lang="de">([^<]+)</a>', part)]


def test_a_form_leads_to_a_clean_address(lively) -> None:
    answer = lively.get("/huertgenwald/notices?topic=roads&place=Ahornweg&when=all&q=")
    assert (answer.status_code, answer.location) == (302, "/huertgenwald/notices?topic=roads&place=ahornweg")
    page = lively.get(answer.location)
    assert titles(page.text) == ["Vollsperrung"]
    assert "Straßensperrungen" in page.text or "Road" in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Vollsperrung", "Müll & <Fest>"}),
        ("?q=muell", {"Müll & <Fest>"}),
        ("?q=sperrung", {"Vollsperrung"}),
        ("?when=tomorrow", {"Vollsperrung"}),
        ("?when=past", set()),
        ("?q=nirgends", set()),
    ],
)
def test_views_show_what_was_asked_for(lively, query, found) -> None:
    page = lively.get(f"/huertgenwald/notices{query}")
    assert page.status_code == 200
    assert set(titles(page.text)) == found


@pytest.mark.parametrize("query", ["topic=x", "when=never", "place=Ahorn", "after=x", "q=" + "a" * 200])
def test_what_is_wrong_is_said_and_feeds_of_it_are_refused(lively, query) -> None:
    page = lively.get(f"/huertgenwald/notices?{query}")
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    if "place" in query:
        assert "place=Ahornweg" in page.text  # did you mean
    if "after" not in query:
        assert lively.get(f"/huertgenwald/notices.atom?{query}").status_code == 404


def test_following_pages_leads_to_every_notice(pages) -> None:
    pages.town.source()
    pages.town.poll("s1", *[news(f"n{number}", f"Meldung {number}") for number in range(19)])
    pages.town.poll("s1", *[news(f"m{number}", f"Weitere {number}") for number in range(15)])
    address, seen = "/huertgenwald/notices", []
    while address:
        page = pages.get(address)
        assert page.status_code == 200
        seen += titles(page.text)
        onward = findall(r'rel="next" href="([^"]+)"', page.text)
        address = unescape(onward[0]) if onward else ""
    assert len(seen) == len(set(seen)) == 34


def test_warnings_stand_above_with_level_area_and_what_to_do(pages) -> None:
    town = pages.town
    town.source(topic="warnings")
    assert "Keine Warnungen für Hürtgenwald." in pages.get("/huertgenwald/notices?lang=de").text
    storm = replace(
        news("w", topic="warnings", severity=Severity.SEVERE, expires=NOON + timedelta(hours=9)), kind="cap",
        texts=(NoticeText("de", "Orkanböen", instruction="Bleiben Sie im Haus."),),
        places=(PlaceRef("ars", "05358", "Kreis Düren"),),
    )  # fmt: skip
    town.poll("s1", storm)
    page = pages.get("/huertgenwald/notices").text
    for part in ("Warnungen in Kraft", "Orkanböen", "Schwer", "Kreis Düren", "Bleiben Sie im Haus.", "Zuletzt geprüft"):
        assert part in page, part
    town.poll("s1", replace(storm, status=Status.CANCELLED))
    page = pages.get("/huertgenwald/notices").text
    assert "Keine Warnungen für Hürtgenwald." in page
    assert "Entwarnung:" in page


def test_a_page_names_its_feeds(lively) -> None:
    page = lively.get("/huertgenwald/notices?topic=roads").text
    for kind in ("atom+xml", "feed+json"):
        assert f'rel="alternate" type="application/{kind}" href="/huertgenwald/notices.' in page
    assert 'href="/huertgenwald/notices.ics?topic=roads"' in page


def test_atom_is_read_by_feedparser(lively) -> None:
    answer = lively.get("/huertgenwald/notices.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert feed.version == "atom10"
    entries = {one.title: one for one in feed.entries}
    one = entries["Müll & <Fest>"]
    assert one.id.startswith("urn:uuid:")
    assert one.author == "Bauhof"
    links = {link.rel: link for link in one.links}
    assert links["alternate"].href.startswith("https://ortsruf.example/huertgenwald/n/")
    assert (links["enclosure"].href, links["enclosure"].type) == ("https://example.org/plan.pdf", "application/pdf")
    assert links["via"].href == "https://example.org/a"
    assert feed.feed.links[0].href == "https://ortsruf.example/huertgenwald/notices.atom"


def test_entries_keep_their_id_and_move_only_when_the_notice_does(lively) -> None:
    address = "/huertgenwald/notices.atom?q=fest"
    first = lively.get(address)
    lively.town.clock.forward(hours=2)
    assert lively.get(address).data == first.data
    assert lively.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    before = feedparser.parse(first.data).entries[0]
    lively.town.poll("s1", news("news", "Fest verschoben", sent=NOON))
    second = lively.get(address, headers={"If-None-Match": first.headers["ETag"]})
    after = feedparser.parse(second.data).entries[0]
    assert (second.status_code, after.id) == (200, before.id)
    assert after.updated > before.updated
    assert after.published == before.published


def test_feeds_do_not_depend_on_who_asks(lively) -> None:
    plain = lively.get("/huertgenwald/notices.json").data
    lively.get("/huertgenwald/notices?lang=en")  # sets the cookie
    assert lively.get("/huertgenwald/notices.json").data == plain
    assert b'"language": "en"' in lively.get("/huertgenwald/notices.json?lang=en").data


@pytest.mark.parametrize("kind", ["atom", "json", "ics", "geojson"])
def test_feeds_of_another_language_leave_no_cookie(lively, kind) -> None:
    assert "Set-Cookie" not in lively.get(f"/huertgenwald/notices.{kind}?lang=en").headers
    assert "Set-Cookie" in lively.get("/huertgenwald/notices?lang=en").headers


def test_another_language_shows_the_same_choice(lively) -> None:
    page = lively.get("/huertgenwald/notices?topic=roads&q=sperrung&lang=de")
    english = unescape(findall(r'href="([^"]+)" lang="en" hreflang', page.text)[0])
    assert english == "/huertgenwald/notices?topic=roads&q=sperrung&lang=en"
    assert lively.get(english).status_code == 200


def test_json_feed_has_what_version_1_1_asks_for(lively) -> None:
    answer = lively.get("/huertgenwald/notices.json?topic=news")
    assert answer.content_type.startswith("application/feed+json")
    feed = json.loads(answer.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://ortsruf.example/huertgenwald/notices.json?topic=news"
    (item,) = feed["items"]
    assert item["title"] == "Müll & <Fest>"
    assert isinstance(item["id"], str)
    assert "content_text" in item or "content_html" in item
    assert item["attachments"][0]["mime_type"] == "application/pdf"


def test_the_calendar_of_a_view_is_read_by_two_foreign_programs(lively) -> None:
    answer = lively.get("/huertgenwald/notices.ics?topic=roads")
    assert answer.content_type.startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Vollsperrung"
    script = (
        "const I=require('ical.js');const c=new (I.default||I).Component((I.default||I).parse("
        "require('fs').readFileSync(0,'utf8')));console.log(c.getAllSubcomponents('vevent').length)"
    )
    run = subprocess.run(["node", "-e", script], input=answer.data, capture_output=True, cwd=NODE, check=True)
    assert run.stdout.strip() == b"1"
    assert (
        lively.get(answer.request.path + "?topic=roads", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )
    assert not icalendar.Calendar.from_ical(lively.get("/huertgenwald/notices.ics?topic=news").data).walk("VEVENT")


def test_hostile_text_stays_text(pages) -> None:
    pages.town.source()
    bad = replace(news(title="<script>alert(1)</script>\x08"), texts=(
        NoticeText("de", "<script>alert(1)</script>\x08", html="<p onclick=x()>a<script>b</script></p>"),), publisher="]]>&\x00")  # fmt: skip
    pages.town.poll("s1", bad)
    feed = feedparser.parse(pages.get("/huertgenwald/notices.atom").data)
    assert not feed.bozo
    assert "script" not in feed.entries[0].content[0].value
    assert "<script>alert" not in pages.get("/huertgenwald/notices").text
    assert pages.get("/huertgenwald/notices?q=%3Cscript%3E").text.count("<script>") == 0


def test_a_called_off_notice_says_so_in_its_feed(pages) -> None:
    pages.town.source()
    day = Occurrence("1", date(2026, 12, 1))
    pages.town.poll("s1", news("a", "Markt", occurrences=(day,)))
    pages.town.poll("s1", news("a", "Markt", occurrences=(day,), status=Status.CANCELLED))
    assert "Abgesagt: Markt" in pages.get("/huertgenwald/notices.atom?when=past").text
