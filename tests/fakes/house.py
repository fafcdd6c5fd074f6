"""A town to test with: a real store and engine, a clock to turn, a gatherer and channels that note things."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fakes.http import FakeHttp

from hub.core.message import Message, Outcome, Outlet, Payload, Recipient, Result, Site, Template
from hub.core.notice import Notice, NoticeText, PlaceRef, notice_id
from hub.core.place import local_path
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.core.subscription import Action, Criteria
from hub.engines.inline import InlineEngine
from hub.jobs import course, digest, gather, issue, lapse, monthly, remind, sweep, tend, websub
from hub.jobs.doors import DOORS
from hub.jobs.house import House
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.links import Links
from hub.sandbox import Parsed, Refusal
from hub.store import publications, sources, subscribers, towns
from hub.store.database import Store
from push import _Rendered

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Berlin
PLACE = "053580016016"


@dataclass
class FakeClock:
    """Shows what it was turned to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        """Turn the clock forward."""
        self.at += timedelta(**span)
        return self.at

    def to(self, text: str) -> datetime:
        """Turn the clock to an ISO 8601 time with an offset."""
        self.at = datetime.fromisoformat(text)
        return self.at


@dataclass
class FakeGatherer:
    """Answers per source with notices, an error or "nothing new"."""

    answers: dict[str, Any] = field(default_factory=dict)
    fetches: list[str] = field(default_factory=list)
    states: dict[str, FetchState] = field(default_factory=dict)
    snapshots: set[str] = field(default_factory=set)  # sources whose answers are the whole list of what holds now
    partial: set[str] = field(default_factory=set)

    def has(self, source_id: str, *notices: Notice, refused: Sequence[Refusal] = ()) -> None:
        """Let the source hold these notices from now on."""
        self.answers[source_id] = Parsed(tuple(notices), tuple(refused))

    def breaks(self, source_id: str, error: Exception) -> None:
        """Let the source fail."""
        self.answers[source_id] = error

    def unchanged(self, source_id: str) -> None:
        """Let the source answer 304."""
        self.answers[source_id] = None

    def fetch(self, source: Source, state: FetchState) -> Fetched | NotModified:
        self.fetches.append(source.id)
        self.states[source.id] = state
        answer = self.answers.get(source.id)
        if isinstance(answer, Exception):
            raise answer
        fresh = FetchState(body_hash=str(len(self.fetches)), cursor=f"c{len(self.fetches)}", hub=state.hub)
        if answer is None:
            return NotModified(fresh)
        snapshot, partial = source.id in self.snapshots, source.id in self.partial
        return Fetched((), NOON, fresh, source, partial=partial, snapshot=snapshot)

    def parse(self, fetched: Fetched) -> Parsed:
        return self.answers[fetched.source.id]

    def places(self, notice: Notice, source: Source) -> Sequence[str]:
        def path(ref: PlaceRef) -> str:
            if ref.scheme == "ars":
                return ref.value
            return (
                local_path(PLACE, "house", ref.value) if ref.scheme == "house" else f"{PLACE}/{ref.scheme}:{ref.value}"
            )

        return [path(ref) for ref in notice.places] or [PLACE]


@dataclass
class FakeChannel:
    """Notes what it was asked to send; answers as told."""

    name: str
    PULL: bool = False
    CHUNK: int = 10
    WINDOW: int = 10
    PERSONAL: bool = True
    sent: list[tuple[Recipient, Message]] = field(default_factory=list)
    results: dict[str, list[Result]] = field(default_factory=dict)
    rendered: dict[tuple[str, str], Message] = field(default_factory=dict)

    def answers(self, endpoint: int | str, *results: Result) -> None:
        """Answer the next hand-overs to ``endpoint`` with these results, then SENT again."""
        self.results[str(endpoint)] = list(results)

    def render(self, message: Message, recipient: Recipient, site: Site) -> Payload:
        self.rendered[recipient.endpoint, message.serial] = message
        return Payload(message.serial.encode())

    def prepare(self, message: Message, language: str, site: Site) -> Template:
        return _Rendered(self.render, message, language, site)

    def send(self, chunk: Iterable[tuple[Recipient, Payload]], _outlet: Outlet) -> list[Outcome]:
        outcomes = []
        for recipient, payload in chunk:
            waiting = self.results.get(recipient.endpoint) or []
            result = waiting.pop(0) if waiting else Result.SENT
            if result is Result.SENT:
                self.sent.append((recipient, self.rendered[recipient.endpoint, payload.body.decode()]))
            outcomes.append(Outcome(recipient.endpoint, result, status=201))
        return outcomes

    def told(self) -> list[tuple[str, str]]:
        """Return (change, title or date) of everything that was handed over, in order."""
        return [(message.change.value, _what(message)) for _, message in self.sent]

    def forget(self) -> None:
        """Empty the notes."""
        self.sent.clear()


def _what(message: Message) -> str:
    if not message.entries:
        return ""
    entry = message.entries[0]
    when = f" {entry.occurrence.start}" if entry.occurrence else ""
    return ", ".join(one.notice.title for one in message.entries) + when


@dataclass
class Town:
    """A house with handles."""

    house: House
    clock: FakeClock
    gatherer: FakeGatherer
    engine: InlineEngine
    channels: dict[str, FakeChannel]
    municipality: str = "huertgenwald"
    count: Any = field(default_factory=itertools.count)
    http: FakeHttp = field(default_factory=FakeHttp)

    @property
    def push(self) -> FakeChannel:
        return self.channels["webpush"]

    @property
    def mail(self) -> FakeChannel:
        return self.channels["mail"]

    @property
    def store(self) -> Store:
        return self.house.store

    def source(self, source_id: str = "s1", topic: str = "news", *, imported: bool = True) -> Source:
        """Add a source; ``imported`` leaves its silent first import behind."""
        made = Source(source_id, "rss", "https://example.org/feed", self.municipality, topic=topic, interval=600)
        with self.store.begin() as session:
            sources.add(session, self.municipality, made, self.clock())
        if imported:
            self.gatherer.has(source_id)
            self.run()
        return made

    def person(self, criteria: Criteria | None = None, *ways: tuple[str, Action, str], channel: str = "webpush") -> int:
        """Add a subscriber with one endpoint on ``channel``; returns the endpoint's id."""
        wish = Wish(criteria or Criteria(places=(PLACE,)), ways or ((channel, Action.NOW, ""),))
        address = (
            f"https://push.example/{next(self.count)}" if channel == "webpush" else f"p{next(self.count)}@example.org"
        )
        person = sign_up(self.house, self.municipality, SignUp((wish,), {channel: (address, {}, "service")}))
        with self.store.begin() as session:
            row = subscribers.endpoints_of(session, person)[0]
            subscribers.confirm(session, row["id"], self.clock())
        self.engine.run_all()
        out = self.channels[channel]
        out.sent = [pair for pair in out.sent if pair[0].endpoint != str(row["id"])]
        return int(row["id"])

    def run(self) -> None:
        """Let the clock tick once and run every job."""
        issue.release_due(self.house)
        gather.gather_due(self.house)
        tend.watch(self.house, calendars=True)
        remind.remind(self.house)
        digest.digest(self.house)
        monthly.monthly(self.house)
        lapse.lapse(self.house)
        sweep.sweep(self.house)
        self.engine.run_all()

    def plan(self) -> None:
        """Carry out every publication, and tell nobody yet."""
        with self.store.read() as session:
            lanes = [lane for _, lane in publications.waiting(session, self.clock())]
        for lane in lanes:
            with self.store.begin() as session:
                row = course.take(self.house, session, lane)
            if row is not None:
                course.carry(self.house, row, course.Wake("publish", str(row["id"])))

    def poll(self, source_id: str, *notices: Notice, minutes: float = 15) -> None:
        """Wait until the source is due again and poll it, holding ``notices``."""
        self.gatherer.has(source_id, *notices)
        self.clock.forward(minutes=minutes)
        self.run()


def make_town(store: Store, clock: FakeClock | None = None, owner: str = "me", gatherer: Any = None) -> Town:
    """Build a town on ``store``; ``owner`` names the process in leases, ``gatherer`` may be a real one."""
    clock, gatherer = clock or FakeClock(), gatherer or FakeGatherer()
    channels = {name: FakeChannel(name, PULL=name == "ical") for name in ("webpush", "mail", "ical")}
    doors = {**DOORS, "websub": lambda house, subject: websub.ask(house, subject, http=made.http)}
    cell: list[House] = []
    jobs = {name: functools.partial(lambda door, subject: door(cell[0], subject), door) for name, door in doors.items()}
    engine = InlineEngine(jobs, clock)
    house = House(
        store=store, engine=engine, gatherer=gatherer, channels=channels.__getitem__,
        outlet=lambda _name: Outlet(None, None), links=Links("https://ortsruf.example", "key"), now=clock, owner=owner,
        sender="rathaus@example.org",
    )  # fmt: skip
    cell.append(house)
    values = {
        "id": "huertgenwald", "name": "Hürtgenwald", "path": PLACE, "language": "de", "zone": "Europe/Berlin",
        "colour": "#1d4f91",
    }  # fmt: skip
    with store.begin() as session:
        towns.add(session, values, clock())
    made = Town(house, clock, gatherer, engine, channels)
    return made


def restarted(town: Town, owner: str = "another") -> Town:
    """Return the same town after a crash: same rows, nothing in memory, another owner of leases."""
    fresh = make_town(town.store, town.clock, owner)
    fresh.gatherer = town.gatherer
    return fresh


def news(key: str = "n1", title: str = "Freibad öffnet", **values: Any) -> Notice:
    """Make a notice of source s1."""
    topic, source = values.pop("topic", "news"), values.pop("source", "s1")
    body = values.pop("body", "")
    return Notice(
        id=notice_id(source, key), key=key, kind="rss", topic=topic, texts=(NoticeText("de", title, body),), **values
    )


def zone(name: str) -> PlaceRef:
    """Name a waste zone."""
    return PlaceRef("zone", name, name)
