"""Clubs publish in their own topic: held, delayed or direct, within a daily limit, and an editor may stop it (I20)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.drafts import HERE, NEIGHBOUR, Desk, desk, ordinary
from fakes.people import account, written

from hub.core.clubs import Bounds, Trust
from hub.core.draft import Area
from hub.core.errors import ActRefused, DraftError
from hub.core.notice import Severity
from hub.core.permission import Grant, Role
from hub.core.release import Act, Refusal
from hub.core.subscription import Criteria
from hub.jobs import write
from hub.jobs.judge import sees
from hub.store import drafts, grants


def refused(why: Refusal, act) -> None:
    with pytest.raises(ActRefused) as found:
        act()
    assert found.value.why == why.value


class Club:
    """A club's desk with a trust of its own."""

    def __init__(self, hall: Desk, trust: Trust, per_day: int = 2, name: str = "verein") -> None:
        self.hall = hall
        bounds = Bounds("events", trust, per_day, timedelta(hours=4))
        self.id = account(hall.town, f"{name}@example.org", Grant(Role.CLUB, HERE, bounds))

    def writes(self, title: str = "Sommerfest", **values) -> int:
        return self.hall.begin(ordinary(title, **{"topic": "events", **values}), self.id, club="events")

    def act(self, number: int, act: Act) -> object:
        return self.hall.act(number, act, self.id, strong=False)


@pytest.fixture
def hall(village) -> Desk:
    village.person(Criteria(topics=("events",)))
    return desk(village)


def test_what_is_held_waits_for_an_editor(hall) -> None:
    club = Club(hall, Trust.HELD)
    number = club.writes()
    refused(Refusal.ROLE, lambda: club.act(number, Act.RELEASE))
    club.act(number, Act.SUBMIT)
    assert written(hall.town) == [("release-wanted", "emil@example.org")]
    hall.act(number, Act.RELEASE)
    hall.wait()
    assert hall.town.push.told() == [("new", "Sommerfest")]


def test_what_is_delayed_goes_out_when_the_time_for_a_veto_is_over(hall) -> None:
    club = Club(hall, Trust.DELAYED)
    number = club.writes()
    club.act(number, Act.RELEASE)
    told = {address for sort, address in written(hall.town) if sort == "club-delayed"}
    assert told == {"emil@example.org", "petra@example.org"}  # whoever may veto
    hall.wait(4 * 3600 - 1)
    assert hall.town.push.told() == []
    hall.wait(1)
    assert hall.town.push.told() == [("new", "Sommerfest")]


def test_a_veto_stops_it(hall) -> None:
    club = Club(hall, Trust.DELAYED)
    number = club.writes()
    club.act(number, Act.RELEASE)
    hall.act(number, Act.ABORT, hall.approver)
    hall.wait(5 * 3600)
    assert (hall.state(number), hall.town.push.told()) == ("draft", [])


def test_who_is_trusted_counts_down_like_an_editor(hall) -> None:
    club = Club(hall, Trust.DIRECT)
    number = club.writes()
    club.act(number, Act.RELEASE)
    hall.wait(30)
    assert hall.town.push.told() == [("new", "Sommerfest")]
    club.act(number, Act.WITHDRAW)  # it rains
    hall.town.run()
    assert hall.town.push.told()[-1] == ("withdrawn", "Sommerfest")


def test_a_day_has_its_limit_whatever_the_order(hall) -> None:
    club = Club(hall, Trust.DIRECT, per_day=2)
    for number in [club.writes("Eins"), club.writes("Zwei")]:
        club.act(number, Act.RELEASE)
    third = club.writes("Drei")
    refused(Refusal.LIMIT, lambda: club.act(third, Act.RELEASE))
    refused(Refusal.LIMIT, lambda: club.act(third, Act.SUBMIT))
    hall.wait()
    refused(Refusal.LIMIT, lambda: club.act(third, Act.RELEASE))
    another = Club(hall, Trust.DIRECT, name="anderer")
    another.act(another.writes("Konzert"), Act.RELEASE)  # has a limit of its own
    hall.town.clock.forward(days=1)
    club.act(third, Act.RELEASE)


@pytest.mark.parametrize(
    "values", [{"severity": Severity.MINOR}, {"topic": "news"}, {"areas": (Area(HERE), Area(NEIGHBOUR))}]
)
def test_nothing_beyond_its_bounds(village, values) -> None:
    hall = desk(village, there=(HERE, NEIGHBOUR))
    club = Club(hall, Trust.DIRECT)
    number = club.writes(**values)
    why = Refusal.ROLE if "areas" in values else Refusal.BOUNDS
    for act in (Act.RELEASE, Act.SUBMIT):
        refused(why, lambda act=act: club.act(number, act))


def test_a_club_touches_neither_the_town_halls_nor_another_clubs(hall) -> None:
    club, other = Club(hall, Trust.DIRECT), Club(hall, Trust.DIRECT, name="anderer")
    for number in (hall.begin(ordinary(topic="events")), other.writes()):
        for act in (Act.RELEASE, Act.SUBMIT, Act.ABORT, Act.WITHDRAW, Act.DISCARD):
            refused(Refusal.ROLE, lambda number=number, act=act: club.act(number, act))


def test_a_desk_that_was_closed_releases_nothing(hall) -> None:
    club = Club(hall, Trust.DIRECT)
    number = club.writes()
    with hall.town.store.begin() as session:
        for row in grants.rows_of(session, club.id):
            grants.remove(session, row["id"])
    refused(Refusal.ROLE, lambda: club.act(number, Act.RELEASE))


def test_an_editor_who_is_also_in_a_club_is_not_bound_by_it(hall) -> None:
    both = account(
        hall.town, "beides@example.org", Grant(Role.EDITOR, HERE),
        Grant(Role.CLUB, HERE, Bounds("events", Trust.HELD, 1)),
    )  # fmt: skip
    number = hall.begin(ordinary(topic="events"), both, club="events")
    assert hall.act(number, Act.RELEASE, both).due_at == hall.town.clock() + timedelta(seconds=30)


def test_another_clubs_words_are_not_looked_at_nor_changed(hall) -> None:
    club, other = Club(hall, Trust.DIRECT), Club(hall, Trust.DIRECT, name="anderer")
    number = club.writes()
    row = hall.row(number)
    with hall.town.store.read() as session:
        seen = {one: sees(session, row, one) for one in (club.id, other.id, hall.author, hall.approver)}
        assert seen == {club.id: True, other.id: False, hall.author: True, hall.approver: True}
        assert [one["id"] for one in drafts.found(session, HERE, (), club=club.id)] == [number]
        assert drafts.found(session, HERE, (), club=other.id) == []
        assert not sees(session, hall.row(hall.begin(ordinary(topic="events"))), club.id)
    author = write.Author(HERE, other.id, "events")
    with pytest.raises(DraftError):
        write.save(hall.town.house, author, number, ordinary("Fremd", topic="events"), seen=1)
