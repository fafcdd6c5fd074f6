"""The forecast of the past is what the real pipeline sent: generated histories, told to a real subscriber."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from fakes.house import PLACE, Town, make_town, news
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.core.message import Change
from hub.core.notice import Notice, NoticeText, Occurrence, Severity, Status
from hub.core.subscription import WEEKLY, Action, Criteria
from hub.jobs.foresee import Foresight
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import subscribers, towns
from hub.store.database import Store
from hub.store.schema import batch, notice_revision, reminder, subscriber

SOURCES = {"s1": "news", "w1": "warnings", "b1": "waste", "r1": "roads"}
BURST = timedelta(minutes=15)
DAYS = [date(2026, 11, 26) + timedelta(days=7 * week) for week in range(4)]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite"
    made = Store(f"sqlite:///{file}")
    made.upgrade()
    made.close()
    return file


@dataclass
class Lived:
    """A town whose sources say what the test makes them say, with the clock stopping wherever something is due."""

    town: Town
    held: dict[str, dict[str, Notice]] = field(default_factory=lambda: {one: {} for one in SOURCES})

    def until(self, at: datetime) -> None:
        """Let time pass; everything that is due happens a second later."""
        while (due := self._next()) is not None and due < at:
            self.town.clock.at = max(due, self.town.clock.at) + timedelta(seconds=1)
            self.town.run()
        self.town.clock.at = at

    def _next(self) -> datetime | None:
        queries = (
            select(func.min(batch.c.due_at)).where(batch.c.state == "open"),
            select(func.min(reminder.c.due_at)).where(reminder.c.state == "planned"),
            select(func.min(subscriber.c.next_digest_at)),
        )
        with self.town.store.read() as session:
            return min((at for one in queries if (at := session.scalar(one)) is not None), default=None)

    def say(self, source: str, notice: Notice | None, key: str, minutes: int) -> None:
        """Poll ``source`` after ``minutes``: it has this notice now, or (``None``) called it off."""
        known = self.held[source].get(key)
        if notice is None and known is not None:
            notice = replace(known, status=Status.CANCELLED)
        if notice is not None:
            self.held[source][key] = notice
        self.until(self.town.clock() + timedelta(minutes=minutes))
        self.town.gatherer.has(source, *self.held[source].values())
        self.town.run()

    def sent(self) -> dict[str, int]:
        """Return how many messages went out, by channel."""
        quiet = {Change.CONFIRM, Change.TEST}
        counts = {
            name: sum(message.change not in quiet for _, message in channel.sent)
            for name, channel in self.town.channels.items()
        }
        return {name: count for name, count in counts.items() if count}


@pytest.fixture
def lived(empty: Path, tmp_path: Path) -> Iterator[Lived]:
    made = Store(f"sqlite:///{shutil.copy(empty, tmp_path / 'lived.sqlite')}")
    yield begin(make_town(made))
    made.close()


def begin(town: Town) -> Lived:
    object.__setattr__(town.house, "burst", BURST)
    for source, topic in SOURCES.items():
        town.source(source, topic)
    return Lived(town)


def subscribed(town: Town, wishes: tuple[Wish, ...]) -> None:
    ways = {"webpush": ("https://push.example/1", {}, "s"), "mail": ("a@example.org", {}, "example.org")}
    person = sign_up(town.house, town.municipality, SignUp(wishes, ways))
    with town.store.begin() as session:
        for one in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, one["id"], town.clock())
    town.engine.run_all()


def foreseen(town: Town, wishes: tuple[Wish, ...]) -> dict[str, int]:
    with town.store.read() as session:
        row = towns.get(session, town.municipality)
    return Foresight(town.store, town.clock, BURST).outlook(row, wishes).counts


WAYS = st.lists(
    st.sampled_from(
        [
            ("webpush", Action.NOW, ""), ("mail", Action.NOW, ""), ("mail", Action.DIGEST, ""),
            ("mail", Action.DIGEST, WEEKLY),
            ("webpush", Action.REMINDER, "P1D@18:00"), ("mail", Action.REMINDER, "P0D@06:00"),
            ("ical", Action.CALENDAR, ""),
        ]
    ),
    min_size=1, max_size=3, unique=True,
)  # fmt: skip
WISHES = st.lists(
    st.builds(
        lambda topics, severity, ways: Wish(Criteria(topics, (PLACE,), severity=severity), tuple(ways)),
        st.sampled_from([("news",), ("warnings",), ("waste",), ("news", "roads"), ()]),
        st.sampled_from([Severity.UNKNOWN, Severity.UNKNOWN, Severity.MODERATE]),
        WAYS,
    ),
    min_size=1, max_size=3, unique_by=lambda one: one.criteria.key(),
)  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["news", "warning", "bins", "roads"]), st.sampled_from("abc"),
        st.sampled_from(["say", "say", "change", "back", "end", "narrow"]),
        st.sampled_from([11, 11, 13, 37, 461, 1627]), st.integers(0, 4),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def act(lived: Lived, sort: str, key: str, what: str, minutes: int, number: int) -> None:
    """Let one thing happen."""
    source = {"news": "s1", "warning": "w1", "bins": "b1", "roads": "r1"}[sort]
    topic, known = SOURCES[source], lived.held[source].get(key)
    at = lived.town.clock() + timedelta(minutes=minutes)
    if what == "end" or (known is not None and known.status is Status.CANCELLED):
        lived.say(source, None, key, minutes)
        return
    body = {"say": "", "back": "", "change": f"Neues {minutes}", "narrow": "klein"}[what]
    made = news(key, f"{sort} {key}", source=source, topic=topic, body=body)
    if sort == "warning":
        made = replace(made, severity=Severity(number), expires=at + timedelta(minutes=[7, 90, 407][number % 3]))
    if sort == "bins":
        days = [day + timedelta(days=1) if what == "change" and at_ == number else day for at_, day in enumerate(DAYS)]
        dates = tuple(Occurrence(f"d{at_}-{day.day}", day) for at_, day in enumerate(days))
        made = replace(made, texts=(NoticeText("de", f"bins {key}"),), occurrences=dates, series=True)
    lived.say(source, made, key, minutes)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=WISHES, steps=STEPS)
@example(
    wishes=[Wish(Criteria(("news",), (PLACE,)), (("webpush", Action.NOW, ""), ("mail", Action.DIGEST, "")))],
    steps=[("news", "a", "say", 37, 0), ("news", "b", "say", 11, 0), ("news", "c", "say", 11, 0),
           ("news", "b", "change", 461, 0), ("news", "b", "back", 37, 0), ("news", "a", "end", 1627, 0)],
)  # fmt: skip
@example(
    wishes=[Wish(Criteria(("waste",), (PLACE,)), (("webpush", Action.NOW, ""), ("webpush", Action.REMINDER, "P1D@18:00")))],
    steps=[("bins", "a", "say", 13, 0), ("bins", "b", "say", 13, 0), ("bins", "a", "change", 1627, 0),
           ("bins", "a", "change", 1627, 1), ("news", "a", "say", 1627, 0), ("bins", "b", "end", 1627, 0)],
)  # fmt: skip
def test_the_forecast_of_the_past_is_what_was_sent(empty: Path, tmp_path_factory, wishes, steps) -> None:
    file = shutil.copy(empty, tmp_path_factory.mktemp("lived") / "lived.sqlite")
    store = Store(f"sqlite:///{file}")
    try:
        lived = begin(make_town(store))
        subscribed(lived.town, tuple(wishes))
        for step in steps:
            act(lived, *step)
        lived.until(lived.town.clock() + timedelta(days=9, minutes=1))
        assert foreseen(lived.town, tuple(wishes)) == lived.sent()
    finally:
        store.close()


NEWS = (Wish(Criteria(("news",), (PLACE,)), (("webpush", Action.NOW, ""),)),)


def outlook(town: Town, wishes: tuple[Wish, ...]):
    with town.store.read() as session:
        row = towns.get(session, town.municipality)
    return Foresight(town.store, town.clock, BURST).outlook(row, wishes)


def test_only_twelve_months_count_and_only_since_we_began(lived: Lived) -> None:
    lived.say("s1", news("a"), "a", 13)
    first = lived.town.clock()
    assert outlook(lived.town, NEWS).since == first
    lived.town.clock.forward(days=200)
    lived.say("s1", news("b"), "b", 13)
    assert outlook(lived.town, NEWS).counts == {"webpush": 2}
    lived.town.clock.forward(days=200)
    assert outlook(lived.town, NEWS).counts == {"webpush": 1}
    assert outlook(lived.town, NEWS).since == lived.town.clock() - timedelta(days=365)


def test_a_higher_level_brings_less_and_another_topic_nothing(lived: Lived) -> None:
    for number, key in enumerate("abcd"):
        act(lived, "warning", key, "say", 461, number)
    fits = [
        (Wish(Criteria(("warnings",), (PLACE,), severity=level), (("webpush", Action.NOW, ""),)),) for level in Severity
    ]
    counts = [foreseen(lived.town, one).get("webpush", 0) for one in fits]
    assert counts == [4, 3, 2, 1, 0]
    assert foreseen(lived.town, NEWS) == {}


def test_what_was_told_before_it_was_kept_does_not_count(lived: Lived) -> None:
    lived.say("s1", news("a"), "a", 13)
    with lived.town.store.begin() as session:
        session.execute(notice_revision.update().values(announce=None))
    assert foreseen(lived.town, NEWS) == {}
    lived.say("s1", news("b"), "b", 13)
    assert foreseen(lived.town, NEWS) == {"webpush": 1}


def test_the_memory_of_one_process_sees_what_is_new(lived: Lived) -> None:
    foresight = Foresight(lived.town.store, lived.town.clock, BURST)
    with lived.town.store.read() as session:
        row = towns.get(session, lived.town.municipality)
    assert foresight.outlook(row, NEWS).counts == {}
    lived.say("s1", news("a"), "a", 13)
    assert foresight.outlook(row, NEWS).counts == {"webpush": 1}
