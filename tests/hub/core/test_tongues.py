"""Which language a reader gets: of a notice, and of the house."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.notice import Notice, NoticeText
from hub.core.tongues import TONGUES, direction, fitting, is_easy, primary

TAGS = st.sampled_from(["de", "DE", "de-AT", "de-simple", "de-CH-simple", "en", "en-US", "tr", "uk", "ar-SY", "fr", ""])


def notice(*tags: str) -> Notice:
    return Notice("n", "k", "cap", "warnings", tuple(NoticeText(tag, tag) for tag in tags))


@pytest.mark.parametrize(
    ("tags", "reader", "found"),
    [
        (("de", "en", "de-simple"), "de-simple", "de-simple"),
        (("de-simple", "de"), "de", "de"),
        (("de-simple", "de-DE"), "de-AT", "de-DE"),  # what is plain is chosen, never the default
        (("en", "de"), "de-simple", "de"),
        (("en", "de-simple"), "de", "de-simple"),
        (("de-CH-simple", "de"), "de-simple", "de-CH-simple"),
        (("de", "tr", "ar"), "ar-SY", "ar"),
        (("de", "en"), "tr", "de"),
        (("de-DE", "en-GB"), "EN", "en-GB"),
        (("de_DE", "en"), "de", "de_DE"),
    ],
)
def test_a_notice_is_told_in_the_readers_language_if_it_has_it(tags, reader, found) -> None:
    assert notice(*tags).text(reader).lang == found


@given(TAGS, st.lists(TAGS, max_size=5))
def test_what_fits_is_of_the_readers_language_and_as_plain_as_can_be(wanted, offered) -> None:
    found = fitting(wanted, offered)
    of_language = [one for one in offered if primary(one) == primary(wanted)]
    assert (found in of_language) if of_language else not found
    if wanted in offered:
        assert found.lower() == wanted.lower()
    if any(is_easy(one) == is_easy(wanted) for one in of_language):
        assert is_easy(found) == is_easy(wanted)


def test_the_languages_of_the_house() -> None:
    assert [one.name for one in TONGUES.values()] == [
        "Deutsch", "Leichte Sprache", "English", "Türkçe", "Українська", "العربية",
    ]  # fmt: skip
    assert [code for code in TONGUES if direction(code) == "rtl"] == ["ar"]
    assert all(fitting(code, TONGUES) == code for code in TONGUES)
    assert [direction(tag) for tag in ("fa-IR", "HE", "de-simple", "")] == ["rtl", "rtl", "ltr", "ltr"]
