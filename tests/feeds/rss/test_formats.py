"""Feeds of every kind, as recorded, become the notices that a reader expects."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feeds.rss.parse import parse
from hub.core.codec import from_json, to_json
from hub.core.errors import SourceRefused
from hub.core.notice import Geometry, Severity

COUNTS = {  # notices of each recorded answer; the others hold no entry that says anything
    "atoma/rss_broken-enclosure.xml": 2, "atoma/rss_broken-missing-title.xml": 1, "atoma/rss_encoding.xml": 4,
    "encoding/simplepie_feed-utf16le.xml": 1, "feed-io/sample-rdf.xml": 1, "feed-io/sample-rss-nodate.xml": 3,
    "feed-rs/atom_content_src.xml": 1, "feed-rs/atom_example_1.xml": 1, "feed-rs/atom_relative.xml": 1,
    "feed-rs/rss_0.91_spec_1.xml": 2, "feed-rs/rss_2.0_ghost_1.xml": 1, "feedparser/illformed_chardet_windows1255.xml": 1,
    "feedparser/wellformed_cdf_item_title.xml": 1, "feedparser/wellformed_rdf_rss090_item_title.xml": 1,
    "jsonfeed/reader_full.json": 2, "reader/full.atom": 2, "reader/full.rss": 2, "real-de/ocrd.rss.xml": 10,
    "real-de/oepnv_stoerungen.rss.xml": 10, "synthetic-de/contao_musikverein.rss.xml": 2,
    "synthetic-de/joomla_sportverein.atom.xml": 1, "synthetic-de/sportverein.jsonfeed.json": 2,
    "synthetic-de/typo3_rathaus.rss.xml": 2, "synthetic-de/wordpress_feuerwehr.rss.xml": 2,
    "synthetic-de/websub_gemeinde.rss.xml": 2, "feed-rs/rss_1.0_example_1.xml": 2, "jsonfeed/jsonfeed_spec_1.json": 1,
}  # fmt: skip
REFUSED = {
    "feedparser/illformed_rss_empty_document.xml",
    "feedparser/illformed_aaa_illformed.xml",
    "feedparser/illformed_rss_incomplete_cdata.xml",  # torn inside its only entry
    "feedparser/wellformed_rdf_doctype_contains_entity_decl.xml",
}


def test_every_recorded_feed(corpus, read) -> None:
    found = {}
    for path in sorted(corpus.rglob("*.*")):
        name = str(path.relative_to(corpus))
        if name in REFUSED:
            with pytest.raises(SourceRefused):
                read(path.read_bytes())
            continue
        notices = read(path.read_bytes())
        assert [from_json(to_json(one)) for one in notices] == notices
        assert all(one.title and one.severity is Severity.UNKNOWN for one in notices)
        if notices:
            found[name] = len(notices)
    assert found == COUNTS


def test_a_contao_feed_keeps_two_items_that_share_guid_and_link(corpus, read) -> None:
    concert, meeting = read((corpus / "synthetic-de/contao_musikverein.rss.xml").read_bytes())
    assert (concert.title, meeting.title) == ("Frühjahrskonzert", "Generalversammlung")
    assert concert.texts[0].body.endswith("Festhalle – Eintritt frei")
    assert concert.sent == datetime.fromisoformat("2030-03-03T10:00:00+01:00")
    assert meeting.sent == datetime.fromisoformat("2030-02-28T20:00:00+01:00")
    assert concert.key != meeting.key
    assert not {concert.key, *concert.references} & {meeting.key, *meeting.references}


def test_a_typo3_feed(corpus, read) -> None:
    closure, statute = read((corpus / "synthetic-de/typo3_rathaus.rss.xml").read_bytes())
    assert closure.url.startswith("https://www.musterdorf.example/rathaus/aktuelles/detail/vollsperrung-hauptstrasse")
    assert [(one.rel, one.href) for one in closure.links] == [
        ("enclosure", "https://www.musterdorf.example/fileadmin/umleitung.pdf")
    ]
    assert (closure.texts[0].lang, closure.publisher) == ("de-DE", "Gemeinde Musterdorf: Aktuelles")
    assert statute.sent is None
    assert statute.title.endswith("AbwGebS) & Anlage")


def test_a_wordpress_feed_loses_script_and_keeps_the_picture_as_a_link(corpus, read) -> None:
    mission, _ = read((corpus / "synthetic-de/wordpress_feuerwehr.rss.xml").read_bytes())
    assert mission.texts[0].html == "<p>Einsatz Nr. 17/2030<br>Alarmierung: 02.03.2030, 17:32 Uhr</p>"
    assert mission.texts[0].body == "Einsatz Nr. 17/2030\nAlarmierung: 02.03.2030, 17:32 Uhr"
    assert [(one.rel, one.href) for one in mission.links] == [
        ("image", "https://feuerwehr-musterdorf.example/wp-content/uploads/2030/03/einsatz.jpg"),
    ]  # fmt: skip
    assert mission.sent is not None
    assert mission.sent.utcoffset() == timedelta(0)


def test_a_json_feed_with_a_number_as_id_and_an_item_without_title(corpus, read) -> None:
    closed, untitled = read((corpus / "synthetic-de/sportverein.jsonfeed.json").read_bytes())
    assert (closed.title, closed.texts[0].body, closed.texts[0].html) == (
        "Platz gesperrt", "Der Rasenplatz ist bis auf Weiteres gesperrt.", "",
    )  # fmt: skip
    assert (untitled.title, untitled.url) == ("Kein Titel", "")
    assert untitled.sent == datetime.fromisoformat("2030-03-02T00:00:00+01:00")


@pytest.mark.parametrize("body", [
    "", "   ", "<!DOCTYPE html><html><body>Wartung</body></html>", "<html/>", "Wartung", "[]", "{}", '{"version": "https://jsonfeed.org/version/1"}',
    '{"version": "https://jsonfeed.org/version/1", "items": {}}', "{", "[" * 100_000, "<alert/>", "\0\0\0", "<rss",
])  # fmt: skip
def test_what_is_no_feed_is_refused(body, make_fetched) -> None:
    with pytest.raises(SourceRefused):
        parse(make_fetched(body))


def test_an_empty_feed_is_no_error(rss, read) -> None:
    assert read(rss()) == []


@pytest.mark.parametrize("before", ["\n\n  ", "\ufeff", "\ufeff \n"])
def test_what_stands_before_the_declaration_does_not_matter(before, rss, read) -> None:
    assert [one.title for one in read(before + rss("<title>Fest</title>"))] == ["Fest"]


def test_an_entry_without_anything_to_say_is_a_fault_and_the_others_go_on(rss, make_fetched) -> None:
    items = parse(make_fetched(rss("<title>A</title>", "<link>https://verein.example/b</link>", "<title>C</title>")))
    assert [bool(one.fault) for one in items] == [False, True, False]


def test_a_missing_title_is_the_first_words_of_the_text(rss, read) -> None:
    text = "Das Vereinsheim bleibt am Wochenende geschlossen, weil die Heizung erneuert wird und niemand frieren soll."
    notice = read(rss(f"<description>&lt;p&gt;{text}&lt;/p&gt;</description>"))[0]
    assert notice.title == "Das Vereinsheim bleibt am Wochenende geschlossen, weil die Heizung erneuert wird und …"
    assert notice.texts[0].body == text


def test_at_most_five_hundred_entries_are_read(rss, make_fetched) -> None:
    assert len(parse(make_fetched(rss(*(f"<title>T{number}</title>" for number in range(700)))))) == 500


@pytest.mark.parametrize(("tag", "lang"), [
    ("de_DE", "de-DE"), ("de-at", "de-AT"), ("DE", "de"), ("", "de"), ("<x>", "de"), ("english", "de"), ("zh-Hant-TW", "zh-Hant-TW"),
])  # fmt: skip
def test_language(tag, lang, rss, read) -> None:
    channel = f"<title>V</title><language>{tag.replace('<', '&lt;')}</language>"
    assert read(rss("<title>T</title>", channel=channel))[0].texts[0].lang == lang


def test_the_publisher_is_the_feed_else_the_author_else_the_source(rss, read) -> None:
    item = "<title>T</title><author>Erika Muster</author>"
    assert read(rss(item))[0].publisher == "Verein"
    assert read(rss(item, channel=""))[0].publisher == "Erika Muster"
    assert read(rss("<title>T</title>", channel=""))[0].publisher == "Verein"


def test_relative_addresses_are_meant_at_the_site(rss, read) -> None:
    inner = "<title>T</title><link>/a?x=1</link><description>&lt;a href='b.html'&gt;b&lt;/a&gt;</description>"
    feed = rss(inner, channel="<title>V</title><link>https://site.example/news/</link>")
    notice = read(feed)[0]
    assert (notice.url, notice.texts[0].html) == (
        "https://site.example/a?x=1", '<a href="https://site.example/news/b.html" rel="noopener noreferrer nofollow">b</a>',
    )  # fmt: skip
    assert read(rss("<title>T</title><link>/a</link>", channel=""))[0].url == "https://verein.example/a"


def test_an_entry_without_address_has_none(rss, read) -> None:
    assert read(rss("<title>T</title>"))[0].url == ""
    assert read(rss("<title>T</title><enclosure url='' length='0' type='x'/>"))[0].links == ()


def test_counting_pixels_are_no_pictures(rss, read) -> None:
    inner = "<title>T</title><description>&lt;img src='https://t.example/c?id=7' width='1' height='1'&gt;&lt;img width='100' src='/p.jpg'&gt;</description>"
    assert [one.href for one in read(rss(inner))[0].links] == ["https://verein.example/p.jpg"]


def test_a_disruption_feed_says_from_when_to_when(corpus, read) -> None:
    first = read((corpus / "real-de/oepnv_stoerungen.rss.xml").read_bytes())[0]
    assert first.valid_from == datetime.fromisoformat("2026-08-23T00:00:00+02:00")
    assert first.expires == datetime.fromisoformat("2026-09-13T13:00:00+02:00")


def test_a_last_day_counts_to_its_end_and_places_are_kept(corpus, read) -> None:
    fest, ban = read((corpus / "synthetic-de/websub_gemeinde.rss.xml").read_bytes())
    assert (fest.valid_from, fest.expires) == (None, datetime.fromisoformat("2030-03-24T00:00:00+01:00"))
    assert fest.geometry == Geometry(points=((6.392, 50.721),))
    assert ban.geometry is not None
    assert ban.geometry.polygons[0][0] == (6.38, 50.7)
    assert "<img" not in fest.texts[0].html
    assert [(one.rel, one.href) for one in fest.links] == [
        ("image", "https://www.musterdorf.example/fest.jpg"), ("image", "https://www.musterdorf.example/bild/anger.jpg"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "where",
    ["<georss:point>91 6</georss:point>", "<georss:point>nan nan</georss:point>", "<georss:polygon>1 2 3</georss:polygon>",
     "<geo:lat>x</geo:lat><geo:long>y</geo:long>", "<ext:ends_at>gestern</ext:ends_at>",
     "<ext:starts_at>2030-03-05</ext:starts_at><ext:ends_at>2030-03-01</ext:ends_at>"],
)  # fmt: skip
def test_places_and_times_that_make_no_sense_are_left_out(read, where) -> None:
    spaces = "xmlns:georss='http://www.georss.org/georss' xmlns:geo='http://www.w3.org/2003/01/geo/wgs84_pos#' xmlns:ext='urn:x'"
    (one,) = read(f"<rss version='2.0' {spaces}><channel><item><title>T</title>{where}</item></channel></rss>")
    assert (one.geometry, one.valid_from, one.expires) == (None, None, None)


def test_a_feed_without_entries_is_in_order_and_one_broken_off_is_not(make_fetched) -> None:
    whole = "<rss version='2.0'><channel><title>T</title></channel></rss>"
    assert [one.note for one in parse(make_fetched(whole))] == ["The feed is in order, but has no entries yet."]
    with pytest.raises(SourceRefused, match="broken off"):
        parse(make_fetched(whole[:40]))


def test_a_closed_json_feed_says_so(make_fetched) -> None:
    feed = '{"version": "https://jsonfeed.org/version/1", "title": "T", "expired": true, "items": []}'
    assert "closed" in parse(make_fetched(feed))[-1].note


def test_golden(corpus, read) -> None:
    found = read((corpus / "synthetic-de/websub_gemeinde.rss.xml").read_bytes())
    golden = json.loads((Path(__file__).parent / "golden/websub_gemeinde.json").read_text())
    assert [to_json(one) for one in found] == golden
