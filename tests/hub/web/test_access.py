"""Every route x every role x every municipality: nobody gets where they were not let, and nothing is forgotten (A-04)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes.house import Town, news
from fakes.people import COUNTY, account, session_of
from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from hub.core.clubs import Bounds
from hub.core.permission import Grant, Role, Sort
from hub.core.sessions import FRESH, Stage
from hub.core.source import Source
from hub.jobs import people
from hub.store import grants, sources, towns
from hub.store.schema import source as source_table
from hub.web.access import requirement

COOKIE = "__Host-ortsruf-session"
OWN, OTHER = "huertgenwald", "nachbar"
KEEPERS = {Role.SOURCE_KEEPER, Role.OPERATOR, Role.COUNTY_OPERATOR}
OPERATORS = {Role.OPERATOR, Role.COUNTY_OPERATOR}
READERS = {Role.AUTHOR, Role.EDITOR, Role.APPROVER, *OPERATORS}
COUNTY_ONLY = {Role.COUNTY_OPERATOR}
ALL = set(Role)
DRAFTERS = {Role.AUTHOR, Role.EDITOR, Role.APPROVER, Role.OPERATOR, Role.COUNTY_OPERATOR, Role.CLUB}  # see drafts
WRITERS = {Role.AUTHOR, Role.EDITOR, Role.CLUB}
TOWN_HALL = {Role.AUTHOR, Role.EDITOR}
SEEING = WRITERS | {Role.APPROVER, Role.OPERATOR, Role.COUNTY_OPERATOR}  # what is written, released or objected to
# Who may have what, said once more and by itself: a change of the rules must be made here too.
ALLOWED = {
    "account.address": ALL, "account.name": ALL, "account.page": ALL, "account.password": ALL, "account.revoke": ALL,
    "drafting.begin": WRITERS, "drafting.create": WRITERS, "drafting.create_quietly": WRITERS, "drafting.edit": WRITERS,
    "drafting.readability": WRITERS, "drafting.save": WRITERS, "drafting.save_quietly": WRITERS,
    "drafts.copy": WRITERS, "drafts.page": SEEING,
    "factors.ask_to_make": ALL, "factors.ask_to_prove": ALL, "factors.make": ALL, "factors.new_codes": ALL,
    "factors.page": ALL, "factors.prove": ALL, "factors.remove_passkey": ALL, "factors.remove_totp": ALL,
    "factors.set_up": ALL, "forgotten.address": ALL, "forgotten.confirm_address": ALL,
    "keeping.desk": KEEPERS, "keeping.drop": KEEPERS, "keeping.one": KEEPERS, "keeping.pause": KEEPERS,
    "keeping.release": KEEPERS, "keeping.release_all": KEEPERS, "keeping.resume": KEEPERS, "keeping.retry": KEEPERS,
    "keeping.trust": KEEPERS,
    "office.home": ALL, "office.persons": OPERATORS, "office.invite": OPERATORS, "office.take": OPERATORS,
    "office.withdraw": OPERATORS,
    "office.everybody": COUNTY_ONLY, "office.invite_everywhere": COUNTY_ONLY, "office.take_everywhere": COUNTY_ONLY,
    "office.withdraw_everywhere": COUNTY_ONLY,
    "previewing.add_device": DRAFTERS, "previewing.as_letter": DRAFTERS, "previewing.as_page": DRAFTERS,
    "previewing.drop_device": DRAFTERS, "previewing.page": DRAFTERS, "previewing.shape": DRAFTERS, "previewing.to_me": DRAFTERS,
    "checked.settings": COUNTY_ONLY, "data.county": COUNTY_ONLY, "data.page": OPERATORS, "data.export": OPERATORS,
    "data.find": OPERATORS, "data.erase": OPERATORS,
    "adding.change": KEEPERS, "adding.change_form": KEEPERS, "adding.form": KEEPERS, "adding.kinds": KEEPERS,
    "exchange.page": KEEPERS,
    "adding.preview": KEEPERS, "adding.remove": KEEPERS, "adding.remove_form": KEEPERS, "adding.save": KEEPERS,
    "overview.county": COUNTY_ONLY, "overview.operation": OPERATORS,
    "reports.listed": READERS, "reports.one": READERS, "impact.page": READERS, "impact.figures": READERS,
    "record.page": OPERATORS, "record.export": OPERATORS, "record.everything": COUNTY_ONLY,
    "record.export_everything": COUNTY_ONLY,
    "releasing.act": DRAFTERS, "releasing.approval": DRAFTERS, "releasing.ending": DRAFTERS, "releasing.follow": DRAFTERS,
    "releasing.glass": DRAFTERS, "releasing.page": DRAFTERS,
    "founding.begin": COUNTY_ONLY, "founding.options": COUNTY_ONLY, "founding.page": COUNTY_ONLY,
    "founding.go_on": COUNTY_ONLY, "founding.discard": COUNTY_ONLY, "founding.found": COUNTY_ONLY,
    "founding.done": COUNTY_ONLY,
    "belongings.page": OPERATORS, "belongings.look": OPERATORS, "belongings.mail": OPERATORS,
    "belongings.streets": OPERATORS, "belongings.names": COUNTY_ONLY,
    "own_files.before": SEEING, "patterns.drop": TOWN_HALL, "patterns.keep": TOWN_HALL, "patterns.page": TOWN_HALL,
    "patterns.rename": TOWN_HALL, "versions.page": SEEING, "versions.restore": WRITERS,
    "signing.again": ALL, "signing.leave": ALL, "signing.prove": ALL,
}  # fmt: skip
FOR_ONESELF = {name for name, roles in ALLOWED.items() if roles is ALL}


@pytest.fixture
def county(village: Town) -> Town:
    """Two towns, each with a source of its own."""
    values = {"id": OTHER, "name": "Nachbar", "path": "053580020020", "language": "de", "zone": "Europe/Berlin",
              "colour": "#1d4f91"}  # fmt: skip
    with village.store.begin() as session:
        towns.add(session, values, village.clock())
        for town in (OWN, OTHER):
            made = Source(f"s-{town}", "rss", "https://example.org/a", town, topic="news", interval=600)
            sources.add(session, town, made, village.clock())
    return village


@pytest.fixture
def app(county: Town, pages) -> Flask:
    found: Flask = pages.client.application
    found.config["WTF_CSRF_ENABLED"] = False  # another guard, with a test of its own
    return found


def granted(role: Role, municipality: str) -> Grant:
    if role is Role.COUNTY_OPERATOR:
        return COUNTY
    return Grant(role, municipality, Bounds("events") if role is Role.CLUB else None)


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def path_of(app: Flask, rule: Rule, slug: str) -> str:
    values = {name: {"slug": slug, "kind": "json"}.get(name, "1") for name in rule.arguments}
    found: str = app.url_map.bind("ortsruf.example").build(rule.endpoint, values, method=None)
    return found


def guarded(app: Flask, path: str, method: str, token: str = "") -> int:
    """Return 0 if the guard lets a request through to its page, else the status that it answers."""
    headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
    with app.test_request_context(path, method=method, base_url="https://ortsruf.example", headers=headers):
        try:
            answer = app.preprocess_request()
        except HTTPException as error:
            return error.code or 500
        return answer.status_code if isinstance(answer, Response) or answer is not None else 0


def test_every_route_declares_what_it_asks_for(app) -> None:
    assert [rule.endpoint for rule, _ in routes(app) if requirement(app, rule) is None] == []
    asking = {rule.endpoint for rule, _ in routes(app) if not requirement(app, rule).opens_to_all}
    assert asking == set(ALLOWED)


def test_whatever_a_secret_names_is_declared_a_secret_link(app) -> None:
    for rule, _ in routes(app):
        wanted = requirement(app, rule)
        if "token" in rule.arguments and rule.endpoint not in {"forgotten.address", "forgotten.confirm_address"}:
            assert wanted.sort is Sort.LINK, rule.endpoint
        if wanted.sort is Sort.LINK:
            assert {"token", "mark"} & rule.arguments, rule.endpoint


def test_open_routes_open_without_a_cookie_and_no_other_does(app) -> None:
    for rule, method in routes(app):
        found = guarded(app, path_of(app, rule, OWN), method)
        assert (found == 0) is requirement(app, rule).opens_to_all, f"{method} {rule.rule}: {found}"


def test_a_route_that_declares_nothing_opens_to_nobody(county, pages) -> None:
    made = account(county, "county@example.org", COUNTY)
    application = pages.client.application
    application.add_url_rule("/neu/<slug>", "forgotten_one", lambda slug: slug)
    pages.client.set_cookie(COOKIE, session_of(county, made), domain="ortsruf.example", secure=True)
    assert pages.get(f"/neu/{OWN}").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_pages_in_its_own_town_and_no_other(app, county, role: Role) -> None:
    token = session_of(county, account(county, "anna@example.org", granted(role, OWN)))
    for rule, method in routes(app):
        if requirement(app, rule).opens_to_all:
            continue
        for town in (OWN, OTHER):
            here = town == OWN or role is Role.COUNTY_OPERATOR or rule.endpoint in FOR_ONESELF
            found = guarded(app, path_of(app, rule, town), method, token)
            allowed = here and role in ALLOWED[rule.endpoint]
            stranger = not here and "slug" in rule.arguments
            assert found == (0 if allowed else 404 if stranger else found), f"{role} {method} {rule.rule} in {town}"
            assert (found == 0) is allowed, f"{role} {method} {rule.rule} in {town}: {found}"


def test_without_a_role_a_sign_in_opens_nothing_but_itself(app, county) -> None:
    token = session_of(county, account(county, "anna@example.org"))
    for rule, method in routes(app):
        if not requirement(app, rule).opens_to_all:
            found = guarded(app, path_of(app, rule, OWN), method, token)
            assert (found == 0) is (rule.endpoint in FOR_ONESELF), f"{method} {rule.rule}: {found}"


def test_a_bare_sign_in_opens_the_second_step_only(app, county) -> None:
    token = session_of(county, account(county, "a@example.org", COUNTY, equipped=False), stage=Stage.BARE)
    opened = {
        rule.endpoint for rule, method in routes(app)
        if not requirement(app, rule).opens_to_all and guarded(app, path_of(app, rule, OWN), method, token) == 0
    }  # fmt: skip
    assert opened == {
        "factors.page", "factors.set_up", "factors.ask_to_make", "factors.make", "factors.ask_to_prove",
        "factors.prove", "signing.again", "signing.prove", "signing.leave",
    }  # fmt: skip


def test_what_is_dangerous_wants_a_fresh_proof(app, county) -> None:
    token = session_of(county, account(county, "county@example.org", COUNTY))
    county.clock.at += FRESH
    stopped = {
        rule.endpoint for rule, method in routes(app)
        if Role.COUNTY_OPERATOR in ALLOWED.get(rule.endpoint, ())
        and guarded(app, path_of(app, rule, OWN), method, token) != 0
    }  # fmt: skip
    assert stopped == {
        "account.address", "account.password", "factors.page", "factors.set_up", "factors.ask_to_make", "factors.make",
        "factors.new_codes", "factors.remove_totp", "factors.remove_passkey", "office.invite", "office.take",
        "office.withdraw", "office.invite_everywhere", "office.take_everywhere", "office.withdraw_everywhere",
        "adding.remove",
        "founding.begin", "founding.found", "belongings.mail", "belongings.names",
        "data.find", "data.erase",
    }  # fmt: skip


def test_a_forged_secret_link_opens_nothing(app, pages) -> None:
    for rule, method in routes(app):
        if requirement(app, rule).sort is Sort.LINK:
            answer = pages.client.open(path_of(app, rule, OWN), method=method, base_url="https://ortsruf.example")
            assert 400 <= answer.status_code < 500, f"{method} {rule.rule}: {answer.status_code}"


def test_the_ids_of_another_town_are_not_found_under_ones_own(app, county, pages) -> None:
    made = account(county, "anna@example.org", Grant(Role.OPERATOR, OWN))
    berta = account(county, "berta@example.org", Grant(Role.EDITOR, OTHER))
    with county.store.read() as session:
        grant_id = grants.rows_of(session, berta)[0]["id"]
    invited = people.invite(county.house, "command", "carl@example.org", Grant(Role.EDITOR, OTHER), "de").id
    pages.client.set_cookie(COOKIE, session_of(county, made), domain="ortsruf.example", secure=True)
    at = f"/verwaltung/{OWN}"
    for path in (
        f"{at}/personen/rollen/{grant_id}/nehmen", f"{at}/personen/einladungen/{invited}/widerrufen",
        *(f"{at}/quellen/s-{OTHER}/{act}" for act in ("retry", "pause", "resume", "trust", "held/release")),
    ):  # fmt: skip
        assert pages.post(path).status_code == 404, path
    assert pages.get(f"{at}/quellen/s-{OTHER}").status_code == 404
    with county.store.read() as session:
        assert len(grants.rows_of(session, berta)) == 1
        assert len(grants.open_in(session, OTHER, county.clock())) == 1
        enabled = (
            source_table.select().with_only_columns(source_table.c.enabled).where(source_table.c.id == f"s-{OTHER}")
        )
        assert session.scalar(enabled) is True


def test_no_word_of_another_town_stands_on_a_page_of_the_office(app, county, pages) -> None:
    """T-01: canary words of one town in no page of another."""
    made = account(county, "anna@example.org", Grant(Role.OPERATOR, OWN))
    account(county, "kanarienvogel@example.org", Grant(Role.EDITOR, OTHER))
    people.invite(county.house, "command", "zeisig@example.org", Grant(Role.EDITOR, OTHER), "de")
    county.gatherer.has(f"s-{OTHER}", news("n1", "Grünfink", source=f"s-{OTHER}"))
    county.run()
    pages.client.set_cookie(COOKIE, session_of(county, made), domain="ortsruf.example", secure=True)
    at = f"/verwaltung/{OWN}"
    for path in (
        "/verwaltung/", "/konto", *(f"{at}/{one}" for one in (
            "personen", "quellen", "berichte", "wirkung", "wirkung.csv", "wirkung.json", "protokoll", "protokoll.jsonl"
        )),
    ):  # fmt: skip
        answer = pages.get(path)
        assert answer.status_code == 200
        for word in ("anarienvogel", "zeisig", "Grünfink", "Nachbar", OTHER):
            assert word not in answer.text, (path, word)


def test_a_role_that_is_taken_away_is_gone_at_once(app, county, pages) -> None:
    made = account(county, "anna@example.org", Grant(Role.SOURCE_KEEPER, OWN))
    pages.client.set_cookie(COOKIE, session_of(county, made), domain="ortsruf.example", secure=True)
    assert pages.get(f"/verwaltung/{OWN}/quellen").status_code == 200
    with county.store.read() as session:
        row = grants.rows_of(session, made)[0]
    people.take(county.house, "command", row)
    assert pages.get(f"/verwaltung/{OWN}/quellen").status_code == 404
