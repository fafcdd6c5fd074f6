"""What is kept under a key from outside the database: opened by it alone, and for whom it was put in."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.strongbox import Locked, Strongbox

BOX = Strongbox.of("a setting")
BASE32 = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=64)


@given(BASE32, st.text(max_size=20))
def test_what_was_put_in_comes_out_again_and_is_short_enough(text: str, about: str) -> None:
    stored = BOX.put(text, about)
    assert text not in stored
    assert len(stored) <= 200, "the column's width"
    assert BOX.take(stored, about) == text
    assert BOX.put(text, about) != stored, "equal texts do not look equal"


@pytest.mark.parametrize("other", [Strongbox.of("another setting"), Strongbox()])
def test_another_key_or_none_opens_nothing(other: Strongbox) -> None:
    with pytest.raises(Locked):
        other.take(BOX.put("JBSWY3DP", "totp:1"), "totp:1")


def test_nobody_can_use_what_was_put_in_for_another() -> None:
    with pytest.raises(Locked):
        BOX.take(BOX.put("JBSWY3DP", "totp:1"), "totp:2")


@given(st.integers(0, 35), st.integers(1, 255))
def test_what_was_changed_does_not_open(at: int, by: int) -> None:
    sealed = bytearray(base64.urlsafe_b64decode(BOX.put("JBSWY3DP", "").removeprefix("aes1:")))
    sealed[at] ^= by
    with pytest.raises(Locked):
        BOX.take("aes1:" + base64.urlsafe_b64encode(bytes(sealed)).decode(), "")


@pytest.mark.parametrize("stored", ["aes1:", "aes1:x", "aes1:AAAA", "aes1:ä"])
def test_what_is_no_box_of_ours_is_locked(stored: str) -> None:
    with pytest.raises(Locked):
        BOX.take(stored, "")


def test_what_lies_there_from_before_is_read_as_it_is() -> None:
    assert BOX.take("JBSWY3DP", "totp:1") == "JBSWY3DP"
    assert BOX.is_plain("JBSWY3DP")
    assert not BOX.is_plain(BOX.put("JBSWY3DP", "totp:1"))
    assert not BOX.is_plain("")
    assert not Strongbox().is_plain("JBSWY3DP")


def test_without_a_key_from_outside_it_stays_as_it_is() -> None:
    assert Strongbox.of("").put("JBSWY3DP", "totp:1") == "JBSWY3DP"
    assert BOX.put("", "totp:1") == ""


def test_the_key_shows_in_no_log() -> None:
    assert "key" not in repr(BOX)
