"""A backup is made while everything goes on, and what is restored from it tells nobody twice (D-09)."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import fresh_database
from fakes.house import PLACE, Town, make_town, news
from fakes.people import COUNTY, account, code, monthly_soon, operator
from postgres_server import Server
from sqlalchemy import delete, event, select, text

from hub.core.errors import SettingsError
from hub.core.message import Result
from hub.core.notice import Occurrence
from hub.core.sessions import Stage
from hub.core.subscription import Action, Criteria
from hub.hashing import hashed_code
from hub.jobs import people
from hub.jobs.backup import backup, restore
from hub.jobs.correspond import write
from hub.jobs.hold import release, standing_reason
from hub.jobs.record import record
from hub.jobs.sign_in import Caller, check_code, of_token, open_
from hub.store import accounts, heartbeats, towns
from hub.store.database import Store
from hub.store.schema import audit, batch, heartbeat, letter, metadata, municipality, prekey, subscriber, user_account


@pytest.fixture(params=["sqlite", "postgres"])
def blank(request: pytest.FixtureRequest, tmp_path: Path, postgres: Server) -> Iterator[Store]:
    """An empty database to restore into, of either kind."""
    url = f"sqlite:///{tmp_path / 'blank.sqlite'}"
    if request.param == "postgres":
        url = fresh_database(postgres, f"e{abs(hash(str(tmp_path)))}")
    made = Store(url)
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ortsruf.backup"


def told(town: Town) -> list[tuple[str, str]]:
    return [
        (recipient.endpoint, entry.notice.title)
        for channel in town.channels.values() for recipient, message in channel.sent for entry in message.entries
    ]  # fmt: skip


def busy(town: Town) -> dict[str, int]:
    """Leave something sent, something that is tried again, a digest and a reminder for tomorrow."""
    with town.store.begin() as session:
        towns.add_secret(session, "links", "secret", town.clock())
        heartbeats.beat(
            session, "w1", role="work", lanes="", started_at=town.clock(), now=town.clock(), detail=""
        )  # fmt: skip
    ways = {"push": town.person(), "failing": town.person()}
    ways["digest"] = town.person(None, ("mail", Action.DIGEST, ""), channel="mail")
    ways["reminder"] = town.person(
        Criteria(topics=("waste",), places=(PLACE,)), ("mail", Action.REMINDER, "P1D@18:00"), channel="mail"
    )
    town.source()
    town.source("s2", "waste")
    dates = (Occurrence("restmuell 2026-11-25", date(2026, 11, 25)),)
    town.poll("s2", news("w", "Restmüll kommt", source="s2", topic="waste", occurrences=dates))
    town.push.answers(ways["failing"], Result.RETRY)
    town.poll("s1", news("a", "Freibad öffnet"))
    return ways


def test_what_is_restored_tells_nobody_twice_and_goes_on(town: Town, blank: Store, file: Path) -> None:
    ways = busy(town)
    assert backup(town.store, file, town.clock()) == file.stat().st_size
    town.push.forget()
    town.clock.forward(hours=2)  # the old machine lives on for a while: the retry comes, news comes
    town.run()
    town.poll("s1", news("a", "Freibad öffnet"), news("b", "Markt fällt aus"))
    before = told(town)
    assert {(str(ways["failing"]), "Freibad öffnet"), (str(ways["push"]), "Markt fällt aus")} <= set(before)

    found = restore(file, blank, town.clock())
    assert (found.towns, found.dropped) == (["huertgenwald"], 1)
    new = make_town(blank, town.clock, "new", town.gatherer)
    new.run()
    assert told(new) == []
    with blank.read() as session:
        assert "A backup of" in standing_reason(session)
        assert towns.secrets(session)["links"] == "secret"
        assert session.execute(select(heartbeat)).all() == []
        assert session.execute(select(prekey)).all() == []
    release(blank, town.clock())
    new.poll("s1", news("a", "Freibad öffnet"), news("b", "Markt fällt aus"))
    assert told(new) == []
    new.poll("s1", news("a", "Freibad öffnet"), news("b", "Markt fällt aus"), news("c", "Neues Bad"))
    assert set(told(new)) == {(str(ways["push"]), "Neues Bad"), (str(ways["failing"]), "Neues Bad")}
    for _ in range(6):
        new.run()
        new.clock.forward(hours=8)
    assert (str(ways["reminder"]), "Restmüll kommt") in told(new)
    assert (str(ways["digest"]), "Freibad öffnet") in told(new)


def test_nobody_is_signed_in_by_a_backup_and_no_earlier_link_opens_anything(
    town: Town, blank: Store, file: Path
) -> None:
    """Who was signed out since, or used a link, would be in again by a restored row."""
    someone = account(town, "anna@example.org", operator())
    with town.store.begin() as session:
        token = open_(town.house, session, someone, stage=Stage.WHOLE, how="password", caller=Caller()).token
        write(town.house, session, "reset", "anna@example.org", "de", account_id=someone)
    assert of_token(town.house, token) is not None
    backup(town.store, file, town.clock())
    restore(file, blank, town.clock())
    new = make_town(blank, town.clock, "new", town.gatherer)
    assert of_token(new.house, token) is None
    release(blank, town.clock())
    new.run()
    assert new.mail.sent == []
    with blank.read() as session:
        assert session.scalars(select(user_account.c.id)).all() == [someone]
        assert session.execute(select(letter)).all() == []


# A process that is gone closes its connections; a test that only plays dead leaves a cursor to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_restore_that_dies_anywhere_has_done_nothing_or_all(town: Town, blank: Store, file: Path) -> None:
    """Killed between loading and dropping it left a database that would have told everybody again."""
    busy(town)
    backup(town.store, file, town.clock())
    town.clock.forward(hours=2)

    class Death(BaseException):
        """Nobody catches it: the process is gone."""

    def survives(statements: int) -> bool:
        left = [statements]

        def look(*_: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Death

        event.listen(blank.engine, "before_cursor_execute", look)
        try:
            with suppress(Death):
                restore(file, blank, town.clock())
                return True
            return False
        finally:
            event.remove(blank.engine, "before_cursor_execute", look)

    for statements in range(1, 2000, 5):
        done = survives(statements)
        with blank.read() as session:
            there = session.scalars(select(municipality.c.id)).all()
            due = session.scalars(select(batch.c.id).where(batch.c.state == "open", batch.c.due_at <= town.clock()))
            held = standing_reason(session)
            assert (there, due.all(), held[:11]) in (([], [], ""), (["huertgenwald"], [], "A backup of")), statements
        if there:
            break
    assert done


def test_what_worked_once_does_not_work_again_after_a_restore(town: Town, blank: Store, file: Path) -> None:
    """Recovery codes and invitations that were used, or revoked, after the backup are unused in it."""
    someone = account(town, "anna@example.org", operator())
    with town.store.begin() as session:
        accounts.put_codes(session, someone, [hashed_code("abcd")])
    link = people.invite(town.house, "command", "bert@example.org", operator(), "de").link.rpartition("/")[2]
    assert people.open_invitation(town.house, link) is not None
    backup(town.store, file, town.clock())
    assert check_code(town.house, someone, "abcd").went_well
    restore(file, blank, town.clock())
    new = make_town(blank, town.clock, "new", town.gatherer)
    assert people.open_invitation(new.house, link) is None
    assert not check_code(new.house, someone, "abcd").went_well
    assert check_code(new.house, someone, code(town)).went_well, "the app's codes go on"


def test_a_monthly_mail_that_was_due_since_is_not_sent_again(town: Town, blank: Store, file: Path) -> None:
    monthly_soon(town, town.person(channel="mail"))
    backup(town.store, file, town.clock())
    town.clock.forward(hours=2)
    assert restore(file, blank, town.clock()).dropped == 1
    release(blank, town.clock())
    new = make_town(blank, town.clock, "new", town.gatherer)
    new.run()
    assert new.mail.sent == []


def test_every_row_comes_back(town: Town, blank: Store, file: Path) -> None:
    busy(town)
    backup(town.store, file, town.clock())
    restore(file, blank, datetime(2026, 1, 1, tzinfo=UTC))  # nothing was due by then: nothing is dropped
    for table in metadata.sorted_tables:
        if table.name in {"heartbeat", "standing", "prekey", "feed_touch", "service", "source"}:
            continue
        query = select(table).order_by(*table.primary_key.columns)
        with town.store.read() as old, blank.read() as new:
            assert new.execute(query).all() == old.execute(query).all(), table.name


def test_a_person_who_signs_up_after_the_restore_gets_an_id_of_their_own(town: Town, blank: Store, file: Path) -> None:
    busy(town)
    backup(town.store, file, town.clock())
    restore(file, blank, town.clock())
    new = make_town(blank, town.clock, "new", town.gatherer)
    new.person()
    with blank.read() as session:
        assert len(set(session.scalars(select(subscriber.c.id)))) == 5


def test_no_id_that_was_given_since_the_backup_is_given_again(town: Town, blank: Store, file: Path) -> None:
    """Who signed up since holds links with their number; whoever gets it after a restore would be theirs to manage."""
    busy(town)
    backup(town.store, file, town.clock())
    since = everybodys(town)
    town.clock.forward(hours=2)
    restore(file, blank, town.clock())
    first = everybodys(make_town(blank, town.clock, "new", town.gatherer))
    with blank.begin() as session:
        for table in (municipality, user_account, audit):
            session.execute(delete(table))
    town.clock.forward(hours=2)
    restore(file, blank, town.clock())  # the same old backup once more
    second = everybodys(make_town(blank, town.clock, "newer", town.gatherer))
    for name in since:
        assert since[name] < first[name] < second[name] < 2**31, name
    assert first["subscriber"] - since["subscriber"] >= 10_000_000 - 10


def everybodys(town: Town) -> dict[str, int]:
    """Let people join in every way; return the greatest ids that it took."""
    town.person(Criteria(topics=("jobs",), places=(PLACE,)))
    for key in "yz":  # the first poll after a restore is silent
        town.poll("s1", news(key, f"Neues um {town.clock():%H:%M}"))
    people.invite(town.house, "command", "bert@example.org", operator(), "de")
    account(town, f"c{town.clock():%H%M}@example.org", operator())
    named = {"subscriber", "endpoint", "interest", "user_account", "role_grant", "invitation", "letter", "batch"}
    with town.store.read() as session:
        return {name: session.scalar(text(f"SELECT max(id) FROM {name}")) for name in named}


def test_a_backup_put_in_place_by_hand_gives_no_id_again_either(town: Town, file: Path) -> None:
    busy(town)
    backup(town.store, file, town.clock())
    since = everybodys(town)
    by_hand = Store(f"sqlite:///{file}")
    found = everybodys(make_town(by_hand, town.clock, "new", town.gatherer))
    by_hand.close()
    assert all(found[name] > since[name] for name in since), (since, found)


def test_a_backup_is_for_its_owner_and_overwrites_nothing(town: Town, file: Path) -> None:
    backup(town.store, file, town.clock())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(SettingsError, match="exists already"):
        backup(town.store, file, town.clock())
    assert [one.name for one in file.parent.glob(".ortsruf-*")] == []


def test_a_backup_put_in_place_by_hand_is_on_hold_too(town: Town, file: Path) -> None:
    backup(town.store, file, town.clock())
    by_hand = Store(f"sqlite:///{file}")
    with by_hand.read() as session:
        assert standing_reason(session).startswith("A backup of 2026-")
    by_hand.close()


def test_a_database_that_serves_somebody_is_not_replaced(town: Town, file: Path) -> None:
    backup(town.store, file, town.clock())
    with pytest.raises(SettingsError, match="serves huertgenwald"):
        restore(file, town.store, town.clock())


def test_people_and_the_log_come_back_where_there_is_no_municipality(blank: Store, store: Store, file: Path) -> None:
    """An installation that has accounts only (its towns are still to be founded, or moved away) is one, too."""
    town = make_town(store)
    someone = account(town, "anna@example.org", COUNTY)
    with store.begin() as session:
        session.execute(delete(municipality))
        record(town.house, session, "command", "tested")
    backup(store, file, town.clock())
    assert restore(file, blank, town.clock()).towns == []
    with blank.read() as session:
        assert session.scalars(select(user_account.c.id)).all() == [someone]
        assert session.scalars(select(audit.c.act)).all() == ["tested"]
        assert "A backup of" in standing_reason(session)


@pytest.mark.parametrize("what", ["account", "event"])
def test_accounts_and_a_log_without_a_municipality_are_not_replaced_either(
    town: Town, blank: Store, file: Path, what: str
) -> None:
    backup(town.store, file, town.clock())
    there = make_town(blank, town.clock)
    with blank.begin() as session:
        session.execute(delete(municipality))
        if what == "event":
            record(there.house, session, "command", "tested")
    if what == "account":
        account(there, "bert@example.org", COUNTY)
    with pytest.raises(SettingsError, match="accounts or an audit log"):
        restore(file, blank, town.clock())
    with blank.read() as session:
        assert len(session.execute(select(user_account.c.id)).all() + session.execute(select(audit.c.id)).all()) == 1


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04 no database"), "is no backup"),
        (lambda path: path.write_bytes(path.read_bytes()[:9000]), "is damaged"),
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: _sql(path, "UPDATE alembic_version SET version_num = '9999'"), "made by a newer Ortsruf"),
        (lambda path: _sql(path, "DELETE FROM standing WHERE name = 'backup'"), "no backup that"),
    ],
    ids=["foreign", "cut", "gone", "newer", "live"],
)
def test_what_is_no_whole_backup_is_refused_and_nothing_is_touched(
    town: Town, blank: Store, file: Path, break_it, said
) -> None:
    backup(town.store, file, town.clock())
    break_it(file)
    with pytest.raises(SettingsError, match=said):
        restore(file, blank, town.clock())
    with blank.read() as session:
        assert session.scalar(text("SELECT count(*) FROM municipality")) == 0


def _sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()
