"""A client that ends in time: however often a preview asks, all its requests together have one deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from hub.core.errors import HttpFailed
from hub.core.ports import Answer, Http, Limits


class Hurried:
    """Passes requests on as long as there is time; each may take what is left of it, and no more."""

    def __init__(self, http: Http, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the guarded client and how many seconds all requests may take together."""
        self._http, self._clock, self._until, self._seconds = http, clock, clock() + seconds, seconds

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        """GET; raises ``HttpFailed`` when the time is over."""
        return self._http.get(url, headers=headers, limits=self._left(url, limits))

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Answer:
        """POST; raises ``HttpFailed`` when the time is over."""
        return self._http.post(url, body=body, headers=headers, limits=self._left(url, limits))

    def _left(self, url: str, limits: Limits | None) -> Limits:
        left = self._until - self._clock()
        if left <= 0:
            raise HttpFailed(f"No complete answer within {self._seconds:.0f} s.", subject=url)
        bounds = limits or Limits()
        return replace(bounds, seconds=min(bounds.seconds, left))
