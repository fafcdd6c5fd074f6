"""A municipality's looks."""

from __future__ import annotations

import pytest

from hub.core.errors import SettingsError
from hub.jobs.dress import dress, remarks
from hub.store import looks

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z" fill="#a00"/></svg>'


def test_what_is_given_changes_and_the_rest_stays(town) -> None:
    dress(town.house, "huertgenwald", {"colour": "#0A5", "imprint_url": "https://example.org/impressum"})
    row = dress(town.house, "huertgenwald", {"barriers": " Karte \n"}, LOGO)
    assert (row["colour"], row["imprint_url"], row["barriers"]) == ("#00aa55", "https://example.org/impressum", "Karte")
    assert row["logo"].endswith(".svg")
    with town.store.read() as session:
        assert looks.picture_of(session, row["logo"]) == LOGO
    assert dress(town.house, "huertgenwald", {}, b"")["logo"] == ""
    with town.store.read() as session:
        assert looks.picture_of(session, row["logo"]) is None


@pytest.mark.parametrize(
    ("given", "logo", "word"),
    [
        ({"colour": "red"}, None, "#rrggbb"), ({"easy_url": "javascript:alert(1)"}, None, "web address"),
        ({"imprint_url": "https:///x"}, None, "web address"), ({"sign_url": "https://[x"}, None, "web address"), ({"enforcement": "x" * 5000}, None, "4000"),
        ({"colour": "#123456"}, b"no", "neither"),
    ],
)  # fmt: skip
def test_what_cannot_be_changes_nothing(town, given, logo, word) -> None:
    before = dress(town.house, "huertgenwald", {})
    with pytest.raises(SettingsError, match=word):
        dress(town.house, "huertgenwald", given, logo)
    assert dict(dress(town.house, "huertgenwald", {})) == dict(before)


def test_an_unknown_municipality_is_named(town) -> None:
    with pytest.raises(SettingsError, match="huertgenwald"):
        dress(town.house, "nowhere", {"colour": "#123456"})


def test_remarks_say_what_was_adjusted_and_what_is_missing(town) -> None:
    assert len(remarks(dress(town.house, "huertgenwald", {"colour": "#ffcc00"}))) == 3
    assert "too light" in remarks(dress(town.house, "huertgenwald", {}))[0]
    done = {"colour": "#1d4f91", "imprint_url": "https://example.org/", "enforcement": "Ombudsstelle"}
    assert remarks(dress(town.house, "huertgenwald", done)) == []
