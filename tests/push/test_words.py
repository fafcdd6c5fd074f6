"""The channels' own words in every language: nothing missing, nothing invented, plurals whole, dates as people write them."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import push
from hub.core.difference import difference
from hub.core.message import FieldChange
from hub.core.notice import Severity
from hub.core.tongues import TONGUES
from push import _changes as changes
from push import _wording as wording
from push import _words as words
from tests.push.samples import KITA, KITA_CHANGED

FOLDER = Path(push.__file__).parent / "_words"
READ = {path.stem: tomllib.loads(path.read_text()) for path in FOLDER.glob("*.toml")}
OTHERS = sorted(READ.keys() - {"en"})
ZONE = "Europe/Berlin"
EVENING = datetime(2026, 12, 24, 18, tzinfo=UTC)


def flat(tongue: str) -> dict[str, str]:
    """Return every text of a language by table and name; of plurals each form."""
    found = {}
    for table, texts in READ[tongue].items():
        for name, text in texts.items():
            forms = text.items() if isinstance(text, dict) else (("", text),)
            found |= {f"{table}.{name}.{form}".rstrip("."): said for form, said in forms}
    return found


def values(text: str) -> set[str]:
    return set(re.findall(r"{\w+}", text))


def test_every_language_of_the_house_has_its_file() -> None:
    assert READ.keys() == TONGUES.keys()


@pytest.mark.parametrize("tongue", OTHERS)
def test_every_text_is_there_and_no_other(tongue: str) -> None:
    for table, texts in READ["en"].items():
        assert READ[tongue][table].keys() == texts.keys(), table
    assert READ[tongue].keys() == READ["en"].keys()
    assert all(text.strip() or name == "language.comma" for name, text in flat(tongue).items())


@pytest.mark.parametrize("tongue", OTHERS)
def test_no_text_loses_or_invents_a_value(tongue: str) -> None:
    for table, texts in READ["en"].items():
        for name, text in texts.items():
            own = READ[tongue][table][name]
            meant = values(text["other"] if isinstance(text, dict) else text)
            for form, said in own.items() if isinstance(own, dict) else [("", own)]:
                spelled = {"{n}"} if form in {"one", "two"} else set()  # "one message", "two days"
                assert meant - spelled <= values(said) <= meant, (table, name, form)


@pytest.mark.parametrize("tongue", sorted(READ))
def test_plurals_have_the_forms_that_cldr_names(tongue: str) -> None:
    needed = {words.locale(tongue).plural_form(n) for n in range(1, 300)}
    assert {name: set(forms) for name, forms in READ[tongue]["counts"].items()} == dict.fromkeys(
        READ[tongue]["counts"], needed
    )


@pytest.mark.parametrize("tongue", sorted(READ.keys() - {"en", "de", "de-simple"}))
def test_nothing_is_left_in_english_or_german(tongue: str) -> None:
    copies = set(flat("en").values()) | set(flat("de").values())
    left = {
        name: text
        for name, text in flat(tongue).items()
        if text in copies and re.search(r"[^\W\d_]", re.sub(r"{\w+}|CPV", "", text))
    }
    assert {name for name in left if not name.startswith("dates.")} == set()


@pytest.mark.parametrize("table", ["webpush", "mail", "monthly", "wording"])
def test_plain_language_has_sentences_of_its_own_that_are_short(table: str) -> None:
    for name, text in READ["de-simple"][table].items():
        for sentence in re.split(r"[.!?:]\s", text):
            assert len(sentence.split()) <= 14, (name, sentence)
        assert ";" not in text
        assert not re.search(r"\b(wurde|wurden|würde|könnte|des)\b", text), name


@pytest.mark.parametrize(
    ("tongue", "n", "said"),
    [
        ("de", 1, "1 neue Meldung"), ("en", 2, "2 new messages"), ("tr", 5, "5 yeni mesaj"),
        ("uk", 1, "1 нове повідомлення"), ("uk", 3, "3 нові повідомлення"), ("uk", 11, "11 нових повідомлень"),
        ("uk", 22, "22 нові повідомлення"), ("ar", 1, "رسالة جديدة واحدة"), ("ar", 2, "رسالتان جديدتان"),
        ("ar", 7, "7 رسائل جديدة"), ("ar", 40, "40 رسالة جديدة"), ("ar", 100, "100 رسالة جديدة"),
        ("ar", 0, "0 رسالة جديدة"), ("de-simple", 2, "2 neue Meldungen"),
    ],
)  # fmt: skip
def test_numbers_bend_their_words(tongue: str, n: int, said: str) -> None:
    assert words.counted("messages", n, tongue) == said


@pytest.mark.parametrize(
    ("tongue", "short", "full", "span"),
    [
        ("de", "Do 24.12., 19:00 Uhr", "Donnerstag, 24. Dezember 2026, 19:00 Uhr", "Do 24.12., 19:00 bis 21:00 Uhr"),
        ("de-simple", "Donnerstag 24.12. um 19:00 Uhr", "Donnerstag, 24. Dezember 2026 um 19:00 Uhr",
         "Donnerstag 24.12. von 19:00 bis 21:00 Uhr"),
        ("en", "Thu 24 Dec, 19:00", "Thursday, 24 December 2026, 19:00", "Thu 24 Dec, 19:00 to 21:00"),
        ("tr", "24 Ara Per, 19:00", "24 Aralık 2026 Perşembe, 19:00", "24 Ara Per, 19:00–21:00"),
        ("uk", "чт 24.12, 19:00", "четвер, 24 грудня 2026 р., 19:00", "чт 24.12, 19:00–21:00"),
        ("ar", "الخميس 24 كانون الأول/ديسمبر، الساعة 19:00", "الخميس، 24 كانون الأول/ديسمبر 2026، الساعة 19:00",
         "الخميس 24 كانون الأول/ديسمبر، من الساعة 19:00 حتى الساعة 21:00"),
    ],
)  # fmt: skip
def test_times_are_written_as_people_do(tongue: str, short: str, full: str, span: str) -> None:
    assert wording.short(EVENING, ZONE, tongue) == short
    assert wording.full(EVENING, ZONE, tongue) == full
    assert wording.span(EVENING, EVENING.replace(hour=20), ZONE, tongue) == span
    assert wording.short(date(2026, 12, 24), ZONE, tongue) in short


@pytest.mark.parametrize("tongue", sorted(READ))
def test_every_field_that_changes_has_a_name(tongue: str) -> None:
    other = words.tables("changes")[tongue]["other"]
    found = changes.lines(difference(KITA, KITA_CHANGED), "tenders", ZONE, tongue)
    assert len(found) == 5
    assert not [label for label, _before, _after in found if label == other]
    change = [FieldChange("duration", "P1M", "P2Y")]
    assert changes.shown(change, "tenders", ZONE, tongue, most=1)[0].count(words.counted("years", 2, tongue)) == 1


@pytest.mark.parametrize(
    ("lang", "tongue", "said"),
    [
        ("de", "de", ""), ("de-AT", "de", ""), ("de-simple", "de", ""), ("", "tr", ""), ("ar-SY", "ar", ""),
        ("en", "de", "Diese Meldung gibt es nur auf Englisch."), ("de", "en", "This message exists in German only."),
        ("de", "tr", "Bu duyurunun dili: Almanca"), ("de", "uk", "Мова цього повідомлення: німецька"),
        ("de", "ar", "لغة هذه الرسالة: الألمانية"), ("tlh", "de", "Diese Meldung gibt es nur auf Klingonisch."),
        ("de", "de-simple", "Diese Meldung ist nicht in Leichter Sprache. Die Sprache ist: Deutsch."),
        ("de-simple", "de-simple", ""),
    ],
)  # fmt: skip
def test_a_text_in_another_language_is_remarked_on(lang: str, tongue: str, said: str) -> None:
    assert wording.foreign(lang, tongue) == said


@pytest.mark.parametrize(
    ("language", "tongue"),
    [("de-AT", "de"), ("DE", "de"), ("en-US", "en"), ("fr", "en"), ("", "en"), ("de-simple", "de-simple"),
     ("de-CH-simple", "de-simple"), ("tr-TR", "tr"), ("uk", "uk"), ("ar-SY", "ar"), ("en-simple", "en")],
)  # fmt: skip
def test_a_reader_gets_the_frame_of_their_language(language: str, tongue: str) -> None:
    assert wording.frame(language) == tongue


def test_lines_in_another_script_keep_their_direction_inside_an_arabic_frame() -> None:
    assert wording.apart("Böen bis 130 km/h.\n\nخطر شديد", "ar") == "\u2068Böen bis 130 km/h.\u2069\n\nخطر شديد"
    assert wording.apart("Böen bis 130 km/h.", "uk") == "Böen bis 130 km/h."


@pytest.mark.parametrize("tongue", sorted(READ))
def test_the_degrees_of_danger_are_told_apart(tongue: str) -> None:
    said = [wording.severity(level, tongue) for level in Severity if level is not Severity.UNKNOWN]
    assert len(set(said)) == 4
    assert wording.severity(Severity.UNKNOWN, tongue) == ""
