"""Secret links: made for one purpose, revocable, bounded in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.links import Links

LINKS = Links("https://ortsruf.example", "key")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _token(url: str) -> str:
    return url.rpartition("/")[2].removesuffix(".ics")


def test_a_token_serves_its_purpose_only() -> None:
    token = _token(LINKS.manage(7, 1))
    assert LINKS.parts("manage", token) == (7, 1)
    for purpose in ("unsubscribe", "confirm", "calendar"):
        assert LINKS.parts(purpose, token) is None


def test_settings_lie_below_ones_own_page() -> None:
    assert LINKS.settings(7, 1) == LINKS.manage(7, 1) + "/settings"


def test_links_are_the_same_at_each_rendering() -> None:
    assert LINKS.calendar(7, 1) == LINKS.calendar(7, 1)


@pytest.mark.parametrize("token", ["", "x", "WzcsMV0.AAAA", "WzcsMV0", "ü", "a" * 500, "bnVsbA.x"])
def test_a_guessed_token_opens_nothing(token: str) -> None:
    assert LINKS.parts("manage", token) is None
    assert LINKS.confirmed(token, NOW) is None


def test_another_installation_has_other_links() -> None:
    assert Links("https://ortsruf.example", "other").parts("manage", _token(LINKS.manage(7, 1))) is None


def test_a_confirmation_lives_two_days() -> None:
    token = _token(LINKS.confirm(7, NOW))
    assert LINKS.confirmed(token, NOW + timedelta(hours=48)) == 7
    assert LINKS.confirmed(token, NOW + timedelta(hours=48, seconds=1)) is None
