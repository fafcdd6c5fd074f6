"""Absent: what a believed answer does not have any more, within the poll's transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from hub.core.absence import gaps
from hub.core.changes import Absence
from hub.core.notice import Notice, Status
from hub.core.source import Fetched
from hub.jobs.keep import Round, end
from hub.jobs.weigh import Weighed
from hub.store import notices, outlook


@dataclass(frozen=True, slots=True)
class Gone:
    """What came of the gaps: notices withdrawn, what to ask the editor, and whether to look again soon."""

    withdrawn: int = 0
    asked: tuple[Notice, ...] = ()
    again: bool = False


def conclude(around: Round, fetched: Fetched, weighed: Weighed, seen: Collection[str]) -> Gone:
    """Conclude from what is missing what this answer allows; ``seen`` are the ids of all that it has.

    Only a snapshot ends what it does not list. Of any other whole answer, the dates of what it lacks are no longer
    expected: the next one is not doubted for the same gap.
    """
    if fetched.partial or around.first_import:
        return Gone()
    if not fetched.snapshot:
        if weighed.notices:
            outlook.expect_no_more(around.session, [one for one in weighed.ahead if one not in seen])
        return Gone()
    live = {row["id"]: row["missed"] for row in outlook.live(around.session, around.source.id, around.now)}
    found = gaps(live, seen, around.absence)
    outlook.set_missed(around.session, found.back, 0)
    outlook.set_missed(around.session, found.missed, 1)
    outlook.expect_no_more(around.session, found.missed)
    ended = [one for one in found.ended if end(around, one) is not None]
    known = [notices.known_by_id(around.session, around.municipality, one) for one in found.asked]
    asked = tuple(replace(one.notice, status=Status.CANCELLED) for one in known if one is not None)
    again = bool(found.missed) and around.absence is Absence.COUNTED
    return Gone(len(ended), asked, again)
