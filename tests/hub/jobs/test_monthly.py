"""The monthly mail: once a month, at the person's hour, with what the month was really like, ended alone by one click."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fakes.house import PLACE, Town, news, restarted, zone

from hub.core.errors import SourceUnreachable
from hub.core.message import Result
from hub.core.notice import Occurrence
from hub.core.subscription import Action, Criteria
from hub.failpoints import FailpointReached, arm
from hub.jobs import monthly
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import ledger, mutes, subscribers, towns

NEWS = Wish(Criteria(("news",), (PLACE,)), (("webpush", Action.NOW, ""),))
WASTE = Wish(Criteria(("waste",), (f"{PLACE}/zone:gey",)), (("webpush", Action.REMINDER, "P1D@18:00"),))


def resident(town: Town, *wishes: Wish, mail: bool = True) -> tuple[int, dict[str, int]]:
    """Add somebody with a device and a mailbox who wants the monthly mail; returns who, and their endpoints."""
    ways = {"webpush": (f"https://push.example/m{next(town.count)}", {}, "service")}
    if mail:
        ways["mail"] = (f"m{next(town.count)}@example.org", {}, "example.org")
    person = sign_up(town.house, town.municipality, SignUp(wishes or (NEWS,), ways))
    with town.store.begin() as session:
        rows = {row["channel"]: row["id"] for row in subscribers.endpoints_of(session, person)}
        if mail:
            subscribers.confirm(session, rows["mail"], town.clock())
        monthly.choose(town.house, session, subscribers.get(session, person), wanted=True)
    town.engine.run_all()
    town.mail.forget()
    return person, rows


def row(town: Town, person: int):  # type: ignore[no-untyped-def]
    with town.store.read() as session:
        return subscribers.get(session, person)


def days(town: Town, count: int) -> None:
    """Let days pass, looking in at noon."""
    for _ in range(count):
        town.clock.forward(days=1)
        town.run()


def test_it_comes_once_a_month_and_says_what_the_month_was_like(town: Town) -> None:
    with town.store.begin() as session:
        towns.add_places(session, town.municipality, [(f"{PLACE}/zone:gey", "zone", "Gey")])
    person, ways = resident(town, NEWS, WASTE)
    town.source("s1", "news")
    town.source("s2", "waste")
    dates = tuple(Occurrence(str(at), date(2026, 12, 20) + timedelta(days=14 * at)) for at in range(5))
    town.poll(
        "s2", news("w", "Restmüll", topic="waste", source="s2", series=True, places=(zone("gey"),), occurrences=dates)
    )
    town.poll("s1", news("n1", "Freibad öffnet"))
    told = town.clock()
    town.clock.to("2026-12-19T18:01:00+01:00")
    town.run()
    town.clock.to("2026-12-23T06:59:00+01:00")
    town.run()
    town.gatherer.breaks("s1", SourceUnreachable("The server does not answer."))
    assert town.mail.told() == []
    read = town.clock()
    town.clock.to("2026-12-23T07:01:00+01:00")
    town.run()
    town.run()
    ((recipient, message),) = town.mail.sent
    assert message.change == "monthly"
    month = message.month
    assert month is not None
    assert [(one.topics, one.places) for one in month.watched] == [
        (("news",), ("Hürtgenwald",)),
        (("waste",), ("Gey",)),
    ]
    assert month.watched[0].news_at == told
    assert month.watched[0].checked_at == read
    assert dict(month.received) == {"webpush": 2}  # the news, and the reminder of the 20th
    assert [one.reached_at is not None for one in month.devices] == [True]
    assert [(one.title, one.occurrence.start) for one in month.coming] == [
        ("Restmüll", date(2027, 1, day)) for day in (3, 17, 31)
    ]
    assert month.well
    assert recipient.unsubscribe_url == town.house.links.end_monthly(ways["mail"], 1)
    town.mail.forget()
    town.clock.to("2027-01-23T06:59:00+01:00")
    town.run()
    assert town.mail.told() == []
    town.clock.to("2027-01-23T07:00:00+01:00")
    town.run()
    assert [one for one, _ in town.mail.told()] == ["monthly"]
    assert town.mail.sent[0][1].month.watched[0].late  # the news has been silent for a month
    assert not town.mail.sent[0][1].month.well
    assert row(town, person)["next_monthly_at"].isoformat() == "2027-02-23T06:00:00+00:00"


@pytest.mark.parametrize("place", ["monthly.page-read", "monthly.batch-added", "monthly.planned", "monthly.committed"])
def test_a_crash_at_any_place_neither_loses_nor_doubles_it(town: Town, place: str) -> None:
    people = [resident(town)[0] for _ in range(2)]
    town.clock.to("2026-12-23T07:01:00+01:00")
    arm(f"{place}:1:raise")
    try:
        with pytest.raises(FailpointReached):
            monthly.monthly(town.house)
    finally:
        arm("")
    again = restarted(town)
    again.run()
    again.clock.forward(minutes=5)
    again.run()
    assert sorted(message.change for _, message in again.mail.sent) == ["monthly"] * len(people)
    assert len({recipient.endpoint for recipient, _ in again.mail.sent}) == len(people)
    serials = {message.serial for _, message in again.mail.sent}
    assert len(serials) == len(people)


def test_nobody_gets_it_who_did_not_ask_pauses_or_has_no_mailbox(village: Town) -> None:
    resident(village, mail=False)
    village.person(Criteria(topics=("news",), places=(PLACE,)), ("mail", Action.NOW, ""), channel="mail")
    pausing, _ = resident(village)
    with village.store.begin() as session:
        subscribers.change(session, pausing, paused_until=village.clock() + timedelta(days=31))
    village.clock.to("2026-12-23T07:01:00+01:00")
    village.run()
    assert village.mail.told() == []
    village.clock.to("2027-01-23T07:01:00+01:00")
    village.run()
    assert [one for one, _ in village.mail.told()] == ["monthly"]
    assert village.mail.sent[0][0].manage_url == village.house.links.settings(pausing, 1)


def test_a_hub_that_slept_for_months_sends_one(village: Town) -> None:
    person, _ = resident(village)
    village.clock.to("2027-06-02T12:00:00+02:00")
    village.run()
    village.run()
    assert [one for one, _ in village.mail.told()] == ["monthly"]
    assert row(village, person)["next_monthly_at"].isoformat() == "2027-06-23T05:00:00+00:00"  # seven in summer time


def test_one_click_ends_it_alone_and_another_hour_makes_no_second_one(village: Town) -> None:
    person, ways = resident(village)
    moved = monthly.moved(row(village, person), "18:00", "Europe/Berlin")
    with village.store.begin() as session:
        subscribers.change(session, person, digest_at="18:00", **moved)
    village.clock.to("2026-12-23T18:01:00+01:00")
    village.run()
    assert [one for one, _ in village.mail.told()] == ["monthly"]
    moved = monthly.moved(row(village, person), "19:00", "Europe/Berlin")
    assert moved == {"next_monthly_at": row(village, person)["next_monthly_at"] + timedelta(hours=1)}
    token = village.mail.sent[0][0].unsubscribe_url.rpartition("/")[2]
    for _ in range(2):
        ended = monthly.choose_by_link(village.house, token, wanted=False)
        assert ended is not None
        assert ended["id"] == ways["mail"]
    foreign = village.house.links.token("unsubscribe", ways["mail"], 1)
    assert monthly.choose_by_link(village.house, foreign, wanted=False) is None
    assert (row(village, person)["monthly_day"], row(village, person)["next_monthly_at"]) == (None, None)
    with village.store.read() as session:
        assert {one["channel"] for one in subscribers.endpoints_of(session, person)} == {"mail", "webpush"}


def test_it_stands_in_the_ledger_and_balances(village: Town) -> None:
    _, ways = resident(village)
    resident(village)
    village.mail.answers(ways["mail"], Result.FAILED)
    village.clock.to("2026-12-23T07:01:00+01:00")
    village.run()
    with village.store.read() as session:
        (account,) = ledger.digest_batches(session, village.municipality)
    assert (account.change, account.meant, account.sent, account.failed) == ("monthly", 2, 1, 1)
    assert account.balanced


def test_what_failed_or_was_muted_is_not_counted_as_had(village: Town) -> None:
    person, ways = resident(village, NEWS)
    village.source()
    village.push.answers(ways["webpush"], Result.FAILED)
    ahead = (Occurrence("a", date(2027, 1, 6)),)
    village.poll("s1", news("n1", "Basar", occurrences=ahead))
    from hub.core.mutes import Mute, Sort

    with village.store.begin() as session:
        mutes.put(session, person, Mute(Sort.NOTICE, news("n1").id), village.clock())
    village.clock.to("2026-12-23T07:01:00+01:00")
    village.run()
    month = village.mail.sent[0][1].month
    assert month is not None
    assert (month.received, month.coming) == ((), ())
    assert [one.reached_at for one in month.devices] == [None]
