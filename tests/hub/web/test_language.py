"""Languages: complete catalogues, right choice, dates as people write them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from babel.messages import Catalog, pofile
from babel.messages.extract import extract
from fakes.house import news

import feeds
from hub.core.tongues import TONGUES
from hub.language import FOLDER
from hub.web.language import LANGUAGES, OFFICE_LANGUAGES, Language, catalogue, choose, spoken
from push._wording import foreign

ROOT = Path(__file__).parents[3]


OFFICE = ("writing", "operating")  # folders of pages in the office's languages


def extracted(templates: Iterable[Path], modules: Iterable[Path]) -> set[str]:
    found: set[str] = set()
    for path in templates:
        with path.open("rb") as file:
            found |= {one[1] for one in extract("jinja2.ext:babel_extract", file, keywords={"_": None}, options={})}
    for path in modules:
        with path.open("rb") as file:
            found |= {one[1] for one in extract("python", file, keywords={"_": None, "text": None})}
    return found


@cache
def messages() -> set[str]:
    modules = (
        *(ROOT / "hub" / "web").glob("*.py"),
        ROOT / "hub/core/causes.py",
        ROOT / "hub/core/passwords.py",
        ROOT / "hub/account_texts.py",
        ROOT / "hub/desk_texts.py",
        ROOT / "hub/report_texts.py",
        ROOT / "hub/language.py",
    )
    return extracted((ROOT / "templates").glob("*.html"), modules)


@cache
def office() -> set[str]:
    """Return what only the office's pages say."""
    templates = [path for name in OFFICE for path in (ROOT / "templates" / name).glob("*.html")]
    modules = [path for name in OFFICE for path in (ROOT / "hub/web" / name).glob("*.py")]
    names = ("office_texts", "core/configured", "core/circumstances", "jobs/lifetimes")
    modules += [ROOT / "hub" / f"{name}.py" for name in names]
    return extracted(templates, modules)


def read(code: str, name: str = "messages") -> Catalog:
    with (FOLDER / code / "LC_MESSAGES" / f"{name}.po").open("rb") as file:
        return pofile.read_po(file)


def ids(code: str, name: str = "messages") -> set[str]:
    return {str(one.id) for one in read(code, name) if one.id}


@cache
def labels() -> set[str]:
    """Return what the settings of all kinds of sources are called in the office's form."""
    return {one.label for kind in feeds.kinds() for one in feeds.load(kind).CONFIG}


@cache
def constants() -> set[str]:
    """Return every text that stands in the code: some are put together or chosen before they are translated."""
    paths = (*(ROOT / "hub").rglob("*.py"), *(ROOT / "push").rglob("*.py"))
    return {
        one.value for path in paths for one in ast.walk(ast.parse(path.read_bytes())) if isinstance(one, ast.Constant)
    }


def test_the_languages_of_the_house_are_offered_whose_catalogue_is_there() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} <= TONGUES.keys()
    assert LANGUAGES[0] == "de"
    assert {"de", "en"} <= set(LANGUAGES) <= TONGUES.keys()


def test_every_text_of_the_pages_is_translated() -> None:
    assert len(messages()) > 200
    assert sorted(messages() - ids("de")) == []


def test_every_text_of_the_office_is_translated() -> None:
    assert OFFICE_LANGUAGES == ("de", "en")
    assert sorted((office() | labels()) - set(catalogue("de"))) == []
    assert ids("de", "office") & ids("de") == set()  # said once


@pytest.mark.parametrize("code", OFFICE_LANGUAGES)
def test_the_offices_catalogue_is_whole(code: str) -> None:
    found = read(code, "office")
    assert [one.id for one in found if one.fuzzy or (one.id and not one.string)] == []
    assert list(found.obsolete) == []
    assert sorted(ids(code, "office") - office() - labels() - constants()) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_catalogue_is_whole(code: str) -> None:
    """Each text of the German one is translated, in one way, and none is in doubt; no text is out of use."""
    found = read(code)
    listed = [one.id for one in found if one.id]
    if code != "en":  # the original
        assert sorted(ids("de") - set(catalogue(code))) == []
        assert [one.id for one in found if one.id and not one.string] == []
    assert [one.id for one in found if one.fuzzy] == []
    assert [one for one in listed if not isinstance(one, str)] == []  # no plural forms: texts say "Messages: 3"
    assert list(found.obsolete) == []
    assert sorted(set(listed) - messages() - constants()) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_translation_loses_or_invents_a_value(code: str) -> None:
    for message, string in catalogue(code).items():
        assert set(re.findall(r"{\w+}", message)) == set(re.findall(r"{\w+}", string)), message
        assert string.format_map(dict.fromkeys(re.findall(r"{(\w+)}", message), "x"))


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"de", "en"}))
def test_a_catalogue_says_its_language_and_copies_no_other(code: str) -> None:
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open(encoding="utf-8") as file:
        assert f'"Language: {code}\\n"' in file.read(3000)
    if code != "de-simple":  # what is plain in German already may stay
        same = [
            one for one, said in catalogue(code).items() if said in (one, catalogue("de").get(one)) and len(one) > 24
        ]
        assert same == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (["en"], "en"),
        (["en-US", "de"], "en"),
        (["fr", None, "de-AT"], "de"),
        ([], "de"),
        (["", "tlh"], "de"),
        (["*", "en-GB"], "en"),
        (["EN"], "en"),
        (["de-DE", "en"], "de"),
        (["x", "en-simple"], "en"),
    ],
)
def test_the_first_known_language_wins(wanted, code) -> None:
    assert choose(wanted).code == code


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("de-simple", "Dienstag, 24. November 2026"), ("tr", "24 Kasım 2026 Salı"),
        ("uk", "вівторок, 24 листопада 2026 р."), ("ar", "الثلاثاء، 24 تشرين الثاني/نوفمبر 2026"),
    ],
)  # fmt: skip
def test_days_are_written_as_their_readers_do(code: str, written: str) -> None:
    day = Language(code).day(date(2026, 11, 24), "Europe/Berlin")
    assert day == written
    assert Language(code).name == TONGUES[code].name
    assert Language(code).direction == ("rtl" if code == "ar" else "ltr")
    assert len(Language(code).months()) == 12
    assert Language(code).weekdays()[0][1][0].isupper() or code == "ar"


def test_plain_german_counts_as_german_does() -> None:
    assert Language("de-simple").span(timedelta(days=12)) == "12 Tagen"


def test_a_length_of_time_in_arabic_follows_its_preposition() -> None:
    assert Language("ar").span(timedelta(days=2)) == "يومين"
    assert Language("ar").length(timedelta(days=2)) == "يومان"


def test_dates_are_written_as_people_do() -> None:
    moment = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)
    assert Language("de").moment(moment, "Europe/Berlin") == "Dienstag, 24. November 2026, 18:05 Uhr"
    assert Language("en").moment(moment, "Europe/Berlin") == "Tuesday, 24 November 2026, 18:05"
    assert Language("de").moment(date(2026, 11, 24), "Europe/Berlin") == "Dienstag, 24. November 2026"


def test_each_page_that_a_form_answers_leads_on_in_the_other_language(pages) -> None:
    token = pages.sign_up()
    for page, action in (
        ("/huertgenwald/start", "/huertgenwald/subscribe"), (f"/m/{token}/settings", f"/m/{token}/topics"),
        (f"/m/{token}/settings", f"/m/{token}/mutes"), (f"/m/{token}/delete", f"/m/{token}/delete"),
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


def test_a_browser_that_names_its_region_only_is_understood(pages) -> None:
    found = pages.get("/huertgenwald/", headers={"Accept-Language": "en-GB, de;q=0.8"}).text
    assert '<html lang="en" dir="ltr">' in found


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


@pytest.mark.parametrize(
    ("lang", "page", "attributes"),
    [("de", "de", ' lang="de"'), ("de", "ar", ' lang="de" dir="ltr"'), ("ar", "de", ' lang="ar" dir="rtl"'),
     ("", "de", ""), ('de"><b>', "de", ' lang="de&#34;&gt;&lt;b&gt;"')],
)  # fmt: skip
def test_words_in_another_language_say_so(lang: str, page: str, attributes: str) -> None:
    assert str(spoken(Language(page), lang)) == attributes


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_notice_in_another_language_is_shown_with_a_remark(pages, code: str) -> None:
    pages.town.source()
    pages.town.poll("s1", news("x1", "Freibad öffnet", body="Ab 10 Uhr."))
    path = f"/huertgenwald/n/{news('x1').id}"
    found = pages.get(f"{path}?lang={code}").text
    said = re.search(r'</h1>\s*(?:<p class="meta">([^<]*)</p>)?', found)
    assert said
    assert unescape(said[1] or "") == foreign("de", code)
    assert bool(said[1]) == (code != "de")
    assert f"<h1{spoken(Language(code), 'de')}>Freibad öffnet</h1>" in found
    assert f'<html lang="{code}" dir="{Language(code).direction}">' in found


def test_every_language_is_offered_and_each_keeps_the_page(pages) -> None:
    text = pages.get("/huertgenwald/notices?topic=news").text
    offered = re.findall(r'href="([^"]+)" lang="([\w-]+)" hreflang="\2" dir="(\w+)"', text)
    assert [code for _href, code, _dir in offered] == list(LANGUAGES)
    for href, code, way in offered:
        assert unescape(href) == f"/huertgenwald/notices?topic=news&lang={code}"
        assert f'<html lang="{code}" dir="{way}">' in pages.get(unescape(href)).text
