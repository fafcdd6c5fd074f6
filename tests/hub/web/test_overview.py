"""The dashboards: what is wrong comes first and in words, plots have tables, a town's operator sees that town only."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from fakes.house import Town
from fakes.operated import county
from fakes.people import COUNTY, account, session_of
from fakes.towns import OTHER
from sqlalchemy import insert

from hub.jobs.hold import hold
from hub.store.schema import budget

COOKIE = "__Host-ortsruf-session"


def signed_in(pages, token: str):
    pages.client.set_cookie(COOKIE, token, domain="ortsruf.example", secure=True)
    return pages


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def both(village: Town, pages):
    """Fill a county; gives the pages of its operator, and the token of the village's."""
    tokens = county(village)
    return signed_in(pages, tokens[0]), tokens[1]


def rows(html: str) -> list[str]:
    table = html[html.index('aria-labelledby="towns"') :].partition("<tbody")[2].partition("</tbody>")[0]
    return [text_of(one) for one in table.split("<tr")[1:]]


def test_whoever_needs_somebody_comes_first_and_says_why(both) -> None:
    pages, _ = both
    first, second = rows(pages.get("/verwaltung/uebersicht").text)
    assert "Kreuzau" in first
    assert "Jetzt handeln" in first
    for words in ("Eine Testmeldung ist nicht angekommen.", "Eine Quelle ist gestört.", "Niemand erfährt es",
                  "Diesen Monat war mehr verspätet, als das Ziel erlaubt."):  # fmt: skip
        assert words in first
    assert "Alles gut" in second
    assert re.search(r"99,9\d? % diesen Monat rechtzeitig", second)
    assert "vor" in second  # the last delivery


def test_alarms_processes_leader_and_versions_stand_there(both) -> None:
    pages, _ = both
    text = text_of(pages.get("/verwaltung/uebersicht").text)
    assert "Alarme: 1" in text
    assert "Kreuzau: Die Testmeldung" in text
    assert "The mail server refuses our mail." in text
    assert text.count("führt den Takt") == 1
    assert "Prozesse: 3" in text
    assert re.search(r"SQLite \d+\.\d+", text)


def test_a_hold_is_said_first(both, village) -> None:
    pages, token = both
    hold(village.store, "A backup of yesterday: look at it first.", village.clock())
    assert "Die Installation ist angehalten: A backup of yesterday" in text_of(pages.get("/verwaltung/uebersicht").text)
    signed_in(pages, token)
    assert "Die Installation ist angehalten" in text_of(pages.get("/verwaltung/huertgenwald/betrieb").text)


@pytest.mark.parametrize("path", ["/verwaltung/uebersicht", "/verwaltung/uebersicht?zeitraum=30"])
def test_every_plot_is_a_picture_with_its_table(both, path) -> None:
    pages, _ = both
    html = pages.get(path).text
    figures = re.findall(r'<div class="plot".*?(?=<div class="plot"|</section>)', html, re.DOTALL)
    assert len(figures) == 6
    for one in figures:
        picture = re.search(r'<svg viewBox="[^"]+" role="img" aria-label="([^"]+)">.*?</svg>', one, re.DOTALL)
        assert picture, text_of(one)
        drawn = ET.fromstring(picture[0])
        paths = [node for node in drawn.iter("path") if "row" in (node.get("class") or "")]
        assert all(node.get("d") for node in paths[:1])
        heads = re.search(r"<thead>.*?</thead>", one, re.DOTALL)
        assert heads
        assert heads[0].count("<th ") == len(paths) + 1
    assert "style=" not in html


def test_the_table_says_what_the_picture_shows(both) -> None:
    pages, token = both
    signed_in(pages, token)
    html = pages.get("/verwaltung/huertgenwald/betrieb").text
    plot = html[html.index('id="plot-deliveries"') :].partition('<div class="plot"')[0]
    body = plot.partition("<tbody>")[2]
    cells = [text_of(one) for one in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]
    assert len(cells) == 30
    assert cells[1] == "22.11. 540 240"  # day 1: 90 * 6 and 40 * 6


def test_a_towns_operator_sees_that_town_and_nothing_of_another(both) -> None:
    pages, token = both
    signed_in(pages, token)
    text = text_of(pages.get("/verwaltung/huertgenwald/betrieb").text)
    assert "Alles gut" in text
    assert "Kreuzau" not in text
    assert "E-Mails erreichen sie" in text
    assert pages.get(f"/verwaltung/{OTHER}/betrieb").status_code == 404
    assert pages.get("/verwaltung/uebersicht").status_code in {403, 404}


def test_a_new_installation_says_that_there_is_nothing_yet(village, pages) -> None:
    signed_in(pages, session_of(village, account(village, "kreis@example.org", COUNTY)))
    text = text_of(pages.get("/verwaltung/uebersicht").text)
    assert "Noch gibt es nichts zu zeigen." in text
    assert "Kein Prozess hat ein Lebenszeichen gegeben." in text
    assert "noch nicht geprüft" in text


def test_english_is_spoken_too(both) -> None:
    pages, _ = both
    text = text_of(pages.get("/verwaltung/uebersicht?lang=en").text)
    assert "All municipalities at a glance" in text
    assert "Act now" in text


def test_of_fewer_than_five_people_nobody_learns_how_many(both, village) -> None:
    pages, token = both
    today = village.clock().date().isoformat()
    with village.store.begin() as session:
        session.execute(insert(budget).values(
            municipality_id="huertgenwald", day=today, channel="webpush", kept=2, late=1, lost=0
        ))  # fmt: skip
    signed_in(pages, token)
    html = pages.get("/verwaltung/huertgenwald/betrieb").text
    assert "In 24 Stunden zugestellt < 5" in text_of(html)
    body = html[html.index('id="plot-deliveries"') :].partition("<tbody>")[2]
    assert text_of(re.findall(r"<tr.*?</tr>", body, re.DOTALL)[0]) == "23.11. < 5 0"
