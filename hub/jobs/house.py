"""What every job works with; ``hub.bootstrap`` is the only place that fills it with real things."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import RowMapping

from hub.core.message import Message, Outcome, Outlet, Payload, Recipient, Site, Template
from hub.core.notice import Notice
from hub.core.ports import Engine
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.links import Links
from hub.store.database import Store
from hub.strongbox import Strongbox

LEASE = timedelta(seconds=20)  # and a tick of 10 s: a dead worker is replaced within 30 s (G2)


class Parsed(Protocol):
    """What came out of the parser's child process: whole notices, and what was refused."""

    @property
    def notices(self) -> Sequence[Notice]:
        """The items that could be read."""
        ...

    @property
    def refused(self) -> Sequence[Any]:
        """The items that could not, each with ``key`` and ``reason``."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """Remarks on the whole answer: named repairs, what was left out on purpose."""
        ...


class Gatherer(Protocol):
    """Reads one source: fetch through the guarded client, parse and normalise in a child process."""

    def fetch(self, source: Source, state: FetchState) -> Fetched | NotModified:
        """Fetch; raises ``SourceError``."""
        ...

    def parse(self, fetched: Fetched) -> Parsed:
        """Parse and normalise; raises ``SourceError``."""
        ...

    def places(self, notice: Notice, source: Source) -> Sequence[str]:
        """Return the paths in the place tree of what the notice names, or the source's own places."""
        ...


class Outgoing(Protocol):
    """One channel with its outlet."""

    @property
    def PULL(self) -> bool:  # noqa: N802 - the folder's own constant
        """Whether it is rendered on request and never sent."""
        ...

    @property
    def CHUNK(self) -> int:  # noqa: N802 - the folder's own constant
        """How many recipients one ``send`` takes."""
        ...

    @property
    def WINDOW(self) -> int:  # noqa: N802 - the folder's own constant
        """How many hand-overs may be under way beyond the last checkpoint."""
        ...

    @property
    def PERSONAL(self) -> bool:  # noqa: N802 - the folder's own constant
        """Whether its messages hold the reader's own links, to manage and to unsubscribe."""
        ...

    def render(self, message: Message, recipient: Recipient, site: Site) -> Payload:
        """Write a message for one recipient; pure."""
        ...

    def prepare(self, message: Message, language: str, site: Site) -> Template:
        """Write what all recipients of one language share; pure."""
        ...

    def send(self, chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet) -> Iterable[Outcome]:
        """Hand a chunk over, giving outcomes back as they become known; never raises."""
        ...

    def close(self) -> None:
        """Close what is kept between chunks."""
        ...


@dataclass(frozen=True)
class House:
    """Store, engine, clock and doors of one process. ``owner`` names this process in leases."""

    store: Store
    engine: Engine
    gatherer: Gatherer
    channels: Callable[[str], Outgoing]
    outlet: Callable[[str], Outlet]
    links: Links
    now: Callable[[], datetime]
    owner: str
    sender: str = ""
    rate: int = 0  # hand-overs a second to one push service or mail domain at most, 0: any number
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = field(default=lambda: 0.5)
    stopping: Callable[[], bool] = field(default=lambda: False)  # end at the next checkpoint and give the lease back
    prekeys: int = 0  # for how many devices, at most, an emergency push is half encrypted beforehand
    burst: timedelta = timedelta(0)  # how long news waits to be told together with more; 0: not at all
    erased: Callable[[int, datetime], None] = field(default=lambda *_: None)  # notes who is gone beside the database
    removed: Callable[[str, datetime], None] = field(default=lambda *_: None)  # the same of a municipality
    strongbox: Strongbox = field(default_factory=Strongbox)  # keeps what a copy of the database must not show

    def worker(self) -> str:
        """Name this very run of a job in a lease: what outlived its lease must not go on beside another thread's."""
        return f"{self.owner[-40:]}/{threading.get_ident()}"

    def site(self, town: RowMapping | Mapping[str, Any]) -> Site:
        """Return the municipality as channels know it."""
        return Site(
            base_url=self.links_of(town).base_url, name=town["name"],
            sender=(town["sender"] or self.sender) if self.sender else "", language=town["language"],
            zone=town["zone"], slug=town["id"], colour=town["colour"],
            uid_host=urlsplit(self.links.base_url).hostname or "", sender_name=town["sender_name"],
            reply_to=town["reply_to"], returns_to=self.sender, dkim_domain=town["dkim_domain"],
        )  # fmt: skip

    def links_of(self, town: RowMapping | Mapping[str, Any]) -> Links:
        """Return the links of a municipality: at its own host if it has one."""
        return self.links.at(town["host"])
