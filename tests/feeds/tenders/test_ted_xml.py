"""TED's XML of 2014 to 2024: what a notice says, and how later notices of a procedure find the first one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from hub.core.notice import Fact, Status

FIRST = "ted-xml-r209/066521-2022.xml"
CORRECTED, AWARDED = "synthetic/ted_F14_wedel.xml", "synthetic/ted_F03_wedel.xml"


@pytest.fixture
def read(corpus, notices):
    return lambda *names: notices(*[(corpus / name).read_bytes() for name in names])


def test_a_corrigendum_moves_the_closing_date_of_the_first_notice_and_keeps_the_rest(read):
    (first,) = read(FIRST)
    for order in permutations([FIRST, CORRECTED]):
        (found,) = read(*order)
        assert found.id == first.id
        assert found.deadline == datetime(2022, 3, 28, 7, 30, tzinfo=UTC)
        assert found.occurrences[0].key == first.occurrences[0].key
        assert (found.category, found.publisher, found.links) == (first.category, first.publisher, first.links)
        assert found.texts[0].body.startswith("Geändert: IV.2.2 Schlusstermin für den Eingang")
        assert "14.03.2022 23:59 → 28.03.2022 9:30" in found.texts[0].body
        assert "LP 1 bis 4 → LP 1 bis 5" in found.texts[0].body
        assert "Johann-Rist-Gymnasium" in found.texts[0].body
        assert {"112233-2022", first.key} <= {found.key, *found.references}


def test_a_corrigendum_alone_bears_the_first_notices_name(read):
    (alone,), (first,) = read(CORRECTED), read(FIRST)
    assert (alone.key, alone.id) == (first.key, first.id) == ("66521-2022", first.id)
    assert alone.category == "corrigendum"
    assert alone.deadline == datetime(2022, 3, 28, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "status", "said"),
    [
        (AWARDED, Status.ACTIVE, "Auftrag vergeben\n\nZuschlag an: Grünplan Muster PartGmbB"),
        ("synthetic/ted_F03_wedel_discontinued.xml", Status.CANCELLED, "Das Verfahren endet ohne Zuschlag."),
    ],
)
def test_the_end_of_a_procedure_is_the_same_notice(last, status, said, read):
    (first,) = read(FIRST)
    for order in permutations([FIRST, CORRECTED, last]):
        (found,) = read(*order)
        assert (found.id, found.status, found.deadline) == (first.id, status, None)
        assert found.texts[0].body.startswith(said)
        assert Fact("stage", "award") in found.facts


@pytest.mark.parametrize(
    ("name", "title", "deadline", "lots", "places"),
    [
        ("122390-2022", "Neubau Sporthalle Stapel - TGA-Planung", "2022-05-11T11:00:00+02:00", 2, ["DEF0C", "25879"]),
        ("180226-2017", "Planungsleistungen – Sanierung und Erweiterung Heinrich-Heine-Schule Warnemünde.",
         "2017-06-12T14:00:00+02:00", 3, ["DE803", "18119"]),
        ("221099-2021", "Bekanntmachung über Auslaufen eines Trinkwasserversorgungskonzessionsvertrages der Gemeinde Gribow",
         "2021-07-30T12:00:00+02:00", 0, ["DE80N"]),
        ("350966-2022", "WZV - EMSR", "2022-07-25T10:00:00+02:00", 0, ["DEB15"]),
        ("429035-2018", "Feuerwehrfahrzeug Rankwitz", "", 3, ["DE80N", "17406"]),
    ],
)  # fmt: skip
def test_real_notices(name, title, deadline, lots, places, read):
    (notice,) = read(f"ted-xml-r209/{name}.xml")
    assert notice.title == title
    assert (notice.deadline.isoformat() if notice.deadline else "") == deadline
    assert len({fact.name.split(".")[1] for fact in notice.facts if fact.name.startswith("lot.")}) == lots
    assert [one.value for one in notice.places] == places
    assert notice.attribution.startswith("Quelle: TED")


def test_superscripts_stay_readable(read):
    (notice,) = read("ted-xml-r209/122390-2022.xml")
    assert "545,0 m²" in notice.texts[0].body


@pytest.mark.parametrize(
    ("find", "replace", "fault"),
    [
        (b'FORM="F02"', b'FORM="F08"', "buyer profile"),
        (b'FORM="F02"', b'FORM=""', "no standard form"),
        (b"<TITLE>", b"<NOTITLE>", "broken|no title"),
    ],
)
def test_what_is_no_procurement_says_so(find, replace, fault, corpus, make_fetched):
    import re

    from feeds.tenders.parse import parse

    raw = (corpus / FIRST).read_bytes().replace(find, replace).replace(b"</TITLE>", b"</NOTITLE>" if b"NOTITLE" in replace else b"</TITLE>")  # fmt: skip
    (item,) = parse(make_fetched(raw))
    assert re.search(fault, item.fault)


def test_a_notice_without_a_number_is_a_fault(corpus, make_fetched):
    from feeds.tenders.parse import parse

    raw = (corpus / FIRST).read_bytes().replace(b"2022/S 026-066521", b"").replace(b'DOC_ID="066521-2022"', b"")
    (item,) = parse(make_fetched(raw))
    assert "no number in the Official Journal" in item.fault
