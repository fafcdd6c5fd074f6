"""Prepared words: whole in both languages, fitting to topic and severity, and safe whatever an editor wrote."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from fakes.drafts import ordinary, warning

from hub.core.notice import NoticeText
from hub.followups import FILE, FollowUp, texts
from hub.web.topics import TOPICS


def said(draft, sort: FollowUp) -> NoticeText:
    return texts(draft, sort)[0]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("sort", FollowUp)
def test_every_end_and_continuation_has_words(language: str, sort: FollowUp) -> None:
    for topic in TOPICS:
        for make in (ordinary, warning):
            one = said(make(texts=(NoticeText(language, "Titel", "Text"),), topic=topic), sort)
            assert one.title
            assert one.body
            assert "Titel" in one.title
            assert not set("{}") & set(one.title + one.body)
            assert ("Text" in one.body) is not sort.ends


def test_both_languages_have_the_same_words() -> None:
    words = tomllib.loads(FILE.read_text(encoding="utf-8"))
    assert {sort: set(found) for sort, found in words["de"].items()} == {
        sort: set(found) for sort, found in words["en"].items()
    }
    known = {"title", "body", "severe", *TOPICS}
    assert all(set(found) <= known for found in words["de"].values())


def test_a_danger_ends_with_an_all_clear_and_a_road_is_free_again() -> None:
    assert said(warning("Sturm"), FollowUp.ALL_CLEAR).title == "Entwarnung: Sturm"
    assert said(warning("Sturm"), FollowUp.FALSE_ALARM).title == "Fehlalarm: Sturm"
    assert said(ordinary("B 399 gesperrt", topic="roads"), FollowUp.ALL_CLEAR).title == "Wieder frei: B 399 gesperrt"


def test_a_language_without_words_of_its_own_gets_english_ones() -> None:
    one = warning(texts=(NoticeText("de", "Sturm", ""), NoticeText("uk", "Буря", "")))
    assert [text.title for text in texts(one, FollowUp.ALL_CLEAR)] == ["Entwarnung: Sturm", "All clear: Буря"]


def test_what_follows_twice_is_headed_once() -> None:
    once = replace(ordinary(), texts=texts(ordinary(), FollowUp.CORRECTION))
    assert said(once, FollowUp.EXTENSION).title == "Verlängert: Freibad öffnet"
    assert said(once, FollowUp.CORRECTION).title == "Berichtigung: Freibad öffnet"


@pytest.mark.parametrize("nasty", ["{body}", "{title}", "{0}", "{", "%s", "\\g<1>", "{unknown!r}"])
def test_what_an_editor_wrote_is_no_pattern(nasty: str) -> None:
    one = said(ordinary(nasty, texts=(NoticeText("de", nasty, nasty),)), FollowUp.CORRECTION)
    assert one.title == f"Berichtigung: {nasty}"
    assert one.body.endswith(f"\n\n{nasty}")
