"""Tell: put what is published of a draft before the people of its municipalities, in the caller's transaction.

The one way from a draft to a notice (``hub.core.draft.to_notice`` refuses a test). Repeating it changes nothing: a
notice that says the same already is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import decide
from hub.core.draft import FILES, KIND, Area, Draft, Imprint, to_notice
from hub.core.fanout import Lane
from hub.core.notice import Notice, Severity, notice_id
from hub.core.place import LOCAL, ars_path, local_path
from hub.core.twins import twin_key
from hub.failpoints import reached
from hub.jobs.house import House
from hub.jobs.keep import local_places
from hub.store import notices, towns


def id_in(row: Mapping[Any, Any], town: str) -> str:
    """Return the id of the notice that a draft is in a municipality."""
    return notice_id(f"{KIND}:{town}", row["key"])


def lane_of(severity: Severity) -> Lane:
    """Return the lane in which something of this severity travels."""
    return Lane.EMERGENCY if severity >= Severity.SEVERE else Lane.NORMAL


def tell(house: House, session: Session, row: Mapping[Any, Any], draft: Draft, *, over: Sequence[str] = ()) -> None:
    """Publish ``draft``, the content of ``row``, in each of its municipalities, and call it off in those of ``over``.

    Raises ``ValueError`` for a test, or if a municipality is not there any more.
    """
    publisher = towns.get(session, draft.towns[0])
    if publisher is None:
        raise ValueError(f"there is no municipality {draft.towns[0]}")
    sent = house.now()
    imprint = Imprint(row["key"], publisher["name"], sent, house.links.base_url + FILES)
    for town in sorted({*draft.towns, *over}):
        telling = _Telling(house, session, town, sent)
        telling.tell(to_notice(_also_in(draft, town), town, imprint, withdrawn=town in over))
        reached("release.told")


def _also_in(draft: Draft, town: str) -> Draft:
    """Return a draft that names ``town``, so that it can be called off there."""
    return draft if town in draft.towns else replace(draft, areas=(*draft.areas, Area(town)))


class _Telling:
    """One municipality's part, in the caller's transaction."""

    def __init__(self, house: House, session: Session, town: str, now: datetime) -> None:
        self.house, self.session, self.now = house, session, now
        row = towns.get(session, town)
        if row is None:
            raise ValueError(f"there is no municipality {town}")
        self.town: RowMapping = row

    def tell(self, notice: Notice) -> None:
        """Store what is new in it and wake whoever carries it on; what is called off was told before or is left."""
        session, town = self.session, str(self.town["id"])
        known = notices.known_by_id(session, town, notice.id)
        ending = notice.status.value != "active"
        if ending and known is None:
            return
        decision = decide(notice, known, self.now)
        if ending and known is not None:
            # It ends where it was told, in words of its own: why, and that nobody need worry any more.
            places = notices.places_of(session, notice.id)
            told = replace(decision.notice, texts=notice.texts, places=known.notice.places)
            decision = replace(decision, notice=told)
        else:
            places = _paths(notice, str(self.town["path"]))
            towns.add_places(session, town, local_places(notice, places))
        made = notices.save(
            session, town, None, decision, places=places, zone=self.town["zone"], now=self.now, names=(),
            twin=twin_key(decision.notice, ""),
        )  # fmt: skip
        if made is not None:
            self.house.engine.defer(session, "publish", str(made), lane=lane_of(decision.notice.severity))


def _paths(notice: Notice, town: str) -> list[str]:
    """Return the paths of the places that a notice names below a municipality, else all of it."""
    found = [
        local_path(town, ref.scheme, ref.value) if ref.scheme in LOCAL else ars_path(ref.value)
        for ref in notice.places if ref.scheme in LOCAL or ref.scheme == "ars"
    ]  # fmt: skip
    return list(dict.fromkeys(found)) or [town]
