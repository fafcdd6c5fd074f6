"""Asking a provider, politely: a bounded number of requests and seconds, its cookies, and plain words for refusals."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from feeds._conditional import check, document
from feeds._json_body import read_json
from hub.core.errors import AddressRefused, HttpFailed, SourceRefused, SourceUnreachable
from hub.core.ports import Answer, Http, Limits

MOST = 40  # requests of one poll
SECONDS = 75.0  # of one poll; a lease of a source lasts two minutes
_LIMITS = Limits(seconds=15.0, size=5_000_000)
_NOTHING = (204, 404, 410)
_COOKIE = re.compile(r"(?:^|,\s*)([A-Za-z0-9_.-]{1,80})=([^;,\s]{0,1000})")
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class EnoughError(Exception):
    """This poll has asked as much as is polite; the rest is asked for another time."""


class Ask:
    """The requests of one poll, and what they are for.

    ``years`` whose dates are wanted, ``names`` of the provider's codes, the name that is ``wanted`` of a list that can
    only be searched. ``memo`` keeps what a session holds: tokens, forms.
    """

    def __init__(
        self, http: Http, now: datetime, *, most: int = MOST, seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Take the guarded client and the time; ``most`` requests within ``seconds``."""
        self.now, self.used, self.memo = now, 0, dict[str, Any]()
        self.years: Sequence[int] = (now.year,)
        self.names: Mapping[str, str] = {}
        self.wanted = ""
        self._http, self._most, self._clock = http, most, clock
        self._until = clock() + seconds
        self._cookies: dict[str, dict[str, str]] = {}

    @property
    def left(self) -> int:
        """How many more requests there may be."""
        return max(0, self._most - self.used)

    def allow(self, more: int) -> None:
        """Allow ``more`` requests than so far."""
        self._most += more

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET ``url``. Raises ``SourceError``, or ``EnoughError`` when the poll has asked enough."""
        return self._checked(self._send("GET", url, b"", headers or {}))

    def find(self, url: str, headers: Mapping[str, str] | None = None) -> Answer | None:
        """GET ``url``; ``None`` where there is nothing (any more, or not yet). Raises as :meth:`get`."""
        answer = self._send("GET", url, b"", headers or {})
        return None if answer.status in _NOTHING or not answer.body.strip() else self._checked(answer)

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """GET ``url`` and read its JSON. Raises as :meth:`get`."""
        return read_json(document(self.get(url, {"accept": "application/json", **(headers or {})})))

    def rows(self, url: str, headers: Mapping[str, str] | None = None) -> Sequence[Mapping[str, Any]]:
        """GET ``url`` and return the objects of its JSON list. Raises as :meth:`get`."""
        found = self.json(url, headers)
        if not isinstance(found, list):
            raise SourceRefused("The provider answered with something else than a list.", subject=url)
        return [one for one in found if isinstance(one, dict)]

    def form(self, url: str, fields: Mapping[str, str], *, status: bool = False) -> Answer:
        """POST a form; with ``status`` a refusal is returned for the caller to name. Raises as :meth:`get`."""
        answer = self._send("POST", url, urlencode(fields).encode(), _FORM)
        return answer if status else self._checked(answer)

    def send_json(self, url: str, value: Any, headers: Mapping[str, str]) -> Answer:
        """POST JSON; the answer comes with whatever status it has. Raises as :meth:`get`."""
        return self._send("POST", url, json.dumps(value).encode(), {"content-type": "application/json", **headers})

    def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if self.left == 0 or self._clock() > self._until:
            raise EnoughError
        self.used += 1
        host = urlsplit(url).netloc
        kept = "; ".join(f"{name}={value}" for name, value in self._cookies.get(host, {}).items())
        sent = {**headers, **({"cookie": kept} if kept else {})}
        try:
            if method == "POST":
                answer = self._http.post(url, body=body, headers=sent, limits=_LIMITS)
            else:
                answer = self._http.get(url, headers=sent, limits=_LIMITS)
        except HttpFailed as error:
            raise SourceUnreachable(str(error), subject=url) from error
        except AddressRefused as error:
            raise SourceRefused(str(error), subject=url) from error
        found = dict(_COOKIE.findall(answer.headers.get("set-cookie", "")))
        if found:
            self._cookies.setdefault(host, {}).update(found)
        return answer

    def _checked(self, answer: Answer) -> Answer:
        check(answer, self.now)
        return answer
