"""Two towns exchange public notices: each once, with corrections and withdrawals, nothing back, nothing forged (I21)."""

from __future__ import annotations

import pytest
from fakes.federation import PLACES, Peer, flip, unsigned
from fakes.house import news

from hub.core.notice import Status
from hub.core.subscription import Criteria


@pytest.fixture
def pair(peers) -> tuple[Peer, Peer]:
    """A village with a source of its own, and a neighbour that reads its feed."""
    here, there = peers("huertgenwald", "kreuzau")
    here.own_source()
    there.reads(here)
    there.poll()
    return here, there


def test_a_notice_its_correction_and_its_end_reach_the_neighbours_people(pair) -> None:
    here, there = pair
    there.town.person(Criteria(("news",), (PLACES["kreuzau"],)))
    here.town.poll("s1", news(title="Freibad öffnet"))
    there.poll()
    assert there.town.push.told() == [("new", "Freibad öffnet")]
    here.town.poll("s1", news(title="Freibad öffnet erst um 11"))
    there.poll()
    here.town.poll("s1", news(title="Freibad öffnet erst um 11", status=Status.CANCELLED))
    there.poll()
    assert there.town.push.told() == [
        ("new", "Freibad öffnet"), ("revised", "Freibad öffnet erst um 11"), ("withdrawn", "Freibad öffnet erst um 11"),
    ]  # fmt: skip
    ((notice, over),) = there.notices()
    assert over
    assert (notice.publisher, notice.attribution) == ("Hürtgenwald", "Ortsruf Hürtgenwald")
    assert notice.url.startswith("https://huertgenwald.example/huertgenwald/n/")


def test_what_came_is_not_given_back(pair, net) -> None:
    here, there = pair
    here.reads(there)
    here.town.poll("s1", news())
    there.poll()
    here.poll()
    assert there.titles() == ["Freibad öffnet"]
    assert here.titles() == ["Freibad öffnet"]
    assert b"Freibad" not in net.get(there.feed).body


def test_even_relayed_it_does_not_come_home(pair) -> None:
    here, there = pair
    here.reads(there)
    there.reads(here, "relayed", relay="yes")
    here.town.poll("s1", news())
    for _ in range(3):
        there.poll()
        here.poll()
    assert (here.titles(), there.titles()) == (["Freibad öffnet"], ["Freibad öffnet"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(flip, "altered on the way"), (unsigned, "not signed")],
)
def test_a_tampered_or_unsigned_feed_is_refused(pair, net, spoil, said) -> None:
    here, there = pair
    here.town.poll("s1", news())
    net.spoil = spoil
    there.poll()
    assert said in there.fault("from-huertgenwald")
    assert there.titles() == []
    net.spoil = lambda answer: answer
    there.poll(minutes=60)
    assert (there.fault("from-huertgenwald"), there.titles()) == ("", ["Freibad öffnet"])
