"""Correspond: letters about accounts, rows before they are mails; what could not be sent is tried again.

A letter's link carries no secret that is stored: it names its row under a seal (hub.links), and the row works once.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.account_texts import letter_text
from hub.core import desk
from hub.core.errors import OrtsrufError
from hub.core.fanout import Lane
from hub.core.message import Change, Entry, Message, Outcome, Recipient, Result, Site
from hub.core.notice import Notice, notice_id
from hub.jobs import rehearse
from hub.jobs.house import House
from hub.language import LANGUAGES, Language
from hub.office_texts import TEXTS
from hub.store import accounts, letters

LINK_LIVES = timedelta(hours=1)
TOLD_WITHIN = timedelta(days=3)  # what needs no link is of use so long
_LEASE = timedelta(minutes=2)
_SOONEST, _LATEST = timedelta(seconds=30), timedelta(hours=1)
_FOR_KNOWN = frozenset({"reset"})  # asked for by an address: nobody may be told whether it has an account

log = structlog.get_logger(__name__)


def write(
    house: House, session: Session, sort: str, address: str, language: str, *,
    lives: timedelta = TOLD_WITHIN, account_id: int | None = None, invitation_id: int | None = None, **given: str,
) -> int:  # fmt: skip
    """Store a letter and wake whoever sends it once the transaction is over; returns its id."""
    now = house.now()
    values = {
        "sort": sort, "address": address, "language": language, "until": now + lives, "account_id": account_id,
        "invitation_id": invitation_id, "given": given,
    }  # fmt: skip
    made = letters.add(session, values, now)
    house.engine.defer(session, "letter", str(made), lane=Lane.TRANSACTIONAL)
    return made


def wake(house: House, session: Session) -> int:
    """Wake every letter that is due; returns how many."""
    due = letters.due(session, house.now())
    for letter_id in due:
        house.engine.defer(session, "letter", str(letter_id), lane=Lane.TRANSACTIONAL)
    return len(due)


def link_of(house: House, row: RowMapping) -> str:
    """Return the address that a letter leads to; empty for one that only tells."""
    if row["sort"] == "invitation":
        return house.links.invitation(row["invitation_id"])
    if row["sort"] in {"reset", "address"}:
        return house.links.letter(row["sort"], row["id"], row["created_at"])
    if row["sort"] in TEXTS:
        return house.links.draft(row["given"]["slug"], int(row["given"]["number"]))
    return f"{house.links.base_url}/anmelden/vergessen" if row["sort"] == "password-changed" else ""


def correspond(house: House, subject: str) -> None:
    """Send one letter, outside any transaction; a letter of no more use is not sent."""
    with house.store.begin() as session:
        row = letters.claim(session, int(subject), house.now(), _LEASE)
        state = _idle(house, session, row) if row is not None else ""
        if row is None or state:
            if row is not None:
                letters.settle(session, row["id"], state)
            return
    outcome = _sent(house, row)
    with house.store.begin() as session:
        if outcome.result in {Result.SENT, Result.FAILED, Result.GONE}:
            letters.settle(session, row["id"], "sent" if outcome.result is Result.SENT else "failed")
        else:
            wait = min(_LATEST, _SOONEST * 2 ** min(row["tries"] - 1, 10))
            letters.settle(session, row["id"], "open", due_at=house.now() + wait)
    if outcome.result is not Result.SENT:
        log.warning("a letter could not be sent", letter=row["id"], sort=row["sort"], error=outcome.detail)


def _idle(house: House, session: Session, row: RowMapping) -> str:
    """Return why a letter need not be sent: it is over, its link was used, or nobody has an account there."""
    if row["until"] <= house.now() or row["used_at"] is not None:
        return "failed"
    if row["sort"] in _FOR_KNOWN:
        found = accounts.by_address(session, row["address"])
        if found is None:
            return "void"
    return ""


def _sent(house: House, row: RowMapping) -> Outcome:
    """Hand a letter to the mail channel; a test of a draft may go to a device, too."""
    if row["sort"] == rehearse.SORT:
        return rehearse.sent(house, row)
    if not house.sender:
        return Outcome(str(row["id"]), Result.RETRY, detail="E-mail is off until mail.sender names an address.")
    language = row["language"] if row["language"] in LANGUAGES else LANGUAGES[0]
    channel, site = house.channels("mail"), Site(house.links.base_url, "Ortsruf", house.sender, language)
    recipient = Recipient(endpoint=f"letter-{row['id']}", address=row["address"], language=language)
    try:
        payload = channel.render(_message(house, row, Language(language)), recipient, site)
        outcomes = list(channel.send([(recipient, payload)], house.outlet("mail")))
    except (OrtsrufError, ValueError) as error:
        return Outcome(recipient.endpoint, Result.RETRY, detail=str(error))
    return outcomes[0] if outcomes else Outcome(recipient.endpoint, Result.RETRY, detail="no answer")


def _message(house: House, row: RowMapping, language: Language) -> Message:
    """Return a letter as a message; its notice stands on no page and in no table."""
    key = f"letter:{row['id']}:{row['created_at'].isoformat()}"
    found = notice_id(desk.ACCOUNT, key)
    notice = Notice(
        id=found, key=key, kind=desk.ACCOUNT, topic=desk.TOPIC,
        texts=(letter_text(row["sort"], row["given"], language),), publisher="Ortsruf",
    )  # fmt: skip
    entry = Entry(notice, 1, Change.NEW, url=link_of(house, row))
    return Message(
        change=Change.NEW, entries=(entry,), thread=found, serial=found, now=house.now(), valid_until=row["until"]
    )
