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
    gaps: int = 0  # in an extract: how often events of others, or nothing, stood between two of it


def verify(chain: Iterable[Sealed], kept: str = "", *, extract: bool = False) -> Verdict:
    """Look through a chain from its beginning; ``kept`` is an earlier head that it must still go through.

    Of an ``extract`` each event is looked at by itself, as what lies between them is not there: a change of any is
    found, the lack of one is a gap.
    """
    previous, count, seen, gaps = BEGINNING, 0, not kept, 0
    for one in chain:
        joined = one.previous == previous
        if one.hash != seal(one.event, one.previous) or not (joined or extract):
            return Verdict(count, previous, one.number, seen, gaps)
        gaps += not joined
        previous, count = one.hash, count + 1
        seen = seen or previous == kept
    return Verdict(count, previous, 0, seen, gaps)


def to_line(one: Sealed) -> str:
    """Write an event as a line of JSON, with its hash and that of the one before."""
    event = one.event
    plain = {
        "number": one.number, "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"), "actor": event.actor,
        "act": event.act, "municipality": event.municipality, "subject": event.subject, "detail": dict(event.detail),
        "previous": one.previous, "hash": one.hash,
    }  # fmt: skip
    return json.dumps(plain, ensure_ascii=False)


def from_line(line: str) -> Sealed:
    """Read what :func:`to_line` wrote. Raises ``ValueError`` for what is no such line."""
    try:
        plain = json.loads(line)
        actor, act, municipality, subject = (str(plain[name]) for name in ("actor", "act", "municipality", "subject"))
        at, detail = datetime.fromisoformat(plain["at"]), dict(plain["detail"])
        event = Event(at, actor, act, municipality, subject, detail)
        return Sealed(int(plain["number"]), event, str(plain["previous"]), str(plain["hash"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("this is no line of an audit log") from error
