"""A county on paper: a thousand distinct interests and as many subscribers as asked for, written by the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from hub.core.notice import Notice, NoticeText, Severity, Value, notice_id
from hub.core.subscription import Criteria
from hub.engines.inline import InlineEngine
from hub.jobs.house import House
from hub.links import Links
from hub.store import interests, routes, towns
from hub.store.database import Store

NOW = datetime(2026, 11, 26, 11, tzinfo=UTC)
TOWN, PLACE, CENTRE = "county", "053580016016", (6.4, 50.7)
TOPICS = ("news", "waste", "warnings", "roads", "tenders", "council")
SERVICES = ("https://fcm.example", "https://updates.example", "https://web.example")


def criteria(number: int) -> Criteria:
    """Return the ``number``-th of many distinct interests; of each kind of predicate some, one in ten of a tender."""
    own = (f"wort{number}",)
    topic, street = TOPICS[number % len(TOPICS)], f"{PLACE}/street:weg-{number % 700}"
    kinds = (
        Criteria(topics=(topic,), places=(street,), without=own),
        Criteria(topics=(topic,), places=(PLACE,), words=own),
        Criteria(
            topics=(topic,),
            centre=(CENTRE[0] + number % 97 / 300, CENTRE[1]),
            radius_km=float(1 + number % 9),
            without=own,
        ),
        Criteria(
            topics=(topic,), places=(street, f"{PLACE}/zone:bezirk-{number % 9}"), severity=Severity.MINOR, without=own
        ),
        Criteria(topics=("tenders",), cpv=(f"{10 + number % 80}",), least_value=float(number)),
    )
    if number % 10 == 0:  # what the measured notice fits
        return Criteria(
            topics=("tenders",), places=(PLACE,), words=("brücke", f"steg{number}"), cpv=("45",), least_value=number
        )  # fmt: skip
    return kinds[number % len(kinds)]


def call(number: int) -> Notice:
    """Return the ``number``-th tender that one interest in ten fits."""
    return Notice(
        id=notice_id("bench", str(number)), key=str(number), kind="rss", topic="tenders",
        texts=(NoticeText("de", f"Brücke {number}", "Neubau einer Brücke über die Kall"),), cpv=("45221111",),
        value=Value(2_000_000.0, "EUR"), expires=NOW + timedelta(days=20),
    )  # fmt: skip


def house(store: Store) -> House:
    """Return a house that plans messages and sends none."""
    engine = InlineEngine({"deliver": str, "publish": str, "backfill": str}, lambda: NOW)
    channel = type("Channel", (), {"PULL": False})()
    return House(
        store=store, engine=engine, gatherer=None, channels=lambda _name: channel, outlet=None,  # type: ignore[arg-type]
        links=Links("https://ortsruf.example", "key"), now=lambda: NOW, owner="bench",
    )  # fmt: skip


def settle(store: Store, subscribers: int, distinct: int = 1000) -> None:
    """Let ``subscribers`` people with one push endpoint and one subscription each move into an empty database."""
    values = {"id": TOWN, "name": "Kreis", "path": PLACE, "language": "de", "zone": "Europe/Berlin", "colour": "#000"}
    with store.begin() as session:
        towns.add(session, values, NOW)
        for number in range(distinct):
            interest_id, _ = interests.ensure(session, TOWN, criteria(number))
            interests.filled(session, interest_id)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
    if not store.sqlite:
        numbers = "WITH n(i) AS (SELECT generate_series(1, :count)) "
    service = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(SERVICES))
    empty = "'{}'" if store.sqlite else "CAST('{}' AS json)"
    false = "0" if store.sqlite else "false"
    statements = {
        "subscriber (id, municipality_id, language, digest_at, digest_days, quiet_from, quiet_to, next_digest_at,"
        " generation, canary, alive_at, read_until, created_at)":
            "i, :town, 'de', '07:00', '1234567', CASE WHEN i % 5 = 0 THEN '22:00' END,"
            f" CASE WHEN i % 5 = 0 THEN '06:30' END, :far, 1, {false}, :now, :now, :now",
        "endpoint (id, municipality_id, subscriber_id, channel, address, address_hash, service, keys, state,"
        " created_at, ended_why, soft_bounces)":
            f"i, :town, i, 'webpush', 'https://push.example/' || i, '' || i, CASE i % 3 {service} END, {empty},"
            " 'active', :now, '', 0",
        "subscription (id, subscriber_id, interest_id)": "i, i, (CAST(i AS bigint) * 7919 % :distinct) + 1",
        "way (subscription_id, channel, action, lead)": "i, 'webpush', 'now', ''",
    }  # fmt: skip
    given = {"count": subscribers, "town": TOWN, "now": NOW, "far": NOW + timedelta(days=900), "distinct": distinct}
    for into, columns in statements.items():
        used = {name: value for name, value in given.items() if name == "count" or f":{name}" in columns}
        if store.sqlite:
            used = {
                name: str(one.replace(tzinfo=None)) if isinstance(one, datetime) else one for name, one in used.items()
            }
        with store.begin() as session:
            prefix = f"INSERT INTO {into} "
            session.execute(text(f"{prefix}{numbers}SELECT {columns} FROM n"), used)
    with store.begin() as session:
        routes.rebuild_all(session)
    if not store.sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
