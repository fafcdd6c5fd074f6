"""The first visit without a script: find a place, weigh the choice, add places, sign up."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape

import pytest
from fakes.forms import form
from fakes.house import PLACE, news

from hub.core.notice import Occurrence, PlaceRef, Severity
from hub.core.subscription import Action
from hub.store import subscribers, towns
from hub.web.robots import began, is_robot

STREETS = ("Mühlenweg", "Hauptstraße", "Am Bach")


@pytest.fixture
def bins(pages):
    """Let bins be collected in three streets, in one of them by house numbers."""
    town = pages.town
    town.source("b1", "waste")
    made = []
    for name in STREETS:
        for at, kind in enumerate(("residual", "organic")):
            days = tuple(Occurrence(f"{week}", date(2026, 12, 1 + at) + timedelta(days=7 * week)) for week in range(3))
            refs = (
                [PlaceRef("street", name, name)]
                if name != "Am Bach"
                else [PlaceRef("house", f"{name}/{1 + 9 * at}-9{at}", name)]
            )
            key = f"{name}-{kind}"
            made.append(news(key, kind, source="b1", topic="waste", places=tuple(refs), occurrences=days, series=True,
                             category=kind))  # fmt: skip
    with town.store.begin() as session:
        rows = [
            (f"{PLACE}/street:{one}", "street", name)
            for one, name in zip(("muehlenweg", "hauptstrasse", "am-bach"), STREETS, strict=True)
        ]
        towns.add_places(session, "huertgenwald", rows)
    object.__setattr__(town.gatherer, "places", lambda notice, _source: [_path(ref) for ref in notice.places])
    town.poll("b1", *made)
    return town


def _path(ref: PlaceRef) -> str:
    from hub.core.place import local_path

    return local_path(PLACE, ref.scheme, ref.value)


def press(pages, fields: dict[str, str], do: str):
    return pages.post("/huertgenwald/start", fields | {"do": do})


def ways(pages, token):
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        return subscribers.subscriptions(session, person)


@pytest.mark.parametrize(
    ("query", "leads"),
    [
        ("Muehlenweg 3", "/huertgenwald/start?place=street:muehlenweg&house=3"),
        ("hauptstr", "/huertgenwald/start?place=street:hauptstrasse"),
        ("52393", "/huertgenwald/start"), ("Hürtgenwald", "/huertgenwald/start"),
    ],
)  # fmt: skip
def test_a_place_is_found_and_gone_to(pages, bins, query, leads) -> None:
    answer = pages.get("/find", query_string={"q": query})
    assert (answer.status_code, unescape(answer.location).replace("%3A", ":")) == (302, leads)


def test_several_places_are_offered_as_links_and_as_json(pages, bins) -> None:
    found = pages.get("/find.json", query_string={"q": "m"}).get_json()["hits"]
    assert [one["title"] for one in found] == ["Mühlenweg"]
    assert found[0]["pick"] == f"{PLACE}/street:muehlenweg|"
    page = pages.get("/find", query_string={"q": "Nideggen"})
    assert "Nideggen ist noch nicht dabei" in page.text
    assert pages.get("/find.json?q=m&in=nowhere").status_code == 404
    assert "no-store" in pages.get("/find.json?q=m").headers["Cache-Control"]


def test_the_house_number_is_asked_only_where_the_plan_needs_it(pages, bins) -> None:
    plain = pages.get("/huertgenwald/start?place=street:muehlenweg").text
    parts = pages.get("/huertgenwald/start?place=street:am-bach&house=200").text
    assert 'id="waste-house"' not in plain
    assert 'id="waste-house"' in parts
    assert "bekannt sind 1-90, 10-91" in parts


def test_two_places_each_with_topics_of_its_own(pages, bins) -> None:
    fields = form(pages.get("/huertgenwald/start?place=street:muehlenweg").text)
    fields = form(press(pages, fields, "add").text)
    assert fields["p2.here"] == "1"
    fields = form(press(pages, fields | {"p2.sought": "Hauptstr 5"}, "find:p2.").text)
    assert fields["p2.waste.zone"] == f"{PLACE}/street:hauptstrasse"
    fields = fields | {"p2.warnings": "", "p2.waste.at": "m06:00", "p2.waste.mail": "digest", "email": "a@example.org"}
    pages.town.clock.forward(seconds=5)
    answer = pages.post("/huertgenwald/subscribe", fields)
    assert answer.status_code == 303, answer.text
    token = answer.location.split("/m/")[1].partition("/")[0]
    found = {
        tuple(one["criteria"]["places"]): one["ways"]
        for one in ways(pages, token)
        if one["criteria"]["topics"] == ["waste"]
    }
    assert ("webpush", Action.REMINDER, "P1D@18:00") in found[(f"{PLACE}/street:muehlenweg",)]
    assert ("mail", Action.REMINDER, "P0D@06:00") in found[(f"{PLACE}/street:hauptstrasse",)]
    shown = form(pages.get(f"/m/{token}/settings").text)
    assert (shown["waste.zone"], shown["p2.waste.zone"]) == (
        f"{PLACE}/street:muehlenweg",
        f"{PLACE}/street:hauptstrasse",
    )
    assert "p2.warnings" not in shown


def test_a_place_can_be_taken_away_again_and_the_others_move_up(pages, bins) -> None:
    fields = form(press(pages, form(pages.get("/huertgenwald/start?place=street:muehlenweg").text), "add").text)
    fields = form(press(pages, fields | {"p2.sought": "Hauptstr"}, "find:p2.").text)
    fields = form(press(pages, fields, "remove:").text)
    assert fields["waste.zone"] == f"{PLACE}/street:hauptstrasse"
    assert "p2.here" not in fields


def test_each_bin_may_be_reminded_of_at_its_own_hour(pages, bins) -> None:
    chosen = {"waste.zone": f"{PLACE}/street:muehlenweg", "waste": "1", "waste.push": "1", "waste.remind": "1",
              "waste.at": "18:00", "waste.at.organic": "m06:00", "waste.at.residual": "no"}  # fmt: skip
    token = pages.sign_up(**{name.replace(".", "__"): value for name, value in chosen.items()})
    leads = {}
    for one in ways(pages, token):
        for category in one["criteria"]["categories"]:
            leads[category] = next((text for _, action, text in one["ways"] if action is Action.REMINDER), "")
    assert (leads["organic"], leads["residual"], leads["paper"], leads[""]) == (
        "P0D@06:00",
        "",
        "P1D@18:00",
        "P1D@18:00",
    )
    shown = form(pages.get(f"/m/{token}/settings").text)
    assert (shown["waste.at"], shown["waste.at.organic"], shown["waste.at.residual"]) == ("18:00", "m06:00", "no")


def test_a_weekly_mail_comes_on_its_day(pages) -> None:
    token = pages.sign_up(news="1", news__mail="digest", email="a@example.org", digest_days="5")
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        row = subscribers.get(session, person)
    assert (row["digest_days"], row["next_digest_at"].isoweekday()) == ("5", 5)


def test_the_forecast_stands_beside_each_topic_and_changes_with_the_level(pages) -> None:
    town = pages.town
    town.source("w1", "warnings")
    for number, level in enumerate((Severity.MINOR, Severity.SEVERE, Severity.MINOR)):
        town.poll("w1", news(f"w{number}", "Sturm", source="w1", topic="warnings", severity=level))
    fields = form(pages.get("/huertgenwald/start").text)
    page = unescape(pages.get("/huertgenwald/start").text)
    assert "3, seit wir vor" in page[page.index('data-figure="warnings"') :][:120]
    found = pages.post("/huertgenwald/forecast", fields).get_json()
    assert found["levels"]["warnings"]["severe"].startswith("1, seit")
    assert found["total"] == [f"Mitteilungen auf einem Gerät: {found['topics']['warnings']}"]
    severe = pages.post("/huertgenwald/forecast", fields | {"warnings.severity": "extreme"}).get_json()
    assert severe["topics"]["warnings"].startswith("keine, seit")
    again = press(pages, fields | {"warnings.severity": "severe"}, "count")
    assert "1, seit wir vor" in unescape(again.text)


def test_nothing_is_stored_and_no_address_travels_in_a_url(pages, bins) -> None:
    fields = form(pages.get("/huertgenwald/start").text) | {"email": "a@example.org", "sought": "hauptstr"}
    for do in ("count", "add", "find:", "take:", "remove:p2.", "nonsense"):
        answer = press(pages, fields, do)
        assert answer.status_code == 200
        assert form(answer.text)["email"] == "a@example.org"
    with pages.town.store.read() as session:
        assert subscribers.get(session, 1) is None


def test_a_program_that_fills_in_the_form_is_sent_away(pages) -> None:
    fields = form(pages.get("/huertgenwald/start").text)
    assert pages.post("/huertgenwald/subscribe", fields).status_code == 400  # at once
    pages.town.clock.forward(seconds=5)
    assert pages.post("/huertgenwald/subscribe", fields | {"website": "https://spam.example"}).status_code == 400
    assert pages.post("/huertgenwald/subscribe", fields | {"began": ""}).status_code == 400
    assert pages.post("/huertgenwald/subscribe", fields).status_code == 303


@pytest.mark.parametrize(("wait", "more"), [(0, {}), (3 * 86_400, {}), (5, {"website": "https://spam.example"})])
def test_who_was_taken_for_a_program_has_lost_nothing_and_sends_it_again(pages, wait, more) -> None:
    typed = {"news": "1", "news.mail": "now", "email": "a@example.org"}
    fields = form(pages.get("/huertgenwald/start").text) | typed
    pages.town.clock.forward(seconds=wait)
    answer = pages.post("/huertgenwald/subscribe", fields | more)
    assert answer.status_code == 400
    assert 'href="#began"' in answer.text
    again = form(answer.text)
    assert typed.items() <= again.items()
    pages.town.clock.forward(seconds=5)
    assert pages.post("/huertgenwald/subscribe", again).status_code == 303


def test_the_mark_of_a_form_cannot_be_made(pages) -> None:
    now = pages.town.clock()
    mark = began(now - timedelta(minutes=1), "key")
    assert not is_robot({"began": mark}, now, "key")
    for wrong in ("", "x", "1.x", mark.replace(".", "1."), began(now - timedelta(minutes=1), "other"), f"{mark}ü"):
        assert is_robot({"began": wrong}, now, "key")


def test_the_welcome_says_what_will_come_before_it_asks(pages) -> None:
    token = pages.sign_up(news="1", news__push="1", warnings="1", warnings__push="1")
    page = unescape(pages.get(f"/m/{token}/welcome").text)
    assert page.index("<li>Warnungen</li>") < page.index("data-push-on")
    assert "Bisher wäre das gewesen: keine, seit wir vor" in page
    for state in ("install", "blocked", "unsupported", "inapp"):
        assert f'data-push-help="{state}" hidden' in page
