"""The hub was down: what is still of use is sent once, what is not is counted as missed, digests come once (C-04, G18)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import func, select

from hub.core.notice import Occurrence
from hub.core.subscription import Action, Criteria
from hub.store.schema import reminder

EVERY, LASTS = timedelta(minutes=30), timedelta(hours=2)
BEGINNINGS = [NOON + timedelta(hours=2) + number * EVERY for number in range(60)]
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("outage", [MINUTE, timedelta(hours=1), timedelta(hours=24)], ids=["1 min", "1 h", "24 h"])
def test_an_outage_loses_no_useful_reminder_and_repeats_none(village: Town, outage: timedelta) -> None:
    village.person(Criteria(topics=("council",), places=(PLACE,)), ("webpush", Action.REMINDER, "PT1H"))
    village.person(Criteria(places=(PLACE,)), ("mail", Action.DIGEST, ""), channel="mail")
    village.source(topic="council")
    dates = tuple(Occurrence(f"m{number}", at, at + LASTS) for number, at in enumerate(BEGINNINGS))
    village.poll("s1", news("m", "Rat", topic="council", occurrences=dates))
    assert village.push.told() == []
    down = village.clock.to((NOON + timedelta(minutes=59, seconds=30)).isoformat())
    village.run()
    assert village.push.told() == []  # the first is due in half a minute
    up = village.clock.forward(seconds=outage.total_seconds())
    for _ in range(3):
        village.run()
    due = [at for at in BEGINNINGS if down < at - timedelta(hours=1) <= up]
    useful = [f"Rat {at}" for at in due if at + LASTS > up]
    assert due
    assert Counter(what for _, what in village.push.told()) == dict.fromkeys(useful, 1)
    with village.store.read() as session:
        states = dict(session.execute(select(reminder.c.state, func.count()).group_by(reminder.c.state)).all())
    assert states == {
        name: count
        for name, count in (
            ("fired", len(useful)), ("missed", len(due) - len(useful)), ("planned", len(BEGINNINGS) - len(due)),
        )
        if count
    }  # fmt: skip
    village.clock.to((NOON + timedelta(days=1, hours=23)).isoformat())
    for _ in range(2):
        village.run()
    assert len(village.mail.sent) == 1
