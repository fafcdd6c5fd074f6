"""Golden notices of real meetings, and what a notice of a meeting promises."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from feeds.council.normalise import normalise
from hub.core.codec import to_json
from hub.core.errors import SourceRefused
from hub.core.notice import Status
from hub.core.source import Item

GOLDEN = Path(__file__).parent / "golden"
H = "oparl-1.0-huertgenwald"


@pytest.mark.parametrize(
    ("name", "answers", "title"),
    [
        ("huertgenwald", [f"{H}/body.json", f"{H}/organization.json", f"{H}/meeting_page_15.json"],
         "Ausschuss für Gemeindeentwicklung und Nachhaltigkeit (3. Sitzung)"),
        ("karlsruhe_future", ["oparl-1.1-karlsruhe/meeting_10600.json"], "Schulausschuss"),
        ("karlsruhe_midnight_end", ["oparl-1.1-karlsruhe/meeting_2881.json"], "Ortschaftsrat Durlach"),
        ("karlsruhe_feed", ["feeds/karlsruhe_personalausschuss.atom.xml"], "Personalausschuss"),
        ("sessionnet_ics", ["synthetic/sessionnet.ics"], "Gemeinderat"),
        ("allris_csv", ["allris-scrape/allris_sitzungen_import_example.csv"], "Stadtrat"),
        ("sessionnet_scrape", ["sessionnet-scrape/amtzell_old.json"], "Gemeinderat"),
    ],
)  # fmt: skip
def test_golden(council, name, answers, title):
    notice = next(one for one in council.notices(*answers) if one.title.startswith(title))
    assert to_json(notice) == json.loads((GOLDEN / f"{name}.json").read_text())


def test_no_non_public_item_of_a_real_list_is_shown(council):
    bodies = "\n".join(one.texts[0].body for one in council.notices(f"{H}/meeting_page_15.json"))
    assert "Ansiedlung eines Nahversorgungsmarktes" in bodies
    assert "Grundstücksveräußerung" not in bodies


def test_a_meeting_is_one_dated_notice(council):
    (notice,) = council.notices(council.meeting(1, end="2026-03-20T20:00:00+01:00"))
    (occurrence,) = notice.occurrences
    assert (occurrence.key, occurrence.start) == ("meeting", datetime(2026, 3, 20, 17, tzinfo=UTC))
    assert notice.expires == occurrence.end == datetime(2026, 3, 20, 19, tzinfo=UTC)
    assert notice.valid_from is None
    assert notice.places == council.source().places
    assert notice.url == notice.key == "https://ris.example/oparl/v1.1/meeting/1"


def test_it_is_over_four_hours_after_its_begin_or_at_the_end_of_its_day(council):
    (timed,) = council.notices(council.meeting(1))
    assert timed.expires == datetime(2026, 3, 20, 21, tzinfo=UTC)
    (whole,) = council.notices(council.meeting(1, start="2026-03-20T00:00:00+01:00"))
    assert whole.expires == datetime(2026, 3, 20, 23, tzinfo=UTC)
    assert (whole.occurrences[0].start, whole.occurrences[0].end) == (date(2026, 3, 20), date(2026, 3, 21))


def test_a_called_off_meeting_says_so_twice(council):
    (notice,) = council.notices(council.meeting(1, cancelled=True))
    assert notice.status is notice.occurrences[0].status is Status.CANCELLED
    assert notice.title == "Gemeinderat"


def test_a_deleted_meeting_is_a_bare_cancellation(council):
    gone = {"id": "https://x.example/m/1", "type": "https://schema.oparl.org/1.1/Meeting", "deleted": True}
    (notice,) = council.notices({"data": [gone]})
    assert notice.status is Status.CANCELLED
    assert (notice.texts, notice.places, notice.occurrences) == ((), (), ())


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("3. Sitzung", "Bauausschuss – 3. Sitzung"),
        ("Sitzung", "Bauausschuss – Sitzung"),
        ("2. öffentliche Sitzung", "Bauausschuss – 2. öffentliche Sitzung"),
        ("", "Bauausschuss"),
        ("3. Sitzung des Bauausschusses", "3. Sitzung des Bauausschusses"),
        ("Bauausschuss (3. Sitzung)", "Bauausschuss (3. Sitzung)"),
    ],
)
def test_title(council, name, title):
    committee = {"id": "o", "type": "Organization", "name": "Bauausschuss"}
    (notice,) = council.notices(council.meeting(1, name=name, organization=["o"]), {"data": [committee]})
    assert notice.title == title


def test_without_any_name_it_is_a_meeting_still(council):
    (notice,) = council.notices(council.meeting(1, name=None))
    assert notice.title == "Sitzung"


def test_hostile_text_is_plain(council):
    item = {"number": "1", "name": "<img src=x onerror=alert(1)>Bau", "public": True}
    (notice,) = council.notices(
        council.meeting(1, name="<script>x</script>Rat\x00", web="javascript:x", agendaItem=[item])
    )
    assert (notice.title, notice.texts[0].body) == ("Rat", "1 Bau")
    assert notice.url.startswith("https://")


@pytest.mark.parametrize("item", [Item("k"), Item("k", fault="no start"), Item("k", {"cancelled": 1, "start": "x"})])
def test_what_is_no_meeting_is_refused(council, item):
    with pytest.raises(SourceRefused):
        normalise(item, council.source())
