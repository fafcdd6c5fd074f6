"""Topics that are wanted once a week wait for the first of the week's collected mails (U19)."""

from __future__ import annotations

import pytest
from fakes.house import PLACE, Town, news

from hub.core.subscription import WEEKLY, Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import subscribers

DAILY_NEWS = Wish(Criteria(("news",), (PLACE,)), (("mail", Action.DIGEST, ""),))
WEEKLY_NEWS = Wish(Criteria(("news",), (PLACE,)), (("mail", Action.DIGEST, WEEKLY),))
DAILY_ROADS = Wish(Criteria(("roads",), (PLACE,)), (("mail", Action.DIGEST, ""),))
DAILY_MARKETS = Wish(Criteria(("news",), (PLACE,), words=("markt",)), (("mail", Action.DIGEST, ""),))


def reader(town: Town, *wishes: Wish, days: str = "1234567") -> None:
    """Sign up who reads by mail; today is a Monday, noon."""
    form = SignUp(wishes, {"mail": ("a@example.org", {}, "example.org")}, digest_days=days)
    person = sign_up(town.house, town.municipality, form)
    with town.store.begin() as session:
        (row,) = subscribers.endpoints_of(session, person)
        subscribers.confirm(session, row["id"], town.clock())
    town.engine.run_all()
    town.mail.forget()
    town.source("s1", "news")
    town.source("r1", "roads")
    town.poll("s1", news("a", "Markt"), news("b", "Fest"))
    town.poll("r1", news("c", "Sperrung", source="r1", topic="roads"))


def came(town: Town, days: int = 8) -> list[tuple[str, list[str]]]:
    """Let days pass; returns on which weekday which titles came."""
    found = []
    for _ in range(days):
        town.clock.forward(days=1)
        town.run()
        for _recipient, message in town.mail.sent:
            assert message.change == "digest"
            found.append((f"{town.clock():%a}", sorted(one.notice.title for one in message.entries)))
        town.mail.forget()
    return found


def test_each_topic_comes_as_often_as_was_chosen(town: Town) -> None:
    reader(town, WEEKLY_NEWS, DAILY_ROADS)
    assert came(town) == [("Tue", ["Sperrung"]), ("Mon", ["Fest", "Markt"])]


@pytest.mark.parametrize(("days", "weekday"), [("35", "Wed"), ("6", "Sat"), ("1234567", "Mon")])
def test_the_week_ends_on_the_first_of_the_chosen_days(village: Town, days: str, weekday: str) -> None:
    reader(village, WEEKLY_NEWS, days=days)
    assert came(village) == [(weekday, ["Fest", "Markt"])]


def test_what_another_choice_wants_daily_does_not_wait(village: Town) -> None:
    reader(village, WEEKLY_NEWS, DAILY_MARKETS)
    assert came(village) == [("Tue", ["Markt"]), ("Mon", ["Fest"])]


def test_who_wants_everything_daily_is_told_as_before(village: Town) -> None:
    reader(village, DAILY_NEWS, DAILY_ROADS)
    assert came(village) == [("Tue", ["Fest", "Markt", "Sperrung"])]


def test_a_hub_that_slept_over_the_day_tells_it_all_the_same(village: Town) -> None:
    reader(village, WEEKLY_NEWS, DAILY_ROADS)
    assert came(village, 6) == [("Tue", ["Sperrung"])]
    village.clock.forward(days=1)  # until Tuesday: nobody worked on Monday
    assert came(village, 1) == [("Tue", ["Fest", "Markt"])]


def test_what_changed_meanwhile_comes_in_its_newest_form(village: Town) -> None:
    reader(village, WEEKLY_NEWS)
    village.poll("s1", news("a", "Markt am Dom"), news("b", "Fest"))
    assert came(village) == [("Mon", ["Fest", "Markt am Dom"])]
