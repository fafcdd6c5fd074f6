"""From documents to items: formats told apart, corrigenda joined, filters, faults that stop nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from feeds.tenders.normalise import normalise
from feeds.tenders.parse import parse
from hub.core.errors import SourceError, SourceRefused
from hub.core.notice import Fact, Status
from hub.core.source import Item


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return packed.getvalue()


def release(**changes) -> dict:
    """A small OCDS release of one procedure."""
    base = {
        "ocid": "ocds-mnwr74-1",
        "id": "n1",
        "date": "2026-11-01T08:00:00+01:00",
        "tag": ["tender"],
        "language": "DEU",
        "buyer": {"name": "Stadt Musterstadt"},
        "tender": {
            "title": "Neubau Kita",
            "items": [
                {
                    "classification": {"scheme": "CPV", "id": "45214100-1"},
                    "deliveryAddress": {"region": "DEA29", "postalCode": "52511", "locality": "Geilenkirchen"},
                }
            ],
        },
    }
    return {**base, **changes}


def body(*releases: dict) -> bytes:
    return json.dumps({"releases": list(releases)}).encode()


LOTS = [
    {"id": "LOT-0001", "title": "Rohbau", "tenderPeriod": {"endDate": "2026-12-01T10:00:00+01:00"}},
    {"id": "LOT-0002", "title": "Dach", "tenderPeriod": {"endDate": "2026-12-15T10:00:00+01:00"}},
]


def with_lots(**changes) -> dict:
    return release(tender={**release()["tender"], "lots": LOTS}, **changes)


def test_corrigendum_keeps_the_key_and_names_what_it_changes(corpus, notices):
    original = (corpus / "eforms" / "change-cn_24_open_dates.xml").read_bytes()
    start, end = original.index(b"<efac:Changes>"), original.index(b"</efac:Changes>") + len(b"</efac:Changes>")
    first = original[:start] + original[end:]
    first = first.replace(b"71397268-6c47-4f2f-8ab0-f41a26138f81", b"c4c415ee-ac08-4465-8fa6-57568cf69462")
    first = first.replace(b"2020-06-12+01:00", b"2020-05-22+01:00").replace(b"2020-04-17", b"2020-03-17")
    (before,) = notices(first)
    (after,) = notices(original)
    assert before.key == after.key == "31f258b6-5eb2-4875-8997-affa3cdce27c"
    assert before.id == after.id
    assert after.references == ("c4c415ee-ac08-4465-8fa6-57568cf69462", "71397268-6c47-4f2f-8ab0-f41a26138f81")
    assert before.references == ("c4c415ee-ac08-4465-8fa6-57568cf69462",)
    assert after.deadline > before.deadline
    assert [one.key for one in before.occurrences] == [one.key for one in after.occurrences] == ["deadline"]
    assert after.texts[0].body.startswith("Changed: Time limit")
    # The two of one day, in whichever order they lie in the archive, are one item: the later one.
    for archive in (zipped(a=first, b=original), zipped(a=original, b=first)):
        assert [(one.deadline, one.references) for one in notices(archive)] == [(after.deadline, after.references)]


def test_corrigendum_without_a_procedure_id_goes_by_the_notice_it_changes(corpus, notices):
    changed = (corpus / "eforms" / "change-cn_24_open_dates.xml").read_bytes()
    changed = changed.replace(b"31f258b6-5eb2-4875-8997-affa3cdce27c", b"")
    (notice,) = notices(changed)
    assert notice.key == "c4c415ee-ac08-4465-8fa6-57568cf69462"


def test_cancelled_notice_is_cancelled_with_its_deadline(corpus, notices):
    changed = (corpus / "eforms" / "change-cn_24_open_dates.xml").read_bytes().replace(b">update-add<", b">cancel<")
    (notice,) = notices(changed)
    assert notice.status is Status.CANCELLED
    assert [one.status for one in notice.occurrences] == [Status.CANCELLED]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"tag": ["tenderCancellation"]}, Status.CANCELLED),
        ({"tender": {"title": "X", "status": "withdrawn"}}, Status.CANCELLED),
        ({"tag": ["tenderUpdate"]}, Status.ACTIVE),
        ({"tag": "tender"}, Status.ACTIVE),
        ({"tag": None}, Status.ACTIVE),
    ],
)
def test_ocds_says_itself_whether_it_stands(changes, status, notices):
    assert notices(body(release(**changes)))[0].status is status


def test_lots_with_several_deadlines(notices):
    (notice,) = notices(body(with_lots()), at=datetime(2026, 11, 20, tzinfo=UTC))
    assert [(one.key, one.summary) for one in notice.occurrences] == [
        ("deadline:LOT-0001", "Los 1: Rohbau"),
        ("deadline:LOT-0002", "Los 2: Dach"),
    ]
    assert notice.deadline == notice.occurrences[0].start == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert notice.expires == notice.occurrences[1].start
    assert "Los 1: Rohbau" in notice.texts[0].body


@pytest.mark.parametrize(("sent", "day"), [("2026-12-02", 15), ("2026-12-20", 15), ("2026-11-01", 1)])
def test_deadline_that_counts_is_the_earliest_that_was_open_when_the_notice_appeared(sent, day, notices):
    for now in (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 30, tzinfo=UTC)):  # read when it may be
        (notice,) = notices(body(with_lots(date=f"{sent}T08:00:00+01:00")), at=now)
        assert notice.deadline.day == day


def test_award_has_no_deadline(notices):
    (notice,) = notices(body(with_lots(tag=["award", "contract"])))
    assert (notice.category, notice.deadline, notice.occurrences) == ("award", None, ())
    assert notice.texts[0].body.startswith("Auftrag vergeben")
    assert notice.expires is None
    assert Fact("stage", "award") in notice.facts


def test_deadline_without_lots_and_without_offset_is_local(notices):
    tender = {**release()["tender"], "tenderPeriod": {"endDate": "2026-12-24"}}
    (notice,) = notices(body(release(tender=tender)))
    assert notice.deadline == datetime(2026, 12, 24, 22, 59, 59, tzinfo=UTC)
    assert [one.key for one in notice.occurrences] == ["deadline"]


def test_swapped_buyer_ids_find_the_party_and_the_leitweg_id(notices):
    # 05370012-0000-29: check digits by ISO 7064 MOD 97-10
    leitweg = next(f"05370012-0000-{check:02}" for check in range(100) if int(f"053700120000{check:02}") % 97 == 1)
    parties = [
        {"id": "ORG-0002", "name": "Vergabekammer", "roles": ["reviewBody"], "address": {"region": "DEA23"}},
        {"id": "ORG-0001", "name": "Stadt", "roles": [], "address": {"region": "DEA2", "postalCode": "52511"}},
    ]
    changed = release(buyer={"id": leitweg, "identifier": {"id": "ORG-0001"}}, parties=parties, tender={"title": "X"})
    (notice,) = notices(body(changed))
    assert notice.publisher == "Stadt"
    assert [(one.scheme, one.value) for one in notice.places] == [
        ("ags", "05370012"),  # surer than the postal address
    ]


def test_value_falls_back_to_the_sum_of_lots_of_one_currency(notices):
    def lots(*money):
        tender = {"title": "X", "lots": [{"id": str(n), "value": one} for n, one in enumerate(money)]}
        return notices(body(release(tender=tender)))[0].value

    assert lots({"amount": 10, "currency": "EUR"}, {"amount": 5.5, "currency": "EUR"}).amount == 15.5
    assert lots({"amount": 10, "currency": "EUR"}, {"amount": 5, "currency": "USD"}) is None
    assert lots({"amount": "NaN"}, {"amount": -3}, {"amount": None}) is None


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({}, True),
        ({"cpv": "45"}, True),
        ({"cpv": "90, 45214100-1"}, True),
        ({"cpv": "45000000"}, True),
        ({"cpv": "45214110"}, False),
        ({"cpv": "90"}, False),
        ({"nuts": "dea2"}, True),
        ({"nuts": "DEB, DE1"}, False),
        ({"buyer": "musterstadt, Kreis"}, True),
        ({"buyer": "Berlin"}, False),
        ({"cpv": "45", "nuts": "DEB"}, False),
        ({"cpv": " , "}, True),
    ],
)
def test_settings_keep_what_is_wanted(config, kept, make_fetched):
    assert bool([one for one in parse(make_fetched(body(release()), **config)) if not one.note]) is kept
    packed = zipped(a=body(release()))  # a look at the raw bytes comes first there
    assert bool([one for one in parse(make_fetched(packed, **config)) if not one.note]) is kept


@pytest.mark.parametrize("name", ["INVALID_cn_24_empty.xml", "INVALID_cn_24_stage-1.xml"])
def test_invalid_official_example_is_a_fault(name, corpus, make_fetched):
    fetched = make_fetched((corpus / "eforms" / name).read_bytes())
    (item,) = parse(fetched)
    assert item.fault == "The notice has no notice identifier."
    with pytest.raises(SourceRefused, match="no notice identifier"):
        normalise(item, fetched.source)


def test_broken_members_do_not_stop_the_others(corpus, make_fetched):
    good = (corpus / "eforms" / "E1_minimal.xml").read_bytes()
    items = parse(
        make_fetched(
            zipped(
                **{
                    "a.xml": b"<broken",
                    "../../etc/passwd": good,
                    "c.txt": b"",
                    "d.zip": zipped(x=good),
                    "e.json": b"{}",
                }
            )
        )
    )
    assert [bool(one.fault) for one in items if not one.note] == [False, True, True, True, True]
    assert all(len(one.fault) > 10 for one in items[1:])
    assert "etc" not in items[0].key


def test_one_release_without_a_title_does_not_stop_the_others(make_fetched):
    items = parse(make_fetched(body(release(), {"ocid": "x"}, {}, "text")))  # type: ignore[arg-type]
    assert [one.fault for one in items if not one.note] == [
        "",
        "The release has no title.",
        "The release has no ocid.",
        "The release has no ocid.",
    ]


def test_single_release_record_package_and_list_are_read(notices):
    one = release()
    records = {"records": [{"compiledRelease": one}]}
    for data in (one, [one], {"releases": [one]}, records):
        assert [notice.key for notice in notices(json.dumps(data).encode())] == ["1"]
    embedded = {"records": [{"ocid": "x", "releases": [one, {"url": "https://example.org/1"}]}]}
    assert [notice.key for notice in notices(json.dumps(embedded).encode())] == ["1"]
    assert notices(b'{"releases": []}') == []
    assert notices(b"\xef\xbb\xbf" + json.dumps(one).encode())[0].title == "Neubau Kita"


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (b"", "empty"),
        (b"<html><body>Login</body></html>", "web page"),
        (b"<!DOCTYPE html><html></html>", "document type"),
        (b"<Invoice/>", "no eForms"),
        (b'{"hello": 1}', "neither an OCDS"),
        (b'{"releases": [', "cut off"),
        (b"PK\x03\x04 but no archive", "broken"),
        (b"[" * 100_000, "broken"),
        (b"\xff\xfe\x00", "broken"),
    ],
)
def test_what_is_no_tender_data_is_refused_in_plain_words(found, why, make_fetched):
    with pytest.raises(SourceRefused, match=why):
        parse(make_fetched(found))


def test_an_empty_answer_of_teds_search_is_no_error(notices):
    assert notices(b'{"notices": [], "totalNoticeCount": 0}') == []


@pytest.mark.parametrize(("wanted", "file"), [("ocds", "synthetic/ted_F14_wedel.xml"), ("ted", "eforms/E1_minimal.xml"), ("rss", "ocds-de/release_giessen.json"),
                                              ("eforms", "synthetic/service_bund_like.rss.xml")])  # fmt: skip
def test_another_format_than_promised_is_refused(wanted, file, corpus, make_fetched):
    with pytest.raises(SourceError, match=f"set to {wanted}"):
        parse(make_fetched((corpus / file).read_bytes(), format=wanted))


@pytest.mark.parametrize(
    ("url", "attribution"),
    [
        ("https://oeffentlichevergabe.de/api/x", "Quelle: Datenservice Öffentlicher Einkauf (CC0)"),
        ("https://www.ted.europa.eu/x", "Quelle: TED, © Europäische Union (CC BY 4.0)"),
        ("https://evil.example/oeffentlichevergabe.de", ""),
        ("https://[broken", ""),
    ],
)
def test_attribution_goes_by_the_publisher(url, attribution, corpus, notices):
    (notice,) = notices((corpus / "eforms" / "E1_minimal.xml").read_bytes(), url=url)
    assert notice.attribution == attribution


def test_foreign_data_is_refused_by_normalise(make_fetched):
    source = make_fetched().source
    for data in ({}, {"lots": []}, {"lots": [{}]}, {"lots": 3}):
        with pytest.raises(SourceRefused, match="shape"):
            normalise(Item("k", data), source)
