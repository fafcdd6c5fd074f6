"""Before anything is sent: reach, previews as every reader sees them, a test to oneself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.house import PLACE, Town
from fakes.people import account, session_of

from hub.core.draft import Area, Draft, Mode
from hub.core.notice import Geometry, NoticeText, Occurrence, PlaceRef, Severity
from hub.core.permission import Grant, Role
from hub.core.subscription import Criteria
from hub.store import drafts, rehearsals, towns
from hub.store.schema import notice

TOWN = "huertgenwald"
DRAFT = Draft(
    "news",
    (
        NoticeText("de", "Rohrbruch im Ahornweg", "Das Wasser ist <b>ab</b>.", instruction="Bitte Wasser holen."),
        NoticeText("ar", "انكسار أنبوب"),
    ),
    areas=(Area(TOWN, (PlaceRef("street", "Ahornweg", "Ahornweg"),)),),
)  # fmt: skip


class Office:
    """Somebody at their desk, with a draft."""

    def __init__(self, pages, draft: Draft, role: Role = Role.AUTHOR, town: str = TOWN) -> None:
        self.pages, self.town = pages, pages.town
        self.id = account(self.town, "anna@example.org", Grant(role, town))
        token = session_of(self.town, self.id)
        pages.client.set_cookie("__Host-ortsruf-session", token, domain="ortsruf.example", secure=True)
        with self.town.store.begin() as session:
            self.number = drafts.add(session, TOWN, draft, self.id, self.town.clock())

    def path(self, rest: str = "") -> str:
        return f"/verwaltung/{TOWN}/mitteilungen/{self.number}/vorschau{rest}"

    def read(self, rest: str = "", status: int = 200) -> str:
        answer = self.pages.get(self.path(rest))
        assert answer.status_code == status, answer.text
        return str(answer.text)


def test_it_says_whom_it_reaches_and_never_fewer_than_five(pages, village: Town) -> None:
    office = Office(pages, DRAFT)
    home = Criteria(topics=("news",), places=(f"{PLACE}/street:ahornweg",))
    assert "weniger als 5 Personen" in office.read()
    for _ in range(13):
        village.person(home)
    shown = office.read()
    assert "etwa 10 Personen" in shown
    assert "13" not in shown.partition("<main")[2].partition('id="language"')[0]


def test_each_reader_sees_what_will_be_sent(pages) -> None:
    office = Office(pages, replace(DRAFT, occurrences=(Occurrence("a", pages.town.clock()),)))
    shown = office.read()
    assert '<p class="push-title">Rohrbruch im Ahornweg</p>' in shown
    assert "<dd>Rohrbruch im Ahornweg" in shown
    assert "Montag, 23. November 2026, 12:00 Uhr" in shown
    assert 'dir="rtl"' in office.read("?sprache=ar")
    assert "انكسار أنبوب" in office.read("/seite?sprache=ar")
    letter = office.read("/mail")
    assert "Das Wasser ist &lt;b&gt;ab&lt;/b&gt;." in letter
    assert "Bitte Wasser holen." in letter


def test_the_page_is_the_residents_own_and_says_where(pages) -> None:
    shown = Office(pages, DRAFT).read("/seite")
    assert "<h1" in shown
    assert "Rohrbruch im Ahornweg</h1>" in shown
    assert "Ahornweg</dd>" in shown


@pytest.mark.parametrize("rest", ["/seite", "/mail"])
def test_what_is_framed_can_do_nothing(pages, rest) -> None:
    answer = pages.get(Office(pages, DRAFT).path(rest))
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_draft_without_title_and_place_has_nothing_to_show_yet(pages) -> None:
    office = Office(pages, Draft("news"))
    assert "Titel und Ort fehlen" in office.read()
    for rest in ("/seite", "/mail"):
        office.read(rest, 404)


def test_a_test_bears_its_mark_everywhere(pages) -> None:
    office = Office(pages, replace(DRAFT, mode=Mode.TEST, severity=Severity.EXTREME, topic="warnings"))
    assert '<p class="push-title">PROBEWARNUNG: Rohrbruch' in office.read()
    for rest in ("/seite", "/mail"):
        assert "PROBEWARNUNG: Rohrbruch im Ahornweg" in office.read(rest)
    assert "wenn sie ernst gemeint wäre" not in office.read()  # nobody is reached
    assert "weckt Menschen" in office.read()


def test_what_was_drawn_is_on_the_map(pages) -> None:
    office = Office(pages, replace(DRAFT, geometry=Geometry(points=((6.4, 50.7),))))
    assert 'data-shapes="/verwaltung/huertgenwald/mitteilungen/1/vorschau/flaeche.geojson"' in office.read()
    assert '"coordinates": [6.4, 50.7]' in office.read("/flaeche.geojson")


def test_a_test_goes_to_whoever_asks(pages) -> None:
    office = Office(pages, DRAFT)
    answer = pages.send(office.path(), office.path("/an-mich"), sprache="ar")
    assert answer.status_code == 303
    assert answer.location.endswith("sprache=ar")
    pages.town.engine.run_all()
    ((recipient, message),) = pages.town.mail.sent
    assert (recipient.address, recipient.language) == ("anna@example.org", "ar")
    assert message.entries[0].notice.title == "PROBEWARNUNG: Rohrbruch im Ahornweg"
    assert "Niemand sonst" in office.read()


def test_tests_are_counted(pages) -> None:
    office = Office(pages, DRAFT)
    for _ in range(21):
        pages.send(office.path(), office.path("/an-mich"))
    pages.town.engine.run_all()
    assert len(pages.town.mail.sent) == 20
    assert "Das waren viele Tests" in office.read()


def test_a_browser_becomes_a_test_device_and_ceases_to_be_one(pages) -> None:
    pages.client.application.config["WTF_CSRF_ENABLED"] = False
    office = Office(pages, DRAFT)
    key = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
    subscription = {
        "endpoint": "https://fcm.googleapis.com/fcm/send/abc", "keys": {"p256dh": key, "auth": "MTIzNDU2Nzg5MDEyMzQ1Ng"}
    }  # fmt: skip

    def tell(**body: object) -> tuple[int, object]:
        answer = pages.post(office.path("/geraet"), json=body)
        return answer.status_code, answer.get_json().get("state")

    look = {"look": subscription["endpoint"]}
    assert tell(**look) == (200, "gone")
    assert tell(subscription=subscription) == (201, None)
    assert tell(**look) == (200, "active")
    assert tell(subscription={"endpoint": "https://10.0.0.1/", "keys": {}})[0] == 400
    pages.send(office.path(), office.path("/an-mich"))
    pages.town.engine.run_all()
    assert [one.address for one, _ in pages.town.push.sent] == [subscription["endpoint"]]
    assert pages.post(office.path("/geraet/1/weg")).status_code == 303
    with pages.town.store.read() as session:
        assert list(rehearsals.of(session, office.id)) == []


def test_it_is_no_business_of_who_neither_writes_nor_releases(pages) -> None:
    office = Office(pages, DRAFT, Role.SOURCE_KEEPER)
    for rest in ("", "/seite", "/mail", "/flaeche.geojson"):
        office.read(rest, 403)


def test_another_municipalitys_draft_is_not_there(pages, village: Town) -> None:
    office = Office(pages, DRAFT)
    values = {
        "id": "nachbar", "name": "Nachbar", "path": "053580020020", "language": "de", "zone": "Europe/Berlin",
        "colour": "#1d4f91",
    }  # fmt: skip
    with village.store.begin() as session:
        towns.add(session, values, village.clock())
        office.number = drafts.add(session, "nachbar", DRAFT, office.id, village.clock())
    for rest in ("", "/seite", "/mail", "/flaeche.geojson"):
        office.read(rest, 404)


def test_nothing_is_stored_by_looking(pages, village: Town) -> None:
    office = Office(pages, DRAFT)
    office.read()
    office.read("/seite")
    with village.store.read() as session:
        assert session.execute(notice.select()).first() is None
