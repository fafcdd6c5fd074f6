"""Encryption and identification, judged by independent libraries."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from py_vapid import Vapid as PyVapid
from pywebpush import WebPusher

from push.webpush.crypto import LONGEST, PREKEY, Vapid, application_server_key, encrypt, make_prekey, make_vapid_key
from push.webpush.subscription import unpack

NOW = datetime(2026, 12, 23, 17, tzinfo=UTC)


def claims(header):
    token = header.removeprefix("vapid t=").partition(",")[0]
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=="))


@pytest.mark.parametrize("length", [0, 1, 300, LONGEST])
def test_another_implementation_decrypts(browser, length):
    plain = os.urandom(length)
    sealed = encrypt(plain, browser.point, browser.auth)
    assert len(sealed) == length + 103
    opened = http_ece.decrypt(sealed, private_key=browser.private, auth_secret=browser.auth, version="aes128gcm")
    assert opened == plain


def test_reference_library_has_the_same_size(browser):
    reference = WebPusher({"endpoint": "https://push.example/1", "keys": browser.keys}).encode(b"x" * 300)["body"]
    assert len(encrypt(b"x" * 300, browser.point, browser.auth)) == len(reference)


def test_each_message_has_its_own_key_and_salt(browser):
    one, two = (encrypt(b"same", browser.point, browser.auth) for _ in range(2))
    assert one[:16] != two[:16]
    assert one[21:86] != two[21:86]


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_what_is_made_beforehand_encrypts_as_well(texts):
    private, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    prekey = make_prekey(point, auth)
    assert len(prekey) == PREKEY
    sealed = [encrypt(one, point, auth, prekey) for one in texts]
    assert {one[21:86] for one in sealed} == {prekey[16:81]}
    assert [
        http_ece.decrypt(one, private_key=private, auth_secret=auth, version="aes128gcm") for one in sealed
    ] == texts
    assert len({one[:16] for one in sealed}) == len(texts)  # should one ever come again, key and nonce do not


def test_what_was_made_for_other_keys_is_left_alone(browser):
    others = {
        "auth": make_prekey(browser.point, os.urandom(16)), "cut": make_prekey(browser.point, browser.auth)[:-1],
        "point": make_prekey(unpack(make_vapid_key()[1]), browser.auth), "none": b"",
    }  # fmt: skip
    for name, prekey in others.items():
        sealed = encrypt(b"hello", browser.point, browser.auth, prekey)
        opened = http_ece.decrypt(sealed, private_key=browser.private, auth_secret=browser.auth, version="aes128gcm")
        assert opened == b"hello", name
        assert sealed[21:86] != prekey[16:81], name


def test_too_long_is_refused(browser):
    with pytest.raises(ValueError, match="do not fit"):
        encrypt(b"x" * (LONGEST + 1), browser.point, browser.auth)


def test_token_is_verified_by_py_vapid():
    pem, public = make_vapid_key()
    header = Vapid(pem, "mailto:office@example.org").authorization("https://fcm.googleapis.com", NOW)
    assert header.endswith(f", k={public}")
    token = header.removeprefix("vapid t=").partition(",")[0]
    verifier = PyVapid.from_raw_public(public.encode())
    content, _, signature = token.rpartition(".")
    assert verifier.verify_token(content.encode(), signature)
    assert not verifier.verify_token(content.encode() + b"A", signature)
    assert application_server_key(pem) == public


def test_each_push_service_has_its_own_audience():
    signer = Vapid(make_vapid_key()[0], "mailto:office@example.org")
    origins = ["https://fcm.googleapis.com", "https://web.push.apple.com", "https://fcm.googleapis.com"]
    found = [claims(signer.authorization(one, NOW)) for one in origins]
    assert [one["aud"] for one in found] == origins
    assert {one["exp"] for one in found} == {int((NOW + timedelta(hours=12)).timestamp())}
    assert {one["sub"] for one in found} == {"mailto:office@example.org"}


def test_token_is_kept_for_half_its_life_and_made_anew_then():
    signer = Vapid(make_vapid_key()[0], "mailto:office@example.org")
    first = signer.authorization("https://a.example", NOW)
    assert signer.authorization("https://a.example", NOW + timedelta(hours=5, minutes=59)) == first
    assert signer.authorization("https://a.example", NOW + timedelta(hours=6)) != first


@settings(max_examples=60)
@given(st.lists(st.integers(-48, 48), min_size=1, max_size=8))
def test_no_clock_leap_gives_a_token_that_is_refused(leaps):
    signer = Vapid(make_vapid_key()[0], "mailto:office@example.org")
    for hours in leaps:
        now = NOW + timedelta(hours=hours)
        left = claims(signer.authorization("https://a.example", now))["exp"] - now.timestamp()
        assert 6 * 3600 < left <= 12 * 3600


def test_a_wrong_key_is_refused():
    with pytest.raises(ValueError):  # noqa: PT011 - cryptography's own words
        Vapid("not a key", "")
