"""The tender search: preview, tree of codes, feeds by its address, saving it, colleagues."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from html import unescape
from re import findall

import feedparser
import icalendar
import pytest
from fakes.house import FakeChannel, news

from hub.core.message import Change, Result
from hub.core.notice import Fact, Occurrence, Value
from hub.store import subscribers


def tender(key: str, title: str, *, now, cpv=("45261210",), days=20, value=None, procedure="open", source="s1"):
    closes = now + timedelta(days=days)
    made = news(
        key, title, topic="tenders", source=source, sent=now, deadline=closes, expires=closes, cpv=cpv, publisher="Gemeinde",
        value=Value(value) if value else None, occurrences=(Occurrence("deadline", closes),),
        facts=(Fact("procedure", procedure),),
    )  # fmt: skip
    return replace(made, kind="tenders")


@pytest.fixture
def market(pages):
    town = pages.town
    town.source(topic="tenders")
    now = town.clock()
    town.poll("s1", tender("old", "Altes Dach", now=now, days=300), tender("over", "Zu spät", now=now, days=5))
    town.clock.forward(days=40)
    now = town.clock()
    town.poll(
        "s1",
        tender("roof", "Dachdeckerarbeiten =SUM(1)", now=now, value=120000.0),
        tender("road", "Fahrbahndecke", now=now, cpv=("45233141",), value=900000.0, procedure="neg-w-call"),
        tender("bus", "Schulbus", now=now, cpv=("60130000",)),
    )
    return pages


def titles(text: str) -> list[str]:
    part = text.partition('id="hits"')[2].partition("</ul>")[0]
    return [unescape(one) for one in findall(r'lang="de">([^<]+)</a>', part)]


@pytest.mark.parametrize(
    ("query", "found", "new"),
    [
        ("", {"Altes Dach", "Dachdeckerarbeiten =SUM(1)", "Fahrbahndecke", "Schulbus"}, 3),
        ("?words=dach", {"Altes Dach", "Dachdeckerarbeiten =SUM(1)"}, 1),
        ("?cpv=45233", {"Fahrbahndecke"}, 1),
        ("?cpv=45&least=500000", {"Altes Dach", "Fahrbahndecke"}, 1),
        ("?most=200000&procedure=open&without=alt", {"Dachdeckerarbeiten =SUM(1)", "Schulbus"}, 2),
        ("?days=21", {"Altes Dach"}, 0),
    ],
)
def test_the_preview_shows_what_the_last_month_brought(market, query, found, new) -> None:
    page = market.get(f"/huertgenwald/tenders{query}")
    assert page.status_code == 200
    assert set(titles(page.text)) == found
    assert f"{new} Treffer im letzten Monat" in page.text


def test_the_form_leads_to_a_clean_address(market) -> None:
    answer = market.get(
        "/huertgenwald/tenders?words=Dach&without=&cpv=45000000-7&near=&km=50&procedure=open&procedure=direct"
    )
    assert (answer.status_code, answer.location) == (
        302,
        "/huertgenwald/tenders?words=Dach&cpv=45&procedure=open%2Cdirect",
    )
    assert market.get(answer.location).status_code == 200
    wrong = market.get("/huertgenwald/tenders?cpv=x")
    assert (wrong.status_code, market.get("/huertgenwald/tenders.csv?cpv=x").status_code) == (400, 404)
    assert "Ein CPV-Code hat" in wrong.text


def test_codes_are_chosen_from_the_tree_level_by_level(market) -> None:
    page = market.get("/huertgenwald/tenders?words=dach").text
    assert "Bauarbeiten" in page
    into = unescape(findall(r'href="([^"]+tree=45#codes)"', page)[0])
    page = market.get(into.partition("#")[0]).text
    pick = unescape(findall(r'href="([^"]+cpv=452#codes)"', page)[0])
    page = market.get(pick.partition("#")[0]).text
    assert 'name="cpv" value="452"' in page
    assert 'name="words" value="dach"' in page


def test_a_search_is_a_feed_a_calendar_and_a_table(market) -> None:
    feed = feedparser.parse(market.get("/huertgenwald/tenders.atom?words=dach").data)
    assert not feed.bozo
    assert {one.title for one in feed.entries} == {"Altes Dach", "Dachdeckerarbeiten =SUM(1)"}
    assert len(json.loads(market.get("/huertgenwald/tenders.json?cpv=60").data)["items"]) == 1
    events = icalendar.Calendar.from_ical(market.get("/huertgenwald/tenders.ics?cpv=60").data).walk("VEVENT")
    assert [str(one["SUMMARY"]) for one in events] == ["Schulbus"]
    answer = market.get("/huertgenwald/tenders.csv?cpv=4526")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert {row["title"] for row in rows} == {"Altes Dach", "Dachdeckerarbeiten =SUM(1)"}
    roof = next(row for row in rows if row["value"])
    assert (roof["value"], roof["currency"], roof["cpv"]) == ("120000.00", "EUR", "45261210")
    again = market.get("/huertgenwald/tenders.csv?cpv=4526", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_table_has_every_hit_however_many(market, monkeypatch) -> None:
    monkeypatch.setattr("hub.web.tenders.FEED", 2)
    assert len(json.loads(market.get("/huertgenwald/tenders.json").data)["items"]) == 2
    assert market.get("/huertgenwald/tenders.csv").text.count("\n") == 1 + 4


def test_no_cell_of_a_table_is_a_formula(market) -> None:
    market.town.source("s2", topic="tenders")
    market.town.poll("s2", tender("x", "=HYPERLINK(1)", now=market.town.clock(), source="s2"))
    assert "'=HYPERLINK" in market.get("/huertgenwald/tenders.csv").text


def save(pages, **fields: str):
    return pages.send("/huertgenwald/tenders", "/huertgenwald/tenders", **fields)


def test_a_saved_search_is_an_interest_with_its_reminder_and_tells_of_new_ones(market) -> None:
    answer = save(market, words="dach", least="50000", procedure="open", tenders__push="1", tenders__calendar="1",
                  tenders__remind="1", tenders__lead="7")  # fmt: skip
    assert answer.status_code == 303
    token = answer.location.split("/m/")[1].partition("/")[0]
    page = market.get(f"/m/{token}/settings").text
    for part in ("Gespeicherte Suchen", "dach · ab 50.000", "Offen"):
        assert part in page, part
    person = market.town.house.links.parts("manage", token)[0]
    with market.town.store.read() as session:
        (one,) = subscribers.subscriptions(session, person)
    assert one["criteria"]["least_value"] == 50000.0
    assert ("webpush", "reminder", "P7D@08:00") in one["ways"]
    address = unescape(findall(r'href="(/huertgenwald/tenders\?[^"]+)"', page)[0])
    assert set(titles(market.get(address).text)) == {"Altes Dach", "Dachdeckerarbeiten =SUM(1)"}
    # A second search on the same device is kept beside the first, and each ends by itself.
    assert (
        save(market, cpv="60", tenders__mail="digest", email="a@example.org").location
        == f"/m/{token}/settings#searches"
    )
    page = market.get(f"/m/{token}/settings").text
    ends = findall(r'action="(/m/[^"]+/searches/\d+/end)"', page)
    assert len(ends) == 2
    assert market.send(f"/m/{token}/settings", ends[0]).status_code == 303
    with market.town.store.read() as session:
        assert len(subscribers.subscriptions(session, person)) == 1


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"words": "x"}, "mindestens einen Weg"),
        ({"tenders__mail": "now"}, "E-Mail-Adresse an"),
        ({"tenders__push": "1", "tenders__remind": "1", "tenders__lead": "99"}, "angebotenen Zeiten"),
        ({"cpv": "x", "tenders__push": "1"}, "Ein CPV-Code hat"),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_typed_is_lost(market, fields, part) -> None:
    answer = save(market, **{"words": "dach", **fields})
    assert answer.status_code == 400
    assert part in answer.text


def test_colleagues_have_their_own_address_on_the_same_choices(market) -> None:
    token = (
        save(market, words="dach", tenders__mail="now", email="chef@example.org")
        .location.split("/m/")[1]
        .partition("/")[0]
    )
    assert "Weitere E-Mail-Adresse" in market.get(f"/m/{token}/settings").text
    assert market.send(f"/m/{token}/settings", f"/m/{token}/address", address="kollegin@example.org").status_code == 303
    town = market.town
    town.source("s2", topic="tenders")
    with town.store.begin() as session:
        person = town.house.links.parts("manage", token)[0]
        for one in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, one["id"], town.clock())
    town.engine.run_all()
    town.mail.forget()
    town.poll("s2", tender("new", "Neues Dach", now=town.clock(), source="s2"))
    assert {one.address for one, _ in town.mail.sent} == {"chef@example.org", "kollegin@example.org"}


def test_a_webhook_must_take_a_test_before_it_gets_hits(market) -> None:
    town = market.town
    town.channels["webhook"] = hook = FakeChannel("webhook")
    url = "https://erp.example.com/hook"
    assert "aus dem Internet nicht" in save(market, words="dach", tenders__hook="https://10.0.0.1/").text
    answer = save(market, words="dach", tenders__hook=url)
    token = answer.location.split("/m/")[1].partition("/")[0]
    with town.store.read() as session:
        (way,) = subscribers.endpoints_of(session, town.house.links.parts("manage", token)[0])
    hook.answers(way["id"], Result.FAILED)
    page = market.get(f"/m/{token}/settings").text
    for part in (url, "wartet auf die Antwort auf eine Testnachricht", "whsec_"):
        assert part in page, part
    town.engine.run_all()
    assert not hook.sent, "it refused its test"
    town.source("s2", topic="tenders")
    town.poll("s2", tender("n1", "Dach eins", now=town.clock(), source="s2"))
    assert not hook.sent
    # A second search of the same person goes to the same webhook; another address is refused.
    assert save(market, cpv="60", tenders__hook=url).status_code == 303
    assert "schon einen Webhook" in save(market, cpv="45", tenders__hook=url + "2").text


def test_a_webhook_that_took_its_test_is_told_of_hits_at_once(market) -> None:
    town = market.town
    town.channels["webhook"] = hook = FakeChannel("webhook")
    answer = save(market, words="dach", tenders__hook="https://erp.example.com/hook")
    token = answer.location.split("/m/")[1].partition("/")[0]
    town.engine.run_all()
    assert [message.change for _, message in hook.sent] == [Change.TEST]
    assert "wartet auf die Antwort" not in market.get(f"/m/{token}/settings").text
    town.source("s2", topic="tenders")
    town.poll("s2", tender("n1", "Dach eins", now=town.clock(), source="s2"))
    assert [message.entries[0].notice.title for _, message in hook.sent[1:]] == ["Dach eins"]
