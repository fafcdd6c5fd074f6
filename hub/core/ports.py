"""What the core asks of the outside: one protocol per port, each with one contract suite in ``tests/contracts``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from hub.core.errors import OrtsrufError


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: ``status`` code, ``headers`` with lower-case names, decoded ``body``, final ``url``."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: ``seconds`` in all, ``size`` in decompressed bytes, ``redirects`` followed."""

    seconds: float = 20.0
    size: int = 10_000_000
    redirects: int = 5


class Http(Protocol):
    """The guarded client (promise 11): every dialled address is checked, time and size are bounded."""

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """GET ``url`` following checked redirects.

        Raises ``AddressRefused``, ``HttpFailed`` (no answer in time) or ``SourceTooLarge``. A status is no error.
        """
        ...

    def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """POST ``body`` to ``url``; never follows a redirect. Raises as :meth:`get`."""
        ...


@dataclass(slots=True)  # not frozen: one is made per message, and that makes it four times dearer
class Posting:
    """One POST on its way out. ``key`` comes back with the answer; ``headers`` are whole lines, ``Name: value``.

    Postings that share their headers share the tuple too: a wire may keep what it made of it.
    """

    key: Any
    url: str
    headers: Sequence[str]
    body: bytes
    limits: Limits


class Answered(Protocol):
    """Where answers go: a queue, as ``queue.SimpleQueue``."""

    def put(self, item: tuple[Posting, Answer | OrtsrufError], /) -> None:
        """Take one posting with its answer, or with the error that stands for it."""
        ...


class Wire(Protocol):
    """The guarded client for many POSTs at a time (promise 11): same guard as :class:`Http`, connections kept.

    Nothing is followed, repeated or raised; every posting gets exactly one answer or error
    (``AddressRefused``, ``HttpFailed``) within its limits, counted from when it leaves the queue.
    An answer's body is cut at ``limits.size``; of its headers only ``retry-after`` may be kept.
    """

    def post(self, posting: Posting, into: Answered) -> None:
        """Send in the background, at the latest after :meth:`flush`; the answer goes ``into`` a queue."""
        ...

    def flush(self) -> None:
        """Let what was posted leave now; whoever is about to wait for answers calls it."""
        ...

    def room(self, origin: str) -> int:
        """Return how many postings to ``origin`` (``scheme://host[:port]``) may be under way at a time, at least 1."""
        ...

    def at_close(self, work: Callable[[], object]) -> None:
        """Do ``work`` when the wire is closed."""
        ...

    def close(self) -> None:
        """End all connections; what is under way gets ``HttpFailed``."""
        ...


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What waits and runs: ``waiting`` jobs per lane, ``running`` now, ``oldest`` due time of what waits."""

    waiting: Mapping[str, int] = field(default_factory=dict)
    running: int = 0
    oldest: datetime | None = None


class Engine(Protocol):
    """Runs jobs by name and id. Our tables are the truth; an engine only wakes (promise 1)."""

    def defer(
        self,
        session: Any,
        job: str,
        subject: str,
        *,
        lane: str = "normal",
        at: datetime | None = None,
    ) -> None:
        """Wake ``job`` for row ``subject`` once ``session`` has committed; a rollback leaves nothing."""
        ...

    def urgent(self) -> bool:
        """Whether something of the emergency lane waits in this process: what is long gives way. Cheap."""
        ...

    def start(self) -> None:
        """Begin to work in the background."""
        ...

    def stop(self, seconds: float = 10.0) -> None:
        """Take no new job, finish or give up the running ones within ``seconds``."""
        ...

    def stats(self) -> EngineStats:
        """Return what waits and runs."""
        ...

    def health(self) -> str:
        """Return an empty string, or in plain words what is wrong."""
        ...
