"""Rehearse: a draft as a message to its own writer, on their address and their test devices, and to nobody else (A-08).

It goes the way of letters, never that of publications: no interest, route or resident's endpoint is ever read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.draft import FILES, Imprint, from_json, rehearsal, to_json
from hub.core.draft import Draft as Written
from hub.core.errors import DraftError, OrtsrufError
from hub.core.fanout import Lane
from hub.core.message import Change, Entry, Message, Outcome, Recipient, Result
from hub.jobs.house import House
from hub.jobs.record import by_account, record
from hub.store import letters, rehearsals, towns

SORT = "rehearsal"
LIVES = timedelta(minutes=30)


def rehearse(house: House, row: RowMapping, draft: Written, account: RowMapping, *, language: str, url: str) -> int:
    """Send ``draft`` (of the row ``row``) in ``language`` to whoever asks; ``url`` is the page that it leads to.

    Returns on how many ways. Raises ``DraftError`` if there is nothing to send yet.
    """
    if not draft.texts or not draft.areas:
        raise DraftError("There is nothing to send yet: a title and a place are missing.")
    given = {"draft": to_json(draft), "key": row["key"], "town": row["municipality_id"], "url": url}
    with house.store.begin() as session:
        devices = rehearsals.of(session, account["id"])
        _write(house, session, account, language, {**given, "device": 0})
        for one in devices:
            _write(house, session, account, language, {**given, "device": one["id"]})
        record(
            house, session, by_account(account["id"]), "draft.rehearsed", municipality=row["municipality_id"],
            subject=f"draft:{row['id']}",
        )  # fmt: skip
    return 1 + len(devices)


def _write(house: House, session: Session, account: RowMapping, language: str, given: dict[str, Any]) -> None:
    values = {
        "sort": SORT, "address": account["address"], "language": language, "until": house.now() + LIVES,
        "account_id": account["id"], "given": given,
    }  # fmt: skip
    made = letters.add(session, values, house.now())
    house.engine.defer(session, "letter", str(made), lane=Lane.TRANSACTIONAL)


def sent(house: House, letter: RowMapping) -> Outcome:
    """Hand one test to its channel; a device that is gone is forgotten."""
    given, name = letter["given"], f"test-{letter['id']}"
    with house.store.read() as session:
        town = towns.get(session, given["town"])
        device = rehearsals.get(session, letter["account_id"], given["device"])
    if town is None or (given["device"] and device is None):
        return Outcome(name, Result.FAILED, detail="The municipality or the test device is gone.")
    if device is None and not house.sender:
        return Outcome(name, Result.RETRY, detail="E-mail is off until mail.sender names an address.")
    way, address = ("webpush", device["address"]) if device is not None else ("mail", letter["address"])
    recipient = Recipient(name, address, letter["language"], device["keys"] if device is not None else {})
    channel = house.channels(way)
    try:
        site = replace(house.site(town), base_url=house.links.base_url)  # where the office is, to which it leads
        payload = channel.render(_message(house, letter, town), recipient, site)
        found = list(channel.send([(recipient, payload)], house.outlet(way)))
    except (OrtsrufError, ValueError) as error:
        return Outcome(name, Result.RETRY, detail=str(error))
    outcome = found[0] if found else Outcome(name, Result.RETRY, detail="no answer")
    if device is not None and outcome.result is Result.GONE:
        with house.store.begin() as session:
            rehearsals.drop(session, letter["account_id"], device["id"])
    return outcome


def _message(house: House, letter: RowMapping, town: RowMapping) -> Message:
    given = letter["given"]
    draft = from_json(given["draft"])
    imprint = Imprint(given["key"], town["name"], letter["created_at"], house.links.base_url + FILES)
    notice = rehearsal(draft, draft.towns[0], imprint)
    entry = Entry(notice, 1, Change.NEW, url=given["url"])
    # A further test of the same draft replaces the earlier one on the screen.
    return Message(
        change=Change.NEW, entries=(entry,), thread=notice.id, serial=f"{notice.id}-{letter['id']}", now=house.now(),
        valid_until=letter["until"], severity=notice.severity,
    )  # fmt: skip
