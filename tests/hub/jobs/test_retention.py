"""What was told long ago is forgotten; what a cancellation needs is not (T-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import func, select

from hub.core.message import Result
from hub.core.notice import Occurrence, Status
from hub.core.subscription import Action, Criteria
from hub.jobs import sweep
from hub.store import ledger, retention
from hub.store.schema import account, batch, match, problem, publication, reminder


def count(town: Town, table: object) -> int:
    with town.store.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_what_is_over_is_forgotten_after_thirty_days_and_its_counts_are_kept(town: Town) -> None:
    people = [town.person() for _ in range(3)]
    town.push.answers(people[0], Result.FAILED)
    town.source()
    town.poll("s1", news("a", "Markt", expires=NOON + timedelta(days=2)))
    told = count(town, batch)
    town.clock.to((NOON + timedelta(days=29)).isoformat())
    sweep.forget(town.house)
    assert (count(town, batch), count(town, problem)) == (told, 1)
    town.clock.forward(days=4)
    sweep.forget(town.house)
    assert [count(town, one) for one in (batch, problem, publication, match)] == [0, 0, 0, 0]
    with town.store.read() as session:
        row = session.execute(select(account.c["meant", "sent", "failed", "gone", "expired", "suppressed"])).one()
        (left,) = ledger.forgotten(session, news("a").id)
    assert tuple(row) == (3, 2, 1, 0, 0, 0)
    assert (left.meant, left.sent, left.failed, left.missing, left.title) == (3, 2, 1, 0, "Markt")


def test_a_cancellation_reaches_those_who_were_told_months_ago(town: Town) -> None:
    person = town.person()
    town.source()
    notice = news("a", "Sperrung", expires=NOON + timedelta(days=200))
    town.poll("s1", notice)
    town.person()
    town.clock.forward(days=100)
    sweep.forget(town.house)
    town.push.forget()
    town.poll("s1", replace(notice, status=Status.CANCELLED))
    assert [(recipient.endpoint, message.change) for recipient, message in town.push.sent] == [
        (str(person), "withdrawn")
    ]


def test_of_a_calendar_only_the_dates_that_are_over_are_forgotten(town: Town) -> None:
    town.person(Criteria(topics=("waste",), places=(PLACE,)), ("webpush", Action.REMINDER, "P1D@18:00"))
    town.source("s1", "waste")
    days = [date(2026, 11, 25), date(2027, 1, 27)]
    occurrences = tuple(Occurrence(f"restmuell {day}", day) for day in days)
    town.poll("s1", news("w", "Restmüll", topic="waste", occurrences=occurrences))
    town.clock.to("2026-11-24T18:00:00+01:00")
    town.run()
    assert len(town.push.sent) == 1
    town.clock.to("2027-01-10T12:00:00+01:00")
    sweep.forget(town.house)
    with town.store.read() as session:
        assert session.scalars(select(batch.c.slot).where(batch.c.change == "reminder")).all() == []
        assert session.scalars(select(reminder.c.state)).all() == ["planned"]
    town.clock.to("2027-01-26T18:00:00+01:00")
    town.run()
    assert len(town.push.sent) == 2


def test_pages_are_small_and_what_is_open_stays(village: Town, monkeypatch: object) -> None:
    village.person()
    village.source()
    for number in range(5):
        village.poll("s1", news(f"n{number}", f"Markt {number}", expires=village.clock() + timedelta(days=1)))
    with village.store.begin() as session:
        first = session.scalar(select(func.min(batch.c.id)))
        session.execute(batch.update().where(batch.c.id == first).values(state="open"))
    monkeypatch.setattr(retention, "PAGE", 2)
    village.clock.forward(days=60)
    sweep.forget(village.house)
    with village.store.read() as session:
        assert session.scalars(select(batch.c.id)).all() == [first]


def test_a_cancellation_reaches_those_who_were_told_together_with_other_news(town: Town) -> None:
    object.__setattr__(town.house, "burst", timedelta(minutes=15))
    person = town.person()
    town.source()
    first, closure = news("a", "Markt"), news("b", "Sperrung", expires=NOON + timedelta(days=200))
    town.poll("s1", first)
    town.poll("s1", first, closure, minutes=11)
    town.clock.forward(minutes=15)
    town.run()
    town.clock.forward(days=100)
    sweep.forget(town.house)
    town.push.forget()
    town.poll("s1", first, replace(closure, status=Status.CANCELLED))
    told = [
        (recipient.endpoint, message.change, message.entries[0].notice.title) for recipient, message in town.push.sent
    ]
    assert told == [(str(person), "withdrawn", "Sperrung")]
