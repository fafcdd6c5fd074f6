"""Signatures, verified by an implementation that is not ours (dkimpy) against a stub of the DNS."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import ValidationError

from hub.core.message import Outlet, Payload, Result
from push.mail import Settings
from push.mail.prepare import prepare
from push.mail.send import send
from tests.push.samples import MESSAGES, SITE, recipient


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """Return the file of a private key and the record of the public one."""
    made = rsa.generate_private_key(65537, 2048)
    file = tmp_path_factory.mktemp("dkim") / "key.pem"
    file.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return str(file), b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


@pytest.fixture
def signed(key, serve, postbox):
    """Return what a server got of a mail, and a check of it."""
    sink = Settings(
        host="127.0.0.1", port=serve(), dkim_domain="bannewitz.example", dkim_selector="m1", dkim_key_file=key[0]
    )
    names = []

    def dns(name, timeout=5):
        names.append(name)
        return key[1]

    def arrived(payload):
        assert [one.result for one in send([(recipient(), payload)], Outlet(None, sink))] == [Result.SENT]
        return postbox.mails[-1][1]

    yield arrived, lambda mail: dkim.verify(mail, dnsfunc=dns)
    assert set(names) == {b"m1._domainkey.bannewitz.example."}


@pytest.mark.parametrize("name", ["new", "digest", "confirm", "changes"])
def test_what_arrives_is_signed(signed, name):
    arrived, verified = signed
    mail = arrived(prepare(MESSAGES[name], "de", SITE).fill(recipient(), "5" * 32))
    assert verified(mail)
    head = mail.partition(b"\r\n\r\n")[0]
    names = Counter(head.partition(b"h=")[2].partition(b";")[0].lower().split(b":"))
    assert names[b"from"] == 2
    assert {b"to", b"subject", b"date", b"message-id", b"feedback-id", b"content-type"} <= set(names)
    assert ({b"list-unsubscribe", b"list-unsubscribe-post"} <= set(names)) is (name != "confirm")
    assert max(map(len, head.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"gesperrt", b"geoeffnet"), (b"\r\nTo: anna", b"\r\nTo: berta"), (b"/u/t", b"/u/x"),
        (b"\r\nFrom: ", b"\r\nFrom: x@evil.example\r\nFrom: "), (b"One-Click", b"None"),
    ],
)  # fmt: skip
def test_a_changed_mail_is_found_out(signed, was, becomes):
    arrived, verified = signed
    mail = arrived(prepare(MESSAGES["new"], "de", SITE).fill(recipient(), "5" * 32))
    assert was in mail
    assert not verified(mail.replace(was, becomes))


def test_odd_lines_are_signed_as_they_travel(signed):
    arrived, verified = signed
    assert verified(arrived(Payload(b"From: a@b.example\nSubject:  a\r\n\tb  \r\n\r\n.\n..x \r\n\r\n\r\n")))
    assert verified(arrived(Payload(b"From: a@b.example\r\nSubject: empty\r\n\r\n")))


def test_what_is_wrong_with_the_settings_is_said(tmp_path):
    with pytest.raises(ValidationError, match="needs dkim_domain"):
        Settings(dkim_domain="example.org")
    whole = {"dkim_domain": "example.org", "dkim_selector": "m1"}
    with pytest.raises(ValidationError, match="cannot be read"):
        Settings(**whole, dkim_key_file=str(tmp_path / "none"))
    (tmp_path / "text").write_text("no key")
    with pytest.raises(ValidationError, match="holds no private key"):
        Settings(**whole, dkim_key_file=str(tmp_path / "text"))
    curve = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "ec").write_bytes(curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(ValidationError, match="no RSA key"):
        Settings(**whole, dkim_key_file=str(tmp_path / "ec"))


def test_a_town_signs_with_the_same_key_under_its_own_domain(key, serve, postbox):
    sink = Settings(
        host="127.0.0.1", port=serve(), dkim_domain="kreis.example", dkim_selector="m1", dkim_key_file=key[0]
    )
    site = replace(SITE, sender="ruf@wald.example", reply_to="amt@wald.example", dkim_domain="wald.example")
    payload = prepare(MESSAGES["new"], "de", site).fill(recipient(), "5" * 32)
    assert [one.result for one in send([(recipient(), payload)], Outlet(None, sink))] == [Result.SENT]
    mail, names = postbox.mails[-1][1], []

    def dns(name, timeout=5):
        names.append(name)
        return key[1]

    assert dkim.verify(mail, dnsfunc=dns)
    assert names == [b"m1._domainkey.wald.example."]
    assert not dkim.verify(mail.replace(b"amt@wald.example", b"amt@evil.example"), dnsfunc=dns)
