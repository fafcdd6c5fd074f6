"""A second municipality in the village's installation, with sources of its own, and people subscribed in both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fakes.house import PLACE, FakeGatherer, Town

from hub.core.notice import Notice, PlaceRef
from hub.core.place import local_path
from hub.core.source import Source
from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import sources, subscribers, towns

OTHER, OTHER_NAME, OTHER_PLACE = "kreuzau", "Kreuzau", "053580020020"


class Gatherer(FakeGatherer):
    """Resolves what a source names in the municipality that the source belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self.homes: dict[str, str] = {}

    def places(self, notice: Notice, source: Source) -> Sequence[str]:
        home = self.homes.get(source.id, PLACE)

        def path(ref: PlaceRef) -> str:
            return ref.value if ref.scheme == "ars" else local_path(home, ref.scheme, ref.value)

        return [path(ref) for ref in notice.places] or [home]


def add_town(town: Town, slug: str = OTHER, name: str = OTHER_NAME, path: str = OTHER_PLACE) -> None:
    """Found a further municipality."""
    values = {"id": slug, "name": name, "path": path, "language": "de", "zone": "Europe/Berlin", "colour": "#1d4f91"}
    with town.store.begin() as session:
        towns.add(session, values, town.clock())
        row = {"path": path, "kind": "municipality", "name": name, "sought": name.lower()}
        towns.add_rows(session, towns.place, [row])


def add_source(
    town: Town, source_id: str, slug: str = OTHER, path: str = OTHER_PLACE, *, url: str = "https://example.org/feed",
    topic: str = "news", kind: str = "rss",
) -> None:  # fmt: skip
    """Add a source of that municipality, its silent first import behind it."""
    if isinstance(town.gatherer, Gatherer):
        town.gatherer.homes[source_id] = path
    with town.store.begin() as session:
        made = Source(source_id, kind, url, slug, topic=topic, interval=600)
        sources.add(session, slug, made, town.clock())
    town.gatherer.has(source_id)
    town.run()


def everywhere(*ways: tuple[str, Action, str], topic: str = "news") -> tuple[Wish, Wish]:
    """Want a topic in both municipalities in these ways."""
    here = Wish(Criteria((topic,), (PLACE,)), ways, "huertgenwald")
    return here, Wish(Criteria((topic,), (OTHER_PLACE,)), ways, OTHER)


def resident(town: Town, wishes: Sequence[Wish], *channels: str, home: str = "") -> tuple[int, dict[str, int]]:
    """Sign somebody up who is reached at once; returns the person, and their endpoints by channel."""
    ways: dict[str, Any] = {
        "webpush": (f"https://push.example/{next(town.count)}", {}, "service"),
        "mail": (f"p{next(town.count)}@example.org", {}, "service"), "ical": ("", {}, ""),
    }  # fmt: skip
    form = SignUp(tuple(wishes), {one: ways[one] for one in channels})
    person = sign_up(town.house, home or town.municipality, form)
    with town.store.begin() as session:
        rows = subscribers.endpoints_of(session, person)
        for row in rows:
            subscribers.confirm(session, row["id"], town.clock())
    town.engine.run_all()
    for channel in town.channels.values():
        channel.forget()
    return person, {row["channel"]: row["id"] for row in rows}
