"""A message as the JSON that service workers and Declarative Web Push both understand. Pure.

Push API, "declarative push message": ``web_push`` 8030 and a notification with ``title`` and an absolute
``navigate``; WebKit rejects the whole message for one relative URL. The W3C text reads ``app_badge`` and ``mutable``
at the top, WebKit inside ``notification``: they stand in both. ``actions`` are the buttons, each with a ``navigate`` of
its own, absolute too; there are two where there is something to see on a map.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from hub.core.errors import PayloadTooLarge
from hub.core.message import OWN_PAGE, Change, Message, Payload, Recipient, Site
from hub.core.notice import Severity
from push import _wording as wording
from push.webpush import TTL_CAP, texts

AIM = 2500  # bytes: Firefox for Android may take 2,744 of its bridge's 4,096
LONGEST = 3993  # bytes: what one encrypted record of 4,096 holds (``crypto.LONGEST``)
ICON, BADGE = "/static/icons/icon-192.png", "/static/icons/badge-96.png"
SERIAL = 64  # characters of a serial that are told
SPOT = "#spot"  # where a notice's page has its map
_LONGEST_URL = 1024
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_LOUD = frozenset({Change.NEW, Change.REVISED, Change.WITHDRAWN, Change.CORRECTION})


def render(message: Message, recipient: Recipient, site: Site) -> Payload:
    """Write the payload (plain text, encrypted when sent) and the headers of RFC 8030.

    Raises ``PayloadTooLarge`` if even an empty body does not fit, which no setting of ours can cause.
    """
    language = recipient.language or site.language
    body = written(message, language, site, navigate=target(message, recipient, site), serial=message.serial[:SERIAL])
    return Payload(body, headers(message))


def written(message: Message, language: str, site: Site, *, navigate: str, serial: str) -> bytes:
    """Return the payload as JSON; everything but ``navigate`` and ``serial`` is the same for all of one language."""
    frame = _frame(message, navigate, site, language, serial)
    rows, last = texts.lines(message, language, site)
    if message.change is Change.DIGEST or len(message.entries) > 1:
        fitted = _listing(frame, rows, language)
    else:
        fitted = _cut(frame, "\n".join(rows), last)
    frame["notification"]["body"] = fitted
    body = _bytes(frame)
    if len(body) > LONGEST:
        raise PayloadTooLarge(f"The push message has {len(body)} bytes, {LONGEST} fit.", subject=message.serial)
    return body


def headers(message: Message) -> dict[str, str]:
    """Return TTL (5.2), Urgency (5.3) and Topic (5.4) of RFC 8030.

    The message lives in the push service as long as it is of use. Only severe warnings may wake a sleeping phone.
    """
    left = int((message.valid_until - message.now).total_seconds())
    urgency = "normal"
    if message.change is Change.DIGEST:
        urgency = "low"
    elif message.change in _LOUD and message.severity >= Severity.SEVERE:
        urgency = "high"
    return {
        "TTL": str(max(1, min(left, TTL_CAP))),
        "Urgency": urgency,
        "Topic": _token(message.thread),
        "Content-Type": "application/octet-stream",
    }


def _token(thread: str) -> str:
    """Return a topic that a push service takes; a thread that is none is hashed."""
    if _TOPIC.fullmatch(thread):
        return thread
    return base64.urlsafe_b64encode(hashlib.sha256(thread.encode("utf-8", "replace")).digest()).decode()[:32]


def _frame(message: Message, navigate: str, site: Site, language: str, serial: str) -> dict[str, Any]:
    """Return the message with an empty body."""
    notification: dict[str, Any] = {
        "title": texts.title(message, language, site),
        "navigate": navigate,
        "body": "",
        "lang": texts.entry_language(message.entries, language),
        "dir": texts.text_direction(message.entries, language),
        "tag": _token(message.thread),
        "icon": site.base_url + ICON,
        "badge": site.base_url + BADGE,
        "silent": False,
        "data": _data(message, serial),
        "mutable": True,
    }
    if buttons := _actions(message, navigate, language):
        notification["actions"] = buttons
    whole: dict[str, Any] = {"web_push": 8030, "notification": notification, "mutable": True}
    if message.change is Change.DIGEST:
        whole["app_badge"] = notification["app_badge"] = len(message.entries)
    return whole


def _actions(message: Message, navigate: str, language: str) -> list[dict[str, str]]:
    """Return the buttons: to open a notice and to see it on the map; none where there is no place to show."""
    single = message.entries[0] if len(message.entries) == 1 and message.change is not Change.DIGEST else None
    if single is None or single.notice.geometry is None or navigate != single.url:
        return []
    titles = texts.buttons(language)
    return [
        {"action": "open", "title": titles[0], "navigate": navigate},
        {"action": "map", "title": titles[1], "navigate": navigate.partition("#")[0] + SPOT},
    ]


def _data(message: Message, serial: str) -> dict[str, Any]:
    """Return what our worker decides by: which notice, how new, whether it may insist."""
    single = message.entries[0] if len(message.entries) == 1 else None
    return {
        "id": single.notice.id if single else "",
        "revision": single.revision if single else 0,
        "change": message.change.value,
        "serial": serial,
        "severity": message.severity.name.lower(),
        "until": message.valid_until.astimezone(UTC).isoformat(timespec="seconds"),
    }


def target(message: Message, recipient: Recipient, site: Site) -> str:
    """Return the page that a tap opens: always one of our own, always absolute."""
    home = f"{site.base_url}/{site.slug}/" if site.slug else f"{site.base_url}/"
    wanted = home
    if message.change in OWN_PAGE:
        # The only thing in a payload that is one reader's own, besides the serial.
        wanted = recipient.manage_url if message.change is Change.EXPIRY else recipient.confirm_url
    elif len(message.entries) == 1:
        wanted = message.entries[0].url
    ours = urlsplit(wanted)[:2] == urlsplit(site.base_url)[:2]
    fits = len(wanted) <= _LONGEST_URL and wanted.isascii() and wanted.isprintable() and " " not in wanted
    return wanted if ours and fits else home


def _listing(frame: dict[str, Any], rows: list[str], language: str) -> str:
    """Return as many lines as fit and how many there are besides: nothing is left out in silence."""
    for kept in range(len(rows), -1, -1):
        shown = rows[:kept] + ([texts.more(len(rows) - kept, language)] if kept < len(rows) else [])
        body = "\n".join(shown)
        if _size(frame) + _weight(body) <= AIM:
            return body
    return ""


def _cut(frame: dict[str, Any], text: str, last: str) -> str:
    """Return ``text`` and the line ``last``; of the text only as much as fits, ending in an ellipsis."""
    ending = f"\n{last}" if last and text else last
    room = AIM - _size(frame) - _weight(ending)
    if _weight(text) <= room:
        return text + ending
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _weight(wording.shorten(text, middle)) <= room else (low, middle - 1)
    return wording.shorten(text, low).rstrip() + ending if low > 1 else last


def _bytes(whole: dict[str, Any]) -> bytes:
    # Umlauts as themselves: 2 bytes instead of 6.
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _size(whole: dict[str, Any]) -> int:
    return len(_bytes(whole))


def _weight(text: str) -> int:
    """Return the bytes of ``text`` inside a JSON string."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2
