"""Delivery reports: sums that add up, times, few people hidden; of one's own town only, and of nobody in person."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fakes.house import Town, news
from fakes.people import account, session_of

from hub.core.desk import CANARY
from hub.core.message import Result
from hub.core.notice import Severity, Status
from hub.core.permission import Grant, Role
from hub.core.subscription import Action
from hub.jobs import impact, sweep, tallying
from hub.store import subscribers, towns
from hub.store.schema import batch, notice

COOKIE = "__Host-ortsruf-session"
AT = "/verwaltung/huertgenwald"


@pytest.fixture
def editor(village: Town, pages):
    """A signed-in editor of a village with a source and eleven people, one of whom has mail only."""
    pages.anna = account(village, "anna@example.org", Grant(Role.EDITOR, "huertgenwald"))
    sign_in(pages)
    village.source()
    village.people = [village.person() for _ in range(10)]  # type: ignore[attr-defined]
    village.person(None, ("mail", Action.NOW, ""), channel="mail")
    return pages


def sign_in(pages) -> None:
    """Sign the editor in: a sign-in ends by itself after a while."""
    pages.client.set_cookie(COOKIE, session_of(pages.town, pages.anna), domain="ortsruf.example", secure=True)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def report(pages, one=None) -> str:
    sign_in(pages)
    answer = pages.get(f"{AT}/bericht/{(one or news()).id}?lang=de")
    assert answer.status_code == 200
    return answer.text


def test_a_report_adds_up_by_way_and_says_how_soon(editor, village) -> None:
    gone, retries = village.people[:2]
    village.push.answers(gone, Result.GONE)
    village.push.answers(retries, Result.RETRY)
    village.poll("s1", news())
    shown = words(report(editor))
    assert "9 von 11 erreicht. Die erste nach 1 Sekunde" in shown
    assert "Die Rechnung geht auf: 11 gemeint = 9 erreicht + 1 noch unterwegs + 1 Gerät oder Postfach gibt" in shown
    assert "E-Mail 1 1 0 0 Mitteilungen auf einem Gerät 10 8 1 1 Alle Wege 11 9 1 1" in shown
    assert "data-live" in report(editor)
    assert "Die Seite sieht von selbst wieder nach" in shown
    village.clock.forward(minutes=30)
    village.run()
    shown = words(report(editor))
    assert "10 von 11 erreicht" in shown
    assert "95 von 100 innerhalb von 30 Minuten" in shown
    assert "data-live " not in report(editor)
    assert "10 von 11 erreicht" in words(editor.get(f"{AT}/berichte?lang=de").text)


def test_every_word_of_a_notice_has_its_own_account(editor, village) -> None:
    storm = news("storm", "Sturm", severity=Severity.SEVERE)
    village.poll("s1", storm)
    village.poll("s1", replace(storm, texts=news("storm", "Sturm bis Abend").texts))
    village.poll("s1", replace(storm, status=Status.CANCELLED))
    shown = words(report(editor, storm))
    order = [shown.index(head) for head in ("Entwarnung oder Ende", "Aktualisierung", "Erste Meldung")]
    assert order == sorted(order)
    assert shown.count("Die Rechnung geht auf: 11 gemeint = 11 erreicht") == 3


def test_a_difference_is_named_and_stands_in_the_list(editor, village) -> None:
    village.poll("s1", news())
    with village.store.begin() as session:
        session.execute(batch.update().where(batch.c.channel == "webpush").values(sent=8))
    assert "Die Rechnung geht nicht auf, um 2:" in words(report(editor))
    assert "Geht nicht auf" in editor.get(f"{AT}/berichte?lang=de").text


def test_who_sleeps_makes_the_others_no_slower(editor, village) -> None:
    with village.store.begin() as session:
        for one in village.people[:6]:
            row = subscribers.endpoint_row(session, one)
            subscribers.change(session, row["subscriber_id"], quiet_from="11:00", quiet_to="20:00")
    village.poll("s1", news())
    village.clock.forward(hours=9)
    village.run()
    shown = words(report(editor))
    assert "11 von 11 erreicht. Die erste nach 1 Sekunde, die Hälfte innerhalb von 1 Sekunde, 95 von 100" in shown
    assert "Auf eigenen Wunsch später erreicht (Ruhezeit, Pause) 6" in shown
    assert "bis 12 Std. 0 6" in shown


@pytest.mark.parametrize(("leave", "said"), [(0, "0"), (1, "weniger als 5"), (4, "weniger als 5"), (5, "5"), (7, "7")])
def test_few_who_sign_off_are_never_counted_out(editor, village, leave: int, said: str) -> None:
    village.poll("s1", news())
    assert "abgemeldet wurden wird nach zwei Tagen gezählt" in words(report(editor))
    village.clock.forward(hours=5)
    with village.store.begin() as session:
        subscribers.end_endpoints(session, village.people[:leave], village.clock(), state="ended")
        subscribers.end_endpoints(session, [village.people[9]], village.clock())  # gone: not of their own will
    tallying.tally(village.house)
    village.clock.forward(hours=44)
    impact.close(village.house)
    assert f"in den 48 Stunden danach abgemeldet wurden {said} " in f"{words(report(editor))} "


def test_the_report_stays_when_the_deliveries_are_forgotten(editor, village) -> None:
    village.push.answers(village.people[0], Result.GONE)
    village.poll("s1", news())
    tallying.tally(village.house)
    village.clock.forward(hours=49)
    impact.close(village.house)
    before = words(report(editor))
    with village.store.begin() as session:
        session.execute(notice.update().values(expires=village.clock()))
    village.clock.forward(days=40)
    sweep.forget(village.house)
    with village.store.read() as session:
        assert session.execute(batch.select().where(batch.c.notice_id == news().id)).first() is None
    assert words(report(editor)) == before


def test_nothing_of_a_person_stands_in_a_report(editor, village) -> None:
    village.push.answers(village.people[0], Result.RETRY)
    village.poll("s1", news())
    for text in (report(editor), editor.get(f"{AT}/berichte").text, editor.get(f"{AT}/wirkung.json").text):
        for word in ("push.example", "@example.org", "https://push", "p10"):
            assert word not in text.replace("anna@example.org", "")


def test_no_other_towns_notice_and_no_hidden_one_has_a_page(editor, village) -> None:
    values = {"id": "nachbar", "name": "Nachbar", "path": "053580020020", "language": "de", "zone": "Europe/Berlin",
              "colour": "#1d4f91"}  # fmt: skip
    with village.store.begin() as session:
        towns.add(session, values, village.clock())
    village.poll("s1", news("canary", "Grünfink"), news("hidden", "Verborgen"))
    with village.store.begin() as session:
        one, other = news("canary").id, news("hidden").id
        session.execute(notice.update().where(notice.c.id == one).values(municipality_id="nachbar"))
        session.execute(notice.update().where(notice.c.id == other).values(topic=CANARY))
    for path in (f"bericht/{one}", f"bericht/{other}", "bericht/nichts", "wirkung?monat=2026-1", "wirkung?monat=1999-01",
                 "wirkung?monat=2027-01", "wirkung.xml", "wirkung.csv?monat=../"):  # fmt: skip
        assert editor.get(f"{AT}/{path}").status_code == 404, path
    assert editor.get(f"/verwaltung/nachbar/bericht/{one}").status_code == 404
    for path in ("berichte", "wirkung", "wirkung.csv", "wirkung.json"):
        text = editor.get(f"{AT}/{path}").text
        assert "Grünfink" not in text
        assert "Verborgen" not in text


def test_the_office_leads_to_the_reports(editor) -> None:
    page = editor.get("/verwaltung/").text
    assert f'href="{AT}/berichte"' in page
    assert "protokoll" not in page  # an editor reads no audit log


def test_the_month_is_a_page_and_two_files(editor, village) -> None:
    village.poll("s1", news("storm", "=Sturm", severity=Severity.SEVERE, topic="warnings"))
    tallying.tally(village.house)
    page = words(editor.get(f"{AT}/wirkung?lang=de").text)
    assert "Hürtgenwald: Was Ortsruf im November 2026 getan hat" in page
    assert "Stand von jetzt" in page
    assert "=Sturm (Warnung) 23.11.2026, 12:15 Uhr 11 1 Sekunde 1 Sekunde" in page
    assert "E-Mail weniger als 5 weniger als 5" in page
    assert "Mitteilungen auf einem Gerät etwa 10 10 100 %" in page
    data = editor.get(f"{AT}/wirkung.json").json
    assert (data["reach"], data["delivered"]) == ({"mail": None, "webpush": 10}, {"mail": None, "webpush": 10})
    table = editor.get(f"{AT}/wirkung.csv")
    assert table.headers["Content-Disposition"].endswith('"wirkung-huertgenwald-2026-11.csv"')
    assert "delivered,mail,count,<5" in table.text
    assert "warning,'=Sturm,told,11" in table.text  # no formula for a table program
