"""Subscribe: what a sign-up form, a changed page or a secret link does. Raises ``SubscribeError`` in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.errors import SubscribeError
from hub.core.fanout import Lane
from hub.core.message import Change
from hub.core.schedule import EVERY_DAY, next_wall
from hub.core.subscription import Action, Criteria, lead
from hub.failpoints import reached
from hub.jobs.house import House
from hub.store import addresses, batches, guests, interests, mailboxes, routes, subscribers, towns

ASK_AGAIN = timedelta(hours=24)  # at most one confirmation per address and day (E-02)
_TEST_LIVES = timedelta(hours=1)
CONFIRM_LIVES = timedelta(hours=48)
Way = tuple[str, Action, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """One subscription as a form gives it: criteria, what happens on which channel, and in which municipality.

    ``town`` empty: where the person is at home.
    """

    criteria: Criteria
    ways: tuple[Way, ...]
    town: str = ""


@dataclass(frozen=True, slots=True)
class SignUp:
    """A whole form: wishes, the ways out as channel -> (address, keys, service), and habits."""

    wishes: tuple[Wish, ...]
    addresses: Mapping[str, tuple[str, Mapping[str, str], str]] = field(default_factory=dict)
    language: str = "de"
    digest_at: str = "07:00"
    digest_days: str = EVERY_DAY


def sign_up(house: House, municipality: str, form: SignUp) -> int:
    """Store a subscriber with subscriptions and endpoints; an e-mail address must be confirmed. Returns the id.

    Who chose nothing in ``municipality`` is at home where their first choice is. Signing up again with the address of a
    living endpoint makes a new, separate subscriber that is pending: who opens the confirmation decides; nothing of the
    old one is shown or changed before (W-12).
    """
    _check(form)
    now, home = house.now(), _home(municipality, form.wishes)
    with house.store.begin() as session:
        town = towns.get(session, home)
        if town is None:
            raise SubscribeError(f"There is no municipality called {home}.")
        at = next_wall(now, time.fromisoformat(form.digest_at), town["zone"], form.digest_days)
        person = subscribers.add(
            session, home, language=form.language, digest_at=form.digest_at, digest_days=form.digest_days,
            next_digest_at=at, now=now,
        )  # fmt: skip
        reached("sign-up.person-added")
        set_wishes(house, session, home, person, form.wishes)
        reached("sign-up.wishes-set")
        for channel, way in form.addresses.items():
            add_way(house, session, town, person, channel=channel, way=way)
            reached("sign-up.endpoint-added")
    reached("sign-up.committed")
    return person


def _home(municipality: str, wishes: Sequence[Wish]) -> str:
    """Return where somebody is at home who is known, or signs up, in ``municipality``."""
    stays = not wishes or any(one.town in {"", municipality} for one in wishes)
    return municipality if stays else wishes[0].town


def _check(form: SignUp) -> None:
    if not form.wishes:
        raise SubscribeError("Please choose at least one topic.")
    try:
        time.fromisoformat(form.digest_at)
        for wish in form.wishes:
            for _, action, text in wish.ways:
                if action is Action.REMINDER:
                    lead(text)
    except ValueError as error:
        raise SubscribeError(str(error)) from error


def set_wishes(house: House, session: Session, municipality: str, person: int, wishes: Sequence[Wish]) -> None:
    """Subscribe to each wish, those that name no other one in ``municipality``.

    A new interest is laid over what is already known. Raises ``SubscribeError`` for a municipality that is not ours.
    """
    for slug in {wish.town for wish in wishes} - {"", municipality}:
        if towns.get(session, slug) is None:
            raise SubscribeError(f"There is no municipality called {slug}.")
    for wish in wishes:
        interest_id, fresh = interests.ensure(session, wish.town or municipality, wish.criteria)
        subscribers.subscribe(session, person, interest_id, wish.ways)
        if fresh:
            house.engine.defer(session, "backfill", str(interest_id), lane=Lane.TRANSACTIONAL)
        elif any(action is Action.REMINDER for _, action, _ in wish.ways):
            interests.refill(session, interest_id)
            house.engine.defer(session, "backfill", str(interest_id), lane=Lane.TRANSACTIONAL)


def add_endpoint(
    house: House, session: Session, town: RowMapping, person: int, *, channel: str,
    way: tuple[str, Mapping[str, str], str], proven: bool = True,
) -> int:  # fmt: skip
    """Add one way out. Mail starts pending with a confirmation on its way, others are active at once.

    Not ``proven``: it stays pending until a first message was taken (``jobs.probe``), which the caller queues.
    """
    address, keys, service = way
    now = house.now()
    asks = channel == "mail"
    endpoint_id = subscribers.add_endpoint(
        session,
        town["id"],
        person,
        channel=channel,
        address=address,
        service=service,
        keys=keys,
        active=proven and not asks,
        now=now,
    )
    # An address that was asked today is not asked again, whoever typed it; the answer to the form is the same (E-02).
    if asks and mailboxes.may_ask(session, house.links.fingerprint("ask", address.lower()), now, within=ASK_AGAIN):
        subscribers.asked(session, endpoint_id, now)
        send_alone(house, session, town["id"], endpoint_id, Change.CONFIRM, until=now + CONFIRM_LIVES)
    elif not asks and proven:
        remind_there(house, session, person, channel)
    return endpoint_id


def add_way(
    house: House, session: Session, town: RowMapping, person: int, *, channel: str,
    way: tuple[str, Mapping[str, str], str],
) -> None:  # fmt: skip
    """Add a way out that a form named; a webhook must take a test first."""
    tested = channel == "webhook"
    endpoint_id = add_endpoint(house, session, town, person, channel=channel, way=way, proven=not tested)
    if tested:
        send_alone(house, session, town["id"], endpoint_id, Change.TEST, until=house.now() + _TEST_LIVES)


def new_calendar(house: House, session: Session, town: RowMapping, person: int) -> bool:
    """Give a person a private calendar; returns whether one was there, whose addresses end by this (410)."""
    ways = subscribers.endpoints_of(session, person)
    old = [one["id"] for one in ways if one["channel"] == "ical"]
    subscribers.end_endpoints(session, old, house.now(), state="ended")
    add_endpoint(house, session, town, person, channel="ical", way=("", {}, ""))
    return bool(old)


def remind_there(house: House, session: Session, person: int, channel: str) -> None:
    """Have reminders planned that nobody wanted so far: a person can now be reached on ``channel``."""
    for one in subscribers.subscriptions(session, person):
        if any(way[0] == channel and way[1] is Action.REMINDER for way in one["ways"]):
            interests.refill(session, one["interest_id"])
            house.engine.defer(session, "backfill", str(one["interest_id"]), lane=Lane.TRANSACTIONAL)


def send_alone(
    house: House, session: Session, municipality: str, endpoint_id: int, change: Change, *, until: datetime
) -> None:
    """Queue a message that concerns one endpoint only: a confirmation, a test."""
    row = subscribers.endpoint_row(session, endpoint_id)
    if row is None:
        return
    values: dict[str, Any] = {
        "notice_id": None, "revision": 0, "change": change, "channel": row["channel"], "service": row["service"],
        "lane": Lane.TRANSACTIONAL, "due_at": house.now(), "valid_until": until,
    }  # fmt: skip
    batch_id = batches.add(session, municipality, values, [endpoint_id], house.now())
    reached("sign-up.confirmation-batched")
    house.engine.defer(session, "deliver", str(batch_id), lane=Lane.TRANSACTIONAL)


def confirm(house: House, token: str) -> RowMapping | None:
    """Make the address that a confirmation link names active, once. Returns its endpoint, ``None`` for a dead link.

    One address has one set of choices in a municipality, the newest one: what other subscribers had at this address
    where the new one is subscribed ends.
    """
    endpoint_id = house.links.confirmed(token, house.now())
    if endpoint_id is None:
        return None
    with house.store.begin() as session:
        row = subscribers.endpoint_row(session, endpoint_id)
        if row is None or not subscribers.confirm(session, endpoint_id, house.now()):
            return None
        one_set(house, session, row)
        _end_replaced(session, row, house.now())
        reached("confirm.earlier-ended")
        remind_there(house, session, row["subscriber_id"], row["channel"])
        if row["replaces"] is None:  # a changed address: the page was the person's own already
            _revoke_earlier_link(session, row)
        reached("confirm.confirmed")
    reached("confirm.committed")
    return row


def one_set(house: House, session: Session, row: RowMapping) -> None:
    """Let the endpoint ``row`` be the only one at its address in each municipality where its person is subscribed.

    Who was reached there before ends; who is subscribed elsewhere, too, goes on to be reached for that.
    """
    others = addresses.same_address(session, row)
    whose = guests.towns_of(session, [row["subscriber_id"], *(one["subscriber_id"] for one in others)])
    mine = whose.get(row["subscriber_id"], {row["municipality_id"]})
    rest = {one["id"]: whose[one["subscriber_id"]] - mine for one in others}
    ended = [one for one, towns_ in rest.items() if not towns_]
    subscribers.end_endpoints(session, ended, house.now(), state="ended", why="replaced")
    for one in others:
        if rest[one["id"]]:
            addresses.drop_ways(session, one["subscriber_id"], one["channel"], mine)


def _end_replaced(session: Session, row: RowMapping, now: datetime) -> None:
    """End the address whose place a confirmed one takes; what waits for its next digest goes to the new one."""
    if row["replaces"] is not None:
        batches.digest_to(session, row["replaces"], row["id"])
        subscribers.end_endpoints(session, [row["replaces"]], now, state="ended", why="replaced")


def _revoke_earlier_link(session: Session, row: RowMapping) -> None:
    """End the link that was shown before the address was confirmed: a stranger may have typed it (W-12).

    Whoever also chose a device or a calendar keeps it; a new one would end that calendar's address too.
    """
    person = subscribers.get(session, row["subscriber_id"])
    if person is not None and len(subscribers.endpoints_of(session, person["id"])) == 1:
        subscribers.change(session, person["id"], generation=person["generation"] + 1)


def end_endpoint(house: House, token: str) -> RowMapping | None:
    """End the endpoint that an unsubscribe link names (RFC 8058); ``None`` for a link that was never ours."""
    parts = house.links.parts("unsubscribe", token)
    if parts is None:
        return None
    with house.store.begin() as session:
        row = subscribers.endpoint_row(session, parts[0])
        subscribers.end_endpoints(session, [parts[0]], house.now(), state="ended")
        reached("unsubscribe.ended")
    reached("unsubscribe.committed")
    return row


def person_of(house: House, token: str) -> RowMapping | None:
    """Return the subscriber that a manage link names; ``None`` if it is not ours or was revoked."""
    parts = house.links.parts("manage", token)
    if parts is None or len(parts) != 2:  # noqa: PLR2004 - id and generation
        return None
    with house.store.read() as session:
        row = subscribers.get(session, parts[0])
    return row if row is not None and row["generation"] == parts[1] else None


def put_wishes(house: House, session: Session, person: RowMapping, wishes: Sequence[Wish]) -> str:
    """Replace all subscriptions of a person by ``wishes``; returns where they are at home then.

    Whoever wants nothing of their own municipality any more is at home where their first wish is.
    """
    for old in subscribers.subscriptions(session, person["id"]):
        subscribers.unsubscribe(session, person["id"], old["id"])
    reached("change.old-dropped")
    home = _home(person["municipality_id"], wishes)
    set_wishes(house, session, person["municipality_id"], person["id"], wishes)
    if home != person["municipality_id"]:
        guests.move_home(session, person["id"], home)
        routes.rebuild(session, [person["id"]])
    return home
