"""Which tenders a source's settings ask for."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.tenders.tender import Tender

_CPV_DIGITS = 8


def wanted(tender: Tender, config: Mapping[str, str]) -> bool:
    """Whether ``tender`` passes the source's settings ``cpv``, ``nuts`` and ``buyer`` (empty: everything)."""
    cpv = [cpv_prefix(one) for one in listed(config, "cpv")]
    nuts = [one.upper() for one in listed(config, "nuts")]
    buyers = [one.casefold() for one in listed(config, "buyer")]
    return (
        (not cpv or any(code.startswith(tuple(cpv)) for code in tender.cpv))
        and (not nuts or any(region.startswith(tuple(nuts)) for region in tender.regions))
        and (not buyers or any(word in tender.buyer.casefold() for word in buyers))
    )


def may_hold(body: bytes, config: Mapping[str, str]) -> bool:
    """Whether the raw XML or JSON of notices may hold a wanted one: a cheap look before the reading.

    A national day has thousands of notices and a town wants a handful; codes stand in them as they are.
    """
    if body[:1] not in (b"<", b"{", b"["):
        return True  # a byte order mark, another encoding: read it
    nuts = [one.upper().encode() for one in listed(config, "nuts")]
    cpv = [cpv_prefix(one).encode() for one in listed(config, "cpv")]
    codes = [mark + one for one in cpv for mark in (b">", b'"', b" ", b"'")]
    return (not nuts or any(one in body for one in nuts)) and (not cpv or any(one in body for one in codes))


def listed(config: Mapping[str, str], name: str) -> list[str]:
    """Return a setting that is a list separated by commas."""
    return [word for one in config.get(name, "").split(",") if (word := one.strip())]


def cpv_prefix(text: str) -> str:
    """Return what a wanted CPV code begins with: ``45000000-7`` means the division ``45``."""
    digits = text.partition("-")[0].strip()
    return digits if len(digits) < _CPV_DIGITS else (digits[:2] + digits[2:].rstrip("0"))
