"""What somebody wants to hear of: Criteria (an Interest's canonical form), ways, and lead times."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

from hub.core.notice import Position, Severity


class Action(StrEnum):
    """What happens on a channel when a notice fits."""

    NOW = "now"
    DIGEST = "digest"
    CALENDAR = "calendar"
    REMINDER = "reminder"


WEEKLY = "weekly"  # in place of a lead time, of a digest: it waits for the first of the week's digests


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a notice must be to fit. Empty fields do not narrow; the fields that are given must all hold.

    ``places`` are paths of the place tree; ``words`` and ``without`` are matched as folded word beginnings;
    ``cpv`` are code prefixes; ``least_value`` and ``most_value`` are in the notice's own currency; ``procedures`` are
    kinds of ``hub.core.procedures``; ``days`` is the least time between publication and deadline. What a source does
    not say of value, procedure or deadline excludes nothing.
    """

    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    centre: Position | None = None
    radius_km: float | None = None
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    least_value: float | None = None
    most_value: float | None = None
    procedures: tuple[str, ...] = ()
    days: int | None = None
    severity: Severity = Severity.UNKNOWN

    def canonical(self) -> dict[str, Any]:
        """Return the one JSON form of these criteria: sorted, folded, without what does not narrow."""
        plain: dict[str, Any] = {
            "topics": sorted(set(self.topics)),
            "places": sorted(set(self.places)),
            "words": sorted({word.casefold().strip() for word in self.words if word.strip()}),
            "without": sorted({word.casefold().strip() for word in self.without if word.strip()}),
            "categories": sorted(set(self.categories)),
            "procedures": sorted(set(self.procedures)),
            "cpv": sorted({_prefix(code) for code in self.cpv if code}),
        }
        if self.centre is not None and self.radius_km is not None:
            # About a hundred metres: equal enough to share one interest, coarse enough to name no house.
            plain["centre"] = [round(self.centre[0], 3), round(self.centre[1], 3)]
            plain["radius_km"] = round(self.radius_km, 1)
        if self.least_value is not None:
            plain["least_value"] = round(self.least_value, 2)
        if self.most_value is not None:
            plain["most_value"] = round(self.most_value, 2)
        if self.days:
            plain["days"] = self.days
        if self.severity is not Severity.UNKNOWN:
            plain["severity"] = self.severity.name.lower()
        return {name: value for name, value in plain.items() if value not in ([], None)}

    def key(self) -> str:
        """Return the hash by which an interest is stored once however many people share it."""
        text = json.dumps(self.canonical(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _prefix(code: str) -> str:
    """Return the beginning that all codes below a CPV code share: zeros fill up, but a division has two digits."""
    return max(code[:2], code.rstrip("0"), key=len)


def criteria_from_json(data: Mapping[str, Any]) -> Criteria:
    """Read what :meth:`Criteria.canonical` wrote."""
    centre = data.get("centre")
    return Criteria(
        topics=tuple(data.get("topics", ())),
        places=tuple(data.get("places", ())),
        centre=(float(centre[0]), float(centre[1])) if centre else None,
        radius_km=data.get("radius_km"),
        words=tuple(data.get("words", ())),
        without=tuple(data.get("without", ())),
        categories=tuple(data.get("categories", ())),
        cpv=tuple(data.get("cpv", ())),
        least_value=data.get("least_value"),
        most_value=data.get("most_value"),
        procedures=tuple(data.get("procedures", ())),
        days=data.get("days"),
        severity=Severity[data.get("severity", "unknown").upper()],
    )


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before an occurrence a reminder comes.

    Either ``at`` o'clock (local wall time) ``days`` before its day, or a ``span`` before its start.
    """

    days: int = 0
    at: time | None = None
    span: timedelta | None = None

    def __str__(self) -> str:
        """Write the lead as stored: ``P1D@18:00`` or an ISO 8601 duration such as ``PT1H``."""
        if self.at is not None:
            return f"P{self.days}D@{self.at:%H:%M}"
        minutes = int((self.span or timedelta()).total_seconds() // 60)
        hours, rest = divmod(minutes, 60)
        return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


_WALL = re.compile(r"P(\d{1,2})D@([01]\d|2[0-3]):([0-5]\d)")
_SPAN = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?")


def lead(text: str) -> Lead:
    """Read a lead time as :class:`Lead` writes it. Raises ``ValueError`` on anything else."""
    if wall := _WALL.fullmatch(text):
        return Lead(days=int(wall[1]), at=time(int(wall[2]), int(wall[3])))
    if (span := _SPAN.fullmatch(text)) and (span[1] or span[2]):
        return Lead(span=timedelta(hours=int(span[1] or 0), minutes=int(span[2] or 0)))
    raise ValueError(f"not a lead time: {text!r}; write P1D@18:00 or PT1H")
