"""On hold nothing is gathered, sent or forgotten, and nothing is lost; what became too old is dropped and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.house import Town, news
from fakes.people import monthly_soon
from sqlalchemy import select

from hub.core.message import Result
from hub.core.subscription import Action
from hub.jobs import gather, turns
from hub.jobs.correspond import write
from hub.jobs.hold import release
from hub.store.schema import batch, digest_entry, letter, publication, source, subscriber


@pytest.fixture
def stored(town: Town) -> Town:
    """A town with a notice that nobody was told of yet."""
    town.person()
    town.person(None, ("mail", Action.DIGEST, ""), channel="mail")
    town.source()
    town.gatherer.has("s1", news("a", "Markt"))
    town.clock.forward(minutes=15)
    gather.gather_due(town.house)
    town.engine._jobs["gather"]("s1")
    town.engine._jobs["publish"](_publication(town))
    return town


def _publication(town: Town) -> str:
    with town.store.read() as session:
        return str(session.scalar(select(publication.c.id).where(publication.c.stage != "done")))


def test_a_batch_stops_at_its_checkpoint_and_goes_on_later(stored: Town) -> None:
    for _ in range(24):
        stored.person()
    stored.poll("s1", news("a", "Markt"), news("b", "Fest"))
    stored.push.forget()
    most = [10]
    object.__setattr__(stored.house, "stopping", lambda: len(stored.push.sent) >= most[0])
    stored.poll("s1", news("a", "Markt"), news("b", "Fest"), news("c", "Lesung"))
    assert len(stored.push.sent) == 10
    with stored.store.read() as session:
        row = session.execute(select(batch).where(batch.c.state == "open")).mappings().one()
    assert (row["cursor"], row["sent"], row["owner"], row["lease_until"]) == (10, 10, None, None)
    most[0] = 1000
    stored.run()
    assert len(stored.push.sent) == 25


def test_release_sends_what_waited_and_drops_what_is_over(stored: Town) -> None:
    stored.clock.forward(minutes=30)
    assert release(stored.store, stored.clock()) == 0
    stored.run()
    assert stored.push.told() == [("new", "Markt")]
    stored.clock.forward(days=2)


def test_release_drops_what_is_older_than_that_and_counts_it(stored: Town) -> None:
    stored.clock.forward(hours=3)
    with stored.store.begin() as session:
        session.execute(batch.update().where(batch.c.state == "done").values(created_at=stored.clock()))
    assert release(stored.store, stored.clock(), drop_older_than=timedelta(hours=2)) == 1
    stored.run()
    assert stored.push.sent == []
    with stored.store.read() as session:
        row = session.execute(select(batch).where(batch.c.change == "new")).mappings().one()
        assert (row["state"], row["suppressed"], row["size"]) == ("done", 1, 1)
        assert len(session.execute(select(digest_entry)).all()) == 1  # its hour has not come: it was told nowhere
    stored.clock.forward(days=1)
    stored.run()
    assert stored.mail.told() == [("digest", "Markt")]


def test_a_digest_whose_hour_passed_before_is_dropped(stored: Town) -> None:
    stored.clock.forward(days=2)
    release(stored.store, stored.clock(), drop_older_than=timedelta(hours=2))
    stored.run()
    assert (stored.push.sent, stored.mail.sent) == ([], [])


def test_a_failing_delivery_is_dropped_with_its_retry(town: Town) -> None:
    person = town.person()
    town.source()
    town.push.answers(person, Result.RETRY)
    town.poll("s1", news())
    town.clock.forward(hours=3)
    assert release(town.store, town.clock(), drop_older_than=timedelta(hours=1)) == 1
    town.run()
    assert town.push.sent == []


def test_letters_and_monthly_mails_that_waited_too_long_are_dropped(town: Town) -> None:
    monthly_soon(town, town.person(channel="mail"))
    with town.store.begin() as session:
        write(town.house, session, "password-changed", "anna@example.org", "de")
    town.clock.forward(hours=3)
    assert release(town.store, town.clock(), drop_older_than=timedelta(hours=1)) == 2
    town.run()
    assert town.mail.sent == []
    with town.store.read() as session:
        assert session.scalar(select(subscriber.c.next_monthly_at)) > town.clock() + timedelta(days=20)
        assert session.scalar(select(letter.c.state)) == "failed"


def test_letters_and_monthly_mails_of_just_now_go_out_at_release(town: Town) -> None:
    monthly_soon(town, town.person(channel="mail"))
    with town.store.begin() as session:
        write(town.house, session, "password-changed", "anna@example.org", "de")
    town.clock.forward(hours=3)
    assert release(town.store, town.clock(), drop_older_than=timedelta(hours=4)) == 0
    town.run()
    assert len(town.mail.sent) == 2


def test_a_silent_release_tells_nobody_of_what_the_backup_did_not_know(stored: Town) -> None:
    stored.clock.forward(seconds=1)
    release(stored.store, stored.clock(), drop_older_than=timedelta(0), silent=True)
    stored.poll("s1", news("a", "Markt"), news("b", "Fest, vor der Sicherung längst gesendet"))
    assert stored.push.sent == []
    with stored.store.read() as session:
        assert session.scalars(select(source.c.imported)).all() == [True]
    stored.poll("s1", news("a", "Markt"), news("b", "Fest, vor der Sicherung längst gesendet"), news("c", "Neues"))
    assert stored.push.told() == [("new", "Neues")]


def test_a_clock_that_goes_back_an_hour_sends_nothing_again(town: Town) -> None:
    town.person()
    town.source()
    town.poll("s1", news("a", "Markt"))
    assert len(town.push.sent) == 1
    town.clock.forward(hours=-1)
    for _ in range(5):
        town.clock.forward(minutes=14)
        town.run()
        with town.store.read() as session:
            ids = list(session.scalars(select(batch.c.id)))
        for one in ids:
            turns.deliver(town.house, str(one))
    assert len(town.push.sent) == 1
