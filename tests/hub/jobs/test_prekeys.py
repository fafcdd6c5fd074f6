"""Prekeys: made in idle time for who hears of warnings at once, used once, forgotten with the keys they belong to."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import select, update

from hub.core.message import Change, Result
from hub.core.notice import Severity
from hub.core.subscription import Action, Criteria
from hub.jobs import hold, prekeys
from hub.store import erasing, subscribers
from hub.store.schema import endpoint, prekey
from push.webpush.crypto import PREKEY
from push.webpush.subscription import pack

WARNED = Criteria(topics=("warnings",), places=(PLACE,))


def keys() -> dict[str, str]:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {
        "p256dh": pack(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)), "auth": pack(os.urandom(16)),
    }  # fmt: skip


def device(town: Town, criteria: Criteria | None = WARNED, *ways: tuple[str, Action, str]) -> int:
    """Add a person whose browser has real keys."""
    made = town.person(criteria, *ways)
    with town.store.begin() as session:
        session.execute(update(endpoint).where(endpoint.c.id == made).values(keys=keys()))
    return made


def kept(town: Town) -> dict[int, bytes]:
    with town.store.read() as session:
        return {row.endpoint_id: row.material for row in session.execute(select(prekey))}


def fill(town: Town, most: int = 100) -> int:
    return prekeys.fill(replace(town.house, prekeys=most))


def warn(town: Town, key: str = "w1", severity: Severity = Severity.EXTREME) -> None:
    expires = town.clock() + timedelta(hours=9)
    town.poll("s1", news(key, f"Sturm {key}", topic="warnings", severity=severity, expires=expires))


def sent(town: Town) -> dict[str, bytes]:
    return {recipient.endpoint: recipient.prekey for recipient, _ in town.push.sent}


def test_who_hears_of_warnings_at_once_gets_one(town: Town) -> None:
    warned, anything = device(town), device(town, Criteria(places=(PLACE,)))
    twice = device(town, Criteria(topics=("news", "warnings"), places=(PLACE,)))
    device(town, Criteria(topics=("news",), places=(PLACE,)))
    device(town, WARNED, ("webpush", Action.REMINDER, "P1D@18:00"))
    broken = town.person(WARNED)  # without keys
    assert fill(town) == 3
    made = kept(town)
    assert sorted(made) == [warned, anything, twice]
    assert {len(one) for one in made.values()} == {PREKEY}
    assert fill(town) == 0
    assert kept(town) == made
    assert broken not in made


def test_no_more_are_made_than_the_operator_wants(village: Town) -> None:
    for _ in range(5):
        device(village)
    assert prekeys.fill(replace(village.house, prekeys=4), most=3) == 3
    assert fill(village, 4) == 1
    assert fill(village, 4) == 0
    assert fill(village, 0) == 0
    assert kept(village) == {}


def test_nothing_is_made_while_a_message_waits(village: Town) -> None:
    device(village)
    village.engine._jobs = {**village.engine._jobs, "deliver": lambda _id: None}
    village.source("s1", "warnings")
    warn(village)
    assert fill(village) == 0
    village.clock.forward(minutes=1)
    assert prekeys.fill(replace(village.house, prekeys=9, stopping=lambda: True)) == 0


def test_an_emergency_uses_them_up_and_news_does_not(town: Town) -> None:
    one, two = device(town), device(town)
    town.source("s1", "warnings")
    fill(town)
    made = kept(town)
    warn(town, "n1", Severity.MINOR)
    assert sent(town) == {str(one): b"", str(two): b""}
    assert kept(town) == made
    town.push.forget()
    warn(town, "w1")
    assert sent(town) == {str(one): made[one], str(two): made[two]}
    assert kept(town) == {}
    assert fill(town) == 2
    assert not set(kept(town).values()) & set(made.values())


def test_who_is_tried_again_gets_another_message_key(village: Town) -> None:
    one = device(village)
    village.source("s1", "warnings")
    fill(village)
    seen: list[bytes] = []
    told = village.push.send

    def look(chunk, outlet):  # type: ignore[no-untyped-def]
        pairs = list(chunk)
        seen.extend(recipient.prekey for recipient, _ in pairs)
        return told(pairs, outlet)

    village.push.send = look  # type: ignore[method-assign]
    village.push.answers(one, Result.RETRY)
    warn(village)
    village.clock.forward(minutes=10)
    village.run()
    assert [len(prekey) for prekey in seen] == [PREKEY, 0]
    assert village.push.sent[-1][1].change is Change.NEW


def test_other_keys_an_end_and_an_erasure_forget_them(town: Town) -> None:
    renewed, ended, erased, stays = (device(town) for _ in range(4))
    assert fill(town) == 4
    with town.store.begin() as session:
        subscribers.renew_endpoint(session, renewed, address="https://push.example/new", service="service", keys=keys())
        subscribers.end_endpoints(session, [ended], town.clock())
        row = subscribers.endpoint_row(session, erased)
        assert row is not None
        erasing.erase(session, [row["subscriber_id"]], town.clock())
    assert sorted(kept(town)) == [stays]
    assert fill(town) == 1
    assert sorted(kept(town)) == [renewed, stays]


def test_a_restored_backup_and_a_month_forget_them(village: Town) -> None:
    device(village)
    fill(village)
    [first] = kept(village).values()
    hold.hold(village.store, "restored", village.clock())
    hold.release(village.store, village.clock())
    assert kept(village) == {}
    fill(village)
    [second] = kept(village).values()
    village.clock.forward(minutes=31 * 24 * 60)
    assert fill(village) == 1
    [third] = kept(village).values()
    assert len({first, second, third}) == 3
    assert village.clock() > NOON
