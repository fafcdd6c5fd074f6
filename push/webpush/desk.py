"""One chunk of messages on its way to push services (RFC 8030, 5): what is asked of them and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hub.core.errors import AddressRefused, OrtsrufError, SubscribeError
from hub.core.message import Outcome, Outlet, Payload, Recipient, Result
from hub.core.ports import Answer, Answered, Limits, Posting, Wire
from hub.failpoints import reached
from push.webpush import Settings
from push.webpush.crypto import Vapid, encrypt, private_of, subject_of, vapid
from push.webpush.endpoint import dialled
from push.webpush.subscription import unpacked

PRIVATE = "vapid_private"  # name of the current key in ``outlet.keys``; earlier keys have names beginning with it
_LARGEST_ANSWER = 64_000  # bytes
_LONGEST_WAIT = 24 * 3600.0  # seconds
_PAUSE = 30.0  # seconds, where a service asks to slow down and does not say for how long
_PATIENCE = 8  # messages in a row without an answer, then the rest of the chunk is not tried
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


class NoKeyError(ValueError):
    """There is no VAPID key, or it cannot be read."""


def settings_of(outlet: Outlet) -> Settings:
    """Return the channel's settings, or how they are when nothing is set."""
    return outlet.settings if isinstance(outlet.settings, Settings) else Settings()


class Desk:
    """One chunk on its way: headers and signers made once, and which services asked for a pause or fell silent.

    Every message handed over comes back through ``answers``, for :meth:`outcome` to read.
    """

    def __init__(self, outlet: Outlet, wire: Wire, answers: Answered) -> None:
        """Begin a chunk."""
        self._answers = answers
        self._settings, self._keys, self._wire = settings_of(outlet), outlet.keys, wire
        self._now = outlet.now or (lambda: datetime.now(UTC))
        self._limits = Limits(seconds=self._settings.timeout, size=_LARGEST_ANSWER, redirects=0)
        self._allowed = self._settings.allowed_hosts
        self.service = ""  # the one that was posted to last
        self._pauses: dict[str, float | None] = {}
        self._silent: dict[str, int] = {}
        self._lines: dict[tuple[int, str, str], tuple[Mapping[str, str], tuple[str, ...]]] = {}

    def hand_over(self, recipient: Recipient, payload: Payload) -> Outcome | None:
        """Encrypt and post one message; an outcome at once only if it is not even tried."""
        try:
            service = self.service = dialled(recipient.address, self._allowed)
            if service in self._pauses:
                return self._paused(recipient, self._pauses[service])
            headers = self._headers(payload.headers, service, recipient.keys.get("vapid", ""))
        except SubscribeError as error:
            return Outcome(recipient.endpoint, Result.FAILED, detail=f"the address is not dialled: {error}")
        except NoKeyError as error:
            return Outcome(recipient.endpoint, Result.MARKED, detail=_brief(error))
        except Exception as error:  # noqa: BLE001 - send never raises: one odd recipient must not stop the others
            return Outcome(recipient.endpoint, Result.RETRY, detail=f"unforeseen: {type(error).__name__}")
        try:
            body = encrypt(payload.body, *unpacked(recipient.keys), recipient.prekey)
        except ValueError as error:
            return Outcome(recipient.endpoint, Result.FAILED, detail=f"cannot be encrypted: {_brief(error)}")
        posting = Posting((recipient.endpoint, service), recipient.address, headers, body, self._limits)
        reached("webpush.before-post")
        self._wire.post(posting, self._answers)
        return None

    def outcome(self, posting: Posting, answer: Answer | OrtsrufError) -> Outcome:
        """Read what came of one message."""
        reached("webpush.after-post")
        endpoint, service = posting.key
        if isinstance(answer, Answer):
            self._silent[service] = 0
            return self._judged(endpoint, service, answer)
        if isinstance(answer, (AddressRefused, SubscribeError)):
            return Outcome(endpoint, Result.FAILED, detail=f"the address is not dialled: {answer}")
        self._silent[service] = self._silent.get(service, 0) + 1
        if self._silent[service] >= _PATIENCE:
            self._pauses.setdefault(service, None)
        return Outcome(endpoint, Result.RETRY, detail=_brief(answer))

    def _judged(self, endpoint: str, service: str, answer: Answer) -> Outcome:
        result, detail = judge(answer.status)
        if result is not Result.RETRY:
            return Outcome(endpoint, result, answer.status, None, detail)
        after = retry_after(answer.headers.get("retry-after", ""), self._now())
        if answer.status == _TOO_MANY:
            after = _PAUSE if after is None else after
            self._pauses[service] = max(after, self._pauses.get(service) or 0.0)
        return Outcome(endpoint, result, answer.status, after, detail)

    def _headers(self, given: Mapping[str, str], service: str, made_with: str) -> tuple[str, ...]:
        """Return the lines of a request; messages of one template share them, and so their tuple."""
        key = (id(given), service, made_with)
        known = self._lines.get(key)
        if known is not None and known[0] is given:
            return known[1]
        capped = min(int(given.get("TTL", "0")), self._settings.ttl_cap)
        signer = _signer(self._keys, made_with, self._settings.subject)
        whole = {
            "Content-Type": "application/octet-stream", **given, "TTL": str(capped), "Content-Encoding": "aes128gcm",
            "Authorization": signer.authorization(service, self._now()),
        }  # fmt: skip
        lines = tuple(f"{name}: {value}" for name, value in whole.items())
        self._lines[key] = (given, lines)
        return lines

    @staticmethod
    def _paused(recipient: Recipient, seconds: float | None) -> Outcome:
        detail = "the push service has paused us" if seconds is not None else "the push service does not answer"
        return Outcome(recipient.endpoint, Result.RETRY, retry_after=seconds, detail=detail)


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


def _signer(keys: Mapping[str, str], made_with: str, subject: str) -> Vapid:
    """Return the signer of the key a subscription was made with, else the current one; ``NoKeyError`` without any."""
    if PRIVATE not in keys:
        raise NoKeyError("There is no VAPID key.")
    try:
        current = vapid(keys[PRIVATE], subject)
        return current if made_with in {"", current.public} else _earlier(keys, made_with, subject) or current
    except ValueError as error:
        raise NoKeyError(str(error)) from error


def _earlier(keys: Mapping[str, str], made_with: str, subject: str) -> Vapid | None:
    """Return the signer of an earlier key of the installation, or of a municipality's own."""
    earlier = (vapid(keys[name], subject) for name in sorted(keys) if name.startswith(f"{PRIVATE}_"))
    found = next((one for one in earlier if one.public == made_with), None)
    own = keys.get(private_of(made_with)) if found is None else None
    return vapid(own, keys.get(subject_of(made_with)) or subject) if own is not None else found


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
