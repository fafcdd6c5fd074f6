"""What is known of an installation's setup, and how what is found is told. Pure; no secret is among it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

LEAST_SECRET = 32  # characters of a key that nobody guesses
GB = 1_000_000_000


class Grade(IntEnum):
    """How a setting is."""

    GREEN = 0
    YELLOW = 1  # works, but somebody should see to it
    RED = 2  # something does not work, or is not safe


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing; ``given`` fills the sentences."""

    title: str
    grade: Grade
    what: str
    todo: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is looked at. Names are those of the settings where there is one; no secret is among them."""

    now: datetime
    base_url: str = ""
    listen: str = ""
    trusted_proxy: str = ""
    secret_length: int = 0  # 0: the database's own is used
    keys: frozenset[str] = frozenset()
    sender: str = ""
    mail_host: str = ""
    dkim_domain: str = ""
    canary_mailbox: str = ""
    push_subject: str = ""
    contact: str = ""
    database: str = ""  # SQLite, PostgreSQL
    version: tuple[int, ...] = ()
    safe_wal: bool = True
    free: int = 100 * GB
    open_folder: str = ""  # a data folder that others on the machine may read
    skew: timedelta = timedelta()
    hold: str = ""
    backup: datetime | None = None
    metrics_token: int = 0  # how long it is
    oidc_issuer: str = ""
    oidc_rules: int = 0
    oidc_second_factor: bool = False
    wrong_zones: tuple[str, ...] = ()
    zones_known: bool = True
    debug: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    canary_minutes: int = 60
    towns: int = 0
    untold: tuple[str, ...] = ()  # municipalities without an editors' address that mails reach
    operators: int = 0
    alive: int = 0  # processes


Rule = Callable[[Facts], Iterator[Finding]]


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_private(host: str) -> bool:
    """Whether a host can only be reached from within: this machine, a private network, a name without a dot."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".test", ".example", ".localhost"))
