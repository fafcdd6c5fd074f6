"""The chain of audit events: each carries the hash of the one before; none can change or go unseen (A-07). Pure.

The end of a chain can be cut off without a trace in what remains: keep its last hash elsewhere (``ortsruf audit
verify`` prints it) and give it to the next verification.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

BEGINNING = "0" * 64  # what stands before the first event


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what, where, to what. ``actor``: ``account:7``, ``link:huertgenwald``, ``command``, or nobody known.

    ``municipality`` is empty for what belongs to none. ``subject`` names what it was done to, ``account:8`` or
    ``source:s1``. Nothing here may be a secret or the address of somebody's network (T-04).
    """

    at: datetime
    actor: str
    act: str
    municipality: str = ""
    subject: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event as it is stored, with its number, its hash and that of the one before."""

    number: int
    event: Event
    previous: str
    hash: str


def seal(event: Event, previous: str) -> str:
    """Return the hash of an event behind ``previous``."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [previous, at, event.actor, event.act, event.municipality, event.subject, dict(event.detail)]
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many events were looked at, the hash of the last one, and the number of the first that is wrong (0: none)."""

    count: int
    head: str
    broken: int = 0
    passed: bool = True  # whether the chain goes through the hash that was kept elsewhere


def verify(chain: Iterable[Sealed], kept: str = "") -> Verdict:
    """Look through a chain from its beginning; ``kept`` is an earlier head that it must still go through."""
    previous, count, seen = BEGINNING, 0, not kept
    for one in chain:
        if one.previous != previous or one.hash != seal(one.event, previous):
            return Verdict(count, previous, one.number, seen)
        previous, count = one.hash, count + 1
        seen = seen or previous == kept
    return Verdict(count, previous, 0, seen)
