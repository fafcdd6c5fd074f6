"""What is not public never leaves: every mark that servers set, and a property over generated meetings."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.council.normalise import normalise
from feeds.council.openness import says_closed
from hub.core.codec import to_json
from hub.core.notice import Status


@pytest.mark.parametrize(
    ("title", "closed"),
    [
        ("Personalausschuss (nichtöffentlich)", True),
        ("Personalausschuss (nicht öffentlich)", True),
        ("Personalausschuss (nicht-öffentlich) - Neureut", True),
        ("Nichto\u0308ffentliche Sitzung des Rates", True),
        ("NICHTÖFFENTLICHE SITZUNG", True),
        ("Nichtoeffentliche Sitzung", True),
        ("Gemeinderat (NÖ)", True),
        ("Gemeinderat n.ö.", True),
        ("NÖ-Sitzung Gemeinderat", True),
        ("nichtöff. Sitzung Gemeinderat", True),
        ("Ausschuss für Öffentlichkeitsarbeit (nichtöffentlich)", True),
        ("Ausschuss für öffentlichen Nahverkehr (nichtöffentlich)", True),
        ("Vertrauliche Sitzung", True),
        ("Schulausschuss (öffentlich/nicht öffentlich)", False),
        ("Öffentliche und nichtöffentliche Sitzung", False),
        ("Öffentliche Sitzung mit nichtöffentlichem Teil", False),
        ("Gemeinderat (Ö/NÖ)", False),
        ("Gemeinderat öff./nichtöff.", False),
        ("Ausschuss für Öffentlichkeitsarbeit", False),
        ("Gemeinderat Nördlingen", False),
        ("Gemeinderat", False),
        ("", False),
    ],
)
def test_a_title_that_closes_the_whole_meeting(title, closed):
    assert says_closed(title) is closed


def test_no_way_of_marking_lets_a_word_through(council):
    notices = council.notices("synthetic/nichtoeffentlich.json")
    assert "zitronenfalter" not in json.dumps([to_json(one) for one in notices]).lower()
    shown = next(one for one in notices if one.texts)
    assert shown.texts[0].body.split("\n") == [
        "1 Haushalt",
        "2 Bekanntgabe der in nichtöffentlicher Sitzung gefassten Beschlüsse",
    ]
    assert [(one.rel, one.title) for one in shown.links] == [
        ("invitation", "Einladung"),
        ("resolutionFile", "TOP 1: Beschluss"),
    ]


def test_a_closed_meeting_that_is_called_off_ends_what_was_told_and_says_nothing(council):
    (_, bare) = council.notices("synthetic/nichtoeffentlich.json")
    assert (bare.status, bare.texts, bare.occurrences, bare.url) == (Status.CANCELLED, (), (), "")


def test_the_clerk_is_told_how_many_were_left_out(council):
    notes = [one.note for one in council.items("synthetic/nichtoeffentlich.json") if one.note]
    assert notes == ["4 of 5 meetings are not public and are left out."]


_PUBLIC = st.fixed_dictionaries(
    {"name": st.sampled_from(["Haushalt", "Bau", "Kita"])},
    optional={"number": st.sampled_from(["1", "Ö 2"]), "public": st.sampled_from([True, "true", None])},
)
_SECRET = "zitronenfalter"
_SECRET_FILE = st.fixed_dictionaries(
    {"accessUrl": st.sampled_from([f"https://x.example/{_SECRET}.pdf", f"https://x.example/{_SECRET}/2"])},
    optional={"name": st.just(f"Plan {_SECRET}"), "id": st.just(f"https://x.example/f/{_SECRET}")},
)
_HIDDEN = st.fixed_dictionaries(
    {
        "name": st.sampled_from([f"Kauf {_SECRET}", f"{_SECRET.upper()} (nicht öffentlich)"]),
        "public": st.sampled_from([False, "false", 0, "nein", [], "False"]),
    },
    optional={
        "number": st.just("3"), "resolutionText": st.just(_SECRET), "resolutionFile": _SECRET_FILE,
        "auxiliaryFile": st.lists(_SECRET_FILE, max_size=2), "result": st.just(_SECRET),
        "consultation": st.just({"paper": [{"mainFile": {"name": _SECRET, "accessUrl": f"https://x.example/{_SECRET}"}}]}),
    },
)  # fmt: skip
_AFTER_HEADING = st.fixed_dictionaries(
    {"name": st.just(f"Personal {_SECRET}")}, optional={"auxiliaryFile": st.lists(_SECRET_FILE, max_size=2)}
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(_PUBLIC | _HIDDEN, max_size=6),
    after=st.lists(_AFTER_HEADING, max_size=3),
    spread=st.booleans(),
    extra=st.dictionaries(
        st.sampled_from(["invitation", "resultsProtocol", "verbatimProtocol", "auxiliaryFile"]), _SECRET_FILE
    ),
)
def test_no_word_of_a_non_public_item_is_anywhere_in_the_notice(council, first, after, spread, extra):
    hidden = [one for one in (*first, *after) if _SECRET in str(one).lower()]
    files = [one for item in hidden for one in (item.get("auxiliaryFile") or [])]
    items = [*first, {"name": "Nichtöffentliche Sitzung"}, *after]
    # Servers also hang an item's files on the meeting itself.
    shared = {"auxiliaryFile": files} if spread else {}
    named = {rel: one for rel, one in extra.items() if "name" in one and hidden}
    for item in council.items(council.meeting(1, agendaItem=items, **(named | shared))):
        if not item.note:
            assert _SECRET not in json.dumps(to_json(normalise(item, council.source())), ensure_ascii=False).lower()
