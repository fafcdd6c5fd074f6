"""Hand messages over to companies' programs, signed as Standard Webhooks 1.0 asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from hub.core.errors import AddressRefused, OrtsrufError
from hub.core.message import Outcome, Outlet, Payload, Recipient, Result
from hub.core.ports import Answer, Limits
from push.webhook import Settings, key_of
from push.webhook.render import ID

_LARGEST_ANSWER = 16_000  # bytes, none of which is read
_LONGEST_WAIT = 24 * 3600.0  # seconds
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_OK, _REDIRECTS, _GONE = range(200, 300), range(300, 400), 410


def send(chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet) -> Iterator[Outcome]:
    """POST each message; one outcome each, nothing is raised. Redirects are not followed."""
    settings = outlet.settings if isinstance(outlet.settings, Settings) else Settings()
    limits = Limits(seconds=settings.timeout, size=_LARGEST_ANSWER, redirects=0)
    for recipient, payload in chunk:
        now = (outlet.now or (lambda: datetime.now(UTC)))()
        try:
            headers = signed(payload, recipient.keys.get("secret", ""), now)
            answer = outlet.http.post(recipient.address, body=payload.body, headers=headers, limits=limits)
        except AddressRefused as error:
            yield Outcome(recipient.endpoint, Result.FAILED, detail=str(error))
        except OrtsrufError as error:
            yield Outcome(recipient.endpoint, Result.RETRY if error.retry else Result.FAILED, detail=str(error))
        else:
            yield _outcome(recipient.endpoint, answer)


def signed(payload: Payload, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers of one hand-over: id, time and signature over both and the body (HMAC-SHA256)."""
    name, at = payload.headers[ID], str(int(now.timestamp()))
    mac = hmac.new(key_of(secret), f"{name}.{at}.".encode() + payload.body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json", ID: name, "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }  # fmt: skip


def _outcome(endpoint: str, answer: Answer) -> Outcome:
    status = answer.status
    if status in _OK:
        return Outcome(endpoint, Result.SENT, status=status)
    if status == _GONE:
        return Outcome(endpoint, Result.GONE, status=status, detail="the webhook says that it is gone")
    if status in _AGAIN:
        return Outcome(endpoint, Result.RETRY, status=status, retry_after=_wait(answer), detail="comes later")
    why = "the webhook redirects, which is not followed" if status in _REDIRECTS else "the webhook refuses"
    return Outcome(endpoint, Result.FAILED, status=status, detail=why)


def _wait(answer: Answer) -> float | None:
    """Return the seconds that an answer asks us to wait, if it says so in seconds (RFC 9110, 10.2.3)."""
    text = answer.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT) if text.isdecimal() else None
