"""Taking one's page over to another device by a code that is scanned or typed."""

from __future__ import annotations

import logging
import re

import pytest
from sqlalchemy import select

from hub.core import flood
from hub.core.message import Result
from hub.jobs import sweep
from hub.log import _masked
from hub.store import moves, subscribers
from hub.store.schema import move
from tests.hub.web.test_device import browser


def code_of(pages, token: str) -> str:
    """Have a code made; returns it as the page shows it."""
    shown = pages.send(f"/m/{token}/move", f"/m/{token}/move").text
    found = re.search(
        r"\b([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})\b", re.sub(r"<svg.*?</svg>", "", shown, flags=re.DOTALL)
    )
    assert found
    return found[1]


def resident(pages, *names: str) -> str:
    """Sign somebody up with push on these devices, each proven by its test message."""
    token = pages.sign_up()
    for name in names:
        assert pages.post(f"/m/{token}/device", json={"subscription": browser(name)}).status_code == 201
    pages.town.engine.run_all()
    return token


def devices(pages, token: str) -> list[str]:
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        return [one["address"].rpartition("/")[2] for one in moves.devices(session, person) if one["state"] == "active"]


def number(pages, token: str, name: str) -> str:
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        return str(next(one["id"] for one in moves.devices(session, person) if one["address"].endswith(f"/{name}")))


def new_phone(pages):
    """Go on with a browser that knows nothing yet."""
    pages.client = pages.town_client()
    return pages


def test_a_typed_code_shows_what_will_happen_and_takes_over_by_a_button(pages) -> None:
    token = resident(pages, "old")
    code = code_of(pages, token)
    new_phone(pages)
    for typed in (code.lower(), code.replace("-", " ")):
        shown = pages.send("/move", "/move", code=typed)
        assert shown.status_code == 200
        assert "Auf dieses Gerät übernehmen?" in shown.text
        assert "Neues" in shown.text
        assert token not in shown.text, "nobody gets the link by looking"
    answer = pages.send(f"/move/{code}", "/move/take", code=code)
    assert answer.status_code == 303
    assert answer.location == f"/m/{token}/moved"
    assert any(one.startswith("__Host-ortsruf=") for one in answer.headers.getlist("Set-Cookie"))
    assert "data-push" in pages.get(f"/m/{token}/moved").text
    assert f"/m/{token}" in pages.get("/huertgenwald/").text, "this device knows its person"


def test_both_devices_are_led_to_ones_own_page(pages) -> None:
    token = resident(pages, "old")
    shown = pages.send(f"/m/{token}/move", f"/m/{token}/move").text
    code = re.search(r'href="([^"]+)"[^>]*>[^<]*<[^>]*>Fertig, zurück zu meiner Seite', shown)
    assert code
    assert code[1] == f"/m/{token}"
    typed = code_of(pages, token)
    new_phone(pages)
    arrived = pages.get(pages.send(f"/move/{typed}", "/move/take", code=typed).location).text
    opens = re.search(r'href="([^"]+)"[^>]*>[^<]*<[^>]*>Meine Seite öffnen', arrived)
    assert opens
    assert opens[1] == f"/m/{token}"
    assert "Mein Ortsruf" in pages.get(opens[1]).text


def test_a_code_is_scanned_as_an_address_in_a_picture_of_the_page_itself(pages) -> None:
    token = resident(pages)
    page = pages.send(f"/m/{token}/move", f"/m/{token}/move").text
    svg = re.search(r"<svg role=\"img\".*?</svg>", page, re.DOTALL)
    assert svg
    assert "<title>QR-Code" in svg[0]
    assert "style=" not in svg[0]
    assert "http" not in svg[0].replace("http://www.w3.org/2000/svg", "")


def test_the_old_device_ends_only_once_the_new_one_gets_messages(pages) -> None:
    token = resident(pages, "old", "tablet")
    code = code_of(pages, token)
    ends = {f"end_{number(pages, token, 'old')}": "1"}
    new_phone(pages)
    assert pages.send(f"/move/{code}", "/move/take", code=code, **ends).status_code == 303
    assert devices(pages, token) == ["old", "tablet"], "until then nothing is lost"
    assert "das alte Gerät" in pages.get(f"/m/{token}/moved").text
    assert pages.post(f"/m/{token}/device", json={"subscription": browser("new")}).status_code == 201
    assert devices(pages, token) == ["old", "tablet"]
    pages.town.engine.run_all()
    assert devices(pages, token) == ["tablet", "new"]


def test_a_device_that_got_messages_before_the_move_ends_the_old_one_as_soon_as_it_shows_itself(pages) -> None:
    """Its browser asks how it fares from the page that the move leads to, and there is nothing to turn on."""
    token = resident(pages, "old", "phone", "tablet")
    code = code_of(pages, token)
    ends = {f"end_{number(pages, token, 'old')}": "1"}
    new_phone(pages)
    arrived = pages.send(f"/move/{code}", "/move/take", code=code, **ends).location
    look = {"look": browser("phone")["endpoint"]}
    assert pages.post(f"/m/{token}/device", json=look).get_json() == {"state": "active"}
    assert devices(pages, token) == ["old", "phone", "tablet"], "a look from elsewhere ends nothing"
    address = re.search(r'data-push-url="([^"]+)"', pages.get(arrived).text)
    assert address
    unknown = {"look": browser("new")["endpoint"]}
    assert pages.post(address[1], json=unknown).get_json() == {"state": "gone"}
    assert devices(pages, token) == ["old", "phone", "tablet"]
    assert pages.post(address[1], json=look).get_json() == {"state": "active"}
    assert devices(pages, token) == ["phone", "tablet"]


def test_a_new_device_whose_test_fails_ends_nothing(pages) -> None:
    token = resident(pages, "old")
    code = code_of(pages, token)
    ends = {f"end_{number(pages, token, 'old')}": "1"}
    pages.send(f"/move/{code}", "/move/take", code=code, **ends)
    pages.post(f"/m/{token}/device", json={"subscription": browser("new")})
    pages.town.push.answers(number(pages, token, "new"), Result.GONE)
    pages.town.engine.run_all()
    assert devices(pages, token) == ["old"]


def test_without_a_choice_both_get_messages(pages) -> None:
    token = resident(pages, "old")
    code = code_of(pages, token)
    pages.send(f"/move/{code}", "/move/take", code=code)
    pages.post(f"/m/{token}/device", json={"subscription": browser("new")})
    pages.town.engine.run_all()
    assert devices(pages, token) == ["old", "new"]


def test_somebody_elses_device_cannot_be_ended_by_a_code(pages) -> None:
    other, token = resident(pages, "others"), resident(pages, "old")
    code = code_of(pages, token)
    pages.send(f"/move/{code}", "/move/take", code=code, **{f"end_{number(pages, other, 'others')}": "1"})
    pages.post(f"/m/{token}/device", json={"subscription": browser("new")})
    pages.town.engine.run_all()
    assert devices(pages, other) == ["others"]


def test_opening_uses_nothing_up_and_taking_does_once(pages) -> None:
    token = resident(pages)
    code = code_of(pages, token)
    for _ in range(3):  # a messenger's preview opens the link
        assert pages.get(f"/move/{code}").status_code == 200
    assert pages.send(f"/move/{code}", "/move/take", code=code).status_code == 303
    assert pages.send("/move", "/move/take", code=code).status_code == 410
    assert pages.get(f"/move/{code}").status_code == 410
    assert pages.send("/move", "/move", code=code).status_code == 400


@pytest.mark.parametrize("how", ["ten minutes", "a newer one", "taken back"])
def test_a_code_ends(pages, how) -> None:
    token = resident(pages)
    code = code_of(pages, token)
    if how == "ten minutes":
        pages.town.clock.forward(minutes=10)
        sweep.retain(pages.town.house)
    elif how == "a newer one":
        code_of(pages, token)
    else:
        pages.send(f"/m/{token}/move", f"/m/{token}/move/end")
    assert pages.get(f"/move/{code}").status_code == 410
    answer = pages.send("/move", "/move", code=code)
    assert answer.status_code == 400
    assert f'value="{code}"' in answer.text, "what was typed comes back"
    assert 'id="fault-code"' in answer.text


def test_codes_cannot_be_tried_without_end(pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(flood._MOST, "code", (3, 1_000))
    assert [pages.get("/move/2222-2222").status_code for _ in range(4)] == [410, 410, 410, 429]
    assert pages.send("/move", "/move", code="2222-2222").status_code == 429


def test_the_code_stands_in_no_table_no_log_no_cache_and_no_referrer(pages, caplog: pytest.LogCaptureFixture) -> None:
    token = resident(pages)
    with caplog.at_level(logging.DEBUG):
        code = code_of(pages, token)
        answer = pages.get(f"/move/{code}")
    assert code.replace("-", "") not in caplog.text.replace("-", "")
    assert (
        code not in _masked(None, "", {"url": f"https://ortsruf.example/move/{code}", "path": f"/move/{code}"}).values()
    )
    assert "/move/…" in _masked(None, "", {"path": f"/move/{code}"})["path"]
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    with pages.town.store.read() as session:
        rows = session.execute(select(move)).all()
    assert code.replace("-", "") not in repr(rows)


def test_a_person_who_is_gone_cannot_be_taken_over(pages) -> None:
    token = resident(pages)
    code = code_of(pages, token)
    pages.send(f"/m/{token}/delete", f"/m/{token}/delete")
    assert pages.get(f"/move/{code}").status_code == 410
    person, _generation = pages.town.house.links.parts("manage", token)
    with pages.town.store.read() as session:
        assert subscribers.get(session, person) is None
