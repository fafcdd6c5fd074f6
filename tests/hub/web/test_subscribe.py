"""Signing up, confirming, leaving."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from fakes.house import PLACE, news

from hub.core import flood
from hub.core.notice import Occurrence, PlaceRef
from hub.core.subscription import Action
from hub.jobs import sweep
from hub.jobs.erase import erase
from hub.store import subscribers
from hub.web.desk import household, towns


def ways(pages, token):
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        return subscribers.subscriptions(session, person), subscribers.endpoints_of(session, person)


def test_a_sign_up_is_stored_with_its_ways_and_leads_to_the_secret_page(pages) -> None:
    token = pages.sign_up(
        waste="1", waste__push="1", waste__mail="digest", waste__calendar="1", waste__remind="1", waste__at="19:00",
        warnings="1", warnings__mail="now", warnings__severity="severe", email="a@example.org", digest_at="06:00",
    )  # fmt: skip
    (waste, warnings), endpoints = ways(pages, token)
    assert set(waste["ways"]) == {
        ("webpush", Action.NOW, ""), ("mail", Action.DIGEST, ""), ("ical", Action.CALENDAR, ""),
        ("webpush", Action.REMINDER, "P1D@19:00"), ("mail", Action.REMINDER, "P1D@19:00"),
    }  # fmt: skip
    assert warnings["criteria"] == {"topics": ["warnings"], "places": [PLACE], "severity": "severe"}
    assert {(one["channel"], one["state"]) for one in endpoints} == {("mail", "pending"), ("ical", "active")}
    page = pages.get(f"/m/{token}/welcome").text
    assert "a@example.org" in page
    assert f"/m/{token}/calendars" in page
    assert "rathaus@example.org" in page, "whose mail to look for among spam"
    assert f"/m/{token}" in page
    assert "data-push" in page


def test_this_device_remembers_who_signed_up(pages) -> None:
    answer = pages.send("/huertgenwald/start", "/huertgenwald/subscribe", news="1", news__calendar="1")
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-ortsruf="))
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "/m/" in pages.get("/huertgenwald/").text


def test_the_zone_of_the_waste_is_its_place(pages) -> None:
    path = f"{PLACE}/zone:vossenack"
    with pages.town.store.begin() as session:
        towns.add_places(session, "huertgenwald", [(path, "zone", "Vossenack")])
    answer = pages.send("/huertgenwald/start", "/huertgenwald/subscribe", waste="1", waste__push="1")
    assert answer.status_code == 400
    assert "fault-waste-zone" in answer.text
    token = pages.sign_up(waste="1", waste__push="1", waste__zone=path)
    assert ways(pages, token)[0][0]["criteria"]["places"] == [path]


@pytest.fixture
def street(pages) -> str:
    """Let the bins of a street be collected, of its two ends on different days."""
    path = f"{PLACE}/street:lange-strasse"
    with pages.town.store.begin() as session:
        towns.add_places(
            session, "huertgenwald", [(path, "street", "Lange Straße"), (f"{PLACE}/street:a399", "street", "A 399")]
        )
    pages.town.source("w", "waste")
    days = (Occurrence("a", date(2026, 11, 25)),)
    for numbers in ("1-57", "58-99"):
        ref = PlaceRef("house", f"Lange Straße/{numbers}", f"Lange Straße {numbers}")
        pages.town.poll(
            "w", news(numbers, "Restmüll", source="w", topic="waste", places=(ref,), occurrences=days, series=True)
        )
    return path


def test_a_street_and_a_house_number_are_chosen_and_shown_again(pages, street) -> None:
    page = pages.get("/huertgenwald/start").text
    assert f'value="{street}"' in page
    assert "street:a399" not in page  # no bin is collected there as far as we know
    token = pages.sign_up(waste="1", waste__push="1", waste__zone=street, waste__house="12 A")
    assert ways(pages, token)[0][0]["criteria"]["places"] == [f"{street}/house:12a"]
    shown = pages.get(f"/m/{token}/settings").text
    assert re.search(r'name="waste.house" value="12a"', shown)
    token = pages.sign_up(waste="1", waste__push="1", waste__zone=street)
    assert ways(pages, token)[0][0]["criteria"]["places"] == [street]


def test_what_is_no_house_number_is_said(pages, street) -> None:
    answer = pages.send(
        "/huertgenwald/start",
        "/huertgenwald/subscribe",
        waste="1",
        waste__push="1",
        waste__zone=street,
        waste__house="hinten",
    )
    assert answer.status_code == 400
    assert 'id="fault-waste-house"' in answer.text


def test_a_streets_calendar_holds_all_its_numbers(pages, street) -> None:
    answer = pages.get("/huertgenwald/calendar/waste/lange-strasse.ics")
    assert answer.status_code == 200
    assert answer.text.count("BEGIN:VEVENT") == 2


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "topics"),
        ({"news": "1"}, "news"),
        ({"news": "1", "news__mail": "now"}, "email"),
        ({"news": "1", "news__mail": "now", "email": "no address"}, "email"),
        ({"waste": "1", "waste__calendar": "1", "waste__remind": "1"}, "waste"),
        ({"waste": "1", "waste__push": "1", "waste__remind": "1", "waste__at": "25:00"}, "waste-at"),
        ({"tenders": "1", "tenders__push": "1", "tenders__cpv": "bau"}, "tenders-cpv"),
        ({"warnings": "1", "warnings__push": "1", "warnings__severity": "huge"}, "warnings-severity"),
        ({"news": "1", "news__push": "1", "digest_at": "7"}, "digest-at"),
    ],
)
def test_a_wrong_form_comes_back_with_its_fault_and_what_was_typed(pages, fields, fault) -> None:
    answer = pages.send("/huertgenwald/start", "/huertgenwald/subscribe", **fields, tenders__words="Dach<b>")
    assert answer.status_code == 400
    assert f'id="fault-{fault}"' in answer.text
    assert re.search(rf'aria-describedby="[^"]*fault-{fault}"', answer.text)
    assert f'href="#{fault}"' in answer.text
    assert f'id="{fault}"' in answer.text
    assert "Dach&lt;b&gt;" in answer.text
    with pages.town.store.read() as session:
        assert subscribers.get(session, 1) is None


def test_without_a_sender_no_mail_is_promised(pages) -> None:
    desk = pages.client.application.extensions["ortsruf"]
    desk.house = replace(desk.house, sender="")
    fields = {"news": "1", "news__mail": "now", "email": "a@example.org"}
    answer = pages.send("/huertgenwald/start", "/huertgenwald/subscribe", **fields)
    assert answer.status_code == 400
    assert "noch nicht eingerichtet" in answer.text


def test_a_confirmation_needs_the_button(pages) -> None:
    token = pages.sign_up(news="1", news__mail="now", email="a@example.org")
    pages.town.engine.run_all()
    ((recipient, _message),) = pages.town.mail.sent
    assert "csrf_token" in pages.get(recipient.confirm_url).text
    assert ways(pages, token)[1][0]["state"] == "pending"
    answer = pages.send(recipient.confirm_url, recipient.confirm_url)
    assert answer.status_code == 200
    assert token not in answer.text  # whoever typed the address saw that link
    fresh = answer.text.partition("/m/")[2].partition('"')[0].partition("<")[0]
    assert pages.get(f"/m/{token}/settings").status_code == 404
    assert ways(pages, fresh)[1][0]["state"] == "active"


@pytest.mark.parametrize("same", [True, False])
def test_the_device_that_signed_up_knows_its_person_after_the_confirmation_too(pages, same) -> None:
    pages.sign_up(news="1", news__mail="now", email="a@example.org")
    pages.town.engine.run_all()
    url = pages.town.mail.sent[0][0].confirm_url
    if not same:
        pages.client = pages.town_client()
    assert pages.send(url, url).status_code == 200
    assert ("/m/" in pages.get("/huertgenwald/").text) is same


def test_a_confirmation_after_two_days_is_dead(pages) -> None:
    pages.sign_up(news="1", news__mail="now", email="a@example.org")
    pages.town.engine.run_all()
    url = pages.town.mail.sent[0][0].confirm_url
    pages.town.clock.forward(hours=49)
    assert pages.get(url).status_code == 410
    assert pages.get("/c/forged").status_code == 404


def test_a_confirmation_works_once_and_shows_nothing_to_who_comes_later(pages) -> None:
    pages.sign_up(news="1", news__mail="now", email="a@example.org")
    pages.town.engine.run_all()
    url = pages.town.mail.sent[0][0].confirm_url
    for _ in range(3):  # a mail scanner opens the link
        assert pages.get(url).status_code == 200
    assert pages.send(url, url).status_code == 200
    for answer in (pages.get(url), pages.send("/huertgenwald/start", url)):
        assert answer.status_code == 410
        assert "/m/" not in answer.text


def test_an_address_is_asked_once_a_day_and_nobody_learns_that_it_was(pages) -> None:
    def answered() -> str:
        token = pages.sign_up(news="1", news__mail="now", email="a@example.org")
        pages.town.engine.run_all()
        return pages.get(f"/m/{token}/welcome").text.replace(token, "")

    first = answered()
    with pages.town.store.read() as session:
        row = subscribers.find_endpoint(session, "huertgenwald", "mail", "a@example.org")
        person = subscribers.get(session, row["subscriber_id"])
    erase(pages.town.house, person)  # whoever signed up can delete that at once; it counts all the same
    assert answered() == first
    assert len(pages.town.mail.sent) == 1
    pages.town.clock.forward(hours=24)
    sweep.retain(pages.town.house)
    assert answered() == first
    url = pages.town.mail.sent[1][0].confirm_url
    assert pages.send(url, url).status_code == 200
    pages.town.clock.forward(hours=1)
    assert answered() == first  # nor that it is a subscriber's by now
    assert len(pages.town.mail.sent) == 2


def test_a_page_of_ones_own_is_no_way_around_that(pages) -> None:
    token = pages.sign_up(news="1", news__push="1")
    for number in range(19):
        pages.send(f"/m/{token}/settings", f"/m/{token}/address", address=f"a{number}@example.org")
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/address", address="b@example.org")
    assert answer.status_code == 429


def test_a_household_is_one_client() -> None:
    assert household("2001:db8:1:2:3::4") == household("2001:db8:1:2::9") != household("2001:db8:1:3::9")
    assert household("192.0.2.1") == "192.0.2.1"
    assert household("") == ""


def test_a_municipality_is_not_flooded_from_everywhere(pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "PER_MUNICIPALITY", 3)
    for _ in range(3):
        pages.sign_up()
    assert pages.send("/huertgenwald/start", "/huertgenwald/subscribe", news="1", news__push="1").status_code == 429


def test_one_click_ends_the_endpoint_without_cookie_or_token(pages) -> None:
    endpoint = pages.town.person(channel="mail")
    path = f"/u/{pages.town.house.links.token('unsubscribe', endpoint, 1)}"
    assert pages.get(path).status_code == 200
    with pages.town.store.read() as session:
        assert subscribers.endpoint_row(session, endpoint)["state"] == "active"
    fresh = pages.client.application.test_client(use_cookies=False)
    answer = fresh.post(
        path, base_url="https://ortsruf.example", data={"List-Unsubscribe": "One-Click"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert answer.status_code == 200
    assert "p0@example.org" in answer.text
    with pages.town.store.read() as session:
        assert subscribers.endpoint_row(session, endpoint)["state"] == "ended"
    assert pages.post(path).status_code == 200
    assert pages.post("/u/forged").status_code == 404


def test_too_many_sign_ups_of_one_sender_must_wait(pages) -> None:
    for _ in range(20):
        pages.sign_up()
    answer = pages.send("/huertgenwald/start", "/huertgenwald/subscribe", news="1", news__push="1")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    pages.town.clock.forward(hours=1)
    pages.sign_up()
