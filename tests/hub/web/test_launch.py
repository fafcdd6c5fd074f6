"""Where the installed app opens, and how a new one learns whose it is."""

from __future__ import annotations

import pytest


def test_an_app_that_knows_its_person_opens_their_page(pages) -> None:
    token = pages.sign_up()
    answer = pages.get("/app?town=huertgenwald")
    assert (answer.status_code, answer.location) == (303, f"/m/{token}")


@pytest.mark.parametrize("query", ["", "?town=huertgenwald"])
def test_an_app_that_knows_nobody_shows_both_ways(pages, query) -> None:
    page = pages.get(f"/app{query}")
    assert page.status_code == 200
    assert "Diese App kennt Sie noch nicht." in page.text
    assert f'href="{"/huertgenwald/start" if query else "/"}"' in page.text
    assert pages.get("/app?town=nowhere").status_code == 404


@pytest.mark.parametrize(
    "form", ["{0}", "https://ortsruf.example/m/{0}", " https://ortsruf.example/m/{0}/welcome?lang=en#x "]
)
def test_a_pasted_link_lets_the_app_know_its_person(pages, form) -> None:
    token = pages.sign_up()
    pages.client.delete_cookie("__Host-ortsruf", domain="ortsruf.example")
    answer = pages.send("/app?town=huertgenwald", "/app?town=huertgenwald", link=form.format(token))
    assert (answer.status_code, answer.location) == (303, f"/m/{token}")
    assert pages.get("/app").location == f"/m/{token}"


@pytest.mark.parametrize("typed", ["", "nobody", "https://example.org/", "https://ortsruf.example/m/nobody", 'x"><b>'])
def test_a_link_that_is_none_comes_back_with_the_reason(pages, typed) -> None:
    answer = pages.send("/app?town=huertgenwald", "/app?town=huertgenwald", link=typed)
    assert answer.status_code == 400
    assert "Das ist kein Link zu Ihrer eigenen Seite" in answer.text
    assert "<b>" not in answer.text
    assert "Set-Cookie" not in {name for name, value in answer.headers if "ortsruf=" in value}


def test_a_device_that_turns_notifications_on_is_remembered(pages) -> None:
    from tests.hub.web.test_device import browser

    token = pages.sign_up()
    pages.client.delete_cookie("__Host-ortsruf", domain="ortsruf.example")
    assert pages.get("/app").status_code == 200
    pages.post(f"/m/{token}/device", json={"subscription": browser()})
    assert pages.get("/app").location == f"/m/{token}"
