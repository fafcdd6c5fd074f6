"""A road that is free again says so, and no longer that it is closed."""

from dataclasses import replace

import pytest

from hub.core.message import Change, Entry
from hub.core.notice import Notice, NoticeText, Severity, Status
from push._wording import change_word, subject_matter

ROAD = Notice("n", "n", "roads", "roads", (NoticeText("de", "x"),), Severity.MODERATE, Status.CANCELLED)


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("B 170 gesperrt – Possendorf", "B 170 – Possendorf"),
        ("B 170 gesperrt", "B 170"),
        ("Main Street closed – King Street", "Main Street – King Street"),
        ("A1 gesperrt für Lkw über 3,5 t", "A1 gesperrt für Lkw über 3,5 t"),
        ("Am Markt: Kanalbau", "Am Markt: Kanalbau"),
        ("Vollsperrung: Uferweg", "Uferweg"),
        ("gesperrt", "gesperrt"),
    ],
)
def test_the_title_takes_back_what_no_longer_holds(title: str, left: str) -> None:
    notice = replace(ROAD, texts=(NoticeText("de", title),))
    assert subject_matter(Entry(notice, 1, Change.WITHDRAWN), "de") == left
    assert subject_matter(Entry(notice, 1, Change.REVISED), "de") == title


def test_only_a_road_that_is_called_off_is_open_again() -> None:
    assert change_word(Entry(ROAD, 1, Change.WITHDRAWN), "de") == "Wieder frei"
    assert change_word(Entry(ROAD, 1, Change.WITHDRAWN), "en") == "Open again"
    assert change_word(Entry(replace(ROAD, kind="cap"), 1, Change.WITHDRAWN), "de") == "Entwarnung"
    elsewhere = replace(ROAD, status=Status.ACTIVE)
    assert change_word(Entry(elsewhere, 1, Change.WITHDRAWN), "de") == "Betrifft Sie nicht mehr"
