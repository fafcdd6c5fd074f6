"""Criteria have one canonical form and one key; lead times read as they are written."""

from __future__ import annotations

import json
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import Severity
from hub.core.subscription import Criteria, Lead, criteria_from_json, lead

words = st.lists(st.text("abc ÄßÉ", max_size=4), max_size=4).map(tuple)
codes = st.lists(st.text("0123456789", max_size=8), max_size=3).map(tuple)
criteria = st.builds(
    Criteria, topics=words, places=codes, words=words, without=words, categories=words, cpv=codes,
    centre=st.none() | st.tuples(st.floats(5, 16), st.floats(47, 56)), radius_km=st.none() | st.floats(0.1, 200),
    least_value=st.none() | st.floats(0, 1e9), most_value=st.none() | st.floats(0, 1e9), procedures=words,
    days=st.none() | st.integers(0, 90), severity=st.sampled_from(Severity),
)  # fmt: skip
leads = st.builds(
    lambda days, at: Lead(days=days, at=at.replace(second=0, microsecond=0)), st.integers(0, 99), st.times()
) | st.builds(lambda minutes: Lead(span=timedelta(minutes=minutes)), st.integers(0, 9999 * 60))


@given(criteria)
def test_the_canonical_form_reads_back_to_itself(found: Criteria) -> None:
    plain = json.loads(json.dumps(found.canonical()))
    again = criteria_from_json(plain)
    assert again.canonical() == plain
    assert again.key() == found.key()


@given(criteria, st.randoms(use_true_random=False))
def test_order_repetition_and_case_do_not_matter(found: Criteria, chance: object) -> None:
    def mixed(values: tuple[str, ...]) -> tuple[str, ...]:
        doubled = [*values, *values]
        chance.shuffle(doubled)  # type: ignore[attr-defined]
        return tuple(doubled)

    again = Criteria(
        topics=mixed(found.topics), places=mixed(found.places), centre=found.centre, radius_km=found.radius_km,
        words=tuple(f" {word.upper()} " for word in mixed(found.words)), without=mixed(found.without),
        categories=mixed(found.categories), cpv=mixed(found.cpv), least_value=found.least_value,
        most_value=found.most_value, procedures=mixed(found.procedures), days=found.days,
        severity=found.severity,
    )  # fmt: skip
    assert again.key() == found.key()


def test_different_wishes_have_different_keys() -> None:
    wishes = [
        Criteria(), Criteria(topics=("waste",)), Criteria(words=("waste",)), Criteria(without=("waste",)),
        Criteria(categories=("waste",)), Criteria(places=("05",)), Criteria(cpv=("05",)), Criteria(least_value=5.0),
        Criteria(most_value=5.0), Criteria(procedures=("open",)), Criteria(days=5),
        Criteria(severity=Severity.MINOR), Criteria(centre=(6.0, 50.0), radius_km=5.0),
        Criteria(centre=(6.0, 50.0), radius_km=6.0),
    ]  # fmt: skip
    assert len({wish.key() for wish in wishes}) == len(wishes)


@given(leads)
def test_a_lead_time_reads_as_it_is_written(found: Lead) -> None:
    assert lead(str(found)) == found


@pytest.mark.parametrize("text", ["", "PT", "P1D", "P1D@24:00", "P1D@7:00", "1 day", "PT1H ", "P-1D@07:00", "PT1S"])
def test_anything_else_is_no_lead_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a lead time"):
        lead(text)


def test_lead_times_as_people_choose_them() -> None:
    assert lead("P1D@18:00") == Lead(days=1, at=time(18))
    assert lead("PT1H30M") == Lead(span=timedelta(minutes=90))
    assert str(Lead(span=timedelta())) == "PT0M"
