"""What a device may keep for the time without a network, and for whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fakes.house import news

from hub.store import subscribers
from hub.web.kept import HEADER, KINDS


def kept(pages, path: str) -> tuple[str, str]:
    kind, _, owner = pages.get(path).headers.get(HEADER, "").partition(" ")
    return kind, owner


@pytest.fixture
def notice(pages) -> str:
    pages.town.source()
    pages.town.poll("s1", news("n", "Fest", expires=pages.town.clock() + timedelta(days=2)))
    return f"/huertgenwald/n/{news('n').id}"


def test_public_pages_are_kept_with_the_words_to_show_them_by(pages, notice) -> None:
    for path, kind in (("/huertgenwald/", "town"), (notice, "notice"), ("/huertgenwald/year", "dates")):
        assert kept(pages, path) == (kind, "-")
        text = pages.get(path).text
        assert '<template id="kept">' in text
        assert "{moment}" in text
        assert "{age}" in text
        assert '<template id="kept-since">' in text


def test_a_notice_says_when_it_is_over(pages, notice) -> None:
    assert '<template data-kept-until="2026-11-25T11:00:00+00:00">' in pages.get(notice).text


@pytest.mark.parametrize(
    "path", ["/", "/huertgenwald/start", "/huertgenwald/notices", "/nowhere/", "/datenschutz", "/offline"]
)
def test_other_pages_are_not_kept(pages, path) -> None:
    assert kept(pages, path) == ("", "")


def test_ones_own_page_is_kept_only_where_the_device_knows_its_person(pages) -> None:
    token = pages.sign_up()
    kind, owner = kept(pages, f"/m/{token}")
    assert kind == "home"
    assert kept(pages, f"/m/{token}/dates") == ("dates", owner)
    assert kept(pages, f"/m/{token}/settings") == ("", ""), "settings are of no use without a network"
    assert owner not in {"", "-"}
    assert token not in owner
    assert kept(pages, "/huertgenwald/") == ("town", owner), "that page leads to one's own"
    pages.client.delete_cookie("__Host-ortsruf", domain="ortsruf.example")
    assert kept(pages, f"/m/{token}") == kept(pages, f"/m/{token}/dates") == ("", "")
    other = pages.sign_up()
    assert kept(pages, f"/m/{token}") == ("", ""), "a device that knows another"
    assert kept(pages, f"/m/{other}")[1] != owner


def test_the_home_itself_is_kept_not_what_a_messages_link_makes_of_it(pages, notice) -> None:
    token = pages.sign_up()
    assert kept(pages, f"/m/{token}?lang=de")[0] == "home"
    for query in (f"?notice={news('n').id}", "?muted=topic", f"?lang=de&notice={news('n').id}"):
        assert kept(pages, f"/m/{token}{query}") == ("", ""), "one home is kept: this one would take its place"


def test_pages_that_are_refused_or_changed_are_not_kept(pages) -> None:
    token = pages.sign_up()
    answer = pages.send(f"/m/{token}/settings", f"/m/{token}/address", address="b@example")
    assert answer.status_code == 400
    assert HEADER not in answer.headers


def test_every_page_that_is_named_is_there(pages) -> None:
    assert set(KINDS) <= {rule.endpoint for rule in pages.client.application.url_map.iter_rules()}


def test_who_deletes_everything_clears_the_device(pages) -> None:
    token = pages.sign_up()
    answer = pages.send(f"/m/{token}/delete", f"/m/{token}/delete")
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert "data-forget" in answer.text


def test_an_app_that_looks_for_news_by_itself_is_no_sign_of_life(pages) -> None:
    token = pages.sign_up()
    pages.town.clock.forward(days=100)
    pages.get(f"/m/{token}", headers={"Ortsruf-Refresh": "push"})
    assert alive(pages) == pages.town.clock() - timedelta(days=100, seconds=0)
    pages.get(f"/m/{token}")
    assert alive(pages) == pages.town.clock()


def alive(pages):
    with pages.town.store.read() as session:
        return subscribers.get(session, 1)["alive_at"]


def test_the_privacy_page_counts_what_is_kept_as_the_worker_does(pages) -> None:
    script = pages.get("/sw.js").text
    most = sum(int(one) for one in re.findall(r"\w+: (\d+)", re.search(r"const MOST = {([^}]*)}", script)[1]))
    messages = re.search(r"MOST_MESSAGES = (\d+)", script)[1]
    assert f"höchstens {most} Seiten und {messages} Meldungen" in pages.get("/datenschutz").text
