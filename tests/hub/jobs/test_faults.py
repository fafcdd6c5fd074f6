"""What goes wrong: lost leases, two workers, a full disk, people who leave meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.house import NOON, Town, news, restarted
from sqlalchemy import select, update

from hub.core.errors import StoreError
from hub.core.message import Message, Outcome, Payload, Recipient, Result
from hub.core.subscription import Action
from hub.jobs import gather, sweep, turns
from hub.jobs.subscribe import end_endpoint
from hub.store import subscribers
from hub.store.schema import batch, notice, problem, source


def test_a_poll_whose_lease_was_lost_leaves_nothing(town: Town) -> None:
    town.source()
    town.clock.forward(minutes=15)
    town.gatherer.has("s1", news())
    fetch = town.gatherer.fetch

    def slow(*arguments: Any) -> Any:
        with town.store.begin() as session:
            session.execute(update(source).values(owner="somebody else"))
        return fetch(*arguments)

    town.gatherer.fetch = slow  # type: ignore[method-assign]
    gather.gather(town.house, "s1")
    with town.store.read() as session:
        assert session.scalar(select(notice.c.id)) is None
        assert session.scalar(select(source.c.owner)) == "somebody else"


def test_a_worker_that_lost_its_lease_stops_at_the_checkpoint(town: Town) -> None:
    for _ in range(25):
        town.person()
    town.source()
    other = restarted(town)
    told: list[str] = []
    send = town.push.send

    def slow(chunk: Iterable[tuple[Recipient, Payload]], outlet: Any) -> list[Outcome]:
        drawn = list(chunk)
        told.extend(recipient.endpoint for recipient, _ in drawn)
        if len(told) == 20:
            town.clock.forward(seconds=31)
            other.run()
        return send(drawn, outlet)

    town.push.WINDOW = 0  # a chunk is all that is under way
    town.push.send = slow  # type: ignore[method-assign]
    town.poll("s1", news())
    with town.store.read() as session:
        row = session.execute(select(batch)).mappings().one()
    assert (row["state"], row["sent"], row["cursor"]) == ("done", 25, 25)
    assert len(told) == 20
    assert len(other.push.sent) == 15
    twice = {one.endpoint for one, _ in town.push.sent[10:]} & {one.endpoint for one, _ in other.push.sent}
    assert len(twice) == 10  # the chunk in flight, each a repeat of the same serial
    serials = {(one.endpoint, message.serial) for one, message in town.push.sent + other.push.sent}
    assert len(serials) == 25


def test_who_leaves_while_queued_hears_nothing(town: Town) -> None:
    stays, leaves = town.person(), town.person()
    town.source()
    deliver_job = town.engine._jobs.pop("deliver")
    town.engine._jobs = {**town.engine._jobs, "deliver": lambda _id: None}
    town.poll("s1", news())
    with town.store.read() as session:
        row = subscribers.endpoints(session, [leaves])[0]
        batch_id = session.scalar(select(batch.c.id))
    token = town.house.links.unsubscribe(leaves, row["generation"]).rpartition("/")[2]
    assert end_endpoint(town.house, token) is not None
    deliver_job(str(batch_id))
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(stays)]
    with town.store.read() as session:
        assert session.scalar(select(batch.c.suppressed)) == 1


def test_one_poisoned_message_does_not_stop_the_others(town: Town) -> None:
    poisoned, fine = town.person(), town.person()
    town.source()
    render = town.push.render

    def fragile(message: Message, recipient: Recipient, site: Any) -> Payload:
        if recipient.endpoint == str(poisoned):
            raise ValueError("this one cannot be written")
        return render(message, recipient, site)

    town.push.render = fragile  # type: ignore[method-assign]
    town.poll("s1", news())
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(fine)]
    with town.store.read() as session:
        row = session.execute(select(problem)).mappings().one()
    assert (row["endpoint_id"], row["verdict"]) == (poisoned, "failed")
    assert "ValueError" in row["detail"]


def test_a_full_disk_publishes_nothing_and_resumes_cleanly(village: Town) -> None:
    village.person()
    village.source()
    village.clock.forward(minutes=15)
    village.gatherer.has("s1", news(body="x" * 60_000))
    village.store.close()
    with village.store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        connection.rollback()
    with pytest.raises(StoreError, match="full"):
        gather.gather(village.house, "s1")
    with village.store.read() as session:
        assert session.scalar(select(notice.c.id)) is None
    with village.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        connection.rollback()
    village.clock.forward(minutes=6)
    village.run()
    assert village.push.told() == [("new", "Freibad öffnet")]


def test_a_paused_person_gets_it_after_the_pause_if_still_of_use(town: Town) -> None:
    endpoint_id = town.person()
    with town.store.begin() as session:
        person = subscribers.endpoint_row(session, endpoint_id)
        assert person is not None
        subscribers.change(session, person["subscriber_id"], paused_until=NOON + timedelta(days=2))
    town.source()
    town.poll("s1", news("short", "Heute", expires=NOON + timedelta(days=1)), news("long", "Bald"))
    assert town.push.told() == []
    town.clock.at = NOON + timedelta(days=2, minutes=1)
    town.run()
    assert town.push.told() == [("new", "Bald")]


def test_a_revision_overtakes_what_still_waits(town: Town) -> None:
    endpoint_id = town.person()
    with town.store.begin() as session:
        person = subscribers.endpoint_row(session, endpoint_id)
        assert person is not None
        subscribers.change(session, person["subscriber_id"], quiet_from="00:00", quiet_to="23:00")
    town.source()
    town.poll("s1", news(title="Fest am Samstag"))
    town.poll("s1", news(title="Fest am Sonntag"))
    town.clock.forward(hours=11)
    town.run()
    assert town.push.told() == [("revised", "Fest am Sonntag")]


def test_unconfirmed_sign_ups_are_forgotten_after_two_days(town: Town) -> None:
    from hub.core.subscription import Criteria
    from hub.jobs.subscribe import SignUp, Wish, sign_up

    wish = Wish(Criteria(topics=("news",)), (("mail", Action.NOW, ""),))
    person = sign_up(town.house, town.municipality, SignUp((wish,), {"mail": ("a@example.org", {}, "example.org")}))
    town.clock.forward(hours=47)
    sweep.retain(town.house)
    with town.store.read() as session:
        assert subscribers.get(session, person) is not None
    town.clock.forward(hours=2)
    sweep.retain(town.house)
    with town.store.read() as session:
        assert subscribers.get(session, person) is None


def test_a_batch_is_done_once_however_often_it_is_woken(town: Town) -> None:
    town.person()
    town.source()
    town.poll("s1", news())
    with town.store.read() as session:
        batch_id = session.scalar(select(batch.c.id))
    for house in (town.house, replace(town.house, owner="another")):
        turns.deliver(house, str(batch_id))
    assert len(town.push.sent) == 1


def test_a_refused_key_keeps_the_endpoint(town: Town) -> None:
    endpoint_id = town.person()
    town.source()
    town.push.answers(endpoint_id, Result.MARKED)
    town.poll("s1", news())
    with town.store.read() as session:
        row = subscribers.endpoint_row(session, endpoint_id)
    assert row is not None
    assert row["state"] == "active"


def test_confirming_ends_the_link_that_a_stranger_may_have_seen(town: Town) -> None:
    from hub.core.subscription import Criteria
    from hub.jobs.subscribe import SignUp, Wish, confirm, person_of, sign_up

    links = town.house.links
    for extra, revoked in (({}, True), ({"ical": ("", {}, "")}, False)):
        wish = Wish(Criteria(topics=("news",)), (("mail", Action.NOW, ""),))
        address = (f"{len(extra)}@example.org", {}, "example.org")
        person = sign_up(town.house, town.municipality, SignUp((wish,), {"mail": address, **extra}))
        shown = links.manage(person, 1).rpartition("/")[2]
        assert person_of(town.house, shown) is not None
        with town.store.read() as session:
            mail = next(one for one in subscribers.endpoints_of(session, person) if one["channel"] == "mail")
        token = links.confirm(mail["id"], mail["asked_at"]).rpartition("/")[2]
        assert confirm(town.house, token) is not None
        assert confirm(town.house, token) is None  # it works once (E-03)
        assert (person_of(town.house, shown) is None) is revoked
        with town.store.read() as session:
            row = subscribers.get(session, person)
        assert row is not None
        assert person_of(town.house, links.manage(person, row["generation"]).rpartition("/")[2]) is not None
