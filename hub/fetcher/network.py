"""Dialling: resolve once, check every address found, connect to the checked address, keep the request's deadline.

Time-outs of HTTP libraries count per read; a server that drips a byte a second outlives them. Here every read,
write, handshake and connect of a request gets only what is left of the whole (monotonic clock).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolveTimeout
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import httpcore2

from hub.core.errors import AddressRefused
from hub.fetcher.addresses import Exemption, refused

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

_deadline: ContextVar[float] = ContextVar("deadline")
_PIECE = 65_536  # bytes written under one look at the clock


@contextmanager
def deadline(at: float) -> Iterator[None]:
    """Bound all network work of this thread within the block by the monotonic time ``at``."""
    token = _deadline.set(at)
    try:
        yield
    finally:
        _deadline.reset(token)


def left() -> float:
    """Return the seconds left, more than 0; raises ``httpcore2.ReadTimeout`` when the time is up."""
    seconds = _deadline.get() - time.monotonic()
    if seconds <= 0:
        raise httpcore2.ReadTimeout("the time is up")
    return seconds


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of ``host``. Raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class TimedStream(httpcore2.NetworkStream):
    """A stream whose every step gets only what is left of the request's time."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        """Wrap ``inner``, a connected stream."""
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline rules
        """Read at most ``max_bytes`` bytes."""
        return self._inner.read(max_bytes, left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline rules
        """Write all of ``buffer``, looking at the clock between pieces."""
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], left())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
    ) -> httpcore2.NetworkStream:
        """Do the TLS handshake; certificate and name are verified by ``ssl_context``."""
        return TimedStream(self._inner.start_tls(ssl_context, server_hostname, left()))

    def get_extra_info(self, info: str) -> Any:
        """Return what the wrapped stream says."""
        return self._inner.get_extra_info(info)


class CheckedNetwork(httpcore2.NetworkBackend):
    """Connects to addresses that are public or exempt, and to nothing else."""

    def __init__(self, exempt: Sequence[Exemption] = (), resolver: Resolve = resolve) -> None:
        """``exempt`` may be dialled though private; ``resolver`` turns a host into addresses."""
        self._exempt = exempt
        self._resolver = resolver
        self._system = httpcore2.SyncBackend()
        # The system's resolver knows no time-out, so it works beside us and we stop waiting.
        self._resolving = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Dial the first address of ``host`` that answers.

        Raises ``AddressRefused`` if any address of the host is private, else ``httpcore2.ConnectError``.
        """
        addresses = self._addresses(host, port)
        bad = refused(host, port, addresses, self._exempt)
        if bad:
            raise AddressRefused(f"The address of {host} is not a public one.", subject=f"{host} ({bad})")
        failure: Exception = httpcore2.ConnectError("no address found")
        for count, address in enumerate(addresses):
            share = left() / (len(addresses) - count)  # a dead first address leaves time for the next
            try:
                stream = self._system.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream)
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002 - never dialled
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - never dialled
    ) -> httpcore2.NetworkStream:
        """Refuse: nothing on this machine is a source."""
        raise AddressRefused("Local sockets are never dialled.", subject=path)

    def close(self) -> None:
        """Let the resolving threads end."""
        self._resolving.shutdown(wait=False, cancel_futures=True)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            return self._resolving.submit(self._resolver, host, port).result(left())
        except ResolveTimeout as error:
            raise httpcore2.ConnectTimeout(f"the name {host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} has no address") from error
