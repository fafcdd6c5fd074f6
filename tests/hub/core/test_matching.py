"""Does a notice fit an interest, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.matching import fold, matches
from hub.core.notice import Fact, Geometry, Notice, NoticeText, Severity, Value
from hub.core.procedures import procedure
from hub.core.subscription import Criteria, criteria_from_json

TOWN = "053580016016"
HERE = (6.4, 50.7)
NOTICE = Notice(
    "n", "k", "rss", "roads", (NoticeText("de", "Sperrung der Hauptstraße", "Bis Freitag gesperrt"),),
    severity=Severity.MODERATE, category="closure", cpv=("45233141",), value=Value(5000.0),
    geometry=Geometry(points=(HERE,)),
)  # fmt: skip


def reason(**wish: object) -> object:
    return matches(NOTICE, (TOWN,), Criteria(**wish))


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        ({}, True), ({"topics": ("roads", "waste")}, True), ({"topics": ("waste",)}, False),
        ({"places": ("05358",)}, True), ({"places": (f"{TOWN}/street:hauptstrasse",)}, True),
        ({"places": ("05334",)}, False), ({"severity": Severity.MODERATE}, True), ({"severity": Severity.SEVERE}, False),
        ({"words": ("STRASSE",)}, False), ({"words": ("hauptstrasse",)}, True), ({"words": ("Haupt",)}, True),
        ({"words": ("xyz", "freitag gesperrt")}, True), ({"words": ("sper.*",)}, False),
        ({"without": ("freitag",)}, False), ({"without": ("samstag",)}, True),
        ({"categories": ("closure",)}, True), ({"categories": ("works",)}, False),
        ({"cpv": ("45",)}, True), ({"cpv": ("5",)}, False), ({"least_value": 5000.0}, True),
        ({"least_value": 5000.01}, False), ({"centre": HERE, "radius_km": 0.1}, True),
        ({"centre": (7.0, 50.7), "radius_km": 10.0}, False), ({"centre": (7.0, 50.7), "radius_km": 50.0}, True),
    ],
)  # fmt: skip
def test_each_wish_narrows_by_itself(wish: dict[str, object], *, fits: bool) -> None:
    assert (reason(**wish) is not None) == fits


def test_the_reason_names_what_fitted() -> None:
    found = reason(words=("xyz", "sperrung"), cpv=("45", "9"), places=("05334", "05358"))
    assert (found.words, found.cpv, found.place) == (("sperrung",), ("45233141",), "05358")
    assert reason(centre=HERE, radius_km=1.0).km == 0.0


def test_without_geometry_the_centre_of_the_place_counts() -> None:
    nowhere = replace(NOTICE, geometry=None)
    wish = Criteria(centre=HERE, radius_km=5.0)
    assert matches(nowhere, (TOWN,), wish) is None
    assert matches(nowhere, (TOWN,), wish, elsewhere=(6.41, 50.7)) is not None


TENDER = replace(
    NOTICE, sent=datetime(2026, 11, 1, tzinfo=UTC), deadline=datetime(2026, 11, 11, tzinfo=UTC),
    facts=(Fact("procedure", "neg-w-call"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "notice", "fits"),
    [
        ({"most_value": 5000.0}, TENDER, True), ({"most_value": 4999.0}, TENDER, False),
        ({"least_value": 1.0, "most_value": 2.0}, replace(TENDER, value=None), True),
        ({"procedures": ("negotiated", "open")}, TENDER, True), ({"procedures": ("open",)}, TENDER, False),
        ({"procedures": ("open",)}, replace(TENDER, facts=()), True),
        ({"days": 10}, TENDER, True), ({"days": 11}, TENDER, False),
        ({"days": 11}, replace(TENDER, sent=None), True), ({"days": 11}, replace(TENDER, deadline=None), True),
    ],
)  # fmt: skip
def test_value_procedure_and_time_to_bid_narrow_where_they_are_known(wish, notice, *, fits: bool) -> None:
    for criteria in (Criteria(**wish), criteria_from_json(Criteria(**wish).canonical())):
        assert (matches(notice, (TOWN,), criteria) is not None) == fits


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("open", "open"), ("selective", "restricted"), ("Öffentliche Ausschreibung (VOB)", "open"),
        ("Nicht offenes Verfahren", "restricted"), ("Beschränkte Ausschreibung mit öffentlichem Wettbewerb", "restricted"),
        ("Verhandlungsvergabe", "negotiated"), ("Freihändige Vergabe", "direct"), ("Sonstiges", "other"), ("", ""),
    ],
)  # fmt: skip
def test_procedures_are_told_apart_by_code_and_by_word(told: str, kind: str) -> None:
    assert procedure(replace(TENDER, facts=(Fact("procedure", told),))) == kind


def test_a_cpv_division_that_ends_in_zero_is_no_wider_than_itself() -> None:
    wish = criteria_from_json(Criteria(cpv=("30000000", "45233000")).canonical())
    assert wish.cpv == ("30", "45233")
    assert matches(replace(NOTICE, cpv=("33100000",)), (TOWN,), wish) is None
    assert matches(replace(NOTICE, cpv=("30200000",)), (TOWN,), wish) is not None


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


words = st.lists(st.sampled_from(["haupt", "SPERRUNG", " Freitag ", "ß", "é", "xyz"]), max_size=3).map(tuple)
wishes = st.builds(
    Criteria, topics=st.lists(st.sampled_from(["roads", "waste"]), max_size=2).map(tuple),
    places=st.lists(st.sampled_from(["05", "05358", TOWN, "09"]), max_size=2).map(tuple), words=words, without=words,
    cpv=st.lists(st.sampled_from(["45", "45233000", "9"]), max_size=2).map(tuple), severity=st.sampled_from(Severity),
)  # fmt: skip


@given(wishes)
def test_the_stored_form_of_a_wish_means_the_same(wish: Criteria) -> None:
    stripped = replace(wish, words=tuple(map(str.strip, wish.words)), without=tuple(map(str.strip, wish.without)),
                       cpv=tuple(code.rstrip("0") for code in wish.cpv))  # fmt: skip
    stored = criteria_from_json(wish.canonical())
    assert (matches(NOTICE, (TOWN,), stored) is None) == (matches(NOTICE, (TOWN,), stripped) is None)


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        ({}, False), ({"places": (TOWN,)}, False), ({"topics": ("roads",)}, False), ({"topics": ("desk",)}, True),
        ({"topics": ("desk",), "places": (TOWN,)}, True), ({"topics": ("desk",), "places": ("05334",)}, False),
    ],
)  # fmt: skip
def test_a_word_for_the_editor_fits_nobody_who_did_not_ask_for_it(wish: dict[str, object], fits: bool) -> None:
    for kind in ("desk", "rss"):
        hidden = replace(NOTICE, kind=kind, topic="desk")
        assert (matches(hidden, (TOWN,), Criteria(**wish)) is not None) is fits


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        ({}, True), ({"words": ("xyz",)}, True), ({"without": ("freitag",)}, True), ({"severity": Severity.EXTREME}, True),
        ({"cpv": ("99",)}, True), ({"categories": ("works",)}, True), ({"least_value": 1e9}, True),
        ({"centre": (13.0, 52.0), "radius_km": 1.0}, True), ({"topics": ("waste",)}, False),
        ({"places": (f"{TOWN}/street:hauptstrasse",)}, True), ({"places": ("05334",)}, False),
    ],
)  # fmt: skip
def test_the_silence_of_a_source_concerns_all_who_wait_for_it(wish: dict[str, object], fits: bool) -> None:
    silent = replace(NOTICE, kind="desk", severity=Severity.UNKNOWN, geometry=None)
    assert (matches(silent, (TOWN,), Criteria(**wish)) is not None) is fits
