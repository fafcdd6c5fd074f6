"""What the core asks of the outside: one protocol per port, each with one contract suite in ``tests/contracts``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


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
