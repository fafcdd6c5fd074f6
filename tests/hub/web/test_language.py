"""Languages: complete catalogues, right choice, dates as people write them."""

from __future__ import annotations

import ast
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.extract import extract

from hub.language import FOLDER
from hub.web.language import LANGUAGES, Language, catalogue, choose

ROOT = Path(__file__).parents[3]


def messages() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "templates").glob("*.html"):
        with path.open("rb") as file:
            found |= {one[1] for one in extract("jinja2.ext:babel_extract", file, keywords={"_": None}, options={})}
    for path in (
        *(ROOT / "hub" / "web").glob("*.py"),
        ROOT / "hub/core/causes.py",
        ROOT / "hub/desk_texts.py",
        ROOT / "hub/report_texts.py",
        ROOT / "hub/language.py",
    ):
        with path.open("rb") as file:
            found |= {one[1] for one in extract("python", file, keywords={"_": None, "text": None})}
    return found


def test_every_text_of_the_pages_is_translated() -> None:
    assert len(messages()) > 200
    assert sorted(messages() - set(catalogue("de"))) == []


def test_no_translation_outlives_its_text() -> None:
    said = messages()
    for path in (*(ROOT / "hub").rglob("*.py"), *(ROOT / "push").rglob("*.py")):
        said |= {one.value for one in ast.walk(ast.parse(path.read_bytes())) if isinstance(one, ast.Constant)}
    for code in LANGUAGES:
        with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
            assert sorted({one.id for one in pofile.read_po(file, locale=code) if one.id} - said) == []


def test_no_translation_loses_or_invents_a_value() -> None:
    for code in LANGUAGES:
        for message, string in catalogue(code).items():
            assert set(re.findall(r"{\w+}", message)) == set(re.findall(r"{\w+}", string)), message


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(["en"], "en"), (["en-US", "de"], "en"), (["fr", None, "de-AT"], "de"), ([], "de"), (["", "tlh"], "de")],
)
def test_the_first_known_language_wins(wanted, code) -> None:
    assert choose(wanted).code == code


def test_dates_are_written_as_people_do() -> None:
    moment = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)
    assert Language("de").moment(moment, "Europe/Berlin") == "Dienstag, 24. November 2026, 18:05 Uhr"
    assert Language("en").moment(moment, "Europe/Berlin") == "Tuesday, 24 November 2026, 18:05"
    assert Language("de").moment(date(2026, 11, 24), "Europe/Berlin") == "Dienstag, 24. November 2026"


def test_each_page_that_a_form_answers_leads_on_in_the_other_language(pages) -> None:
    token = pages.sign_up()
    for page, action in (
        ("/huertgenwald/start", "/huertgenwald/subscribe"), (f"/m/{token}", f"/m/{token}/topics"),
        (f"/m/{token}/delete", f"/m/{token}/delete"),
    ):  # fmt: skip
        text = pages.send(page, action).text
        found = re.search(r'href="([^"]+\?lang=de)"', text)
        assert found
        assert pages.get(found[1]).status_code in {200, 302}


def test_a_page_follows_parameter_cookie_and_header(pages) -> None:
    def shown(path: str, header: str = "") -> str:
        return re.search(r'<html lang="(\w+)" dir="ltr"', pages.get(path, headers={"Accept-Language": header}).text)[1]

    assert shown("/huertgenwald/") == "de"
    assert shown("/huertgenwald/", "en-GB,en;q=0.8") == "en"
    assert shown("/huertgenwald/?lang=en") == "en"
    assert shown("/huertgenwald/") == "en"
    assert shown("/huertgenwald/?lang=de", "en") == "de"


@pytest.mark.parametrize(
    ("span", "ago", "since"),
    [
        ({"seconds": 20}, "gerade eben", "1 Minute"), ({"minutes": 4}, "vor 4 Minuten", "4 Minuten"),
        ({"hours": 23}, "vor 23 Stunden", "23 Stunden"), ({"days": 1}, "vor 1 Tag", "1 Tag"),
        ({"days": 12}, "vor 12 Tagen", "12 Tagen"), ({"days": 90}, "vor 3 Monaten", "3 Monaten"),
    ],
)  # fmt: skip
def test_ages_are_written_in_the_unit_that_people_count(span, ago, since) -> None:
    now, length = datetime(2026, 11, 24, 17, 5, tzinfo=UTC), timedelta(**span)
    assert Language("de").ago(now - length, now) == ago
    assert Language("de").span(length) == since
    assert Language("de").ago(now + length, now) == ago.replace("vor 1 Tag", "in 1 Tag").replace("vor", "in")
    assert Language("en").span(timedelta(days=12)) == "12 days"
