"""Bombs, hostile XML and mutated files: only ``SourceError`` leaves, and quickly."""

from __future__ import annotations

import copy
import io
import random
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds.tenders import archive
from feeds.tenders.normalise import normalise
from feeds.tenders.parse import parse
from hub.core.codec import from_json, to_json
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge


def packed(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", method) as target:
        for name, body in members:
            target.writestr(name, body)
    return found.getvalue()


def test_member_packed_too_tightly_is_a_bomb(make_fetched):
    with pytest.raises(SourceTooLarge, match="more tightly"):
        parse(make_fetched(packed(("a.xml", b" " * 5_000_000))))


def test_total_size_is_bounded(monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 300_000)
    noise = random.Random(1).randbytes(100_000)
    with pytest.raises(SourceTooLarge, match="more than a day"):
        list(archive.members(packed(*((f"{n}.xml", noise) for n in range(4)))))
    assert len(list(archive.members(packed(*((f"{n}.xml", noise) for n in range(3)))))) == 3


def test_too_many_members_are_refused_before_they_are_listed(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 10)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # using it would be a TypeError
    body = b"PK\x03\x04" + b"PK\x01\x02" * 11
    with pytest.raises(SourceTooLarge, match="more than 10 files"):
        list(archive.members(body))


@pytest.mark.slow
def test_a_real_day_may_have_thousands_of_notices(corpus, make_fetched):
    body = (corpus / "eforms" / "E3_minimal.xml").read_bytes()
    members = [
        (
            f"{n}.xml",
            body.replace(b"d8e0c26b-6206-4588-85f5", f"d8e0c26b-6206-4588-{n:04}".encode()).replace(
                b"a03fdc6d-9924", f"a03fdc6d-{n:04}".encode()
            ),
        )
        for n in range(6000)
    ]
    assert len(parse(make_fetched(packed(*members)))) == 6000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_a_fault(method, make_fetched):
    (item,) = parse(make_fetched(packed(("a.xml", b"<x/>"), method=method)))
    assert "not allowed" in item.fault


def test_encrypted_member_is_a_fault(make_fetched):
    body = bytearray(packed(("a.xml", b"<x/>"), ("b.xml", b"<y/>")))
    for at in (body.index(b"PK\x03\x04") + 6, body.index(b"PK\x01\x02") + 8):
        body[at] |= 1
    items = parse(make_fetched(bytes(body)))
    assert "encrypted" in items[0].fault
    assert "encrypted" not in items[1].fault


def test_damaged_member_is_a_fault(corpus, make_fetched):
    good = (corpus / "eforms" / "E1_minimal.xml").read_bytes()
    body = bytearray(packed(("a.xml", good), ("b.xml", good)))
    body[200] ^= 0xFF
    items = parse(make_fetched(bytes(body)))
    assert sorted(bool(one.fault) for one in items) == [False, True]


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>'
)
XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize("body", [LAUGHS, XXE, b"<!doctype x><x/>", b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x'><x/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_doctype_is_refused_in_any_encoding(body, encoding, make_fetched):
    text = body.decode().replace("?>", f' encoding="{encoding}"?>', 1)
    with pytest.raises(SourceRefused):
        parse(make_fetched(text.encode(encoding)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_notice_that_is_in_order_but_for_its_document_type_is_refused(encoding, corpus, make_fetched):
    text = (corpus / "eforms/E1_minimal.xml").read_text().removeprefix('<?xml version="1.0"?>')
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    assert parse(make_fetched(f"{head}{text}".encode(encoding)))
    with pytest.raises(SourceRefused, match="document type"):
        parse(make_fetched(f"{head}<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x'>{text}".encode(encoding)))


def test_deep_and_endless_xml_is_refused(make_fetched):
    for body in (b"<x>" * 100_000, b"<x " + b'a="1" ' * 1000 + b"/>", b"<x>" + b"&#0;" + b"</x>"):
        with pytest.raises(SourceRefused):
            parse(make_fetched(body))


SEEDS = ["eforms/E1_minimal.xml", "eforms/change-cn_24_open_dates.xml", "ocds-de/release_giessen.json",
         "synthetic/service_bund_like.rss.xml", "ocds-de/ocds_day_export_derived.zip", "synthetic/ted_F14_wedel.xml",
         "synthetic/ted_search_page.json", "synthetic/below_threshold_E4_award.xml", "ted-xml-r209/122390-2022.xml"]  # fmt: skip


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files_end_in_notices_or_source_errors(name, corpus, make_fetched):
    original = (corpus / name).read_bytes()
    chance = random.Random(name)
    for _ in range(250):
        body = bytearray(original)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(body))
            kind = chance.randrange(4)
            if kind == 0:
                body[at] = chance.randrange(256)
            elif kind == 1:
                del body[at : at + chance.randint(1, 60)]
            elif kind == 2:
                body[at:at] = chance.choice(
                    [b"9" * 40, b"\x00", b"\xff", b"[]", b"null", b"-", b"1e999", b"<a>", b"\\ud800"]
                )
            else:
                body[at : at + 10] = body[chance.randrange(len(body)) :][:20]
            if not body:
                body = bytearray(b"x")
        fetched = make_fetched(bytes(body))
        try:
            items = parse(fetched)
        except SourceError:
            continue
        for item in items:
            if not (item.fault or item.note):
                notice = normalise(item, fetched.source)
                assert from_json(to_json(notice)) == notice


HOSTILE = ["", " ", "-1", "1e999", "NaN", "9" * 5000, "2026-02-30", "0001-01-01+14:00", "9999-12-31", "99:99:99", "javascript:x",
           "http://[", "\u202ex", "<b>", "DEU", "05370-1-1", "x" * 100_000]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["change-cn_24_open_dates.xml", "cn_24_maximal.xml", "can_24_minimal.xml", "E3_minimal.xml"]
)
def test_valid_xml_with_hostile_content_is_read_or_a_fault(name, corpus, make_fetched):
    original = (corpus / "eforms" / name).read_bytes()
    chance = random.Random(name)
    read = 0
    for _ in range(120):
        root = etree.fromstring(original)
        elements = list(root.iter("*"))[1:]
        for one in chance.sample(elements, 15):
            kind = chance.randrange(5)
            if kind == 0 and one.getparent() is not None:
                one.getparent().remove(one)
            elif kind == 1 and one.getparent() is not None:
                one.getparent().append(copy.deepcopy(one))
            elif kind == 2:
                one.attrib.clear()
            else:
                one.text = chance.choice(HOSTILE)
        fetched = make_fetched(etree.tostring(root))
        for item in parse(fetched):
            if not (item.fault or item.note):
                read += 1
                notice = normalise(item, fetched.source)
                assert from_json(to_json(notice)) == notice
    assert read > 60  # most changes leave a notice that can be read


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(
    ["0001-01-01T00:00:00+14:00", "9999-12-31", "2026-13-01", "CPV", "45000000", "DEA29", "http://[", "https://x.de/"]
)  # fmt: skip
names = st.sampled_from(
    [
        "ocid",
        "id",
        "tag",
        "date",
        "language",
        "buyer",
        "parties",
        "tender",
        "title",
        "description",
        "lots",
        "items",
        "value",
        "amount",
        "currency",
        "tenderPeriod",
        "endDate",
        "classification",
        "additionalClassifications",
        "scheme",
        "deliveryAddress",
        "deliveryAddresses",
        "region",
        "postalCode",
        "roles",
        "identifier",
        "documents",
        "url",
        "status",
        "awards",
        "name",
        "releases",
    ]
)
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(names, trees, max_size=8))
def test_any_json_under_ocds_names_is_read_or_refused(make_fetched, data):
    import json

    whole = {"ocid": "ocds-1", "tender": {"title": "X"}, **data}
    fetched = make_fetched(json.dumps(whole).encode())
    try:
        items = parse(fetched)
    except SourceError:
        return
    for item in items:
        if not (item.fault or item.note):
            notice = normalise(item, fetched.source)
            assert from_json(to_json(notice)) == notice


def test_a_hundred_thousand_notices_are_refused_in_one_plain_sentence(make_fetched):
    import json

    release = {"ocid": "x", "tender": {"title": "T"}}
    for whole in ({"releases": [release] * 100_000}, {"notices": [{"publication-number": "1-2026"}] * 100_000}):
        with pytest.raises(SourceTooLarge, match="shorter span"):
            parse(make_fetched(json.dumps(whole).encode()))


def test_many_small_documents_cannot_exceed_the_bound_together(make_fetched, monkeypatch):
    from feeds.tenders import parse as door

    monkeypatch.setattr(door, "MOST_NOTICES", 5)
    with pytest.raises(SourceTooLarge, match="more than 5 notices"):
        parse(make_fetched(*[b'{"ocid": "x", "tender": {"title": "T"}}'] * 6))


def test_faults_without_end_are_counted(make_fetched):
    import json

    items = parse(make_fetched(json.dumps({"releases": [{"ocid": "x"}] * 1000}).encode()))
    assert sum(bool(one.fault) for one in items) == 200
    assert items[-1].note == "faults: 800 more notices could not be read"


ted_names = st.sampled_from(
    ["publication-number", "publication-date", "notice-title", "title-proc", "title-lot", "buyer-name", "notice-type",
     "form-type", "classification-cpv", "deadline-receipt-tender-date-lot", "deadline-receipt-tender-time-lot", "links",
     "html", "deu", "eng", "mul", "place-of-performance", "estimated-value-lot", "estimated-value-cur-lot",
     "change-description", "change-notice-version-identifier", "procedure-identifier", "notice-identifier"]
)  # fmt: skip
ted_trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ted_names, inner, max_size=6)
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(ted_names, ted_trees, max_size=10))
def test_any_json_under_teds_names_is_read_or_a_fault(make_fetched, data):
    import json

    notice = {"publication-number": "1-2026", "title-proc": {"deu": "X"}, **data}
    fetched = make_fetched(
        json.dumps({"notices": [notice, {"publication-number": "2-2026", "title-proc": "Gut"}]}).encode()
    )
    items = parse(fetched)
    assert [one.data["titles"] for one in items if one.key == "2-2026"] == [{"de": "Gut"}] or len(items) < 3
    for item in items:
        if not (item.fault or item.note):
            notice = normalise(item, fetched.source)
            assert from_json(to_json(notice)) == notice
