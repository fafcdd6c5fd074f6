from datetime import timedelta

import pytest
from pydantic import ValidationError

from hub.core.errors import SubscribeError
from push import channels, load
from push.ical import Settings, check

TOKEN = "Zm9vYmFyYmF6cXV4MTIzNA"


def test_the_channel_is_found_by_the_scan():
    assert "ical" in channels()
    assert load("ical").PULL is True


def test_a_token_is_kept():
    assert check(f" {TOKEN} ", {"p256dh": "x"}, Settings()) == (TOKEN, {})


@pytest.mark.parametrize("wrong", ["", "short", TOKEN[:-1], "../" + TOKEN, TOKEN + "\n" + TOKEN, "ü" * 30, "a" * 129])
def test_what_is_no_token(wrong):
    with pytest.raises(SubscribeError):
        check(wrong, {}, Settings())


@pytest.mark.parametrize("wrong", [{"refresh": 0}, {"refresh": timedelta(days=8)}, {"max_age": -1}, {"refesh": 3600}])
def test_settings_that_cannot_be(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_settings_take_seconds_and_iso_8601():
    assert Settings(refresh=7200) == Settings(refresh="PT2H")
