"""What changed, in the reader's words: labels, dates, money, codes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hub.core.message import Change, FieldChange
from hub.core.notice import Fact, Notice, NoticeText, Occurrence, Status, Value
from push import _changes as changes
from tests.push.samples import PICKUP, WASTE, entry

ZONE = "Europe/Berlin"


def said(*args: str, kind: str = "tenders", tongue: str = "de") -> str:
    return changes.shown([FieldChange(*args)], kind, ZONE, tongue, most=1)[0]


@pytest.mark.parametrize(
    ("change", "german", "english"),
    [
        (("deadline", "2027-01-12T09:00:00+00:00", "2027-01-19T09:00:00+00:00"),
         "Angebotsfrist: Di 12.1. → Di 19.1., 10:00 Uhr", "Closing date: Tue 12 Jan → Tue 19 Jan, 10:00"),
        (("deadline", "2027-01-12T09:00:00+00:00", "2027-01-12T11:30:00+00:00"),
         "Angebotsfrist: Di 12.1., 10:00 Uhr → Di 12.1., 12:30 Uhr", "Closing date: Tue 12 Jan, 10:00 → Tue 12 Jan, 12:30"),
        (("deadline", "2026-12-30T09:00:00+00:00", "2027-01-12T09:00:00+00:00"),
         "Angebotsfrist: Mi 30.12.2026 → Di 12.1.2027, 10:00 Uhr", "Closing date: Wed 30 Dec 2026 → Tue 12 Jan 2027, 10:00"),
        (("deadline", "", "2027-01-12T09:00:00+00:00"), "Angebotsfrist: Di 12.1., 10:00 Uhr (neu)",
         "Closing date: Tue 12 Jan, 10:00 (new)"),
        (("value", "1000.00 EUR", ""), "Auftragswert: 1.000 EUR → entfällt", "Contract value: 1,000 EUR → no longer given"),
        (("date", "2027-01-12", "", "Nacht 2"), "Termin „Nacht 2“: Di 12.1. → fällt aus", "Date “Nacht 2”: Tue 12 Jan → cancelled"),
        (("date", "2027-01-12T18:00:00+00:00/2027-01-12T20:00:00+00:00", "2027-01-13T18:00:00+00:00"),
         "Termin: Di 12.1., 19:00 bis 21:00 Uhr → Mi 13.1., 19:00 Uhr", "Date: Tue 12 Jan, 19:00 to 21:00 → Wed 13 Jan, 19:00"),
        (("stage", "tender", "award"), "Stand: Ausschreibung läuft → Auftrag vergeben", "State: open for tenders → contract awarded"),
        (("lot.2.value", "1000.50 EUR", "2000.00 SEK"), "Los 2, Auftragswert: 1.000,50 EUR → 2.000 SEK",
         "Lot 2, Contract value: 1,000.50 EUR → 2,000 SEK"),
        (("duration", "P12M", "P2Y"), "Laufzeit: 12 Monate → 2 Jahre", "Duration: 12 months → 2 years"),
        (("severity", "severe", "extreme"), "Gefahr: Große Gefahr → Extreme Gefahr", "Danger: Severe danger → Extreme danger"),
        (("text", "", ""), "Text: geändert", "Text: changed"),
        (("detour", "", "über Hänichen"), "Umleitung: über Hänichen (neu)", "Detour: über Hänichen (new)"),
        (("x.unheard-of", "a", "b"), "Angaben: a → b", "Details: a → b"),
        (("title", "a\r\nBcc: x", "b\u2028c"), "Titel: a Bcc: x → b c", "Title: a Bcc: x → b c"),
        (("deadline", "2027-99-99", "bald"), "Angebotsfrist: 2027-99-99 → bald", "Closing date: 2027-99-99 → bald"),
    ],
)  # fmt: skip
def test_a_change_in_words(change, german, english):
    assert said(*change) == german
    assert said(*change, tongue="en") == english


def test_other_notices_have_a_deadline_of_their_own_kind():
    assert changes.label("deadline", "events", "de") == "Frist"


def test_what_found_no_room_is_counted():
    many = [FieldChange(f"a{n}", "1", "2") for n in range(4)]
    assert changes.shown(many, "x", ZONE, "de", most=3)[-1] == "… und 1 weitere Änderung"
    assert changes.shown(many, "x", ZONE, "en", most=1)[-1] == "… and 3 more changes"


def test_the_date_in_the_headline_is_not_said_again():
    moved = Occurrence("1", date(2026, 12, 23))
    told = (FieldChange("date", "2026-12-24", "2026-12-23"), FieldChange("date", "2026-12-31", "2026-12-30"))
    one = entry(WASTE, Change.REVISED, 2, before=PICKUP, occurrence=moved, changes=told)
    assert changes.besides(one) == told[1:]
    off = entry(
        WASTE, Change.REVISED, 2, before=PICKUP, occurrence=Occurrence("1", PICKUP.start, status=Status.CANCELLED),
        changes=(FieldChange("date", "2026-12-24", ""),),
    )  # fmt: skip
    assert changes.besides(off) == ()


def test_details_of_a_notice_are_those_with_a_name():
    notice = Notice(
        "n", "k", "tenders", "tenders", (NoticeText("de", "x"),), value=Value(5.5), deadline=datetime(2027, 1, 1, tzinfo=UTC),
        facts=(Fact("procedure", "open"), Fact("lot.1.title", "Rohbau"), Fact("secret-code", "7"), Fact("end", "2027-10-31"),
               Fact("buyer.place", "52511 Geilenkirchen")),
    )  # fmt: skip
    assert changes.details(notice, ZONE, "de") == [
        ("Auftragswert", "5,50 EUR"), ("Verfahren", "offenes Verfahren"), ("Ausführung bis", "Sonntag, 31. Oktober 2027"),
        ("Sitz der Vergabestelle", "52511 Geilenkirchen"),
    ]  # fmt: skip
