"""A town with open batches, problems, digests and reminders moves, and every message still arrives exactly once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import fresh_database
from fakes.house import PLACE, Town, make_town, news
from fakes.people import COUNTY, account
from postgres_server import Server
from sqlalchemy import event, func, select, text

from hub.core.errors import SettingsError
from hub.core.message import Result
from hub.core.notice import Occurrence
from hub.core.subscription import Action, Criteria
from hub.jobs import gather, own
from hub.jobs.hold import release, standing_reason
from hub.jobs.record import record
from hub.jobs.rotate import give_own
from hub.jobs.transfer import Move, transfer
from hub.store import erasing, heartbeats, hosts, pushkeys, standing, subscribers, towns
from hub.store.database import Store
from hub.store.schema import audit, batch, metadata, municipality, problem, role_grant, subscriber, user_account

STRIDE = int(os.environ.get("ORTSRUF_TRANSFER_STRIDE", "53"))  # statements between two deaths; 1: at each
ONE_WAY = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
KEYS = {"links": "secret", "vapid_public": "public"}


@pytest.fixture
def other(store: Store, tmp_path: Path, postgres: Server) -> Iterator[Store]:
    """The database of the other kind, empty but for its tables and keys of its own."""
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    if store.sqlite:
        url = fresh_database(postgres, f"o{abs(hash(str(tmp_path)))}")
    made = Store(url)
    made.upgrade()
    with made.begin() as session:
        towns.add_secret(session, "links", "another", datetime.now(UTC))
    yield made
    made.close()


def busy(town: Town) -> dict[str, int]:
    """Leave everything half done: told, failing, waiting for tomorrow, for the digest, for the reminder."""
    with town.store.begin() as session:
        for name, value in KEYS.items():
            towns.add_secret(session, name, value, town.clock())
    people = {"push": town.person(), "failing": town.person(), "late": town.person()}
    people["digest"] = town.person(None, ("mail", Action.DIGEST, ""), channel="mail")
    people["reminder"] = town.person(
        Criteria(topics=("waste",), places=(PLACE,)), ("mail", Action.REMINDER, "P1D@18:00"), channel="mail"
    )
    town.source()
    town.source("s2", "waste")
    town.push.answers(people["failing"], Result.RETRY)
    dates = (Occurrence("restmuell 2026-11-25", date(2026, 11, 25)),)
    town.poll("s2", news("w", "Restmüll kommt", source="s2", topic="waste", occurrences=dates))
    town.poll("s1", news("a", "Freibad öffnet"))
    town.gatherer.has("s1", news("a", "Freibad öffnet"), news("b", "Markt fällt aus"))
    town.clock.forward(minutes=15)
    gather.gather_due(town.house)
    town.engine._jobs["gather"]("s1")  # stored, told nobody yet
    return people


def told(*towns_: Town) -> Counter[tuple[str, str]]:
    """Return who heard what, over all towns together."""
    return Counter(
        (recipient.endpoint, f"{message.change} {entry.notice.title}")
        for town in towns_ for channel in town.channels.values()
        for recipient, message in channel.sent for entry in message.entries
    )  # fmt: skip


def at_new(town: Town, store: Store) -> Town:
    """Open the house on the new side: nothing in memory, the same clock and sources."""
    return make_town(store, town.clock, "new", town.gatherer)


def everything(town: Town) -> None:
    """Live for two days, looking every eight hours."""
    for _ in range(6):
        town.run()
        town.clock.forward(hours=8)


TITLES = ("Freibad öffnet", "Markt fällt aus")


def test_ids_of_who_was_gone_before_are_given_to_nobody_on_the_other_side(town: Town, other: Store) -> None:
    town.person()
    gone = town.person()
    with town.store.begin() as session:
        row = subscribers.endpoint_row(session, gone)
        erasing.erase(session, [row["subscriber_id"]], town.clock())
    transfer(Move(town.store, other, "the new one"), town.clock, say=lambda _: None)
    release(other, town.clock())
    fresh = at_new(town, other).person()
    with other.read() as session:
        person = subscribers.endpoint_row(session, fresh)["subscriber_id"]
    assert fresh > gone
    assert person > row["subscriber_id"]


def test_every_message_arrives_exactly_once(town: Town, other: Store) -> None:
    people = busy(town)
    before = told(town)
    said: list[str] = []
    counts = transfer(Move(town.store, other, "the new one"), town.clock, say=said.append)
    assert counts["batch"] > 0
    assert counts["digest_entry"] > 0
    assert counts["reminder"] > 0
    assert counts["problem"] == 1
    with other.read() as session:
        assert towns.secrets(session) == KEYS
        assert "Moved here" in standing_reason(session)
    release(other, town.clock())
    new = at_new(town, other)
    everything(new)
    found = told(town, new)
    assert {key for key in found if "Restmüll" not in key[1]} >= {
        (str(people[who]), f"new {title}") for who in ("push", "failing", "late") for title in TITLES
    }
    assert [key for key in found if key[0] == str(people["reminder"])] == [
        (str(people["reminder"]), "reminder Restmüll kommt")
    ]
    assert {key[1].partition(" ")[2] for key in found if key[0] == str(people["digest"])} >= set(TITLES)
    assert max(found.values()) == 1, [key for key, count in found.items() if count > 1]
    assert before
    with pytest.raises(SettingsError, match="has moved to the new one"):
        transfer(Move(town.store, other, "the new one"), town.clock)
    with town.store.read() as session:
        assert standing_reason(session) == "This installation has moved to the new one."


@ONE_WAY
def test_new_rows_get_new_ids_and_links_stay(town: Town, other: Store) -> None:
    busy(town)
    transfer(Move(town.store, other, "new"), town.clock)
    with town.store.read() as old, other.read() as session:
        most = old.scalar(select(func.max(subscriber.c.id)))
        assert session.execute(select(subscriber)).mappings().all() == old.execute(select(subscriber)).mappings().all()
    release(other, town.clock())
    new = at_new(town, other)
    new.person()
    with other.read() as session:
        assert session.scalar(select(func.max(subscriber.c.id))) == most + 1


@ONE_WAY
def test_nothing_is_moved_while_somebody_works(town: Town, other: Store) -> None:
    busy(town)
    with town.store.begin() as session:
        heartbeats.beat(session, "host-1-a", role="serve", lanes="", started_at=town.clock(), now=town.clock())
    waited: list[float] = []
    with pytest.raises(SettingsError, match="Still at work: serve host-1-a"):
        transfer(Move(town.store, other, "new"), town.clock, pause=waited.append)
    with town.store.read() as session:
        assert standing_reason(session) == ""

    def stop(seconds: float) -> None:
        with town.store.begin() as session:
            heartbeats.remove(session, "host-1-a")

    assert transfer(Move(town.store, other, "new"), town.clock, pause=stop)["subscriber"] == 5
    assert len(waited) == 45


# A process that is gone closes its connections; a test that only plays dead leaves a cursor to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_transfer_that_dies_anywhere_is_repeated(town: Town, other: Store) -> None:
    busy(town)

    class Death(BaseException):
        """Nobody catches it: the process is gone."""

    def survives(steps: int) -> bool:
        """Transfer until the statement number ``steps``; whether it came to its end before."""
        left = [steps]

        def look(*_: Any) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Death

        with ExitStack() as watching:
            for store in (town.store, other):
                event.listen(store.engine, "before_cursor_execute", look)
                watching.callback(event.remove, store.engine, "before_cursor_execute", look)
            with suppress(Death):
                transfer(Move(town.store, other, "new"), town.clock)
                return True
        return False

    points = range(1, 1000, STRIDE)
    assert next(count for count in points if survives(count)) > 60
    with town.store.read() as old, other.read() as new:
        for table in metadata.sorted_tables:
            if table.name not in {"standing", "heartbeat", "secret", "feed_touch", "service", "prekey"}:
                count = select(func.count()).select_from(table)
                assert old.scalar(count) == new.scalar(count), table.name
        assert standing.get(old, standing.MOVED)


@ONE_WAY
def test_a_death_between_the_two_commits_copies_nothing_again(town: Town, other: Store) -> None:
    busy(town)

    def die(_connection: Any) -> None:
        with other.read() as session:
            if standing.get(session, f"{standing.ARRIVED}:*"):
                raise KeyboardInterrupt

    event.listen(town.store.engine, "commit", die)
    with pytest.raises(KeyboardInterrupt):
        transfer(Move(town.store, other, "new"), town.clock)
    event.remove(town.store.engine, "commit", die)
    with other.read() as session:
        there = session.scalar(select(func.count()).select_from(batch))
    transfer(Move(town.store, other, "new"), town.clock)
    with other.read() as session:
        assert session.scalar(select(func.count()).select_from(batch)) == there


def second_town(store: Store, now: datetime) -> None:
    values = {
        "id": "simmerath", "name": "Simmerath", "path": "053340028028", "language": "de", "zone": "Europe/Berlin",
        "colour": "#1d4f91",
    }  # fmt: skip
    with store.begin() as session:
        towns.add(session, values, now)


def test_one_town_moves_and_the_others_stay(town: Town, other: Store) -> None:
    people = busy(town)
    second_town(town.store, town.clock())
    transfer(Move(town.store, other, "new", "huertgenwald"), town.clock)
    with town.store.read() as session:
        assert list(session.scalars(select(municipality.c.id))) == ["simmerath"]
        assert session.scalar(select(func.count()).select_from(batch)) == 0
        assert standing_reason(session) == ""
    with other.read() as session:
        assert list(session.scalars(select(municipality.c.id))) == ["huertgenwald"]
        assert session.scalar(select(func.count()).select_from(problem)) == 1
        assert towns.secrets(session) == KEYS
    release(other, town.clock())
    new = at_new(town, other)
    everything(new)
    found = told(town, new)
    assert (str(people["late"]), "new Markt fällt aus") in found
    assert max(found.values()) == 1
    with pytest.raises(SettingsError, match="huertgenwald has moved to new already"):
        transfer(Move(town.store, other, "new", "huertgenwald"), town.clock)
    transfer(Move(town.store, other, "new", "simmerath"), town.clock)  # the same keys: it may join
    with other.read() as session:
        assert set(session.scalars(select(municipality.c.id))) == {"huertgenwald", "simmerath"}


def test_a_town_takes_its_hosts_and_push_keys_along(town: Town, other: Store) -> None:
    busy(town)
    second_town(town.store, town.clock())
    own.change(town.house, "command", "huertgenwald", {"hosts": "ruf.wald.example alt.wald.example"})
    with town.store.begin() as session:
        earlier = give_own(session, "huertgenwald", town.clock(), actor="command")
        now = give_own(session, "huertgenwald", town.clock.forward(days=1), actor="command")
        stays = give_own(session, "simmerath", town.clock(), actor="command")
    transfer(Move(town.store, other, "new", "huertgenwald"), town.clock)
    with other.read() as session:
        assert hosts.listed(session, "huertgenwald") == ["ruf.wald.example", "alt.wald.example"]
        assert [one["public"] for one in pushkeys.of_town(session, "huertgenwald")] == [now, earlier]
    with town.store.read() as session:
        assert hosts.of(session, "ruf.wald.example") is None
        assert [one["public"] for one in pushkeys.of_towns(session)] == [stays]


@ONE_WAY
def test_a_merge_that_would_break_links_is_refused(town: Town, other: Store) -> None:
    busy(town)
    second_town(other, town.clock())
    with pytest.raises(SettingsError, match="serves simmerath already"):
        transfer(Move(town.store, other, "new"), town.clock)
    with pytest.raises(SettingsError, match="every secret link and every push subscription of huertgenwald would end"):
        transfer(Move(town.store, other, "new", "huertgenwald"), town.clock)
    with town.store.read() as session:
        assert standing_reason(session) == ""
    with pytest.raises(SettingsError, match="There is no town nowhere"):
        transfer(Move(town.store, other, "new", "nowhere"), town.clock)


@ONE_WAY
def test_ids_that_are_taken_are_not_changed(town: Town, other: Store) -> None:
    busy(town)
    second_town(other, town.clock())
    with other.begin() as session:
        session.execute(text("DELETE FROM secret"))
        for name, value in KEYS.items():
            towns.add_secret(session, name, value, town.clock())
        session.execute(
            subscriber.insert().values(
                municipality_id="simmerath", language="de", digest_at="08:00", next_digest_at=town.clock(),
                generation=1, created_at=town.clock(),
            )
        )  # fmt: skip
    with pytest.raises(SettingsError, match="Ids in subscriber are taken on the new side"):
        transfer(Move(town.store, other, "new", "huertgenwald"), town.clock)
    with other.read() as session:
        assert list(session.scalars(select(municipality.c.id))) == ["simmerath"]


@ONE_WAY
def test_many_towns_move_one_by_one_and_ids_stay_within_32_bits(town: Town, other: Store) -> None:
    """A hundred million ids of distance at each move were more than PostgreSQL's integers at the 22nd."""
    slugs = [f"ort-{number}" for number in range(24)]
    for number, slug in enumerate(slugs):
        values = {
            "id": slug, "name": slug, "path": f"0533400280{number:02}", "language": "de", "zone": "Europe/Berlin",
            "colour": "#1d4f91",
        }  # fmt: skip
        with town.store.begin() as session:
            towns.add(session, values, town.clock())
    ids: list[int] = []
    for slug in slugs:
        lives_in(town.store, slug, town.clock())  # the old side goes on meanwhile
        transfer(Move(town.store, other, "new", slug), town.clock, say=lambda _: None)
        ids.append(lives_in(other, slug, town.clock()))
    assert len(set(ids)) == len(slugs)
    with other.read() as session:
        assert session.scalar(select(func.count()).select_from(subscriber)) == 2 * len(slugs)
    assert max(ids) < 200_000_000


def lives_in(store: Store, slug: str, now: datetime) -> int:
    with store.begin() as session:
        values = {
            "municipality_id": slug, "language": "de", "digest_at": "08:00", "next_digest_at": now, "generation": 1,
            "created_at": now,
        }  # fmt: skip
        return int(session.execute(subscriber.insert().values(**values).returning(subscriber.c.id)).scalar_one())


@ONE_WAY
def test_ids_end_before_their_32_bits_do(town: Town, other: Store) -> None:
    second_town(town.store, town.clock())
    with town.store.begin() as session:
        session.execute(text("DELETE FROM sqlite_sequence WHERE name = 'subscriber'"))
        session.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('subscriber', 2147480000)"))
    transfer(Move(town.store, other, "new", "simmerath"), town.clock, say=lambda _: None)
    assert 2147480000 < lives_in(other, "simmerath", town.clock()) < 2**31


@ONE_WAY
def test_a_town_that_moves_in_first_takes_the_place_of_no_account(town: Town, other: Store) -> None:
    """Who is to operate the new side was invited there before; the whole installation comes into an empty one only."""
    busy(town)
    new = make_town(other, town.clock)
    with other.begin() as session:
        session.execute(text("DELETE FROM municipality"))
        record(new.house, session, "command", "tested")
    someone = account(new, "bert@example.org", COUNTY)
    with pytest.raises(SettingsError, match="accounts or an audit log"):
        transfer(Move(town.store, other, "new"), town.clock, say=lambda _: None)
    transfer(Move(town.store, other, "new", "huertgenwald"), town.clock, say=lambda _: None)
    with other.read() as session:
        assert session.scalars(select(user_account.c.id)).all() == [someone]
        assert session.scalars(select(audit.c.act)).all() == ["tested"]
        assert len(session.execute(select(role_grant)).all()) == 1
        assert towns.secrets(session) == KEYS
