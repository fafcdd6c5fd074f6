"""A calendar from the shelf is the calendar that would be written now, once the second of the poll has passed."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from conftest import fresh_database
from fakes.house import PLACE, Town, news
from fakes.pickups import pickups
from sqlalchemy import event

from hub.core.notice import Notice, Occurrence, Status
from hub.core.schedule import wall
from hub.core.subscription import Action, Criteria
from hub.jobs.erase import erase
from hub.jobs.subscribe import SignUp, Wish, put_wishes, sign_up
from hub.jobs.sweep import retain
from hub.store import calendars, feeds, subscribers, towns
from hub.store.database import Store
from hub.web.feeds import Feeds
from hub.web.language import Language
from hub.web.touched import Touched
from push.ical import Settings
from push.ical.answer import answer

STEPS = int(os.environ.get("ORTSRUF_FEED_STEPS", "25"))
ZONES = ("vossenack", "gey")
GERMAN = Language("de")
CALENDAR = (("ical", Action.CALENDAR, ""), ("webpush", Action.REMINDER, "P1D@18:00"))


def meeting(number: int, *, hour: int = 17, status: Status = Status.ACTIVE) -> Notice:
    start = datetime(2026, 12, 1 + number % 20, hour, tzinfo=UTC)
    dates = (Occurrence("x", start, start + timedelta(hours=2)),)
    return news(f"m{number}", f"Sitzung {number}", topic="council", source="c", occurrences=dates, status=status)


@dataclass
class World:
    """A town, its kept calendars, and everything that may happen to them."""

    town: Town
    kept: Feeds
    chance: random.Random
    people: list[tuple[int, int]] = field(default_factory=list)  # endpoint, generation
    waste: dict[str, Notice] = field(default_factory=dict)
    meetings: dict[str, Notice] = field(default_factory=dict)

    def answers(self, feeds: Feeds) -> dict[str, object]:
        """Return what every address says now: status, headers, bytes; ``None`` for what is no more."""
        found: dict[str, object] = {}
        for endpoint, generation in self.people:
            for alarms_on in (False, True):
                address = f"/calendar/{endpoint}.{generation}?{alarms_on}"
                found[address] = feeds.private(address, (endpoint, generation), alarms_on=alarms_on)
        with self.town.store.read() as session:
            row = towns.get(session, "huertgenwald")
        for topic, where in (("waste", ""), ("waste", "gey"), ("waste", "vossenack"), ("council", "")):
            address = f"/huertgenwald/{topic}/{where}"
            found[address] = feeds.public(
                address, row, topic, where, language=GERMAN, alarms_on=False, url="https://ortsruf.example/x.ics"
            )
        return {
            name: one and answer(one, none_match=None, since=None, accept_encoding="") for name, one in found.items()
        }  # fmt: skip

    def check(self) -> None:
        assert self.answers(self.kept) == self.answers(Feeds(self.town.house, Settings()))

    # what may happen

    def new_person(self) -> None:
        where = self.chance.choice(ZONES)
        wishes = [Wish(Criteria(("waste",), (f"{PLACE}/zone:{where}",)), CALENDAR)]
        if self.chance.random() < 0.5:
            wishes.append(Wish(Criteria(("council",), (PLACE,)), (("ical", Action.CALENDAR, ""),)))
        token = f"token-of-a-calendar-{len(self.people):04}"
        person = sign_up(self.town.house, "huertgenwald", SignUp(tuple(wishes), {"ical": (token, {}, "")}))
        with self.town.store.read() as session:
            self.people.append((subscribers.endpoints_of(session, person)[0]["id"], 1))

    def someone(self) -> int | None:
        if not self.people:
            return None
        with self.town.store.read() as session:
            found = list(calendars.owners(session, [self.chance.choice(self.people)[0]]).values())
        return found[0]["id"] if found else None

    def change_person(self) -> None:
        person = self.someone()
        if person is None:
            return
        with self.town.store.begin() as session:
            subscribers.change(session, person, language=self.chance.choice(["de", "en"]))

    def new_links(self) -> None:
        person = self.someone()
        if person is None:
            return
        with self.town.store.begin() as session:
            before = subscribers.get(session, person)
            subscribers.change(session, person, generation=before["generation"] + 1)
            for row in subscribers.endpoints_of(session, person):
                self.people.append((row["id"], before["generation"] + 1))

    def change_choice(self) -> None:
        person = self.someone()
        if person is None:
            return
        leads = self.chance.choice(["P1D@18:00", "P0D@07:00", "PT2H"])
        ways = (("ical", Action.CALENDAR, ""), ("mail", Action.REMINDER, leads))
        where = self.chance.choice([f"{PLACE}/zone:{self.chance.choice(ZONES)}", PLACE])
        with self.town.store.begin() as session:
            row = subscribers.get(session, person)
            put_wishes(self.town.house, session, row, [Wish(Criteria(("waste", "council"), (where,)), ways)])

    def revoke(self) -> None:
        if self.people:
            with self.town.store.begin() as session:
                endpoint = self.chance.choice(self.people)[0]
                subscribers.end_endpoints(session, [endpoint], self.town.clock(), state="ended")

    def erase_person(self) -> None:
        person = self.someone()
        if person is not None:
            with self.town.store.read() as session:
                row = subscribers.get(session, person)
            erase(self.town.house, row)

    def poll_waste(self) -> None:
        where = self.chance.choice(ZONES)
        title = self.chance.choice(["Restmüll", "Altpapier"])
        self.waste[where] = pickups(where, self.chance.choice([24, 25, 26]), where, title)
        self.town.gatherer.has("w", *self.waste.values())

    def poll_meetings(self) -> None:
        number = self.chance.randrange(3)
        status = self.chance.choice([Status.ACTIVE, Status.ACTIVE, Status.CANCELLED])
        self.meetings[f"m{number}"] = meeting(number, hour=self.chance.choice([16, 17]), status=status)
        self.town.gatherer.has("c", *self.meetings.values())

    def work(self) -> None:
        self.town.clock.forward(minutes=16)
        self.town.run()

    def half_the_work(self) -> None:
        """Poll and store, but let what must be published wait."""
        from hub.jobs import gather

        self.town.clock.forward(minutes=16)
        for name in ("w", "c"):
            gather.gather(self.town.house, name)

    def time(self) -> None:
        self.town.clock.forward(minutes=self.chance.choice([1, 30, 61, 60 * 9]))

    def tidy(self) -> None:
        self.answers(self.kept)
        retain(self.town.house)


@pytest.fixture
def world(town: Town) -> World:
    """Give a world on each database."""
    return _world(town)


@pytest.fixture
def quick(village: Town) -> World:
    """Give a world on SQLite, for what does not depend on the database."""
    return _world(village)


def _world(town: Town) -> World:
    with town.store.begin() as session:
        towns.add_places(session, "huertgenwald", [(f"{PLACE}/zone:{name}", "zone", name.title()) for name in ZONES])
    town.source("w", "waste")
    town.source("c", "council")
    return World(town, Feeds(town.house, Settings()), random.Random(7))


def test_after_any_sequence_of_changes_the_shelf_says_what_holds(world) -> None:
    steps: list[Callable[[], None]] = [
        world.new_person, world.change_person, world.new_links, world.change_choice, world.revoke, world.erase_person,
        world.poll_waste, world.poll_meetings, world.work, world.half_the_work, world.time, world.tidy,
    ]  # fmt: skip
    weights = [3, 2, 1, 3, 1, 1, 4, 4, 4, 4, 2, 1]
    done = []
    for step in (world.new_person, world.poll_waste, world.poll_meetings, world.work):
        step()
    for _ in range(STEPS):
        (step,) = world.chance.choices(steps, weights)
        done.append(step.__name__)
        step()
        world.town.clock.forward(seconds=1)
        try:
            world.check()
        except AssertionError:
            print("after", done)
            raise
    assert len(world.people) > 3


def settled(world: World) -> World:
    """Give the world one person, pickups and a meeting."""
    for step in (world.new_person, world.poll_waste, world.poll_meetings, world.work):
        step()
    world.town.clock.forward(seconds=1)
    return world


def statements(store: Store) -> list[str]:
    """Return a list that grows with each statement that reads dates."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        if "JOIN occurrence" in statement:
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    return seen


def test_nothing_is_read_again_until_something_changes(quick) -> None:
    settled(quick)
    quick.answers(quick.kept)
    seen = statements(quick.town.store)
    for _ in range(3):
        quick.town.clock.forward(seconds=2)
        quick.answers(quick.kept)
    assert seen == []
    quick.waste["gey"] = pickups("gey", 23, "gey")
    quick.town.gatherer.has("w", *quick.waste.values())
    quick.work()
    quick.town.clock.forward(seconds=1)
    seen.clear()
    quick.answers(quick.kept)
    assert seen


def test_what_is_another_persons_stays_on_the_shelf(quick) -> None:
    settled(quick)
    quick.new_person()
    quick.work()
    quick.town.clock.forward(seconds=1)
    mine, other = quick.people
    addresses = ["/mine", "/other"]
    for address, parts in zip(addresses, (mine, other), strict=True):
        quick.kept.private(address, parts, alarms_on=False)
    with quick.town.store.begin() as session:
        subscribers.end_endpoints(session, [mine[0]], quick.town.clock(), state="ended")
    quick.town.clock.forward(seconds=1)
    assert [quick.kept.ready(address) is not None for address in addresses] == [False, True]
    assert quick.kept.private("/mine", mine, alarms_on=False) is None


def test_people_with_one_choice_share_one_drawing(quick) -> None:
    settled(quick)
    token = "another-token-of-a-calendar"
    with quick.town.store.read() as session:
        wished = subscribers.subscriptions(session, quick.someone())
    from hub.core.subscription import criteria_from_json

    wishes = tuple(Wish(criteria_from_json(one["criteria"]), tuple(one["ways"])) for one in wished)
    person = sign_up(quick.town.house, "huertgenwald", SignUp(wishes, {"ical": (token, {}, "")}))
    quick.town.run()
    quick.town.clock.forward(seconds=1)
    with quick.town.store.read() as session:
        twin = (subscribers.endpoints_of(session, person)[0]["id"], 1)
    mine = quick.kept.private("/mine", quick.people[0], alarms_on=False)
    seen = statements(quick.town.store)
    theirs = quick.kept.private("/theirs", twin, alarms_on=False)
    assert seen == []
    assert mine.body is theirs.body
    assert mine.source != theirs.source


def test_a_herd_is_drawn_once(quick) -> None:
    settled(quick)
    seen = statements(quick.town.store)
    begin, found = threading.Barrier(6), []

    def ask() -> None:
        begin.wait()
        found.append(quick.kept.private("/mine", quick.people[0], alarms_on=False))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(seen) == 1
    assert {id(one) for one in found} == {id(found[0])}


def test_what_changed_while_it_was_drawn_is_drawn_again(quick, monkeypatch) -> None:
    settled(quick)
    person, wishes = quick.someone(), calendars.wishes

    def changed_meanwhile(session, subscriber_ids):
        found = wishes(session, subscriber_ids)
        with quick.town.store.begin() as other:
            for one in subscribers.subscriptions(other, person):
                subscribers.unsubscribe(other, person, one["id"])
        quick.town.clock.forward(seconds=1)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(calendars, "wishes", changed_meanwhile)
        before = quick.kept.private("/mine", quick.people[0], alarms_on=False)
    after = quick.kept.private("/mine", quick.people[0], alarms_on=False)
    assert b"BEGIN:VEVENT" in before.plain()
    assert b"BEGIN:VEVENT" not in after.plain()


def test_a_feed_ends_at_midnight_and_when_touches_may_have_been_missed(quick) -> None:
    settled(quick)
    quick.kept.private("/mine", quick.people[0], alarms_on=False)
    for _ in range(4):  # as long as somebody looks, an hour is nothing
        quick.town.clock.forward(minutes=54)
        assert quick.kept.ready("/mine") is not None
    quick.town.clock.forward(minutes=56)
    assert quick.kept.ready("/mine") is None
    quick.town.clock.at = wall(date(2026, 11, 24), time(23, 50), "Europe/Berlin")
    quick.kept.private("/mine", quick.people[0], alarms_on=False)
    quick.town.clock.forward(minutes=9)
    assert quick.kept.ready("/mine") is not None
    quick.town.clock.forward(minutes=1)
    assert quick.kept.ready("/mine") is None


def test_touches_are_forgotten_but_for_the_newest(town) -> None:
    touched = Touched(town.store)
    with town.store.begin() as session:
        feeds.touch(session, subscribers=[1, 2], interests=[3])
    assert touched.look(town.clock()) == 0  # nothing was kept before
    with town.store.begin() as session:
        feeds.forget(session, datetime.now(UTC) + timedelta(days=1))
        feeds.touch(session, subscribers=[2])
    epoch = touched.look(town.clock.forward(seconds=1))
    assert epoch == 1
    assert touched.since([("subscriber", 2)], 0)
    assert not touched.since([("subscriber", 1), ("interest", 3)], 0)
    assert not touched.since([("subscriber", 2)], 1)


def test_within_a_second_nobody_asks_twice(town) -> None:
    touched = Touched(town.store)
    touched.look(town.clock())
    with town.store.begin() as session:
        feeds.touch(session, subscribers=[1])
    assert touched.look(town.clock.forward(seconds=0.9)) == 0
    assert touched.look(town.clock.forward(seconds=0.1)) == 1
    with town.store.begin() as session:
        feeds.touch_town(session, "huertgenwald")
    assert touched.look(town.clock.forward(days=-1)) == 2  # a clock that was put back is no excuse


def test_a_touch_that_commits_late_is_not_missed(postgres, tmp_path) -> None:
    store = Store(fresh_database(postgres, f"late{abs(hash(str(tmp_path)))}"))
    store.upgrade()
    now, touched = datetime(2026, 11, 23, 11, tzinfo=UTC), Touched(store)
    with store.begin() as slow:
        feeds.touch(slow, subscribers=[1])
        started = Touched(store)
        with store.begin() as quick:
            feeds.touch(quick, subscribers=[2])
        assert touched.look(now) == 0
        with store.begin() as quick:
            feeds.touch(quick, subscribers=[3])
        now += timedelta(seconds=1)
        assert touched.look(now) == 1
        assert not touched.since([("subscriber", 1)], 0)
        started.look(now)
    now += timedelta(seconds=1)
    assert touched.look(now) == 2
    assert touched.since([("subscriber", 1)], 1)
    assert started.look(now) == 1
    store.close()


def test_beyond_many_interests_the_whole_town_is_touched(quick) -> None:
    settled(quick)
    touched = Touched(quick.town.store)
    touched.look(quick.town.clock())
    with quick.town.store.begin() as session:
        ids = session.scalars(feeds.select(feeds.match.c.notice_id)).all()
        feeds.MANY, before = 0, feeds.MANY
        try:
            feeds.touch_matched(session, "huertgenwald", ids[0])
        finally:
            feeds.MANY = before
    epoch = touched.look(quick.town.clock.forward(seconds=1))
    assert touched.since([("private", "huertgenwald")], epoch - 1)
    assert not touched.since([("interest", 1), ("public", "huertgenwald")], epoch - 1)
