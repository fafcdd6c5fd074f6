"""Two towns exchange public notices: each once, with corrections and withdrawals, nothing back, nothing forged (I21)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from fakes.federation import PLACES, Peer, flip, make_peer, unsigned
from fakes.house import news

from hub.core.notice import Notice, PlaceRef, Severity, Status
from hub.core.subscription import Criteria
from hub.jobs.switch import remove


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


def alert(source: str = "w", title: str = "Sturm", **values) -> Notice:
    found = news("2.49.0.0.276.1", title, source=source, topic="warnings", **values)
    return replace(found, kind="cap", severity=Severity.MODERATE, places=(PlaceRef("ars", "05358", "Kreis Düren"),))


@pytest.fixture
def far(store, net) -> Peer:
    """A town that hears of things on two ways, on each database."""
    return make_peer(store, net, "kreuzau")


@pytest.fixture
def near(peers) -> Peer:
    (made,) = peers("huertgenwald")
    made.own_source()
    made.own_source("w", "cap", "https://dwd.example/cap", topic="warnings")
    return made


@pytest.mark.parametrize("first", ["direct", "peer"])
def test_a_warning_read_directly_and_given_by_a_neighbour_is_one(near, far, first) -> None:
    far.own_source("w", "cap", "https://dwd.example/other-address", topic="warnings")
    far.reads(near)
    far.poll()
    far.town.person(Criteria(("warnings",), (PLACES["kreuzau"],)))
    near.town.poll("w", alert())
    if first == "direct":
        far.town.poll("w", alert())
    else:
        far.poll()
        far.town.poll("w", alert())
    far.poll()
    assert far.titles() == ["Sturm"]
    assert far.town.push.told() == [("new", "Sturm")]
    ((notice, _),) = far.notices()
    assert notice.origin is None, "it follows the authority itself"
    near.town.poll("w", alert(status=Status.CANCELLED))
    far.poll()
    assert far.titles() == ["Sturm"], "of what we read ourselves only its authority says that it is over"
    far.town.poll("w", alert(status=Status.CANCELLED))
    assert far.town.push.told()[1:] == [("withdrawn", "Sturm")]


def test_a_notice_by_two_peers_is_one_and_follows_its_origin(near, far, peers) -> None:
    (between,) = peers("nideggen")
    between.reads(near, relay="yes")
    far.reads(between)
    far.reads(near)
    for one in (between, far):
        one.poll()
    far.town.person(Criteria(("news",), (PLACES["kreuzau"],)))
    near.town.poll("s1", news())
    between.poll()
    far.poll()
    assert far.town.push.told() == [("new", "Freibad öffnet")]
    near.town.poll("s1", news(title="Freibad zu"))
    far.poll()  # the one between is late and says the old word once more
    far.poll()
    assert far.titles() == ["Freibad zu"]
    between.poll()
    near.town.poll("s1", news(title="Freibad zu", status=Status.CANCELLED))
    between.poll()
    far.poll()
    assert [one for one, _ in far.town.push.told()] == ["new", "revised", "withdrawn"]
    assert len(far.notices()) == 1


def test_a_notice_that_somebody_passes_on_keeps_its_origin(near, far, peers, net) -> None:
    (between,) = peers("nideggen")
    between.reads(near, relay="yes")
    far.reads(between)
    near.town.poll("s1", news())
    between.poll()
    far.poll()
    ((notice, _),) = far.notices()
    assert (notice.publisher, notice.origin.installation) == ("Hürtgenwald", near.seal.installation)
    assert notice.origin.hops == (between.seal.installation,)
    assert notice.url.startswith("https://huertgenwald.example/")
    assert b'"items": []' in net.get(far.feed).body, "who does not pass on does not"


def test_only_what_names_us_is_taken_by_default_and_its_end_reaches_us(near, far) -> None:
    far.reads(near, reach="named")
    far.poll()
    far.town.person(Criteria(("news",), (PLACES["kreuzau"],)))
    both = (PlaceRef("ars", PLACES["huertgenwald"]), PlaceRef("ars", PLACES["kreuzau"]))
    near.town.poll("s1", news("k", "Straßenfest", places=both), news("l", "Nur bei uns", places=both[:1]))
    far.poll()
    assert far.town.push.told() == [("new", "Straßenfest")]
    near.town.poll("s1", news("k", "Straßenfest", places=both[:1]), news("l", "Nur hier", places=both[:1]))
    far.poll()
    assert far.town.push.told()[1:] == [("withdrawn", "Straßenfest")]
    assert far.titles() == []


def test_doubles_are_no_flood(near, far) -> None:
    many = [replace(alert(title=f"Sturm {number}"), key=f"k{number}", id=f"n{number}") for number in range(30)]
    far.own_source("w", "cap", "https://dwd.example/cap", topic="warnings")
    far.reads(near)
    far.poll()
    near.town.gatherer.has("w", *many[:15])
    far.town.poll("w", *many[:15])
    near.town.poll("w", *many[15:])
    far.poll()
    near.poll()
    far.town.poll("w", *many[15:])
    far.poll()
    assert len(far.titles()) == 30


def test_an_installation_that_reads_itself_is_told_so(near) -> None:
    source_id = near.reads(near)
    near.town.poll("s1", news())
    near.poll()
    assert "our own" in near.fault(source_id)
    assert near.titles() == ["Freibad öffnet"]


def test_what_others_gave_us_never_leaves_though_its_source_is_gone(pair, net) -> None:
    here, there = pair
    here.town.poll("s1", news())
    there.poll()
    remove(there.town.house, "from-huertgenwald", keep=True)
    assert there.titles() == ["Freibad öffnet"]
    assert b'"items": []' in net.get(there.feed).body
    there.reads(here, "again")
    there.poll()
    assert there.titles() == ["Freibad öffnet"], "and who reads it again finds the same notice"
    here.town.poll("s1", news(title="Freibad zu"))
    there.poll()
    assert there.titles() == ["Freibad zu"]


def test_our_own_alert_comes_home_from_nobody(near, far) -> None:
    """The neighbour reads our alerts as CAP, for it they are its own sources' items; we know them by their names."""
    near.reads(far)
    near.town.poll("s1", replace(news("b", "Brücke gesperrt", topic="roads"), severity=Severity.MODERATE))
    ((kept, _),) = near.notices()
    far.own_source("cap", "cap", "https://huertgenwald.example/huertgenwald/alerts.atom", topic="warnings")
    name = f"{near.seal.installation}.huertgenwald.{kept.id}.1"
    far.town.poll("cap", replace(news(name, "Brücke gesperrt", source="cap", topic="roads"), kind="cap"))
    far.reads(near)
    far.poll()
    assert len(far.notices()) == 1, "read as CAP and given whole it is one"
    near.poll()
    assert len(near.notices()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_ring_of_towns_agrees_whatever_the_order(peers, seed) -> None:
    dice = Random(seed)
    ring = peers(*PLACES)
    for number, one in enumerate(ring):
        one.own_source()
        one.reads(ring[number - 1], relay="yes")
    ring[0].reads(ring[2], relay="yes")
    last: dict[int, tuple[str, Status]] = {}
    for step in range(16):
        number = dice.randrange(len(ring))
        if dice.random() < 0.5:
            last[number] = (f"Wort {step} aus {number}", dice.choice([Status.ACTIVE, Status.ACTIVE, Status.CANCELLED]))
            ring[number].town.poll("s1", news("n", last[number][0], status=last[number][1]))
        else:
            ring[number].poll()
    for _ in range(len(ring) + 1):
        for one in ring:
            one.poll(minutes=30)
    standing = sorted(title for title, status in last.values() if status is Status.ACTIVE)
    for number, one in enumerate(ring):
        assert one.titles() == standing, number
        assert len([notice for notice, _ in one.notices() if notice.origin is None]) <= 1


def test_a_town_that_reads_its_own_alerts_takes_none(near) -> None:
    near.town.poll("s1", replace(news("b", "Brücke gesperrt", topic="roads"), severity=Severity.MODERATE))
    ((kept, _),) = near.notices()
    name = f"{near.seal.installation}.huertgenwald.{kept.id}.1"
    near.town.poll("w", alert(), replace(news(name, "Brücke gesperrt", source="w", topic="roads"), kind="cap"))
    assert near.titles() == ["Brücke gesperrt", "Sturm"]


def test_a_neighbour_that_reads_the_authority_itself_by_now_is_followed(near, far, peers) -> None:
    (between,) = peers("nideggen")
    between.reads(near, relay="yes")
    far.reads(between)
    near.town.poll("w", alert())
    between.poll()
    far.poll()
    between.own_source("w", "cap", "https://dwd.example/cap", topic="warnings")
    between.town.poll("w", alert(title="Orkan"))
    far.poll()
    assert far.titles() == ["Orkan"]
    between.town.poll("w", alert(title="Orkan", status=Status.CANCELLED))
    far.poll()
    assert (far.titles(), len(far.notices())) == ([], 1)
