"""What came of a notice: it adds up or says by how much it does not; few people are never shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.aftermath import COUNTS, Channel, Told, Word, coarse, shown, together, word
from hub.core.ledger import Account
from hub.core.notice import Severity

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ACCOUNTS = st.builds(
    lambda sent, gone, muted, open_: Account("n", 1, "new", meant=sent + gone + muted + open_, sent=sent, gone=gone,
                                            muted=muted, open=open_),
    *[st.integers(0, 40)] * 4,
)  # fmt: skip


def told(accounts: list[Account], whole: Account) -> Told:
    channels = tuple(Channel(f"c{number}", one) for number, one in enumerate(accounts))
    return Told(1, Word.NEW, "", NOON, Severity.UNKNOWN, whole, channels)


@given(st.lists(ACCOUNTS, min_size=1, max_size=3))
def test_channels_that_add_up_to_the_whole_differ_by_nothing(accounts: list[Account]) -> None:
    whole = together(accounts, Account("n", 1, "new"))
    assert told(accounts, whole).difference == 0
    assert told(accounts, whole).under_way == (whole.open > 0)


@given(st.lists(ACCOUNTS, min_size=1, max_size=3), st.sampled_from(COUNTS), st.integers(1, 5))
def test_any_count_that_is_off_is_named(accounts: list[Account], name: str, by: int) -> None:
    whole = together(accounts, Account("n", 1, "new"))
    wrong = Account(**{one: getattr(whole, one) for one in ("notice_id", "revision", "change", *COUNTS)} | {
        name: getattr(whole, name) + by})  # fmt: skip
    assert told(accounts, wrong).difference == by


def test_what_is_still_planned_has_no_difference_yet() -> None:
    one = Account("n", 1, "new", meant=5, pending=True)
    assert (told([one], one).difference, told([one], one).under_way) == (0, True)


@given(st.integers(0, 2_000_000))
def test_no_count_of_one_to_four_people_is_shown(count: int) -> None:
    assert shown(count) == (None if 0 < count < 5 else count)
    rough = coarse(count)
    assert (rough is None) == (0 < count < 5)
    if rough is not None:
        assert rough <= count < rough + max(5, count / 9)
        assert rough == 0 or rough >= 5
        assert coarse(rough) == rough


def test_what_nobody_counted_is_not_shown() -> None:
    assert shown(None) is None


@pytest.mark.parametrize(
    ("change", "said"), [("new", Word.NEW), ("revised", Word.UPDATE), ("withdrawn", Word.ALL_CLEAR)]
)
def test_each_change_is_a_word(change: str, said: Word) -> None:
    assert word(change) is said
