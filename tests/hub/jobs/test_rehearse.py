"""A test of a draft reaches its writer, and no resident by any way (A-08)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.house import PLACE, Town
from fakes.people import account

from hub.core.changes import decide
from hub.core.draft import PREFIX, Area, Draft, Imprint, Mode, rehearsal, to_notice
from hub.core.errors import DraftError
from hub.core.message import Change, Result
from hub.core.notice import NoticeText, Severity
from hub.core.permission import Grant, Role
from hub.core.subscription import Criteria
from hub.jobs.rehearse import rehearse
from hub.store import accounts, audit, drafts, notices, rehearsals
from hub.store.schema import batch, letter, notice, publication, test_endpoint

DRAFT = Draft(
    "warnings", (NoticeText("de", "Hochwasser"), NoticeText("en", "Flood")), Severity.EXTREME, areas=(Area("huertgenwald"),)
)  # fmt: skip
URL = "https://ortsruf.example/verwaltung/huertgenwald/mitteilungen/1/vorschau"
PHONE = "https://push.example/phone"


def asked(village: Town, draft: Draft = DRAFT, language: str = "de", *, phone: bool = True) -> int:
    """Let Anna ask for a test of a draft; returns on how many ways it goes."""
    with village.store.read() as session:
        known = accounts.by_address(session, "anna@example.org")
    anna = known["id"] if known else account(village, "anna@example.org", Grant(Role.AUTHOR, "huertgenwald"))
    with village.store.begin() as session:
        made = drafts.add(session, "huertgenwald", draft, anna, village.clock())
        row = drafts.get(session, "huertgenwald", made)
        if phone:
            rehearsals.put(session, anna, PHONE, {"auth": "x"}, name="Firefox", now=village.clock())
        person = accounts.get(session, anna)
    count = rehearse(village.house, row, draft, person, language=language, url=URL)
    village.engine.run_all()
    return count


def test_it_reaches_the_writers_address_and_test_devices_marked_as_a_test(village: Town) -> None:
    assert asked(village) == 2
    (mail, letter_), (device, pushed) = village.mail.sent[-1], village.push.sent[-1]
    assert (mail.address, device.address) == ("anna@example.org", PHONE)
    for message in (letter_, pushed):
        assert [text.title for text in message.entries[0].notice.texts] == [f"{PREFIX}: Hochwasser", f"{PREFIX}: Flood"]
        assert message.entries[0].url == URL
        assert message.severity is Severity.EXTREME


def test_no_resident_hears_of_it_and_nothing_is_published(village: Town) -> None:
    village.person(Criteria(places=(PLACE,)))
    village.person(Criteria(places=(PLACE,)), channel="mail")
    before = len(village.push.sent) + len(village.mail.sent)
    asked(village, replace(DRAFT, mode=Mode.TEST), phone=False)
    village.run()
    assert len(village.push.sent) + len(village.mail.sent) == before + 1
    with village.store.read() as session:
        for table in (notice, publication):
            assert session.execute(table.select()).first() is None
        assert session.execute(batch.select().where(batch.c.change != Change.CONFIRM)).first() is None


def test_what_is_a_test_can_be_neither_published_nor_stored(village: Town) -> None:
    imprint = Imprint("k", "Hürtgenwald", village.clock())
    with pytest.raises(ValueError, match="never becomes a notice"):
        to_notice(replace(DRAFT, mode=Mode.TEST), "huertgenwald", imprint)
    decision = decide(rehearsal(DRAFT, "huertgenwald", imprint), None, village.clock())
    with village.store.begin() as session, pytest.raises(ValueError, match="told to nobody"):
        notices.save(
            session, "huertgenwald", None, decision, places=[PLACE], zone="Europe/Berlin", now=village.clock(), names=()
        )


def test_a_repeated_test_replaces_the_earlier_one_on_the_screen(village: Town) -> None:
    asked(village)
    first = village.push.sent[-1][1]
    with village.store.read() as session:
        row = drafts.listed(session, "huertgenwald")[0]
        anna = accounts.by_address(session, "anna@example.org")
    rehearse(village.house, row, DRAFT, anna, language="en", url=URL)
    village.engine.run_all()
    second = village.push.sent[-1][1]
    assert first.thread == second.thread
    assert first.serial != second.serial


def test_a_device_that_is_gone_is_forgotten(village: Town) -> None:
    asked(village)
    village.push.sent.clear()
    with village.store.read() as session:
        waiting = session.execute(letter.select()).mappings().all()
    village.push.answers(f"test-{len(waiting) + 2}", Result.GONE)
    asked(village, phone=False)
    with village.store.read() as session:
        assert session.execute(test_endpoint.select()).first() is None


def test_a_device_shows_the_tests_of_whoever_named_it_last(village: Town) -> None:
    anna, ben = (
        account(village, f"{name}@example.org", Grant(Role.AUTHOR, "huertgenwald")) for name in ("anna", "ben")
    )
    with village.store.begin() as session:
        first = rehearsals.put(session, anna, PHONE, {}, name="Firefox", now=village.clock())
        assert rehearsals.put(session, ben, PHONE, {}, name="Firefox", now=village.clock()) == first
        assert list(rehearsals.of(session, anna)) == []
        rehearsals.drop(session, anna, first)  # not theirs any more
        assert len(rehearsals.of(session, ben)) == 1


def test_an_empty_draft_is_not_sent_and_says_why(village: Town) -> None:
    with pytest.raises(DraftError, match="a title and a place are missing"):
        asked(village, Draft())
    assert village.mail.sent == []


def test_it_stands_in_the_audit_log(village: Town) -> None:
    asked(village)
    with village.store.read() as session:
        (event,) = audit.latest(session, acts=["draft.rehearsed"])
    assert (event["town"], event["subject"]) == ("huertgenwald", "draft:1")
