"""Many notices within minutes: the first at once, the others together; and nothing is told twice or lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import select

from hub.core import losses
from hub.core.mutes import Mute, Sort
from hub.core.notice import Severity, Status
from hub.core.subscription import Action, Criteria
from hub.jobs import aftermath, watch
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import mutes, subscribers, told
from hub.store.schema import digest_entry, endpoint, publication
from hub.store.schema import notice as table


@pytest.fixture
def burst(town: Town) -> Town:
    """Give a town whose people get one push a quarter of an hour."""
    object.__setattr__(town.house, "burst", timedelta(minutes=15))
    town.source()
    return town


def several(*keys: str) -> list:
    return [news(key, f"Meldung {key}") for key in keys]


def counts(town: Town) -> list[tuple[int, ...]]:
    with town.store.read() as session:
        words = [one for notice in aftermath.of_town(session, town.municipality) for one in notice.words]
        assert [one for one in words if one.difference] == []
        rows = session.execute(select(publication).where(publication.c.announce).order_by(publication.c.id))
        return [(row.meant, row.lapsed, row.bundled, row.muted) for row in rows]


def test_the_first_goes_at_once_and_the_others_come_together(burst: Town) -> None:
    burst.person()
    burst.poll("s1", *several("a", "b", "c"))
    assert [change for change, _ in burst.push.told()] == ["new"]
    burst.clock.forward(minutes=5)
    burst.run()
    assert len(burst.push.sent) == 1
    burst.clock.forward(minutes=10)
    burst.run()
    (change, titles) = burst.push.told()[1]
    assert change == "bundle"
    assert sorted([*titles.split(", "), burst.push.told()[0][1]]) == ["Meldung a", "Meldung b", "Meldung c"]
    assert sorted(counts(burst)) == [(1, 0, 0, 0), (1, 0, 1, 0), (1, 0, 1, 0)]


def test_one_alone_in_its_bundle_is_told_as_itself_and_can_be_taken_back(burst: Town) -> None:
    burst.person()
    burst.poll("s1", news("a"))
    burst.poll("s1", news("a"), news("b", "Brücke gesperrt"), minutes=11)
    burst.clock.forward(minutes=15)
    burst.run()
    assert burst.push.told() == [("new", "Freibad öffnet"), ("new", "Brücke gesperrt")]
    gone = replace(news("b", "Brücke gesperrt"), status=Status.CANCELLED)
    burst.poll("s1", news("a"), gone)
    assert burst.push.told()[2:] == [("withdrawn", "Brücke gesperrt")]
    assert len({message.thread for _, message in burst.push.sent}) == 2


def test_what_changes_or_is_withdrawn_while_it_waits(burst: Town) -> None:
    burst.person()
    burst.poll("s1", *several("a"))
    burst.poll("s1", *several("a", "b", "c", "d"), minutes=10)
    changed = [*several("a"), news("b", "Anders"), replace(several("c")[0], status=Status.CANCELLED), *several("d")]
    burst.clock.forward(minutes=1)
    burst.gatherer.has("s1", *changed)
    with burst.store.begin() as session:
        from hub.store.schema import source

        session.execute(source.update().values(next_poll_at=burst.clock()))
    burst.run()
    assert len(burst.push.sent) == 1
    burst.clock.forward(minutes=14)
    burst.run()
    (change, titles) = burst.push.told()[1]
    assert (change, sorted(titles.split(", "))) == ("bundle", ["Anders", "Meldung d"])


def test_severe_warnings_corrections_and_other_people_do_not_wait(burst: Town) -> None:
    burst.person()
    burst.poll("s1", *several("a"))
    late = burst.person()
    storm = news("s", "Sturm", severity=Severity.SEVERE, expires=NOON + timedelta(hours=9))
    burst.poll("s1", *several("a"), storm, minutes=11)
    assert [title for _, title in burst.push.told()] == ["Meldung a", "Sturm", "Sturm"]
    changed = replace(storm, texts=news("s", "Orkan").texts)
    burst.poll("s1", *several("a"), changed, minutes=11)
    assert burst.push.told()[3:] == [("revised", "Orkan")] * 2
    assert str(late) in {recipient.endpoint for recipient, _ in burst.push.sent}


def test_what_would_be_over_by_then_is_told_at_once(burst: Town) -> None:
    burst.person()
    burst.poll("s1", *several("a"))
    short = news("b", "Jetzt", expires=burst.clock() + timedelta(minutes=14))
    burst.poll("s1", *several("a"), short, minutes=11)
    assert [title for _, title in burst.push.told()] == ["Meldung a", "Jetzt"]


def person_with(town: Town, *wishes: tuple[Criteria, tuple]) -> int:
    person = sign_up(
        town.house, town.municipality,
        SignUp(tuple(Wish(*one) for one in wishes), {
            "webpush": ("https://push.example/1", {}, "a"), "mail": ("p@example.org", {}, "example.org"),
        }),
    )  # fmt: skip
    with town.store.begin() as session:
        for one in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, one["id"], town.clock())
    town.engine.run_all()
    return person


@pytest.mark.parametrize(
    ("wishes", "waits"),
    [
        ([(("news",), (("webpush", Action.NOW, ""),)), ((), (("mail", Action.DIGEST, ""),))], 0),
        ([(("news",), (("webpush", Action.NOW, ""), ("mail", Action.DIGEST, "")))], 1),
        ([(("waste",), (("webpush", Action.NOW, ""),)), ((), (("mail", Action.DIGEST, ""),))], 1),
    ],
)  # fmt: skip
def test_told_at_once_is_not_told_again_in_the_digest(town: Town, wishes: list, waits: int) -> None:
    person_with(town, *[(Criteria(topics=topics, places=(PLACE,)), ways) for topics, ways in wishes])
    town.source()
    town.poll("s1", news())
    with town.store.read() as session:
        assert len(session.execute(select(digest_entry)).all()) == waits
        assert session.scalars(select(publication.c.digested).where(publication.c.announce)).all() == [waits]
    town.clock.forward(minutes=2)
    assert [one for one in watch.watch(town.house, at_once=True) if one.sort is not losses.Sort.SCHEDULER] == []
    with town.store.read() as session:
        assert len(session.execute(select(digest_entry)).all()) == waits


def test_every_device_of_a_person_gets_the_push(burst: Town) -> None:
    wish = Wish(Criteria(places=(PLACE,)), (("webpush", Action.NOW, ""),))
    person = sign_up(burst.house, burst.municipality, SignUp((wish,), {"webpush": ("https://p.example/1", {}, "a")}))
    with burst.store.begin() as session:
        subscribers.add_endpoint(
            session, burst.municipality, person, channel="webpush", address="https://p.example/2", service="b", keys={},
            active=True, now=burst.clock(),
        )  # fmt: skip
    burst.poll("s1", *several("a"))
    assert len(burst.push.sent) == 2
    assert counts(burst) == [(2, 0, 0, 0)]


@pytest.mark.parametrize(
    ("sort", "value", "severity", "told"),
    [
        (Sort.TOPIC, "news", Severity.UNKNOWN, 0), (Sort.TOPIC, "waste", Severity.UNKNOWN, 1),
        (Sort.PLACE, PLACE, Severity.UNKNOWN, 0), (Sort.PLACE, PLACE[:5], Severity.MODERATE, 0),
        (Sort.PLACE, f"{PLACE}/street:ahornweg", Severity.UNKNOWN, 1), (Sort.TOPIC, "news", Severity.SEVERE, 1),
        (Sort.NOTICE, "", Severity.EXTREME, 0),
    ],
)  # fmt: skip
def test_a_mute_keeps_silent_what_it_names(town: Town, sort: Sort, value: str, severity: Severity, told: int) -> None:
    muting, other = town.person(), town.person()
    town.source()
    storm = news("n", severity=severity)
    with town.store.begin() as session:
        owner = session.scalar(select(endpoint.c.subscriber_id).where(endpoint.c.id == muting))
        mute = Mute(sort, value or storm.id, town.clock() + timedelta(days=1))
        mutes.put(session, owner, mute, town.clock())
        assert mutes.of(session, [owner, 99]) == {owner: [mute]}
    town.poll("s1", storm)
    heard = [recipient.endpoint for recipient, _ in town.push.sent]
    assert heard == [str(muting)] * told + [str(other)]
    assert counts(town) == [(2, 0, 0, 1 - told)]
    town.clock.forward(days=1)
    town.poll("s1", replace(storm, texts=news("n", "Wieder da").texts))
    assert str(muting) in [recipient.endpoint for recipient, _ in town.push.sent]


def test_what_is_muted_while_it_waits_stays_untold(burst: Town) -> None:
    muting, other = burst.person(), burst.person()
    burst.poll("s1", *several("a"))
    burst.poll("s1", *several("a", "b"), minutes=11)
    with burst.store.begin() as session:
        owner = session.scalar(select(endpoint.c.subscriber_id).where(endpoint.c.id == muting))
        mutes.put(session, owner, Mute(Sort.TOPIC, "news"), burst.clock())
    burst.push.forget()
    burst.clock.forward(minutes=15)
    burst.run()
    assert [recipient.endpoint for recipient, _ in burst.push.sent] == [str(other)]


def test_what_changes_after_a_bundle_is_compared_with_the_form_that_it_had_there(burst: Town) -> None:
    burst.person()
    burst.poll("s1", *several("a"))
    burst.poll("s1", *several("a", "b"), minutes=11)
    second = replace(news("b", "Meldung b"), texts=news("b", "Zweite Fassung").texts)
    burst.poll("s1", *several("a"), second, minutes=1)  # before anybody heard of the first
    burst.clock.forward(minutes=15)
    burst.run()
    with burst.store.read() as session:
        (notice,) = [row.id for row in session.execute(select(table.c.id, table.c.revision)) if row.revision == 2]
        one = session.scalar(select(endpoint.c.id))
        assert told.last_told(session, notice, 3, [one]) == {one: 2}
