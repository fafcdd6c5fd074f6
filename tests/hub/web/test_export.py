"""What a person sees and takes along of all that is kept of them (T-03): whole, theirs alone, in words that are explained."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from fakes.house import PLACE, news
from sqlalchemy import select

from hub.core import flood
from hub.core.message import Result
from hub.core.mutes import Mute, Sort
from hub.core.subscription import Action, Criteria
from hub.jobs import move
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import mutes, own_data, subscribers
from hub.store.schema import endpoint, metadata, subscriber
from hub.web.explained import KEYS, PARTS


def somebody(pages, name: str) -> str:
    """Sign up who has one of everything, each with ``name`` in it; returns the path of their page."""
    town = pages.town
    wish = Wish(
        Criteria(topics=("news",), places=(PLACE,), without=(f"nicht{name}",)),
        (("webpush", Action.NOW, ""), ("mail", Action.DIGEST, ""), ("ical", Action.CALENDAR, "")),
    )
    addresses = {
        "webpush": (f"https://push.example/{name}", {"p256dh": f"p{name}", "auth": f"a{name}"}, "service"),
        "mail": (f"{name}@example.org", {}, "example.org"), "ical": ("", {}, ""),
    }  # fmt: skip
    person = sign_up(town.house, "huertgenwald", SignUp((wish,), addresses, digest_at="09:00", digest_days="15"))
    with town.store.begin() as session:
        for row in subscribers.endpoints_of(session, person):
            subscribers.confirm(session, row["id"], town.clock())
        later = town.clock() + timedelta(days=3)
        subscribers.change(
            session, person, quiet_from="22:15", quiet_to="06:45", monthly_day=17, next_monthly_at=later,
            lapse_told_at=town.clock(),
        )  # fmt: skip
        mutes.put(session, person, Mute(Sort.TOPIC, "roads", later), town.clock())
    town.engine.run_all()
    return f"/m/{town.house.links.token('manage', person, 1)}"


@pytest.fixture
def erika(pages) -> str:
    """Two people with a past; the path of the first one's page."""
    pages.town.source()
    first = somebody(pages, "erika")
    somebody(pages, "gustav")
    with pages.town.store.read() as session:
        for row in session.execute(select(endpoint).where(endpoint.c.channel == "webpush")):
            pages.town.push.answers(row.id, Result.FAILED)
    pages.town.poll("s1", news("a", "Freibad öffnet"))
    move.begin(pages.town.house, {"id": 1})
    return first


def test_every_table_that_refers_to_people_is_exported_or_left_out_for_a_reason() -> None:
    told = {one.name for one in own_data._TOLD} | set(own_data.LEFT_OUT) | {one.name for one in own_data.others()}
    assert {table.name for table in own_data.about_people()} - told == set()
    assert set(own_data.LEFT_OUT) <= set(metadata.tables)
    # What is not named is our own bookkeeping, a second form of what is named, or a secret's hash.
    assert {str(column) for column in own_data.columns_left()} == {
        "subscriber.municipality_id", "subscriber.canary", "endpoint.municipality_id", "endpoint.subscriber_id",
        "endpoint.address_hash", "mute.subscriber_id", "problem.batch_id", "move.subscriber_id", "move.code_hash",
    }  # fmt: skip


def test_a_table_that_is_added_is_exported_as_it_is(pages, erika, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_data, "_TOLD", own_data._TOLD - {own_data.mute})
    found = json.loads(pages.get(f"{erika}/export.json").text)
    assert [one["value"] for one in found["further"]["mute"]] == ["roads"]
    assert "Straßensperrungen" in pages.get(f"{erika}/export").text


def test_the_file_holds_every_value_that_is_kept_and_nobody_elses(pages, erika) -> None:
    answer = pages.get(f"{erika}/export.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ortsruf-huertgenwald.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(answer.text)
    with pages.town.store.read() as session:
        person = session.execute(select(subscriber).where(subscriber.c.id == 1)).mappings().one()
        ways = session.execute(select(endpoint).where(endpoint.c.subscriber_id == 1)).mappings().all()
    for row, names, shown in [(person, own_data.PERSON, found["person"][0])] + [
        (way, own_data.WAY, one) for way, one in zip(ways, found["ways"], strict=True)
    ]:
        for column, plain in names.items():
            value = row[column]
            assert shown[plain] == (value.isoformat() if isinstance(value, datetime) else value), column
    assert found["choices"][0]["without"] == ["nichterika"]
    assert {(one["kind"], one["action"]) for one in found["choices"][0]["told_by"]} == {
        ("webpush", "now"), ("mail", "digest"), ("ical", "calendar")
    }  # fmt: skip
    assert [one["what"] for one in found["muted"]] == ["roads"]
    assert [(one["title"], one["change"]) for one in found["messages"] if one["notice"]] == [("Freibad öffnet", "new")]
    assert [one["result"] for one in found["failures"]] == ["failed"]
    assert [one["title"] for one in found["waiting"]] == ["Freibad öffnet"]
    assert [one["address"] for one in found["asked"]] == ["erika@example.org"]
    assert found["moving"]
    assert found["links"][0]["own_page"].endswith(erika)
    assert "gustav" not in answer.text


def test_every_word_of_the_file_is_explained_on_the_privacy_page(pages, erika) -> None:
    found = json.loads(pages.get(f"{erika}/export.json").text)

    def words(value) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(words, value)) if value else set()
        return set(value) if isinstance(value, dict) else set()

    used = {name for name, value in found.items() if isinstance(value, list)}
    used |= set().union(*(words(found[name]) for name in used))
    assert used - set(PARTS) - set(KEYS) == set()
    page = pages.get("/datenschutz").text
    assert all(f"<code>{name}</code>" in page for name in used)
    assert "/datenschutz#export" in found["explained_at"]


def test_the_page_says_the_same_in_words(pages, erika) -> None:
    page = pages.get(f"{erika}/export?lang=de").text
    for said in (
        "erika@example.org", "nichterika", "22:15", "Freibad öffnet", "Hürtgenwald", "Neues", "Ihre Gewohnheiten",
        "Montag, 23. November 2026",
    ):  # fmt: skip
        assert said in page, said
    assert "gustav" not in page
    assert re.search(r'href="[^"]*/export.json"', page)


def test_a_stranger_gets_nothing_and_nobody_may_ask_without_end(pages, erika, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pages.get("/m/forged/export.json").status_code == 404
    monkeypatch.setattr(flood, "EXPORTS", 2)
    assert [pages.get(f"{erika}/export").status_code for _ in range(3)] == [200, 200, 429]
