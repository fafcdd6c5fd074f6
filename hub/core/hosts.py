"""Host names of municipalities: how one is written, so that it stands once and matches what browsers send. Pure."""

from __future__ import annotations

import re

MOST = 5  # of one municipality
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_SENT = re.compile(r"([a-z0-9.-]{1,253}?)\.?(?::\d{1,5})?", re.ASCII)
_LONGEST = 253  # RFC 1035, 2.3.4, without the root


def written(text: str) -> str:
    """Return a host name as it is kept: ASCII, lower case, without a port. Raises ``ValueError`` in plain words.

    Umlauts become the form that stands in the DNS. Addresses in numbers and names of one part are refused.
    """
    plain = text.strip().lower().removesuffix(".")
    if "ß" in plain:  # the DNS of today and that of yesterday disagree on it
        raise ValueError(f"“{text}”: please write a name with ß as it stands in the DNS, beginning with xn--.")
    try:
        found = plain.encode("idna").decode("ascii")
    except UnicodeError:
        found = ""
    labels = found.split(".")
    sound = all(_LABEL.fullmatch(one) for one in labels) and not labels[-1].isdigit()
    if len(labels) < 2 or not sound or len(found) > _LONGEST:  # noqa: PLR2004 - a name and what it lies in
        raise ValueError(f"“{text}” is no host name. Write it like ruf.gemeinde.de, without https:// and slashes.")
    return found


def named(header: str) -> str:
    """Return the host that a request's ``Host`` names, without its port; empty for what can be no host name."""
    found = _SENT.fullmatch(header.strip().lower())
    return found[1] if found else ""


def within(host: str, domain: str) -> bool:
    """Whether ``host`` is ``domain`` or lies in it."""
    return host == domain or host.endswith(f".{domain}")
