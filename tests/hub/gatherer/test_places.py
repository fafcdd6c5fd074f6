"""Where a notice is: what it names, else its geometry, else the source's own places; never "everybody" by mistake."""

from __future__ import annotations

import pytest

from hub.core.notice import Geometry, Notice, NoticeText, PlaceRef
from hub.core.source import Source
from hub.gatherer import RealGatherer
from tests.fakes.http import FakeHttp

HERE = "053580016016"
SOURCE = Source("s1", "cap", "https://example.org", places=(PlaceRef("ars", HERE),))


def _places(*places: PlaceRef, geometry: Geometry | None = None) -> list[str]:
    notice = Notice("n", "n", "cap", "warnings", (NoticeText("de", "x"),), places=places, geometry=geometry)
    return list(RealGatherer(FakeHttp()).places(notice, SOURCE))


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((), [HERE]),
        ((PlaceRef("warncell", "805358016"),), [HERE]),
        ((PlaceRef("ags", "05358016"),), [HERE]),
        ((PlaceRef("warncell", "805358016"), PlaceRef("warncell", "801001000")), [HERE, "01001"]),
        ((PlaceRef("zone", "Bezirk 1"),), [f"{HERE}/zone:bezirk-1"]),
        ((PlaceRef("ars", HERE), PlaceRef("street", "Hauptstr.")), [f"{HERE}/street:hauptstrasse"]),
        (
            (PlaceRef("ars", "053340002002"), PlaceRef("street", "Hauptstr.")),
            ["053340002002/street:hauptstrasse"],
        ),
        ((PlaceRef("emma", "DE999"),), []),
        ((PlaceRef("nuts", "DEA26"),), ["05358"]),
        ((PlaceRef("nuts", "DEA26"), PlaceRef("plz", "52393", "Hürtgenwald")), [HERE]),  # the region only says where
        ((PlaceRef("nuts", "DEA26"), PlaceRef("plz", "00000")), ["05358"]),  # an unknown code must not lose it
        ((PlaceRef("nuts", "DEA26"), PlaceRef("plz", "52511", "Geilenkirchen")), ["053700012012", "05358"]),
        ((PlaceRef("nuts", "unknown"),), []),
        ((PlaceRef("warncell", "899999999"),), []),
    ],
)
def test_named_places(places: tuple[PlaceRef, ...], expected: list[str]) -> None:
    assert _places(*places) == expected


def test_a_far_area_is_not_here() -> None:
    square = ((12.0, 54.0), (12.2, 54.0), (12.2, 54.2), (12.0, 54.2), (12.0, 54.0))
    assert _places(geometry=Geometry(polygons=(square,))) == []


def test_another_towns_street_of_the_same_name_is_not_ours() -> None:
    street = (PlaceRef("street", "Hauptstraße"),)
    assert _places(*street, geometry=Geometry(points=((13.4, 52.5),))) == []
    assert _places(*street, geometry=Geometry(points=((6.38, 50.72),))) == [f"{HERE}/street:hauptstrasse"]


def test_a_near_area_is_here() -> None:
    square = ((6.2, 50.6), (6.5, 50.6), (6.5, 50.8), (6.2, 50.8), (6.2, 50.6))
    assert _places(geometry=Geometry(polygons=(square,))) == [HERE]
    assert _places(geometry=Geometry(points=((6.38, 50.72),))) == [HERE]
