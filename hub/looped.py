"""Loops: how messages to our own canaries leave and come back, channel by channel (hub.jobs.canary says why)."""

from __future__ import annotations

import http.client
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)  # fmt: skip

from hub.core.errors import OrtsrufError
from hub.core.message import Outcome, Outlet, Payload, Recipient, Result
from hub.core.ports import Limits
from hub.jobs.house import Outgoing
from hub.settings import Settings

PRIVATE, AUTH = "canary_private", "canary_auth"
PATH = "/canary/push/"
_SECONDS = 10.0
_MOST = 2_000_000  # bytes of a calendar
_OK = 200
_ANY = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - recognised, not bound

Note = Callable[[int, str, str], None]  # endpoint, how (empty: not), fault


def make_key() -> str:
    """Make the key with which canaries read their pushes, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Loops:
    """Addresses of canaries, and what sends to them. ``note`` writes what became of one."""

    def __init__(
        self, settings: Settings, keys: Mapping[str, str], token: Callable[[str, int], str], note: Note
    ) -> None:
        """Take the settings, the installation's keys and what makes secret links."""
        self._settings, self._keys, self._token, self._note = settings, keys, token, note

    def address(self, channel: str, subscriber_id: int) -> tuple[str, dict[str, str]] | None:
        """Return where a canary listens and its keys; ``None`` if the channel is off."""
        if channel == "ical":
            return "", {}
        if channel == "mail":
            mail = self._settings.channels.get("mail")
            sender = str(getattr(mail, "sender", ""))
            # Nobody's address: at the door our sender is named instead, and nothing is handed in.
            nobody = f"ortsruf-canary@{sender.rpartition('@')[2]}"
            return (str(getattr(mail, "canary", "")) or nobody, {}) if sender else None
        if PRIVATE not in self._keys:
            return None
        from push.webpush.subscription import pack

        point = self._private().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        url = f"{self._settings.base_url}{PATH}{self._token('canary', subscriber_id)}"
        return url, {"p256dh": pack(point), "auth": self._keys[AUTH]}

    def _private(self) -> ec.EllipticCurvePrivateKey:
        return cast("ec.EllipticCurvePrivateKey", load_pem_private_key(self._keys[PRIVATE].encode(), None))

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt a push as a browser does (RFC 8291). Raises ``ValueError``."""
        from push.webpush.subscription import unpack

        try:
            plain = http_ece.decrypt(
                body, private_key=self._private(), auth_secret=unpack(self._keys[AUTH]), version="aes128gcm"
            )
            return dict(json.loads(plain))
        except Exception as error:  # whatever a stranger sends
            raise ValueError(f"not readable: {type(error).__name__}") from error

    def around(self, kind: Any) -> Outgoing:
        """Return a channel whose messages to canaries take their own way; all others go as ever."""
        return cast("Outgoing", _Around(kind, self) if kind.CHANNEL in {"webpush", "mail"} else kind)

    def is_canary(self, channel: str, recipient: Recipient) -> bool:
        """Whether a message is for ourselves."""
        if channel == "webpush":
            return recipient.address.startswith(f"{self._settings.base_url}{PATH}")
        own = self.address("mail", 0)
        return own is not None and recipient.address == own[0]

    def loop(self, kind: Any, recipient: Recipient, payload: Payload, outlet: Outlet) -> Outcome:
        """Send to a canary."""
        if kind.CHANNEL == "mail":
            return self._mail(kind, recipient, payload, outlet)
        if self._settings.base_url.startswith("https:"):
            own = urlsplit(self._settings.base_url)
            hosts = (*outlet.settings.allowed_hosts, f"{own.scheme}://{own.netloc}")
            open_ = replace(outlet, settings=outlet.settings.model_copy(update={"allowed_hosts": hosts}))
            outcome: Outcome | None = next(iter(kind.send([(recipient, payload)], open_)), None)
            if outcome is not None and outcome.result is Result.SENT:
                return outcome
        return self._over_loopback(recipient, payload)

    def _over_loopback(self, recipient: Recipient, payload: Payload) -> Outcome:
        """Encrypt and post to our own listener; where there is none in reach, read it in this very process."""
        from push.webpush.crypto import encrypt
        from push.webpush.subscription import unpack

        body = encrypt(payload.body, unpack(recipient.keys["p256dh"]), unpack(recipient.keys["auth"]))
        path = urlsplit(recipient.address).path
        headers = {"Content-Encoding": "aes128gcm", "TTL": "60", "X-Ortsruf-Loop": "loopback"}
        status, _ = self._ask("POST", path, body, headers)
        if status == 0:
            self.read(body)
            self._note(int(recipient.endpoint), "inside", "")
        elif not _OK <= status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
            self._note(int(recipient.endpoint), "", f"our own receiver answers {status}")
            return Outcome(recipient.endpoint, Result.FAILED, status, detail="the canary's receiver refused")
        return Outcome(recipient.endpoint, Result.SENT, status or 201)

    def _mail(self, kind: Any, recipient: Recipient, payload: Payload, outlet: Outlet) -> Outcome:
        from push.mail.probe import probe

        if getattr(outlet.settings, "canary", ""):
            outcome: Outcome | None = next(iter(kind.send([(recipient, payload)], outlet)), None)
            sent = outcome is not None and outcome.result is Result.SENT
            fault = outcome.detail if outcome is not None else "no answer"
            self._note(int(recipient.endpoint), "mailbox" if sent else "", fault)
            return outcome or Outcome(recipient.endpoint, Result.RETRY, detail=fault)
        fault = probe(outlet.settings)
        self._note(int(recipient.endpoint), "" if fault else "door", fault)
        return Outcome(recipient.endpoint, Result.FAILED if fault else Result.SENT, detail=fault)

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Ask our own listener; status 0 if there is none here."""
        host, port = self._settings.listen_at
        own = urlsplit(self._settings.base_url)
        line = http.client.HTTPConnection("127.0.0.1" if host in _ANY else host, port, timeout=_SECONDS)
        try:
            line.request(method, path, body, {"Host": own.netloc, **headers})
            answer = line.getresponse()
            return answer.status, answer.read(_MOST)
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            line.close()

    def fetch(self, url: str, outlet: Outlet) -> tuple[str, str]:
        """Fetch a calendar as a calendar app does; return how (empty: not) and what is wrong."""
        status, body, how = 0, b"", "loopback"
        if self._settings.base_url.startswith("https:"):
            try:
                answer = outlet.http.get(url, limits=Limits(seconds=_SECONDS, size=_MOST))
                status, body, how = answer.status, answer.body, "public"
            except OrtsrufError:
                status = 0
        if status == 0:
            how = "loopback"
            status, body = self._ask("GET", urlsplit(url).path, None, {"Accept": "text/calendar"})
        if status == 0:
            return "", "no web process answers here"
        if status != _OK or not body.startswith(b"BEGIN:VCALENDAR"):
            return "", f"our own calendar answers {status}"
        return how, ""


class _Around:
    """A channel that looks whom a chunk is for; chunks hold either canaries or people, never both (their service)."""

    def __init__(self, kind: Any, loops: Loops) -> None:
        self._kind, self._loops = kind, loops

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kind, name)

    def send(self, chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet) -> Iterable[Outcome]:
        """Send a chunk."""
        rest = iter(chunk)
        first = next(rest, None)
        if first is None:
            return []
        if self._loops.is_canary(self._kind.CHANNEL, first[0]):
            return (
                self._loops.loop(self._kind, recipient, payload, outlet)
                for recipient, payload in itertools.chain([first], rest)
            )
        whole = chunk if isinstance(chunk, list | tuple) else itertools.chain([first], rest)
        sent: Iterable[Outcome] = self._kind.send(whole, outlet)
        return sent
