"""Secret links: what a person may do without an account. One salt per purpose, nothing stored.

A token names its row and carries a MAC (itsdangerous, HMAC-SHA256); a new ``generation`` of the subscriber
revokes all earlier ones.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, urlsplit

from itsdangerous import BadSignature, URLSafeSerializer

CONFIRM_LIVES = timedelta(hours=48)


@lru_cache(maxsize=64)
def _signer(key: str, purpose: str) -> URLSafeSerializer:
    options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(key, salt=f"ortsruf-{purpose}", signer_kwargs=options)


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links below ``base_url`` with the installation's ``key``."""

    base_url: str
    key: str

    def at(self, host: str) -> Links:
        """Return the same links at a municipality's own ``host``; empty: as they are.

        Scheme and port stay, and a token is worth the same at every host.
        """
        return _at(self, host) if host else self

    def _signer(self, purpose: str) -> URLSafeSerializer:
        return _signer(self.key, purpose)

    def token(self, purpose: str, *parts: int) -> str:
        """Return the token of a row for one purpose: what ``URLSafeSerializer.dumps`` writes, five times as fast."""
        payload = _base64(f"[{','.join(map(str, parts))}]".encode())
        return f"{payload}.{_base64(hmac.digest(_derived(self.key, purpose), payload.encode(), 'sha256'))}"

    def parts(self, purpose: str, token: str) -> tuple[int, ...] | None:
        """Return what a token names, or ``None`` if it is not ours or was made for something else."""
        try:
            found = self._signer(purpose).loads(token)
        except BadSignature:
            return None
        whole = isinstance(found, list) and all(isinstance(one, int) for one in found)
        return tuple(found) if whole else None

    def fingerprint(self, purpose: str, text: str) -> str:
        """Return a keyed hash of ``text``: it is known again, but nobody who reads it learns what it was."""
        return hmac.digest(_derived(self.key, purpose), text.encode(), "sha256").hex()

    def manage(self, subscriber_id: int, generation: int, notice_id: str = "") -> str:
        """Return the link of a person's own page; with ``notice_id`` it also explains that notice and offers less."""
        about = f"?notice={quote(notice_id)}" if notice_id else ""
        return f"{self.base_url}/m/{self.token('manage', subscriber_id, generation)}{about}"

    def settings(self, subscriber_id: int, generation: int) -> str:
        """Return the link of the page where a person changes what they get and how."""
        return f"{self.base_url}/m/{self.token('manage', subscriber_id, generation)}/settings"

    def unsubscribe(self, endpoint_id: int, generation: int) -> str:
        """Return the one-click link that ends an endpoint (RFC 8058)."""
        return f"{self.base_url}/u/{self.token('unsubscribe', endpoint_id, generation)}"

    def end_monthly(self, endpoint_id: int, generation: int) -> str:
        """Return the one-click link that ends the monthly mail alone (RFC 8058); it lies beside the other."""
        return f"{self.base_url}/u/{self.token('monthly', endpoint_id, generation)}"

    def keep(self, subscriber_id: int, generation: int) -> str:
        """Return the link of the page whose one button keeps everything."""
        return f"{self.base_url}/m/{self.token('manage', subscriber_id, generation)}/keep"

    def confirm(self, endpoint_id: int, asked_at: datetime) -> str:
        """Return the link of the double opt-in; it lives 48 hours from ``asked_at``."""
        return f"{self.base_url}/c/{self.token('confirm', endpoint_id, int(asked_at.timestamp()))}"

    def confirmed(self, token: str, now: datetime) -> int | None:
        """Return the endpoint that a living confirmation token names."""
        parts = self.parts("confirm", token)
        if parts is None or len(parts) != 2:  # noqa: PLR2004 - id and time
            return None
        return parts[0] if now - datetime.fromtimestamp(parts[1], UTC) <= CONFIRM_LIVES else None

    def calendar(self, endpoint_id: int, generation: int, topic: str = "") -> str:
        """Return the address of a private calendar, or of the dates of one topic in it."""
        only = f"/{quote(topic)}" if topic else ""
        return f"{self.base_url}/calendar/{self.token('calendar', endpoint_id, generation)}{only}.ics"

    def desk(self, subscriber_id: int, generation: int, source_id: str = "") -> str:
        """Return the link of a town's desk, or of one source on it; a new generation of its editor revokes it."""
        about = f"/{quote(source_id)}" if source_id else ""
        return f"{self.base_url}/d/{self.token('desk', subscriber_id, generation)}{about}"

    def invitation(self, invitation_id: int) -> str:
        """Return the link of an invitation to sign in; its row says whether it still works."""
        return f"{self.base_url}/einladung/{self.token('invitation', invitation_id)}"

    def letter(self, sort: str, letter_id: int, written_at: datetime) -> str:
        """Return the link in a letter of one sort (``reset``, ``address``); its row says whether it still works."""
        token = self.token(f"letter-{sort}", letter_id, int(written_at.timestamp()))
        return f"{self.base_url}/anmelden/{'neu' if sort == 'reset' else 'adresse'}/{token}"

    def lettered(self, sort: str, token: str) -> int | None:
        """Return the letter that a token of one sort names."""
        parts = self.parts(f"letter-{sort}", token)
        return parts[0] if parts is not None and len(parts) == 2 else None  # noqa: PLR2004 - id and time

    def draft(self, municipality: str, number: int) -> str:
        """Return the address of a draft's page, which opens to nobody who is not signed in there."""
        return f"{self.base_url}/verwaltung/{quote(municipality)}/mitteilungen/{number}"

    def notice(self, municipality: str, notice_id: str) -> str:
        """Return the address of a notice's page."""
        return f"{self.base_url}/{quote(municipality)}/n/{quote(notice_id)}"


@lru_cache(maxsize=4096)
def _at(links: Links, host: str) -> Links:
    parts = urlsplit(links.base_url)
    port = f":{parts.port}" if parts.port else ""
    return replace(links, base_url=f"{parts.scheme}://{host}{port}{parts.path}")


@functools.lru_cache(maxsize=64)
def _derived(key: str, purpose: str) -> bytes:
    """Return the key of one purpose (itsdangerous, key derivation ``hmac``)."""
    return hmac.digest(key.encode(), f"ortsruf-{purpose}".encode(), "sha256")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
