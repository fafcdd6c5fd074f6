"""Reach: counted by the matching that tells, never a small number, nobody twice."""

from __future__ import annotations

from dataclasses import replace

from fakes.house import PLACE, Town, make_town

from hub.core.draft import Area, Draft, Mode
from hub.core.notice import NoticeText, Occurrence, PlaceRef
from hub.core.reach import Part, Way
from hub.core.subscription import Action, Criteria
from hub.jobs.reach import reach

STREET = PlaceRef("street", "Ahornweg", "Ahornweg")
AT_HOME = Criteria(topics=("news",), places=(f"{PLACE}/street:ahornweg",))
DRAFT = Draft("news", (NoticeText("de", "Rohrbruch"),), areas=(Area("huertgenwald", (STREET,)),))


def test_whom_a_draft_reaches_is_who_will_be_told(village: Town) -> None:
    for _ in range(7):
        village.person(AT_HOME)
    for _ in range(5):
        village.person(AT_HOME, channel="mail")
    village.person(Criteria(topics=("waste",), places=(PLACE,)))
    village.person(Criteria(topics=("news",), places=(f"{PLACE}/street:birkenweg",)))
    found = reach(village.house, DRAFT)
    assert found.people == 10
    assert found.ways == (Way("mail", "now", 5), Way("webpush", "now", 5))
    assert found.parts == (Part("Ahornweg", 10),)


def test_fewer_than_five_are_nobody(village: Town) -> None:
    for _ in range(4):
        village.person(AT_HOME)
    assert reach(village.house, DRAFT).people == 0
    assert reach(village.house, DRAFT).ways == ()


def test_calendars_count_only_where_there_is_a_date(village: Town) -> None:
    for _ in range(5):
        village.person(AT_HOME, ("webpush", Action.NOW, ""), ("webpush", Action.REMINDER, "P1D@18:00"))
    assert {one.action for one in reach(village.house, DRAFT).ways} == {"now"}
    dated = replace(DRAFT, occurrences=(Occurrence("a", village.clock()),))
    assert {one.action for one in reach(village.house, dated).ways} == {"now", "reminder"}


def test_a_test_says_whom_it_would_reach_if_it_were_meant(village: Town) -> None:
    for _ in range(5):
        village.person(AT_HOME)
    assert reach(village.house, replace(DRAFT, mode=Mode.TEST)).people == 5


def test_a_draft_without_a_place_or_of_a_town_that_is_gone_reaches_nobody(village: Town) -> None:
    assert reach(village.house, replace(DRAFT, areas=())).people == 0
    assert reach(village.house, replace(DRAFT, areas=(Area("nirgends"),))).people == 0


def test_it_is_the_same_on_both_databases(store) -> None:
    town = make_town(store)
    for _ in range(6):
        town.person(AT_HOME)
    assert reach(town.house, DRAFT).ways == (Way("webpush", "now", 5),)
