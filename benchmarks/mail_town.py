"""A town whose people want mail, on a throw-away SQLite file: the way from the claim of a batch to its last count."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from hub.bootstrap import Building, add_municipality, initialise, now
from hub.core.changes import decide
from hub.core.notice import Notice, NoticeText, notice_id
from hub.core.subscription import Action, Criteria
from hub.settings import Settings
from hub.store import batches, interests, notices, routes
from hub.store.schema import batch, endpoint, publication, subscriber, subscription, way
from push.mail import Settings as MailSettings

ARS, TOWN, DOMAIN = "053580016016", "huertgenwald", "example.org"
_BATCH = 500


@dataclass
class MailTown:
    """The hub and its endpoints."""

    building: Building
    endpoints: list[int]
    _count: Iterator[int] = field(default_factory=itertools.count)

    def queue(self, body: str) -> None:
        """Put a notice for everybody in line, as its publication leaves it."""
        key = f"n{next(self._count)}"
        at = now()
        notice = Notice(
            notice_id(TOWN, key), key, "bench", "news", (NoticeText("de", f"Nachricht {key}", body),),
            sent=at, expires=at + timedelta(hours=6),
        )  # fmt: skip
        with self.building.store.begin() as session:
            decided = decide(notice, None, at)
            notices.save(session, TOWN, None, decided, places=(ARS,), zone="Europe/Berlin", now=at, names=())
            session.execute(publication.update().values(stage="done"))
            rows = [
                {
                    "notice_id": notice.id, "revision": 1, "change": "new", "lane": "normal", "channel": "mail",
                    "service": DOMAIN, "due_at": at, "ids": self.endpoints[start : start + _BATCH],
                    "valid_until": at + timedelta(hours=6),
                }
                for start in range(0, len(self.endpoints), _BATCH)
            ]  # fmt: skip
            for number in batches.add_many(session, TOWN, rows, at):
                self.building.engine.defer(session, "deliver", str(number), lane="normal")

    def rate(self, body: str) -> float:
        """Return mails a second from the claim of the first batch until all are counted as sent."""
        self.queue(body)
        before = self._sent()
        begin = time.perf_counter()
        self.building.run_all()
        seconds = time.perf_counter() - begin
        if (sent := self._sent() - before) != len(self.endpoints):
            raise SystemExit(f"{sent} of {len(self.endpoints)} were sent")
        return len(self.endpoints) / seconds

    def _sent(self) -> int:
        with self.building.store.read() as session:
            return int(session.execute(select(func.coalesce(func.sum(batch.c.sent), 0))).scalar_one())


@contextmanager
def mail_town(port: int, people: int) -> Iterator[MailTown]:
    """Open a hub with so many ``people``, whose mail server listens on ``port``."""
    with tempfile.TemporaryDirectory() as folder:
        mail = MailSettings(host="127.0.0.1", port=port, sender="rathaus@example.org")
        settings = Settings(
            data=Path(folder), allow_hosts=("127.0.0.1",), log="json", channels={"mail": mail}, burst_minutes=0
        )
        initialise(settings)
        made = Building(settings)
        made.house = replace(made.house, sender=mail.sender)
        try:
            add_municipality(made.store, ars=ARS)
            yield MailTown(made, _fill(made, people))
        finally:
            made.close()


def _fill(made: Building, people: int) -> list[int]:
    """Store people who want everything of the town by mail; returns their endpoints."""
    at = now()
    with made.store.begin() as session:
        interest, _ = interests.ensure(session, TOWN, Criteria(places=(ARS,)))
        interests.filled(session, interest)
        person = {
            "municipality_id": TOWN, "language": "de", "digest_at": "07:00", "generation": 1, "created_at": at,
            "next_digest_at": at + timedelta(days=1),
        }  # fmt: skip
        persons = session.scalars(insert(subscriber).returning(subscriber.c.id), [person] * people).all()
        wishes = [{"subscriber_id": one, "interest_id": interest} for one in persons]
        wished = session.scalars(insert(subscription).returning(subscription.c.id), wishes).all()
        session.execute(
            insert(way),
            [{"subscription_id": one, "channel": "mail", "action": Action.NOW, "lead": ""} for one in wished],
        )
        rows = [
            {
                "municipality_id": TOWN, "subscriber_id": one, "channel": "mail", "address": f"p{one}@{DOMAIN}",
                "address_hash": str(one), "service": DOMAIN, "keys": {}, "state": "active", "created_at": at,
                "confirmed_at": at,
            }
            for one in persons
        ]  # fmt: skip
        found = session.scalars(insert(endpoint).returning(endpoint.c.id), rows).all()
        routes.rebuild(session, persons)
    return sorted(found)
