"""Where the links to other languages lead from a page that answers a form: to a page, about the same thing."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fakes.house import news

from hub.web.language import LANGUAGES
from tests.hub.web.test_addresses import resident
from tests.hub.web.test_farewell import link, seal
from tests.hub.web.test_move import code_of


def followed(pages, answer) -> set[str]:
    """Follow each link to a language as a new visit; every one must lead to a page in it. Returns where they lead."""
    offered = re.findall(r'href="([^"]+)" lang="([\w-]+)" hreflang="\2"', answer.text)
    assert {code for _href, code in offered} >= {"de", "en"}
    found = set()
    for href, code in offered:
        shown = pages.get(unescape(href), follow_redirects=True)
        assert shown.status_code in {200, 410}, href  # 410: a page that says that a link is over
        assert f'<html lang="{code}"' in shown.text, href
        found.add(unescape(href).partition("?")[0])
    return found


def test_every_form_that_is_refused_leads_to_a_page_in_every_language(pages) -> None:
    """Each form without its token: what a page that was open for too long gets."""
    pages.town.source()
    pages.town.poll("s1", news("n", "Fest"))
    token, way = resident(pages)
    pages.sign_up(news="1", news__mail="now", email="pending@example.org")
    confirm = pages.town.house.links.confirm(way + 1, pages.town.clock())
    tokens = {"/u/": link(pages, way).removeprefix("/u/"), "/c/": confirm.rpartition("/")[2]}
    known = {
        "slug": "huertgenwald", "endpoint_id": way, "subscription_id": 1, "notice_id": news("n").id, "source_id": "s1",
    }  # fmt: skip
    app, refused = pages.client.application, set()
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        named = known | {"token": tokens.get(rule.rule[:3], token)}
        values = {name: named.get(name, 1) for name in rule.arguments}
        answer = pages.post(app.url_map.bind("").build(rule.endpoint, values))
        if answer.mimetype == "text/html" and answer.status_code == 400:
            followed(pages, answer)
            refused.add(rule.endpoint)
    assert len(refused) > 40


def undone(pages) -> tuple[str, object]:
    _token, way = resident(pages)
    sealed = seal(pages.post(link(pages, way)).text)
    return link(pages, way), pages.post(f"{link(pages, way)}/undo", {"seal": sealed})


def not_undone(pages) -> tuple[str, object]:
    _token, way = resident(pages)
    return link(pages, way), pages.post(f"{link(pages, way)}/undo", {"seal": "forged"})


def ended(pages) -> tuple[str, object]:
    _token, way = resident(pages)
    return link(pages, way), pages.post(link(pages, way))


def code_shown(pages) -> tuple[str, object]:
    token, _way = resident(pages)
    return f"/m/{token}/move", pages.send(f"/m/{token}/move", f"/m/{token}/move")


def code_typed(pages) -> tuple[str, object]:
    token, _way = resident(pages)
    return "/move", pages.send("/move", "/move", code=code_of(pages, token))


def code_dead(pages) -> tuple[str, object]:
    token, _way = resident(pages)
    code = code_of(pages, token)
    pages.send(f"/move/{code}", "/move/take", code=code)
    return "/move", pages.send("/move", "/move/take", code=code)


def address_refused(pages) -> tuple[str, object]:
    token, way = resident(pages)
    page = f"/m/{token}/addresses"
    return page, pages.send(page, f"{page}/{way}/change", **{f"address_{way}": "kein"})


def topics_refused(pages) -> tuple[str, object]:
    token, _way = resident(pages)
    return f"/m/{token}/settings", pages.send(f"/m/{token}/settings", f"/m/{token}/topics", news="1")


def link_refused(pages) -> tuple[str, object]:
    return "/huertgenwald/link", pages.send("/huertgenwald/link", "/huertgenwald/link", email="kein")


def sign_up_refused(pages) -> tuple[str, object]:
    return "/huertgenwald/start", pages.send("/huertgenwald/start", "/huertgenwald/subscribe", news="1")


def app_refused(pages) -> tuple[str, object]:
    return "/app", pages.send("/app?town=huertgenwald", "/app?town=huertgenwald", link="kein")


def gone(pages) -> tuple[str, object]:
    token, _way = resident(pages)
    return "/", pages.send(f"/m/{token}/delete", f"/m/{token}/delete")


@pytest.mark.parametrize(
    "happens",
    [
        undone, not_undone, ended, code_shown, code_typed, code_dead, address_refused, topics_refused, link_refused,
        sign_up_refused, app_refused, gone,
    ],
)  # fmt: skip
def test_the_answer_to_a_form_leads_to_where_the_form_stands(pages, happens) -> None:
    where, answer = happens(pages)
    assert answer.mimetype == "text/html"
    assert len(re.findall(r'hreflang="', answer.text)) == len(LANGUAGES), answer.status_code
    assert followed(pages, answer) == {where}
