"""Installations that read each other: a town with its pages behind an HTTP client that knows them all, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from fakes.house import FakeClock, FakeGatherer, Town, make_town
from flask import Flask

import feeds
from hub.core.codec import from_json
from hub.core.errors import HttpFailed
from hub.core.notice import Notice, PlaceRef
from hub.core.ports import Answer, Limits
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.gatherer import RealGatherer
from hub.jobs.seal import Seal, seal
from hub.links import Links
from hub.settings import Settings
from hub.sources import build_source
from hub.store import sources, towns
from hub.store.database import Store
from hub.store.schema import notice as table
from hub.store.schema import source as source_table
from hub.web import create_app

PLACES = {
    "huertgenwald": "053580016016", "kreuzau": "053580020020", "nideggen": "053580036036", "heimbach": "053580012012",
}  # fmt: skip


@dataclass
class Net:
    """An HTTP client whose hosts are applications; ``spoil`` changes answers on their way."""

    apps: dict[str, Flask] = field(default_factory=dict)
    spoil: Callable[[Answer], Answer] = lambda answer: answer
    asked: list[tuple[str, int]] = field(default_factory=list)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        parts = urlsplit(url)
        app = self.apps.get(parts.hostname or "")
        if app is None:
            raise HttpFailed("Nobody answers.", subject=url)
        found = app.test_client().get(parts.path, base_url=f"https://{parts.hostname}", headers=dict(headers or {}))
        self.asked.append((url, found.status_code))
        lower = {name.lower(): value for name, value in found.headers.items()}
        return self.spoil(Answer(found.status_code, lower, found.data, url))

    def post(self, url: str, **_: Any) -> Answer:
        raise HttpFailed("Nobody answers.", subject=url)


class Gatherer(FakeGatherer):
    """Reads other installations for real, without a child process, and everything else as it is told."""

    def __init__(self, http: Any) -> None:
        super().__init__()
        self._http, self._real = http, RealGatherer(http)

    def fetch(self, source: Source, state: FetchState) -> Fetched | NotModified:
        if source.kind == "ortsruf":
            return self._real.fetch(source, state)
        return super().fetch(source, state)

    def parse(self, fetched: Fetched) -> Any:
        from hub.sandbox import Parsed, Refusal

        if fetched.source.kind != "ortsruf":
            return super().parse(fetched)
        kind, items = feeds.load("ortsruf"), feeds.load("ortsruf").parse(fetched)
        return Parsed(
            tuple(kind.normalise(one, fetched.source) for one in items if not (one.fault or one.note)),
            tuple(Refusal(one.key, one.fault) for one in items if one.fault),
            tuple(one.note for one in items if one.note),
        )

    def places(self, notice: Notice, source: Source) -> Any:
        return self._real.places(notice, source)


@dataclass
class Peer:
    """An installation with one municipality, called after its host."""

    town: Town
    host: str
    app: Flask

    @property
    def slug(self) -> str:
        return self.town.municipality

    @property
    def feed(self) -> str:
        return f"https://{self.host}/{self.slug}/federation.json"

    @property
    def seal(self) -> Seal:
        return seal(self.town.store, self.town.clock())

    def own_source(self, source_id: str = "s1", kind: str = "rss", url: str = "", **values: Any) -> None:
        """Add a source of its own that answers as told, its silent first import behind it."""
        made = Source(
            source_id, kind, url or f"https://{self.host}/own", self.slug, topic=values.pop("topic", "news"),
            interval=600, places=(PlaceRef("ars", PLACES[self.slug]),), **values,
        )  # fmt: skip
        with self.town.store.begin() as session:
            sources.add(session, self.slug, made, self.town.clock())
        self.town.gatherer.has(source_id)
        self.town.run()

    def reads(self, other: Peer, source_id: str = "", **settings: str) -> str:
        """Add the other's feed as a source; returns its id."""
        given = {
            "key": other.seal.keys[0].public,
            "reach": "everybody",
            "place": f"ars:{PLACES[self.slug]}",
            **settings,
        }
        source_id = source_id or f"from-{other.host.partition('.')[0]}"
        made = build_source(
            feeds.load("ortsruf"), other.feed, given, source_id=source_id, municipality=self.slug
        )  # fmt: skip
        with self.town.store.begin() as session:
            sources.add(session, self.slug, made, self.town.clock())
        return source_id

    def poll(self, minutes: float = 15) -> None:
        """Read every source that is due after a while."""
        self.town.clock.forward(minutes=minutes)
        self.town.run()

    def notices(self) -> list[tuple[Notice, bool]]:
        """Return what stands in the municipality, and whether it is called off."""
        with self.town.store.read() as session:
            rows = session.execute(table.select().order_by(table.c.id)).mappings().all()
        return [(from_json(row["content"]), bool(row["withdrawn"])) for row in rows if row["topic"] != "desk"]

    def titles(self) -> list[str]:
        """Return the titles of what stands and is not called off."""
        return sorted(notice.title for notice, over in self.notices() if not over)

    def fault(self, source_id: str) -> str:
        """Return what is wrong with a source."""
        with self.town.store.read() as session:
            query = source_table.select().where(source_table.c.id == source_id)
            return str(session.execute(query).mappings().one()["fault"])


def make_peer(store: Store, net: Net, slug: str, gatherer: Any = None, base_url: str = "") -> Peer:
    """Build an installation with one municipality on ``store`` and put its pages on the ``net``."""
    host = f"{slug}.example"
    base_url = base_url or f"https://{host}"
    town = make_town(store, FakeClock(), gatherer=gatherer or Gatherer(net))
    if slug != town.municipality:
        with store.begin() as session:
            session.execute(towns.table.delete())
            values = {
                "id": slug, "name": slug.title(), "path": PLACES[slug], "language": "de", "zone": "Europe/Berlin",
                "colour": "#1d4f91",
            }  # fmt: skip
            towns.add(session, values, town.clock())
        town.municipality = slug
    object.__setattr__(town.house, "links", Links(base_url, "key"))
    app = create_app(town.house, Settings(base_url=base_url))
    net.apps[host] = app
    return Peer(town, host, app)


def flip(answer: Answer) -> Answer:
    """Change one byte of an answer."""
    body = bytearray(answer.body)
    body[len(body) // 2] ^= 1
    return replace(answer, body=bytes(body))


def unsigned(answer: Answer) -> Answer:
    """Take an answer's signature away."""
    return replace(answer, headers={k: v for k, v in answer.headers.items() if not k.startswith("signature")})
