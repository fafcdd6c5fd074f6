"""A scripted ``Http``: each verb adds one answer for a URL; the last one of a URL is repeated."""  # noqa: A005 - tests.fakes is never on the import path itself

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from hub.core.errors import HttpFailed, OrtsrufError, SourceTooLarge
from hub.core.ports import Answer, Limits


@dataclass(frozen=True)
class Asked:
    """One request as it was made; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class FakeHttp:
    """Answers as told and remembers in ``asked`` what it was asked."""

    def __init__(self) -> None:
        """Know no URL yet; asking for an unknown one fails the test."""
        self.asked: list[Asked] = []
        self._served: set[str] = set()
        self._script: dict[str, list[Answer | OrtsrufError]] = {}

    def answers(
        self, url: str, status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> FakeHttp:
        """Answer with ``status``, ``body`` and ``headers``."""
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        return self._add(url, Answer(status, lower, body, url))

    def not_modified(self, url: str) -> FakeHttp:
        """Answer 304."""
        return self.answers(url, 304)

    def redirects(self, url: str, to: str, status: int = 302) -> FakeHttp:
        """Redirect ``to`` another scripted URL."""
        return self.answers(url, status, headers={"location": to})

    def hangs(self, url: str) -> FakeHttp:
        """Give no answer in time, without waiting for it."""
        return self.fails(url, HttpFailed("No complete answer within 20 s.", subject=url))

    def fails(self, url: str, error: OrtsrufError) -> FakeHttp:
        """Raise ``error``."""
        return self._add(url, error)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        """GET as scripted, following redirects within the script."""
        bounds = limits or Limits()
        for _ in range(bounds.redirects + 1):
            answer = self._next("GET", url, headers or {}, b"", bounds)
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                return answer
            url = urljoin(url, answer.headers["location"])
        raise HttpFailed(f"The address redirects more than {bounds.redirects} times.", subject=url)

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Answer:
        """POST as scripted."""
        return self._next("POST", url, headers or {}, body, limits or Limits())

    def close(self) -> None:
        """Nothing is open."""

    def _add(self, url: str, what: Answer | OrtsrufError) -> FakeHttp:
        self._script.setdefault(url, []).append(what)
        return self

    def _next(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limits: Limits) -> Answer:
        self.asked.append(Asked(method, url, {name.lower(): value for name, value in headers.items()}, body))
        script = self._script.get(url)
        if not script:
            raise AssertionError(f"nobody scripted {url}")
        if url in self._served and len(script) > 1:
            script.pop(0)
        self._served.add(url)
        what = script[0]
        if isinstance(what, OrtsrufError):
            raise what
        if len(what.body) > limits.size:
            raise SourceTooLarge(f"The answer is larger than {limits.size} bytes.", subject=url)
        return what
