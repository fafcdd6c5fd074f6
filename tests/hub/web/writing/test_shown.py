"""What the office shows of a notice: the whole of it to who releases it, and the ways on and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from fakes.drafts import Desk, desk, ordinary, warning

from hub.core.draft import Attachment, Urgency
from hub.core.notice import Geometry, NoticeText, Occurrence
from hub.core.release import Act
from tests.hub.web.writing.test_releasing import at, comes, form_of


@pytest.fixture
def hall(village) -> Desk:
    return desk(village)


def test_who_releases_sees_the_very_area_picture_and_hours(hall, pages) -> None:
    drawn = Geometry(circles=(((6.41, 50.71), 0.3),))
    begins = datetime(2026, 11, 24, 7, tzinfo=UTC)
    number = hall.begin(warning(
        geometry=drawn, attachments=(Attachment("a" * 32 + ".jpg", "Die Baustelle", "image/jpeg", 4),),
        occurrences=(Occurrence("1", begins, begins + timedelta(hours=4)),), urgency=Urgency.IMMEDIATE,
    ))  # fmt: skip
    hall.publish(number)
    hall.write(
        number, geometry=Geometry(circles=(((6.41, 50.71), 0.9),)),
        attachments=(Attachment("b" * 32 + ".jpg", "Die Baustelle", "image/jpeg", 4),),
    )  # fmt: skip
    hall.act(number, Act.SUBMIT, hall.author)
    comes(hall, pages, hall.approver)
    page = pages.get(at(number, "/freigabe")).text
    assert "<del>Kreis 50.71000, 6.41000; 300 m</del>" in page
    assert "<ins>Kreis 50.71000, 6.41000; 900 m</ins>" in page
    assert "<del>Die Baustelle (aaaaaaaa)</del>" in page
    assert "<ins>Die Baustelle (bbbbbbbb)</ins>" in page
    assert f'src="{at(0)[:-2]}/datei/{"b" * 32}.jpg" alt="Die Baustelle"' in page
    assert f'data-shapes="{at(number)}/vorschau/flaeche.geojson"' in page
    assert "Dienstag, 24. November 2026, 08:00 Uhr – 12:00 Uhr" in page
    assert "Danger to life" not in page
    assert "Lebensgefahr" in page  # in the words of the form


def test_an_author_begins_a_correction_and_ends_nothing(hall, pages) -> None:
    number = hall.begin(warning())
    hall.publish(number)
    comes(hall, pages, hall.author)
    page = pages.get(at(number)).text
    assert "Entwarnung geben" not in page
    assert pages.post(at(number, "/folge"), form_of(page, "correction")).location == at(number, "/schreiben")
    assert hall.row(number)["title"].startswith("Berichtigung: ")


def test_a_notice_leads_to_its_report_and_back_once_it_went_out(hall, pages) -> None:
    number = hall.begin(ordinary())
    comes(hall, pages, hall.editor)
    assert "Zustellbericht" not in pages.get(at(number)).text
    hall.publish(number)
    report = re.search(r'href="([^"]+/bericht/[^"]+)"', pages.get(at(number)).text)
    assert f'href="{at(number)}"' in pages.get(report[1]).text


def test_what_was_called_off_shows_its_last_word_alone(hall, pages) -> None:
    number = hall.begin(warning())
    hall.publish(number)
    ended = (NoticeText("de", "Entwarnung: Trinkwasser abkochen", "Alles ist wieder gut."),)
    hall.act(number, Act.WITHDRAW, words=ended)
    comes(hall, pages, hall.approver)
    page = pages.get(at(number)).text
    assert "<h1>Entwarnung: Trinkwasser abkochen</h1>" in page
    assert "Alles ist wieder gut." in page
    for gone in ("<del", "<ins", "Am Samstag um zehn.", "Vorschau"):
        assert gone not in page
