"""What a device keeps for the time without a network, in the service worker with a fake browser around it."""

from __future__ import annotations

import json

import pytest

from tests.push.webpush.test_worker import run

STORE = "ortsruf-kept-1"
ANNA, BERND = "aaaa", "bbbb"
ORIGIN = "https://town.example"


def page(title: str, body: str = "") -> str:
    return (
        f'<html lang="de"><h1>{title}</h1><template id="kept">Stand {{moment}} ({{age}})</template>'
        f'<template id="kept-since"><h2>Seitdem</h2><ul></ul></template>{body}</html>'
    )


def visit(path: str, keep: str = "", html: str = "", *, minutes: int = 0, status: int = 200, **more: object):
    answer = {"html": html or page(path), "keep": keep, "status": status}
    return {"event": "fetch", "url": path, "minutes": minutes, "answers": {path.partition("?")[0]: answer, **more}}


def offline(path: str, minutes: int = 0):
    return {"event": "fetch", "url": path, "minutes": minutes, "answers": {}}


def push(minutes: int = 0, **notification: object):
    return {
        "event": "push",
        "minutes": minutes,
        "text": json.dumps({"notification": {"title": "Neues", **notification}}),
    }


def kept(seen) -> list[str]:
    return [url.removeprefix(ORIGIN) for url in seen["stores"].get(STORE, []) if not url.endswith("/.kept/state")]


def test_a_kept_page_says_how_old_it_is() -> None:
    seen = run(visit("/town/", "town -"), offline("/town/", 185), offline("/town/", 2 * 1440))
    first, second = seen["pages"][1:]
    assert "<html data-kept" in first
    assert "(vor 3 Stunden)" in first
    assert "(vor 2 Tagen)" in second
    assert "Donnerstag, 26. November" in second, "of another day the day is said"
    assert "<template" not in first, "the words are shown, an empty list is not"
    assert "Seitdem" not in first


def test_with_a_network_a_page_is_the_servers() -> None:
    seen = run(visit("/town/", "town -", page("alt")), visit("/town/", "town -", page("neu")), offline("/town/"))
    assert "<template" in seen["pages"][1]
    assert "neu" in seen["pages"][2]
    assert "alt" not in seen["pages"][2]


def test_what_the_server_does_not_name_is_not_kept() -> None:
    seen = run({"event": "install"}, visit("/m/x", "", page("geheim")), visit("/town/list", "other -"), offline("/m/x"))
    assert kept(seen) == []
    assert seen["pages"][2] == "shell /offline"


def test_a_server_that_fails_does_not_hide_what_is_kept() -> None:
    seen = run(
        visit("/town/", "town -"),
        visit("/town/", status=503, html="Fehler"),
        visit("/other/", status=503, html="Fehler"),
    )
    assert "data-kept" in seen["pages"][1]
    assert seen["pages"][2] == "Fehler"


def test_a_page_that_is_gone_is_forgotten() -> None:
    seen = run(visit("/town/n/1", "notice -"), visit("/town/n/1", status=404))
    assert kept(seen) == []


def test_only_so_many_pages_and_none_too_large_are_kept() -> None:
    visits = [visit(f"/town/n/{number}", "notice -", minutes=1) for number in range(30)]
    seen = run(*visits, visit("/town/n/large", "notice -", page("x", "ü" * 100_001)))
    assert sorted(kept(seen)) == sorted(f"/town/n/{number}" for number in range(10, 30))


def test_the_language_and_the_place_on_a_page_make_no_other_page() -> None:
    seen = run(
        visit("/town/?lang=de", "town -"), offline("/town/#latest"), visit("/m/x", f"home {ANNA}"), offline("/m/x/")
    )
    assert "data-kept" in seen["pages"][1]
    assert "data-kept" in seen["pages"][3]


HOME, TOWN = visit("/m/anna", f"home {ANNA}"), visit("/town/", f"town {ANNA}")


def test_another_link_forgets_what_the_first_one_left() -> None:
    seen = run(HOME, TOWN, visit("/m/bernd", f"home {BERND}"), offline("/m/anna"))
    assert kept(seen) == ["/m/bernd"]
    assert run(HOME, TOWN, visit("/town/", "town -"), offline("/m/anna"))["pages"][3], "a page of nobody ends nothing"


def test_one_persons_page_is_never_shown_at_anothers_link() -> None:
    seen = run({"event": "install"}, HOME, offline("/m/bernd"))
    assert seen["pages"][1] == "shell /offline"


@pytest.mark.parametrize("path", ["/m/anna", "/m/anna?notice=1", "/m/anna?lang=de&muted=1"])
@pytest.mark.parametrize("status", [404, 410])
def test_a_link_that_no_longer_works_forgets_everything(status, path) -> None:
    seen = run(HOME, TOWN, push(), visit(path, status=status))
    assert seen["stores"].get(STORE) is None
    assert seen["badge"][-1] == 0


def test_who_deletes_everything_leaves_nothing() -> None:
    seen = run(HOME, TOWN, push(), {"event": "message", "data": {"forget": True}})
    assert seen["stores"].get(STORE) is None


def test_a_way_to_a_notice_ends_at_the_page_of_it_that_is_kept() -> None:
    """One's own pages lead to notices by way of the server, which notes that they were read."""
    seen = run({"event": "install"}, HOME, visit("/town/n/1", f"notice {ANNA}", page("Sturm")), offline("/m/anna/n/1"))
    assert "Sturm" in seen["pages"][2]
    assert "data-kept" in seen["pages"][2]
    assert run({"event": "install"}, HOME, offline("/m/anna/n/2"))["pages"][1] == "shell /offline"


def test_without_a_network_an_installed_app_opens_the_home_that_is_kept() -> None:
    """Also by a message's link, which names the message that the page explains."""
    for path in ("/app?town=town", "/m/anna?notice=1", "/m/anna?muted=1"):
        shown = run({"event": "install"}, visit("/m/anna", f"home {ANNA}", page("Meine Seite")), offline(path))
        assert "Meine Seite" in shown["pages"][1], path
        assert "data-kept" in shown["pages"][1]
        assert run({"event": "install"}, offline(path))["pages"] == ["shell /offline"], "nothing is kept"
    seen = run({"event": "install"}, HOME, offline("/m/anna/settings"), offline("/m/bernd?notice=1"))
    assert seen["pages"][1:] == ["shell /offline", "shell /offline"]


def test_a_page_of_ones_own_that_is_gone_forgets_everything_too() -> None:
    dates = visit("/m/anna/dates", f"dates {ANNA}")
    assert run(HOME, TOWN, dates, visit("/m/anna/dates", status=404))["stores"].get(STORE) is None


def test_messages_that_came_since_are_shown_with_a_kept_page() -> None:
    came = push(30, title="<b>Entwarnung</b>", body="Der Sturm ist vorbei.", tag="t", navigate=f"{ORIGIN}/town/n/1")
    seen = run(push(), TOWN, came, offline("/town/", 90))
    shown = seen["pages"][1]
    assert "Seitdem" in shown
    assert "&#60;b&#62;Entwarnung" in shown
    assert "vor 1 Stunde" in shown
    assert "Neues" not in shown, "what came before the page was seen is in the page"


def test_a_notices_page_shows_only_what_came_about_it() -> None:
    one = visit("/town/n/1", "notice -")
    about = push(1, title="Aufgehoben", tag="a", navigate=f"{ORIGIN}/town/n/1")
    other = push(1, title="Etwas anderes", tag="b", navigate=f"{ORIGIN}/town/n/2")
    shown = run(one, about, other, offline("/town/n/1"))["pages"][1]
    assert "Aufgehoben" in shown
    assert "Etwas anderes" not in shown


def test_a_message_that_no_longer_holds_is_not_shown_and_a_newer_one_replaces_it() -> None:
    over = push(1, title="Sturm", tag="a", data={"until": "2026-11-26T13:00:00Z"})
    first, second = push(1, title="Erst", tag="b"), push(1, title="Dann", tag="b")
    shown = run(TOWN, over, first, second, offline("/town/", 120))["pages"][1]
    assert "Dann" in shown
    assert "Sturm" not in shown
    assert "Erst" not in shown


def test_a_notice_that_ended_meanwhile_says_so() -> None:
    ends = '<template data-kept-until="2026-11-26T13:00:00Z">Vorbei</template>'
    seen = run(visit("/town/n/1", "notice -", page("Sturm", ends)), offline("/town/n/1", 30), offline("/town/n/1", 40))
    assert "Vorbei" not in seen["pages"][1]
    assert "Vorbei" in seen["pages"][2]


def test_the_page_that_stands_in_lists_what_there_is() -> None:
    shell = '<html lang="de"><template id="kept-list"><ul></ul></template><template id="kept-since"><ul></ul></template></html>'
    seen = run(
        visit("/town/", "town -", page("Hürtgenwald &amp; Düren")), push(1, title="Sturm", tag="a"),
        {"event": "fetch", "url": "/offline", "mode": "cors", "answers": {"/offline": {"html": shell}}},
        offline("/nowhere/", 10),
    )  # fmt: skip
    shown = seen["pages"][2]
    assert f'<a href="{ORIGIN}/town/">Hürtgenwald &#38; Düren</a>' in shown
    assert "Sturm" in shown
    assert "vor 11 Minuten" in shown


def test_ones_own_page_says_how_much_is_unread() -> None:
    glance = {"/m/anna/glance": {"json": {"unread": 4, "checked_at": "2026-11-26T12:00:00Z"}}}
    home = {**HOME, "answers": {**HOME["answers"], **glance}}
    assert run(home, push(tag="a"))["badge"] == [4, 5]
    assert run(push(tag="a"), HOME)["badge"] == [1], "without a network the count stays"
    assert run(push(tag="a"), TOWN)["badge"] == [1, 0], "who has no page of their own has read what is open"


@pytest.mark.parametrize(
    ("minutes", "severity", "loads"), [(61, "", True), (59, "", False), (61, "severe", False), (61, "extreme", False)]
)
def test_a_push_renews_an_old_page_of_ones_own(minutes, severity, loads) -> None:
    seen = run(HOME, push(minutes, tag="a", data={"severity": severity}))
    assert ({"url": f"{ORIGIN}/m/anna", "Ortsruf-Refresh": "push"} in seen["fetched"]) is loads


def test_parts_of_pages_are_there_without_a_network() -> None:
    def part(answers):
        return {"event": "fetch", "url": "/theme/1d4f91.css", "mode": "cors", "answers": answers}

    seen = run(part({"/theme/1d4f91.css": {"html": "colours"}}), part({}))
    assert seen["pages"] == ["colours", "colours"]


@pytest.mark.parametrize("other", [{"method": "POST"}, {"url": "https://elsewhere.example/"}, {"mode": "cors"}])
def test_what_is_sent_or_not_ours_goes_its_own_way(other) -> None:
    assert run({"event": "fetch", "url": "/town/", "answers": {}, **other})["pages"] == [None]
