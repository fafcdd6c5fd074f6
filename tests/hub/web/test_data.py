"""Retention, export and erasure in the office: said truly, without people, and with a word in the log."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from fakes.house import PLACE, Town, news
from fakes.people import COUNTY, account, operator, session_of, token_in
from fakes.towns import OTHER, add_town
from sqlalchemy import select

from hub.core.subscription import Action, Criteria
from hub.jobs import sweep
from hub.jobs.contact import set_contact
from hub.jobs.lifetimes import KINDS
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import audit, subscribers
from hub.store.schema import endpoint, metadata, subscriber

COOKIE = "__Host-ortsruf-session"
PATH = "/verwaltung/huertgenwald/daten"


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def office(village: Town, pages):
    """Sign the village's operator in."""
    return signed_in(pages, account(village, "anna@example.org", operator()))


def signed_in(pages, account_id: int):
    token = session_of(pages.town, account_id)
    pages.client.set_cookie(COOKIE, token, domain="ortsruf.example", secure=True)
    return pages


def sent(office, path: str, **fields: str):
    csrf = token_in(office.get(PATH).text)
    return office.post(path, {"csrf_token": csrf, **fields})


def resident(town: Town, address: str, slug: str = "huertgenwald") -> int:
    wish = Wish(Criteria(places=(PLACE,)), (("mail", Action.NOW, ""),))
    person = sign_up(town.house, slug, SignUp((wish,), {"mail": (address, {}, "example.org")}))
    with town.store.begin() as session:
        for row in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, row["id"], town.clock())
    return person


def people(town: Town) -> set[int]:
    with town.store.read() as session:
        return set(session.scalars(select(subscriber.c.id)))


def acts(town: Town) -> list[tuple[str, str, dict[str, str]]]:
    with town.store.read() as session:
        return [(row["act"], row["subject"], dict(row["detail"])) for row in audit.latest(session)]


def test_every_table_belongs_to_one_kind_and_no_other() -> None:
    named = [table for one in KINDS for table in one.tables]
    assert sorted(named) == sorted(metadata.tables)


def test_the_page_says_how_long_how_much_and_when_it_is_cleaned(office, village) -> None:
    village.source()
    village.poll("s1", news("n1"), news("n2"))
    signed_in(office, account(village, "berta@example.org", operator()))
    for number in range(6):
        resident(village, f"p{number}@example.org")
    text = text_of(office.get(PATH).text)
    assert re.search(r"Meldungen und Termine 2 keine feste Zeit", text)
    assert re.search(r"Zustellungen: wer was erfuhr \S+ (\S+ )*?30 Tage", text)
    assert re.search(r"Menschen mit ihren Wünschen 6 13 Monate", text)
    assert "Der tägliche Durchgang ist noch nicht gelaufen." in text
    sweep.forget(village.house)
    assert "Das nächste Mal ist binnen eines Tages." in text_of(office.get(PATH).text)


def test_few_people_are_not_counted_for_a_town(office, village) -> None:
    resident(village, "p1@example.org")
    assert "Menschen mit ihren Wünschen weniger als 5" in text_of(office.get(PATH).text)


def test_the_county_sees_all_kinds(pages, village) -> None:
    signed_in(pages, account(village, "kreis@example.org", COUNTY))
    text = text_of(pages.get("/verwaltung/daten").text)
    assert f"Arten von Daten: {len(KINDS)}" in text
    assert "Jemanden löschen" not in text


def test_the_export_has_what_was_public_and_nobody(office, village) -> None:
    village.source()
    for number in range(6):
        resident(village, f"p{number}@example.org")
    first = news("n1", "=HYPERLINK(1)", body="Text")
    village.poll("s1", first)
    village.poll("s1", first, news("n2", "Zweite"), minutes=30)
    set_contact(village.house, "huertgenwald", "rathaus@example.org")
    signed_in(office, account(village, "berta@example.org", operator()))
    answer = sent(office, f"{PATH}/ausfuhr", form="csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row["title"] for row in rows] == ["'=HYPERLINK(1)", "Zweite"]
    assert rows[0]["told"] == "6"
    found = json.loads(sent(office, f"{PATH}/ausfuhr", form="json").text)
    assert [row["title"] for row in found] == ["=HYPERLINK(1)", "Zweite"]
    assert "example.org" not in answer.text.replace("https://example.org", "")
    assert ("export.public", "", {"form": "csv"}) in acts(village)
    assert sent(office, f"{PATH}/ausfuhr", form="exe").status_code == 400


def test_an_export_counts_no_fewer_than_five_and_an_empty_one_is_whole(office, village) -> None:
    assert json.loads(sent(office, f"{PATH}/ausfuhr", form="json").text) == []
    village.source()
    resident(village, "p1@example.org")
    village.poll("s1", news("n1"))
    signed_in(office, account(village, "berta@example.org", operator()))
    (row,) = json.loads(sent(office, f"{PATH}/ausfuhr", form="json").text)
    assert row["told"] is None


def test_somebody_who_asks_is_deleted_after_a_second_look(office, village) -> None:
    gone, stays = resident(village, "p1@example.org"), resident(village, "p2@example.org")
    shown = sent(office, f"{PATH}/person", address="P1@example.org ".strip().lower())
    assert "Bekannt seit Montag, 23. November 2026" in text_of(shown.text)
    assert people(village) >= {gone, stays}
    for fields in ({}, {"how": "letter"}, {"sure": "1"}, {"how": "magic", "sure": "1"}):
        assert sent(office, f"{PATH}/person/loeschen", address="p1@example.org", **fields).status_code == 400
        assert gone in people(village)
    sent(office, f"{PATH}/person/loeschen", address="p1@example.org", how="letter", sure="1")
    assert gone not in people(village)
    assert stays in people(village)
    with village.store.read() as session:
        assert "p1@example.org" not in set(session.scalars(select(endpoint.c.address)))
    assert ("resident.erase", f"resident:{gone}", {"how": "letter"}) in acts(village)
    assert ("resident.look", "", {"found": "1"}) in acts(village)
    assert "p1@example.org" not in str(acts(village))


def test_whoever_was_erased_stays_so_after_a_restore(office, village) -> None:
    noted: list[int] = []
    object.__setattr__(
        office.client.application.extensions["ortsruf"].house, "erased", lambda number, _at: noted.append(number)
    )
    gone = resident(village, "p1@example.org")
    sent(office, f"{PATH}/person/loeschen", address="p1@example.org", how="phone", sure="1")
    assert noted == [gone]


@pytest.mark.parametrize("address", ["nobody@example.org", "k1@example.org", "rathaus@example.org"])
def test_strangers_other_towns_people_and_the_desk_are_nobody_here(office, village, address: str) -> None:
    add_town(village)
    other = resident(village, "k1@example.org", OTHER)
    set_contact(village.house, "huertgenwald", "rathaus@example.org")
    before = people(village)
    answer = sent(office, f"{PATH}/person", address=address)
    assert "ist hier niemand bekannt" in office.get(answer.location).text
    sent(office, f"{PATH}/person/loeschen", address=address, how="letter", sure="1")
    assert people(village) == before
    assert other in before


def test_what_is_no_address_is_said(office) -> None:
    assert sent(office, f"{PATH}/person", address="Frau Meier").status_code == 400


def test_erasing_asks_once_more_who_one_is(office, village) -> None:
    gone = resident(village, "p1@example.org")
    csrf = token_in(office.get(PATH).text)
    village.clock.at += timedelta(minutes=11)
    answer = office.post(
        f"{PATH}/person/loeschen", {"csrf_token": csrf, "address": "p1@example.org", "how": "letter", "sure": "1"}
    )
    assert answer.status_code == 200
    assert "Passwort" in answer.text
    assert gone in people(village)


def test_the_office_leads_there_by_role(office, village) -> None:
    text = office.get("/verwaltung/").text
    for path in ("/verwaltung/huertgenwald/betrieb", PATH):
        assert f'href="{path}"' in text
    assert "/verwaltung/uebersicht" not in text
    signed_in(office, account(village, "kreis@example.org", COUNTY))
    text = office.get("/verwaltung/").text
    for path in ("/verwaltung/uebersicht", "/verwaltung/einstellungen", "/verwaltung/daten"):
        assert f'href="{path}"' in text
