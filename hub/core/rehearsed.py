"""What a rehearsal (``hub.core.rehearsal``) knows of notices and channels at some point of the past."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hub.core.notice import Notice
from hub.core.past import Past


@dataclass(slots=True)
class State:
    """What is known of one notice at some point of the rehearsal."""

    content: Notice
    revision: int = 0
    fits: tuple[int, ...] = ()
    withdrawn: bool = False
    history: list[Past] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)  # channels
    told: dict[str, int] = field(default_factory=dict)  # channel -> revision
    reminded: set[tuple[str, str]] = field(default_factory=set)  # channel, slot
    planned: dict[tuple[int, str, str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    fired: dict[tuple[int, str, str, str], datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Bundle:
    """News that waits to be told together."""

    at: datetime
    notices: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Channel:
    """What one channel was told, and what waits for it."""

    news: list[datetime] = field(default_factory=list)  # when it was told something new
    waiting: list[Bundle] = field(default_factory=list)
    digest: dict[str, int] = field(default_factory=dict)  # notice -> revision
    sent: list[datetime] = field(default_factory=list)
