"""What everybody and machines may see of how Ortsruf is: the status page, /readyz and /metrics."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from fakes.house import news
from pydantic import SecretStr
from sqlalchemy import insert

from hub.core.desk import CANARY
from hub.jobs import canary, watch
from hub.settings import Settings
from hub.store import canaries, tally
from hub.store.schema import budget, heartbeat


def address(channel: str, _person: int) -> tuple[str, dict[str, str]]:
    return f"{channel}@canary.example", {}


def fly(pages, how: str = "public", fault: str = "") -> None:
    """Let the canaries set out, and the two that are sent be delivered."""
    canary.send_canaries(pages.town.house, timedelta(hours=1), address, lambda _url: (how, fault))
    pages.town.engine.run_all()


def arrive(pages, how: str) -> None:
    with pages.town.store.read() as session:
        rows = canaries.listed(session, "huertgenwald")
    for row in rows:
        canary.arrived(pages.town.house, row["endpoint_id"], how)


def test_before_anything_was_tested_the_page_says_so(pages) -> None:
    page = pages.get("/huertgenwald/status?lang=de").text
    assert "Funktioniert alles?" in page
    assert page.count("Noch nicht geprüft") == 3
    assert "hat noch nicht begonnen" in page


def test_each_way_says_when_and_how_it_was_proven(pages) -> None:
    fly(pages)
    arrive(pages, "loopback")
    watch.watch(pages.town.house)
    pages.town.clock.forward(minutes=12)
    page = pages.get("/huertgenwald/status?lang=de").text
    assert page.count("vor 12 Minuten") == 3
    assert "hat niemand nach verlorenen Meldungen gesehen" in page
    watch.watch(pages.town.house)
    assert "Meldungen gesehen: gerade eben" in pages.get("/huertgenwald/status?lang=de").text
    assert page.count("In Ordnung") == 3
    assert "innerhalb dieses Rechners" in page
    assert "Kalender abgerufen" in page
    english = pages.get("/huertgenwald/status?lang=en").text
    assert english.count("12 minutes ago") == 3


def test_a_way_whose_test_does_not_arrive_is_out_of_order(pages) -> None:
    fly(pages, how="", fault="our own calendar answers 500")
    pages.town.clock.forward(minutes=6)
    page = pages.get("/huertgenwald/status?lang=en").text
    assert page.count("Out of order") == 3
    assert "500" not in page  # why is for the operator


def test_the_months_goal_is_shown_but_no_count_of_few_people(pages) -> None:
    day = pages.town.clock().date().isoformat()
    with pages.town.store.begin() as session:
        rows = [("webpush", 9_990, 9, 1), ("mail", 3, 0, 1)]
        session.execute(
            insert(budget).values([
                {"municipality_id": "huertgenwald", "day": day, "channel": name, "kept": kept, "late": late, "lost": lost}
                for name, kept, late, lost in rows
            ])
        )  # fmt: skip
    page = pages.get("/huertgenwald/status?lang=de").text
    assert "99,9\u00a0%" in page
    assert "Unser Ziel" in page
    assert page.count("zu wenige") == 2  # four mails, no calendar
    assert "75 %" not in page


def test_sources_stand_there_with_their_ages(pages) -> None:
    pages.town.source()
    pages.town.poll("s1", news())
    pages.town.clock.forward(minutes=4)
    page = pages.get("/huertgenwald/status?lang=de").text
    assert page.count("vor 4 Minuten") == 2
    assert "/huertgenwald/quellen/s1" in page


def test_every_page_of_a_town_leads_there_and_a_strange_town_has_none(pages) -> None:
    assert 'href="/huertgenwald/status"' in pages.get("/huertgenwald/").text
    assert pages.get("/elsewhere/status").status_code == 404


def test_nobody_sees_a_canary(pages) -> None:
    """Not on the town's page, by its own address, in the list of topics, a calendar or a person's page."""
    pages.town.source()
    pages.town.person()
    pages.town.push.forget()
    fly(pages)
    with pages.town.store.read() as session:
        (row, *_) = canaries.listed(session, "huertgenwald")
    seen = [recipient.address for recipient, _ in pages.town.push.sent]
    assert seen == ["webpush@canary.example"]
    assert pages.get(f"/huertgenwald/n/{row['notice_id']}").status_code == 404
    for path in (
        "/huertgenwald/",
        "/",
        "/huertgenwald/calendar/waste.ics",
        "/huertgenwald/quellen",
        "/huertgenwald/status",
    ):
        assert "Canary" not in pages.get(path).text
    assert pages.get(f"/huertgenwald/calendar/{CANARY}.ics").status_code == 404
    token = pages.sign_up()
    assert "anary" not in pages.get(f"/m/{token}/settings").text
    watch.watch(pages.town.house, at_once=True)
    with pages.town.store.read() as session:  # and it counts in no figure of people
        assert tally.spent(session, "huertgenwald", "2026-01-01") == {}
        assert [one["name"] for one in tally.totals(session)] == []


def test_a_dead_worker_fails_readyz_within_two_minutes(pages) -> None:
    now = pages.town.clock()
    beat = {"started_at": now, "at": now, "detail": ""}
    with pages.town.store.begin() as session:
        session.execute(insert(heartbeat).values(name="host-1", role="work", **beat))
        session.execute(
            insert(heartbeat).values(name="host-2", role="serve", **{**beat, "at": now + timedelta(minutes=2)})
        )
    assert pages.get("/readyz").status_code == 200
    pages.town.clock.forward(seconds=110)
    answer = pages.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["faults"] == ["The process host-1 (work) has given no sign of life since 2026-11-23 11:00:00Z."]


def test_a_scheduler_that_stands_still_fails_readyz_within_two_minutes(pages) -> None:
    watch.watch(pages.town.house)
    pages.town.clock.forward(seconds=91)
    answer = pages.get("/readyz")
    assert answer.status_code == 503
    assert "The scheduler has not ticked" in answer.json["faults"][0]
    watch.watch(pages.town.house)
    assert pages.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("base", "token", "given", "remote", "status"),
    [
        ("http://127.0.0.1:8080", "", "", "127.0.0.1", 200),
        ("http://127.0.0.1:8080", "", "", "192.0.2.7", 404),
        ("https://ortsruf.example", "", "", "127.0.0.1", 404),  # a proxy may ask for anybody
        ("https://ortsruf.example", "secret", "Bearer secret", "192.0.2.7", 200),
        ("https://ortsruf.example", "secret", "Bearer wrong", "127.0.0.1", 404),
        ("http://127.0.0.1:8080", "secret", "", "127.0.0.1", 404),
    ],
)
def test_metrics_are_for_whom_the_operator_allows(pages, base, token, given, remote, status) -> None:
    from dataclasses import replace

    desk = pages.client.application.extensions["ortsruf"]
    desk.settings = Settings(base_url=base, metrics_token=SecretStr(token))
    desk.house = replace(desk.house, links=SimpleNamespace(base_url=base, key="key"))
    headers = {"Authorization": given} if given else {}
    answer = pages.client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": remote})
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ortsruf_ledger_missing 0.0" in answer.text
