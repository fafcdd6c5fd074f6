"""The page of a person's calendars, and a calendar of one topic (U26)."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fakes.pickups import with_waste

from hub.web.calendars import apps

ADDRESS = "https://ortsruf.example/calendar/abc.def-g.ics"


def links(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<a [^>]*href="([^"]+)"', page)]


@pytest.fixture
def mine(pages) -> str:
    """Somebody with two topics in their calendar, and one that is in none; the path of their page."""
    with_waste(pages.town)
    token = pages.sign_up(
        waste="1", waste__calendar="1", waste__zone="053580016016/zone:vossenack", council="1", council__calendar="1",
        news="1", news__push="1",
    )  # fmt: skip
    pages.town.run()
    return f"/m/{token}"


def test_every_app_is_given_the_address_as_it_wants_it() -> None:
    found = {one.name: one for one in apps(ADDRESS, "Ortsruf Gey & Co")}
    webcal = ADDRESS.replace("https:", "webcal:")
    assert found["Apple Calendar"].url == webcal
    assert found["Thunderbird"].url == found["ICSx5 (Android)"].url == ADDRESS.replace("https:", "webcals:")
    google = urlsplit(found["Google"].url)
    assert (google.hostname, google.path) == ("calendar.google.com", "/calendar/r")
    assert google.query == f"cid={google.query.partition('=')[2]}"
    assert unquote(google.query.partition("=")[2]) == webcal
    for name, host in (("Outlook.com", "outlook.live.com"), ("Outlook at work (Microsoft 365)", "outlook.office.com")):
        one = urlsplit(found[name].url)
        assert (one.hostname, one.path) == (host, "/calendar/0/addfromweb")
        assert parse_qs(one.query) == {"url": [ADDRESS], "name": ["Ortsruf Gey & Co"]}
    assert [one.name for one in found.values() if one.foreign] == [
        "Google",
        "Outlook.com",
        "Outlook at work (Microsoft 365)",
    ]
    assert apps("http://127.0.0.1:80/calendar/a.ics", "x")[4].url == "webcal://127.0.0.1:80/calendar/a.ics"


def test_the_page_offers_all_topics_in_one_and_one_of_each(pages, mine) -> None:
    page = pages.get(f"{mine}/calendars").text
    addresses = re.findall(r'value="(https://ortsruf.example/calendar/[^"]+)"', page)
    assert [one.rpartition("/")[2] for one in addresses[1:]] == ["waste.ics", "council.ics"]
    whole, waste, council = (pages.get(one).text for one in addresses)
    assert whole.count("BEGIN:VEVENT") == waste.count("BEGIN:VEVENT") == 2
    assert "BEGIN:VEVENT" not in council
    assert "X-WR-CALNAME:Abfallabfuhr Hürtgenwald" in waste
    assert page.count('<svg role="img"') == 3
    assert "bis zu 24 Stunden" in page


def test_what_leads_to_others_says_nothing_of_where_it_stands_and_nothing_is_loaded_from_them(pages, mine) -> None:
    page = pages.get(f"{mine}/calendars").text
    foreign = re.findall(r"<a [^>]*href=\"https://(?:calendar.google|outlook)[^>]*>", page)
    assert len(foreign) == 9
    assert all('rel="noreferrer"' in one for one in foreign)
    assert not re.search(r'(?:src|<link[^>]*href)="https?://(?!ortsruf.example)', page)


def test_a_new_address_ends_the_old_ones_of_every_topic(pages, mine) -> None:
    page = pages.get(f"{mine}/calendars").text
    old = re.findall(r'value="(https://ortsruf.example/calendar/[^"]+)"', page)
    assert [pages.get(one).status_code for one in old] == [200, 200, 200]
    pages.send(f"{mine}/calendars", f"{mine}/calendars/new")
    pages.town.clock.forward(seconds=3)
    assert [pages.get(one).status_code for one in old] == [410, 410, 410]
    new = re.findall(r'value="(https://ortsruf.example/calendar/[^"]+)"', pages.get(f"{mine}/calendars").text)
    assert [pages.get(one).status_code for one in new] == [200, 200, 200]


def test_a_topic_without_dates_or_of_no_name_is_no_calendar(pages, mine) -> None:
    whole = re.search(r'value="(https://ortsruf.example/calendar/[^"]+)"', pages.get(f"{mine}/calendars").text)[1]
    for topic in ("lost", "nothing"):
        assert pages.get(f"{whole.removesuffix('.ics')}/{topic}.ics").status_code == 404


def test_the_years_bins_are_on_a_sheet_to_print(pages, mine) -> None:
    page = pages.get(f"{mine}/calendars").text
    sheet = next(one for one in links(page) if "/year" in one)
    shown = pages.get(sheet)
    assert shown.status_code == 200
    assert "Vossenack" in shown.text
    assert "Restm" in shown.text


def test_who_has_none_is_offered_one(pages) -> None:
    token = pages.sign_up()
    assert "Meinen Kalender" in pages.get(f"/m/{token}/calendars").text
    assert pages.send(f"/m/{token}/calendars", f"/m/{token}/calendars/new").status_code == 303
    page = pages.get(f"/m/{token}/calendars").text
    assert "/calendar/" in page
    assert "Noch ist er leer" in page
