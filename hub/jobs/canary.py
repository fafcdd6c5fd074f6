"""Canary: once an hour a test message to ourselves goes the whole way, on every channel of every town (I17).

Nobody else gets it: its topic is hidden, only our own subscriber follows it, and it counts in no figure of people.
Web push: matched, batched, encrypted, posted to our own ``/canary/push/…``, decrypted and compared. Mail: to the
address ``mail.canary`` if the operator named one, accepted by the mail server; else only asked at its door whether it
would take our mail (no mail an hour that nobody wants). Calendar: our own private feed is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import decide
from hub.core.desk import CANARY
from hub.core.fanout import Lane
from hub.core.notice import Notice, NoticeText, notice_id
from hub.core.schedule import next_wall
from hub.core.subscription import Action, Criteria
from hub.jobs.house import House
from hub.store import canaries, interests, notices, subscribers, towns
from hub.store.tally import CANARY as SERVICE

OVERDUE = timedelta(minutes=5)
_LIVES = timedelta(minutes=30)
_KEPT = timedelta(hours=6)
_DIGEST_AT = "07:00"
Address = Callable[[str, int], tuple[str, dict[str, str]] | None]


def send_canaries(house: House, every: timedelta, address: Address, fetch: Callable[[str], tuple[str, str]]) -> int:
    """Let the canaries of every town set out if it is time; returns in how many towns they did.

    ``every``: how often, nothing: never. ``address(channel, subscriber_id)``: address and keys of a canary, ``None``
    where the channel has none. ``fetch(url)`` fetches a calendar: how it was reached (empty: not) and what is wrong.
    """
    now, count = house.now(), 0
    if not every:
        return 0
    with house.store.read() as session:
        rows, known = towns.listed(session), canaries.listed(session)
    for town in rows:
        asked = [one["asked_at"] for one in known if one["municipality_id"] == town["id"] and one["asked_at"]]
        if asked and now - max(asked) < every:
            continue
        count += 1
        _set_out(house, town, address, now)
        _fetch_calendar(house, town["id"], fetch)
    return count


def _set_out(house: House, town: RowMapping, address: Address, now: datetime) -> None:
    """Make sure that there are canaries, and publish a message to them, in one transaction."""
    stamp = now.isoformat(timespec="seconds")
    key = f"canary:{town['id']}:{stamp}"
    found = Notice(
        id=notice_id(CANARY, key), key=key, kind=CANARY, topic=CANARY, texts=(NoticeText("en", title(key)),),
        expires=now + _LIVES,
    )  # fmt: skip
    with house.store.begin() as session:
        _settle_in(session, town, address, now)
        canaries.forget_notices(session, town["id"], now - _KEPT)
        publication = notices.save(
            session, town["id"], None, decide(found, None, now), places=[str(town["path"])], zone=town["zone"], now=now,
            names=(),
        )  # fmt: skip
        canaries.set_out(session, town["id"], found.id, now)
        if publication is not None:
            house.engine.defer(session, "publish", str(publication), lane=Lane.NORMAL)


def title(key: str) -> str:
    """Return the title by which an arrived canary is known."""
    return f"Canary {notice_id(CANARY, key)}"


def _settle_in(session: Session, town: RowMapping, address: Address, now: datetime) -> None:
    """Make the town's canary subscriber with a way out on every channel, or put its addresses right."""
    person = canaries.person(session, town["id"])
    person_id = int(person["id"]) if person is not None else _hatch(session, town, now)
    known = {one["channel"]: one for one in canaries.listed(session, town["id"])}
    ways = []
    for channel in ("webpush", "mail", "ical"):
        wanted = address(channel, person_id)
        old = known.get(channel)
        row = subscribers.endpoint_row(session, old["endpoint_id"]) if old is not None else None
        living = row is not None and row["state"] == "active"
        same = living and row is not None and wanted is not None and row["address"] == wanted[0]
        if wanted is not None:
            ways.append((channel, Action.CALENDAR if channel == "ical" else Action.NOW, ""))
        if same:
            continue
        if old is not None:
            subscribers.end_endpoints(session, [old["endpoint_id"]], now, state="ended")
            canaries.remove(session, town["id"], channel)
        if wanted is not None:
            made = subscribers.add_endpoint(
                session, town["id"], person_id, channel=channel, address=wanted[0], service=SERVICE, keys=wanted[1],
                active=True, now=now,
            )  # fmt: skip
            canaries.add(session, town["id"], channel, made)
    interest_id, _fresh = interests.ensure(session, town["id"], Criteria(topics=(CANARY,), places=(town["path"],)))
    interests.filled(session, interest_id)  # there is nothing to be laid over
    subscribers.subscribe(session, person_id, interest_id, ways)


def _hatch(session: Session, town: RowMapping, now: datetime) -> int:
    at = next_wall(now, time.fromisoformat(_DIGEST_AT), town["zone"])
    made = subscribers.add(
        session, town["id"], language=town["language"], digest_at=_DIGEST_AT, next_digest_at=at, now=now
    )
    subscribers.change(session, made, canary=True)
    return made


def _fetch_calendar(house: House, municipality: str, fetch: Callable[[str], tuple[str, str]]) -> None:
    """Fetch the canary's own calendar as a calendar app does."""
    with house.store.read() as session:
        one = next((row for row in canaries.listed(session, municipality) if row["channel"] == "ical"), None)
        person = canaries.person(session, municipality)
    if one is None or person is None:
        return
    how, fault = fetch(house.links.calendar(one["endpoint_id"], person["generation"]))
    arrived(house, one["endpoint_id"], how, fault)


def arrived(house: House, endpoint_id: int, how: str, fault: str = "") -> None:
    """Write that a canary arrived and how, or (no ``how``) why it did not."""
    with house.store.begin() as session:
        if how:
            canaries.proved(session, endpoint_id, how, house.now())
        else:
            canaries.failed(session, endpoint_id, fault)


def expected(house: House, subscriber_id: int) -> tuple[int, str] | None:
    """Return endpoint and title of the web push that the canary ``subscriber_id`` waits for."""
    with house.store.read() as session:
        person = subscribers.get(session, subscriber_id)
        if person is None or not person["canary"]:
            return None
        rows = canaries.listed(session, person["municipality_id"])
    one = next((row for row in rows if row["channel"] == "webpush"), None)
    return (one["endpoint_id"], f"Canary {one['notice_id']}") if one is not None else None


def overdue(house: House, since: datetime) -> Sequence[RowMapping]:
    """Return the canaries that have not arrived within five minutes; ``since`` somebody has been there to send them."""
    with house.store.read() as session:
        rows = canaries.overdue(session, house.now() - OVERDUE)
    return [row for row in rows if house.now() - max(row["waits_since"], since) >= OVERDUE]
