"""Decisions on who may do what: denied unless granted, never beyond a town, never for oneself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.clubs import Bounds
from hub.core.permission import (
    CAN,
    EVERYWHERE,
    Capability,
    Grant,
    Requirement,
    Role,
    Ruling,
    Sort,
    Visitor,
    may,
    may_grant,
    roles_in,
    ruling,
)
from hub.core.sessions import FRESH

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TOWNS = st.sampled_from(["a", "b", "c"])
BOUNDS = st.sampled_from([None, Bounds("events")])
GRANTS = st.lists(st.builds(Grant, st.sampled_from(Role), TOWNS | st.just(EVERYWHERE), BOUNDS), max_size=5)
CAPABILITIES = st.sampled_from(Capability)


def test_every_role_can_something_and_none_both_writes_releases_and_operates() -> None:
    assert set(CAN) == set(Role)
    for role in Role:
        assert Capability.ENTER in CAN[role]
        assert len({Capability.PUBLISH, Capability.APPROVE, Capability.PEOPLE} & CAN[role]) <= 1, role


@given(CAPABILITIES, TOWNS | st.just(EVERYWHERE))
def test_nobody_may_anything_without_a_grant(capability, town) -> None:
    assert not may((), capability, town)


@given(GRANTS, CAPABILITIES, TOWNS)
def test_what_one_may_comes_from_a_grant_that_covers_the_town(held, capability, town) -> None:
    reasons = [one for one in held if capability in CAN[one.role] and one.valid and one.municipality in {"", town}]
    assert may(held, capability, town) is bool(reasons)


@given(GRANTS, CAPABILITIES)
def test_all_towns_need_a_grant_for_all(held, capability) -> None:
    only = [one for one in held if one.municipality != EVERYWHERE]
    assert not may(only, capability, EVERYWHERE)
    assert may(held, Capability.COUNTY, EVERYWHERE) is (Grant(Role.COUNTY_OPERATOR, "") in [
        Grant(one.role, one.municipality) for one in held])  # fmt: skip


@given(GRANTS, GRANTS, CAPABILITIES, TOWNS)
def test_more_grants_never_take_something_away(held, more, capability, town) -> None:
    assert may([*held, *more], capability, town) >= may(held, capability, town)


@given(GRANTS, st.builds(Grant, st.sampled_from(Role), TOWNS | st.just(EVERYWHERE), BOUNDS))
def test_nobody_gives_beyond_what_they_look_after(held, wanted) -> None:
    assert not may_grant(held, wanted, own=True)
    if may_grant(held, wanted, own=False):
        county = may(held, Capability.COUNTY, EVERYWHERE)
        assert wanted.valid
        assert county or (wanted.municipality and may(held, Capability.PEOPLE, wanted.municipality))
        assert county or wanted.role is not Role.COUNTY_OPERATOR


def visitor(*held: Grant, equipped: bool = True, ago: timedelta = timedelta(0)) -> Visitor:
    return Visitor(held, equipped, NOW - ago)


EDITOR = Grant(Role.EDITOR, "a")
SOURCES = Requirement(Sort.CAPABILITY, Capability.SOURCES)
EITHER = Requirement(Sort.CAPABILITY, Capability.SOURCES, others=(Capability.CLUB, Capability.PUBLISH))


@pytest.mark.parametrize(
    ("wanted", "who", "town", "expected"),
    [
        (None, visitor(Grant(Role.COUNTY_OPERATOR, "")), "a", Ruling.HIDDEN),
        (Requirement(Sort.PUBLIC), None, "a", Ruling.ALLOWED),
        (Requirement(Sort.LINK), None, "a", Ruling.ALLOWED),
        (Requirement(Sort.SIGNED_IN), None, "", Ruling.SIGN_IN),
        (Requirement(Sort.SIGNED_IN), visitor(), "", Ruling.ALLOWED),
        (Requirement(Sort.SIGNED_IN), visitor(equipped=False), "", Ruling.EQUIP),
        (Requirement(Sort.SIGNED_IN, unequipped=True), visitor(equipped=False), "", Ruling.ALLOWED),
        (Requirement(Sort.SIGNED_IN, fresh=True), visitor(ago=FRESH), "", Ruling.PROVE),
        (SOURCES, None, "a", Ruling.SIGN_IN),
        (SOURCES, visitor(EDITOR), "a", Ruling.FORBIDDEN),
        (SOURCES, visitor(EDITOR), "b", Ruling.HIDDEN),
        (SOURCES, visitor(Grant(Role.SOURCE_KEEPER, "a")), "a", Ruling.ALLOWED),
        (SOURCES, visitor(Grant(Role.SOURCE_KEEPER, "a"), equipped=False), "a", Ruling.EQUIP),
        (Requirement(Sort.CAPABILITY), visitor(Grant(Role.COUNTY_OPERATOR, "")), "a", Ruling.HIDDEN),
        (EITHER, visitor(EDITOR), "a", Ruling.ALLOWED),
        (EITHER, visitor(EDITOR), "b", Ruling.HIDDEN),
        (EITHER, visitor(Grant(Role.SOURCE_KEEPER, "a")), "a", Ruling.ALLOWED),
        (EITHER, visitor(Grant(Role.AUTHOR, "a")), "a", Ruling.FORBIDDEN),
    ],
)
def test_what_comes_before_a_page(wanted, who, town, expected) -> None:
    assert ruling(wanted, who, town, NOW) is expected


def test_a_club_without_bounds_and_a_county_operator_of_one_town_are_nobody() -> None:
    for one in (Grant(Role.CLUB, "a"), Grant(Role.CLUB, "", Bounds("events")), Grant(Role.COUNTY_OPERATOR, "a")):
        assert not one.valid
        assert roles_in((one,), "a") == frozenset()
