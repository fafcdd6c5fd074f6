"""Home, parents and work in three municipalities: one form, one page, one calendar; and no town sees another's people."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path

import pytest
from fakes.forms import form
from fakes.house import PLACE, Town, make_town, news
from fakes.stores import hastened
from fakes.towns import OTHER, OTHER_PLACE, Gatherer, add_source, add_town
from sqlalchemy import update

import push
from hub.core.notice import Geometry, Occurrence, PlaceRef
from hub.core.subscription import Action, Criteria
from hub.jobs.contact import desk_link, set_contact
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import guests, subscribers, towns
from hub.store.schema import metadata, place

WORK = ("nideggen", "Nideggen", "053580036036")
CANARY = "zzcanaryzz"


@pytest.fixture
def village(empty: Path, tmp_path: Path) -> Iterator[Town]:
    """Three municipalities of a county, one of them with waste zones."""
    store = hastened(f"sqlite:///{shutil.copy(empty, tmp_path / 'county.sqlite')}")
    town = make_town(store, gatherer=Gatherer())
    add_town(town)
    add_town(town, *WORK)
    with store.begin() as session:
        rows = [{"path": PLACE, "kind": "municipality", "name": "Hürtgenwald", "sought": "huertgenwald"}]
        towns.add_rows(session, towns.place, rows)
        towns.add_places(session, OTHER, [(f"{OTHER_PLACE}/zone:ost", "zone", "Bezirk Ost")])
        towns.add_places(session, OTHER, [(f"{OTHER_PLACE}/zone:west", "zone", "Bezirk West")])
    yield town
    store.close()


def press(pages, page: str, fields: dict[str, str], do: str) -> dict[str, str]:
    answer = pages.post(page, fields | {"do": do})
    assert answer.status_code == 200, answer.text
    return form(answer.text)


def filled(pages) -> dict[str, str]:
    """Fill the form in as somebody does who cares for three places."""
    fields = form(pages.get("/huertgenwald/start").text) | {"news": "1", "news.push": "1"}
    fields = {name: value for name, value in fields.items() if not name.startswith(("waste", "warnings"))}
    fields = press(pages, "/huertgenwald/start", fields, "add")
    fields = press(pages, "/huertgenwald/start", fields | {"p2.sought": "Kreuzau"}, "find:p2.")
    assert fields["p2.town"] == OTHER
    fields |= {"p2.waste": "1", "p2.waste.zone": f"{OTHER_PLACE}/zone:ost", "p2.waste.calendar": "1",
               "p2.waste.mail": "digest", "p2.waste.push": "1", "email": "a@example.org"}  # fmt: skip
    fields.pop("p2.waste.remind")
    fields = press(pages, "/huertgenwald/start", fields, "add")
    fields = press(pages, "/huertgenwald/start", fields | {"p3.sought": "nidegen"}, "find:p3.")
    assert fields["p3.town"] == WORK[0]
    fields = {name: value for name, value in fields.items() if not name.startswith("p3.waste")}
    return fields | {"p3.warnings": "1", "p3.warnings.push": "1", "p3.warnings.severity": "severe"}


def signed_up(pages) -> str:
    fields = filled(pages)
    pages.town.clock.forward(seconds=5)
    answer = pages.post("/huertgenwald/subscribe", fields)
    assert answer.status_code == 303, answer.text
    return answer.location.split("/m/")[1].partition("/")[0]


def chosen(pages, token: str) -> set[tuple[str, str, str]]:
    person, _ = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        found = subscribers.subscriptions(session, person)
    return {(one["town"], *one["criteria"]["topics"], *one["criteria"].get("places", ())) for one in found}


ALL = {
    ("huertgenwald", "news", PLACE), (OTHER, "waste", f"{OTHER_PLACE}/zone:ost"), (OTHER, "warnings", OTHER_PLACE),
    (WORK[0], "warnings", WORK[2]), ("huertgenwald", "warnings", PLACE),
}  # fmt: skip


def test_places_of_three_municipalities_in_one_form(pages) -> None:
    token = signed_up(pages)
    assert chosen(pages, token) >= ALL - {("huertgenwald", "warnings", PLACE)}
    shown = form(pages.get(f"/m/{token}/settings").text)
    assert (shown.get("town", ""), shown["p2.town"], shown["p3.town"]) == ("", OTHER, WORK[0])
    before = chosen(pages, token)
    assert pages.post(f"/m/{token}/topics", shown).status_code == 303
    assert chosen(pages, token) == before


def test_each_place_shows_its_own_streets_and_town(pages) -> None:
    page = pages.get(f"/m/{signed_up(pages)}/settings").text
    assert "<strong>Kreuzau</strong>" in page
    assert "<strong>Nideggen</strong>" in page
    assert "Bezirk Ost" in page
    assert 'name="p2.waste.zone"' in page
    assert 'name="p3.waste.zone"' not in page


def test_removing_a_place_removes_its_subscriptions(pages) -> None:
    token = signed_up(pages)
    fields = press(pages, f"/m/{token}/topics", form(pages.get(f"/m/{token}/settings").text), "remove:p2.")
    assert fields["p2.town"] == WORK[0]
    pages.post(f"/m/{token}/topics", fields)
    assert {one[0] for one in chosen(pages, token)} == {"huertgenwald", WORK[0]}


def test_moving_away_for_good(pages) -> None:
    """Who removes the place at home is at home in the next one."""
    token = signed_up(pages)
    fields = press(pages, f"/m/{token}/topics", form(pages.get(f"/m/{token}/settings").text), "remove:")
    assert fields["town"] == OTHER
    assert pages.post(f"/m/{token}/topics", fields).status_code == 303
    assert {one[0] for one in chosen(pages, token)} == {OTHER, WORK[0]}
    person, _ = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        assert subscribers.get(session, person)["municipality_id"] == OTHER
    shown = form(pages.get(f"/m/{token}/settings").text)
    assert (shown.get("town", ""), shown["p2.town"]) == ("", WORK[0])


@pytest.mark.parametrize("town", ["atlantis", "../x"])
def test_a_town_that_is_none_of_ours_is_named_and_all_else_comes_back(pages, town: str) -> None:
    fields = filled(pages) | {"p2.town": town}
    pages.town.clock.forward(seconds=5)
    answer = pages.post("/huertgenwald/subscribe", fields)
    assert answer.status_code == 400
    assert 'id="fault-p2-sought"' in answer.text
    assert 'value="a@example.org"' in answer.text


def test_nothing_that_fits_is_said_at_the_field(pages) -> None:
    fields = press(pages, "/huertgenwald/start", form(pages.get("/huertgenwald/start").text), "add")
    answer = pages.post("/huertgenwald/start", fields | {"p2.sought": "Xyzzy", "do": "find:p2."})
    assert "Diesen Ort haben wir nicht gefunden" in answer.text


def test_several_that_fit_are_offered_with_their_town(pages) -> None:
    with pages.town.store.begin() as session:
        for slug, path in ((OTHER, OTHER_PLACE), ("huertgenwald", PLACE)):
            towns.add_places(session, slug, [(f"{path}/street:ahornweg", "street", "Ahornweg")])
    fields = press(pages, "/huertgenwald/start", form(pages.get("/huertgenwald/start").text), "add")
    answer = pages.post("/huertgenwald/start", fields | {"p2.sought": "ahornw", "do": "find:p2."})
    assert "Kreuzau" in answer.text
    found = re.findall(r'name="p2.pick" value="([^"]+)"', answer.text)
    assert {unescape(one) for one in found} == {f"{OTHER_PLACE}/street:ahornweg|", f"{PLACE}/street:ahornweg|"}
    taken = press(
        pages, "/huertgenwald/start", form(answer.text) | {"p2.pick": f"{OTHER_PLACE}/street:ahornweg|"}, "take:p2."
    )
    assert taken["p2.town"] == OTHER


def test_the_forecast_counts_all_places(pages) -> None:
    town = pages.town
    town.source("s1")
    add_source(town, "s2", url="https://example.org/other")
    town.clock.forward(days=100)
    for source in ("s1", "s2"):
        town.gatherer.has(source, *(news(f"{source}{n}", f"Neues {n}", source=source) for n in range(3)))
    town.clock.forward(minutes=15)
    town.run()
    town.clock.forward(days=10)
    one = {"news": "1", "news__push": "1"}
    other = {"p2__here": "1", "p2__town": OTHER, "p2__news": "1", "p2__news__push": "1"}
    totals = [
        pages.send("/huertgenwald/start", "/huertgenwald/forecast", **values).get_json()["total"]
        for values in (one, one | other)
    ]
    assert [re.search(r"\d+", line)[0] for (line,) in totals] == ["3", "6"]


def test_a_device_that_is_known_adds_the_town_to_its_page(pages) -> None:
    token = pages.sign_up()
    page = pages.get(f"/{OTHER}/start").text
    link = unescape(re.search(rf'href="(/m/{re.escape(token)}/settings\?add={OTHER}[^"]*)"', page)[1])
    shown = form(pages.get(link.partition("#")[0]).text)
    assert shown["p2.town"] == OTHER
    fields = {name: value for name, value in shown.items() if not name.startswith("p2.waste")}
    assert pages.post(f"/m/{token}/topics", fields).status_code == 303
    assert (OTHER, "warnings", OTHER_PLACE) in chosen(pages, token)
    assert f"add={OTHER}" not in pages.get(f"/{OTHER}/start").text


def test_the_whole_way(pages) -> None:
    """Sign up for three places, be told of each, read the mail's source, one calendar, delete: nothing is left."""
    town = pages.town
    token = signed_up(pages)
    person, generation = town.house.links.parts("manage", token)
    with town.store.begin() as session:
        for row in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, row["id"], town.clock())
        subscribers.add_endpoint(
            session, "huertgenwald", person, channel="webpush", address="https://push.example/1", service="p", keys={},
            active=True, now=town.clock(),
        )  # fmt: skip
        calendar = next(one for one in subscribers.endpoints_of(session, person) if one["channel"] == "ical")
    town.engine.run_all()
    town.mail.forget()
    town.source("s1")
    add_source(town, "s2", topic="waste", url="https://example.org/bins")
    day = town.clock.at.date() + timedelta(days=20)
    bins = news("w", "Biotonne", source="s2", topic="waste", places=(PlaceRef("zone", "Ost", "Bezirk Ost"),),
                occurrences=(Occurrence("1", day),))  # fmt: skip
    town.gatherer.has("s1", news("n", "Freibad öffnet"))
    town.gatherer.has("s2", bins)
    town.clock.forward(minutes=15)
    town.run()
    told = {
        message.entries[0].notice.title: message.entries[0].town for _, message in town.push.sent if message.entries
    }
    assert told == {"Freibad öffnet": "", "Biotonne": "Kreuzau"}
    town.clock.forward(hours=24)
    town.run()
    ((recipient, message),) = town.mail.sent
    with town.store.read() as session:
        site = town.house.site(towns.get(session, "huertgenwald"))
    mail = message_from_bytes(push.load("mail").render(message, recipient, site).body, policy=default)
    text = mail.get_body(("plain",)).get_content()
    assert "Kreuzau – Biotonne" in text or "Kreuzau, " in text
    assert f"https://ortsruf.example/{OTHER}/n/" in text
    assert "Quelle: Kreuzau" in text
    address = town.house.links.calendar(calendar["id"], generation)
    dates = pages.get(address).text.replace("\r\n ", "")
    assert "SUMMARY:Kreuzau: Biotonne" in dates
    assert f"/{OTHER}/n/" in dates
    assert pages.send(f"/m/{token}/delete", f"/m/{token}/delete").status_code == 200
    with town.store.read() as session:
        for table in metadata.sorted_tables:
            if "subscriber_id" in table.c and table.name != "feed_touch":
                assert session.execute(table.select()).all() == [], table.name
    town.clock.forward(seconds=2)
    assert pages.get(address).status_code == 410


def test_a_calendar_shows_a_twin_once(pages) -> None:
    town = pages.town
    add = {"events": "1", "events.calendar": "1"}
    town.source("s1", "events")
    add_source(town, "s2", topic="events")
    fields = {**add, "p2.here": "1", "p2.town": OTHER, **{f"p2.{name}": value for name, value in add.items()}}
    token = pages.sign_up(**{name.replace(".", "__"): value for name, value in fields.items()})
    person, generation = town.house.links.parts("manage", token)
    day = Occurrence("1", town.clock.at.date() + timedelta(days=20))
    for source in ("s1", "s2"):
        town.gatherer.has(source, news("fest", "Kreisfest", source=source, topic="events", occurrences=(day,)))
    town.clock.forward(minutes=15)
    town.run()
    with town.store.read() as session:
        (calendar,) = subscribers.endpoints_of(session, person)
    assert pages.get(town.house.links.calendar(calendar["id"], generation)).text.count("BEGIN:VEVENT") == 1


def test_no_town_sees_anything_of_anothers_people(pages) -> None:
    """Neither on its pages nor in what its editor is told: the canary is what only these people would bring there."""
    town = pages.town
    token = signed_up(pages)
    person, _ = town.house.links.parts("manage", token)
    tenders = {"tenders": "1", "tenders.push": "1", "tenders.words": CANARY}
    fields = (
        form(pages.get(f"/m/{token}/settings").text)
        | tenders
        | {f"p2.{name}": value for name, value in tenders.items()}
    )
    assert pages.post(f"/m/{token}/topics", fields).status_code == 303
    assert CANARY in pages.get(f"/m/{token}/settings").text
    stranger = type(pages)(town, pages.town_client())
    for slug in ("huertgenwald", OTHER, WORK[0]):
        first = stranger.get(f"/{slug}/")
        links = {f"/{slug}/", f"/{slug}/start", *re.findall(rf'href="(/{slug}/[^"?#]*)"', first.text)}
        assert len(links) > 5
        for link in sorted(links):
            answer = stranger.get(link)
            assert answer.status_code == 200, link
            assert CANARY not in answer.text
            assert "a@example.org" not in answer.text
            assert token not in answer.text
    add_source(town, "s2", url="https://example.org/other")
    set_contact(town.house, OTHER, "rathaus@example.org")
    editor = stranger.get(desk_link(town.house, OTHER))
    assert editor.status_code == 200
    assert CANARY not in editor.text
    assert "a@example.org" not in editor.text
    told = [
        str(message) for channel in town.channels.values() for one, message in channel.sent if "rathaus" in one.address
    ]
    assert CANARY not in "".join(told)
    with town.store.read() as session:
        assert guests.towns_of(session, [person]) == {person: {"huertgenwald", OTHER, WORK[0]}}


def test_what_is_muted_may_be_of_any_place(pages) -> None:
    token = signed_up(pages)
    page = pages.get(f"/m/{token}/settings").text
    assert f'value="place:{OTHER_PLACE}/zone:ost"' in page
    assert "Kreuzau, Bezirk Ost" in page
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/mutes", what=f"place:{OTHER_PLACE}", days="7")
    assert answer.status_code == 303
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/mutes", what="place:053620020020", days="7")
    assert answer.status_code == 400


@pytest.fixture
def located(pages):
    """Let it be known where the three municipalities lie: Kreuzau 9 km from Hürtgenwald, Nideggen 11."""
    spots = {PLACE: (6.37, 50.71), OTHER_PLACE: (6.49, 50.747), WORK[2]: (6.484, 50.632)}
    with pages.town.store.begin() as session:
        for path, (lon, lat) in spots.items():
            session.execute(update(place).where(place.c.path == path).values(lon=lon, lat=lat))
    return pages


def test_what_lies_around_is_told_across_the_border(located) -> None:
    town = located.town
    token = located.sign_up(roads="1", roads__push="1", council="1", council__push="1", km="10")
    found = chosen(located, token)
    assert found == {
        ("huertgenwald", "council", PLACE), ("huertgenwald", "roads", PLACE), (OTHER, "roads"), (WORK[0], "roads"),
    }  # fmt: skip
    person, _ = town.house.links.parts("manage", token)
    with town.store.begin() as session:
        subscribers.add_endpoint(
            session, "huertgenwald", person, channel="webpush", address="https://push.example/1", service="p", keys={},
            active=True, now=town.clock(),
        )  # fmt: skip
    add_source(town, "s2", topic="roads", url="https://example.org/roads")
    near, far = Geometry(points=((6.47, 50.74),)), Geometry(points=((6.56, 50.77),))
    town.poll("s2", news("a", "K 31 gesperrt", source="s2", topic="roads", geometry=near),
              news("b", "K 32 gesperrt", source="s2", topic="roads", geometry=far))  # fmt: skip
    ((_, message),) = town.push.sent
    (entry,) = message.entries
    assert (entry.notice.title, entry.town, entry.reason.km) == ("K 31 gesperrt", "Kreuzau", 7.8)


def test_the_distance_is_shown_kept_and_taken_back(located) -> None:
    token = located.sign_up(roads="1", roads__push="1", km="20")
    shown = form(located.get(f"/m/{token}/settings").text)
    assert shown["km"] == "20"
    before = chosen(located, token)
    assert len(before) == 3
    located.post(f"/m/{token}/topics", shown)
    assert chosen(located, token) == before
    located.post(f"/m/{token}/topics", shown | {"km": ""})
    assert chosen(located, token) == {("huertgenwald", "roads", PLACE)}
    assert form(located.get(f"/m/{token}/settings").text)["km"] == ""


def test_a_distance_that_is_not_offered_is_refused(located) -> None:
    answer = located.send("/huertgenwald/start", "/huertgenwald/subscribe", roads="1", roads__push="1", km="9999")
    assert answer.status_code == 400
    assert 'id="fault-km"' in answer.text


def test_where_nobody_knows_where_a_place_lies_no_distance_is_offered(pages) -> None:
    assert 'name="km"' not in pages.get("/huertgenwald/start").text
    answer = pages.send("/huertgenwald/start", "/huertgenwald/subscribe", roads="1", roads__push="1", km="10")
    assert answer.status_code == 400


def test_the_forecast_says_what_it_does_not_count(located) -> None:
    given = {"roads": "1", "roads__push": "1", "km": "10"}
    told = located.send("/huertgenwald/start", "/huertgenwald/forecast", **given).get_json()
    assert told["total"][-1] == "Was im Umkreis Ihrer Orte geschieht, ist hier nicht mitgezählt."


def test_the_inbox_holds_and_explains_what_the_other_town_says(pages) -> None:
    token = signed_up(pages)
    add_source(pages.town, "k1", topic="waste")
    add_source(pages.town, "w1", WORK[0], WORK[2], topic="warnings")
    pages.town.poll("k1", news("k", "Biotonnen kommen später", topic="waste", source="k1"))
    shown = unescape(pages.get(f"/m/{token}?lang=de").text)
    entry = shown.partition("Biotonnen kommen später")[2].partition("</li>")[0]
    assert "Kreuzau · " in entry
    assert f"/{OTHER}/quellen/k1" in entry
    found = re.search(r'href="(/m/[^"]+/n/[^"]+)"', shown)
    assert found is not None
    assert pages.get(found[1]).headers["Location"].startswith(f"/{OTHER}/")
    pages.town.clock.forward(days=3)
    assert f"/{WORK[0]}/quellen/w1" in pages.get(f"/m/{token}?lang=de").text  # a silent source of warnings is named


def test_the_sheet_of_the_year_is_offered_in_every_town(pages) -> None:
    """Also of two streets of one name, which are told apart by their towns."""
    with pages.town.store.begin() as session:
        for slug, path in (("huertgenwald", PLACE), (OTHER, OTHER_PLACE)):
            towns.add_places(session, slug, [(f"{path}/street:hauptstrasse", "street", "Hauptstraße")])
    wishes = [
        Wish(Criteria(("waste",), (f"{path}/street:hauptstrasse",)), (("ical", Action.CALENDAR, ""),), slug)
        for slug, path in (("huertgenwald", PLACE), (OTHER, OTHER_PLACE))
    ] + [Wish(Criteria(("waste",), (WORK[2],)), (("ical", Action.CALENDAR, ""),), WORK[0])]
    person = sign_up(pages.town.house, "huertgenwald", SignUp(tuple(wishes), {"ical": ("", {}, "")}))
    token = pages.town.house.links.token("manage", person, 1)
    shown = unescape(pages.get(f"/m/{token}/calendars?lang=de").text)
    found = re.findall(r'<a href="([^"]*/year[^"]*)">Die Abfuhrtermine des Jahres: ([^<]+)</a>', shown)
    assert sorted(name for _href, name in found) == [
        "Hauptstraße (Hürtgenwald)", "Hauptstraße (Kreuzau)", "Nideggen",
    ]  # fmt: skip
    assert sorted(href.partition("?")[0] for href, _name in found) == [
        "/huertgenwald/year", f"/{OTHER}/year", f"/{WORK[0]}/year",
    ]  # fmt: skip
    for href, name in found:
        answer = pages.get(href, follow_redirects=True)
        assert (answer.status_code, name.partition(" ")[0] in answer.text) == (200, True)
