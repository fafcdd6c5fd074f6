"""The plain client as a wire: for tests, trials and plug-ins that bring an ``Http`` and no :class:`Wire`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from hub.core.errors import HttpFailed, OrtsrufError
from hub.core.ports import Answer, Answered, Http, Posting, Wire


class HttpWire:
    """Posts through an ``Http`` with a thread per connection."""

    def __init__(self, http: Http, connections: int) -> None:
        """``connections`` requests run at a time."""
        self._http, self._connections = http, connections
        self._pool: ThreadPoolExecutor | None = None
        self._closing: list[Callable[[], object]] = []

    @staticmethod
    @contextmanager
    def for_want_of(wire: Wire | None, http: Http, connections: int) -> Iterator[Wire]:
        """Give ``wire``, or for as long as the block lasts one that works through ``http``."""
        if wire is not None:
            yield wire
            return
        own = HttpWire(http, connections)
        try:
            yield own
        finally:
            own.close()

    def post(self, posting: Posting, into: Answered) -> None:
        """Post in a thread of the pool."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._connections, thread_name_prefix="push")
        self._pool.submit(self._exchange, posting, into)

    def flush(self) -> None:
        """Nothing waits here."""

    def room(self, origin: str) -> int:  # noqa: ARG002 - all origins share the threads
        """Return the number of threads: what they cannot begin waits better where it is."""
        return self._connections

    def at_close(self, work: Callable[[], object]) -> None:
        """Do ``work`` when closed."""
        self._closing.append(work)

    def close(self) -> None:
        """Let the threads end."""
        for work in self._closing:
            work()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _exchange(self, posting: Posting, into: Answered) -> None:
        headers = dict(line.split(": ", 1) for line in posting.headers)
        answer: Answer | OrtsrufError
        try:
            answer = self._http.post(posting.url, body=posting.body, headers=headers, limits=posting.limits)
        except OrtsrufError as error:
            answer = error
        except Exception as error:  # noqa: BLE001 - every posting gets an answer
            answer = HttpFailed(f"unforeseen: {type(error).__name__}")
        into.put((posting, answer))
