"""A preview shows what would become notices; it needs no database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.core.codec import from_json
from hub.core.errors import SourceConfigError
from hub.gatherer import RealGatherer
from hub.preview import media_type, preview
from tests.fakes.http import FakeHttp
from tests.fakes.kinds import FETCH, NORMALISE, plug_kind

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://town.example/feed"


def show(root: Path, what: str, http: FakeHttp | None = None, **settings: str) -> dict[str, Any]:
    return preview("stub", what, settings, http=http or FakeHttp(), now=NOW, plugins=[root])


def test_a_file_is_shown(tmp_path: Path) -> None:
    root, file = plug_kind(tmp_path / "plug"), tmp_path / "feed.txt"
    file.write_text("one\ntwo\n")
    shown = show(root, str(file), place="ars:053340002002")
    assert (shown["kind"], shown["refused"], shown["faults"]) == ("stub", None, [])
    assert [one["title"] for one in shown["items"]] == ["one", "two"]
    assert from_json(shown["items"][0]).places[0].value == "053340002002"
    assert json.loads(json.dumps(shown)) == shown


def test_a_folder_is_one_document_per_file_by_name(tmp_path: Path) -> None:
    root, folder = plug_kind(tmp_path / "plug"), tmp_path / "many"
    folder.mkdir()
    (folder / "b.csv").write_text("second")
    (folder / "a.csv").write_text("first")
    (folder / ".hidden").write_text("no")
    assert [one["title"] for one in show(root, str(folder))["items"]] == ["first", "second"]


def test_an_address_goes_through_the_kinds_fetch(tmp_path: Path) -> None:
    http = FakeHttp().answers(URL, body=b"from the net")
    assert [one["title"] for one in show(plug_kind(tmp_path), URL, http)["items"]] == ["from the net"]
    assert http.asked[0].url == URL


def test_a_kind_may_read_files_its_own_way(tmp_path: Path) -> None:
    own = FETCH + (
        "from hub.core.source import Document, Fetched, FetchState\n"
        "def from_files(paths, source, now):\n"
        "    return Fetched((Document('x', '', b'own way'),), now, FetchState(), source)\n"
    )
    file = tmp_path / "x"
    file.write_text("ignored")
    assert show(plug_kind(tmp_path / "plug", fetch=own), str(file))["items"][0]["title"] == "own way"


def test_a_refused_source_and_a_broken_item_are_told_apart(tmp_path: Path) -> None:
    shown = show(plug_kind(tmp_path / "a"), URL, FakeHttp().answers(URL, 404))
    assert (shown["items"], shown["faults"]) == ([], [])
    assert "404" in shown["refused"]
    parse = "from hub.core.source import Item\ndef parse(f): return [Item('bad', fault='no date'), Item('good', {'title': 'T'})]\n"
    shown = show(plug_kind(tmp_path / "b", parse=parse), URL, FakeHttp().answers(URL, body=b"x"))
    assert (shown["faults"], shown["refused"]) == ([{"key": "bad", "reason": "no date"}], None)
    assert len(shown["items"]) == 1


@pytest.mark.parametrize("what", ["file:///etc/hostname", "ftp://town.example/x", "/nowhere/at/all"])
def test_what_is_neither_file_nor_web_address_is_a_setting_fault(tmp_path: Path, what: str) -> None:
    with pytest.raises(SourceConfigError):
        show(plug_kind(tmp_path), what)


def test_wrong_settings_are_a_setting_fault(tmp_path: Path) -> None:
    with pytest.raises(SourceConfigError, match=r"'nope'.*'mode'"):
        show(plug_kind(tmp_path), URL, nope="1", mode="odd")


def test_media_types_are_guessed_by_name() -> None:
    names = ("a.ics", "a.XML", "a.geojson", "a.json", "a.csv", "a.unknown-thing")
    expected = ["text/calendar", "application/xml", "application/geo+json", "application/json", "text/csv", ""]
    assert [media_type(Path(one)) for one in names] == expected


def test_the_mere_end_of_something_elsewhere_is_no_line_in_a_preview() -> None:
    """A bundle for all of Germany holds many updates that only matter to who had the alert before."""
    bundle = next((Path(__file__).parents[1] / "corpus" / "weather" / "dwd").glob("*.zip"))
    shown = preview("cap", str(bundle), {"place": "ars:120695902270"}, http=FakeHttp(), now=NOW)
    assert [one["title"] for one in shown["items"]] == ["Amtliche WARNUNG vor STARKREGEN"]


DATED = NORMALISE.replace(
    "places=source.places,",
    "places=(PlaceRef('ars', item.key),), occurrences=(Occurrence('1', date(2026, 12, 1)), Occurrence('2', date(2027, 1, 5))),",
).replace(
    "from hub.core.notice import Notice,",
    "from datetime import date\nfrom hub.core.notice import Occurrence, PlaceRef, Notice,",
)


def test_a_preview_says_what_it_spans_and_what_would_reach_nobody(tmp_path: Path) -> None:
    root, file = plug_kind(tmp_path / "plug", normalise=DATED), tmp_path / "feed.txt"
    file.write_text("053580016016\n999999999999\n")
    found = RealGatherer(FakeHttp()).places
    shown = preview("stub", str(file), {}, http=FakeHttp(), now=NOW, plugins=[root], places=found)
    assert shown["span"] == {"first": "2026-12-01", "last": "2027-01-05"}
    assert [one["paths"] for one in shown["items"]] == [["053580016016"], []]
    assert [(one["title"], one["places"]) for one in shown["unplaced"]] == [("999999999999", ["ars:999999999999"])]


def test_a_refusal_keeps_the_label_of_its_cause(tmp_path: Path) -> None:
    http = FakeHttp().answers(URL, 404)
    shown = show(plug_kind(tmp_path), URL, http)
    assert (shown["label"], shown["items"], shown["span"]) == ("source-refused", [], None)


def test_the_houses_own_topic_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceConfigError, match="belongs to the house"):
        show(plug_kind(tmp_path), URL, topic="desk")
