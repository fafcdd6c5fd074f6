"""The form as wishes and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.core.subscription import Action
from hub.web.choices import Setting, read, written
from hub.web.topics import DIGEST_HOURS, REMINDER_HOURS, SEVERITIES, TOPICS

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
        "waste.at": st.sampled_from(REMINDER_HOURS),
        "warnings.severity": st.sampled_from(sorted(SEVERITIES)),
        "tenders.words": WORDS,
        "tenders.without": WORDS,
        "tenders.cpv": st.sampled_from(["", "45", "45, 72", "45233130-9", "20"]),
        "email": st.just("a@example.org"),
        "digest_at": st.sampled_from(DIGEST_HOURS),
    }
)


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


def test_warnings_have_no_calendar() -> None:
    choice = read({"warnings": "1", "warnings.calendar": "1"}, SETTING)
    assert "warnings" in choice.faults
