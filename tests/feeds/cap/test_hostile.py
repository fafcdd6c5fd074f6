"""Bombs, entities and noise: refused with a sentence, nothing opened, nothing but ``SourceError`` (P-01, P-05, S-03)."""

import ctypes
import io
import os
import random
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from feeds.cap.normalise import normalise
from feeds.cap.parse import parse
from feeds.cap.tree import safe_parser
from hub.core.codec import to_json
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge

IN_OPEN = 0x20


class Watch:
    """Counts how often a file in ``folder`` is opened (inotify)."""

    def __init__(self, folder: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._handle = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._handle, os.fsencode(folder), IN_OPEN) >= 0

    def opened(self) -> bool:
        try:
            return bool(os.read(self._handle, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._handle)


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("CANARY")
    watch = Watch(tmp_path)
    yield path, watch
    path.read_text()
    assert watch.opened(), "the watch itself must work"
    watch.close()


LAUGHS = "<!DOCTYPE a [<!ENTITY a '1234567890'>" + "".join(
    f"<!ENTITY {two} '{f'&{one};' * 10}'>" for one, two in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("make_head", [
    lambda path: f"<!DOCTYPE a [<!ENTITY x SYSTEM 'file://{path}'>]>", lambda path: f"<!DOCTYPE a SYSTEM 'file://{path}'>",
    lambda path: f"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file://{path}'>%x;]>", lambda path: LAUGHS + "]>", lambda path: "<!doctype a>",
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused_and_opens_nothing(make_head, encoding, secret, make_alert, make_fetched) -> None:
    path, watch = secret
    body = make_alert(head=make_head(path), infos=[("de", "<headline>&x;&i;</headline>")])
    text = body.decode().replace("UTF-8", encoding.upper()[:6])
    with pytest.raises(SourceRefused) as error:
        parse(make_fetched(text.encode(encoding)))
    assert "CANARY" not in str(error.value)
    assert not watch.opened()


def test_the_parser_itself_expands_and_loads_nothing(secret) -> None:
    """The look for a document type is the first line of defence; should something get past it, this is the second."""
    path, watch = secret
    for head in (f"<!DOCTYPE a [<!ENTITY x SYSTEM 'file://{path}'>]>", f"<!DOCTYPE a SYSTEM 'file://{path}'>"):
        root = etree.fromstring(f"{head}<a>&x;</a>".encode(), safe_parser())
        assert "CANARY" not in etree.tostring(root, encoding="unicode", with_tail=False)
        assert not watch.opened()


def test_xinclude_is_only_an_element(secret, make_alert, read) -> None:
    path, watch = secret
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{path}" parse="text"/>'
    notices, _ = read(make_alert(infos=[("de", f"<headline>Sturm</headline><description>{include}</description>")]))
    assert [one.texts[0].body for one in notices] == [""]
    assert not watch.opened()


def zipped(*files: tuple[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return memory.getvalue()


def test_a_zip_with_too_many_files(make_fetched) -> None:
    with pytest.raises(SourceTooLarge, match="5000"):
        parse(make_fetched(zipped(*((f"{number}.xml", b"") for number in range(5_001)))))


def test_a_zip_with_a_hundred_thousand_names_is_refused_before_they_are_read(make_fetched) -> None:
    entry = b"PK\x01\x02" + bytes(42)  # of a central directory, which is counted first
    with pytest.raises(SourceTooLarge, match="5000"):
        parse(make_fetched(b"PK\x03\x04" + entry * 100_000))


@pytest.mark.parametrize(("body", "words"), [
    (b"[" * 200_000, "nested too deeply"), (b'{"a":' * 200_000, "nested too deeply"), (b'{"identifier": NaN}', "broken JSON"),
    (b'{"identifier": "x", "msgType": "Alert", "info": ' + b'[{"area": ' * 900 + b"1" + b"}]" * 900 + b"}", "nested"),
    (b'{"identifier": ["x", {"a": "b"}], "msgType": {}, "info": 7}', "status"),
    (b'{"type": "FeatureCollection", "features": [{"geometry": {"type": "Polygon"}}]}', "outline"),
])  # fmt: skip
def test_json_of_any_depth_and_shape_ends_in_a_sentence(body, words, make_fetched) -> None:
    try:
        said = " ".join(one.fault for one in parse(make_fetched(body)))
    except SourceRefused as error:
        said = str(error)
    assert words in said


def test_an_outline_of_any_shape_beside_a_warning_loses_nothing(corpus, make_fetched) -> None:
    warning = (corpus / "synthetic/nina_polizei.json").read_bytes()
    for shape in ("7", "null", '"x"', "[[[1]]]", '[[["a", "b"]]]', "[[[7.1e400, 1]]]"):
        outline = (
            '{"type": "FeatureCollection", "features": [{"properties": {"warnId": "pol.DE-NW-DN-2026-11-20-001"},'
            f' "geometry": {{"type": "Polygon", "coordinates": {shape}}}}}]}}'
        ).encode()
        assert [one.key for one in parse(make_fetched(warning, outline)) if not one.fault and not one.note] == [
            "pol.DE-NW-DN-2026-11-20-001"
        ]


def test_a_feed_of_very_many_entries_is_refused(make_fetched) -> None:
    entry = b'<entry><id>x</id><link href="https://a.example/cap"/></entry>'
    with pytest.raises(SourceTooLarge, match="5000 entries"):
        parse(make_fetched(b'<feed xmlns="http://www.w3.org/2005/Atom">' + entry * 5_001 + b"</feed>"))


@pytest.mark.parametrize("piece", ["<a href=", "<a href='x'>", "<br", "<p ", ",", "a,", "<a "])
def test_texts_made_to_slow_a_reader_down_are_read_at_once(piece, make_alert, read) -> None:
    text = (piece * 200_000).replace("<", "&lt;")
    inner = f"<headline>Sturm</headline><description>{text}</description>"
    assert len(read(make_alert(infos=[("de", inner)], references=(piece * 200_000).replace("<", "")))[0]) == 1


def test_a_zip_that_is_packed_too_tightly(make_fetched) -> None:
    with pytest.raises(SourceTooLarge, match="tightly"):
        parse(make_fetched(zipped(("a.xml", b" " * 20_000_000))))


def test_a_zip_that_is_too_large_altogether(make_fetched) -> None:
    noise = random.Random(1).randbytes(70_000) + b" " * 930_000  # below the ratio, one by one
    with pytest.raises(SourceTooLarge, match="more than warnings"):
        parse(make_fetched(zipped(*((f"{number}.xml", noise) for number in range(52)))))


def test_a_zip_in_a_zip(make_fetched, make_alert) -> None:
    with pytest.raises(SourceRefused, match="further zip"):
        parse(make_fetched(zipped(("a.zip", zipped(("a.xml", make_alert()))))))


def test_names_in_a_zip_lead_nowhere(tmp_path, monkeypatch, make_fetched, make_alert) -> None:
    monkeypatch.chdir(tmp_path)
    items = parse(make_fetched(zipped(("../../../etc/x.xml", make_alert()), ("/etc/passwd", b"x"))))
    assert [bool(one.fault) for one in items] == [False, True]
    assert list(tmp_path.iterdir()) == []


def test_deep_and_long_xml_ends(make_fetched) -> None:
    head = b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
    for body in (head + b"<a>" * 100_000, head + b"<a " + b"x" * 11_000_000, head + b"<a>" + b"x" * 11_000_000):
        with pytest.raises(SourceRefused):
            parse(make_fetched(body))


def mutated(body: bytes, rng: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, what = rng.randrange(len(found)), rng.choice((0, 0, 1, 2, 3, 4))
        if what == 0:
            found[at] = rng.randrange(256)
        elif what == 1:
            del found[at : at + rng.randint(1, 60)]
        elif what == 2:
            found[at:at] = rng.choice(
                [b"\0", b"\xff\xfe", b"&#0;", b"&#xD800;", b"<!--", b"]]>", b"-9999", b"9999-12-31T23:59:59-14:00"]
            )
        elif what == 3:
            other = rng.randrange(len(found))
            found[at:at] = found[other : other + 200]
        else:
            found = found[: max(40, at)]
    return bytes(found)


def test_noise_ends_in_notices_or_a_source_error(corpus, make_fetched) -> None:
    rng = random.Random(20301117)
    seeds = [one.read_bytes() for one in sorted(corpus.rglob("*.*")) if one.stat().st_size < 100_000]
    outcomes = {"read": 0, "refused": 0, "silent": 0}
    for number in range(1_500):
        fetched = make_fetched(mutated(seeds[number % len(seeds)], rng))
        try:
            for item in parse(fetched):
                if not item.fault and not item.note:
                    to_json(normalise(item, fetched.source))
            outcomes["read"] += 1
        except SourceError as error:
            outcomes["refused" if str(error) else "silent"] += 1
    assert outcomes.pop("silent") == 0
    assert min(outcomes.values()) > 100
