"""What a report asks of the tables reads the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fakes.house import PLACE, Town, news

from hub.core.aftermath import REPLIES
from hub.core.notice import Occurrence
from hub.core.subscription import Action, Criteria
from hub.jobs import aftermath, erase, impact
from hub.jobs.record import record
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import audit, notices, reach, subscribers

TOWN = "huertgenwald"


def test_calendars_that_hold_a_notice_are_counted(town: Town) -> None:
    town.source()
    wish = Wish(Criteria(places=(PLACE,)), (("ical", Action.CALENDAR, ""),))
    for _ in range(3):
        sign_up(town.house, TOWN, SignUp((wish,), {"ical": ("", {}, "")}))
    town.engine.run_all()
    dated = replace(news("fest"), occurrences=(Occurrence("1", town.clock() + timedelta(days=3)),))
    town.poll("s1", dated, news("plain"))
    with town.store.read() as session:
        rows = [notices.get(session, TOWN, one.id) for one in (dated, news("plain"))]
        assert [one.calendars for one in aftermath.of(session, rows, calendars=True)] == [3, None]


def test_who_signs_off_is_counted_once_by_way_whoever_is_erased_too(town: Town) -> None:
    town.source()
    people = [town.person() for _ in range(6)]
    town.poll("s1", news())
    town.clock.forward(hours=3)
    with town.store.begin() as session:
        subscribers.end_endpoints(session, people[:1], town.clock(), state="ended")
        subscribers.end_endpoints(session, people[1:2], town.clock(), state="ended", why="replaced")
        subscribers.end_endpoints(session, people[2:3], town.clock())
        person = subscribers.get(session, subscribers.endpoint_row(session, people[3])["subscriber_id"])
    erase.erase(town.house, person)
    town.engine.run_all()
    town.clock.forward(hours=50)
    with town.store.begin() as session:
        subscribers.end_endpoints(session, people[4:5], town.clock(), state="ended")  # too late to be an answer
    impact.close(town.house)
    with town.store.read() as session:
        (found,) = aftermath.of_town(session, TOWN)
        assert [one.left for one in found.words] == [2]
        assert reach.uncounted(session, town.clock() - timedelta(days=9), town.clock() - REPLIES) == []


def test_events_are_found_by_what_is_asked(town: Town) -> None:
    begin = town.clock()
    for number in range(6):
        with town.store.begin() as session:
            act = "sign-in" if number % 2 else "sign-out"
            record(town.house, session, f"account:{number}", act, municipality=TOWN if number < 4 else "")
        town.clock.forward(days=1)
    later = begin + timedelta(days=2)
    with town.store.read() as session:
        for asked, count in (
            (audit.Asked(), 6), (audit.Asked(TOWN), 4), (audit.Asked(""), 2), (audit.Asked(act="sign-in"), 3),
            (audit.Asked(actor="account:1"), 1), (audit.Asked(begin=later), 4), (audit.Asked(TOWN, end=later), 2),
            (audit.Asked(TOWN, act="nothing"), 0),
        ):  # fmt: skip
            assert audit.count(session, asked) == count
            ids = [row["id"] for row in audit.page(session, asked)]
            assert (len(ids), ids) == (count, sorted(ids, reverse=True))
            found = [one.number for one in audit.extract(session, asked, until=max(ids, default=0))]
            assert found == sorted(ids)
        assert audit.named(session, audit.Asked("")) == (["sign-in", "sign-out"], ["account:4", "account:5"])
        assert len(audit.page(session, audit.Asked(), skip=4, most=5)) == 2
