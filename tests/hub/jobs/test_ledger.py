"""After whatever happens in a town, everybody who was meant has an end or somebody who works for them."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.house import PLACE, Town, make_town, news, restarted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.core.aftermath import COUNTS
from hub.core.message import Result
from hub.core.notice import Occurrence, Severity, Status
from hub.core.subscription import Action, Criteria
from hub.jobs import aftermath, gather, sweep, tallying
from hub.store import batches, ledger, lines, subscribers
from hub.store.database import Store
from hub.store.schema import batch, notice

STEPS = st.lists(
    st.sampled_from(
        ["publish", "severe", "revise", "withdraw", "die", "leave", "gone", "retry", "fail", "digest",
         "night", "hours", "pause", "run", "tally"]
    ),
    min_size=3, max_size=14,
)  # fmt: skip


class Life:
    """A town in which things happen."""

    def __init__(self, store: Store) -> None:
        self.town = make_town(store)
        self.town.source()
        self.people = [self.town.person() for _ in range(4)]
        self.people.append(self.town.person(None, ("mail", Action.DIGEST, ""), channel="mail"))
        self.told, self.count = [], 0

    def do(self, step: str) -> None:
        """Let one thing happen, then let the hub work as far as it comes."""
        town = self.town
        if step in {"publish", "severe"}:
            self.count += 1
            severity = Severity.SEVERE if step == "severe" else Severity.UNKNOWN
            self.told.append(news(f"n{self.count}", f"Meldung {self.count}", severity=severity))
            town.poll("s1", *self.told)
        elif step in {"revise", "withdraw"}:
            if not self.told:
                return
            last = self.told[-1]
            ended = replace(last, status=Status.CANCELLED) if step == "withdraw" else news(last.key, last.title + "!")
            self.told[-1] = ended
            town.poll("s1", *self.told)
        elif step == "die":
            self.die()
        elif step == "leave" and len(self.people) > 1:
            with town.store.begin() as session:
                subscribers.end_endpoints(session, [self.people.pop(0)], town.clock(), state="ended")
        elif step in {"gone", "retry", "fail"}:
            result = {"gone": Result.GONE, "retry": Result.RETRY, "fail": Result.FAILED}[step]
            town.push.answers(self.people[0], *[result] * (1 if step != "retry" else 3))
        elif step == "pause":
            with town.store.begin() as session:
                row = subscribers.endpoint_row(session, self.people[0])
                assert row
                subscribers.change(session, row["subscriber_id"], paused_until=town.clock() + timedelta(hours=30))
        elif step == "tally":
            tallying.tally(town.house)
        else:
            town.clock.forward(minutes={"night": 9 * 60, "hours": 180, "digest": 24 * 60, "run": 1}[step])
        self.town.run()

    def die(self) -> None:
        """Let a worker claim everything that goes out, and vanish."""
        town, jobs = self.town, dict(self.town.engine._jobs)

        def vanish(subject: str) -> None:
            with town.store.begin() as session:
                lane = lines.enter(session, int(subject), town.clock())
                assert lane
                batches.claim(session, lane, "ghost", town.clock(), timedelta(seconds=20))

        self.count += 1
        self.told.append(news(f"n{self.count}", f"Meldung {self.count}"))
        town.engine._jobs = {**jobs, "deliver": vanish}
        town.poll("s1", *self.told)
        town.engine._jobs = jobs
        fresh = restarted(town, f"after-{self.count}")
        fresh.channels.update(town.channels)
        self.town = fresh
        town.clock.forward(seconds=60)
        sweep.sweep(fresh.house)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_the_ledger_balances_whatever_happens(empty: Path, steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{shutil.copy(empty, Path(folder) / 'town.sqlite')}")
        try:
            life = Life(store)
            for step in steps:
                life.do(step)
                assert_balanced(life.town)
            life.town.clock.forward(days=4)  # nothing is of use any more: whatever was open ends
            life.town.run()
            assert_balanced(life.town, closed=True)
            assert_the_same_once_forgotten(life.town)
        finally:
            store.close()


def assert_balanced(town: Town, *, closed: bool = False) -> None:
    with town.store.read() as session:
        for one in [*ledger.accounts(session, most=500), *ledger.digest_batches(session, most=500)]:
            assert one.balanced, one
            assert not closed or one.open == 0, one
        assert ledger.reminders(session, town.clock()).missing == 0
        assert ledger.digests(session).missing == 0
        for notice in aftermath.of_town(session, town.municipality):
            for one in notice.words:
                assert one.difference == 0, one
                assert one.delays.count == one.account.sent, one


def assert_the_same_once_forgotten(town: Town) -> None:
    """What came of a notice stays readable when its batches are gone, as far as it is about nobody."""

    def found() -> list[object]:
        with town.store.read() as session:
            words = [one for notice in aftermath.of_town(session, town.municipality) for one in notice.words]
        return [(one.revision, one.word, one.delays, [getattr(one.account, name) for name in COUNTS]) for one in words]

    tallying.tally(town.house)
    before = found()
    with town.store.begin() as session:
        session.execute(notice.update().values(expires=town.clock()))
    town.clock.forward(days=40)
    tallying.tally(town.house)
    sweep.forget(town.house)
    with town.store.read() as session:
        assert session.scalar(select(func.count()).where(batch.c.notice_id.is_not(None))) == 0
    assert found() == before
    assert_balanced(town)


@pytest.fixture
def busy(town: Town) -> Town:
    """Give a town in which one was told, one retries, one is gone and one left, on each database."""
    town.source()
    stays, retries, leaves, goes = (town.person() for _ in range(4))
    town.push.answers(goes, Result.GONE)
    town.push.answers(retries, Result.RETRY)

    town.gatherer.has("s1", news())
    town.clock.forward(minutes=15)

    gather.gather_due(town.house)
    town.engine._run(town.engine._take(["gather"]))  # type: ignore[arg-type]
    town.engine._run(town.engine._take(["normal"]))  # type: ignore[arg-type]
    with town.store.begin() as session:
        subscribers.end_endpoints(session, [leaves], town.clock(), state="ended")
    town.engine.run_all()
    assert stays
    return town


def test_each_of_four_fates_is_counted(busy: Town) -> None:
    with busy.store.read() as session:
        (found,) = ledger.accounts(session)
    assert (found.meant, found.sent, found.gone, found.suppressed, found.open) == (4, 1, 1, 1, 1)
    assert (found.title, found.change, found.missing) == ("Freibad öffnet", "new", 0)
    busy.clock.forward(minutes=2)
    busy.run()
    with busy.store.read() as session:
        (found,) = ledger.accounts(session, municipality=busy.municipality, notice_id=found.notice_id)
        assert (found.sent, found.open, found.missing) == (2, 0, 0)
        assert [(row["verdict"], row["count"]) for row in ledger.troubles(session, found.notice_id)]
        assert not ledger.accounts(session, municipality="elsewhere")
        assert not ledger.accounts(session, since=busy.clock() + timedelta(hours=1))


def test_a_batch_that_vanished_is_missed_where_publish_counted_whom_it_meant(busy: Town) -> None:
    with busy.store.begin() as session:
        session.execute(batches.table.delete())
        session.execute(ledger.publication.update().values(meant=4, done_at=busy.clock()))  # as publish counts them
    with busy.store.read() as session:
        assert [one.missing for one in ledger.accounts(session)] == [4]


def test_reminders_and_digests_have_accounts_of_their_own(town: Town) -> None:
    town.source(topic="waste")
    town.person(Criteria(topics=("waste",), places=(PLACE,)), ("webpush", Action.REMINDER, "PT1H"))
    town.person(Criteria(topics=("news",), places=(PLACE,)), ("mail", Action.DIGEST, ""), channel="mail")
    start = town.clock() + timedelta(days=2)
    waste = news("w1", "Bio", topic="waste", series=True, occurrences=(Occurrence("d1", start),))
    town.poll("s1", waste, news())
    with town.store.read() as session:
        before = ledger.reminders(session, town.clock())
        assert (before.planned, before.ahead, ledger.digests(session).waiting) == (1, 1, 1)
    town.clock.at = start - timedelta(minutes=59)
    town.run()
    with town.store.read() as session:
        after = ledger.reminders(session, town.clock())
        assert (after.fired, after.missing) == (1, 0)
        (reminded,) = ledger.reminder_batches(session, waste.id)
        assert (reminded.meant, reminded.sent, reminded.missing) == (1, 1, 0)
        (digest,) = ledger.digest_batches(session, town.municipality)
        assert (digest.meant, digest.sent, digest.missing) == (1, 1, 0)
        assert ledger.digests(session) == ledger.Digests()
