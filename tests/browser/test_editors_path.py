"""The whole way of a warning as real people go it, by pages and buttons alone.

An operator invites, two people join, one writes, the other releases, a resident hears it on three ways: the warning,
its correction, its end; then the report and the log. The clock stands still but where a person would wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from fakes.people import SECRET
from PIL import Image
from playwright.sync_api import Browser, expect

from hub.core.audit import verify
from hub.store import audit
from tests.browser.conftest import Worker
from tests.browser.test_whole_path import payload
from tests.browser.townhall import Hall, Someone

pytestmark = pytest.mark.browser
SEND = "An Bürgerinnen und Bürger senden"
ASK = "Zweite Person um Freigabe bitten"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    yield made
    made.close()


def invites(operator: Someone, *people: tuple[str, str]) -> None:
    """Sign the first operator in, and invite ``people`` by address and role."""
    operator.signs_in(SECRET)
    operator.goes("Personen: Hürtgenwald")
    for address, role in people:
        page = operator.looks("Personen von Hürtgenwald")
        page.get_by_label("E-Mail-Adresse", exact=True).fill(address)
        page.get_by_label(role, exact=True).check()
        operator.press("Einladen")
        page.get_by_text("Die Einladung ist unterwegs.").wait_for()


def signs_up(resident: Someone, worker: Worker) -> str:
    """Choose warnings on three ways, turn the device on, confirm the address; returns the calendar's address."""
    page, hall = resident.page, resident.hall
    page.goto(f"{hall.site}/huertgenwald/start")
    page.get_by_label("Warnungen", exact=True).check()
    page.locator("#warnings-push").check()
    page.locator("#warnings-mail").select_option("now")
    page.locator("#warnings-calendar").check()
    page.locator("#email").fill(resident.address)
    resident.looks("Auf dem Laufenden").get_by_role("button", name="Anmelden").last.click()
    page.get_by_role("button", name="Mitteilungen auf diesem Gerät einschalten").click()
    page.get_by_text("Einen Moment bitte").wait_for()
    while not hall.world.pushes:
        hall.building.run_all()
        page.wait_for_timeout(50)
    worker.ready()
    worker.deliver(payload(hall.world.pushes[0]))
    page.locator('[data-push-now="on"]').wait_for()
    resident.looks("Danke, Ihre Auswahl ist gespeichert")
    resident.goes("In mein Kalenderprogramm übernehmen")
    calendar = str(page.get_by_label("Adresse für jedes andere Programm").first.input_value())
    page.goto(hall.link(resident.address, "/c/"))
    resident.press("Ja, das ist meine Adresse")
    resident.looks("Ihre Adresse ist bestätigt")
    return calendar


def writes(author: Someone) -> None:
    """Begin a burst pipe from the template: gaps, street, area, date, danger, picture."""
    page, hall = author.page, author.hall
    author.goes("Meldungen: Hürtgenwald")
    author.looks("Meldungen von Hürtgenwald")
    author.goes("Neue Meldung")
    author.looks("Neue Meldung")
    author.goes("Rohrbruch")
    author.fills_the_gaps("Ahornweg", "der Straße Ahornweg", "18 Uhr")
    page.get_by_text("Nur bestimmte Straßen oder Ortsteile").click()
    page.get_by_role("combobox", name="Straße oder Ortsteil hinzufügen").press_sequentially("ahorn")
    page.get_by_role("option", name=re.compile("Ahornweg")).click()
    author.draws()
    page.get_by_label(re.compile("^Gefahr \\(")).check()
    until = hall.clock().astimezone(ZoneInfo("Europe/Berlin")) + timedelta(days=2)
    page.locator("#until-date").fill(until.date().isoformat())
    page.get_by_text("Beginnt später, geht später hinaus oder hat Termine").click()
    page.locator("#d0-day").fill((until - timedelta(days=1)).date().isoformat())
    page.locator("#d0-begin").fill("08:00")
    page.locator("#d0-end").fill("12:00")
    page.get_by_text("Bild oder PDF-Datei hinzufügen").click()
    file = BytesIO()
    Image.new("RGB", (80, 60), (200, 30, 30)).save(file, "JPEG")
    page.locator("#upload").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    page.locator("#upload-title").fill("Das Loch in der Straße")
    author.looks("Meldung ändern")
    author.press("Prüfen und senden")
    page.wait_for_url(re.compile(r"/mitteilungen/1$"))


def tries(author: Someone) -> None:
    """Look at the preview, and send a test to oneself."""
    author.goes("Vorschau und Test an mich")
    page = author.looks("Vorschau")
    expect(page.locator("#reach + p")).to_contain_text("weniger als 5")
    page.frame_locator('iframe[title="Die Seite"]').get_by_role("img", name="Das Loch in der Straße").wait_for()
    author.press("Test an mich senden")
    page.get_by_text("zu Ihnen unterwegs").wait_for()
    assert "Rohrbruch" in author.hall.mail(author.address, "PROBEWARNUNG")
    author.goes("Rohrbruch: kein Wasser in Ahornweg")


def approves(approver: Someone, link: str, *said: str) -> None:
    """Read what waits, and release it with a second factor of this moment."""
    page, hall = approver.page, approver.hall
    page.goto(link)
    approver.looks("Rohrbruch")
    approver.goes("Lesen und freigeben")
    approver.looks("Lesen und freigeben")
    for one in said:
        expect(page.locator("main")).to_contain_text(one)
    hall.clock.forward(minutes=11)
    approver.press(SEND)
    approver.looks("Sind Sie es?")
    approver.press("Mit Passkey")
    approver.looks("Geht hinaus in")


def calendar_of(resident: Someone, calendar: str) -> list[tuple[str, int, str]]:
    """Return title, SEQUENCE and STATUS of each event in the resident's calendar."""
    found = icalendar.Calendar.from_ical(resident.page.request.get(calendar).body())
    return [
        (str(one["SUMMARY"]), int(one.get("SEQUENCE", 0)), str(one.get("STATUS", ""))) for one in found.walk("VEVENT")
    ]


def hears(resident: Someone, worker: Worker, count: int, title: str) -> dict[str, Any]:
    """Hand the newest of ``count`` pushes to the device, where it is the one that stands there; returns it."""
    hall = resident.hall
    assert len(hall.pushes()) == count
    push = hall.pushes()[-1]
    shown = [one["title"] for one in worker.deliver(payload(push)) if one["tag"] == push["topic"]]
    while shown != [push["notification"]["title"]]:  # an older one is closed before the newer one shows
        resident.page.wait_for_timeout(50)
        shown = [one["title"] for one in worker.shown() if one["tag"] == push["topic"]]
    assert title in shown[0]
    assert push["notification"]["title"].rstrip("…") in hall.mailed(resident.address)
    return push


def reads(resident: Someone, push: dict[str, Any]) -> None:
    """Tap the notification: the page has the map and the picture."""
    page = resident.page
    page.goto(push["notification"]["navigate"])
    resident.looks("Rohrbruch: kein Wasser in Ahornweg")
    page.locator("section[aria-labelledby=spot] .map path").first.wait_for()
    picture = page.get_by_role("img", name="Das Loch in der Straße")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("(one) => one.complete && one.naturalWidth > 0", arg=picture.element_handle())


def stops_once(author: Someone) -> None:
    """Stop what counts down, change nothing, and ask again."""
    author.page.reload()
    author.looks("Geht hinaus in")
    author.press("Anhalten")
    author.page.get_by_text("Angehalten. Es wurde nichts gesendet.").wait_for()
    author.looks("Rohrbruch")
    asks(author)


def asks(author: Someone) -> str:
    """Ask for the release; returns the link that the approver gets by mail."""
    author.press(ASK)
    author.page.get_by_text("Jetzt muss eine zweite Person").wait_for()
    author.looks("Rohrbruch")
    return author.hall.link("petra@example.org", "/verwaltung/")


def corrects(author: Someone) -> None:
    """Begin a correction from the list, with the prepared words, and say what was wrong."""
    page = author.page
    page.goto(f"{author.site}/verwaltung/")
    author.goes("Meldungen: Hürtgenwald")
    author.goes("Veröffentlicht")
    author.looks("Meldungen von Hürtgenwald")
    author.goes("Rohrbruch: kein Wasser in Ahornweg")
    author.press("Berichtigen")
    author.looks("Meldung ändern")
    expect(page.get_by_label("Titel")).to_have_value("Berichtigung: Rohrbruch: kein Wasser in Ahornweg")
    body = page.locator("#de-body")
    body.fill(body.input_value().replace("18 Uhr", "20 Uhr"))
    page.locator("#d0-end").fill("13:00")
    author.press("Prüfen und senden")
    page.wait_for_url(re.compile(r"/mitteilungen/1$"))


def gives_the_all_clear(approver: Someone) -> None:
    approver.goes("Entwarnung geben")
    approver.looks("Beenden oder zurücknehmen")
    approver.press(SEND)
    approver.page.get_by_text("Alle, die sie bekommen haben").first.wait_for()
    approver.looks("Entwarnung: Rohrbruch")


def reports(author: Someone) -> None:
    """Look from the notice at what came of it."""
    author.page.reload()
    author.goes("Zustellbericht")
    page = author.looks("Zustellbericht")
    page.get_by_text("Die Rechnung geht auf:").first.wait_for()
    assert page.get_by_text("Die Rechnung geht auf:").count() == 3
    assert page.get_by_text("Die Rechnung geht nicht auf").count() == 0


def looks_it_up(operator: Someone) -> None:
    """Find every step in the log."""
    operator.signs_in(SECRET)
    operator.goes("Protokoll: Hürtgenwald")
    page = operator.looks("Protokoll")
    for one in ("als zweite Person freigegeben", "angehalten", "Berichtigung begonnen"):
        expect(page.locator("main")).to_contain_text(one)
    assert not re.search(r"(notice|draft)\.[a-z]", page.locator("main").inner_text())
    with operator.hall.store.read() as session:
        chain = list(audit.chain(session))
    assert verify(iter(chain)).broken == 0
    acts = [one.event.act for one in chain if one.event.act.startswith(("notice.", "draft."))]
    assert acts == [
        "draft.created", "draft.rehearsed", "notice.submit", "notice.approve", "notice.abort", "notice.submit",
        "notice.approve", "notice.sent", "notice.correction", "notice.submit", "notice.approve", "notice.sent",
        "notice.withdraw",
    ]  # fmt: skip


@pytest.mark.timeout(900)  # it walks some fifty pages
def test_from_the_invitations_to_the_all_clear(chromium: Browser, hall: Hall) -> None:
    operator = Someone(chromium, hall, "Olga", width=1280)
    author, approver = Someone(chromium, hall, "Anna"), Someone(chromium, hall, "Petra")
    resident = Someone(chromium, hall, "Rosa", device=True)
    worker = Worker(resident)
    invites(operator, (author.address, "Schreiben"), (approver.address, "Freigabe"))
    author.joins(passkey=False)
    approver.joins(passkey=True)
    calendar = signs_up(resident, worker)
    author.signs_in()
    writes(author)
    author.looks("Rohrbruch: kein Wasser in Ahornweg")
    tries(author)
    assert (hall.pushes(), calendar_of(resident, calendar)) == ([], [])
    link = asks(author)
    approver.page.goto(link)
    approver.looks("Anmelden")
    approver.press("Mit Passkey anmelden")
    approver.looks("Rohrbruch")
    approves(approver, link, "Das Loch in der Straße", "Gefahr", "Ahornweg", "Fläche")
    stops_once(author)
    hall.goes_on(60)
    assert hall.pushes() == []
    approves(approver, link)
    hall.goes_on(16)
    first = hears(resident, worker, 1, "Rohrbruch")
    reads(resident, first)
    ((_title, sequence, _status),) = calendar_of(resident, calendar)
    corrects(author)
    approves(approver, asks(author), "20 Uhr")
    hall.goes_on(16)
    second = hears(resident, worker, 2, "Berichtigung")
    assert second["topic"] == first["topic"]
    assert second["notification"]["data"]["revision"] > first["notification"]["data"]["revision"]
    ((corrected, higher, _status),) = calendar_of(resident, calendar)
    assert (corrected[:12], higher > sequence) == ("Berichtigung", True)
    approver.page.reload()
    gives_the_all_clear(approver)
    hall.goes_on(1)
    hears(resident, worker, 3, "Entwarnung")
    assert calendar_of(resident, calendar)[0][2] == "CANCELLED"
    reports(author)
    looks_it_up(operator)
    for one in (operator, author, approver, resident):
        assert (one.complaints, one.foreign) == ([], [])
