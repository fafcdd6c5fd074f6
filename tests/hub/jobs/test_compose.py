"""Composing a page: what is shared is written once, and equals what would be written for each alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import event, select, update

import push
from hub.core.message import Change
from hub.core.subscription import Action, Criteria
from hub.jobs.compose import Composer
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import subscribers, towns
from hub.store.schema import batch, subscriber


@contextmanager
def counted(town: Town) -> Iterator[list[str]]:
    """Note every statement."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(town.store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(town.store.engine, "before_cursor_execute", note)


def crowd(town: Town, count: int, action: Action = Action.NOW) -> None:
    """People with two languages and three reasons, each with a mailbox and a device."""
    for number in range(count):
        words = (("freibad",), (), ("öffnet",))[number % 3]
        ways = (("webpush", action, ""), ("mail", action, ""))
        wish = Wish(Criteria(places=(PLACE,), words=words), ways)
        addresses = {
            "webpush": (f"https://push.example/{number}", {}, "service"),
            "mail": (f"p{number}@example.org", {}, "example.org"),
        }
        language = ("de", "en")[number % 2]
        person = sign_up(town.house, town.municipality, SignUp((wish,), addresses, language=language))
        with town.store.begin() as session:
            for row in subscribers.endpoints_of(session, person):
                subscribers.confirm(session, row["id"], town.clock())
    town.engine.run_all()


def composed(town: Town, channel: str, change: Change) -> tuple[Any, list[Any], list[str], int]:
    """Return the site, what each recipient of the newest such batch is told, the statements and the templates made."""
    made: list[int] = []
    kind = push.load(channel)

    class Counting:
        PERSONAL = kind.PERSONAL

        def prepare(self, *arguments: Any) -> Any:
            made.append(1)
            return kind.prepare(*arguments)

    house = replace(town.house, channels=lambda _name: Counting())  # type: ignore[arg-type,return-value]
    with town.store.read() as session:
        query = select(batch).where(batch.c.channel == channel, batch.c.change == change).order_by(batch.c.id.desc())
        row = session.execute(query.limit(1)).mappings().one()
        own = towns.get(session, row["municipality_id"])
        assert own is not None
        composer = Composer(house, row, own)
        assert not composer.is_void(session)
        with counted(town) as statements:
            told = list(composer.compose(session, row["ids"], town.clock()).values())
    return house.site(own), told, statements, len(made)


def hold_deliveries(town: Town) -> None:
    town.engine._jobs = {**town.engine._jobs, "deliver": lambda _id: None}


@pytest.mark.parametrize("channel", ["webpush", "mail"])
def test_what_is_shared_equals_what_is_written_for_each(village: Town, channel: str) -> None:
    crowd(village, 12)
    village.source()
    hold_deliveries(village)
    village.poll("s1", news(body="Das Freibad öffnet um 9 Uhr.", expires=NOON + timedelta(hours=9)))
    site, told, statements, templates = composed(village, channel, Change.NEW)
    render = push.load(channel).render
    assert len(told) == 12
    for one in told:
        assert one.payload() == render(replace(one.message, serial=one.serial), one.recipient, site)
        links = (one.recipient.manage_url, one.recipient.unsubscribe_url)
        starts = ("https://ortsruf.example/m/", "https://ortsruf.example/u/")
        assert all(map(str.startswith, links, starts)) if channel == "mail" else links == ("", "")
    assert len({one.serial for one in told}) == 12
    assert templates == 6  # two languages, three reasons
    assert len(statements) <= 6


@pytest.mark.parametrize("channel", ["webpush", "mail"])
def test_a_digest_of_many_is_read_at_once(village: Town, channel: str) -> None:
    crowd(village, 8, Action.DIGEST)
    village.source()
    village.poll("s1", news(body="Um 9 Uhr"), news("n2", "Öffnet morgen: Markt im Freibad"))
    hold_deliveries(village)
    with village.store.begin() as session:
        session.execute(update(subscriber).values(next_digest_at=village.clock()))
    village.run()
    site, told, statements, templates = composed(village, channel, Change.DIGEST)
    render = push.load(channel).render
    for one in told:
        assert len(one.message.entries) == 2
        assert one.payload() == render(replace(one.message, serial=one.serial), one.recipient, site)
    assert templates <= 6
    assert len(statements) <= 13
