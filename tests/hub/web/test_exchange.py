"""The page on which two operators find what they compare."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.federation import Peer
from fakes.people import COUNTY, account, session_of

from hub.jobs.seal import fingerprint, rotate
from hub.web.access import COOKIE

PAGE = "/verwaltung/kreuzau/austausch/"


@pytest.fixture
def pair(peers) -> tuple[Peer, Peer]:
    here, there = peers("huertgenwald", "kreuzau")
    there.reads(here, relay="yes")
    return here, there


def page(peer: Peer, path: str = PAGE) -> str:
    client = peer.app.test_client()
    made = account(peer.town, "anna@example.org", COUNTY)
    client.set_cookie(f"__Host-{COOKIE}", session_of(peer.town, made), domain=peer.host, secure=True)
    answer = client.get(f"{path}?lang=de", base_url=f"https://{peer.host}")
    assert answer.status_code == 200
    return answer.text


def test_both_operators_see_the_same_fingerprint(pair) -> None:
    here, there = pair
    ours, theirs = (fingerprint(one.seal.keys[0].public) for one in (there, here))
    text = page(there)
    assert ours in text
    assert theirs in text
    assert there.feed in text
    assert "wird weitergegeben" in text
    assert theirs in page(here, "/verwaltung/huertgenwald/austausch/")


def test_a_refused_neighbour_is_named(pair, net) -> None:
    _, there = pair
    net.spoil = lambda answer: replace(answer, body=answer.body + b" ")
    there.poll()
    assert "Lässt sich gerade nicht lesen" in page(there)


def test_while_a_key_follows_another_both_are_shown(pair) -> None:
    here, _ = pair
    before = fingerprint(here.seal.keys[0].public)
    rotate(here.town.store, here.town.clock())
    text = page(here, "/verwaltung/huertgenwald/austausch/")
    assert before in text
    assert "Früherer Fingerabdruck" in text


def test_it_is_found_where_sources_are_added(pair) -> None:
    _, there = pair
    assert "/verwaltung/kreuzau/austausch/" in page(there, "/verwaltung/kreuzau/quellen/neu")
