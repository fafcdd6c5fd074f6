"""A municipality's own host: its pages and links are there, everybody else's are not, and no request can make a link."""

from __future__ import annotations

import pytest
from fakes.house import PLACE, news
from fakes.people import COUNTY, PASSWORD, account
from sqlalchemy import select

from hub.core.errors import SettingsError
from hub.core.notice import PlaceRef
from hub.core.subscription import Action, Criteria
from hub.jobs import own
from hub.jobs.contact import desk_link, set_contact
from hub.jobs.record import COMMAND
from hub.jobs.subscribe import Wish, set_wishes
from hub.store import audit, towns
from hub.store.schema import endpoint

HOST, OLD = "ruf.huertgenwald.example", "alt.huertgenwald.example"
THERE, BASE = f"https://{HOST}", "https://ortsruf.example"


@pytest.fixture
def hosted(pages):
    """Give the village two hosts, and a neighbour that has none."""
    own.change(pages.town.house, COMMAND, "huertgenwald", {"hosts": f"{HOST} {OLD}"})
    values = {"id": "dueren", "name": "Düren", "path": "053580008008", "language": "de", "zone": "Europe/Berlin"}
    with pages.town.store.begin() as session:
        towns.add(session, {**values, "colour": "#1d4f91"}, pages.town.clock())
    return pages


def at(pages, path: str, host: str = HOST, **options):
    return pages.client.get(path, base_url=f"https://{host}", buffered=True, **options)


def test_its_own_page_stands_at_the_root(hosted) -> None:
    answer = at(hosted, "/?lang=en")
    assert (answer.status_code, answer.location) == (302, "/huertgenwald/?lang=en")
    shown = at(hosted, answer.location)
    assert shown.status_code == 200
    assert "Hürtgenwald" in shown.text


def test_the_installations_root_stays(hosted) -> None:
    assert hosted.get("/").status_code == 200
    assert hosted.get("/huertgenwald/").status_code == 200


def test_another_municipality_is_not_shown_there(hosted) -> None:
    assert at(hosted, "/dueren/?lang=en").location == f"{BASE}/dueren/?lang=en"
    assert at(hosted, "/nowhere/").status_code == 404


def test_another_name_of_it_leads_to_the_first(hosted) -> None:
    assert at(hosted, "/huertgenwald/start?a=1", OLD).location == f"{THERE}/huertgenwald/start?a=1"
    assert at(hosted, "/sw.js", OLD).status_code == 200  # what machines ask for stands everywhere


@pytest.mark.parametrize("path", ["/anmelden", "/verwaltung/", "/konto", "/einladung/x", "/verwaltung/personen"])
def test_people_sign_in_at_the_installations_host_only(hosted, path: str) -> None:
    answer = at(hosted, path)
    assert (answer.status_code, answer.location) == (302, f"{BASE}{path}")


def test_a_password_that_is_sent_there_goes_nowhere(hosted) -> None:
    account(hosted.town, "anna@example.org", COUNTY)
    page = at(hosted, "/huertgenwald/start").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "address": "anna@example.org", "password": PASSWORD}
    answer = hosted.client.post("/anmelden", base_url=THERE, data=form)
    assert answer.status_code == 404
    assert "ortsruf-session" not in str(answer.headers)


def test_a_resident_signs_up_there_and_every_link_leads_there(hosted) -> None:
    village = hosted.town
    page = at(hosted, "/huertgenwald/start").text
    hidden = {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf_token", "began")}
    village.clock.forward(seconds=3)
    form = {**hidden, "news": "1", "news.mail": "now", "email": "anna@example.org", "news.calendar": "1"}
    answer = hosted.client.post("/huertgenwald/subscribe", base_url=THERE, data=form)
    assert answer.status_code == 303
    assert THERE in at(hosted, answer.location.removeprefix(THERE)).text
    village.engine.run_all()
    ((asked, _),) = village.mail.sent
    assert asked.confirm_url.startswith(f"{THERE}/c/")
    confirmed = hosted.client.get(asked.confirm_url, buffered=True).text
    token = confirmed.partition('name="csrf_token" value="')[2].partition('"')[0]
    done = hosted.client.post(asked.confirm_url, data={"csrf_token": token}, buffered=True)
    assert f"{THERE}/m/" in done.text
    village.source("s1")
    village.poll("s1", news("n1", "Freibad offen"))
    told, message = village.mail.sent[-1]
    assert message.entries[0].url == f"{THERE}/huertgenwald/n/{message.entries[0].notice.id}"
    assert told.manage_url.startswith(f"{THERE}/m/")
    assert told.unsubscribe_url.startswith(f"{THERE}/u/")


def test_feeds_calendars_and_the_desk_lead_there(hosted) -> None:
    village = hosted.town
    village.source("s1")
    village.poll("s1", news("n1", "Freibad offen"))
    for path in ("/huertgenwald/notices.atom", "/huertgenwald/calendar/waste.ics"):
        text = hosted.get(path).text  # wherever it is asked for: who asks changes no link
        assert text.count(THERE) >= 1 or "BEGIN:VCALENDAR" in text
        assert BASE not in text.replace("@ortsruf.example", "")
    set_contact(village.house, "huertgenwald", "redaktion@example.org")
    assert desk_link(village.house, "huertgenwald").startswith(f"{THERE}/d/")


def test_the_identity_of_a_date_does_not_move_with_the_host(hosted) -> None:
    site = hosted.town.house.site
    with hosted.town.store.read() as session:
        assert site(towns.get(session, "huertgenwald")).uid_host == site(towns.get(session, "dueren")).uid_host


def test_a_guest_is_led_to_where_they_are_at_home(hosted) -> None:
    village = hosted.town
    number = village.person(Criteria(topics=("news",), places=(PLACE,)), ("mail", Action.NOW, ""), channel="mail")
    with village.store.read() as session:
        person = session.scalar(select(endpoint.c.subscriber_id).where(endpoint.c.id == number))
    wish = Wish(Criteria(topics=("news",), places=("053580008008",)), (("mail", Action.NOW, ""),), "dueren")
    with village.store.begin() as session:
        set_wishes(village.house, session, "huertgenwald", person, (wish,))
    village.engine.run_all()
    village.municipality = "dueren"
    village.source("s9")
    village.poll("s9", news("n1", "Annakirmes", source="s9", places=(PlaceRef("ars", "053580008008"),)))
    told, message = village.mail.sent[-1]
    assert message.entries[0].url.startswith(f"{BASE}/dueren/n/")
    assert told.manage_url.startswith(f"{THERE}/m/")


@pytest.mark.parametrize(
    "evil", ["evil.example", "evil.example:443", "x" * 300, "ruf.huertgenwald.example.evil.example", "[::1]"]
)
@pytest.mark.parametrize(
    "path", ["/", "/huertgenwald/", "/huertgenwald/start", "/anmelden", "/verwaltung/", "/huertgenwald/notices"]
)
def test_a_host_that_nobody_has_makes_no_link(hosted, evil: str, path: str) -> None:
    answer = hosted.client.get(path, base_url=BASE, headers={"Host": evil}, buffered=True)
    assert answer.status_code < 400
    assert evil not in answer.text
    assert evil not in str(answer.headers)


def test_a_host_belongs_to_one(hosted) -> None:
    village = hosted.town
    for typed in (HOST, "ORTSRUF.example", "no host", "a.de b.de c.de d.de e.de f.de"):
        with pytest.raises(SettingsError):
            own.change(village.house, COMMAND, "dueren", {"hosts": typed})
    own.change(village.house, COMMAND, "huertgenwald", {"hosts": OLD})
    own.change(village.house, COMMAND, "dueren", {"hosts": HOST})
    assert at(hosted, "/").location == "/dueren/"
    with village.store.read() as session:
        acts = [
            one["act"] for one in audit.latest(session, municipality="dueren", acts=("municipality.changed",), most=9)
        ]
    assert acts == ["municipality.changed"]


def test_a_page_says_where_it_belongs(hosted) -> None:
    assert f'<link rel="canonical" href="{THERE}/huertgenwald/">' in hosted.get("/huertgenwald/?a=b").text
    assert "canonical" not in hosted.get("/dueren/").text


def test_a_town_offers_the_languages_it_speaks(hosted) -> None:
    own.change(hosted.town.house, COMMAND, "huertgenwald", {"languages": "en de"})
    page = hosted.get("/huertgenwald/", headers={"Accept-Language": "tr, en"})
    assert '<html lang="en"' in page.text
    assert "lang=uk" not in page.text
    assert "lang=uk" in hosted.get("/dueren/").text
    with pytest.raises(SettingsError, match="own language"):
        own.change(hosted.town.house, COMMAND, "huertgenwald", {"languages": "en tr"})
