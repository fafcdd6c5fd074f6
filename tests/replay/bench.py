"""The bench: a real store, the real fetch, parser and jobs; only the wire, the channels and the clock are scripted."""

from __future__ import annotations

import hashlib
import importlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlsplit

import pytest
from fakes.house import PLACE, FakeClock, Town, make_town
from replay.answers import WORDS, Word
from replay.dialects import DIALECTS, Dialect, Thing

import feeds
from hub import reference
from hub.core.errors import HttpFailed, SourceTooLarge
from hub.core.notice import PlaceRef
from hub.core.ports import Answer, Limits
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.core.subscription import Action, Criteria
from hub.gatherer import RealGatherer
from hub.jobs import gather
from hub.parser_child import answer as parse_here
from hub.parser_wire import ParseLimits, Request
from hub.sandbox import Parsed, _parsed
from hub.store import sources, towns
from hub.store.database import Store
from hub.store.schema import place


@dataclass
class Page:
    """One address: what is really so (``things``), and the word with which the server tells it."""

    dialect: Dialect
    things: list[Thing] = field(default_factory=list)
    word: Word = WORDS["good"]
    asked: int = 0
    sent: list[int] = field(default_factory=list)  # statuses

    def answer(self, url: str, headers: Mapping[str, str]) -> Answer:
        self.asked += 1
        word = self.word
        if word.status == 0:
            raise HttpFailed("No complete answer within 20 s.", subject=url)
        if word.status != 200:
            self.sent.append(word.status)
            return Answer(word.status, word.headers, b"", url)
        whole = self.dialect.write(word.things(self.things, self.asked))
        body = word.body(whole)
        if self.dialect.lines and word.name == "cut-off":
            body = body[: body.rfind(b"\n") + 1]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if word.tagged else ""
        given = {"content-type": self.dialect.media, **({"etag": tag} if tag else {})}
        given |= {name.lower(): value for name, value in self.dialect.signed(whole, urlsplit(url).path).items()}
        same = bool(tag) and headers.get("if-none-match") == tag
        self.sent.append(304 if same else 200)
        return Answer(304, given, b"", url) if same else Answer(200, given, body, url)


class Wire:
    """The scripted client: each page answers as its word says."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        found = self.pages[urlsplit(url).path].answer(url, lower)
        if len(found.body) > (limits or Limits()).size:
            raise SourceTooLarge(f"The answer is larger than {(limits or Limits()).size} bytes.", subject=url)
        return found

    def post(self, url: str, **_values: Any) -> Answer:
        raise AssertionError(f"nobody posts to {url}")

    def close(self) -> None:
        """Nothing is open."""


class ReplayGatherer(RealGatherer):
    """The real gatherer; parses in this process unless ``child``, in the very code and JSON that the child runs."""

    def __init__(self, wire: Wire, *, child: bool = False) -> None:
        super().__init__(wire)
        self._child = child
        self.snapshots: set[str] = set()

    def fetch(self, source: Source, state: FetchState) -> Fetched | NotModified:
        read = super().fetch(source, state)
        if isinstance(read, Fetched) and source.id in self.snapshots:
            return replace(read, snapshot=True)
        return read

    def parse(self, fetched: Fetched) -> Parsed:
        if self._child:
            return super().parse(fetched)
        request = Request(fetched.source.kind, fetched, ParseLimits(), ())
        return _parsed(parse_here(request), fetched.source.id)


@dataclass(frozen=True)
class Told:
    """One message that was handed over (repeats of one serial count once)."""

    endpoint: str
    change: str
    token: str
    at: datetime


class _Moment(type):
    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, datetime)


def virtual(clock: Callable[[], datetime]) -> type:
    """Return a ``datetime`` whose ``now`` is the virtual clock's."""

    class Virtual(datetime, metaclass=_Moment):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock().astimezone(tz)

    return Virtual


class Bench:
    """A town with sources of any kind, people who want to hear of them, and a ledger of what they heard."""

    def __init__(self, store: Store, patch: pytest.MonkeyPatch, *, child: bool = False) -> None:
        self.clock, self.wire = FakeClock(), Wire()
        self.gatherer = ReplayGatherer(self.wire, child=child)
        self.town = self._town(store)
        here = [vars_of(one) for one in reference.load_rows() if one.path == PLACE]
        with store.begin() as session:
            towns.add_rows(session, place, here)
        for kind in feeds.kinds():
            module = importlib.import_module(f"{feeds.load(kind).package}.fetch")
            if hasattr(module, "datetime"):
                patch.setattr(module, "datetime", virtual(self.clock))
        self.people: dict[str, list[int]] = defaultdict(list)

    def _town(self, store: Store, owner: str = "me") -> Town:
        return make_town(store, self.clock, owner, gatherer=self.gatherer)

    def restart(self) -> None:
        """Let the process die and another take over: same rows, same channels, nothing in memory."""
        channels = self.town.channels
        self.town = self._town(self.town.store, owner=f"{self.town.house.owner}+")
        self.town.channels.clear()
        self.town.channels.update(channels)

    def page(self, kind: str) -> Page:
        return self.wire.pages[f"/{kind}"]

    def add(self, kind: str, things: Sequence[Thing] = (), *, interval: int = 600) -> Page:
        """Add a source of ``kind`` that lists ``things``, and read it for the first time, in silence."""
        dialect = DIALECTS[kind]
        url = f"https://town.example/{kind}"
        page = self.wire.pages[f"/{kind}"] = Page(dialect, list(things))
        made = Source(
            kind, kind, url, self.town.municipality, topic=dialect.topic, interval=interval,
            places=(PlaceRef("ars", PLACE),), config=dialect.config,
        )  # fmt: skip
        with self.town.store.begin() as session:
            sources.add(session, self.town.municipality, made, self.clock())
        self.tick(0)
        return page

    def person(self, kind: str, *ways: tuple[str, Action, str]) -> int:
        """Sign somebody up for the topic of ``kind``."""
        criteria = Criteria(topics=(DIALECTS[kind].topic,), places=(PLACE,))
        found = self.town.person(criteria, *ways)
        self.people[kind].append(found)
        return found

    def tick(self, minutes: float = 1) -> None:
        """Let time pass and every job run."""
        self.clock.forward(minutes=minutes)
        self.town.run()

    def say(self, kind: str, *words: str | Word, minutes: float = 61) -> None:
        """Let the source answer the next polls with these words, one poll each, however long it makes us wait."""
        for one in words:
            page = self.page(kind)
            page.word = WORDS[one] if isinstance(one, str) else one
            before = page.asked
            while page.asked == before:
                self.tick(minutes)

    def row(self, kind: str) -> Any:
        with self.town.store.read() as session:
            return sources.row(session, kind)

    @property
    def told(self) -> list[Told]:
        """The ledger: every message about a thing once, in order; words about the sources themselves do not count."""
        seen: set[tuple[str, str]] = set()
        kinds = feeds.kinds()
        found = []
        for recipient, message in self.town.push.sent:
            if (recipient.endpoint, message.serial) in seen or not message.entries:
                continue
            if message.entries[0].notice.kind not in kinds:
                continue
            seen.add((recipient.endpoint, message.serial))
            title = message.entries[0].notice.title
            token = next((word for word in title.split() if word.startswith("Nr")), title)
            found.append(Told(recipient.endpoint, str(message.change), token, message.now))
        return found

    def heard(self, endpoint: int) -> Counter[tuple[str, str]]:
        """Count what one person heard: (change, token)."""
        return Counter((one.change, one.token) for one in self.told if one.endpoint == str(endpoint))


def vars_of(row: Any) -> dict[str, Any]:
    """Return a place's row for the table."""
    return {
        "path": row.path, "kind": row.kind, "name": row.name, "sought": row.name.lower(),
        "population": row.population, "lat": row.lat, "lon": row.lon, "nuts": row.nuts,
    }  # fmt: skip


def some(count: int, first: int = 1) -> list[Thing]:
    """Return so many things."""
    return [Thing(number) for number in range(first, first + count)]


def once(tokens: Sequence[str], change: str = "new") -> Counter[tuple[str, str]]:
    """Return what somebody heard who was told once of each."""
    return Counter({(change, token): 1 for token in tokens})


def gather_now(bench: Bench, kind: str) -> None:
    """Poll one source in this thread, as its job would."""
    gather.gather(bench.town.house, kind)


LONG = timedelta(hours=7)
