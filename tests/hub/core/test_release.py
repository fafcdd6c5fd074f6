"""Who may do what to a draft in which state, and what is asked once more when its time has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.clubs import Verdict
from hub.core.notice import Severity
from hub.core.permission import CAN, Capability, Role
from hub.core.release import (
    SENDS,
    Act,
    Person,
    Refusal,
    State,
    Step,
    Wish,
    Work,
    after,
    due,
    offered,
    refusal,
    unsanctioned,
)

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
DRAFT = Work(State.DRAFT, "h", frozenset({1}), version=3)
REASON = "Niemand sonst ist erreichbar"

persons = st.builds(
    Person, st.integers(1, 3), st.frozensets(st.sampled_from(Capability)), st.booleans(),
    st.frozensets(st.sampled_from(Capability)),
)  # fmt: skip
works = st.builds(
    Work, st.sampled_from(State), st.sampled_from(["h", "i"]), st.frozensets(st.integers(1, 3), min_size=1),
    st.booleans(), st.integers(0, 2), broken=st.integers(0, 3), club=st.booleans(),
    verdict=st.none() | st.sampled_from(Verdict), test=st.booleans(), complete=st.booleans(), version=st.integers(1, 3),
    expires=st.none() | st.sampled_from([NOW, NOW + timedelta(hours=1)]),
)  # fmt: skip
wishes = st.builds(Wish, st.sampled_from(Act), st.sampled_from(["h", "i"]), st.sampled_from(["", REASON]))


def person(*roles: Role, account: int = 2, strong: bool = True) -> Person:
    can = frozenset().union(*(CAN[one] for one in roles))
    return Person(account, can, strong, can)


@given(works, persons, wishes)
def test_nobody_ever_schedules_a_danger_they_wrote_but_through_the_glass(work, who, wish) -> None:
    if refusal(work, who, wish, NOW) is None and wish.act in SENDS and work.dangerous:
        assert who.strong
        assert wish.seen == work.hash
        if wish.act is Act.APPROVE:
            assert who.account not in work.writers
            assert Capability.APPROVE in who.can
        else:
            assert (wish.act, work.broken < 2, wish.reason) == (Act.BREAK_GLASS, True, REASON)


@given(works, persons, wishes)
def test_a_test_and_what_is_empty_or_over_is_scheduled_by_nobody(work, who, wish) -> None:
    if refusal(work, who, wish, NOW) is None and wish.act in SENDS:
        assert not work.test
        assert work.complete
        assert work.expires is None or work.expires > NOW


@given(works, persons)
def test_what_is_offered_fails_for_want_of_a_proof_or_a_reason_only(work, who) -> None:
    for act in Act:
        full = refusal(work, replace(who, strong=True), Wish(act, work.hash, REASON), NOW)
        assert (full is None) == (act in offered(work, who, NOW))


@given(works, st.lists(st.builds(Step, st.sampled_from([*Act, "sent", "held"]), st.integers(1, 3),
                                 st.sampled_from(["h", "i"]), st.integers(1, 3)), max_size=4))  # fmt: skip
def test_what_goes_out_was_released_last_and_as_it_is(work, steps) -> None:
    if unsanctioned(work, steps, NOW) is None:
        last = steps[-1]
        assert work.state is State.SCHEDULED
        assert (last.hash, last.version) == (work.hash, work.version)
        assert last.act in SENDS
        if work.dangerous:
            assert last.act == Act.BREAK_GLASS or (last.act == Act.APPROVE and last.by not in work.writers)


@pytest.mark.parametrize(
    ("work", "who", "act", "why"),
    [
        (DRAFT, person(Role.EDITOR), Act.RELEASE, None),
        (DRAFT, person(Role.AUTHOR), Act.RELEASE, Refusal.ROLE),
        (DRAFT, person(Role.AUTHOR), Act.SUBMIT, None),
        (DRAFT, person(Role.APPROVER), Act.BREAK_GLASS, Refusal.STATE),  # nothing dangerous: no glass
        (replace(DRAFT, dangerous=True), person(Role.EDITOR), Act.RELEASE, Refusal.SECOND),
        (replace(DRAFT, dangerous=True), person(Role.APPROVER), Act.APPROVE, Refusal.STATE),  # nobody asked yet
        (replace(DRAFT, state=State.REVIEW), person(Role.APPROVER), Act.APPROVE, Refusal.STATE),
        (replace(DRAFT, state=State.REVIEW, dangerous=True), person(Role.APPROVER), Act.APPROVE, None),
        (replace(DRAFT, state=State.REVIEW, dangerous=True), person(Role.OPERATOR), Act.APPROVE, Refusal.ROLE),
        (replace(DRAFT, state=State.SCHEDULED), person(Role.AUTHOR), Act.ABORT, None),
        (replace(DRAFT, state=State.SCHEDULED), person(Role.AUTHOR), Act.SAVE, Refusal.STATE),
        (replace(DRAFT, state=State.PUBLISHED, revision=1), person(Role.EDITOR), Act.WITHDRAW, None),
        (replace(DRAFT, state=State.WITHDRAWN, revision=1), person(Role.EDITOR), Act.SAVE, Refusal.STATE),
        (replace(DRAFT, verdict=Verdict.NOW, club=True), person(Role.CLUB), Act.RELEASE, None),
        (replace(DRAFT, verdict=Verdict.LATER, club=True), person(Role.CLUB), Act.RELEASE, None),
        (replace(DRAFT, verdict=Verdict.HELD, club=True), person(Role.CLUB), Act.RELEASE, Refusal.ROLE),
        (replace(DRAFT, verdict=Verdict.HELD, club=True), person(Role.CLUB), Act.SUBMIT, None),
        (replace(DRAFT, verdict=Verdict.REFUSED_LIMIT, club=True), person(Role.CLUB), Act.SUBMIT, Refusal.LIMIT),
        (replace(DRAFT, verdict=Verdict.REFUSED_SEVERITY, club=True), person(Role.CLUB), Act.SUBMIT, Refusal.BOUNDS),
        (replace(DRAFT, verdict=Verdict.REFUSED_LIMIT, club=True), person(Role.EDITOR), Act.RELEASE, None),
        (replace(DRAFT, verdict=Verdict.HELD, club=True), person(Role.CLUB, Role.EDITOR), Act.RELEASE, None),
    ],
)
def test_by_the_table(work, who, act, why) -> None:
    assert refusal(work, who, Wish(act, "h", REASON), NOW) is why


def test_a_countdown_is_never_shorter_than_it_takes_to_stop_it() -> None:
    assert due(Severity.EXTREME, None, NOW) == NOW + timedelta(seconds=10)
    assert due(Severity.UNKNOWN, NOW, NOW) == NOW + timedelta(seconds=30)
    assert due(Severity.UNKNOWN, NOW + timedelta(days=1), NOW) == NOW + timedelta(days=1)


def test_discarding_leads_back_to_what_was_published_or_nowhere() -> None:
    assert after(DRAFT, Act.DISCARD) is None
    assert after(replace(DRAFT, revision=2), Act.DISCARD) is State.PUBLISHED
