"""G13: fifty losses are found in one round of the watch, and two hundred healthy messages raise no alarm."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.house import PLACE, FakeClock, Town, make_town, news
from fakes.losses import LOSSES, Scene, every_batch_deleted, scene, service_paused
from sqlalchemy import select, update

from hub.core.losses import Sort
from hub.core.message import Result
from hub.core.notice import Occurrence, Severity
from hub.core.subscription import Action, Criteria
from hub.jobs import aftermath, alarming, watch
from hub.store import alarms, ledger, subscribers
from hub.store.database import Store
from hub.store.schema import batch, mark, publication

HEALTHY = int(os.environ.get("ORTSRUF_HEALTHY", "200"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Play a day in a town once, to be copied for each loss."""
    file = tmp_path_factory.mktemp("played") / "town.sqlite"
    store = Store(f"sqlite:///{file}")
    store.upgrade()
    made = scene(make_town(store))
    assert watch.watch(made.town.house, at_once=True) == []
    file.with_suffix(".txt").write_text(
        f"{made.town.clock().isoformat()} {' '.join(map(str, made.people))} {made.reader}", encoding="ascii"
    )
    store.close()
    return file


@pytest.fixture
def day(played: Path, tmp_path: Path) -> Iterator[Scene]:
    store = Store(f"sqlite:///{shutil.copy(played, tmp_path / 'town.sqlite')}")
    at, *people, reader = played.with_suffix(".txt").read_text(encoding="ascii").split()
    clock = FakeClock()
    clock.to(at)
    made = _reopened(store, clock)
    yield Scene(made, [int(one) for one in people], int(reader))
    store.close()


def _reopened(store: Store, clock: FakeClock) -> Town:
    """Give a town on a database in which it stands already."""
    return make_town(store, clock)


def found(one: Scene) -> set[str]:
    """Go one round and look from a second process; return the sorts of what they found."""
    one.town.clock.forward(seconds=31)
    sorts = {loss.sort.value for loss in watch.watch(one.town.house)}
    watch.second_look(one.town.house)
    with one.town.store.read() as session:
        return sorts | {row["kind"] for row in alarms.current(session)}


def test_there_are_fifty_losses() -> None:
    assert len(LOSSES) >= 50
    assert {sort for sort, _ in LOSSES.values()} <= {one.value for one in Sort}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_found_in_one_round(day: Scene, name: str) -> None:
    sort, inject = LOSSES[name]
    inject(day)
    assert sort in found(day), name


@pytest.mark.parametrize("name", ["every_batch_deleted", "matches_of_news_deleted", "closed_before_its_end",
                                  "state_misspelt", "cursor_jumped_to_the_end", "planned_reminders_deleted"])  # fmt: skip
def test_what_is_mended_is_told_after_all_and_found_no_more(day: Scene, name: str) -> None:
    LOSSES[name][1](day)
    assert found(day)
    day.town.clock.forward(seconds=20)
    day.town.run()
    assert found(day) == set()
    with day.town.store.read() as session:
        assert all(one.balanced for one in ledger.accounts(session))
        words = [one for notice in aftermath.of_town(session, day.town.municipality) for one in notice.words]
        assert [one for one in words if one.difference] == []
    assert {recipient.endpoint for recipient, _ in day.town.push.sent} <= {str(one) for one in day.people}


def test_a_pause_that_a_push_service_asked_for_is_no_loss(day: Scene) -> None:
    service_paused(day)
    assert found(day) == set()


def test_two_hundred_healthy_messages_raise_no_alarm(village: Town) -> None:
    town = village
    town.source()
    town.source("s2", topic="waste")
    people = [town.person() for _ in range(3)]
    town.person(None, ("mail", Action.NOW, ""), ("mail", Action.DIGEST, ""), channel="mail")
    town.person(
        Criteria(topics=("waste",), places=(PLACE,)), ("webpush", Action.REMINDER, "PT1H"), ("webpush", Action.NOW, "")
    )
    sleeper = town.person()
    with town.store.begin() as session:
        row = subscribers.endpoint_row(session, sleeper)
        assert row
        subscribers.change(session, row["subscriber_id"], quiet_from="22:00", quiet_to="06:00")
    told, answers = [], [Result.RETRY, Result.FAILED, Result.GONE]
    for number in range(0, HEALTHY, 20):
        told = [
            news(f"n{number + one}", f"Meldung {number + one}",
                 severity=Severity.SEVERE if one % 7 == 0 else Severity.UNKNOWN)
            for one in range(20)
        ]  # fmt: skip
        town.push.answers(people[number // 20 % len(people)], answers[number // 20 % 3])
        start = town.clock() + timedelta(hours=3)
        waste = news(
            "w1", "Bio", topic="waste", source="s2", series=True, occurrences=(Occurrence(f"d{number}", start),)
        )
        town.gatherer.has("s2", waste)
        town.poll("s1", *told, minutes=16)
        if number % 40 == 0:
            people.append(town.person())  # who joins later is not missed in what went before
        watch.watch(town.house, at_once=True)
        town.clock.forward(minutes=97)
        with town.store.begin() as session:  # the ticker went on all the while
            session.execute(update(mark).values(at=town.clock()))
        town.run()
        for loss in watch.watch(town.house, at_once=True):
            assert loss.mended, loss.sentence
    with town.store.read() as session:
        assert alarms.current(session) == []
        assert len(session.scalars(select(publication.c.id)).all()) >= HEALTHY
        assert alarms.marks(session)["mended"]["count"] == 0


def test_the_operator_hears_once_when_it_begins_and_once_when_it_is_over(day: Scene) -> None:
    town = day.town
    LOSSES["every_worker_killed"][1](day)
    for _ in range(3):
        town.clock.forward(seconds=5)
        watch.second_look(town.house)
        alarming.tell(town.house, "mailto:ops@example.org")
    first = town.mail.sent[-1]
    assert len(town.mail.sent) == 1
    assert first[0].address == "ops@example.org"
    text = first[1].entries[0].notice.text("de")
    assert text.title == "Ortsruf braucht Sie: 2 Störungen"
    assert "Kein Arbeitsprozess lebt" in text.body
    day.run(alarming.towns.table.update().values(name="Hürtgenwald"))
    from hub.store.schema import heartbeat

    day.run(heartbeat.update().values(at=town.clock(), started_at=town.clock()))
    for _ in range(3):
        watch.second_look(town.house)
        alarming.tell(town.house, "ops@example.org")
    assert len(town.mail.sent) == 2
    assert "vorbei" in town.mail.sent[1][1].entries[0].notice.text("de").title


@pytest.mark.parametrize("contact", ["", "https://example.org/kontakt", "nobody"])
def test_without_an_address_nobody_is_mailed(day: Scene, contact: str) -> None:
    every_batch_deleted(day)
    LOSSES["every_worker_killed"][1](day)
    watch.second_look(day.town.house)
    assert alarming.tell(day.town.house, contact) == 0


def test_an_alarm_whose_mail_was_refused_is_told_by_the_next_try(day: Scene) -> None:
    LOSSES["scheduler_killed"][1](day)
    watch.second_look(day.town.house)
    day.town.mail.answers(0, Result.RETRY)
    assert alarming.tell(day.town.house, "ops@example.org") == 0
    day.town.clock.forward(minutes=3)
    assert alarming.tell(day.town.house, "ops@example.org") == 2


def test_a_watch_that_was_away_blames_nobody_for_what_was_due_meanwhile(day: Scene) -> None:
    with day.town.store.begin() as session:
        session.execute(update(batch).where(batch.c.state == "open").values(due_at=day.town.clock()))
    day.town.clock.forward(hours=5)  # everything was switched off
    assert watch.watch(day.town.house) == []


def test_two_tickers_go_one_round(day: Scene) -> None:
    every_batch_deleted(day)
    day.town.clock.forward(seconds=31)
    assert watch.watch(day.town.house)
    assert watch.watch(day.town.house) == ()


def test_whom_publish_overlooked_is_told_and_counted_from_then_on(town: Town) -> None:
    people = [town.person() for _ in range(3)]
    town.source()
    town.poll("s1", news())
    with town.store.begin() as session:
        row = session.execute(select(batch).where(batch.c.change == "new")).one()
        left = [one for one in row.ids if one != people[-1]]
        session.execute(update(batch).where(batch.c.id == row.id).values(ids=left, size=2, cursor=2, sent=2))
        session.execute(update(publication).where(publication.c.announce).values(meant=2))
    town.push.forget()
    town.clock.forward(minutes=2)
    assert [one.sort for one in watch.watch(town.house, at_once=True) if one.sort is not Sort.SCHEDULER] == [
        Sort.FORGOTTEN
    ]
    town.run()
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(people[-1])]
    town.clock.forward(minutes=2)
    assert [one.sort for one in watch.watch(town.house, at_once=True) if one.sort is not Sort.SCHEDULER] == []
    with town.store.read() as session:
        assert [(one.meant, one.sent, one.missing) for one in ledger.accounts(session)] == [(3, 3, 0)]
