"""Reminders of somebody who can be reached only later: planned when their address is confirmed."""

from __future__ import annotations

from datetime import UTC, datetime

from fakes.house import Town, news
from sqlalchemy import select

from hub.core.notice import Occurrence
from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, confirm, sign_up
from hub.store.schema import endpoint, reminder

START = datetime(2026, 11, 28, 18, tzinfo=UTC)


def test_a_confirmed_address_gets_the_reminders_that_it_waited_for(village: Town) -> None:
    village.source()
    village.poll("s1", news("n", occurrences=(Occurrence("d", START),)))
    wish = Wish(Criteria(topics=("news",)), (("mail", Action.REMINDER, "PT1H"),))
    sign_up(village.house, village.municipality, SignUp((wish,), {"mail": ("a@example.org", {}, "example.org")}))
    village.run()
    with village.store.read() as session:
        row = session.execute(select(endpoint.c.id, endpoint.c.asked_at)).one()
    token = village.house.links.confirm(row.id, row.asked_at).rpartition("/")[2]
    assert confirm(village.house, token) is not None
    village.run()
    with village.store.read() as session:
        assert session.scalars(select(reminder.c.state)).all() == ["planned"]
    village.clock.to("2026-11-28T17:00:01+00:00")
    village.run()
    assert [change for change, _ in village.mail.told()][-1] == "reminder"
