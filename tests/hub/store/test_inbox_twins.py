"""What two municipalities say alike in the inbox of who belongs to both, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.house import Town, make_town, news
from fakes.towns import OTHER, Gatherer, add_source, add_town, everywhere, resident

from hub.core.mutes import Mute, Sort
from hub.core.notice import Occurrence, Severity
from hub.core.subscription import Action
from hub.store import agenda, inbox, subscribers
from hub.store.database import Store
from hub.store.inbox import Owner, Sought

PUSH = ("webpush", Action.NOW, "")


@pytest.fixture
def county(store: Store) -> Town:
    town = make_town(store, gatherer=Gatherer())
    add_town(town)
    town.source("s1", "warnings")
    add_source(town, "s2", topic="warnings")
    return town


def test_one_of_two_alike_is_listed_and_reading_either_reads_it(county: Town) -> None:
    person, _ways = resident(county, everywhere(PUSH, topic="warnings"), "webpush")
    date = Occurrence("x", county.clock() + timedelta(days=1))
    for source in ("s2", "s1"):
        told = news("w", "Sturm", source=source, topic="warnings", severity=Severity.MODERATE, occurrences=(date,))
        county.poll(source, told)
    with county.store.begin() as session:
        whose = Owner(person, subscribers.get(session, person)["read_until"], home=county.municipality)
        apart = replace(whose, home="")
        (one,), two = (inbox.page(session, each, Sought(), most=9) for each in (whose, apart))
        assert (one["municipality_id"], len(two)) == (county.municipality, 2)
        assert [inbox.unread_count(session, each)[0] for each in (whose, apart)] == [1, 2]
        assert [inbox.count(session, each, Sought(unread=True)) for each in (whose, apart)] == [1, 2]
        assert len(inbox.warnings(session, whose, county.clock())) == 1
        assert len(agenda.dates(session, whose, county.clock(), None, county.clock())) == 1
        (there,) = [each for each in two if each["municipality_id"] == OTHER]
        assert inbox.one(session, whose, there["id"]) is not None, "its own address still finds the other"
        quiet = replace(whose, mutes=(Mute(Sort.NOTICE, one["id"]),))
        (instead,) = inbox.page(session, quiet, Sought(), most=9)
        assert (instead["id"], instead["unread"]) == (there["id"], True), "nothing hides behind what is muted"
        inbox.read(session, whose, there["id"], county.clock())
        assert inbox.unread_count(session, whose)[0] == 0
