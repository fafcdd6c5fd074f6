"""The 28 municipalities that have no warn cell of their own (type 8), only quarters (type 7)."""

from __future__ import annotations

from collections import defaultdict

import pytest

from feeds.cap.normalise import normalise
from feeds.cap.parse import parse
from hub import reference
from hub.core.notice import PlaceRef
from hub.core.source import Source
from hub.gatherer import RealGatherer
from hub.reference import tables
from tests.fakes.http import FakeHttp

NAMES = [
    "Augsburg",
    "Berlin",
    "Bielefeld",
    "Bremen",
    "Bremerhaven",
    "Chemnitz",
    "Dortmund",
    "Dresden",
    "Duisburg",
    "Düsseldorf",
    "Erfurt",
    "Essen",
    "Frankfurt am Main",
    "Freiburg im Breisgau",
    "Friedrichskoog",
    "Hamburg",
    "Kaiserslautern",
    "Köln",
    "Landau in der Pfalz",
    "Leipzig",
    "Lübeck",
    "München",
    "Münster",
    "Nürnberg",
    "Potsdam",
    "Saarbrücken",
    "Stuttgart",
    "Wiesbaden",
]
ALONE = {"704012000": "04012", "701051034": "010515178034"}  # cells that a rule resolves, not the table


def quarters() -> dict[str, list[str]]:
    """Return the cells of quarters by the place they lie in, from the reference data."""
    found: dict[str, list[str]] = defaultdict(list)
    for cell in [one for one in tables.warn_cells() if one[0] == "7"] + list(ALONE):
        for path in reference.resolve(PlaceRef("warncell", cell)):
            found[path].append(cell)
    return found


QUARTERS = quarters()


def test_they_are_these_28_and_have_244_quarters() -> None:
    names = sorted(reference.path_name(path) for path in QUARTERS)
    assert names == sorted(NAMES)
    assert sum(map(len, QUARTERS.values())) == 244


@pytest.mark.parametrize("path", QUARTERS, ids=reference.path_name)
def test_a_city_is_concerned_when_one_of_its_quarters_is(path: str, make_alert, make_fetched) -> None:
    gatherer = RealGatherer(FakeHttp())
    source = Source("s1", "cap", "x", places=(PlaceRef("ars", path.ljust(12, "0")),))
    for cell in QUARTERS[path]:
        area = f"<area><areaDesc>Viertel</areaDesc><geocode><valueName>WARNCELLID</valueName><value>{cell}</value></geocode></area>"
        items = parse(make_fetched(make_alert(area=area), areas=path.ljust(12, "0")))
        assert [one.note for one in items] == [""], cell
        assert gatherer.places(normalise(items[0], source), source) == [path]


@pytest.mark.parametrize("cell", ["203159000", "208438000", "501000001", "501000008", "701051031"])
def test_a_lake_the_sea_or_an_empty_island_is_nobody_and_never_everybody(cell: str, make_alert, read) -> None:
    area = f"<area><areaDesc>See</areaDesc><geocode><valueName>WARNCELLID</valueName><value>{cell}</value></geocode></area>"
    source = Source("s1", "cap", "x", places=(PlaceRef("ars", "053580016016"),))
    (notice,), _ = read(make_alert(area=area))
    assert RealGatherer(FakeHttp()).places(notice, source) == []
