"""Secret links: nobody else can make one, none works for another purpose, a confirmation grows old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.links import CONFIRM_LIVES, Links

LINKS = Links("https://ortsruf.example", "key")
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
PURPOSES = ("manage", "unsubscribe", "confirm", "calendar", "desk")
purposes = st.sampled_from(PURPOSES)
parts = st.lists(st.integers(0, 2**40), max_size=3)


@given(purposes, parts)
def test_a_token_names_what_it_was_made_for(purpose: str, found: list[int]) -> None:
    token = LINKS.token(purpose, *found)
    assert LINKS.parts(purpose, token) == tuple(found)
    assert all(LINKS.parts(other, token) is None for other in PURPOSES if other != purpose)
    assert Links(LINKS.base_url, "another key").parts(purpose, token) is None


@given(purposes, parts, st.data())
def test_a_changed_token_is_worth_nothing(purpose: str, found: list[int], data: st.DataObject) -> None:
    token = LINKS.token(purpose, *found)
    at = data.draw(st.integers(0, len(token) - 2))  # base64's last character may carry unused bits
    letter = data.draw(st.sampled_from("abcXYZ019-_."))
    changed = token[:at] + letter + token[at + 1 :]
    assert changed == token or LINKS.parts(purpose, changed) is None


@given(purposes, st.text(max_size=60))
def test_rubbish_is_no_token(purpose: str, text: str) -> None:
    assert LINKS.parts(purpose, text) is None


@given(st.integers(1, 2**31), st.integers(-10, 60 * 60 * 100))
def test_a_confirmation_lives_48_hours(endpoint: int, age: int) -> None:
    token = LINKS.confirm(endpoint, NOW).rpartition("/")[2]
    living = timedelta(seconds=age) <= CONFIRM_LIVES
    assert LINKS.confirmed(token, NOW + timedelta(seconds=age)) == (endpoint if living else None)


def test_links_are_absolute_and_quote_names() -> None:
    assert LINKS.notice("bad münster", "abc") == "https://ortsruf.example/bad%20m%C3%BCnster/n/abc"
    assert LINKS.calendar(1, 1).startswith("https://ortsruf.example/calendar/")
    assert LINKS.calendar(1, 1).endswith(".ics")
    assert LINKS.manage(1, 1) != LINKS.manage(1, 2)
