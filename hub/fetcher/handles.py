"""libcurl's easy handles: how one POST is made and what its end means."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pycurl

from hub.core.errors import AddressRefused, HttpFailed, OrtsrufError
from hub.core.ports import Answer, Posting
from hub.fetcher.addresses import Exemption, refused
from hub.fetcher.network import Resolve

_LOOPBACK = ("127.", "::1")
_NO_HEADERS: dict[str, str] = {}
_ASKS_TO_WAIT = frozenset({413, 429})  # and 5xx: where Retry-After means something (RFC 9110, 10.2.3)
_FAULTS = 500
_WEB = pycurl.PROTO_HTTPS | pycurl.PROTO_HTTP
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_OPTIONS: tuple[tuple[int, Any], ...] = (
    (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
    (pycurl.POST, 1),
    (pycurl.PIPEWAIT, 1),  # rather a stream on a connection that is being made than one more connection
    (pycurl.NOPROGRESS, 1),
    (pycurl.NOSIGNAL, 1),
    (pycurl.PROXY, ""),  # also none from the environment
    (pycurl.NETRC, 0),
    (pycurl.FOLLOWLOCATION, 0),
    (pycurl.PROTOCOLS, _WEB),
    (pycurl.SSL_VERIFYPEER, 1),
    (pycurl.SSL_VERIFYHOST, 2),
    (pycurl.TCP_NODELAY, 1),
)


@dataclass(eq=False)
class Handle:
    """One easy handle for one origin, and what happened on its present way."""

    curl: Any
    origin: str
    headers: Sequence[str] = ()
    body: bytearray = field(default_factory=bytearray)
    most: int = 0
    cut: bool = False
    refused: str = ""

    def take(self, piece: bytes) -> int:
        """Keep a piece of the answer's body, as far as it may be long; ends the exchange beyond."""
        room = self.most - len(self.body)
        self.body += piece[: max(room, 0)]
        self.cut = len(piece) > room
        return -1 if self.cut else len(piece)

    def multiplexed(self) -> bool:
        """Whether the answer came over HTTP/2."""
        return int(self.curl.getinfo(pycurl.INFO_HTTP_VERSION)) == pycurl.CURL_HTTP_VERSION_2_0


class _Lent:
    """A socket for libcurl, which works with a copy of its own: ours is closed when pycurl lets go of it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)


class Handles:
    """Makes handles, loads them with postings and reads what came of them."""

    def __init__(
        self, user_agent: str, exempt: Sequence[Exemption], trust: Path | None, resolver: Resolve | None
    ) -> None:
        """``exempt`` may be dialled though private; ``trust`` and ``resolver`` stand in for the system's."""
        self._user_agent, self._exempt, self._resolver = user_agent, exempt, resolver
        self._trust = _anchors(trust)

    def make(self, origin: str) -> Handle:
        """Make a handle whose every connection is checked before it is dialled."""
        curl = pycurl.Curl()
        handle = Handle(curl, origin)
        for option, value in (*_OPTIONS, *self._trust, (pycurl.USERAGENT, self._user_agent)):
            curl.setopt(option, value)
        curl.setopt(pycurl.WRITEFUNCTION, handle.take)
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)

        def dial(_purpose: int, address: Any) -> Any:
            found = str(address.addr[0] if isinstance(address.addr, tuple) else address.addr)
            bad = refused(host, port, [found], self._exempt)
            if parts.scheme == "http" and not found.startswith(_LOOPBACK):
                bad = bad or found  # only the operator's own machine is spoken to unprotected
            if bad:
                handle.refused = bad
                return pycurl.SOCKET_BAD
            return _Lent(socket.socket(address.family, address.socktype, address.protocol).detach())

        curl.setopt(pycurl.OPENSOCKETFUNCTION, dial)
        return handle

    def load(self, handle: Handle, posting: Posting) -> None:
        """Put a posting into a handle."""
        curl = handle.curl
        if handle.refused or handle.cut or handle.body:
            handle.refused, handle.cut, handle.body = "", False, bytearray()
        curl.setopt(pycurl.URL, posting.url)
        if handle.headers is not posting.headers:
            curl.setopt(pycurl.HTTPHEADER, list(posting.headers))
            handle.headers = posting.headers
        curl.setopt(pycurl.POSTFIELDS, posting.body)
        if handle.most != posting.limits.size:
            handle.most = posting.limits.size
        curl.setopt(pycurl.TIMEOUT_MS, max(1, int(posting.limits.seconds * 1000)))
        if self._resolver is not None:
            self._resolve(handle, self._resolver)

    def _resolve(self, handle: Handle, resolver: Resolve) -> None:
        """Let libcurl believe our own resolver."""
        parts = urlsplit(handle.origin)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        found = resolver(host, port)
        bad = refused(host, port, found, self._exempt)
        if bad:
            raise AddressRefused(f"The address of {host} is not a public one.", subject=f"{host} ({bad})")
        shown = ",".join(f"[{one}]" if ":" in one else one for one in found)
        handle.curl.setopt(pycurl.RESOLVE, [f"-{host}:{port}", f"+{host}:{port}:{shown}"])

    def result(self, handle: Handle, posting: Posting, code: int, said: str) -> Answer | OrtsrufError:
        """Return the answer, or the error that stands for it."""
        if code == 0 or (handle.cut and code == pycurl.E_WRITE_ERROR):
            return self._answer(handle, posting)
        if handle.refused:
            host = urlsplit(handle.origin).hostname or ""
            return AddressRefused(f"The address of {host} is not a public one.", subject=f"{host} ({handle.refused})")
        if code == pycurl.E_OPERATION_TIMEDOUT:
            return HttpFailed(f"No complete answer within {posting.limits.seconds:g} s.", subject=handle.origin)
        said = " ".join(str(said).split())[:200].rstrip(".")
        return HttpFailed(f"The exchange failed: {said or code}.", subject=handle.origin)

    def _answer(self, handle: Handle, posting: Posting) -> Answer:
        """Read the answer; of its headers only ``retry-after``, which libcurl gives in seconds (0: none)."""
        status, headers = int(handle.curl.getinfo(pycurl.RESPONSE_CODE)), _NO_HEADERS
        if status in _ASKS_TO_WAIT or status >= _FAULTS:
            seconds = int(handle.curl.getinfo(pycurl.RETRY_AFTER))
            headers = {"retry-after": str(seconds)} if seconds > 0 else _NO_HEADERS
        return Answer(status, headers, bytes(handle.body) if handle.body else b"", posting.url)


def _anchors(trust: Path | None) -> list[tuple[int, str]]:
    """Return libcurl's options for the given trust anchors, else those of the system that ``ssl`` was built for."""
    if trust is not None:
        return [(pycurl.CAINFO, str(trust))]
    paths = ssl.get_default_verify_paths()
    if Path(paths.openssl_cafile).is_file():
        return [(pycurl.CAINFO, paths.openssl_cafile)]
    for file in _BUNDLES:
        if Path(file).is_file():
            return [(pycurl.CAINFO, file)]
    return [(pycurl.CAPATH, paths.openssl_capath)]
