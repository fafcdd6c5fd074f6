"""Mutes: what a person does not want to hear of for a while. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.core.notice import Severity
from hub.core.place import covers


class Sort(StrEnum):
    """What is muted."""

    NOTICE = "notice"
    TOPIC = "topic"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Mute:
    """One wish for silence: ``value`` is a notice's id, a topic or a place path; ``until`` empty: until taken back."""

    sort: Sort
    value: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """What of a notice decides whether it is muted; ``places`` are its resolved paths."""

    notice: str
    topic: str
    places: Collection[str]
    severity: Severity


def silent(mutes: Iterable[Mute], matter: Matter, now: datetime) -> bool:
    """Whether these mutes of one person silence a notice at ``now``.

    A muted notice stays silent always. A muted topic or place is broken by severe and extreme warnings, as a pause is;
    a place mutes what concerns it and what lies in it, and nothing that also concerns another place.
    """
    living = [one for one in mutes if one.until is None or one.until > now]
    if any(one.sort is Sort.NOTICE and one.value == matter.notice for one in living):
        return True
    if matter.severity >= Severity.SEVERE:
        return False
    if any(one.sort is Sort.TOPIC and one.value == matter.topic for one in living):
        return True
    places = [one.value for one in living if one.sort is Sort.PLACE]
    return bool(matter.places) and all(any(covers(one, path) for one in places) for path in matter.places)
