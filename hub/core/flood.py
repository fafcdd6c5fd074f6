"""How many new subscriptions a network and a municipality may bring in an hour (W-11). Pure.

An address is counted by its network, /24 or /64, because that is what one subscriber of a provider can choose from;
under a keyed hash, so that the table tells nobody who was here.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

PER_NETWORK = 60  # an hour: a school or a mobile provider's exit has many people behind one address
PER_MUNICIPALITY = 5_000  # an hour: what a front page brings
REPORTS = (5, 40)  # an hour, of a network and to a municipality: they are read by a person
LOST_LINKS = (10, 500)  # an hour, of a network and in a municipality: each may send a mail
PREVIEWS = (60, 120)  # an hour, of a network and in a municipality: each asks a server of others
CODES = (30, 1_000)  # an hour, of a network and in the whole installation: they could be guesses
EXPORTS = 30  # an hour, of one person: each reads a month of deliveries
_MOST = {"report": REPORTS, "link": LOST_LINKS, "code": CODES, "preview": PREVIEWS}


def network(address: str) -> str:
    """Return the /24 or /64 of a sender's address; an IPv4 address inside an IPv6 one counts as itself."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network((found, 24 if found.version == 4 else 64), strict=False))  # noqa: PLR2004 - IPv4


def counters(sort: str, sender: str, municipality: str, key: str) -> dict[str, int]:
    """Return what one sign-up counts towards: the name of each counter and how high it may go within an hour.

    ``sort`` keeps people (``person``), their devices (``device``), their reports to the editor (``report``), lost links
    (``link``), codes that were typed (``code``) and looks at sources (``preview``) apart.
    """
    hidden = hmac.digest(key.encode(), f"flood\0{network(sender)}".encode(), hashlib.sha256).hex()[:32]
    network_most, town_most = _MOST.get(sort) or (PER_NETWORK, PER_MUNICIPALITY)
    return {f"{sort}:net:{hidden}": network_most, f"{sort}:{municipality}"[:80]: town_most}


def hour_of(now: datetime) -> datetime:
    """Return the hour that ``now`` is counted in."""
    return now.replace(minute=0, second=0, microsecond=0)
