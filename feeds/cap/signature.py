"""Signed alerts (CAP 1.2, 3.3.4.1): an enveloped XML signature over the whole alert, by a certificate we pinned.

A signature only proves what it covers. So exactly one signature is accepted, as a child of ``<alert>``, with one
reference to the whole document (``URI=""``) and no transforms but "enveloped" and canonicalisation; and only what
was verified is parsed (against signature wrapping). Certificates are those of the setting, never those that an alert
brings along.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from feeds.cap.tree import root_of
from hub.core.errors import SourceConfigError, SourceRefused

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_TRANSFORMS = frozenset({
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
})  # fmt: skip
_UNSIGNED = "The source must be signed, but the alert carries no signature."


@dataclass(frozen=True, slots=True)
class Seal:
    """Whose signature is asked for: a certificate (the signer's or its authority's) or a SHA-256 in hex.

    ``old`` accepts SHA-1, for authorities that have nothing else; ``at`` is when certificates must be valid.
    """

    certificate: x509.Certificate | None
    fingerprint: str
    old: bool
    at: datetime

    def opened(self, body: bytes) -> etree._Element:
        """Return the verified ``<alert>`` of ``body``, without its signature.

        Raises ``SourceRefused`` if the signature is missing, wrong, somebody else's or does not cover everything.
        """
        root = root_of(body)
        signature = _only_signature(root)
        certificate = self._trusted(signature)
        verified = _verified(body, certificate, at=self.at, old=self.old)
        if verified.tag != root.tag:
            raise SourceRefused("The signature covers something else than the alert.")
        return verified

    def _trusted(self, signature: etree._Element) -> x509.Certificate:
        """Return the signer's certificate, if it is the pinned one or was issued by it."""
        brought = _certificates(signature)
        if self.fingerprint:
            found = next((one for one in brought if one.fingerprint(SHA256()).hex() == self.fingerprint), None)
        elif self.certificate is not None and brought and brought[0] != self.certificate:
            found = brought[0] if _issued(brought[0], self.certificate) else None
        else:
            found = self.certificate
        if found is None:
            raise SourceRefused("The alert is signed by somebody else than the source's certificate says.")
        if not found.not_valid_before_utc <= self.at <= found.not_valid_after_utc:
            raise SourceRefused(f"The signer's certificate was valid until {found.not_valid_after_utc:%d.%m.%Y} only.")
        return found


def seal_of(config: Mapping[str, str], at: datetime) -> Seal | None:
    """Return what the settings ``signature`` and ``certificate`` ask for, ``None`` if nothing.

    Raises ``SourceConfigError`` if they cannot work.
    """
    asked, text = config.get("signature", ""), config.get("certificate", "").strip()
    if not asked:
        if text:
            raise SourceConfigError("There is a certificate, but the setting 'signature' does not require it.")
        return None
    fingerprint = text.replace(":", "").replace(" ", "").lower()
    if re.fullmatch(r"[0-9a-f]{64}", fingerprint, re.ASCII):
        return Seal(None, fingerprint, asked == "required-sha1", at.astimezone(UTC))
    try:
        certificate = x509.load_pem_x509_certificate(text.replace("\\n", "\n").encode())
    except ValueError as error:
        raise SourceConfigError("The setting 'certificate' is neither a PEM certificate nor a SHA-256.") from error
    return Seal(certificate, "", asked == "required-sha1", at.astimezone(UTC))


def _only_signature(root: etree._Element) -> etree._Element:
    """Return the one signature, which must be a child of the root and refer to the whole document."""
    found = list(root.iter(f"{_DS}Signature"))
    if not found:
        raise SourceRefused(_UNSIGNED)
    if len(found) > 1 or found[0].getparent() is not root:
        raise SourceRefused("The alert's signature is not where it belongs; it may be wrapped around something else.")
    references = list(found[0].iter(f"{_DS}Reference"))
    if len(references) != 1 or references[0].get("URI") != "":
        raise SourceRefused("The signature does not cover the whole alert.")
    transforms = {one.get("Algorithm", "") for one in references[0].iter(f"{_DS}Transform")}
    if not transforms <= _TRANSFORMS:
        raise SourceRefused("The signature leaves parts of the alert out by a transform that is not accepted.")
    return found[0]


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """Return the certificates that an alert brings along; what is none is left out."""
    found = []
    for one in list(signature.iter(f"{_DS}X509Certificate"))[:5]:
        try:
            found.append(x509.load_der_x509_certificate(base64.b64decode("".join((one.text or "").split()))))
        except (ValueError, binascii.Error):
            continue
    return found


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether ``authority`` is a certificate authority and issued ``certificate`` directly."""
    try:
        is_authority = authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return is_authority


def _verified(body: bytes, certificate: x509.Certificate, *, at: datetime, old: bool) -> etree._Element:
    """Return the element that ``certificate`` signed. Raises ``SourceRefused``."""
    from signxml import exceptions
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    methods = [one for one in SignatureMethod if "HMAC" not in one.name and (old or "SHA1" not in one.name)]
    digests = [one for one in DigestAlgorithm if old or "SHA1" not in one.name]
    expected = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=frozenset(methods),
        digest_algorithms=frozenset(digests),
        verification_time=at,
    )
    try:
        result = XMLVerifier().verify(body.lstrip(), x509_cert=certificate, expect_config=expected)
    except exceptions.InvalidInput as error:
        if "SHA1" in str(error) or "sha1" in str(error):
            raise SourceRefused("The alert is signed with SHA-1, which can be forged.") from error
        raise SourceRefused(f"The alert's signature cannot be checked: {str(error)[:150]}") from error
    except (exceptions.InvalidSignature, InvalidSignature, etree.LxmlError, ValueError, TypeError, KeyError) as error:
        raise SourceRefused("The alert's signature is wrong: it was altered on the way, or never signed.") from error
    if isinstance(result, list) or result.signed_xml is None:
        raise SourceRefused("The signature does not cover the whole alert.")
    return result.signed_xml
