"""Text settings become a source, or one error with every fault in it."""

from __future__ import annotations

import pytest

from feeds import FeedKind
from hub.core.errors import SourceConfigError
from hub.core.notice import PlaceRef
from hub.core.source import ConfigField
from hub.sources import build_source, display_name

KIND = FeedKind(
    KIND="stub",
    TOPIC="news",
    CONFIG=(
        ConfigField("area", "Area", required=True),
        ConfigField("mode", "Mode", default="short", choices=("short", "long")),
        ConfigField("mapping.title", "Title column"),
    ),
    INTERVAL=900,
    package="nowhere",
)


def test_defaults_are_filled_in_and_common_settings_taken() -> None:
    source = build_source(
        KIND, "https://a.example/", {"area": " x ", "mapping.title": "T"}, source_id="s", municipality="m"
    )
    assert (source.topic, source.language, source.zone, source.interval) == ("news", "de", "Europe/Berlin", 900)
    assert dict(source.config) == {"area": "x", "mode": "short", "mapping.title": "T"}
    given = {
        "area": "x",
        "topic": "waste",
        "language": "de-AT",
        "zone": "Europe/Vienna",
        "name": "N",
        "interval": "600",
    }
    source = build_source(KIND, "u", given, source_id="s")
    assert (source.topic, source.language, source.zone, source.name, source.interval) == (
        "waste",
        "de-AT",
        "Europe/Vienna",
        "N",
        600,
    )


def test_places_are_read() -> None:
    source = build_source(KIND, "u", {"area": "x", "place": "ars:053340002002, zone:Bezirk 1"}, source_id="s")
    assert source.places == (PlaceRef("ars", "053340002002"), PlaceRef("zone", "Bezirk 1", "Bezirk 1"))


def test_all_faults_are_named_at_once() -> None:
    given = {
        "mode": "odd",
        "colour": "red",
        "zone": "Mars/Base",
        "language": "d",
        "interval": "5",
        "place": "ars:x,moon:1,zone:",
    }
    with pytest.raises(SourceConfigError) as caught:
        build_source(KIND, "u", given, source_id="s")
    for word in ("'area'", "'odd'", "'colour'", "Mars/Base", "'d'", "'5'", "'ars:x'", "'moon:1'", "'zone:'"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("name", "url", "shown"),
    [
        ("Abfall", "https://a.example/x?key=s", "Abfall"), ("", "https://u:p@a.example:8443/x?key=s", "a.example"),
        ("https://a.example/x?key=s", "https://a.example/x?key=s", "a.example"),
        ("see https://a.example/?key=s", "https://a.example/x", "a.example"), ("", "awido:kreis/12", "awido"),
        ("", "https://[broken", ""),
    ],
)  # fmt: skip
def test_in_public_a_source_never_shows_its_address(name: str, url: str, shown: str) -> None:
    assert display_name(name, url) == shown
