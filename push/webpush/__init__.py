"""Web push: encrypted messages to browsers (RFC 8030, 8188, 8291, 8292), shown by our service worker.

One payload serves service workers and Declarative Web Push (Push API, "declarative push message") alike.
``outlet.keys`` holds the VAPID keys as PEM: ``vapid_private`` signs for new subscriptions; further names that begin
with ``vapid_private_`` are earlier keys, which serve the subscriptions made with them until those are renewed. Those of
municipalities are found by their public half: ``vapid_private:<public>``, with ``vapid_subject:<public>`` beside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, field_validator

CHANNEL = "webpush"
PULL = False
CHUNK = 50
WINDOW = 250  # hand-overs of one batch under way at a time: what 50 ms of distance need at 5,000/s
PERSONAL = False  # our service worker knows whose browser it is; only what is about the reader carries a link

TTL_CAP = 28 * 24 * 3600  # seconds; what push services keep at most
_CONTACT = re.compile(r"mailto:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", re.ASCII)


class Settings(BaseModel):
    """The section ``[webpush]``.

    ``subject``: whom a push service may write to (RFC 8292, 2.1). ``ttl_cap``: longest time to live in seconds.
    ``allowed_hosts``: push services beyond the known ones, as ``host``, ``host:port`` or a whole origin
    ``http://127.0.0.1:8099`` (http for loopback only). ``timeout``: seconds for one hand-over in all.
    ``connections``: to one push service at most; ``streams``: hand-overs on one connection at a time at most (HTTP/2).
    ``processes``: how many processes of their own encrypt and send; 0: this one does. ``prekeys``: for how many
    devices, at most, half of an emergency push is encrypted before there is one; 0: for none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = ""
    ttl_cap: int = Field(default=TTL_CAP, ge=1, le=TTL_CAP)
    allowed_hosts: tuple[str, ...] = ()
    timeout: float = Field(default=10.0, gt=0, le=60)
    connections: int = Field(default=8, ge=1, le=64)
    streams: int = Field(default=100, ge=1, le=1000)
    processes: int = Field(default=0, ge=0, le=64)
    prekeys: int = Field(default=20_000, ge=0, le=10_000_000)

    @field_validator("subject")
    @classmethod
    def _contact(cls, value: str) -> str:
        """Apple refuses anything but a reachable mailto: with 403 BadJwtToken."""
        host = value.rpartition("@")[2].lower()
        if value and (not _CONTACT.fullmatch(value) or host == "localhost" or host.endswith(".localhost")):
            raise ValueError("must be mailto: and one reachable address, without spaces: mailto:office@example.org")
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from push.webpush.endpoint import operator_origin

        return tuple(operator_origin(one) for one in value)


def check(address: str, keys: Mapping[str, str], settings: Settings) -> tuple[str, Mapping[str, str]]:
    """Return endpoint and keys as stored, or raise ``SubscribeError`` with the broken rule."""
    from push.webpush.subscription import check_subscription

    return check_subscription(address, keys, settings.allowed_hosts)


def service(address: str) -> str:
    """Return the origin of the push service: what is dialled, and the token's audience (RFC 8292, 2)."""
    from push.webpush.endpoint import origin

    return origin(address)
