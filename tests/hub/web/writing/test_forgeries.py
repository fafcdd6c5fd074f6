"""What other sites, other towns, clubs and hasty fingers send to the office: every changing route, taken from the map."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes.drafts import HERE, NEIGHBOUR, Desk, desk, ordinary, warning
from fakes.people import COUNTY, account, token_in
from sqlalchemy import func, select
from werkzeug.routing import Rule

from hub.core.clubs import Bounds, Trust
from hub.core.draft import Area, Attachment, Mode
from hub.core.notice import Severity
from hub.core.permission import Grant, Role
from hub.core.release import Act
from hub.core.source import Source
from hub.core.subscription import Criteria
from hub.jobs import people, tell
from hub.store import attachments, drafts, grants, patterns, sources
from hub.store.schema import draft as draft_table
from hub.store.schema import notice, publication
from hub.web.access import requirement
from tests.hub.web.writing.test_attacks import AT, One

ALL = (Role.AUTHOR, Role.EDITOR, Role.APPROVER, Role.SOURCE_KEEPER, Role.OPERATOR)
EVIL = "https://evil.example"


@pytest.fixture
def hall(village) -> Desk:
    made = desk(village, there=(HERE, NEIGHBOUR))
    village.person(Criteria(topics=("warnings", "news", "events")))
    return made


@pytest.fixture
def app(pages):
    return pages.client.application


def changing(app) -> Iterator[tuple[Rule, str]]:
    """Yield every route of the office that changes something, and how."""
    for rule in app.url_map.iter_rules():
        wanted = requirement(app, rule)
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            if wanted is not None and not wanted.opens_to_all:
                yield rule, method


def path_of(app, rule: Rule, **known: object) -> str:
    values = {name: known.get(name, "1") for name in rule.arguments}
    if "slug" in values:
        values["slug"] = HERE
    return str(app.url_map.bind("ortsruf.example").build(rule.endpoint, values, method=None))


def whole(hall: Desk, app) -> One:
    """Return somebody with every role, here and everywhere."""
    made = account(hall.town, "alle@example.org", COUNTY, *(Grant(one, HERE) for one in ALL))
    return One(hall, app, made)


def rows(hall: Desk) -> list[tuple[object, ...]]:
    with hall.town.store.read() as session:
        return [tuple(one) for one in session.execute(select(draft_table).order_by(draft_table.c.id))]


FORGED = {
    "no token": {}, "a token of nobody": {"token": "x"}, "another site by fetch metadata": {"Sec-Fetch-Site": "cross-site"},
    "another origin": {"Origin": EVIL}, "another origin that begins alike": {"Origin": "https://ortsruf.example.evil.example"},
}  # fmt: skip


@pytest.mark.parametrize("how", sorted(FORGED))
def test_no_changing_route_of_the_office_takes_a_forged_form(hall, app, how: str) -> None:
    hall.begin(ordinary())
    one, before, asked = whole(hall, app), rows(hall), 0
    token = token_in(one.get("/konto").text)
    given = FORGED[how]
    data = {"csrf_token": given.get("token", token)} if given else {}
    headers = {name: given[name] for name in ("Sec-Fetch-Site", "Origin") if name in given}
    for rule, method in changing(app):
        answer = one.client.open(
            path_of(app, rule), method=method, base_url="https://ortsruf.example", data=data, headers=headers
        )
        assert answer.status_code == (403 if headers else 400), f"{method} {rule.rule}: {answer.status_code}"
        asked += 1
    assert asked > 50
    assert rows(hall) == before


def test_a_form_of_ones_own_site_is_taken_whatever_it_says_of_its_origin(hall, app) -> None:
    """Under our Referrer-Policy browsers write ``null`` into forms' Origin."""
    one = One(hall, app, hall.editor)
    for number, origin in enumerate(("null", "https://ortsruf.example"), 1):
        made = hall.begin(ordinary(f"Nummer {number}"))
        fields = one.form(f"{AT}/{made}/freigabe", "release")
        answer = one.post(f"{AT}/{made}/tun", fields, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"})
        assert (answer.status_code, hall.state(made)) == (303, "scheduled")


# ---- other towns ----


def strange(hall: Desk) -> dict[str, object]:
    """Make one of everything in the neighbour's town; returns its ids by the names that routes give them."""
    town, store = hall.town, hall.town.store
    file = Attachment("c" * 32 + ".jpg", "Karte", "image/jpeg", 4)
    with store.begin() as session:
        attachments.add(session, NEIGHBOUR, file, b"c", town.clock())
        made = ordinary("Kanarienvogel", areas=(Area(NEIGHBOUR),), attachments=(file,))
        number = drafts.add(session, NEIGHBOUR, made, hall.author, town.clock())
        patterns.keep(session, NEIGHBOUR, "Kanarienvogel", made, by=hall.author, now=town.clock())
        sources.add(
            session, NEIGHBOUR, Source("strange", "rss", "https://example.org/a", NEIGHBOUR, topic="news"), town.clock()
        )
        row = drafts.by_id(session, number)
        tell.tell(town.house, session, row, made)
    asked = people.invite(town.house, "command", "zeisig@example.org", Grant(Role.EDITOR, NEIGHBOUR), "de").id
    with store.read() as session:
        held = next(one for one in grants.rows_of(session, hall.editor) if one["municipality_id"] == NEIGHBOUR)
    return {
        "number": number, "name": file.name, "source_id": "strange", "notice_id": tell.id_in(row, NEIGHBOUR),
        "grant_id": held["id"], "invitation_id": asked, "version": 1,
    }  # fmt: skip


def test_no_route_of_a_town_knows_anything_of_another(hall, app) -> None:
    ids = strange(hall)
    mine = account(hall.town, "hier@example.org", *(Grant(role, HERE) for role in ALL))
    here, asked = One(hall, app, mine), 0
    token = token_in(here.get("/konto").text)
    before = rows(hall)
    for rule in app.url_map.iter_rules():
        if "slug" not in rule.arguments or not rule.arguments & set(ids) or requirement(app, rule).opens_to_all:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = here.client.open(
                path_of(app, rule, **ids), method=method, base_url="https://ortsruf.example",
                data={"csrf_token": token, "act": "discard", "once": "x" * 20, "sort": "correction", "name": "Meins"},
            )  # fmt: skip
            harmless = rule.endpoint == "patterns.rename" and answer.status_code == 303
            assert harmless or answer.status_code == 404, f"{method} {rule.rule}: {answer.status_code}"
            assert "anarienvogel" not in answer.text
            asked += 1
    assert asked > 25
    assert rows(hall) == before
    copied = here.post(f"{AT}/kopieren", {"csrf_token": token, "number": str(ids["number"])})
    other = here.post(f"{AT}/kopieren", {"csrf_token": token, "notice": str(ids["notice_id"])})
    template = here.get(f"{AT}/neu?vorlage=1")
    assert (copied.status_code, other.status_code, template.status_code) == (404, 404, 404)
    with hall.town.store.read() as session:
        assert patterns.listed(session, NEIGHBOUR)[0]["name"] == "Kanarienvogel"


# ---- clubs ----


def club_desk(hall: Desk, app, name: str, trust: Trust = Trust.DIRECT, per_day: int = 1) -> tuple[int, One]:
    made = account(hall.town, f"{name}@example.org", Grant(Role.CLUB, HERE, Bounds("events", trust, per_day)))
    return made, One(hall, app, made)


PAGES = ("", "/freigabe", "/ende", "/schreiben", "/fassungen", "/vorschau", "/vorschau/seite", "/vorschau/mail",
         "/vorschau/flaeche.geojson")  # fmt: skip
WRITES = ("/tun", "/folge", "/schreiben", "/sichern", "/fassungen/1", "/vorschau/an-mich")


@pytest.mark.parametrize("whose", ["the town hall's", "another club's"])
def test_a_club_neither_reads_nor_changes_nor_copies_what_is_not_its_own(hall, app, whose: str) -> None:
    other, _ = club_desk(hall, app, "anderer")
    club = "events" if whose == "another club's" else ""
    number = hall.begin(ordinary("Geheimes Fest", topic="events"), other if club else 0, club=club)
    _, one = club_desk(hall, app, "verein")
    before, token = rows(hall), token_in(one.get("/konto").text)
    for rest in PAGES:
        answer = one.get(f"{AT}/{number}{rest}")
        assert (answer.status_code in {403, 404}, "Geheimes" in answer.text) == (True, False), rest
    for rest in WRITES:
        fields = {
            "csrf_token": token,
            "act": "discard",
            "once": "x" * 20,
            "sort": "correction",
            "seen": "1",
            "version": "1",
        }
        assert one.post(f"{AT}/{number}{rest}", fields).status_code in {403, 404, 409}, rest
    assert one.post(f"{AT}/kopieren", {"csrf_token": token, "number": str(number)}).status_code in {403, 404}
    assert "Geheimes" not in one.get(AT).text
    assert rows(hall) == before


BEYOND = {
    "topic": {"topic": "warnings"}, "severity": {"severity": Severity.MINOR}, "danger": {"severity": Severity.EXTREME},
    "place": {"areas": (Area(HERE), Area(NEIGHBOUR))},
}  # fmt: skip


@pytest.mark.parametrize("beyond", sorted(BEYOND))
def test_what_a_club_may_not_say_does_not_go_out_from_its_desk(hall, app, beyond: str) -> None:
    made, one = club_desk(hall, app, "verein")
    number = hall.begin(ordinary(**{"topic": "events", **BEYOND[beyond]}), made, club="events")
    for act in (Act.RELEASE, Act.APPROVE, Act.BREAK_GLASS, Act.SUBMIT):
        fields = one.forged(number, act, hall.row(number)["hash"]) | {"reason": "Weil wir es so wollen"}
        assert one.does(number, fields) in {400, 404, 409}, act
    hall.wait()
    assert (hall.state(number), hall.town.push.told()) == ("draft", [])


def test_a_clubs_limit_of_a_day_holds_for_all_that_waits_too(hall, app) -> None:
    made, one = club_desk(hall, app, "verein")
    first, second = (hall.begin(ordinary(title, topic="events"), made, club="events") for title in ("Eins", "Zwei"))
    both = {number: one.form(f"{AT}/{number}/freigabe", "release") for number in (first, second)}
    assert [one.does(number, both[number]) for number in (first, second)] == [303, 409]
    hall.wait()
    assert hall.town.push.told() == [("new", "Eins")]
    assert one.does(second, one.forged(second, Act.RELEASE, hall.row(second)["hash"])) == 409


# ---- tests, and hasty fingers ----


@pytest.mark.parametrize("severity", [Severity.UNKNOWN, Severity.EXTREME])
def test_a_test_reaches_no_resident_by_any_act(hall, app, severity: Severity) -> None:
    number = hall.begin(warning(mode=Mode.TEST, severity=severity), hall.editor)
    everybody = [whole(hall, app), *(One(hall, app, who) for who in (hall.author, hall.editor, hall.approver))]
    for act in (one for one in Act if one not in {Act.SAVE, Act.DISCARD}):
        for one in everybody:
            fields = one.forged(number, act, hall.row(number)["hash"]) | {"reason": "Ein guter Grund dafür"}
            assert one.does(number, {**fields, "once": f"{act.value}-{id(one)}"}) != 303, act
    everybody[2].post(f"{AT}/{number}/vorschau/an-mich", {"csrf_token": token_in(everybody[2].get("/konto").text)})
    hall.wait()
    with hall.town.store.read() as session:
        assert session.scalar(select(func.count()).select_from(notice)) == 0
    assert hall.town.push.told() == []


@pytest.mark.parametrize("act", [Act.RELEASE, Act.APPROVE])
def test_fifty_at_once_and_a_double_click_give_one_publication(hall, app, act: Act) -> None:
    number = hall.begin(ordinary() if act is Act.RELEASE else warning())
    who = hall.editor if act is Act.RELEASE else hall.approver
    if act is Act.APPROVE:
        hall.act(number, Act.SUBMIT)
    one = One(hall, app, who)
    shown = [one.form(f"{AT}/{number}/freigabe", act.value) for _ in range(2)]  # two tabs: two keys
    cookies = {
        name: one.client.get_cookie(name, "ortsruf.example")
        for name in ("__Host-ortsruf-session", "__Host-ortsruf-form")
    }

    def press(turn: int) -> int:
        client = app.test_client()
        for name, found in cookies.items():
            if found is not None:
                client.set_cookie(name, found.value, domain="ortsruf.example", secure=True)
        answer = client.post(f"{AT}/{number}/tun", base_url="https://ortsruf.example", data=shown[turn % 2])
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(press, range(50)))
    assert found.count(303) == 25  # one tab is answered each time, the other one is told that it is done
    assert found.count(409) == 25
    for _ in range(3):
        hall.wait()
    assert hall.steps(number).count(act.value) == 1
    with hall.town.store.read() as session:
        assert session.scalar(select(func.count()).select_from(publication)) == 1
    assert len(hall.town.push.told()) == 1
