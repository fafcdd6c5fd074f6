"""What a browser hands in at sign-up."""

from __future__ import annotations

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.core.errors import SubscribeError
from push.webpush import Settings, check, service

GOOD = [
    ("https://fcm.googleapis.com/fcm/send/abc:def", "https://fcm.googleapis.com"),
    ("https://updates.push.services.mozilla.com/wpush/v2/gAAA", "https://updates.push.services.mozilla.com"),
    ("https://updates-autopush.push.services.mozilla.com/x", "https://updates-autopush.push.services.mozilla.com"),
    ("https://db5p.notify.windows.com/w/?token=a%2fb", "https://db5p.notify.windows.com"),
    ("https://web.push.apple.com/QAbc", "https://web.push.apple.com"),
    ("https://FCM.googleapis.com:443/x", "https://fcm.googleapis.com"),
]
BAD = [
    "", "x", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com:99999/x",
    "https://user@fcm.googleapis.com/x", "https://fcm.googleapis.com@evil.example/x", "https://fcm.googleapis.com.evil.example/x",
    "https://evil.example/?fcm.googleapis.com", "https://evil.example/fcm.googleapis.com/", "https://evilfcm.googleapis.com/x",
    "https://notify.windows.com/x", "https://.notify.windows.com/x", "https://evilnotify.windows.com/x",
    "https://127.0.0.1/x", "https://[::1]/x", "https://2130706433/x", "https://0x7f.1/x", "https://[::ffff:127.0.0.1]/x",
    "https://ⓕcm.googleapis.com/x", "https://fcm.googleapis.com\\@evil.example/x", "https://fcm.googleapis.com/\r\nHost: x",
    "https://fcm.googleapis.com/ x", "https://fcm.googleapis.com#x", "https://fcm.googleapis.com./x", "file:///etc/passwd",
    "https://fcm.googleapis.com/" + "a" * 2048, "//fcm.googleapis.com/x", "https:///fcm.googleapis.com/x",
]  # fmt: skip


@pytest.mark.parametrize(("address", "origin"), GOOD)
def test_known_services_are_taken(browser, address, origin):
    assert check(address, browser.keys, Settings()) == (address, browser.keys)
    assert service(address) == origin


@pytest.mark.parametrize("address", BAD)
def test_anything_else_is_refused_in_plain_words(browser, address):
    with pytest.raises(SubscribeError) as caught:
        check(address, browser.keys, Settings())
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ("push.town.example", "https://push.town.example/1"),
        ("push.town.example:8443", "https://push.town.example:8443/1"),
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099/1"),
        ("http://[::1]:8099/", "http://[::1]:8099/1"),
    ],
)
def test_the_operator_may_add_services(browser, allowed, address):
    settings = Settings(allowed_hosts=(allowed,))
    assert check(address, browser.keys, settings)[0] == address
    with pytest.raises(SubscribeError):
        check(address.replace("/1", "").rstrip("9") + "7/1", browser.keys, settings)


@pytest.mark.parametrize("entry", ["http://push.example", "https://a.example/path", "a b", "", "https://u@a.example"])
def test_a_wrong_addition_is_named_at_start(entry):
    with pytest.raises(ValidationError):
        Settings(allowed_hosts=(entry,))


@pytest.mark.parametrize(
    "subject",
    ["office@example.org", "mailto:a b@example.org", "mailto:a@localhost", "mailto:<a@example.org>", "https://x"],
)
def test_a_contact_that_push_services_refuse_is_refused(subject):
    with pytest.raises(ValidationError, match="mailto"):
        Settings(subject=subject)


def test_either_alphabet_of_base64_is_read(browser):
    plain = {
        "p256dh": base64.b64encode(browser.point).decode(),
        "auth": base64.b64encode(browser.auth).decode() + "",
        "vapid": base64.urlsafe_b64encode(browser.point).decode(),
    }
    stored = check(GOOD[0][0], plain, Settings())[1]
    assert stored == {**browser.keys, "vapid": browser.keys["p256dh"]}


@given(st.binary(max_size=70))
def test_points_off_the_curve_are_refused(data):
    keys = {"p256dh": base64.urlsafe_b64encode(b"\x04" + data[:64].ljust(64, b"\1")).decode(), "auth": "A" * 22}
    with pytest.raises(SubscribeError, match="curve"):
        check(GOOD[0][0], keys, Settings())


@given(st.text(max_size=120), st.text(max_size=40))
def test_no_odd_key_is_taken(p256dh, auth):
    with pytest.raises(SubscribeError):
        check(GOOD[0][0], {"p256dh": p256dh, "auth": auth}, Settings())


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_the_secret_has_sixteen_bytes(browser, length):
    keys = {**browser.keys, "auth": base64.urlsafe_b64encode(os.urandom(length)).decode()}
    with pytest.raises(SubscribeError, match="16 bytes"):
        check(GOOD[0][0], keys, Settings())
