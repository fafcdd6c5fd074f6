"""The life of warnings: whatever order words come in, the hub tells the same people the same as the model (P-09, G15).

Real parsing, gathering, publishing and delivering; only the network, the clock and the ways out are fakes.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fakes.cap_model import Model, Said, Wants, Word
from fakes.house import PLACE, FakeClock, FakeGatherer, Town, make_town
from fakes.stores import hastened
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from feeds.cap.alert import SCOPES, STATUSES
from feeds.cap.normalise import normalise
from feeds.cap.parse import parse
from hub.core.notice import Severity
from hub.core.source import Document, Fetched, FetchState, NotModified, Source
from hub.core.subscription import Criteria
from hub.jobs import gather
from hub.sandbox import Parsed, Refusal
from hub.store import notices, sources, views
from hub.store.schema import source as table

OTHER = "053580008008"
HERE, THERE, BOTH = (PLACE,), (OTHER,), (PLACE, OTHER)
SEQUENCES = int(os.environ.get("ORTSRUF_SEQUENCES", "1000"))
_COUNT = itertools.count()
_QUICK = Path("/dev/shm")  # in memory: a thousand towns' worth of fsync costs nothing there


@dataclass
class CapGatherer(FakeGatherer):
    """Parses what the source holds, in this process."""

    def fetch(self, source: Source, state: FetchState) -> Fetched | NotModified:
        self.fetches.append(source.id)
        fresh = FetchState(body_hash=str(len(self.fetches)))
        documents = tuple(Document("x", "", one.xml()) for one in self.answers.get(source.id, ()))
        return Fetched(documents, datetime(2026, 1, 1).astimezone(), fresh, source)

    def parse(self, fetched: Fetched) -> Parsed:
        items = parse(fetched)
        found = [normalise(one, fetched.source) for one in items if not one.fault and not one.note]
        return Parsed(tuple(found), tuple(Refusal(one.key, one.fault) for one in items if one.fault))


def make_cap_town(folder: str) -> Town:
    store = hastened(f"sqlite:///{folder}/town.sqlite")
    store.upgrade()
    town = make_town(store, FakeClock())
    town.gatherer = CapGatherer()
    object.__setattr__(town.house, "gatherer", town.gatherer)
    return town


@dataclass
class Authority:
    """A source of warnings in a town, and the model of what people should hear from it."""

    town: Town
    model: Model
    name: str = field(default_factory=lambda: f"s{next(_COUNT)}")
    words: list[Word] = field(default_factory=list)
    waiting: list[Word] = field(default_factory=list)  # in the next poll
    late: list[Word] = field(default_factory=list)  # held up on the way

    def __post_init__(self) -> None:
        source = Source(
            self.name, "cap", "https://warn.example/", self.town.municipality, topic="warnings", interval=60
        )
        with self.town.store.begin() as session:
            sources.add(session, self.town.municipality, source, self.town.clock())
            # Its silent first import lies behind it.
            session.execute(update(table).where(table.c.id == self.name).values(imported=True))

    def says(self, **values: Any) -> Word:
        """Make a word; it is on its way to the next poll."""
        sent = self.town.clock() + timedelta(seconds=len(self.words))
        word = Word(f"{self.name}-{len(self.words)}", sent, **values)
        self.words.append(word)
        self.waiting.append(word)
        return word

    def poll(self, *, again: bool = False, halfway: bool = False) -> None:
        """Let the hub poll; ``again``: the words come once more next time; ``halfway``: it stops before delivering."""
        now = self.town.clock.forward(minutes=2)
        self.town.gatherer.answers[self.name] = tuple(self.waiting)
        gather.gather(self.town.house, self.name)
        self.model.hear(self.waiting, now)
        self.waiting = self.waiting if again else []
        if halfway:
            self.town.plan()

    def delivers(self) -> tuple[set[Said], set[Said]]:
        """Let all deliveries run; returns what was told and what the model says should have been."""
        self.town.push.forget()
        self.town.engine.run_all()
        told = [
            (int(recipient.endpoint), "over" if message.change.value == "withdrawn" else "told", _title(message))
            for recipient, message in self.town.push.sent
        ]
        assert len(told) == len(set(told)), "nobody is told twice"
        return set(told), self.model.speak(self.town.clock())


def _title(message: Any) -> str:
    return str(message.entries[0].notice.title)


@pytest.fixture(scope="module")
def square() -> Iterator[tuple[Town, dict[int, Wants]]]:
    """A town with three people: one here, one next door, one who only wants what is severe."""
    with TemporaryDirectory(dir=_QUICK if _QUICK.is_dir() else None) as folder:
        town = make_cap_town(folder)
        wanted = (Wants(HERE), Wants(THERE), Wants((), Severity.SEVERE))
        yield town, {town.person(Criteria(places=one.places, severity=one.severity)): one for one in wanted}
        town.store.close()


moderate_or_severe = st.sampled_from([Severity.MODERATE, Severity.SEVERE])
areas = st.sampled_from([HERE, THERE, BOTH])
hours = st.sampled_from([None, -1, 0.05, 0.5, 3, 48])
content = st.fixed_dictionaries({"places": areas, "severity": moderate_or_severe, "hours": hours, "pre": st.booleans()})
steps = st.one_of(
    st.tuples(st.just("alert"), content),
    st.tuples(st.just("update"), content, st.integers(0, 9), st.integers(0, 3)),
    st.tuples(st.just("clear"), content, st.integers(0, 9)),
    st.tuples(st.just("cancel"), content, st.integers(0, 9), st.booleans()),
    st.tuples(st.just("not for us"), content, st.sampled_from(["Test", "Exercise", "System", "Draft"]),
              st.sampled_from(["Public", "Restricted", "Private"])),
    st.tuples(st.just("unknown"), content, st.sampled_from(["Update", "Cancel"])),
    st.tuples(st.just("lost")),
    st.tuples(st.just("held up")),
    st.tuples(st.just("arrives")),
    st.tuples(st.just("poll"), st.booleans()),
    st.tuples(st.just("poll halfway")),
    st.tuples(st.just("poll and deliver")),
    st.tuples(st.just("time"), st.sampled_from([1, 5, 40, 200, 1500])),
)  # fmt: skip


# A word that waits to be delivered, and an Update that ended it an hour ago: nobody is told what is past.
_MODERATE = {"places": (PLACE,), "severity": Severity.MODERATE, "hours": None, "pre": False}
OVER_BEFORE_IT_WAS_TOLD: list[tuple[Any, ...]] = [
    ("alert", _MODERATE), ("alert", _MODERATE), ("poll halfway",), ("update", _MODERATE | {"hours": -1}, 0, 0),
]  # fmt: skip


def _said(found: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Turn drawn content into fields of a word."""
    values = dict(found)
    span = values.pop("hours")
    return values | {"expires": None if span is None else now + timedelta(hours=span)}


def act(authority: Authority, step: Sequence[Any]) -> None:
    """Do one step of a sequence."""
    match step:
        case ["update" | "clear" | "cancel" as what, found, number, *more] if authority.words:
            _continue(authority, what, _said(found, authority.town.clock()), number, *more)
        case ["alert" | "not for us" | "unknown" as what, found, *more]:
            _begin(authority, what, _said(found, authority.town.clock()), *more)
        case ["poll", again]:
            authority.poll(again=again)
        case ["poll and deliver"]:
            authority.poll()
            compare(authority)
        case ["poll halfway"]:
            authority.poll(halfway=True)
        case ["time", minutes]:
            authority.town.clock.forward(minutes=minutes)
        case _:
            _on_the_way(authority, step[0])


def _begin(authority: Authority, what: str, values: dict[str, Any], *more: str) -> None:
    """Say something new, something not meant for residents, or something that refers to a word nobody had."""
    if what == "unknown":
        values |= {"message": more[0], "refs": (f"{authority.name}-never-{len(authority.words)}",)}
    elif what == "not for us":
        values |= {"status": more[0], "scope": more[1]}
    authority.says(**values)


def _continue(authority: Authority, what: str, values: dict[str, Any], number: int, more: int = 0) -> None:
    """Say something that refers to one earlier word or two; ``more`` is a bare Cancel, or which second word."""
    refs = [authority.words[number % len(authority.words)].name]
    if what == "update" and more:
        refs.append(authority.words[more % len(authority.words)].name)
    authority.says(
        message="Cancel" if what == "cancel" else "Update", refs=tuple(dict.fromkeys(refs)),
        all_clear=what == "clear", bare=what == "cancel" and bool(more), **values,
    )  # fmt: skip


def _on_the_way(authority: Authority, what: str) -> None:
    """Lose or hold up the next word, or let what was held up arrive."""
    if what == "arrives":
        authority.waiting += authority.late
        authority.late = []
    elif what == "held up":
        authority.late += authority.waiting[:1]
    if what in ("held up", "lost"):
        del authority.waiting[:1]


def compare(authority: Authority) -> None:
    told, meant = authority.delivers()
    assert told == meant, authority.words


@pytest.mark.timeout(900)
@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequence=st.lists(steps, min_size=2, max_size=12))
@example(sequence=OVER_BEFORE_IT_WAS_TOLD)
def test_whatever_comes_in_whatever_order_people_hear_what_the_model_says(
    square: tuple[Town, dict[int, Wants]], sequence: list[tuple[Any, ...]]
) -> None:
    town, people = square
    town.engine.run_all()
    authority = Authority(town, Model(people))
    for step in sequence:
        act(authority, step)
    authority.waiting += authority.late
    authority.poll()
    compare(authority)


def test_all_status_and_scope_words_through_the_hub(square: tuple[Town, dict[int, Wants]]) -> None:
    """Only Actual and Public is told, on every way out (P-08)."""
    town, people = square
    town.engine.run_all()
    writer = town.person(Criteria(places=HERE), channel="mail")
    authority = Authority(town, Model(people))
    town.mail.forget()
    for status, scope in itertools.product(STATUSES, SCOPES):
        authority.says(places=HERE, severity=Severity.SEVERE, status=status, scope=scope)
    authority.poll()
    told, meant = authority.delivers()
    real = next(one.name for one in authority.words if (one.status, one.scope) == ("Actual", "Public"))
    assert {title for _, _, title in told} == {real}
    assert told == meant
    assert [(pair[0].endpoint, _title(pair[1])) for pair in town.mail.sent] == [(str(writer), real)]


def test_a_chain_of_fifty_words_is_one_warning_until_its_end(square: tuple[Town, dict[int, Wants]]) -> None:
    town, people = square
    town.engine.run_all()
    authority = Authority(town, Model(people))
    said = [authority.says(places=HERE)]
    for number in range(48):
        authority.poll()
        assert authority.delivers() == (authority_told(said[-1], people),) * 2
        said.append(authority.says(message="Update", refs=(said[number // 2].name, said[-1].name), places=HERE))
    authority.poll()
    authority.delivers()
    last = authority.says(message="Cancel", refs=(said[-1].name,), places=HERE)
    authority.poll()
    assert authority.delivers() == ({(one, "over", last.name) for one, _, _ in authority_told(said[-1], people)},) * 2
    with town.store.read() as session:
        assert len(set(notices.called(session, authority.name, [one.name for one in authority.words]))) == 1


def authority_told(word: Word, people: dict[int, Wants]) -> set[Said]:
    return {(one, "told", word.name) for one, wants in people.items() if wants.fits(word)}


def test_who_was_never_told_because_a_word_was_overtaken_gets_no_all_clear(
    square: tuple[Town, dict[int, Wants]],
) -> None:
    town, people = square
    town.engine.run_all()
    authority = Authority(town, Model(people))
    first = [authority.says(places=HERE) for _ in range(4)]
    authority.poll(halfway=True)
    for one in first:
        authority.says(message="Update", refs=(one.name,), places=THERE)
    authority.poll()
    told, meant = authority.delivers()
    assert told == meant
    assert {kind for _, kind, _ in told} == {"told"}


def test_who_was_told_that_it_no_longer_concerns_them_is_not_told_of_its_end(
    square: tuple[Town, dict[int, Wants]],
) -> None:
    town, people = square
    town.engine.run_all()
    authority = Authority(town, Model(people))
    names = [authority.says(places=BOTH).name]
    for places, message in ((THERE, "Update"), (THERE, "Cancel")):
        authority.poll()
        authority.delivers()
        names.append(authority.says(message=message, refs=(names[-1],), places=places).name)
    authority.poll()
    told, meant = authority.delivers()
    assert told == meant == {(_at(people, THERE), "over", names[-1])}


def _at(people: dict[int, Wants], places: tuple[str, ...]) -> int:
    return next(one for one, wants in people.items() if wants.places == places)


def test_a_warning_that_expires_in_the_queue_is_not_sent(square: tuple[Town, dict[int, Wants]]) -> None:
    town, people = square
    town.engine.run_all()
    authority = Authority(town, Model(people))
    authority.says(places=HERE, expires=town.clock() + timedelta(minutes=30))
    authority.says(places=HERE)  # does not say when it ends: a day
    authority.poll(halfway=True)
    town.clock.forward(minutes=45)
    told, meant = authority.delivers()
    assert told == meant == authority_told(authority.words[1], people)
    authority.says(message="Cancel", refs=(authority.words[0].name,), places=HERE)
    authority.poll()
    assert authority.delivers() == (set(), set())


def test_a_cancel_of_what_was_never_told_is_on_no_page(square: tuple[Town, dict[int, Wants]]) -> None:
    """It is remembered, so that an alert which comes later than its own end is not told."""
    town, people = square
    town.engine.run_all()
    authority = Authority(town, Model(people))
    alert = authority.says(places=HERE)
    authority.late, authority.waiting = authority.waiting, []
    authority.says(message="Cancel", refs=(alert.name,), bare=True)
    authority.poll()
    authority.waiting += authority.late
    authority.poll()
    assert authority.delivers() == (set(), set())
    with town.store.read() as session:
        shown = [row["id"] for row in views.recent(session, town.municipality, town.clock(), most=1_000)]
        assert not set(notices.called(session, authority.name, [alert.name])) & set(shown)
