"""Which push endpoints may be stored and dialled. Pure.

An endpoint comes from a stranger's browser and we POST to it, so it must belong to a push service we know. The host
is parsed first and then compared label by label, never as a substring.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from hub.core.errors import SubscribeError

# Chromium, Firefox, Edge on Windows, Safari. A leading dot means: any host below.
KNOWN = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    ".notify.windows.com",
    "web.push.apple.com",
    ".push.apple.com",
)
_LONGEST = 2048
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/[!-~]*", re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PORTS = {"https": 443, "http": 80}


def check_endpoint(url: str, allowed: Collection[str] = ()) -> str:
    """Return the origin that ``url`` dials, or raise ``SubscribeError``.

    https on port 443, no user name, printable ASCII, at most 2,048 characters, a host of :data:`KNOWN`; or one of
    the origins in ``allowed`` (as :func:`operator_origin` wrote them), exactly.
    """
    if len(url) > _LONGEST or not _ENDPOINT.fullmatch(url) or "#" in url:
        raise SubscribeError("The browser gave a push address that is malformed.", subject="endpoint")
    own = origin(url)
    if own in allowed:
        return own
    parts = urlsplit(url)
    if parts.scheme != "https" or _port(parts) != _PORTS["https"]:
        raise SubscribeError("A push address must use https on port 443.", subject=own)
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) or not any(_belongs(host, one) for one in KNOWN):
        raise SubscribeError("The push service of this browser is not known here.", subject=own)
    return own


def dialled(url: str, allowed: tuple[str, ...]) -> str:
    """Return what :func:`check_endpoint` returns, with the rules for the host looked up where it is known already."""
    if len(url) > _LONGEST or not _ENDPOINT.fullmatch(url) or "#" in url:
        raise SubscribeError("The browser gave a push address that is malformed.", subject="endpoint")
    return _of_host(url[: url.index("/", 8) + 1], allowed)


@lru_cache(maxsize=1024)
def _of_host(root: str, allowed: tuple[str, ...]) -> str:
    return check_endpoint(root, allowed)


def origin(url: str) -> str:
    """Return ``scheme://host[:port]`` of a URL, lower case, a default port left out; raise ``SubscribeError``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", _port(parts)
    except ValueError as error:
        raise SubscribeError("The browser gave a push address that is malformed.", subject="endpoint") from error
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc:
        raise SubscribeError("The browser gave a push address that is malformed.", subject="endpoint")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port == _PORTS[parts.scheme] else f":{port}")


def operator_origin(entry: str) -> str:
    """Return the origin that an operator's ``host``, ``host:port`` or ``scheme://host:port`` means.

    Raises ``ValueError`` for anything else, and for http beyond loopback.
    """
    url = entry if "://" in entry else f"https://{entry}"
    try:
        found = origin(url)
        parts = urlsplit(url)
    except SubscribeError as error:
        raise ValueError(f"{entry!r} is neither host, host:port nor an origin") from error
    if not re.fullmatch(r"[a-z0-9.:\[\]-]+", parts.netloc.lower(), re.ASCII):
        raise ValueError(f"{entry!r} is neither host, host:port nor an origin")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{entry!r} must end after the host or port")
    if parts.scheme == "http" and not _loopback(parts.hostname or ""):
        raise ValueError(f"{entry!r}: http is for loopback only")
    return found


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else _PORTS.get(parts.scheme, 0)


def _belongs(host: str, known: str) -> bool:
    """Whether ``host`` is ``known`` or, if that begins with a dot, below it."""
    return (host.endswith(known) and len(host) > len(known)) if known.startswith(".") else host == known


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
