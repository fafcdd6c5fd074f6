"""Alarming: the operator hears once when an alarm begins and once when it is over.

The mail goes straight to the mail server, past batches and workers: it is they who may have failed. A process that
cannot reach the server leaves the alarm for the next try, its own or another's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import RowMapping

from hub import alarm_texts
from hub.core import desk
from hub.core.errors import OrtsrufError
from hub.core.message import Change, Entry, Message, Recipient, Result, Site
from hub.core.notice import Notice, notice_id
from hub.jobs.house import House
from hub.store import alarms, towns

_LIVES = timedelta(days=1)

log = structlog.get_logger(__name__)


def address_of(contact: str) -> str:
    """Return the operator's mail address that the setting ``contact`` names, empty if it names a page or nothing."""
    given = contact.removeprefix("mailto:").strip()
    return given if "@" in given and "/" not in given and " " not in given else ""


def tell(house: House, contact: str) -> int:
    """Mail the operator what began and what is over; returns how many alarms they were told of."""
    address = address_of(contact)
    if not address or not house.sender:
        return 0
    with house.store.begin() as session:
        rows = alarms.to_tell(session, house.now())
        known = towns.listed(session) if rows else ()
    count = 0
    for over in (False, True):
        some = [row for row in rows if (row["over_at"] is not None) is over]
        if some and _mailed(house, address, some, known[0] if known else None, over=over):
            with house.store.begin() as session:
                alarms.told(session, some, house.now())
            count += len(some)
    return count


def _mailed(house: House, address: str, rows: Sequence[RowMapping], town: RowMapping | None, *, over: bool) -> bool:
    language, zone = (town["language"], town["zone"]) if town is not None else ("de", "Europe/Berlin")
    channel, now = house.channels("mail"), house.now()
    message = _message(rows, alarm_texts.texts(rows, language, zone, over=over), now)
    site = Site(house.links.base_url, "Ortsruf", house.sender, language, zone)
    recipient = Recipient(endpoint="0", address=address, language=language)
    try:
        payload = channel.render(message, recipient, site)
        outcomes = list(channel.send([(recipient, payload)], house.outlet("mail")))
    except (OrtsrufError, ValueError) as error:
        log.warning("the alarm could not be mailed", error=str(error))
        return False
    if not outcomes or outcomes[0].result is not Result.SENT:
        log.warning("the alarm could not be mailed", error=outcomes[0].detail if outcomes else "no answer")
        return False
    return True


def _message(rows: Sequence[RowMapping], texts: Any, now: Any) -> Message:
    """Return a message about several alarms; it is told as a notice of the desk, which stands on no page."""
    key = f"alarm:operator:{rows[0]['key']}:{rows[0]['begun_at'].isoformat()}"
    found = notice_id(desk.KIND, key)
    notice = Notice(id=found, key=key, kind=desk.KIND, topic=desk.TOPIC, texts=texts, publisher="Ortsruf")
    serial = notice_id(desk.KIND, f"{key}:{rows[0]['over_at']}:{len(rows)}")
    return Message(
        change=Change.NEW, entries=(Entry(notice, 1, Change.NEW),), thread=found, serial=serial, now=now,
        valid_until=now + _LIVES,
    )  # fmt: skip
