"""The list, copies, versions and own templates."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.house import news
from fakes.people import token_in

from hub.core.notice import Link
from hub.core.permission import Role
from hub.core.release import State
from hub.store import drafts
from tests.hub.web.writing.conftest import AT, Editor, draft_of

EDIT = f"{AT}/1/schreiben"


@pytest.fixture
def anna(office) -> Editor:
    made = office("anna", Role.EDITOR)
    made.send(
        f"{AT}/neu?vorlage=leer", f"{AT}/neu", de__title="Sommerfest", de__body="Am See.", topic="events", scope="all"
    )
    return made


def moved(town, number: int, state: State) -> None:
    with town.store.begin() as session:
        row = drafts.by_id(session, number)
        drafts.move(session, row, state, published=row["content"], revision=1)


def test_each_thing_stands_in_its_list_with_who_and_when(anna: Editor, village) -> None:
    shown = anna.get(AT).text
    assert "Sommerfest" in shown
    assert "Entwurf" in shown
    assert "Anna" in shown
    moved(village, 1, State.PUBLISHED)
    assert "Sommerfest" not in anna.get(AT).text
    assert "Sommerfest" in anna.get(f"{AT}?liste=veroeffentlicht").text
    assert "Sommerfest" not in anna.get(f"{AT}?liste=vorbei").text
    village.clock.forward(days=40)
    from fakes.people import session_of

    anna.client.set_cookie(
        "__Host-ortsruf-session", session_of(village, anna.id), domain="ortsruf.example", secure=True
    )
    assert "Sommerfest" in anna.get(f"{AT}?liste=vorbei").text
    assert "Sommerfest" in anna.get(f"{AT}?q=fest").text
    assert "Sommerfest" not in anna.get(f"{AT}?q=winter").text


def test_approvers_see_the_list_and_write_nothing(anna: Editor, office) -> None:
    berta = office("berta", Role.APPROVER)
    shown = berta.get(AT).text
    assert "Sommerfest" in shown
    assert "Neue Meldung" not in shown
    assert berta.get(EDIT).status_code == 403


def test_gathered_notices_are_found_and_copied(anna: Editor, village) -> None:
    village.source()
    village.poll("s1", news("n1", "Freibad öffnet", body="Ab 10 Uhr."))
    shown = anna.get(f"{AT}?q=freibad").text
    assert "Freibad öffnet" in shown
    answer = anna.post(f"{AT}/kopieren", {"csrf_token": token_in(shown), "notice": news("n1").id})
    assert answer.location == f"{AT}/2/schreiben"
    assert draft_of(village, 2).texts[0].body == "Ab 10 Uhr."
    assert "Das ist eine Kopie." in anna.get(answer.location).text
    again = anna.post(f"{AT}/kopieren", {"csrf_token": token_in(shown), "number": "1"})
    assert draft_of(village, 3).title == "Sommerfest"
    assert again.status_code == 303
    assert anna.post(f"{AT}/kopieren", {"csrf_token": token_in(shown), "number": "99"}).status_code == 404


def test_versions_say_what_changed_and_come_back(anna: Editor, village) -> None:
    anna.send(EDIT, de__body="Am Bach.", severity="minor")
    page = f"{AT}/1/fassungen"
    shown = anna.get(page).text
    assert "<del>See</del><ins>Bach</ins>" in shown
    assert "Gut zu wissen" in shown
    token = token_in(shown)
    assert anna.post(f"{page}/1", {"csrf_token": token, "seen": "1"}).location == page
    assert "Inzwischen hat jemand anderes gespeichert" in anna.get(page).text
    anna.post(f"{page}/1", {"csrf_token": token, "seen": "2"})
    assert draft_of(village).texts[0].body == "Am See."
    assert "Die frühere Fassung ist wieder die neueste." in anna.get(page).text


def test_own_templates_stand_first_and_fill_the_form(anna: Editor, office, village) -> None:
    shown = anna.get(EDIT).text
    anna.post(f"{AT}/1/vorlage", {"csrf_token": token_in(shown), "name": "Unser Fest"})
    begin = anna.get(f"{AT}/neu").text
    assert begin.index("Unser Fest") < begin.index("Rohrbruch")
    assert "Am See." in anna.get(f"{AT}/neu?vorlage=1").text
    page = anna.get(f"{AT}/vorlagen").text
    anna.post(f"{AT}/vorlagen/1/name", {"csrf_token": token_in(page), "name": "Fest"})
    assert "Fest</h2>" in anna.get(f"{AT}/vorlagen").text
    assert office("club", Role.CLUB).get(f"{AT}/vorlagen").status_code == 403
    anna.post(f"{AT}/vorlagen/1/loeschen", {"csrf_token": token_in(page)})
    assert "Noch gibt es keine." in anna.get(f"{AT}/vorlagen").text


def test_the_office_leads_to_the_messages(anna: Editor, office) -> None:
    assert f'href="{AT}"' in anna.get("/verwaltung/").text
    assert f'href="{AT}"' not in office("carl", Role.SOURCE_KEEPER).get("/verwaltung/").text


def test_readers_see_pictures_of_ours_and_links_to_all_else(anna: Editor, village) -> None:
    village.source()
    ours, far = f"{village.house.links.base_url}/anhang/{'a' * 40}.jpg", "https://example.org/anhang/b.jpg"
    links = (Link("enclosure", ours, "Die Baustelle"), Link("enclosure", far, "Fremd"))
    village.poll("s1", replace(news("n1", "Rohrbruch"), links=links))
    shown = anna.get(f"/huertgenwald/n/{news('n1').id}").text
    assert f'src="/anhang/{"a" * 40}.jpg" alt="Die Baustelle"' in shown
    assert f'<a href="{far}"' in shown
    assert f'src="{far}"' not in shown
