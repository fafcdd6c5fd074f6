"""Delays, lifetimes, passwords, the audit chain, clubs and directories: what is decided without a clock or a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import audit, clubs, passwords, throttle
from hub.core.audit import BEGINNING, Event, Sealed, seal, verify
from hub.core.clubs import Bounds, Trust, Verdict, course
from hub.core.directory import granted, groups_in, has_second_factor, rule
from hub.core.notice import Severity
from hub.core.permission import Grant, Role
from hub.core.sessions import ABSOLUTE, IDLE, Stage, is_alive
from hub.core.throttle import FREE, LONGEST, Tries, delay, tried, waits

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@given(st.sampled_from(sorted(FREE)), st.integers(1, 500))
def test_delays_grow_and_have_an_end(sort, count) -> None:
    assert delay(sort, count) <= delay(sort, count + 1) <= LONGEST
    assert (delay(sort, count) == timedelta(0)) is (count <= FREE[sort])


def test_ten_thousand_tries_look_at_few_passwords() -> None:
    """A-01: somebody who tries every ten seconds for a day gets to guess about a hundred times."""
    state: Tries | None = None
    looked = 0
    for count in range(10_000):
        now = NOW + timedelta(seconds=10) * count
        if not waits(state, now):
            state, looked = tried("account", state, now), looked + 1
    assert looked < 130
    assert waits(state, NOW + timedelta(days=2)) == timedelta(0)


def test_tries_are_forgotten_after_a_quiet_day() -> None:
    assert tried("account", Tries(40, NOW, NOW), NOW + throttle.FORGETS).count == 1


def test_a_sign_in_ends_by_itself() -> None:
    assert is_alive(Stage.WHOLE, NOW, NOW, NOW + IDLE - timedelta(seconds=1))
    assert not is_alive(Stage.WHOLE, NOW, NOW, NOW + IDLE)
    assert not is_alive(Stage.WHOLE, NOW, NOW + ABSOLUTE, NOW + ABSOLUTE)
    assert not is_alive(Stage.HALF, NOW, NOW + timedelta(minutes=10), NOW + timedelta(minutes=10))


@pytest.mark.parametrize(
    "password",
    ["", "kurz", "aaaaaaaaaaaaaa", "abcabcabcabcabc", "passwort2026!!", "Rathaus123456", "qwertzuiop123456",
     "anna.beispiel2026", "Sommer2026Sommer2026", "x" * 201, "123456789012345"],
)  # fmt: skip
def test_what_can_be_guessed_is_no_password(password) -> None:
    assert passwords.fault(password, ("anna.beispiel@example.org",))


@pytest.mark.parametrize(
    "password", ["sieben Zwerge im Nebel", "Pferd-Batterie-Heftklammer", "ölig-Über-Straße!9", "k7#mQz!v0Lp2@x"]
)
def test_a_sentence_is_a_good_password(password) -> None:
    assert passwords.fault(password, ("anna@example.org", "Hürtgenwald")) == ""


def chain(count: int) -> list[Sealed]:
    found, previous = [], BEGINNING
    for number in range(1, count + 1):
        event = Event(
            NOW + timedelta(seconds=number), "account:1", "invited", "a", f"invitation:{number}", {"role": "x"}
        )
        found.append(Sealed(number, event, previous, seal(event, previous)))
        previous = found[-1].hash
    return found


def test_an_unchanged_chain_is_sound() -> None:
    whole = chain(20)
    assert verify(whole) == audit.Verdict(20, whole[-1].hash)
    assert verify(whole, whole[7].hash).passed


@given(
    st.integers(0, 19), st.sampled_from(["at", "actor", "act", "municipality", "subject", "detail", "hash", "previous"])
)
def test_any_change_of_any_event_is_found(place, name) -> None:
    whole = chain(20)
    one = whole[place]
    if name in {"hash", "previous"}:
        whole[place] = replace(one, **{name: "f" * 64})
    else:
        other = {"at": NOW, "detail": {"role": "y"}}.get(name, "other")
        whole[place] = replace(one, event=replace(one.event, **{name: other}))
    assert verify(whole).broken in {place + 1, place + 2}


@given(st.integers(0, 18))
def test_an_event_that_is_taken_out_is_found(place) -> None:
    whole = chain(20)
    del whole[place]
    assert verify(whole).broken


def test_an_end_that_is_cut_off_is_found_by_the_head_that_was_kept() -> None:
    whole = chain(20)
    assert not verify(whole[:-3], whole[-1].hash).passed
    assert verify(whole[:-3]).broken == 0


def test_a_club_stays_in_its_bounds() -> None:
    bounds = Bounds("events", Trust.DELAYED, 2, timedelta(hours=4))
    assert course(bounds, "news", Severity.UNKNOWN, within_a_day=0, now=NOW).verdict is Verdict.REFUSED_TOPIC
    assert course(bounds, "events", Severity.MINOR, within_a_day=0, now=NOW).verdict is Verdict.REFUSED_SEVERITY
    assert course(bounds, "events", Severity.UNKNOWN, within_a_day=2, now=NOW).verdict is Verdict.REFUSED_LIMIT
    later = course(bounds, "events", Severity.UNKNOWN, within_a_day=1, now=NOW)
    assert (later.verdict, later.at) == (Verdict.LATER, NOW + timedelta(hours=4))
    for trust, verdict in ((Trust.HELD, Verdict.HELD), (Trust.DIRECT, Verdict.NOW)):
        assert course(Bounds("events", trust), "events", Severity.UNKNOWN, within_a_day=0, now=NOW).verdict is verdict
    assert clubs.from_json(clubs.to_json(bounds)) == bounds


@pytest.mark.parametrize("values", [{"topic": ""}, {"per_day": 0}, {"per_day": 21}, {"veto": timedelta(0)}])
def test_bounds_that_bound_nothing_are_refused(values) -> None:
    with pytest.raises(ValueError, match=r"club desk|veto"):
        Bounds(**{"topic": "events", **values})


def test_groups_of_a_directory_give_roles_by_rule() -> None:
    rules = [rule("CN=Amt 32,OU=Rathaus=editor@huertgenwald"), rule("leitstelle=approver@*")]
    assert granted(rules, ["CN=Amt 32,OU=Rathaus", "other"]) == {Grant(Role.EDITOR, "huertgenwald")}
    assert granted(rules, ["leitstelle"]) == {Grant(Role.APPROVER, "")}
    assert granted(rules, []) == frozenset()


@pytest.mark.parametrize(
    "text", ["", "x", "g=editor", "=editor@a", "g=boss@a", "g=county-operator@*", "g=club@a", "g=editor@"]
)
def test_a_rule_that_cannot_be_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"must be|no role"):
        rule(text)


def test_groups_are_found_where_directories_put_them() -> None:
    assert groups_in({"groups": ["a", "b"]}, "groups") == {"a", "b"}
    assert groups_in({"realm_access": {"roles": ["a"]}}, "realm_access.roles") == {"a"}
    assert groups_in({"groups": "a"}, "groups") == {"a"}
    for claims in ({}, {"groups": 5}, {"groups": None}, {"groups": {"a": 1}}):
        assert groups_in(claims, "groups.x") == frozenset()


@pytest.mark.parametrize(
    "methods", [["mfa"], ["pwd", "otp"], ["pin", "sc"], ["fpt", "hwk"], ["kba", "sms"], ["pwd", "face"], ["pwd", "mfa"]]
)
def test_two_different_kinds_of_proof_are_two_factors(methods: list[str]) -> None:
    assert has_second_factor({"amr": methods})


@pytest.mark.parametrize(
    "methods",
    [["otp"], ["pwd"], ["pwd", "pin"], ["otp", "sms"], ["hwk", "swk", "pop"], ["fpt", "face"], ["user", "rba", "geo"],
     ["pwd", "user"], ["mca"], [], "mfa", None, [["mfa"]]],
)  # fmt: skip
def test_one_kind_of_proof_however_often_is_one_factor(methods: object) -> None:
    assert not has_second_factor({"amr": methods})
