"""Zones keep their names, whatever streets and dates do; plans survive being written down."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.waste.plan import Leaf, Move, Plan, Street, attach, dump, load, pack, read, turn, unpack
from feeds.waste.zones import settle

TODAY = date(2026, 6, 10)
days = st.lists(st.dates(date(2015, 1, 1), date(2035, 1, 1)), max_size=40)


@given(days)
def test_packed_days_come_back(found):
    assert unpack(pack(found)) == tuple(sorted(set(found)))


def test_a_plan_comes_back_from_its_cursor():
    plan = Plan("x", directory="2026-06-10", town=("Ort", "1"), streets={"A": Street("1", below=[("1", "2")])})
    attach(plan, [(("street", "A", "1"), "h1")])
    plan.keep(plan.leaves["h1"], "restmuell", [TODAY])
    plan.moves = [Move("Restmüll", [("street", "A", "")], ["2026-06-11"])]
    assert load(dump(plan), "x") == plan
    assert read(dump(plan)) == plan
    assert load(dump(plan), "y") == Plan("y")
    assert load("", "x") == load("rubbish", "x") == load('{"version":99}', "x") == Plan("x")
    assert read("") is None


def test_an_address_with_a_new_handle_keeps_what_is_known_of_it():
    plan = Plan("x")
    attach(plan, [(("street", "A", ""), "old"), (("street", "B", ""), "old")])
    plan.keep(plan.leaves["old"], "restmuell", [TODAY])
    plan.leaves["old"].zones["restmuell"] = "a"
    attach(plan, [(("street", "A", ""), "new")])
    assert plan.leaves["new"].zones == {"restmuell": "a"}
    assert plan.days(plan.leaves["new"], "restmuell") == (TODAY,)
    assert [one.addresses for one in plan.leaves.values()] == [[("street", "B", "")], [("street", "A", "")]]


def made(zones: list[int], poll: int = 1) -> Plan:
    """Return a plan with a leaf per number, read in ``poll``, with that zone's dates."""
    plan = Plan("x", poll=poll)
    for at, zone in enumerate(zones):
        leaf = plan.leaves[f"h{at}"] = Leaf(f"h{at}", [("street", f"S{at:02}", "")], read=poll)
        plan.keep(leaf, "restmuell", [TODAY + timedelta(days=zone + 14 * week) for week in range(10)])
    return plan


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12))
def test_equal_dates_are_one_zone_and_different_ones_are_not(zones):
    plan = made(zones)
    settle(plan, TODAY)
    names = [plan.leaves[f"h{at}"].zones["restmuell"] for at in range(len(zones))]
    assert {(one, name) for one, name in zip(zones, names, strict=True)} == set(zip(zones, names, strict=True))
    assert len(set(names)) == len(set(zones))
    assert len(set(zip(zones, names, strict=True))) == len(set(zones))
    assert not plan.moves


@settings(max_examples=60)
@given(st.lists(st.integers(0, 2), min_size=4, max_size=12), st.data())
def test_no_zone_is_renamed_when_streets_change_sides(zones, data):
    plan = made(zones)
    settle(plan, TODAY)
    before = {leaf.id: leaf.zones["restmuell"] for leaf in plan.leaves.values()}
    plan.poll = 2
    after = list(zones)
    for at in data.draw(st.sets(st.integers(0, len(zones) - 1), max_size=2)):
        after[at] = data.draw(st.integers(0, 2))
    for at, zone in enumerate(after):
        leaf = plan.leaves[f"h{at}"]
        plan.keep(leaf, "restmuell", [TODAY + timedelta(days=zone + 14 * week) for week in range(10)])
        leaf.read = 2
    settle(plan, TODAY)
    names = {leaf.id: leaf.zones["restmuell"] for leaf in plan.leaves.values()}
    told = {address[1] for move in plan.moves for address in move.addresses}
    for at, (was, now) in enumerate(zip(zones, after, strict=True)):
        if names[f"h{at}"] != before[f"h{at}"]:
            assert was != now or after.count(now) < len(after)
            assert f"S{at:02}" in told
    moved = sum(was != now for was, now in zip(zones, after, strict=True))
    for zone in set(after):
        members = [names[f"h{at}"] for at, one in enumerate(after) if one == zone]
        assert len(set(members)) <= 1 + moved  # two zones with the same dates are never made one


def test_all_members_moving_is_the_zone_moving():
    plan = made([0, 0, 0])
    settle(plan, TODAY)
    plan.poll = 2
    for leaf in plan.leaves.values():
        plan.keep(leaf, "restmuell", [TODAY + timedelta(days=1 + 14 * week) for week in range(10)])
        leaf.read = 2
    assert settle(plan, TODAY) == set()
    assert {leaf.zones["restmuell"] for leaf in plan.leaves.values()} == {"s00"}
    assert plan.moves == []


def test_one_that_changed_waits_for_the_others():
    plan = made([0, 0, 0])
    settle(plan, TODAY)
    plan.poll = 2
    plan.keep(plan.leaves["h0"], "restmuell", [TODAY + timedelta(days=1)])
    plan.leaves["h0"].read = 2
    settle(plan, TODAY)
    assert plan.changing == {"restmuell/s00": 2}
    assert [one.id for one in turn(plan)][:2] == ["h1", "h2"]
    plan.poll = 3
    for name in ("h1", "h2"):
        plan.leaves[name].read = 3
    settle(plan, TODAY)
    assert plan.changing == {}
    assert plan.leaves["h0"].zones == {"restmuell": "s00-2"}
    assert [(move.title, move.addresses) for move in plan.moves] == [("restmuell", [("street", "S00", "")])]


def test_a_refused_address_does_not_keep_the_others_from_next_year():
    plan = made([0, 0])
    plan.keep(plan.leaves["h1"], "restmuell", [TODAY, date(2027, 1, 5)])
    plan.leaves["h0"].tried = 5
    settle(plan, TODAY)
    assert plan.horizon == "2027-12-31"
