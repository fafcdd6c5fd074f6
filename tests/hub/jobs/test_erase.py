"""Who deletes everything leaves nothing behind, in no table of the database, on both databases (T-02)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fakes.house import PLACE, Town, news
from sqlalchemy import MetaData, inspect, text

from hub.core.message import Result
from hub.core.mutes import Mute, Sort
from hub.core.subscription import Action, Criteria
from hub.erasures import Erasures
from hub.jobs import sweep
from hub.jobs.erase import erase
from hub.jobs.hold import release
from hub.jobs.subscribe import SignUp, Wish, person_of, sign_up
from hub.store import interests, mutes, prekeys, subscribers
from hub.store.schema import batch, erased, subscriber, subscription

FAR = {"subscriber": 7_654_321, "endpoint": 8_765_432}  # ids that nothing else has by chance
WORDS = "zwetschgendatschi"


def count_from(town: Town, table: str, last: int) -> None:
    """Let the next row of ``table`` have the id behind ``last``."""
    with town.store.begin() as session:
        if town.store.sqlite:
            session.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
            session.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), {"name": table, "last": last})
        else:
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"))


def somebody(town: Town) -> tuple[int, list[int], set[str]]:
    """Sign up who has one of everything; returns their id, their endpoints' ids, and texts that are theirs alone."""
    for table, last in FAR.items():
        count_from(town, table, last)
    news_now = Wish(
        Criteria(topics=("news",), places=(PLACE,)),
        (("webpush", Action.NOW, ""), ("mail", Action.DIGEST, ""), ("ical", Action.CALENDAR, "")),
    )
    own = Wish(Criteria(topics=("news",), places=(PLACE,), words=(WORDS,)), (("webpush", Action.NOW, ""),))
    addresses = {
        "webpush": ("https://push.example/mine", {"p256dh": "eigen", "auth": "eigen"}, "service"),
        "mail": ("erika@example.org", {}, "example.org"), "ical": ("", {}, ""),
    }  # fmt: skip
    person = sign_up(town.house, "huertgenwald", SignUp((news_now, own), addresses))
    with town.store.begin() as session:
        ids = [row["id"] for row in subscribers.endpoints_of(session, person)]
        for one in ids:
            subscribers.confirm(session, one, town.clock())
        mutes.put(session, person, Mute(Sort.TOPIC, "roads", None), town.clock())
        prekeys.put(session, {ids[0]: b"prekey of mine"}, town.clock())
    town.engine.run_all()
    own_texts = {"erika@example.org", "push.example/mine", "prekey of mine", WORDS, "eigen"}
    return person, ids, own_texts | {subscribers.address_hash("erika@example.org")}


def traces(town: Town, ids: set[int], texts: set[str]) -> Iterator[str]:
    """Yield every column of the database in which one of these ids or texts stands, however it is written."""
    found = MetaData()
    with town.store.read() as session:
        found.reflect(session.connection())
        assert len(found.tables) == len(inspect(session.connection()).get_table_names()) > 30
        for table in found.sorted_tables:
            for row in session.execute(table.select()).mappings():
                yield from (f"{table.name}.{name}" for name, value in row.items() if names(value, ids, texts))


def names(value: Any, ids: set[int], texts: set[str]) -> bool:
    if isinstance(value, int):
        return value in ids
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        packed = {one.to_bytes(4, order) for one in ids for order in ("little", "big")}  # type: ignore[arg-type]
        return any(one in raw for one in packed) or any(one.encode() in raw for one in texts)
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    return any(one in written for one in texts | {str(one) for one in ids})


def gone(town: Town, person: int) -> None:
    row = person_of(town.house, town.house.links.token("manage", person, 1))
    assert row is not None
    erase(town.house, row)
    town.engine.run_all()


def next_day(town: Town) -> None:
    """Let a day pass in which somebody else comes, whom calendars take note of."""
    town.person()
    town.clock.at = datetime.now(UTC) + timedelta(days=1)  # touches are dated by the database
    sweep.retain(town.house)
    sweep.forget(town.house)


def test_nothing_of_who_deleted_everything_is_left_in_any_table(town: Town) -> None:
    town.source()
    person, ids, texts = somebody(town)
    town.push.answers(ids[0], Result.FAILED)
    town.poll("s1", news("a", f"Markt mit {WORDS[:6].title()}"), news("b", "Fest"))
    everything = {person, *ids}
    before = set(traces(town, everything, texts))
    assert {
        "subscriber.id", "endpoint.address", "route.endpoint_id", "mute.subscriber_id", "digest_entry.endpoint_id",
        "batch.ids", "problem.endpoint_id", "interest.criteria", "subscription.subscriber_id", "feed_touch.subscriber_id",
    } <= before  # fmt: skip
    with town.store.read() as session:
        counts = session.execute(batch.select().with_only_columns(batch.c.id, batch.c.size, batch.c.sent)).all()
    gone(town, person)
    assert set(traces(town, everything, texts)) == {"feed_touch.subscriber_id", "erased.endpoint_id"}
    with town.store.read() as session:
        assert session.execute(batch.select().with_only_columns(batch.c.id, batch.c.size, batch.c.sent)).all() == counts
    next_day(town)
    assert set(traces(town, everything, texts)) == set()


def test_what_was_under_way_is_cleaned_when_it_has_ended(town: Town) -> None:
    town.source()
    person, ids, texts = somebody(town)
    town.push.answers(ids[0], *[Result.RETRY] * 3)
    town.poll("s1", news("a", "Markt"))
    gone(town, person)
    assert {"batch.ids", "problem.endpoint_id", "erased.endpoint_id"} <= set(traces(town, {person, *ids}, texts))
    for _ in range(3):
        town.clock.forward(hours=30)
        town.run()
    next_day(town)
    assert set(traces(town, {person, *ids}, texts)) == set()


def test_who_shares_an_interest_keeps_it(town: Town) -> None:
    town.source()
    other = town.person(Criteria(topics=("news",), places=(PLACE,)))
    person, _ids, _texts = somebody(town)
    gone(town, person)
    town.poll("s1", news("a", "Markt"))
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(other)]
    with town.store.read() as session:
        assert session.execute(erased.select()).all() != []  # until the day's round
        assert len(session.execute(subscription.select()).all()) == 1


def test_a_choice_that_was_given_up_goes_with_the_days_round(town: Town) -> None:
    person, _ids, _texts = somebody(town)
    with town.store.begin() as session:
        for one in subscribers.subscriptions(session, person):
            subscribers.unsubscribe(session, person, one["id"])
        assert interests.get(session, one["interest_id"]) is not None
    sweep.forget(town.house)
    assert set(traces(town, set(), {WORDS})) == set()


def test_the_link_of_who_is_gone_opens_nobody_elses_page(town: Town) -> None:
    form = SignUp((Wish(Criteria(topics=("news",)), (("ical", Action.CALENDAR, ""),)),), {"ical": ("", {}, "")})
    first = sign_up(town.house, "huertgenwald", form)
    with town.store.read() as session:
        (way,) = subscribers.endpoints_of(session, first)
    gone(town, first)
    second = sign_up(town.house, "huertgenwald", form)
    with town.store.read() as session:
        (other,) = subscribers.endpoints_of(session, second)
    assert person_of(town.house, town.house.links.token("manage", first, 1)) is None
    assert (first, way["id"]) != (second, other["id"])
    assert first != second
    assert way["id"] != other["id"]


def test_a_restored_backup_forgets_once_more_who_is_gone(town: Town, tmp_path: Path) -> None:
    listed = Erasures(tmp_path / "erased")
    object.__setattr__(town.house, "erased", listed.note)
    person, _ids, texts = somebody(town)
    with town.store.read() as session:
        backup = subscribers.get(session, person)
    gone(town, person)
    with (tmp_path / "erased").open("a", encoding="ascii") as file:
        file.write("76543")  # cut short by a crash
    listed.note(76544, backup["created_at"])
    listed.note_town("simmerath", backup["created_at"])
    assert listed.listed() == [(person, backup["created_at"]), (76544, backup["created_at"])]
    assert listed.towns() == [("simmerath", backup["created_at"])]
    listed.note_town("simmerath", backup["created_at"], back=True)
    assert listed.towns() == []
    with town.store.begin() as session:  # as a backup has it
        session.execute(subscriber.insert().values(**backup))
        subscribers.add_endpoint(
            session, "huertgenwald", person, channel="mail", address="erika@example.org", service="example.org", keys={},
            active=True, now=town.clock(),
        )  # fmt: skip
        others = subscribers.add(
            session, "huertgenwald", language="de", digest_at="07:00", next_digest_at=town.clock(), now=town.clock()
        )
    newcomer = (others, backup["created_at"] - timedelta(days=1))  # an id that the backup gave once more
    release(town.store, town.clock(), erased=[*listed.listed(), newcomer])
    with town.store.read() as session:
        assert subscribers.get(session, person) is None
        assert subscribers.get(session, others) is not None
    assert set(traces(town, set(), texts)) == set()
