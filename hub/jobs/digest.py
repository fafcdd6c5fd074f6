"""Digest: at each person's hour, one message with everything that waits for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import time, timedelta

from sqlalchemy import ColumnElement, RowMapping
from sqlalchemy.orm import Session

from hub.core.fanout import BATCH, Lane
from hub.core.message import Change
from hub.core.schedule import ends_week, next_wall
from hub.failpoints import reached
from hub.jobs.house import House
from hub.store import batches, recipients, subscribers, weekly

_LIVES = timedelta(hours=20)


def digest(house: House, _subject: str = "") -> None:
    """Make the digests whose hour has come, a page of people per transaction."""
    while True:
        with house.store.begin() as session:
            page = subscribers.digest_due(session, house.now(), most=BATCH)
            if not page:
                return
            reached("digest.page-read")
            _plan(house, session, page)
            reached("digest.planned")
        reached("digest.committed")


def _plan(house: House, session: Session, page: Sequence[RowMapping]) -> None:
    """Bind what waits for a page of people to batches; who pauses keeps it for the next time.

    What is wanted once a week waits on for the first of the week's digests.
    """
    now = house.now()
    again: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for person in page:
        again[person["digest_at"], person["zone"], person["digest_days"]].append(person["id"])
    for (at, zone, days), ids in again.items():
        subscribers.digest_again(session, ids, next_wall(now, time.fromisoformat(at), zone, days))
        reached("digest.hour-moved")
    awake = [person for person in page if person["paused_until"] is None or person["paused_until"] <= now]
    held = weekly.among(session, [
        one["id"] for one in awake if not ends_week(one["next_digest_at"], one["zone"], one["digest_days"])
    ])  # fmt: skip
    whole = [one["id"] for one in awake if one["id"] not in held]
    for people, without in ((whole, None), (sorted(held), weekly.waits())):
        for municipality, group in recipients.digested(session, people, without=without) if people else ():
            for start in range(0, len(group.ids), BATCH):
                ids = group.ids[start : start + BATCH].tolist()
                _enqueue(house, session, (municipality, group.channel, group.service), ids, without)


def _enqueue(
    house: House, session: Session, key: tuple[str, str, str], ids: list[int], without: ColumnElement[bool] | None
) -> None:
    now = house.now()
    municipality, channel, service = key
    values = {
        "notice_id": None, "revision": 0, "change": Change.DIGEST, "channel": channel, "service": service,
        "lane": Lane.DIGEST, "due_at": now, "valid_until": now + _LIVES,
    }  # fmt: skip
    batch_id = batches.add(session, municipality, values, ids, now)
    reached("digest.batch-added")
    batches.digest_assign(session, ids, batch_id, without=without)
    reached("digest.assigned")
    house.engine.defer(session, "deliver", str(batch_id), lane=Lane.DIGEST)
