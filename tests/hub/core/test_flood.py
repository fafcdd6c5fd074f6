"""Whose sign-ups count together, and that nobody can be read from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.house import NOON
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hub.core import flood
from hub.store import floods
from hub.store.schema import flood as table


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"), ("", "unknown"), ("nonsense", "unknown"),
    ],
)  # fmt: skip
def test_a_network(address, network):
    assert flood.network(address) == network


@given(st.ip_addresses(), st.text(max_size=200), st.text(min_size=1, max_size=40))
def test_no_address_can_be_read_from_a_counter(address, town, key):
    names = list(flood.counters("device", str(address), town, key))
    assert all(len(name) <= 80 for name in names)
    assert len(names) == 2
    assert flood.network(str(address)) not in names[0]
    assert names != list(flood.counters("device", str(address), town, key + "x"))


def test_counters_are_shared_by_the_hour_and_forgotten_after_a_day(store):
    counters = {"net": 3, "town": 100}

    def sign_up(at):
        with store.begin() as session:
            return floods.passes(session, counters, at)

    assert [sign_up(NOON) for _ in range(4)] == [True, True, True, False]
    assert sign_up(NOON + timedelta(hours=1))
    assert sign_up(NOON + timedelta(days=2))
    with store.read() as session:
        assert sorted(row.count for row in session.execute(select(table))) == [1, 1]
