"""The monthly mail "quiet, but working" (F50): what it tells one person. Pure data, written by ``push.mail``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.core.notice import Occurrence

LOOKS_BACK = timedelta(days=30)  # as long as deliveries are kept: what is older nobody can count
DATES = 3  # how many dates ahead it names


@dataclass(frozen=True, slots=True)
class Watched:
    """One choice of a person: ``topics`` by their names (none: all), ``places`` as people call them.

    ``checked_at``: when the most neglected of its sources was read last, ``None`` if it has none. ``news_at``: when
    something that fits last came or changed. ``late``: a source has been silent for longer than it should.
    """

    topics: tuple[str, ...]
    places: tuple[str, ...]
    checked_at: datetime | None = None
    news_at: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that gets pushes: when it was added, last reached (within the month), and since when it fails."""

    since: datetime
    reached_at: datetime | None = None
    troubled_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """A date ahead: what it is called and when."""

    title: str
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class Month:
    """A person's month up to now. ``received``: messages by channel, those with none left out.

    ``cut_off``: a device of theirs has died and none lives.
    """

    watched: tuple[Watched, ...] = ()
    received: tuple[tuple[str, int], ...] = ()
    devices: tuple[Device, ...] = ()
    cut_off: bool = False
    coming: tuple[Coming, ...] = ()

    @property
    def well(self) -> bool:
        """Whether nothing stands in the way of the next message."""
        late = any(one.late or one.checked_at is None for one in self.watched)
        return not (late or self.cut_off or any(one.troubled_since is not None for one in self.devices))
