"""The pages of a town's sources: for everybody without secrets, for the editor with buttons."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.house import NOON, Town, news

from hub.core.errors import SourceRefused, SourceUnreachable
from hub.core.notice import Notice
from hub.core.source import Source
from hub.jobs.contact import desk_link, set_contact
from hub.store import held, sources
from hub.store.schema import source as source_table

SECRET = "https://user:geheim@abfall.example.org/kalender.ics?token=geheim"


@pytest.fixture
def waste(village: Town) -> Town:
    """Give the village a waste calendar whose address holds secrets, once read."""
    made = Source("s1", "waste", SECRET, village.municipality, topic="waste", interval=3600)
    with village.store.begin() as session:
        sources.add(session, village.municipality, made, village.clock())
    village.gatherer.has("s1", news("n1", topic="waste"))
    village.run()
    return village


def flood(town: Town) -> list[Notice]:
    """Let the source bring far more than can be news."""
    many = [news(f"f{count}", f"Meldung {count}", topic="waste", body="Inhalt der Meldung") for count in range(25)]
    town.poll("s1", news("n1", topic="waste"), *many, minutes=70)
    return many


def desk(town: Town) -> str:
    return desk_link(town.house, town.municipality)


def test_the_list_names_each_source_its_state_and_its_ages(pages, waste) -> None:
    waste.clock.forward(minutes=4)
    text = pages.get("/huertgenwald/quellen").text
    assert "abfall.example.org" in text
    assert "In Ordnung" in text
    assert "vor 4 Minuten" in text
    assert "<caption" in text


def test_one_source_says_what_it_is_and_what_happened(pages, waste) -> None:
    waste.poll("s1", news("n1", "Geändert", topic="waste"), news("n2", topic="waste"), minutes=70)
    text = pages.get("/huertgenwald/quellen/s1").text
    assert "1 neu, 1 geändert" in text
    assert "Nächster Abruf" in text
    assert "in 1 Stunde" in text


def test_no_public_page_shows_a_secret_or_a_held_item(pages, waste) -> None:
    flood(waste)
    waste.gatherer.breaks("s1", SourceRefused(f"There is no feed at {SECRET}."))
    waste.clock.forward(days=3)
    waste.run()
    for path in ("/huertgenwald/", "/huertgenwald/quellen", "/huertgenwald/quellen/s1"):
        text = pages.get(path).text
        assert "geheim" not in text, path
        assert "Inhalt der Meldung" not in text
        assert "kalender.ics" not in text
    assert "25 Meldungen dieser Quelle warten" in pages.get("/huertgenwald/quellen/s1").text


def test_a_stale_source_raises_a_banner_with_the_age_of_what_is_shown(pages, waste) -> None:
    assert "antwortet seit" not in pages.get("/huertgenwald/").text
    waste.gatherer.breaks("s1", SourceUnreachable("The source has a fault of its own (500)."))
    for _ in range(4):
        waste.clock.forward(hours=18)
        waste.run()
    text = pages.get("/huertgenwald/").text
    assert "Der Abfallkalender antwortet seit 3 Tagen nicht; gezeigt ist der Stand von 23.11.2026, 12:00 Uhr." in text
    assert "/huertgenwald/quellen/s1" in text
    assert "The waste calendar has not answered for 3 days" in pages.get("/huertgenwald/?lang=en").text
    page = pages.get("/huertgenwald/quellen/s1").text
    assert "The server of the source has a fault of its own." in page


def test_each_topic_says_when_it_was_last_checked_and_when_it_last_had_news(pages, waste) -> None:
    waste.source("s2", topic="warnings")
    waste.clock.forward(days=12)
    waste.gatherer.unchanged("s1")
    waste.gatherer.unchanged("s2")
    waste.run()
    waste.clock.forward(minutes=4)
    text = pages.get("/huertgenwald/").text
    assert "Zuletzt geprüft vor 4 Minuten, letzte Neuigkeit vor 12 Tagen" in " ".join(text.split())
    assert "Es gilt keine Warnung." in text


def test_a_foreign_or_unknown_source_is_not_found(pages, waste) -> None:
    assert pages.get("/huertgenwald/quellen/nowhere").status_code == 404
    assert pages.get("/anderswo/quellen").status_code == 404
    assert pages.get(f"{desk(waste)}/nowhere").status_code == 404


def test_the_desk_opens_by_its_link_only_and_a_new_one_revokes_it(pages, waste) -> None:
    link = desk(waste)
    answer = pages.get(link)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert pages.get(f"{link[:-3]}abc").status_code == 404
    assert pages.get("/d/" + waste.house.links.token("manage", 1, 1)).status_code == 404
    renewed = desk_link(waste.house, waste.municipality, renew=True)
    assert pages.get(link).status_code == 404
    assert pages.get(renewed).status_code == 200


def test_a_residents_number_under_the_desks_seal_opens_nothing(pages, waste) -> None:
    waste.person()
    assert pages.get("/d/" + waste.house.links.token("desk", 1, 1)).status_code == 404


def test_the_editor_sees_what_is_held_and_why_and_decides(pages, waste) -> None:
    waste.person()
    flood(waste)
    page = f"{desk(waste)}/s1"
    text = pages.get(page).text
    assert "Meldung 7" in text
    assert "Inhalt der Meldung" in text
    assert "mehr Neues, als es Neuigkeiten geben kann" in text
    first, second = held_ids(waste)[:2]
    for number, button, sentence in ((first, "release", "Freigegeben."), (second, "drop", "Verworfen.")):
        answer = pages.send(page, f"{page}/held/{number}/{button}")
        assert answer.status_code == 303
        assert sentence in pages.get(answer.location).text
    again = pages.send(page, f"{page}/held/{first}/release")
    assert "schon jemand entschieden" in pages.get(again.location).text
    waste.run()
    assert [title for _, title in waste.push.told()] == ["Meldung 0"]
    pages.send(page, f"{page}/held/release")
    waste.run()
    assert held_ids(waste) == []
    assert len(waste.push.told()) == 1


def held_ids(town: Town) -> list[int]:
    with town.store.read() as session:
        return [row["id"] for row in held.waiting(session, "s1")]


def test_the_editor_vouches_for_an_answer_that_is_doubted(pages, waste) -> None:
    lasting = [news(f"n{count}", topic="waste", expires=NOON + timedelta(days=60)) for count in range(6)]
    waste.poll("s1", news("n1", topic="waste"), *lasting, minutes=70)
    waste.poll("s1", minutes=70)
    page = f"{desk(waste)}/s1"
    assert "Dieser Antwort vertrauen" in pages.get(page).text
    answer = pages.send(page, f"{page}/trust")
    assert "Danke." in pages.get(answer.location).text
    waste.run()
    assert "In Ordnung" in pages.get(page).text


def test_retry_pause_and_going_on(pages, waste) -> None:
    page = f"{desk(waste)}/s1"
    before = len(waste.gatherer.fetches)
    assert "Wir fragen die Quelle jetzt" in pages.get(pages.send(page, f"{page}/retry").location).text
    waste.engine.run_all()
    assert len(waste.gatherer.fetches) == before + 1
    assert "pausiert" in pages.get(pages.send(page, f"{page}/pause").location).text
    assert "Zuerst" not in pages.get(page).text
    assert "zuerst weiterlaufen" in pages.get(pages.send(page, f"{page}/retry").location).text
    waste.clock.forward(days=1)
    waste.run()
    assert len(waste.gatherer.fetches) == before + 1
    assert "ab jetzt wieder" in pages.get(pages.send(page, f"{page}/resume").location).text
    waste.engine.run_all()
    assert len(waste.gatherer.fetches) == before + 2


@pytest.mark.parametrize("button", ["retry", "pause", "resume", "trust", "held/release", "held/1/drop"])
def test_no_button_works_by_a_link_or_without_its_token(pages, waste, button: str) -> None:
    page = f"{desk(waste)}/s1/{button}"
    assert pages.get(page).status_code == 405
    assert pages.post(page).status_code == 400
    assert pages.post(page, headers={"Sec-Fetch-Site": "cross-site"}).status_code in {400, 403}
    with waste.store.read() as session:
        assert session.scalar(source_table.select().with_only_columns(source_table.c.enabled)) is True


def test_the_desk_of_one_town_reaches_no_source_of_another(pages, waste) -> None:
    from hub.store import towns

    values = {"id": "nachbar", "name": "Nachbar", "path": "053580020020", "language": "de", "zone": "Europe/Berlin",
              "colour": "#1d4f91"}  # fmt: skip
    with waste.store.begin() as session:
        towns.add(session, values, waste.clock())
    link = desk_link(waste.house, "nachbar")
    assert pages.get(link).status_code == 200
    assert pages.get(f"{link}/s1").status_code == 404
    answer = pages.send("/huertgenwald/start", f"{link}/s1/pause")
    assert answer.status_code == 404


def test_the_editors_incident_has_no_public_page(pages, waste) -> None:
    set_contact(waste.house, waste.municipality, "rathaus@example.org")
    waste.gatherer.breaks("s1", SourceRefused("This is a web page, not a feed."))
    for _ in range(3):
        waste.clock.forward(hours=7)
        waste.run()
    entry = waste.mail.sent[0][1].entries[0]
    assert pages.get(f"/huertgenwald/n/{entry.notice.id}").status_code == 404
    assert "gestört" not in pages.get("/huertgenwald/").text
    assert entry.url == f"{desk(waste)}/s1"
    assert "Was Sie tun können" in pages.get(entry.url).text
