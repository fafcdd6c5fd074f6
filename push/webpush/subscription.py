"""A browser's subscription as it arrives (Push API, ``PushSubscription.toJSON``) and as it is stored."""

from __future__ import annotations

import base64
import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from hub.core.errors import SubscribeError
from push.webpush.endpoint import check_endpoint

_POINT_BYTES = 65  # 0x04, x, y (SEC 1, 2.3.3)
_AUTH_BYTES = 16  # RFC 8291, 3.2
_LONGEST = 200
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}", re.ASCII)


def check_subscription(
    address: str, keys: Mapping[str, str], allowed: Collection[str] = ()
) -> tuple[str, dict[str, str]]:
    """Return endpoint and keys as stored, or raise ``SubscribeError``.

    ``p256dh`` must be an uncompressed point on P-256, ``auth`` 16 bytes; both are stored as base64url without
    padding. ``vapid``, if given, is the applicationServerKey that the subscription was made with.
    """
    address = address.strip()
    check_endpoint(address, allowed)
    point, auth = unpack(keys.get("p256dh", "")), unpack(keys.get("auth", ""))
    if not on_curve(point):
        raise SubscribeError("The browser's key (p256dh) is no point on the curve P-256.", subject="p256dh")
    if len(auth) != _AUTH_BYTES:
        raise SubscribeError("The browser's secret (auth) must have 16 bytes.", subject="auth")
    stored = {"p256dh": pack(point), "auth": pack(auth)}
    if keys.get("vapid"):
        server = unpack(keys["vapid"])
        if not on_curve(server):
            raise SubscribeError("The server key of the subscription is no point on the curve P-256.", subject="vapid")
        stored["vapid"] = pack(server)
    return address, stored


def on_curve(point: bytes) -> bool:
    """Whether ``point`` is an uncompressed point of P-256: else a peer could probe our keys (invalid-curve attack)."""
    if len(point) != _POINT_BYTES or point[0] != 4:  # noqa: PLR2004 - SEC 1, 2.3.3: 04 marks the uncompressed form
        return False
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        return False
    return True


def unpack(text: str) -> bytes:
    """Read base64 in either alphabet, padded or not; anything else is empty."""
    text = text.strip()
    if len(text) > _LONGEST or not _BASE64.fullmatch(text):
        return b""
    bare = text.rstrip("=").translate({ord("+"): "-", ord("/"): "_"})
    try:
        return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return b""


def unpacked(keys: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Return ``p256dh`` and ``auth`` of stored keys as bytes. Raises ``ValueError`` for what was never stored by us."""
    try:
        # Stored without padding; more than is needed does no harm (binascii).
        point, auth = urlsafe_b64decode(keys["p256dh"] + "=="), urlsafe_b64decode(keys["auth"] + "==")
    except (KeyError, ValueError, TypeError):
        point, auth = unpack(keys.get("p256dh", "")), unpack(keys.get("auth", ""))
    if len(point) != _POINT_BYTES or len(auth) != _AUTH_BYTES:
        raise ValueError("the keys of the subscription are broken")
    return point, auth


def pack(data: bytes) -> str:
    """Write base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
