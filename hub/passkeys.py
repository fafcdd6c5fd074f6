"""Passkeys (W3C WebAuthn, level 3): discoverable credentials that verify their user, so that one is two factors.

Challenges are the caller's to keep and to use once. Attestation is not asked for: which make a key is of is nobody's
business here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hub.core.errors import OrtsrufError

_TIMEOUT = 120_000  # milliseconds that a person has


class PasskeyRefused(OrtsrufError):
    """The answer of an authenticator does not fit what was asked."""

    label = "passkey"


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, as authenticators know it: the host of the public address (WebAuthn, 4: relying party)."""

    base_url: str
    name: str = "Ortsruf"

    @property
    def id(self) -> str:
        """The host."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey: ``credential`` is base64url, ``public_key`` COSE, ``count`` of signatures so far."""

    credential: str
    public_key: bytes
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser is asked (JSON), and the challenge (base64url) that its answer must carry."""

    options: dict[str, Any]
    challenge: str


def to_make(party: Party, handle: str, address: str, name: str, known: Iterable[str]) -> Question:
    """Ask for a new passkey; ``known`` are the credentials that the account has."""
    from webauthn import base64url_to_bytes, generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AttestationConveyancePreference,
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=party.id, rp_name=party.name, user_id=base64url_to_bytes(handle), user_name=address,
        user_display_name=name or address, timeout=_TIMEOUT, attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )  # fmt: skip
    return _question(options_to_json(options))


def to_sign_in(party: Party) -> Question:
    """Ask for any passkey of this site."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.id, timeout=_TIMEOUT, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _question(options_to_json(options))


def _question(text: str) -> Question:
    options = json.loads(text)
    return Question(options, options["challenge"])


def made(party: Party, challenge: str, answer: Any) -> Made:
    """Return the passkey that a browser's ``answer`` brings. Raises ``PasskeyRefused``."""
    from webauthn import base64url_to_bytes, verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    try:
        found = verify_registration_response(
            credential=answer, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=party.id,
            expected_origin=party.origin, require_user_verification=True,
        )  # fmt: skip
    except Exception as error:  # its parsers raise whatever a stranger's bytes make them
        raise PasskeyRefused from error
    return Made(bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count)


def credential_of(answer: Any) -> str:
    """Return which credential an answer claims to be of; empty if it is no such answer."""
    found = answer.get("id") if isinstance(answer, dict) else None
    return found if isinstance(found, str) and len(found) <= 2000 else ""  # noqa: PLR2004 - 1023 bytes at most (WebAuthn, 4)


def handle_of(answer: Any) -> str:
    """Return the account's handle that an answer of a discoverable credential carries."""
    response = answer.get("response") if isinstance(answer, dict) else None
    found = response.get("userHandle") if isinstance(response, dict) else None
    return found.rstrip("=") if isinstance(found, str) else ""


def signed(party: Party, challenge: str, answer: Any, *, key: bytes, count: int) -> int:
    """Check a signature; returns the new count. Raises ``PasskeyRefused``, also for a count that went back (a copy)."""
    from webauthn import base64url_to_bytes, verify_authentication_response

    try:
        found = verify_authentication_response(
            credential=answer, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=party.id,
            expected_origin=party.origin, credential_public_key=key, credential_current_sign_count=count,
            require_user_verification=True,
        )  # fmt: skip
    except Exception as error:  # its parsers raise whatever a stranger's bytes make them
        raise PasskeyRefused from error
    return found.new_sign_count
