"""Several notices, one procedure: in any order, in any format, with any timestamps."""

from __future__ import annotations

import io
import json
import random
import zipfile
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.tenders.parse import parse
from hub.core.codec import content_hash
from hub.core.difference import difference
from hub.core.notice import Status

FIRST, CHANGED = "below_threshold_E3.xml", "below_threshold_E3_change.xml"
CANCELLED, AWARDED, FAILED = (
    "below_threshold_E3_cancel.xml", "below_threshold_E4_award.xml", "below_threshold_E4_no_award.xml",
)  # fmt: skip


@pytest.fixture
def raw(corpus):
    return lambda name: (corpus / "synthetic" / name).read_bytes()


def packed(*bodies):
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, body in enumerate(bodies):
            archive.writestr(f"{number}.xml", body)
    return found.getvalue()


@pytest.mark.parametrize(
    ("later", "status", "stage"),
    [
        ((CHANGED,), Status.ACTIVE, "tender"),
        ((CHANGED, CANCELLED), Status.CANCELLED, "tender"),
        ((CHANGED, AWARDED), Status.ACTIVE, "award"),
        ((FAILED,), Status.CANCELLED, "award"),
    ],
)
def test_the_newest_notice_decides_in_whichever_order_they_lie(later, status, stage, raw, notices):
    (first,) = notices(raw(FIRST))
    (last,) = notices(raw(later[-1]))
    found = [notices(packed(*map(raw, order))) for order in permutations((FIRST, *later))]
    assert {len(one) for one in found} == {1}
    for (notice,) in found:
        assert (notice.id, notice.status, notice.texts) == (first.id, status, last.texts)
        assert {fact.name: fact.value for fact in notice.facts}["stage"] == stage
    assert len({content_hash(one[0]) for one in found}) == 1


def test_the_difference_of_a_corrigendum_names_the_lot(raw, notices):
    (before,), (after,) = notices(raw(FIRST)), notices(raw(CHANGED))
    found = [(one.name, one.before[:16], one.after[:16]) for one in difference(before, after)]
    assert found[:3] == [
        ("lot.1.deadline", "2027-01-12T10:00", "2027-01-19T10:00"),
        ("value", "1160500.50 EUR", "1220500.50 EUR"),
        ("lot.1.value", "850000.00 EUR", "910000.00 EUR"),
    ]
    assert [name for name, *_ in found[3:]] == ["text"]


def test_an_award_says_who_won_and_not_that_deadlines_are_gone(raw, notices):
    (before,), (after,) = notices(raw(CHANGED)), notices(raw(AWARDED))
    found = {one.name: (one.before, one.after) for one in difference(before, after)}
    assert found["stage"] == ("tender", "award")
    assert found["winner"] == ("", "Bau Muster GmbH")
    assert all(after for _, after in found.values())


def test_the_two_formats_of_one_notice_complete_each_other(corpus, raw, notices):
    ocds = (corpus / "ocds-de" / "release_giessen.json").read_bytes()
    for bodies in ((ocds, raw("giessen_eforms.xml")), (raw("giessen_eforms.xml"), ocds)):
        (notice,) = notices(*bodies)
        assert notice.deadline.isoformat() == "2026-10-20T11:00:00+02:00"  # eForms have it
        facts = {fact.name: fact.value for fact in notice.facts}
        assert facts["place"] == "35390 Gießen"  # the OCDS has the place of performance
        assert {"ocds-mnwr74-b679846b-c3e8-4e8f-82ae-380fa802ebfd", "c32c9d1d-3e9e-4992-bebf-cb5130eaf0ce"} <= {
            notice.key, *notice.references,
        }  # fmt: skip
    (alone,) = notices(ocds)
    assert (alone.id, alone.deadline) == (notice.id, None)


def test_the_clerk_is_told_that_ocds_lacks_the_closing_date(corpus, make_fetched, raw):
    ocds = (corpus / "ocds-de" / "release_giessen.json").read_bytes()
    assert [one.note for one in parse(make_fetched(ocds)) if one.note] == [
        "no-deadline: 1 OCDS releases give no closing date; the eForms export has it"
    ]
    assert [one.note for one in parse(make_fetched(ocds, raw("giessen_eforms.xml"))) if one.note] == [
        "joined: 2 notices belong to 1 procedures"
    ]


def test_a_later_ocds_release_does_not_drop_the_deadline_that_eforms_gave(corpus, raw, notices):
    release = json.loads((corpus / "ocds-de" / "release_giessen.json").read_bytes())
    later = {**release, "id": "another", "date": "2026-09-20T10:00:00Z"}
    (notice,) = notices(raw("giessen_eforms.xml"), json.dumps(later).encode())
    assert notice.deadline.isoformat() == "2026-10-20T11:00:00+02:00"


def test_release_ids_of_small_publishers_are_no_names(notices):
    def release(ocid):
        return {"ocid": ocid, "id": "1", "tender": {"title": ocid}}

    found = notices(json.dumps({"releases": [release("a-1"), release("a-2")]}).encode())
    assert [one.title for one in found] == ["a-1", "a-2"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_republished_notice_is_the_same_to_a_reader(data, raw, notices):
    body = raw(FIRST)
    day = data.draw(st.integers(1, 28))
    version = data.draw(st.integers(1, 99))
    again = body.replace(b"2026-12-01+01:00", f"2026-12-{day % 11 + 1:02}+01:00".encode())
    again = again.replace(b"<cbc:VersionID>01<", f"<cbc:VersionID>{version:02}<".encode())
    again = again.replace(b"08:00:00+01:00", f"{day % 24:02}:15:00Z".encode())
    many = [
        body.replace(b"7f3c1f0e", f"7f3c1f{n:02}".encode()).replace(b"a1b2c3d4", f"a1b2c3{n:02}".encode())
        for n in range(10, 14)
    ]
    shuffled = [again, *many]
    random.Random(day).shuffle(shuffled)
    (before,) = notices(body)
    after = {one.key: one for one in notices(packed(*shuffled))}
    assert len(after) == 5
    assert content_hash(after[before.key]) == content_hash(before)
