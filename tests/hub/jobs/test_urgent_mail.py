"""A confirmation is never behind bulk (E-07). ``ORTSRUF_BULK`` sets how many mails wait, 10,000 in the large run."""

from __future__ import annotations

import os

from hub.core.fanout import Lane
from hub.core.message import Change
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import batches, subscribers
from tests.fakes.house import PLACE, Action, Criteria, make_town

BULK = int(os.environ.get("ORTSRUF_BULK", "1000"))
BATCH = 250


def test_a_confirmation_leaves_before_all_bulk(store):
    town = make_town(store)
    wish = Wish(Criteria(places=(PLACE,)), (("mail", Action.NOW, ""),))
    now = town.clock()
    with store.begin() as session:
        person = subscribers.add(
            session, town.municipality, language="de", digest_at="07:00", next_digest_at=now, now=now
        )
        ids = [
            subscribers.add_endpoint(
                session, town.municipality, person, channel="mail", address=f"p{number}@example.org", service="example.org",
                keys={}, active=True, now=now,
            )
            for number in range(BULK)
        ]  # fmt: skip
        for start in range(0, BULK, BATCH):
            values = {
                "notice_id": None, "revision": 0, "change": Change.TEST, "channel": "mail", "service": "example.org",
                "lane": Lane.NORMAL, "due_at": now, "valid_until": now.replace(year=now.year + 1),
            }  # fmt: skip
            batch = batches.add(session, town.municipality, values, ids[start : start + BATCH], now)
            town.engine.defer(session, "deliver", str(batch), lane=Lane.NORMAL)
    sign_up(town.house, town.municipality, SignUp((wish,), {"mail": ("new@example.org", {}, "example.org")}))
    town.engine.run_all()
    told = [message.change for _, message in town.mail.sent]
    assert told[0] is Change.CONFIRM
    assert told.count(Change.TEST) == BULK
