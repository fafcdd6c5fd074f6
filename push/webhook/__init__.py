"""Webhooks: each message as signed JSON, POSTed to a program of a company (Standard Webhooks 1.0).

The endpoint's ``keys`` hold its own ``secret`` (``whsec_`` and base64). Nothing is sent to an address that never took
a test message, and none that is private is ever dialled (the guarded client refuses it at the socket).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from hub.core.errors import SubscribeError

CHANNEL = "webhook"
PULL = False
CHUNK = 5

PREFIX = "whsec_"
_ADDRESS = re.compile(r"https://[A-Za-z0-9.:\[\]-]+(/[!-~]*)?", re.ASCII)
_LONGEST, _SHORTEST_SECRET = 2048, 24  # characters, bytes


class Settings(BaseModel):
    """The section ``[webhook]``: ``timeout``, seconds for one hand-over in all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout: float = Field(default=10.0, gt=0, le=60)


def check(address: str, keys: Mapping[str, str], settings: Settings) -> tuple[str, Mapping[str, str]]:
    """Return address and secret as stored. Raises ``SubscribeError`` with the broken rule."""
    del settings
    url = address.strip()
    if len(url) > _LONGEST or not _ADDRESS.fullmatch(url) or "#" in url:
        raise SubscribeError("A webhook needs a whole https address.", subject=CHANNEL)
    try:
        host, port = urlsplit(url).hostname or "", urlsplit(url).port
    except ValueError as error:
        raise SubscribeError("A webhook needs a whole https address.", subject=CHANNEL) from error
    if port == 0 or not _is_public(host):
        raise SubscribeError("This address cannot be reached from the internet.", subject=CHANNEL)
    if len(key_of(keys.get("secret", ""))) < _SHORTEST_SECRET:
        raise SubscribeError("The webhook's secret is too short.", subject=CHANNEL)
    return url, {"secret": keys["secret"]}


def _is_public(host: str) -> bool:
    """Whether ``host`` may be in the internet, as far as its name says; what it resolves to is checked when dialled."""
    try:
        return ip_address(host).is_global
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and not name.endswith((".local", ".localhost", ".internal", ".home.arpa", ".lan"))


def key_of(secret: str) -> bytes:
    """Return the bytes that sign; empty if ``secret`` is none."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except binascii.Error:
        return b""


def service(address: str) -> str:
    """Return who is dialled: each company's server is a service of its own, and holds up no other."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower()}"
