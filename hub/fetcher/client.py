"""The guarded HTTP client: bounded in time, size, redirects and addresses; implements ``hub.core.ports.Http``.

No cookies, no proxy or ``.netrc`` from the environment, certificates always verified. HTTP/2 where the server
speaks it, connections are kept. One instance serves all threads.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import cast

import httpcore2
import httpx2

from hub.core.errors import HttpFailed, OrtsrufError, SourceTooLarge
from hub.core.ports import Answer, Limits
from hub.fetcher.addresses import exemptions
from hub.fetcher.network import CheckedNetwork, Resolve, deadline, left, resolve
from hub.fetcher.urls import checked, origin, redirected

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may follow a redirect to another origin; anything else (Authorization, API keys) stays behind.
_TRAVELS = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match"})
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_MOST_ENCODINGS = 2
_RATIO = 100  # decompressed to received bytes; text compresses 5 to 30 times
_RATIO_FROM = 1_000_000  # decompressed bytes below which a ratio says nothing


class GuardedHttp:
    """The one door to the network."""

    def __init__(
        self,
        *,
        user_agent: str = "Ortsruf",
        allow: Collection[str] = (),
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        """Make a client.

        ``user_agent``: product, version and a contact, ``Ortsruf/1.2 (+https://example.org/contact)``.
        ``allow``: private places that may be dialled all the same, see ``addresses.exemptions`` (``ValueError``).
        ``limits``: what holds when a request names none. ``tls``: own trust anchors instead of the usual ones;
        it must verify. ``resolver``: host and port to addresses.
        """
        if tls is not None and (tls.verify_mode is not ssl.CERT_REQUIRED or not tls.check_hostname):
            raise ValueError("the TLS context must verify certificates and host names")
        self._user_agent = user_agent
        self._limits = limits or Limits()
        self._network = CheckedNetwork(exemptions(allow), resolver)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls or httpx2.create_ssl_context(trust_env=False),
            max_connections=100,
            max_keepalive_connections=50,
            keepalive_expiry=30.0,
            http2=True,
            network_backend=self._network,
        )

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        """GET ``url``, following at most ``limits.redirects`` redirects, each checked like the first address.

        Raises ``AddressRefused``, ``HttpFailed`` or ``SourceTooLarge``. A status is no error.
        """
        bounds = limits or self._limits
        target, sent = checked(url), dict(headers or {})
        with deadline(time.monotonic() + bounds.seconds):
            for _ in range(bounds.redirects + 1):
                answer = self._exchange(self._request("GET", target, sent), bounds)
                location = answer.headers.get("location", "")
                if answer.status not in _REDIRECTS or not location:
                    return answer
                following = redirected(target, location)
                if origin(following) != origin(target):
                    sent = {name: value for name, value in sent.items() if name.lower() in _TRAVELS}
                target = following
        raise HttpFailed(f"The address redirects more than {bounds.redirects} times.", subject=url)

    def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """POST ``body`` to ``url`` once; a redirect is returned, never followed. Raises as :meth:`get`."""
        bounds = limits or self._limits
        request = self._request("POST", checked(url), headers or {}, body)
        with deadline(time.monotonic() + bounds.seconds):
            return self._exchange(request, bounds)

    def close(self) -> None:
        """Close all kept connections."""
        self._pool.close()
        self._network.close()

    def _request(self, method: str, url: httpx2.URL, headers: Mapping[str, str], body: bytes = b"") -> httpx2.Request:
        own = {"user-agent": self._user_agent, "accept-encoding": "gzip, deflate", "accept": "*/*"}
        try:
            given = {name.lower(): value for name, value in headers.items()}
            return httpx2.Request(method, url, headers={**own, **given}, content=body if method == "POST" else None)
        except (ValueError, TypeError, UnicodeError) as error:
            raise HttpFailed("The request's headers cannot be sent.", subject=url.host) from error

    def _exchange(self, request: httpx2.Request, bounds: Limits) -> Answer:
        """Send one request and read its answer; whatever the libraries raise becomes ours."""
        subject = str(request.url.copy_with(query=None))
        try:
            response = self._send(request)
            try:
                return self._answer(response, request, bounds)
            finally:
                response.close()
        except OrtsrufError:
            raise
        except (httpcore2.TimeoutException, httpx2.TimeoutException) as error:
            raise HttpFailed(f"No complete answer within {bounds.seconds:g} s.", subject=subject) from error
        except Exception as error:  # HTTP, TLS and decoding libraries; their types are no promise
            raise HttpFailed(f"The exchange failed: {_cause(error)}.", subject=subject) from error

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        seconds = left()
        answered = self._pool.handle_request(
            httpcore2.Request(
                request.method,
                httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)},
            )
        )
        raw = cast("Iterable[bytes]", answered.stream)  # the synchronous pool's streams always are
        return httpx2.Response(answered.status, headers=answered.headers, stream=_Body(raw), request=request)

    def _answer(self, response: httpx2.Response, request: httpx2.Request, bounds: Limits) -> Answer:
        redirect = response.status_code in _REDIRECTS and "location" in response.headers
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=b"" if redirect else _read(response, bounds.size),
            url=str(request.url),
        )


class _Body(httpx2.SyncByteStream):
    """The pool's stream of raw bytes as the response class wants it."""

    def __init__(self, inner: Iterable[bytes]) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        yield from self._inner

    def close(self) -> None:
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()


def _read(response: httpx2.Response, size: int) -> bytes:
    """Read and decompress the body. Raises ``SourceTooLarge`` beyond ``size`` bytes or at a bomb's ratio."""
    encodings = [one.strip().lower() for one in response.headers.get("content-encoding", "").split(",")]
    if len(encodings) > _MOST_ENCODINGS or not _ENCODINGS.issuperset(encodings):
        raise HttpFailed("The answer is packed in a way that was not asked for.", subject=str(response.url))
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared[:18]) > size:
        raise SourceTooLarge(f"The answer is larger than {size} bytes.", subject=str(response.url))
    body = bytearray()
    # Without a chunk size: the clock must be looked at for every piece that arrives.
    for piece in response.iter_bytes():
        left()
        body += piece
        if len(body) > size:
            raise SourceTooLarge(f"The answer is larger than {size} bytes.", subject=str(response.url))
        if len(body) > _RATIO_FROM and len(body) > _RATIO * response.num_bytes_downloaded:
            raise SourceTooLarge("The answer unpacks to over a hundred times its size.", subject=str(response.url))
    return bytes(body)


def _cause(error: BaseException) -> str:
    """Return in a few words what the library said, without line breaks."""
    said = " ".join(str(error).split())[:200].rstrip(".")
    return said or type(error).__name__
