"""What a channel is asked to say, to whom, and what came of it.

``jobs.deliver`` builds one :class:`Message` per recipient, ``push.<kind>.render`` turns it into a
:class:`Payload` (pure), ``push.<kind>.send`` hands payloads over and returns one :class:`Outcome` each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from hub.core.monthly import Month
from hub.core.notice import Notice, Occurrence, Severity
from hub.core.ports import Http, Wire


class Change(StrEnum):
    """Why a message goes out."""

    NEW = "new"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"  # called off, all-clear, or no longer concerns this recipient
    REMINDER = "reminder"
    CORRECTION = "correction"  # a date moved or fell away after this recipient was reminded of it
    DIGEST = "digest"
    BUNDLE = "bundle"  # several new notices within minutes, told together
    CONFIRM = "confirm"  # double opt-in
    TEST = "test"  # "send me a test notification"
    RESCUE = "rescue"  # "your phone no longer gets our messages": by another way (F38)
    MONTHLY = "monthly"  # "quiet, but working": what was watched, for who asked for it (F50)
    EXPIRY = "expiry"  # the push subscription of a device ends soon (F39)
    LAPSE = "lapse"  # a year without a sign of life: everything will be deleted (I18)
    LINK = "link"  # the link of one's own page, which was lost (U21)
    ADDRESS = "address"  # to the old address: another shall take its place (U21)


# About no notice, in our own words.
WITHOUT_NOTICE = frozenset({
    Change.CONFIRM, Change.TEST, Change.RESCUE, Change.MONTHLY, Change.EXPIRY, Change.LAPSE, Change.LINK,
    Change.ADDRESS,
})  # fmt: skip
# They lead to a page of the reader's own, whatever the channel.
OWN_PAGE = frozenset({Change.CONFIRM, Change.EXPIRY, Change.LAPSE})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a notice fits an interest: what a reader sees under "why do I get this"."""

    topic: str
    place: str = ""  # name of the matched place
    words: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    km: float | None = None  # distance to the chosen point


@dataclass(frozen=True, slots=True)
class Site:
    """The municipality in whose name a message goes out.

    ``base_url`` is absolute without a trailing slash; ``zone`` an IANA name; ``sender`` a bare addr-spec.
    ``uid_host`` names the installation in calendars, whatever the municipality's own host is. What is empty of the rest
    is as the installation has it: ``sender_name`` stands before the sender, ``reply_to`` takes answers, ``returns_to``
    what could not be delivered, ``dkim_domain`` signs.
    """

    base_url: str
    name: str
    sender: str
    language: str = "de"
    zone: str = "Europe/Berlin"
    slug: str = ""
    colour: str = "#171a2b"
    uid_host: str = ""
    sender_name: str = ""
    reply_to: str = ""
    returns_to: str = ""
    dkim_domain: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One endpoint. ``keys`` is what the channel needs beyond the address (push: ``p256dh``, ``auth``).

    ``manage_url`` and ``unsubscribe_url`` are absolute, secret links of this recipient; ``confirm_url`` is set only
    where one tap is asked for: to confirm an address, to keep everything. ``prekey`` is what the channel made
    beforehand for one message to this endpoint, if it did.
    """

    endpoint: str
    address: str
    language: str
    keys: Mapping[str, str] = field(default_factory=dict)
    manage_url: str = ""
    unsubscribe_url: str = ""
    confirm_url: str = ""
    prekey: bytes = b""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that is not what it was.

    ``name`` is the field's: ``deadline``, ``date`` (one date of several, ``about`` says which), ``valid_from``,
    ``expires``, ``location``, ``places``, ``value``, ``severity``, ``status``, ``title``, ``text``, ``instruction``,
    ``cpv``, ``links``, ``publisher``, else the name of a fact. ``before`` and ``after`` are plain text: moments in
    ISO 8601 (UTC; a span with ``/`` between), money as ``1250.00 EUR``, lists joined by commas; empty where there was
    or is nothing. Of a text they hold an excerpt with the changed words between ``»`` and ``«``; both
    are empty where no part of it may be quoted.
    """

    name: str
    before: str
    after: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice within a message. ``before`` is the same occurrence as it was known earlier (a moved date).

    ``changes`` are the fields that are not what this recipient was told last, the most important first. ``town`` is
    the name of its municipality where that is not the recipient's own.
    """

    notice: Notice
    revision: int
    change: Change
    url: str = ""  # absolute URL of the notice's page
    reason: Reason | None = None
    occurrence: Occurrence | None = None
    before: Occurrence | None = None
    changes: tuple[FieldChange, ...] = ()
    town: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What to tell one recipient, as of ``now``.

    ``thread`` collapses repeats: at most 32 URL-safe characters, equal for all messages that replace each
    other (push ``Topic`` and ``tag``). ``serial`` tells this message from all others to this recipient and is
    equal when the same message is sent again (``Message-ID``). Nothing is of use after ``valid_until``.
    """

    change: Change
    entries: tuple[Entry, ...]
    thread: str
    serial: str
    now: datetime
    valid_until: datetime
    severity: Severity = Severity.UNKNOWN
    month: Month | None = None  # of a monthly mail


@dataclass(frozen=True, slots=True)
class Payload:
    """A rendered message: bytes for the wire and the headers that belong to it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Template(Protocol):
    """A message written once for all who share its language; ``fill`` adds what is one recipient's own.

    Equal to rendering for each: address, secret links and the ``serial`` (:class:`Message`) are all that differs.
    """

    def fill(self, recipient: Recipient, serial: str) -> Payload:
        """Return the message for one recipient."""
        ...


class Result(StrEnum):
    """What became of one hand-over."""

    SENT = "sent"
    RETRY = "retry"  # later, the endpoint is fine
    FAILED = "failed"  # this message never, the endpoint stays
    GONE = "gone"  # the endpoint has ceased to exist
    MARKED = "marked"  # refused for a reason in our keys or clock (401, 403): keep, mark, tell the operator


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one recipient: ``status`` of HTTP or SMTP (0: none), ``retry_after`` in seconds."""

    endpoint: str
    result: Result
    status: int = 0
    retry_after: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outlet:
    """What a channel may use to send: the guarded clients, its own settings and keys, and the clock.

    ``wire`` is for channels that send many messages to few hosts; without one they use ``http``.
    """

    http: Http
    settings: Any  # an instance of the channel's own ``Settings``
    keys: Mapping[str, str] = field(default_factory=dict)  # secrets made by ``ortsruf init`` (VAPID)
    now: Callable[[], datetime] | None = None
    wire: Wire | None = None
