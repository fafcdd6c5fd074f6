"""Hand encrypted messages to the push services (RFC 8030, 5) and read their answers."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hub.core.errors import AddressRefused, HttpFailed, OrtsrufError, SubscribeError
from hub.core.message import Outcome, Outlet, Payload, Recipient, Result
from hub.core.ports import Answer, Limits
from hub.failpoints import reached
from push.webpush import Settings
from push.webpush.crypto import Vapid, encrypt, vapid
from push.webpush.endpoint import check_endpoint
from push.webpush.subscription import unpack

PRIVATE = "vapid_private"  # name of the current key in ``outlet.keys``; earlier keys have names beginning with it
_LARGEST_ANSWER = 64_000  # bytes
_LONGEST_WAIT = 24 * 3600.0  # seconds
_TOO_MANY = 429
_KIND = {
    400: (Result.FAILED, "the push service finds the request malformed"),
    401: (Result.MARKED, "the push service refuses our identification: VAPID key or clock"),
    403: (Result.MARKED, "the push service refuses our identification: VAPID key or clock"),
    404: (Result.GONE, "the subscription no longer exists"),
    408: (Result.RETRY, "the push service timed out"),
    410: (Result.GONE, "the subscription no longer exists"),
    413: (Result.FAILED, "the message is too large, which is a fault of Ortsruf"),
    425: (Result.RETRY, "the push service asks to come later"),
    429: (Result.RETRY, "the push service asks to slow down"),
}


def send(chunk: Sequence[tuple[Recipient, Payload]], outlet: Outlet) -> list[Outcome]:
    """Hand every message over, several at a time; one outcome each, nothing is raised.

    Once a push service asks to slow down, the rest of the chunk for it waits just as long, untried.
    """
    if not chunk:
        return []
    post = _Post(outlet)
    with ThreadPoolExecutor(max_workers=min(post.settings.connections, len(chunk))) as pool:
        return list(pool.map(post.deliver, chunk))


class _Post:
    """One chunk on its way: settings, keys and which services asked for a pause."""

    def __init__(self, outlet: Outlet) -> None:
        self.settings = outlet.settings if isinstance(outlet.settings, Settings) else Settings()
        self._outlet = outlet
        self._now = outlet.now or (lambda: datetime.now(UTC))
        self._pauses: dict[str, float] = {}
        self._lock = threading.Lock()

    def deliver(self, pair: tuple[Recipient, Payload]) -> Outcome:
        """Return what became of one message."""
        recipient, payload = pair
        try:
            return self._deliver(recipient, payload)
        except (AddressRefused, SubscribeError) as error:
            return Outcome(recipient.endpoint, Result.FAILED, detail=f"the address is not dialled: {error}")
        except (HttpFailed, OrtsrufError) as error:
            return Outcome(recipient.endpoint, Result.RETRY, detail=_brief(error))
        except Exception as error:  # noqa: BLE001 - send never raises: one odd recipient must not stop the others
            return Outcome(recipient.endpoint, Result.RETRY, detail=f"unforeseen: {type(error).__name__}")

    def _deliver(self, recipient: Recipient, payload: Payload) -> Outcome:
        service = check_endpoint(recipient.address, self.settings.allowed_hosts)
        with self._lock:
            pause = self._pauses.get(service)
        if pause is not None:
            return Outcome(recipient.endpoint, Result.RETRY, retry_after=pause, detail="the push service has paused us")
        try:
            signer = _signer(self._outlet.keys, recipient, self.settings.subject)
        except ValueError as error:
            return Outcome(recipient.endpoint, Result.MARKED, detail=_brief(error))
        try:
            body = encrypt(
                payload.body, unpack(recipient.keys.get("p256dh", "")), unpack(recipient.keys.get("auth", ""))
            )
        except ValueError as error:
            return Outcome(recipient.endpoint, Result.FAILED, detail=f"cannot be encrypted: {_brief(error)}")
        reached("webpush.before-post")
        answer = self._outlet.http.post(
            recipient.address,
            body=body,
            headers=self._headers(payload.headers, signer.authorization(service, self._now())),
            limits=Limits(seconds=self.settings.timeout, size=_LARGEST_ANSWER, redirects=0),
        )
        reached("webpush.after-post")
        return self._outcome(recipient, answer, service)

    def _headers(self, given: Mapping[str, str], authorization: str) -> dict[str, str]:
        capped = min(int(given.get("TTL", "0")), self.settings.ttl_cap)
        return {**given, "TTL": str(capped), "Content-Encoding": "aes128gcm", "Authorization": authorization}

    def _outcome(self, recipient: Recipient, answer: Answer, service: str) -> Outcome:
        result, detail = judge(answer.status)
        after = retry_after(answer.headers.get("retry-after", ""), self._now()) if result is Result.RETRY else None
        if answer.status == _TOO_MANY and after is not None:
            with self._lock:
                self._pauses[service] = max(after, self._pauses.get(service, 0.0))
        return Outcome(recipient.endpoint, result, answer.status, after, detail)


def judge(status: int) -> tuple[Result, str]:
    """Return what an HTTP status of a push service means. Only 404 and 410 end a subscription (RFC 8030, 7.3)."""
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
        return Result.SENT, ""
    if status in _KIND:
        return _KIND[status]
    if status >= 500:  # noqa: PLR2004 - RFC 9110, 15.6
        return Result.RETRY, f"the push service has a fault of its own ({status})"
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110, 15.4
        return Result.FAILED, f"the push service redirects ({status}), which is never followed"
    return Result.FAILED, f"the push service answers {status}"


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds of a ``Retry-After`` header, a number or a date (RFC 9110, 10.2.3); at most a day."""
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return min(float(value[:9]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), _LONGEST_WAIT)


def _signer(keys: Mapping[str, str], recipient: Recipient, subject: str) -> Vapid:
    """Return the signer that the subscription was made with, else the current one; ``ValueError`` without a key."""
    if PRIVATE not in keys:
        raise ValueError("There is no VAPID key.")
    current = vapid(keys[PRIVATE], subject)
    made_with = recipient.keys.get("vapid", "")
    if made_with in {"", current.public}:
        return current
    earlier = (vapid(keys[name], subject) for name in sorted(keys) if name.startswith(PRIVATE) and name != PRIVATE)
    return next((one for one in earlier if one.public == made_with), current)


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
