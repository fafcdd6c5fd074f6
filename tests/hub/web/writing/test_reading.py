"""The form's fields: what a draft fills in is read as the same draft; what cannot be read is said and stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from hub.core.draft import Area, Attachment, Certainty, Draft, Mode, Urgency
from hub.core.drawing import Ground
from hub.core.notice import Geometry, NoticeText, Occurrence, PlaceRef, Severity
from hub.web.writing.fields import Form, Place, of_draft, sent
from hub.web.writing.reading import Setting, read

OWN, OTHER = Place("huertgenwald", "053580016016", "Europe/Berlin"), "053580020020"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
KNOWN = {
    f"{OWN.path}/street:ahornweg": ("street", "Ahornweg"), f"{OWN.path}/district:gey": ("district", "Gey"),
    f"{OWN.path}/zone:bezirk-1": ("zone", "Bezirk 1"), f"{OTHER}/street:am-see": ("street", "Am See"),
}  # fmt: skip
FILE = Attachment("a" * 40 + ".jpg", "Baustelle", "image/jpeg", 9)
SETTING = Setting(
    OWN, NOW, others={"nachbar": OTHER}, known=KNOWN, files={FILE.name: FILE}, ground=Ground((6.4, 50.7)),
    topics=("news", "roads"),
)  # fmt: skip
REFS = [
    PlaceRef("street", "Ahornweg", "Ahornweg"), PlaceRef("house", "Ahornweg/1-57", "Ahornweg 1-57"),
    PlaceRef("district", "Gey", "Gey"), PlaceRef("zone", "Bezirk 1", "Bezirk 1"),
]  # fmt: skip

minutes = st.integers(0, 500_000).map(lambda m: NOW + timedelta(minutes=m))
lines = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)
drafts = st.builds(
    Draft,
    topic=st.sampled_from(["", "news", "roads"]),
    texts=st.tuples(
        st.builds(NoticeText, st.just("de"), lines, lines, instruction=lines),
        st.builds(NoticeText, st.just("de-simple"), lines.map("t".__add__), lines),
    ),
    severity=st.sampled_from(Severity), urgency=st.sampled_from(Urgency), certainty=st.sampled_from(Certainty),
    areas=st.sampled_from([
        (), (Area("huertgenwald"),), (Area("huertgenwald", (REFS[0],)),),
        (Area("huertgenwald", (REFS[1], REFS[2], REFS[3])), Area("nachbar")),
        (Area("huertgenwald"), Area("nachbar", (PlaceRef("street", "Am See", "Am See"),))),
    ]),
    geometry=st.sampled_from([None, Geometry(points=((6.4, 50.7),), circles=(((6.41, 50.7), 0.3),))]),
    valid_from=st.none() | minutes, expires=minutes, send_at=st.none() | minutes,
    occurrences=st.sampled_from([(), (Occurrence("2026-11-30T0900", NOW + timedelta(days=6, hours=-2)),)]),
    contact=lines, url=st.sampled_from(["", "https://example.org/a"]),
    attachments=st.sampled_from([(), (FILE,)]), mode=st.sampled_from(Mode),
)  # fmt: skip


@given(drafts)
def test_what_a_draft_fills_in_is_read_as_the_same_draft(draft: Draft) -> None:
    form = of_draft(draft, OWN, {"nachbar": OTHER}, "de")
    found = read(form, SETTING)
    # Of an hour that clocks show twice the form knows the first only.
    told = [replace(one, valid_from=None, expires=None, send_at=None) for one in (found.draft, draft)]
    assert told[0] == told[1]
    for name in ("valid_from", "expires", "send_at"):
        was, now = getattr(draft, name), getattr(found.draft, name)
        assert now == was or was - now == timedelta(hours=1)
    assert found.faults == {}


def typed(**fields: str) -> Form:
    lists = {"lang": ["de"], "place": [f"{OWN.path}/street:ahornweg"], "scope": ["some"]}
    values = {name.replace("__", ".").replace("from_", "from."): [value] for name, value in fields.items()}
    return sent(MultiDict({**lists, **values}))


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"from_date": "morgen"}, "from.date"), ({"from_date": "2026-12-01", "from_time": "acht"}, "from.time"),
        ({"from_time": "08:00"}, "from.date"), ({"drawn": "Fläche 1"}, "drawn"), ({"url": "javascript:1"}, "url"),
        ({"d0__day": "31.2.2026"}, "d0.day"), ({"d0__day": "2026-12-01", "d0__begin": "x"}, "d0.begin"),
        ({"d0__day": "2026-12-01", "d0__weekly": "2030-12-01"}, "dates"), ({"d0__what": "nur Text"}, "d0.day"),
        ({f"houses:{OWN.path}/street:ahornweg": "vorne"}, "places"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field_and_stays_as_it_was(fields, fault: str) -> None:
    base = Draft(valid_from=NOW, geometry=Geometry(points=((6.4, 50.7),)), url="https://example.org", occurrences=(
        Occurrence("2026-12-01", NOW.date()),
    ))  # fmt: skip
    found = read(typed(**fields), replace(SETTING, base=base))
    assert list(found.faults) == [fault]
    if fault == "drawn":
        assert found.draft.geometry == base.geometry
    if fault == "url":
        assert found.draft.url == base.url
    if fault[:2] in {"d0", "da"}:
        assert found.draft.occurrences == base.occurrences


def test_an_end_is_always_set_and_nights_of_the_clock_are_remarked_on() -> None:
    found = read(typed(from_date="28.03.2027", from_time="02:30"), SETTING)
    assert found.draft.valid_from == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert found.draft.expires is not None
    assert found.draft.expires > found.draft.valid_from
    assert [one.values for one in found.remarks] == [{"time": "02:30"}]


def test_nobody_chooses_places_and_files_that_are_not_theirs() -> None:
    form = sent(MultiDict({
        "lang": ["de", "xx"], "scope": ["some"], "place": ["053580099099/street:fremd", f"{OWN.path}/district:gey"],
        "town": ["nachbar", "fremd"], "file0.name": ["b" * 40 + ".jpg"], "file1.name": [FILE.name], "topic": ["secret"],
        "xx.title": ["?"],
    }))  # fmt: skip
    found = read(form, SETTING).draft
    assert found.areas == (Area("huertgenwald", (REFS[2],)), Area("nachbar"))
    assert (found.topic, [one.lang for one in found.texts]) == ("", ["de"])
    assert [one.name for one in found.attachments] == [FILE.name]


def test_house_numbers_are_typed_as_people_do() -> None:
    found = read(typed(**{f"houses:{OWN.path}/street:ahornweg": "1–57, 60a"}), SETTING).draft
    assert [one.value for one in found.areas[0].places] == ["Ahornweg/1-57", "Ahornweg/60a"]
    assert read(typed(scope=""), SETTING).draft.areas[0].places[0].name == "Ahornweg"
    assert read(sent(MultiDict({"lang": "de"})), SETTING).draft.areas == ()
    assert read(typed(scope="all"), SETTING).draft.areas == (Area("huertgenwald"),)
