"""Which URLs may be asked for at all, and where a redirect may lead. Pure."""

from __future__ import annotations

import re

from httpx2 import URL, InvalidURL

from hub.core.errors import AddressRefused
from hub.fetcher.addresses import HIGHEST_PORT

LONGEST = 4096  # characters
_STANDARD = {"http": 80, "https": 443}
# Blanks, control characters, backslash and formatting characters: parsers disagree about them.
_ODD = re.compile(r"[\x00-\x20\x7f-\xa0\\\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_FIRST_FREE_PORT = 1024  # below live mail, shell and file services that would take a request for their own


def checked(url: str) -> URL:
    """Return ``url`` parsed, or raise ``AddressRefused`` with the rule that it breaks.

    Only ``http`` and ``https``, with a host, without user-info, odd characters or a system port of another
    service; at most ``LONGEST`` characters.
    """
    if len(url) > LONGEST:
        raise AddressRefused(f"The address is longer than {LONGEST} characters.", subject=url[:100])
    if _ODD.search(url):
        raise AddressRefused("The address contains blanks or control characters.", subject=_shown(url))
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
    except (InvalidURL, ValueError, TypeError) as error:
        raise AddressRefused("The address is malformed.", subject=_shown(url)) from error
    if parsed.scheme not in _STANDARD:
        raise AddressRefused("Only http and https addresses are read.", subject=_shown(url))
    if not host or "%" in host:
        raise AddressRefused("The address names no host.", subject=_shown(url))
    if parsed.userinfo:
        raise AddressRefused("The address contains a user name or password.", subject=host)
    if port is not None and port not in _STANDARD.values() and not _FIRST_FREE_PORT <= port <= HIGHEST_PORT:
        raise AddressRefused(f"Port {port} is not a port for web addresses.", subject=_shown(url))
    return parsed


def port_of(url: URL) -> int:
    """Return the port that ``url`` dials."""
    return url.port or _STANDARD[url.scheme]


def origin(url: URL) -> tuple[str, str, int]:
    """Return scheme, host and port: what must be equal for two URLs to trust each other (RFC 6454)."""
    return (url.scheme, url.host, port_of(url))


def redirected(current: URL, location: str) -> URL:
    """Return where ``location`` leads from ``current``, or raise ``AddressRefused``.

    Never from https down to http, and only to a standard port or the one already in use.
    """
    try:
        target = checked(str(current.join(location)))
    except (InvalidURL, ValueError, TypeError) as error:
        raise AddressRefused("The source redirects to a malformed address.", subject=str(current)) from error
    if current.scheme == "https" and target.scheme == "http":
        raise AddressRefused("The source redirects from https to unprotected http.", subject=str(current))
    if port_of(target) not in (_STANDARD[target.scheme], port_of(current)):
        raise AddressRefused(f"The source redirects to another port ({port_of(target)}).", subject=str(current))
    return target


def _shown(url: str) -> str:
    """Return ``url`` fit for a log line: short, without a query (it may hold a secret), nothing unprintable."""
    return ascii(url.partition("?")[0][:200])[1:-1]
