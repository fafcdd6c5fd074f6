"""Sources in the browser: look first, live only what was looked at, changed and removed with a word in the log (U43)."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from fakes.house import PLACE, Town, news
from fakes.http import FakeHttp
from fakes.kinds import plug_kind
from fakes.people import COUNTY, account, session_of, token_in
from fakes.towns import OTHER, add_source, add_town
from flask import Flask

import push
from hub.core.message import Outlet
from hub.core.permission import Grant, Role
from hub.hurried import Hurried
from hub.jobs.contact import desk_link
from hub.settings import Settings
from hub.store import audit, sources
from hub.web import create_app
from hub.web.operating import looked
from tests.hub.cli.test_add_awido import DISCOVER, FETCH, KIND
from tests.hub.web.conftest import ORIGIN, VAPID, Pages

COOKIE = "__Host-ortsruf-session"
URL = "https://town.example/feed.xml"
NEW = "/verwaltung/huertgenwald/quellen/neu"
FEED = b"""<rss version="2.0"><channel><title>T</title>
<item><guid>1</guid><title>Freibad \xc3\xb6ffnet &lt;script&gt;</title><description>Ab 10 Uhr.</description></item>
<item><guid>2</guid><title>Rathaus zu</title></item></channel></rss>"""


class Keeper(Pages):
    """Somebody who keeps sources, with a scripted network."""

    def __init__(self, town: Town, app: Flask, http: FakeHttp) -> None:
        super().__init__(town, app.test_client())
        self.http = http

    def sign_in(self, account_id: int) -> None:
        self.id = account_id
        self.client.set_cookie(COOKIE, session_of(self.town, account_id), domain="ortsruf.example", secure=True)

    def sent(self, page: str, path: str, **fields: object):
        csrf = token_in(self.get(page).text)
        return self.post(path, {"csrf_token": csrf, **{name.replace("__", "."): one for name, one in fields.items()}})

    def looks(self, kind: str = "rss", **fields: object):
        return self.sent(f"{NEW}/{kind}", f"{NEW}/{kind}", **{"url": URL, **fields})

    def stored(self) -> list[dict[str, object]]:
        with self.town.store.read() as session:
            return [dict(one) for one in sources.listed(session)]

    def acts(self) -> list[tuple[str, str]]:
        with self.town.store.read() as session:
            return [(row["actor"].partition(":")[0], row["act"]) for row in audit.latest(session)]


@pytest.fixture
def keeper(village: Town) -> Keeper:
    http = FakeHttp()
    house = replace(
        village.house, outlet=lambda name: Outlet(http, push.load(name).Settings(), {"vapid_public": VAPID})
    )
    made = Keeper(village, create_app(house, Settings(base_url=ORIGIN)), http)
    made.sign_in(account(village, "anna@example.org", Grant(Role.SOURCE_KEEPER, "huertgenwald")))
    return made


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def token_of(html: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found, text_of(html)[:2000]
    return unescape(found[1])


def test_a_look_shows_what_would_come_and_stores_nothing(keeper) -> None:
    keeper.http.answers(URL, body=FEED, headers={"Content-Type": "application/rss+xml"})
    html = keeper.looks().text
    assert "Das würde übernommen: 2" in html
    assert "Freibad öffnet" in html
    assert "<script>" not in html.partition("<main")[2].replace('<script type="module"', "")
    assert keeper.stored() == []


def test_what_was_looked_at_goes_live_and_the_first_time_tells_nobody(keeper) -> None:
    keeper.http.answers(URL, body=FEED)
    token = token_of(keeper.looks(name="Nachrichten der Gemeinde", topic="events", interval="3600").text)
    answer = keeper.sent(NEW, f"{NEW}/speichern", token=token)
    (row,) = keeper.stored()
    assert answer.location.endswith(f"/quellen/{row['id']}")
    assert (row["kind"], row["url"], row["name"], row["topic"], row["interval"], row["imported"]) == (
        "rss", URL, "Nachrichten der Gemeinde", "events", 3600, False,
    )  # fmt: skip
    assert row["places"] == [{"scheme": "ars", "value": PLACE, "name": ""}]
    assert ("account", "source.add") in keeper.acts()
    keeper.town.engine.run_all()
    assert keeper.town.gatherer.fetches == [row["id"]]  # woken at once
    again = keeper.sent(NEW, f"{NEW}/speichern", token=token)
    assert "gibt es schon" in keeper.get(again.location).text
    assert len(keeper.stored()) == 1


@pytest.mark.parametrize(
    "tamper", [lambda one: "", lambda one: one[:-3] + "abc", lambda one: one.partition(".")[0] + ".x"]
)
def test_nothing_goes_live_that_was_not_looked_at(keeper, tamper) -> None:
    keeper.http.answers(URL, body=FEED)
    token = tamper(token_of(keeper.looks().text))
    assert "noch einmal an" in keeper.get(keeper.sent(NEW, f"{NEW}/speichern", token=token).location).text
    assert keeper.stored() == []


def test_a_look_holds_an_hour_for_its_own_town_and_person(keeper, village) -> None:
    keeper.http.answers(URL, body=FEED)
    token = token_of(keeper.looks().text)
    add_town(village)
    keeper.sign_in(account(village, "kreis@example.org", COUNTY))
    for path in (NEW, NEW.replace("huertgenwald", OTHER)):  # another person, then another town, too
        keeper.sent(path, f"{path}/speichern", token=token)
        assert keeper.stored() == []
    own = token_of(keeper.looks().text)
    for _ in range(4):  # still at the desk, so that the sign-in lives on
        village.clock.forward(minutes=16)
        keeper.get(NEW)
    keeper.sent(NEW, f"{NEW}/speichern", token=own)
    assert keeper.stored() == []


@pytest.mark.parametrize("url", ["", "/etc/passwd", "file:///etc/passwd", "../x", "feed.xml", "ftp://a.example/x"])
def test_nothing_of_this_machine_is_read(keeper, tmp_path, url) -> None:
    answer = keeper.looks(url=url)
    assert answer.status_code == 400
    assert "Das lässt sich nicht übernehmen" in answer.text
    assert keeper.http.asked == []


def test_a_source_that_refuses_says_why_and_cannot_go_live(keeper) -> None:
    keeper.http.answers(URL, status=404)
    text = keeper.looks().text
    assert "Was Sie tun können:" in text
    assert 'name="token"' not in text


def test_the_providers_questions_are_asked_one_after_the_other(keeper, tmp_path: Path, monkeypatch) -> None:
    plug_kind(tmp_path / "plug", fetch=FETCH, discover=DISCOVER, __init__=KIND)
    monkeypatch.setenv("ORTSRUF_PLUGINS", str(tmp_path / "plug"))
    first = keeper.looks("stub", url="awido:kreis").text
    assert 'value="Am Mühlenbach"' in first
    second = keeper.looks("stub", url="awido:kreis", choose="Am Mühlenbach").text
    assert 'value="5 a"' in second
    third = keeper.looks("stub", url="awido:kreis", choose=["Am Mühlenbach", "5 a"]).text
    assert "Am Mühlenbach 5 a" in third
    keeper.sent(NEW, f"{NEW}/speichern", token=token_of(third))
    (row,) = keeper.stored()
    assert row["config"]["street"] == "Am Mühlenbach"
    assert row["url"] == "awido:kreis/huertgenwald"
    begun = keeper.looks("stub", url="awido:kreis", choose=["Am Mühlenbach", "5 a"], again="1").text
    assert 'value="Am Mühlenbach"' in begun


def test_looks_are_limited_by_rate_and_at_once(keeper) -> None:
    keeper.http.answers(URL, body=FEED)
    for _ in range(2):
        assert looked._AT_ONCE.acquire(blocking=False)
    try:
        assert keeper.looks().status_code == 503
    finally:
        for _ in range(2):
            looked._AT_ONCE.release()
    for _ in range(59):
        last = keeper.looks(url="feed.xml").status_code
    assert last == 400
    assert keeper.looks().status_code == 429


def test_all_requests_of_a_look_share_one_deadline() -> None:
    http, now = FakeHttp().answers(URL, body=b"x"), [0.0]
    hurried = Hurried(http, 25.0, lambda: now[0])
    assert hurried.get(URL).body == b"x"
    now[0] = 26.0
    with pytest.raises(Exception, match="within 25 s"):
        hurried.get(URL)
    assert len(http.asked) == 1


def test_every_kind_has_a_form_with_its_settings(keeper) -> None:
    page = keeper.get(NEW).text
    for kind, words in (("waste", "AWIDO: Name des Kunden"), ("roads", "Reihenfolge der Koordinaten"), ("cap", "PEM")):
        assert f"{NEW}/{kind}" in page
        assert words in keeper.get(f"{NEW}/{kind}").text
    assert keeper.get(f"{NEW}/nothing").status_code == 404
    assert 'value="https://a.example/x"' in keeper.get(f"{NEW}/rss?url=https://a.example/x").text


def test_name_and_interval_change_and_nothing_else(keeper, village) -> None:
    village.source("s1")
    path = "/verwaltung/huertgenwald/quellen/s1/aendern"
    assert keeper.sent(path, path, name="  Neuer   Name ", interval="300").status_code == 303
    (row,) = keeper.stored()
    assert (row["name"], row["interval"]) == ("Neuer Name", 300)
    assert ("account", "source.change") in keeper.acts()
    for wrong in (
        {"name": "", "interval": "300"},
        {"name": "x", "interval": "1"},
        {"name": "x" * 201, "interval": "300"},
    ):
        assert keeper.sent(path, path, **wrong).status_code == 400
    assert keeper.stored()[0]["name"] == "Neuer Name"


@pytest.mark.parametrize(("wish", "left"), [("delete", 404), ("keep", 200)])
def test_removing_says_what_goes_and_does_it(keeper, village, wish: str, left: int) -> None:
    village.source("s1")
    village.poll("s1", news("n1"))
    keeper.sign_in(keeper.id)  # removing asks for a fresh one
    path = "/verwaltung/huertgenwald/quellen/s1/entfernen"
    assert "Meldungen und Termine gebracht: 1" in keeper.get(path).text
    keeper.sent(path, path)
    assert len(keeper.stored()) == 1  # nobody said what is to become of its messages
    keeper.sent(path, path, notices=wish)
    assert keeper.stored() == []
    assert ("account", "source.remove") in keeper.acts()
    assert keeper.get(f"/huertgenwald/n/{news('n1').id}").status_code == left
    assert village.push.sent == []


def test_another_towns_source_is_nobodys_here(keeper, village) -> None:
    add_town(village)
    add_source(village, "k1")
    for act in ("aendern", "entfernen"):
        path = f"/verwaltung/huertgenwald/quellen/k1/{act}"
        assert keeper.get(path).status_code == 404
        csrf = token_in(keeper.get(NEW + "/rss").text)
        answer = keeper.post(path, {"csrf_token": csrf, "name": "x", "interval": "300", "notices": "delete"})
        assert answer.status_code == 404
    assert len(keeper.stored()) == 1


def test_the_desk_of_a_secret_link_offers_neither(keeper, village) -> None:
    village.source("s1")
    link = desk_link(village.house, "huertgenwald")
    assert "/quellen/neu" not in keeper.get(link).text
    assert "aendern" not in keeper.get(f"{link}/s1").text
    assert "/quellen/neu" in keeper.get("/verwaltung/huertgenwald/quellen").text
    assert "s1/aendern" in keeper.get("/verwaltung/huertgenwald/quellen/s1").text
