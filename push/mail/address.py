"""One mail address: the addr-spec of RFC 5322, 3.4.1 in the bounds of RFC 5321, 4.5.3.1. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

import idna

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LONGEST, _LONGEST_LOCAL = 254, 64


def addr_spec(text: str) -> str:
    """Return the one address in ``text``, its domain in lower case and punycode (IDNA 2008).

    Raises ``ValueError`` with a plain sentence for lists, display names, quoted local parts, line breaks, address
    literals and domains without a dot.
    """
    # Blanks around it come from copying; a line break inside or at an end has no innocent reason.
    text = text.strip(" \t\u00a0")
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        raise ValueError("Please enter exactly one e-mail address such as name@example.org.")
    found = f"{local}@{_domain(domain)}"
    if len(found) > _LONGEST:
        raise ValueError("This e-mail address is too long.")
    return found


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    """Return a domain in the form that goes over the wire."""
    fault = "The part after the @ is no domain such as example.org."
    if any(sign.isspace() or not sign.isprintable() for sign in domain):
        raise ValueError(fault)
    try:
        # uts46 folds case and width; the strict rules then keep ß apart from ss.
        plain = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(fault) from error
    labels = plain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(one) for one in labels) or labels[-1].isdigit():  # noqa: PLR2004 - name and top level
        raise ValueError(fault)
    return plain
