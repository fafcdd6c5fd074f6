"""A source that promises signed alerts accepts only signatures over the whole alert, by the pinned certificate (P-11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner, methods

from feeds.cap.parse import parse
from hub.core.errors import SourceConfigError, SourceRefused
from tests.fakes.http import FakeHttp  # noqa: F401 - the fakes' folder is on the path

NOW = datetime(2030, 3, 17, tzinfo=UTC)
DS = "{http://www.w3.org/2000/09/xmldsig#}"


class Signer:
    """A key with a certificate, its own or an authority's."""

    def __init__(
        self, name: str, issuer: Signer | None = None, *, ca: bool = False, until: datetime | None = None
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        above = issuer or self
        self.certificate = (
            x509.CertificateBuilder().subject_name(self.name).issuer_name(above.name)
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=400)).not_valid_after(until or NOW + timedelta(days=400))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(above.key, hashes.SHA256())
        )  # fmt: skip

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex(":")

    def signed(self, body: bytes, *, old: bool = False) -> bytes:
        class Old(XMLSigner):
            def check_deprecated_methods(self) -> None:
                """Let the test make what the reader must refuse."""

        signer = (Old if old else XMLSigner)(
            method=methods.enveloped,
            signature_algorithm=SignatureMethod.ECDSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA1 if old else DigestAlgorithm.SHA256,
        )
        made = signer.sign(etree.fromstring(body), key=self.key, cert=[self.certificate])
        return etree.tostring(made)


@pytest.fixture(scope="module")
def authority() -> Signer:
    return Signer("Warnzentrale CA", ca=True)


@pytest.fixture(scope="module")
def office(authority) -> Signer:
    return Signer("Warnzentrale", authority)


@pytest.fixture
def outcome(make_fetched):
    """``outcome(body, certificate)`` -> the keys that were read, or the one sentence of refusal."""

    def judge(body: bytes, certificate: str, signature: str = "required"):
        items = parse(make_fetched(body, signature=signature, certificate=certificate))
        return [one.key for one in items if not one.fault] or " ".join(one.fault for one in items)

    return judge


def test_a_signed_alert_is_read_by_certificate_by_fingerprint_and_by_authority(
    office, authority, make_alert, outcome
) -> None:
    body = office.signed(make_alert())
    for pinned in (office.pem, office.fingerprint, office.fingerprint.replace(":", "").upper(), authority.pem):
        assert outcome(body, pinned) == ["a1"]


def test_a_signed_alert_in_a_feed_is_read(office, make_alert, outcome) -> None:
    body = office.signed(make_alert())
    feed = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>' + body + b"</content></entry></feed>"
    assert outcome(feed, office.pem) == ["a1"]


@pytest.mark.parametrize(("before", "after"), [
    (b"Sturm", b"Entwarnung"), (b"812069270", b"805358016"), (b"<msgType>Alert", b"<msgType>Cancel"),
    (b"<identifier>a1", b"<identifier>a2"), (b"</sender>", b"</sender><note>x</note>"),
])  # fmt: skip
def test_one_changed_word_is_enough(before, after, office, make_alert, outcome) -> None:
    body = office.signed(make_alert())
    assert before in body
    assert "signature is wrong" in outcome(body.replace(before, after), office.pem)


def test_an_unsigned_alert_of_a_signed_source_is_refused(office, make_alert, outcome) -> None:
    assert "carries no signature" in outcome(make_alert(), office.pem)


def test_somebody_elses_signature_is_refused_though_it_is_valid(office, authority, make_alert, outcome) -> None:
    stranger = Signer("Warnzentrale")
    body = stranger.signed(make_alert())
    for pinned in (office.pem, office.fingerprint, authority.pem):
        assert "somebody else" in outcome(body, pinned)


def test_a_certificate_that_only_claims_to_be_issued_is_refused(office, make_alert, outcome) -> None:
    """An end certificate is no authority, even if it issued another one."""
    child = Signer("Warnzentrale 2", office)
    assert "somebody else" in outcome(child.signed(make_alert()), office.pem)


def test_an_expired_certificate_is_refused_with_its_day(make_alert, outcome) -> None:
    old = Signer("Warnzentrale", until=NOW - timedelta(days=1))
    assert "until 16.03.2030" in outcome(old.signed(make_alert()), old.pem)


def test_sha_1_is_refused_unless_it_is_asked_for(office, make_alert, outcome) -> None:
    body = office.signed(make_alert(), old=True)
    assert "SHA-1" in outcome(body, office.pem)
    assert outcome(body, office.pem, "required-sha1") == ["a1"]


def wrapped(body: bytes, forged: bytes, way: str) -> bytes:
    """Move the signed alert aside so that its signature still fits, and put a forged one where readers look."""
    good, bad = etree.fromstring(body), etree.fromstring(forged)
    signature = good.find(f"{DS}Signature")
    if way == "good inside bad":
        holder = etree.SubElement(bad, "{urn:x}Object")
        holder.append(good)
    elif way == "signature moved":
        bad.append(signature)
    elif way == "good inside the signature":
        bad.append(signature)
        holder = etree.SubElement(signature, f"{DS}Object")
        holder.append(good)
    elif way == "reference by id":
        signature.find(f".//{DS}Reference").set("URI", "#a1")
        good.set("Id", "a1")
        return etree.tostring(good)
    elif way == "two signatures":
        good.append(etree.fromstring(etree.tostring(signature)))
        return etree.tostring(good)
    elif way == "two references":
        info = signature.find(f"{DS}SignedInfo")
        info.append(etree.fromstring(etree.tostring(info.find(f"{DS}Reference"))))
        return etree.tostring(good)
    elif way == "a filter":
        transforms = signature.find(f".//{DS}Transforms")
        etree.SubElement(transforms, f"{DS}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116")
        return etree.tostring(good)
    return etree.tostring(bad)


@pytest.mark.parametrize("way", [
    "good inside bad", "signature moved", "good inside the signature", "reference by id", "two signatures",
    "two references", "a filter",
])  # fmt: skip
def test_a_wrapped_signature_is_refused(way, office, make_alert, outcome) -> None:
    body = office.signed(make_alert())
    said = outcome(wrapped(body, make_alert("forged"), way), office.pem)
    assert isinstance(said, str), "nothing of it may be read"
    assert said


def test_an_index_or_json_cannot_be_signed_and_is_not_read_as_if_it_were(corpus, office, make_fetched) -> None:
    setting = {"signature": "required", "certificate": office.pem}
    with pytest.raises(SourceRefused, match="no signature"):
        parse(make_fetched((corpus / "synthetic/nina_lhp.json").read_bytes(), **setting))
    with pytest.raises(SourceRefused, match="index"):
        parse(make_fetched((corpus / "meteoalarm/meteoalarm-legacy-atom-germany.xml").read_bytes(), **setting))


@pytest.mark.parametrize(("signature", "certificate", "words"), [
    ("required", "", "neither"), ("required", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "neither"),
    ("required", "ab" * 31, "neither"), ("", "ab" * 32, "does not require"),
])  # fmt: skip
def test_settings_that_cannot_work_are_named(signature, certificate, words, make_fetched, make_alert) -> None:
    with pytest.raises(SourceConfigError, match=words):
        parse(make_fetched(make_alert(), signature=signature, certificate=certificate))
