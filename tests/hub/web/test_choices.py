"""The form as wishes and back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.subscription import Action
from hub.web import bins
from hub.web.choices import Setting, read
from hub.web.language import catalogue
from hub.web.places import prefix_of, prefixes, read_places, without
from hub.web.topics import DIGEST_HOURS, FRACTIONS, REMINDER_HOURS, SEVERITIES, TOPICS
from hub.web.written import written

SETTING = Setting("053580016016", {"053580016016/zone:gey": "Gey", "053580016016/zone:brandenberg": "Brandenberg"})
WORDS = st.lists(st.sampled_from(["dach", "fenster", "straßenbau", "b 399"]), unique=True, max_size=3).map(", ".join)
BOX = st.sampled_from(["", "1"])
FORM = st.fixed_dictionaries(
    {
        **dict.fromkeys(TOPICS, BOX),
        **{f"{name}.push": BOX for name in TOPICS},
        **{f"{name}.mail": st.sampled_from(["", "now", "digest"]) for name in TOPICS},
        **{f"{name}.calendar": BOX for name in TOPICS},
        **{f"{name}.remind": BOX for name in TOPICS},
        "waste.zone": st.sampled_from(sorted(SETTING.zones)),
        "waste.at": st.sampled_from([*REMINDER_HOURS, "m06:00"]),
        "waste.at.organic": st.sampled_from(["", "", "18:00", "m05:00", "no"]),
        "waste.at.paper": st.sampled_from(["", "", "19:00", "no"]),
        "roads.severity": st.sampled_from(["", "unknown", "moderate"]),
        "roads.near": BOX,
        "warnings.severity": st.sampled_from(sorted(SEVERITIES)),
        "tenders.words": WORDS,
        "tenders.without": WORDS,
        "tenders.cpv": st.sampled_from(["", "45", "45, 72", "45233130-9", "20"]),
        "email": st.just("a@example.org"),
        "digest_at": st.sampled_from(DIGEST_HOURS),
    }
)


@settings(deadline=None)
@given(FORM)
def test_what_was_chosen_comes_back_as_it_was(form) -> None:
    choice = read(form, SETTING)
    if choice.faults:
        return
    stored = [{"criteria": one.criteria.canonical(), "ways": list(one.ways)} for one in choice.wishes]
    values, rest = written(stored, SETTING)
    assert rest == ()
    again = read({**values, "email": "a@example.org"}, SETTING)
    assert [one.criteria.canonical() for one in again.wishes] == [one.criteria.canonical() for one in choice.wishes]
    assert [set(one.ways) for one in again.wishes] == [set(one.ways) for one in choice.wishes]


@given(
    st.dictionaries(
        st.sampled_from([*TOPICS, "waste.zone", "waste.at", "tenders.cpv", "digest_at", "news.mail"]), st.text()
    )
)
def test_no_form_breaks_the_reader(form) -> None:
    choice = read(form, SETTING)
    assert choice.faults or all(one.ways for one in choice.wishes)


def test_a_reminder_goes_out_on_each_loud_way() -> None:
    choice = read(
        {"council": "1", "council.push": "1", "council.mail": "now", "council.remind": "1", "email": "a@b.de"}, SETTING
    )
    reminders = {way for way in choice.wishes[0].ways if way[1] is Action.REMINDER}
    assert reminders == {("webpush", Action.REMINDER, "PT1H"), ("mail", Action.REMINDER, "PT1H")}


def test_what_has_no_dates_has_no_calendar() -> None:
    choice = read({"lost": "1", "lost.calendar": "1"}, SETTING)
    assert "lost" in choice.faults


def test_a_warning_that_has_dates_may_stand_in_a_calendar_beside_what_is_an_alarm() -> None:
    form = {"warnings": "1", "warnings.calendar": "1"}
    assert "kein Alarm" in catalogue("de")[read(form, SETTING).faults["warnings"]]
    choice = read({**form, "warnings.push": "1"}, SETTING)
    assert choice.faults == {}
    assert [way[0] for way in choice.wishes[0].ways] == ["webpush", "ical"]


@settings(deadline=None)
@given(FORM, FORM, st.booleans())
def test_two_places_come_back_as_they_were(one, other, second) -> None:
    form = one | ({f"p2.{name}": value for name, value in other.items()} | {"p2.here": "1"} if second else {})
    choice = read_places(form, SETTING)
    if choice.faults:
        return
    stored = [{"criteria": each.criteria.canonical(), "ways": list(each.ways)} for each in choice.wishes]
    values, rest = written(stored, SETTING)
    again = read_places({**values, "email": "a@example.org"}, SETTING)
    wanted = {(each.criteria.key(), frozenset(each.ways)) for each in choice.wishes}
    kept = {(each.criteria.key(), frozenset(each.ways)) for each in (*again.wishes, *rest)}
    assert kept == wanted
    assert again.faults == {} or not again.wishes


@given(st.dictionaries(st.sampled_from([*FRACTIONS, ""]), st.sampled_from(["P1D@18:00", "P0D@06:00", ""])))
def test_groups_of_bins_are_all_bins_and_can_be_read_back(others) -> None:
    others.pop("", None)
    groups = bins.grouped("P1D@17:00", others)
    assert sorted(name for group in groups.values() for name in group) == sorted([*FRACTIONS, ""])
    assert bins.ungrouped(groups) == ("P1D@17:00", others)


def test_what_two_places_share_is_wished_once() -> None:
    form = {"news": "1", "news.push": "1", "p2.here": "1", "p2.news": "1", "p2.news.calendar": "1"}
    (wish,) = read_places(form, SETTING).wishes
    assert {way[0] for way in wish.ways} == {"webpush", "ical"}


def test_a_fault_of_the_second_place_names_its_field() -> None:
    form = {"news": "1", "news.push": "1", "p2.here": "1", "p2.waste": "1", "p2.waste.push": "1"}
    assert set(read_places(form, SETTING).faults) == {"p2.waste.zone"}


@given(st.integers(1, 5), st.integers(1, 5))
def test_taking_a_place_away_leaves_the_others_in_their_order(count, gone) -> None:
    form = {"email": "a@example.org"}
    for number in range(1, count + 1):
        prefix = prefix_of(number)
        form |= {f"{prefix}here": "1", f"{prefix}tenders.words": str(number)}
    left = without(form, prefix_of(gone))
    words = [left[f"{prefix}tenders.words"] for prefix in prefixes(left) if f"{prefix}tenders.words" in left]
    assert words == [str(number) for number in range(1, count + 1) if number != gone]
    assert left["email"] == "a@example.org"
