"""The year on a sheet."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fakes.house import news, zone

from hub.core.notice import Occurrence, Status
from hub.web.language import Language
from hub.web.year import months


def test_dates_stand_in_their_month_by_local_day() -> None:
    late = Occurrence("a", datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # already 2027 in Berlin
    found = months(
        [(Occurrence("b", date(2027, 1, 12)), "Restmüll", False), (late, "Feuerwerk", False),
         (Occurrence("c", date(2027, 12, 24), status=Status.CANCELLED), "Papier", False)], 2027, Language("de"), "Europe/Berlin",
    )  # fmt: skip
    assert len(found) == 12
    assert found[0] == (
        "Januar",
        [(date(2027, 1, 1), "Fr. 1.", "Feuerwerk", False), (date(2027, 1, 12), "Di. 12.", "Restmüll", False)],
    )
    assert found[11][1][0][3]


def test_a_place_has_its_own_sheet(pages) -> None:
    town = pages.town
    town.source()
    town.poll(
        "s1",
        news("n", "Restmüll Nord", topic="waste", places=(zone("nord"),), series=True, occurrences=(Occurrence("1", date(2027, 1, 12)),)),
        news("s", "Restmüll Süd", topic="waste", places=(zone("sued"),), series=True, occurrences=(Occurrence("1", date(2027, 2, 3)),)),
    )  # fmt: skip
    answer = pages.get("/huertgenwald/year?topic=waste&place=Nord&year=2027")
    assert answer.location == "/huertgenwald/year?topic=waste&place=nord&year=2027"
    page = pages.get(answer.location).text
    assert "Restmüll Nord" in page
    assert "Restmüll Süd" not in page
    assert '<time datetime="2027-01-12">' in page
    whole = pages.get("/huertgenwald/year?topic=waste&year=2027").text
    assert "Restmüll Süd" in whole
    assert "ganzen Gemeinde" in whole
    assert pages.get("/huertgenwald/year").status_code == 200
    assert pages.get("/huertgenwald/year?year=xx").status_code == 400
    assert pages.get("/huertgenwald/year?place=Nirgends").status_code == 400
