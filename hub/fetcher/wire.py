"""Many POSTs at a time over kept connections, guarded like the client; implements ``hub.core.ports.Wire``.

libcurl's multi interface in a thread of its own: HTTP/2 with many streams a connection, HTTP/1.1 where a server has
nothing better. The guard stands where libcurl opens a socket, so the address that is checked is the one dialled,
however the name was resolved. No cookies, no redirects, no proxy or ``.netrc`` from the environment.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pycurl
import structlog

from hub.core.errors import AddressRefused, HttpFailed, OrtsrufError
from hub.core.ports import Answer, Answered, Posting
from hub.fetcher.addresses import exemptions
from hub.fetcher.handles import Handle, Handles
from hub.fetcher.network import Resolve
from hub.fetcher.urls import checked
from hub.fetcher.window import Window

_IDLE, _BUSY = 60_000, 200  # milliseconds between two looks when nothing reports
_MOST_AT_ONCE = 10_000
_CLOSED = "The connection was closed here."
_PARCEL, _NAP = 16, 0.001
_KEPT = 256  # handles per server that are kept for the next posting
Item: TypeAlias = tuple[Posting, Answered]
_KNOWN: dict[tuple[str, str], str] = {}  # scheme and authority that passed the rules, to origin

log = structlog.get_logger(__name__)


@dataclass
class _Origin:
    """One server: what waits for it, what is under way, and handles to use again."""

    window: Window
    waiting: deque[Item] = field(default_factory=deque)
    flying: int = 0
    free: list[Handle] = field(default_factory=list)


class CurlWire:
    """The door for pushes. One instance serves all threads; nothing is opened before the first posting."""

    def __init__(
        self, *, user_agent: str = "Ortsruf", allow: Collection[str] = (), connections: int = 8, streams: int = 100,
        trust: Path | None = None, resolver: Resolve | None = None,
    ) -> None:  # fmt: skip
        """Make a wire.

        ``allow``: private places that may be dialled all the same, see ``addresses.exemptions`` (``ValueError``).
        ``connections`` to one server at most, ``streams`` on one connection at most. ``trust``: a file of own trust
        anchors (PEM) instead of the system's. ``resolver``: host and port to addresses, instead of the system's.
        """
        self._given: dict[str, Any] = {
            "user_agent": user_agent, "allow": tuple(allow), "connections": connections, "streams": streams,
            "trust": trust, "resolver": resolver,
        }  # fmt: skip
        self._connections, self._streams = connections, streams
        self._handles = Handles(user_agent, exemptions(allow), trust, resolver)
        self._origins: dict[str, _Origin] = {}
        self._arrived: deque[Item] = deque()
        self._flying: dict[Any, tuple[Handle, Item]] = {}
        self._closing: list[Callable[[], object]] = []
        self._lock = threading.Lock()
        self._woken = self._closed = False
        self._thread: threading.Thread | None = None
        self._bell: tuple[socket.socket, socket.socket] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to a process of one's own as a wire that has nothing open."""
        return (_made, (self._given,))

    def post(self, posting: Posting, into: Answered) -> None:
        """Send in the background, as soon as the server's window has room."""
        if self._thread is None:
            self._start()
        self._arrived.append((posting, into))
        if self._thread is None:  # closed, or just ended
            self._refuse_arrived()
        elif len(self._arrived) >= _PARCEL and not self._woken:
            self._ring()

    def flush(self) -> None:
        """Let what was posted leave now; whoever is about to wait for answers calls it."""
        if self._arrived and not self._woken:
            self._ring()

    def room(self, origin: str) -> int:
        """Return the window of ``origin`` as it stands."""
        known = self._origins.get(origin)
        return known.window.size if known is not None else self._connections

    def at_close(self, work: Callable[[], object]) -> None:
        """Do ``work`` when the wire is closed."""
        self._closing.append(work)

    def close(self) -> None:
        """End all connections; what is under way gets ``HttpFailed``."""
        for work in self._closing:
            work()
        with self._lock:
            self._closed, thread = True, self._thread
        if thread is not None:
            self._ring()
            thread.join(10)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closed:
                self._bell = socket.socketpair()
                self._bell[0].setblocking(False)
                self._bell[1].setblocking(False)
                self._thread = threading.Thread(target=self._run, name="wire", daemon=True)
                self._thread.start()

    def _ring(self) -> None:
        self._woken = True
        if self._bell is not None:
            with contextlib.suppress(OSError):  # full: it rings already; closed: nobody is there
                self._bell[1].send(b"!")

    def _run(self) -> None:
        multi = pycurl.CurlMulti()
        try:
            multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
            multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, self._connections)
            multi.setopt(pycurl.M_MAX_CONCURRENT_STREAMS, self._streams)
            multi.setopt(pycurl.M_MAXCONNECTS, 64)
            while not self._closed:
                self._take(multi)
                multi.perform()
                if not self._collect(multi):
                    self._wait(multi)
        except Exception:  # whatever it was: nobody may wait for ever, and the next posting begins anew
            log.exception("the wire broke")
        finally:
            self._abandon(multi)

    def _take(self, multi: Any) -> None:
        """Let what has arrived leave, as far as the windows have room."""
        arrived = self._arrived
        for _ in range(len(arrived)):
            posting, into = arrived.popleft()
            try:
                origin = _origin(posting.url)
            except OrtsrufError as error:
                into.put((posting, error))
                continue
            known = self._origins.get(origin)
            if known is None:
                known = self._origins[origin] = _Origin(Window(self._connections, self._streams))
            known.waiting.append((posting, into))
        for origin, known in self._origins.items():
            while known.waiting and known.flying < known.window.size:
                self._leave(multi, origin, known)

    def _leave(self, multi: Any, origin: str, known: _Origin) -> None:
        posting, into = known.waiting.popleft()
        handle = known.free.pop() if known.free else None
        try:
            handle = handle or self._handles.make(origin)
            self._handles.load(handle, posting)
            multi.add_handle(handle.curl)
        except (OrtsrufError, pycurl.error, ValueError, TypeError, UnicodeError, OSError) as error:
            ours = error if isinstance(error, OrtsrufError) else HttpFailed("The request cannot be sent.")
            into.put((posting, ours))
            return
        known.flying += 1
        self._flying[handle.curl] = (handle, (posting, into))

    def _collect(self, multi: Any) -> bool:
        """Hand out what is done; ``False`` if nothing was."""
        _, good, bad = multi.info_read(_MOST_AT_ONCE)
        for curl in good:
            self._done(multi, curl, 0, "")
        for curl, code, said in bad:
            self._done(multi, curl, code, said)
        return bool(good or bad)

    def _done(self, multi: Any, curl: Any, code: int, said: str) -> None:
        handle, (posting, into) = self._flying.pop(curl)
        multi.remove_handle(curl)
        known = self._origins[handle.origin]
        known.flying -= 1
        result = self._handles.result(handle, posting, code, said)
        if isinstance(result, Answer):
            known.window.answered(result.status, multiplexed=handle.multiplexed())
        elif not isinstance(result, AddressRefused):
            known.window.silent()
        if len(known.free) < _KEPT:
            known.free.append(handle)
        into.put((posting, result))

    def _wait(self, multi: Any) -> None:
        """Sleep until a socket, the clock or a new posting asks for attention."""
        if self._bell is None:
            return
        bell = self._bell[0]
        reads, writes, odd = multi.fdset()
        poll = select.poll()
        poll.register(bell, select.POLLIN)
        for descriptor in {*reads, *writes, *odd}:
            poll.register(
                descriptor,
                (select.POLLIN if descriptor in reads else 0) | (select.POLLOUT if descriptor in writes else 0),
            )
        soon = multi.timeout()
        most = _BUSY if self._flying else _IDLE
        if self._flying and not reads and not writes:
            most = 5  # a name is being resolved, or the descriptors are beyond what fdset can name
        poll.poll(min(soon, most) if soon >= 0 else most)
        if len(self._flying) > _PARCEL:
            time.sleep(_NAP)  # answers come in crowds: each look costs the others Python's lock
        with contextlib.suppress(BlockingIOError):
            bell.recv(4096)
        self._woken = False  # after the bell is silenced and before the queue is looked at: who comes later rings again

    def _abandon(self, multi: Any) -> None:
        """Answer everything that will have no other answer, and close."""
        left: list[Item] = [item for _, item in self._flying.values()]
        for handle, _ in self._flying.values():
            multi.remove_handle(handle.curl)
        left += [item for known in self._origins.values() for item in known.waiting]
        self._flying.clear()
        self._origins.clear()
        multi.close()
        for posting, into in left:
            into.put((posting, HttpFailed(_CLOSED)))
        with self._lock:
            self._thread = None
            for one in self._bell or ():
                one.close()
        self._refuse_arrived()

    def _refuse_arrived(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                posting, into = self._arrived.popleft()
                into.put((posting, HttpFailed(_CLOSED)))


def _made(given: dict[str, Any]) -> CurlWire:
    return CurlWire(**given)


def _origin(url: str) -> str:
    """Return what a URL dials, after the rules for all addresses. Raises ``AddressRefused``."""
    scheme, _, rest = url.partition("://")
    origin = _KNOWN.get((scheme, host := rest.partition("/")[0]))
    if origin is None:
        parsed = checked(url)
        default = {"https": 443, "http": 80}[parsed.scheme]
        shown = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
        port = "" if parsed.port in (None, default) else f":{parsed.port}"
        origin = f"{parsed.scheme}://{shown}{port}"
        if len(_KNOWN) < _MOST_AT_ONCE:
            _KNOWN[scheme, host] = origin
    return origin
