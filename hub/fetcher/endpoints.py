"""Which push endpoints may be stored and dialled (fault W-01). Pure.

An endpoint comes from a stranger's browser, so it must belong to a push service we know. The parsed host is
compared label by label, never as a substring.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from hub.core.errors import AddressRefused

# Push services of Chromium, Firefox, Edge on Windows and Safari. A leading dot means: any host below.
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
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}", re.ASCII)


def check_endpoint(url: str, *, hosts_allowed: Collection[str] = ()) -> str:
    """Return the origin (``https://host``) that ``url`` dials, or raise ``AddressRefused`` with the broken rule.

    https, port 443, no user-info, printable ASCII, at most 2048 characters, and a host of a known push service.
    ``hosts_allowed`` are the operator's additions: ``push.example.org`` (that host), ``.example.org`` or
    ``*.example.org`` (all below it), or a whole origin ``http://127.0.0.1:8099`` (exactly that; for trials on
    one machine). Whether the host's addresses are public is checked when it is dialled.
    """
    if len(url) > _LONGEST or not _ENDPOINT.fullmatch(url):
        raise AddressRefused("The push address is malformed.", subject=url[:100])
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused("The push address is malformed.", subject=url[:100]) from error
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    if origin in {one.lower().rstrip("/") for one in hosts_allowed if "://" in one}:
        return origin
    if parts.scheme != "https" or port not in (None, 443):
        raise AddressRefused("A push address must use https on port 443.", subject=host)
    if not _HOST.fullmatch(host) or not any(_belongs(host, one) for one in (*KNOWN, *hosts_allowed)):
        raise AddressRefused("This push service is not known here.", subject=host)
    return f"https://{host}"


def _belongs(host: str, allowed: str) -> bool:
    """Whether ``host`` is ``allowed`` or, if that begins with a dot, below it."""
    entry = allowed.lower().removeprefix("*")
    return (host.endswith(entry) and len(host) > len(entry)) if entry.startswith(".") else host == entry
