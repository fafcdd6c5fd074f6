"""Towns full of people in seconds: what load tests, growth curves and benchmarks start from.

    python benchmarks/seed.py sqlite:////tmp/town.sqlite --subscribers 1000000

``seed(store, towns=50, subscribers=20_000, origin="http://127.0.0.1:9999")`` from Python. Every table is filled by one
``INSERT … SELECT`` over a series of numbers, on SQLite and PostgreSQL alike; keys are real points of P-256, from a
small pool. Rows of ``route`` equal the join. Of a town's people one in a hundred follows ``HUNDREDTH`` and one in ten
``TENTH``, which nobody else does; all follow severe warnings for the whole town; the rest of their interests are drawn
with a long tail from far fewer distinct ones than there are people.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Table, bindparam, event, func, select, text
from sqlalchemy.orm import Session

from hub.bootstrap import now
from hub.core.notice import Severity
from hub.core.subscription import Criteria
from hub.store import interests
from hub.store import towns as town_rows
from hub.store.database import Store
from hub.store.schema import endpoint, interest, route, subscriber, subscription
from hub.store.schema.base import Utc
from push.webpush.crypto import make_vapid_key
from push.webpush.subscription import pack

HUNDREDTH, TENTH = "hundredth", "tenth"  # audiences: notices of topic "events" in a zone of that name
KEYS = 256  # distinct key pairs
_PAGE = 200_000  # people in one transaction
_TOPICS = ("news", "waste", "roads", "council", "tenders", "jobs")
_WORDS = ("", "markt", "schule", "kita", "brücke", "sperrung")
_ZONES = 40


@dataclass(frozen=True)
class KeyPair:
    """One browser's keys; ``keys`` is what an endpoint stores."""

    private: ec.EllipticCurvePrivateKey
    auth: bytes
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Seeded:
    """What was made. ``towns`` are (slug, path); person ``n`` (from 1) of town ``t`` is reached at ``/t/n``."""

    towns: list[tuple[str, str]]
    subscribers: int
    interests: int
    routes: int
    seconds: float
    pool: list[KeyPair] = field(repr=False)


def prepare(store: Store) -> None:
    """Bring an empty database to today's shape, with its keys but without the reference places (seconds saved)."""
    store.upgrade()
    with store.begin() as session:
        if "links" not in town_rows.secrets(session):
            private, public = make_vapid_key()
            keys = {"links": "a key of links for benchmarks", "vapid_private": private, "vapid_public": public}
            for name, value in keys.items():
                town_rows.add_secret(session, name, value, now())


def seed(  # noqa: PLR0913 - a door with names
    store: Store, *, towns: int = 1, subscribers: int = 10_000, origin: str = "http://127.0.0.1:9",
    mail: float = 0.0, digest: float = 0.0, quiet: float = 0.0, distinct: int = 0, first: int = 0,
) -> Seeded:  # fmt: skip
    """Fill ``store`` with ``subscribers`` in all, spread over ``towns`` numbered from ``first``.

    ``mail``, ``digest`` and ``quiet`` are shares: reached by mail, ordinary news in the digest, quiet from 22 to 6.
    ``distinct`` interests a town (0: a twentieth of its people, 30 to 1,200).
    """
    begin = time.perf_counter()
    prepare(store)
    places = [(f"town{number}", f"05358{number:07d}") for number in range(first, first + towns)]
    share = max(1, subscribers // towns)
    distinct = distinct or min(1200, max(30, share // 20))
    pool = key_pool()
    if store.sqlite:
        event.listen(store.engine, "connect", _teach)
        store.engine.dispose()
    with store.begin() as session:
        _add_towns(session, places)
        _scratch(session, pool)
        for slug, path in places:
            _add_interests(session, slug, path, distinct)
        each = ((subscriber, 1), (endpoint, 1), (subscription, 3))
        base = max(_highest(session, table) // most for table, most in each)
    values = {
        "towns": towns, "first": first, "origin": origin, "distinct": distinct,
        "now": now(), "later": now() + timedelta(hours=20), "pool": len(pool),
        "mail": int(mail * 100), "digest": int(digest * 100), "quiet": int(quiet * 100),
    }  # fmt: skip
    for start in range(0, subscribers, _PAGE):
        with store.begin() as session:
            _page(session, {**values, "base": base, "low": start, "high": min(start + _PAGE, subscribers)})
    with store.begin() as session:
        _finish(session)
        interest_count = session.scalar(select(func.count()).select_from(interest)) or 0
        routes = session.scalar(select(func.count()).select_from(route)) or 0
    return Seeded(places, subscribers, interest_count, routes, time.perf_counter() - begin, pool)


def audience(path: str, name: str) -> str:
    """Return the place at which a notice of topic ``events`` reaches :data:`HUNDREDTH` or :data:`TENTH` of a town."""
    return f"{path}/zone:{name}"


def key_pool(size: int = KEYS) -> list[KeyPair]:
    """Make key pairs as browsers do."""
    pool = []
    for _ in range(size):
        private, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        pool.append(KeyPair(private, auth, {"p256dh": pack(point), "auth": pack(auth)}))
    return pool


def _highest(session: Session, table: Table) -> int:
    """Return a number that is a whole person above every id of ``table``."""
    return int(session.scalar(select(func.coalesce(func.max(table.c.id), -3))) or 0) + 3


def _teach(connection: Any, _record: object) -> None:
    """Teach SQLite the hash of addresses, and do not wait for the disk: this is no town's only copy."""
    connection.execute("PRAGMA synchronous=OFF")
    connection.create_function("sha256hex", 1, lambda value: hashlib.sha256(value.encode()).hexdigest())


def _add_towns(session: Session, places: list[tuple[str, str]]) -> None:
    for slug, path in places:
        values = {"id": slug, "name": slug.title(), "path": path, "language": "de", "zone": "Europe/Berlin"}
        town_rows.add(session, values | {"colour": "#1d4f91"}, now())


def _add_interests(session: Session, slug: str, path: str, distinct: int) -> None:
    """Store a town's interests and number them: -3 warnings, -2 a tenth, -1 a hundredth, 0 … the ordinary ones."""
    special = [
        (-3, Criteria(topics=("warnings",), places=(path,), severity=Severity.SEVERE)),
        (-2, Criteria(topics=("events",), places=(audience(path, TENTH),))),
        (-1, Criteria(topics=("events",), places=(audience(path, HUNDREDTH),))),
    ]
    rows = []
    for number, criteria in [*special, *enumerate(_ordinary(path, distinct))]:
        interest_id, _ = interests.ensure(session, slug, criteria)
        interests.filled(session, interest_id)
        rows.append({"town": int(slug.removeprefix("town")), "number": number, "id": interest_id})
    session.execute(text("INSERT INTO seed_interest (town, number, id) VALUES (:town, :number, :id)"), rows)


def _ordinary(path: str, distinct: int) -> Iterator[Criteria]:
    """Yield ``distinct`` criteria: topic by zone by word, the plainest first."""
    for number in range(distinct):
        topic = _TOPICS[number % len(_TOPICS)]
        zone = number // len(_TOPICS) % (_ZONES + 1)
        word = _WORDS[number // (len(_TOPICS) * (_ZONES + 1)) % len(_WORDS)]
        places = (f"{path}/zone:z{zone}" if zone else path,)
        yield Criteria(topics=(topic,), places=places, words=(word,) if word else ())


def _scratch(session: Session, pool: list[KeyPair]) -> None:
    """Make the tables from which the statements draw; they go when the seed is laid."""
    session.execute(text("DROP TABLE IF EXISTS seed_interest"))
    session.execute(text("DROP TABLE IF EXISTS seed_key"))
    session.execute(text("CREATE TABLE seed_interest (town INTEGER, number INTEGER, id INTEGER)"))
    session.execute(text("CREATE INDEX seed_interest_town ON seed_interest (town, number)"))
    session.execute(text("CREATE TABLE seed_key (number INTEGER PRIMARY KEY, keys TEXT)"))
    rows = [{"number": number, "keys": json.dumps(dict(one.keys))} for number, one in enumerate(pool)]
    session.execute(text("INSERT INTO seed_key (number, keys) VALUES (:number, :keys)"), rows)


def _page(session: Session, values: dict[str, Any]) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"
    numbers = _SQLITE_NUMBERS if sqlite else _POSTGRES_NUMBERS
    digest_of = "sha256hex(a.address)" if sqlite else "encode(sha256(convert_to(a.address, 'UTF8')), 'hex')"
    json_of = "k.keys" if sqlite else "CAST(k.keys AS json)"
    for statement in (_SUBSCRIBERS, _ENDPOINTS, _SUBSCRIPTIONS, _WAYS, _ROUTES):
        filled = statement.replace("@numbers", numbers).replace("@hash", digest_of).replace("@json", json_of)
        filled = filled.replace("@false", "0" if sqlite else "false").replace(
            "@none", "'{}'" if sqlite else "'{}'::json"
        )
        query = text(filled)
        names = set(query._bindparams)
        stamps = [bindparam(name, type_=Utc()) for name in ("now", "later") if name in names]
        session.execute(query.bindparams(*stamps), {name: values[name] for name in names})


_SQLITE_NUMBERS = """
    (WITH RECURSIVE n(i) AS (SELECT CAST(:low AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :high)
     SELECT i FROM n) AS n
"""
_POSTGRES_NUMBERS = "generate_series(CAST(:low AS integer), CAST(:high AS integer) - 1) AS n(i)"
_TOWN = "(CAST(:first AS integer) + n.i % CAST(:towns AS integer))"
_PERSON = "(CAST(:base AS integer) + 1 + n.i)"
_CHANNEL = "CASE WHEN (n.i * 37 / CAST(:towns AS integer)) % 100 < :mail THEN 'mail' ELSE 'webpush' END"

_SUBSCRIBERS = f"""
    INSERT INTO subscriber (id, municipality_id, language, digest_at, quiet_from, quiet_to, next_digest_at,
                            generation, canary, alive_at, read_until, created_at)
    SELECT {_PERSON}, 'town' || {_TOWN}, CASE WHEN n.i % 20 = 7 THEN 'en' ELSE 'de' END, '07:00',
           CASE WHEN n.i * 53 % 100 < :quiet THEN '22:00' END, CASE WHEN n.i * 53 % 100 < :quiet THEN '06:00' END,
           :later, 1, @false, :now, :now, :now
    FROM @numbers
"""
_ENDPOINTS = f"""
    INSERT INTO endpoint (id, municipality_id, subscriber_id, channel, address, address_hash, service, keys, state,
                          created_at, confirmed_at, ended_why, soft_bounces)
    SELECT a.id, a.town, a.id, a.channel, a.address, @hash,
           CASE WHEN a.channel = 'mail' THEN 'example.org' ELSE CAST(:origin AS varchar(255)) END,
           CASE WHEN a.channel = 'mail' THEN @none ELSE @json END, 'active', :now, :now, '', 0
    FROM (SELECT {_PERSON} AS id, 'town' || {_TOWN} AS town, {_CHANNEL} AS channel, n.i AS i,
                 CASE WHEN {_CHANNEL} = 'mail' THEN 'p' || {_PERSON} || '.town' || {_TOWN} || '@example.org'
                      ELSE CAST(:origin AS text) || '/town' || {_TOWN} || '/' || {_PERSON} END AS address
          FROM @numbers) AS a
    JOIN seed_key AS k ON k.number = a.i % CAST(:pool AS integer)
"""
# Two ordinary interests each, the square of an even number for a long tail; the modulus is prime.
_WANTED = f"""
    SELECT n.i AS i, {_PERSON} AS person, {_TOWN} AS town, w.slot AS slot,
           CASE w.slot WHEN 0 THEN -3
                WHEN 1 THEN CASE WHEN n.i / CAST(:towns AS integer) % 100 = 0 THEN -1
                                 WHEN n.i / CAST(:towns AS integer) % 10 = 1 THEN -2 ELSE -9 END
                ELSE CAST(floor(:distinct * ((n.i * 7919 % 9973) / 9973.0) * ((n.i * 7919 % 9973) / 9973.0))
                     AS integer) END AS number
    FROM @numbers CROSS JOIN (SELECT 0 AS slot UNION ALL SELECT 1 UNION ALL SELECT 2) AS w
"""
# A subquery: a join would make SQLite, without statistics, go through the series once for each interest.
_SUBSCRIPTIONS = f"""
    INSERT INTO subscription (id, subscriber_id, interest_id)
    SELECT r.id, r.person, r.interest
    FROM (SELECT q.person * 3 + q.slot - 2 AS id, q.person AS person,
                 (SELECT s.id FROM seed_interest AS s WHERE s.town = q.town AND s.number = q.number) AS interest
          FROM ({_WANTED}) AS q) AS r
    WHERE r.interest IS NOT NULL
"""
_WAYS = """
    INSERT INTO way (subscription_id, channel, action, lead)
    SELECT s.id, e.channel,
           CASE WHEN (s.id + 2) % 3 = 2 AND e.id * 29 % 100 < :digest THEN 'digest' ELSE 'now' END, ''
    FROM subscription AS s JOIN endpoint AS e ON e.subscriber_id = s.subscriber_id
    WHERE s.subscriber_id > :base + :low AND s.subscriber_id <= :base + :high
"""
_ROUTES = """
    INSERT INTO route (interest_id, action, lead, channel, service, quiet, endpoint_id, subscriber_id, paused_until)
    SELECT s.interest_id, w.action, w.lead, w.channel, e.service,
           CASE WHEN p.quiet_from IS NULL THEN '' ELSE p.quiet_from || '-' || p.quiet_to END, e.id, p.id, p.paused_until
    FROM subscription AS s
    JOIN way AS w ON w.subscription_id = s.id
    JOIN subscriber AS p ON p.id = s.subscriber_id
    JOIN endpoint AS e ON e.subscriber_id = p.id AND e.channel = w.channel
    WHERE s.subscriber_id > :base + :low AND s.subscriber_id <= :base + :high
    ORDER BY s.interest_id, w.action, w.lead, w.channel, e.service, e.id
"""


def _finish(session: Session) -> None:
    """Take the scratch tables away, let counters go on after our ids, and tell the planner what is there."""
    session.execute(text("DROP TABLE seed_interest"))
    session.execute(text("DROP TABLE seed_key"))
    if session.get_bind().dialect.name == "postgresql":
        for table in (subscriber, endpoint, subscription):
            highest = select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery()
            session.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), highest)))
    session.execute(text("ANALYZE"))


def main() -> None:
    """Seed the database at a URL and say what was made."""
    (ask := argparse.ArgumentParser()).add_argument("url")
    for name, count in (("towns", 1), ("subscribers", 10_000)):
        ask.add_argument(f"--{name}", type=int, default=count)
    ask.add_argument("--origin", default="http://127.0.0.1:9")
    for name in ("mail", "digest", "quiet"):
        ask.add_argument(f"--{name}", type=float, default=0.0, help="share of the people")
    given = vars(ask.parse_args())
    print(seed(Store(given.pop("url")), **given))


if __name__ == "__main__":
    main()
