"""Ending a way by the link in each message, being told what ended, and taking that back (U18)."""

from __future__ import annotations

import re
from html import unescape

from fakes.house import news

from hub.store import subscribers
from tests.hub.web.test_addresses import changed, living, mailed, resident


def link(pages, way: int) -> str:
    return f"/u/{pages.town.house.links.token('unsubscribe', way, 1)}"


def seal(text: str) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', text)
    return unescape(found[1]) if found else ""


def state(pages, way: int) -> str:
    with pages.town.store.read() as session:
        return subscribers.endpoint_row(session, way)["state"]


def test_the_page_names_what_ended_and_what_stays(pages) -> None:
    token, way = resident(pages, news="1", news__mail="now", news__calendar="1", roads="1", roads__push="1")
    asked = pages.get(f"{link(pages, way)}?lang=de").text
    assert "Neues" in asked
    assert state(pages, way) == "active"
    answer = pages.post(link(pages, way)).text
    assert "alt@example.org" in answer
    assert "nicht mehr auf diesem Weg: Neues" in answer
    assert re.search(r"Das bleibt: [^<]*Kalender", answer)
    assert token not in answer


def test_an_end_by_mistake_is_taken_back_and_nothing_is_missing(pages) -> None:
    _token, way = resident(pages)
    pages.town.source()
    sealed = seal(pages.post(link(pages, way)).text)
    assert "alt@example.org" not in sealed
    with pages.town.store.read() as session:
        row = subscribers.endpoint_row(session, way)
    assert (row["address"], row["address_hash"], row["keys"]) == ("", "", {}), "the address is kept nowhere"
    fresh = pages.town_client()  # whoever has the page needs no cookie
    answer = fresh.post(f"{link(pages, way)}/undo", base_url="https://ortsruf.example", data={"seal": sealed})
    assert answer.status_code == 200
    assert "wie bisher an alt@example.org" in answer.text
    pages.town.poll("s1", news("a", "Markt"))
    assert mailed(pages) == [("alt@example.org", "new")]


def test_it_was_the_last_way(pages) -> None:
    _token, way = resident(pages)
    assert "Ihr letzter Weg" in pages.post(link(pages, way)).text


def test_a_mail_programs_one_click_is_answered_alike_and_a_second_one_harmlessly(pages) -> None:
    _token, way = resident(pages)
    first = pages.post(link(pages, way), {"List-Unsubscribe": "One-Click"}, headers={"Sec-Fetch-Site": "cross-site"})
    second = pages.post(link(pages, way), {"List-Unsubscribe": "One-Click"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert seal(first.text)
    assert not seal(second.text)


def test_it_cannot_be_taken_back_late_twice_with_anothers_seal_or_after_a_new_sign_up(pages) -> None:
    _token, way = resident(pages)
    _token, other = resident(pages, "b@example.org")
    sealed = seal(pages.post(link(pages, way)).text)
    for path, value in ((link(pages, other), sealed), (link(pages, way), "forged"), (link(pages, way), "")):
        assert pages.post(f"{path}/undo", {"seal": value}).status_code == 410
    assert pages.post(f"{link(pages, way)}/undo", {"seal": sealed}).status_code == 200
    assert pages.post(f"{link(pages, way)}/undo", {"seal": sealed}).status_code == 410, "it lives already"
    sealed = seal(pages.post(link(pages, way)).text)
    pages.town.clock.forward(hours=25)
    assert pages.post(f"{link(pages, way)}/undo", {"seal": sealed}).status_code == 410
    sealed = seal(pages.post(link(pages, other)).text)
    pages.town.clock.forward(hours=2)
    resident(pages, "b@example.org")
    assert pages.post(f"{link(pages, other)}/undo", {"seal": sealed}).status_code == 410, "one address, one person"
    assert pages.get(f"{link(pages, way)}/undo").status_code == 405


def test_it_is_not_taken_back_where_another_address_took_its_place(pages) -> None:
    token, way = resident(pages)
    changed(pages, token, way, "neu@example.org")
    url = next(one for one, _ in pages.town.mail.sent if one.confirm_url).confirm_url
    sealed = seal(pages.post(link(pages, way)).text)
    assert pages.send(url, url).status_code == 200
    assert pages.post(f"{link(pages, way)}/undo", {"seal": sealed}).status_code == 410
    assert living(pages, token) == {"neu@example.org": "active"}


def test_what_was_never_confirmed_ends_without_an_undo(pages) -> None:
    pages.sign_up(news="1", news__mail="now", email="a@example.org")
    answer = pages.post(link(pages, 1))
    assert not seal(answer.text)
    assert state(pages, 1) == "ended"


def test_a_person_who_is_gone_is_told_that_it_has_ended(pages) -> None:
    token, way = resident(pages)
    sealed = seal(pages.post(link(pages, way)).text)
    pages.send(f"/m/{token}/delete", f"/m/{token}/delete")
    assert "Das ist schon beendet" in pages.post(link(pages, way)).text
    assert pages.post(f"{link(pages, way)}/undo", {"seal": sealed}).status_code == 410
