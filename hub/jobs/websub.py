"""WebSub (W3C): let hubs tell us that a source has news. What they send is never believed, it only makes us look.

Polling goes on as ever; a hub that fails costs nothing but its speed.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode, urljoin

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.errors import OrtsrufError
from hub.core.ports import Answer, Http, Limits
from hub.core.websub import LEASE, callback_mark, is_ask_due, is_signed, lease_of
from hub.jobs.house import House
from hub.store import sources, websub

REST = timedelta(minutes=1)  # between two polls that hubs bring about
_LATELY = timedelta(minutes=15)
_LIMITS = Limits(seconds=10.0, size=100_000, redirects=0)
_MOVED = (307, 308)  # the redirects that keep the method (WebSub, 5.1)
_LONGEST_CHALLENGE = 2_000

log = structlog.get_logger(__name__)


def renew(house: House) -> int:
    """Wake a job for each hub that must be asked, and the sources that hubs told us of; returns how many."""
    now = house.now()
    with house.store.begin() as session:
        wanted = [row["id"] for row in websub.offering(session, now - _LATELY)]
        wanted += [row["source_id"] for row in websub.listed(session) if _is_due(house, row)]
        for source_id in wanted:
            house.engine.defer(session, "websub", source_id)
        pressing = websub.pressing(session, now, now - REST)
        for source_id in pressing:
            sources.hurry(session, source_id, now)
            house.engine.defer(session, "gather", source_id)
    return len(wanted) + len(pressing)


def ask(house: House, source_id: str, *, http: Http) -> None:
    """Ask the source's hub to tell us of news, or to stop doing so; harmless when repeated.

    The row is written before the hub is asked: it may come to verify before it answers.
    """
    with house.store.begin() as session:
        source, row = sources.row(session, source_id), websub.get(session, source_id)
        offered = _offered(source) if source is not None and source["enabled"] else ("", "")
        if row is not None and offered != (row["hub"], row["topic_url"]):
            if row["state"] == "leaving":  # asked once already, and the hub never came
                websub.drop(session, source_id)
                return
            mode = "unsubscribe"
            websub.change(session, source_id, state="leaving", asked_at=house.now())
        elif not offered[0] or (row is not None and not _is_row_due(house, row)):
            return
        else:
            mode, row = "subscribe", _asked(house, session, source_id, offered, row)
    answered = _tell(house, http, row, mode)
    if mode == "unsubscribe" and not answered:  # it forgets us when the lease ends; deliveries get 410 until then
        with house.store.begin() as session:
            websub.drop(session, source_id)


def verify(house: House, source_id: str, mark: str, query: Mapping[str, str]) -> str | None:
    """Answer a hub that asks whether we meant it (WebSub, 5.3): the challenge to echo, or ``None``: not ours."""
    now, challenge = house.now(), query.get("hub.challenge", "")
    with house.store.begin() as session:
        row = _ours(session, source_id, mark)
        if row is None or query.get("hub.topic") != row["topic_url"]:
            return None
        mode = query.get("hub.mode")
        if mode == "denied":
            websub.change(session, source_id, state="denied")
            log.warning("hub denied", source=source_id, hub=row["hub"], reason=query.get("hub.reason", "")[:200])
            return ""
        if not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return None
        if mode == "unsubscribe" and row["state"] == "leaving":
            websub.drop(session, source_id)
            return challenge
        if mode != "subscribe" or not _is_pending(row):
            return None
        lease = now + lease_of(query.get("hub.lease_seconds", ""))
        websub.change(session, source_id, state="verified", verified_at=now, lease_until=lease)
    log.info("hub verified", source=source_id, hub=row["hub"], until=lease.isoformat())
    return challenge


def take(house: House, source_id: str, mark: str, signatures: Sequence[str], body: bytes) -> bool:
    """Take a delivery (WebSub, 7): ``False`` if we have no such subscription any more.

    The source becomes due, at most once a minute; a delivery without a valid signature changes nothing, and the
    hub does not learn of it.
    """
    now = house.now()
    with house.store.begin() as session:
        row = _ours(session, source_id, mark)
        source = sources.row(session, source_id)
        if row is None or source is None or row["state"] == "leaving":
            return False
        if row["state"] != "verified" or not is_signed(body, signatures, row["secret"]):
            log.warning("delivery ignored", source=source_id, hub=row["hub"], state=row["state"])
            return True
        websub.change(session, source_id, delivered_at=now)
        free = source["lease_until"] is None or source["lease_until"] < now
        rested = source["polled_at"] is None or source["polled_at"] <= now - REST
        if source["enabled"] and not source["failures"] and free and rested:
            sources.hurry(session, source_id, now)
            house.engine.defer(session, "gather", source_id)
    return True


def is_known(house: House, source_id: str, mark: str) -> bool:
    """Whether the callback is one of ours, before anything is read of what was sent to it."""
    with house.store.read() as session:
        return _ours(session, source_id, mark) is not None


def _ours(session: Session, source_id: str, mark: str) -> RowMapping | None:
    row = websub.get(session, source_id)
    known = row is not None and hmac.compare_digest(callback_mark(row["secret"]).encode(), mark.encode())
    return row if known else None


def _is_pending(row: RowMapping) -> bool:
    """Whether we asked and the hub has not verified since."""
    return row["state"] == "asked" or (row["state"] == "verified" and bool(row["asked_at"] > row["verified_at"]))


def _is_due(house: House, row: RowMapping) -> bool:
    changed = not row["enabled"] or _offered({"state": row["source_state"]}) != (row["hub"], row["topic_url"])
    return _is_row_due(house, row) if not changed else row["state"] != "leaving" or _is_row_due(house, row)


def _is_row_due(house: House, row: RowMapping) -> bool:
    return is_ask_due(
        row["state"], house.now(), asked_at=row["asked_at"], verified_at=row["verified_at"],
        lease_until=row["lease_until"],
    )  # fmt: skip


def _offered(source: RowMapping | Mapping[str, Mapping[str, object]]) -> tuple[str, str]:
    return sources.state_from_json(source["state"]).hub


def _asked(
    house: House, session: Session, source_id: str, offered: tuple[str, str], row: RowMapping | None
) -> RowMapping | None:  # fmt: skip
    """Write down that we ask. A renewal keeps the secret, so that deliveries go on being believed meanwhile."""
    if row is None:
        hub, topic = offered
        secret = secrets.token_hex(32)
        websub.add(session, source_id, hub=hub, topic_url=topic, secret=secret, state="asked", asked_at=house.now())
    elif row["state"] == "verified":
        websub.change(session, source_id, asked_at=house.now())
    else:
        websub.change(session, source_id, state="asked", asked_at=house.now())
    return websub.get(session, source_id)


def _tell(house: House, http: Http, row: RowMapping | None, mode: str) -> bool:
    """Send our wish to the hub; whether it took it."""
    if row is None:
        return False
    form = {
        "hub.mode": mode, "hub.topic": row["topic_url"], "hub.secret": row["secret"],
        "hub.callback": f"{house.links.base_url}/websub/{row['source_id']}/{callback_mark(row['secret'])}",
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }  # fmt: skip
    try:
        answer = _post(http, row["hub"], urlencode(form).encode())
    except OrtsrufError as error:
        log.warning("hub not reached", source=row["source_id"], hub=row["hub"], fault=str(error))
        return False
    taken = 200 <= answer.status < 300  # noqa: PLR2004 - success (RFC 9110, 15.3)
    log.info("hub asked", source=row["source_id"], hub=row["hub"], mode=mode, status=answer.status)
    return taken


def _post(http: Http, hub: str, body: bytes) -> Answer:
    """POST a form to the hub, following one redirect that keeps the method; every address is checked."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = http.post(hub, body=body, headers=headers, limits=_LIMITS)
    moved = answer.headers.get("location", "")
    if answer.status in _MOVED and moved:
        return http.post(urljoin(hub, moved), body=body, headers=headers, limits=_LIMITS)
    return answer
