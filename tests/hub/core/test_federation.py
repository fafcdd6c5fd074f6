"""Installations that exchange notices in any order agree in the end: each notice once, no older word wins, nothing circles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.federation import (
    MOST_HOPS,
    Standing,
    Way,
    arriving,
    came_home,
    is_same_origin,
    may_leave,
    names,
    once,
    passed_on,
    prevails,
    way,
)
from hub.core.federation_record import absolute, read, record, taken_over
from hub.core.notice import Link, Notice, NoticeText, Occurrence, Origin, PlaceRef, Status
from hub.core.twins import item_name, twin_key

PROVIDER, EDITOR = "https://provider.example/alerts", ""


def plain(key: str, title: str = "Titel", kind: str = "rss", **values) -> Notice:
    return Notice(id=key, key=key, kind=kind, topic="news", texts=(NoticeText("de", title),), **values)


def given_by(origin: Origin, title: str = "Titel", **values) -> Notice:
    data = record(plain("x", title, **values), origin, (), ("0535",))
    return read(json.loads(json.dumps(data)))[0]


@dataclass
class Kept:
    """A notice as an installation has it, from which source, in which revision of its own."""

    notice: Notice
    source: str
    revision: int = 1


@dataclass
class Installation:
    """One installation with one municipality: what it reads, whether it passes on, what stands there."""

    name: str
    relays: bool
    reads: set[str] = field(default_factory=set)
    kept: dict[str, Kept] = field(default_factory=dict)
    count: int = 0

    def take(self, source: str, notices: list[Notice]) -> None:
        """Do what ``hub.jobs`` does with an answer: what stands under a name is continued, the rest is new."""
        followed, continues = arriving(notices, self.name, source, lambda one: self._standing(one, source))
        for one in followed:
            found = continues.get(one.key)
            if found is None:
                self.count += 1
                self.kept[f"{self.name}{self.count}"] = Kept(one, source)
            else:
                known = self.kept[found]
                changed = replace(known.notice, origin=None, id="", key="") != replace(one, origin=None, id="", key="")
                self.kept[found] = Kept(one, source, known.revision + changed)

    def _standing(self, one: Notice, source: str) -> Standing | None:
        called = set(names(one, source))
        for key, known in self.kept.items():
            if called & set(names(known.notice, known.source)):
                return Standing(key, known.notice, own=known.source == source, lives=True)
        return None

    def gives(self) -> list[Notice]:
        """Return what the feed holds, as a reader reads it."""
        found = []
        for key, one in self.kept.items():
            notice, relayed = one.notice, self.relays and one.source in self.reads
            if not may_leave(notice, relayed=relayed):
                continue
            if notice.origin is not None:
                origin, more = passed_on(notice.origin, self.name), notice.references
            else:
                item = item_name(notice.kind, one.source, notice.key)
                if one.source == EDITOR:
                    item = f"{notice.kind}:@{self.name}:{notice.key}"
                origin, more = Origin(self.name, "town", key, one.revision, item), ()
            found.append(read(json.loads(json.dumps(record(notice, origin, more, ("0535",)))))[0])
        return found


@dataclass
class World:
    """All installations, and what the one provider that some read directly says now."""

    installations: dict[str, Installation]
    direct: set[str]
    written: dict[str, Notice] = field(default_factory=dict)  # by who wrote it
    alert: Notice = field(default_factory=lambda: plain("storm", "Sturm 1", kind="cap"))
    known_alert: bool = False
    recorded: list[tuple[str, list[Notice]]] = field(default_factory=list)

    def polls(self) -> list[tuple[str, str]]:
        every = [(one.name, other) for one in self.installations.values() for other in sorted(one.reads)]
        return every + [(one, PROVIDER) for one in sorted(self.direct)]

    def poll(self, who: str, source: str) -> None:
        reader = self.installations[who]
        if source == PROVIDER:
            reader.take(source, [self.alert] if self.known_alert else [])
        else:
            self.recorded.append((source, self.installations[source].gives()))
            reader.take(*self.recorded[-1])

    def replay(self, number: int) -> None:
        """Let everybody who reads a feed get it once more as it was."""
        source, notices = self.recorded[number % len(self.recorded)]
        for one in self.installations.values():
            if source in one.reads:
                one.take(source, notices)

    def write(self, who: str, notice: Notice) -> None:
        self.written[who] = notice
        self.installations[who].take(EDITOR, [notice])

    def settle(self) -> None:
        for _ in range(len(self.installations) + 1):
            for who, source in self.polls():
                self.poll(who, source)

    def reached(self, start: str) -> set[str]:
        """Return who gets what begins in ``start``: its readers, and the readers of those who pass it on."""
        found, ahead = {start}, [start]
        while ahead:
            here = ahead.pop()
            if here != start and not self.installations[here].relays:
                continue
            for one in self.installations.values():
                if here in one.reads and one.name not in found:
                    found.add(one.name)
                    ahead.append(one.name)
        return found


@st.composite
def worlds(draw) -> World:
    names_ = [f"i{number}" for number in range(draw(st.integers(2, 6)))]
    shape = draw(st.sampled_from(["ring", "star", "two paths", "any"]))
    edges: set[tuple[str, str]] = set()
    if shape == "ring":
        edges = {(names_[at], names_[at - 1]) for at in range(len(names_))}
    elif shape == "star":
        edges = {(one, names_[0]) for one in names_[1:]} | {(names_[0], one) for one in names_[1:]}
    elif shape == "two paths":
        edges = {(one, names_[0]) for one in names_[1:-1]} | {(names_[-1], one) for one in names_[1:-1]}
    pairs = [(one, other) for one in names_ for other in names_ if one != other]
    edges |= draw(st.sets(st.sampled_from(pairs), max_size=len(pairs) if shape == "any" else 3))
    everybody = shape in {"ring", "star", "two paths"} and draw(st.booleans())
    made = {one: Installation(one, relays=everybody or draw(st.booleans())) for one in names_}
    for reader, giver in edges:
        made[reader].reads.add(giver)
    return World(made, draw(st.sets(st.sampled_from(names_), max_size=2)))


def events(world: World, data) -> Iterator[None]:
    """Let things happen in any order: notices are written, corrected, called off; feeds are read early, late or not."""
    names_ = sorted(world.installations)
    for number in range(data.draw(st.integers(1, 25))):
        match data.draw(st.sampled_from(["poll", "poll", "poll", "write", "end", "alert", "all-clear", "replay"])):
            case "poll" if world.polls():
                world.poll(*data.draw(st.sampled_from(world.polls())))
            case "replay" if world.recorded:
                world.replay(data.draw(st.integers(0, 50)))
            case "write":
                who = data.draw(st.sampled_from(names_))
                world.write(who, plain(f"n-{who}", f"Wort {number}"))
            case "end" if world.written:
                who = data.draw(st.sampled_from(sorted(world.written)))
                world.write(who, replace(world.written[who], status=Status.CANCELLED))
            case "alert":
                world.known_alert, world.alert = True, plain("storm", f"Sturm {number}", kind="cap")
            case "all-clear" if world.known_alert:
                world.alert = replace(world.alert, status=Status.CANCELLED)
        yield


@settings(max_examples=300, deadline=None)
@given(worlds(), st.data())
def test_all_agree_each_notice_once_and_nothing_circles(world: World, data) -> None:
    highest: dict[tuple[str, str], int] = {}
    for _ in events(world, data):
        for one in world.installations.values():
            for key, known in one.kept.items():
                if known.notice.origin is not None:  # an older word never replaces a newer one
                    began = (one.name, f"{key}:{known.notice.origin.installation}")
                    assert known.notice.origin.revision >= highest.get(began, 0)
                    highest[began] = known.notice.origin.revision
    world.settle()
    before = {name: dict(one.kept) for name, one in world.installations.items()}
    world.settle()
    assert {name: dict(one.kept) for name, one in world.installations.items()} == before, "it never comes to rest"
    for who, notice in world.written.items():
        for one in world.installations.values():
            found = [kept.notice for kept in one.kept.values() if kept.notice.texts[0].title == notice.title]
            assert len(found) == (one.name in world.reached(who)), (who, one.name)
            assert all(each.status is notice.status for each in found)
    for one in world.installations.values():
        storms = [kept.notice for kept in one.kept.values() if kept.notice.texts[0].title.startswith("Sturm")]
        assert len(storms) <= 1
        assert all((each.title, each.status) == (world.alert.title, world.alert.status) for each in storms)
        assert len(storms) == 1 or not (world.known_alert and one.name in world.direct)
        for kept in one.kept.values():
            origin = kept.notice.origin
            assert origin is None or one.name not in {origin.installation, *origin.hops}
            assert origin is None or len({origin.installation, *origin.hops}) == 1 + len(origin.hops)


ORIGIN = Origin("a", "town", "n1", 3, "rss:0:n1")


def standing(notice: Notice, *, own: bool = False, lives: bool = True) -> Standing:
    return Standing("id", notice, own=own, lives=lives)


def test_a_record_holds_the_whole_notice() -> None:
    notice = plain(
        "k",
        status=Status.CANCELLED,
        places=(PlaceRef("ars", "053580016016"),),
        links=(Link("via", "https://x.example"),),
    )
    told, area = read(json.loads(json.dumps(record(notice, ORIGIN, ("cap:x",), ("053580016016",)))))
    assert told == replace(notice, id="", key="a/n1", references=("rss:0:n1", "cap:x"), origin=ORIGIN)
    assert area == ("053580016016",)


def test_dates_that_were_called_off_are_told_though_the_notice_lists_them_no_more() -> None:
    from datetime import date

    kept, gone = Occurrence("a", date(2026, 12, 1)), Occurrence("b", date(2026, 12, 8))
    data = record(plain("k", occurrences=(kept,)), ORIGIN, (), (), cancelled=(kept, gone))
    assert read(data)[0].occurrences == (kept, replace(gone, status=Status.CANCELLED))


def test_a_street_takes_its_town_along() -> None:
    street = PlaceRef("street", "Ahornweg", "Ahornweg")
    assert absolute((street,), ("053580016016",)) == (PlaceRef("ars", "053580016016"), street)
    named = (PlaceRef("warncell", "805358016"), street)
    assert absolute(named, ("053580016016",)) == named


def test_whoever_takes_a_notice_over_says_whose_it_is() -> None:
    found = taken_over(plain("k"), town="Kreuzau", page="https://k.example/n/1")
    assert (found.publisher, found.attribution, found.url) == ("Kreuzau", "Ortsruf Kreuzau", "https://k.example/n/1")
    other = taken_over(
        plain("k", publisher="Bauhof", url="https://bauhof.example"), town="Kreuzau", page="https://k.example/n/1"
    )
    assert (other.publisher, other.url) == ("Bauhof", "https://bauhof.example")
    assert other.links == (Link("via", "https://k.example/n/1", "Ortsruf Kreuzau"),)


@pytest.mark.parametrize(
    ("new", "known", "own", "lives", "followed"),
    [
        (3, 3, True, True, True),  # the same source again
        (2, 3, True, True, False),  # an older word
        (2, 3, False, False, False),  # even if whoever brought the newer one is gone
        (4, 3, False, True, True),  # two who pass it on: the newer word
        (3, 3, False, True, False),
        (3, 3, False, False, True),
    ],
)
def test_which_word_of_an_origin_counts(new, known, own, lives, followed) -> None:
    fresh, old = (given_by(replace(ORIGIN, revision=number, hops=("b",))) for number in (new, known))
    assert prevails(fresh, standing(old, own=own, lives=lives)) is followed


def test_a_source_that_follows_another_now_is_followed() -> None:
    """Our neighbour reads the authority itself by now, so it gives the storm as its own: the same storm."""
    before = given_by(replace(ORIGIN, hops=("b",)))
    after = given_by(Origin("c", "town", "n9", 1, ORIGIN.item, ("b",)))
    assert prevails(after, standing(before, own=True))
    assert not prevails(after, standing(before)), "of two who pass on different origins the first stays"


def test_of_two_in_one_answer_it_is_always_the_same_one() -> None:
    one, other = (given_by(Origin(name, "town", "n", 1, "cap:storm", ("b",))) for name in "ac")
    assert once([one, other], "x") == once([other, one], "x") == [one]


def test_better_ways_win_whatever_the_order() -> None:
    direct, first, second = plain("storm", kind="cap"), given_by(ORIGIN), given_by(replace(ORIGIN, hops=("b",)))
    assert [way(one) for one in (direct, first, second)] == [Way.DIRECT, Way.ORIGIN, Way.RELAYED]
    assert prevails(direct, standing(first))
    assert prevails(first, standing(second))
    assert not prevails(second, standing(first))
    assert not prevails(first, standing(direct))
    assert prevails(first, standing(direct, lives=False))


def test_what_began_here_comes_home_under_any_name() -> None:
    assert came_home(given_by(ORIGIN), "a")
    assert came_home(given_by(replace(ORIGIN, hops=("b", "c"))), "c")
    assert came_home(given_by(replace(ORIGIN, item="cap:b.town.n1.1")), "b")
    assert came_home(plain("b.town.n1.1", kind="cap"), "b")
    assert not came_home(given_by(ORIGIN), "b")
    assert not came_home(plain("bc.town.n1.1", kind="cap"), "b")


def test_nothing_travels_for_ever_and_the_desk_stays_at_home() -> None:
    far = given_by(replace(ORIGIN, hops=tuple(f"h{number}" for number in range(MOST_HOPS))))
    assert not may_leave(far, relayed=True)
    assert not may_leave(given_by(ORIGIN), relayed=False)
    assert may_leave(given_by(ORIGIN), relayed=True)
    assert not may_leave(plain("x", kind="desk"), relayed=True)
    assert not may_leave(replace(plain("x"), topic="desk"), relayed=True)


def test_two_towns_that_get_a_notice_on_different_ways_say_the_same() -> None:
    """One reads the provider's list itself, the other hears of it by a neighbour: twins, so nobody hears it twice."""
    own = plain("k31", url="https://x.example", publisher="Kreis", attribution="Kreis")
    item = item_name("rss", PROVIDER, "k31")
    data = record(own, Origin("a", "town", "n1", 1, item), (), ("0535",))
    assert twin_key(own, PROVIDER) == twin_key(read(data)[0], "https://neighbour.example/federation.json")
    assert not is_same_origin(own, read(data)[0])
