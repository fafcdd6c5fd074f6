"""The ledger: meant = sent + expired + gone + failed + suppressed + lapsed + bundled + muted + open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.core.ledger import SETTLED, SPARED, Account, Digests, Reminders, account, summary

AT = datetime(2026, 11, 23, 11, tzinfo=UTC)
COUNT = st.integers(0, 10_000)
SUMS = st.fixed_dictionaries(dict.fromkeys((*SETTLED, *SPARED, "open"), COUNT))


def row(sums: dict[str, int], **given_: object) -> dict[str, object]:
    size = sum(sums[name] for name in (*SETTLED, "open"))
    meant = size + sum(sums[name] for name in SPARED)
    whole = {
        "notice_id": "n", "revision": 1, "change": "new", "municipality_id": "m", "created_at": AT, "stage": "done",
        "counted": True, "meant": meant, "size": size, "own": size, "digested": 0, "handed": False, "seen_at": AT,
        "first_at": AT + timedelta(seconds=1), "done_at": AT + timedelta(seconds=3), **sums,
    }  # fmt: skip
    return {**whole, **given_}


@given(SUMS)
def test_a_publication_whose_recipients_all_have_an_end_balances(sums: dict[str, int]) -> None:
    found = account(row(sums))
    assert found.balanced
    assert found.meant == found.accounted
    assert (found.first, found.last) == (timedelta(seconds=1), timedelta(seconds=3))


@given(SUMS, st.integers(1, 500))
def test_whoever_has_no_place_is_missing(sums: dict[str, int], lost: int) -> None:
    whole = row(sums)
    assert account({**whole, "meant": int(str(whole["meant"])) + lost}).missing == lost
    # A batch that was closed with fewer counted than it holds.
    assert account({**whole, "size": int(str(whole["size"])) + lost}).missing == lost


@given(SUMS, st.integers(1, 500))
def test_more_told_than_meant_does_not_hide_a_loss_elsewhere(sums: dict[str, int], count: int) -> None:
    whole = row(sums)
    many = account({**whole, "sent": sums["sent"] + count})
    few = account({**whole, "meant": int(str(whole["meant"])) + count})
    assert many.missing == -count
    assert summary([many, few])[2] == 2 * count


@given(SUMS, COUNT)
def test_those_who_are_told_of_an_earlier_ones_end_are_meant_too(sums: dict[str, int], told: int) -> None:
    whole = row(sums)
    assert account({**whole, "size": int(str(whole["size"])) + told, "sent": sums["sent"] + told}).balanced


@given(SUMS)
def test_a_publication_that_counted_nobody_means_those_in_its_batches(sums: dict[str, int]) -> None:
    assert account(row(sums, counted=False, meant=0)).balanced
    assert account(row(sums, counted=False, meant=0, stage="now")).missing == 0


@given(SUMS)
def test_batches_that_went_to_the_notice_which_continues_this_are_not_missed(sums: dict[str, int]) -> None:
    gone = dict.fromkeys((*SETTLED, "open"), 0)
    assert account({**row(sums), **gone, "size": 0, "own": 0, "handed": True}).balanced


def test_nobody_is_missing_as_long_as_nobody_can_say_who_is_meant() -> None:
    assert Account("n", 1, "new", meant=5, pending=True).missing == 0


@given(st.tuples(COUNT, COUNT, COUNT, COUNT), COUNT)
def test_every_reminder_is_fired_missed_due_or_ahead(parts: tuple[int, int, int, int], lost: int) -> None:
    fired, missed, ahead, due = parts
    assert Reminders(sum(parts) + lost, fired, missed, ahead, due).missing == lost


def test_an_entry_bound_to_a_digest_that_is_over_is_missing() -> None:
    assert Digests(waiting=3, leaving=2).missing == 0
    assert Digests(waiting=3, leaving=2, stranded=1).missing == 1
