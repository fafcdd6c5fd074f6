"""The warnings of a person as their page shows them: what holds, what ended, and how lately somebody looked (U15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.inbox import CLEAR, Warned, cleared, holds, last_checked
from hub.core.notice import Severity
from hub.core.subscription import Criteria
from hub.language import Language
from hub.store import inbox
from hub.store.views import WARNINGS
from hub.web.listing import warning
from hub.web.source_view import banners, checks
from hub.web.topics import SEVERITIES
from hub.web.view import View, view


@dataclass(frozen=True, slots=True)
class Eye:
    """``wanted``: the person hears of warnings; ``level`` (in words) from which on, empty: of all.

    ``read`` is how long ago the most neglected source was read, empty if one never was; ``calm`` whether that is worth
    saying; ``stale`` sentences on sources in trouble with the id of each.
    """

    wanted: bool
    level: str = ""
    sources: bool = False
    warned: Sequence[Mapping[str, Any]] = ()
    ended: Sequence[View] = ()
    read: str = ""
    calm: bool = False
    stale: Sequence[Mapping[str, str]] = ()


def eye(
    session: Session, town: RowMapping, whose: inbox.Owner, wishes: Sequence[Criteria], *,
    known: Sequence[Mapping[Any, Any]], language: Language, now: datetime,
) -> Eye:  # fmt: skip
    """Look out for a person; ``wishes`` are their interests, ``known`` the town's enabled sources."""
    of_warnings = [one for one in wishes if not one.topics or WARNINGS in one.topics]
    found = inbox.warnings(session, whose, now - CLEAR)
    watching = [one for one in known if one["topic"] == WARNINGS]
    judged = [(one, Warned(one["withdrawn"], one["changed_at"], one["over_at"])) for one in found]
    warned = [warning(town, one, language) for one, judge in judged if holds(judge, now)]
    looked = checks(watching, language, now, calm=not warned)
    lowest = min((one.severity for one in of_warnings), default=Severity.UNKNOWN)
    return Eye(
        wanted=bool(of_warnings), sources=bool(watching), warned=warned,
        level=language.text(SEVERITIES[lowest.name.lower()]) if lowest > Severity.UNKNOWN else "",
        ended=[view(one, language, town["zone"], now, whole=False) for one, judge in judged if cleared(judge, now)],
        read=looked[0]["read"] if looked and last_checked(one["succeeded_at"] for one in watching) else "",
        calm=bool(looked and looked[0]["calm"]), stale=banners(watching, language, town["zone"], now),
    )  # fmt: skip
