"""My Ortsruf of somebody with places in two towns: what both say alike is listed, counted and read once (F24)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fakes.house import PLACE, Town, make_town, news
from fakes.stores import hastened
from fakes.towns import OTHER, OTHER_PLACE, Gatherer, add_source, add_town, everywhere, resident
from sqlalchemy import select

from hub.core.mutes import Mute, Sort
from hub.core.notice import Occurrence, Severity, Status
from hub.core.subscription import Action
from hub.store import mutes
from hub.store.schema import notice

PUSH = ("webpush", Action.NOW, "")
TITLE = "K 31 gesperrt"


@pytest.fixture
def village(empty: Path, tmp_path: Path) -> Iterator[Town]:
    """Two municipalities whose sources read the county's one list, of news and of warnings."""
    store = hastened(f"sqlite:///{shutil.copy(empty, tmp_path / 'county.sqlite')}")
    town = make_town(store, gatherer=Gatherer())
    add_town(town)
    town.source("s1")
    add_source(town, "s2")
    for name, slug, path in (("w1", "huertgenwald", PLACE), ("w2", OTHER, OTHER_PLACE)):
        add_source(town, name, slug, path, url="https://example.org/warnings", topic="warnings")
    yield town
    store.close()


def publish(pages, *names: str, title: str = TITLE, **values: Any) -> None:
    for name in names:
        topic = "warnings" if name.startswith("w") else "news"
        pages.town.gatherer.has(name, news(title, title, source=name, topic=topic, **values))
    pages.town.clock.forward(minutes=20)
    pages.town.run()


def mine(pages, topic: str = "news", home: str = "") -> str:
    person, _ways = resident(pages.town, everywhere(PUSH, topic=topic), "webpush", home=home)
    return f"/m/{pages.town.house.links.token('manage', person, 1)}"


def shown(pages, path: str) -> str:
    return unescape(pages.get(f"{path}?lang=de").text)


def unread(pages, path: str) -> int:
    return pages.get(f"{path}/glance").json["unread"]


@pytest.mark.parametrize("order", [("s1", "s2"), ("s2", "s1")])
@pytest.mark.parametrize("home", ["huertgenwald", OTHER])
def test_it_is_listed_and_counted_once_as_that_of_ones_own_town(pages, home: str, order: tuple[str, str]) -> None:
    path = mine(pages, home=home)
    publish(pages, order[0])
    publish(pages, order[1])
    for page in (path, f"{path}/inbox"):
        listed = shown(pages, page).partition('id="messages"')[2] or shown(pages, page)
        assert listed.count(f">{TITLE}</a>") == 1
        assert "Kreuzau · " not in listed
        assert "Hürtgenwald · " not in listed
    assert unread(pages, path) == 1


def test_who_has_read_it_as_one_towns_has_read_it(pages) -> None:
    path = mine(pages)
    publish(pages, "s2")
    (there,) = ids(pages, OTHER)
    publish(pages, "s1")
    pages.get(f"{path}/n/{there}")
    assert unread(pages, path) == 0
    publish(pages, "s1", "s2", body="Bis Freitag.")
    assert unread(pages, path) == 1, "a new word is unread again, once"


def ids(pages, slug: str) -> list[str]:
    with pages.town.store.read() as session:
        return list(
            session.scalars(select(notice.c.id).where(notice.c.municipality_id == slug, notice.c.topic == "news"))
        )


def test_different_words_are_two_messages(pages) -> None:
    path = mine(pages)
    publish(pages, "s1", body="Umleitung über Gey.")
    publish(pages, "s2", body="Umleitung über Düren.")
    assert unread(pages, path) == 2
    assert shown(pages, f"{path}/inbox").count(f">{TITLE}</a>") == 2


def test_what_one_town_calls_off_alone_is_still_listed_for_the_other(pages) -> None:
    path = mine(pages)
    publish(pages, "s1", "s2")
    publish(pages, "s1", status=Status.CANCELLED)
    assert shown(pages, f"{path}/inbox").count(f"{TITLE}</a>") == 2


def test_a_muted_town_hides_nothing_of_the_other(pages) -> None:
    path = mine(pages)
    person, _generation = pages.town.house.links.parts("manage", path.removeprefix("/m/"))
    with pages.town.store.begin() as session:
        mutes.put(session, person, Mute(Sort.PLACE, PLACE), pages.town.clock())
    publish(pages, "s1", "s2")
    assert unread(pages, path) == 1
    assert "Kreuzau · " in shown(pages, f"{path}/inbox")


def test_a_warning_of_both_stands_there_once(pages) -> None:
    path = mine(pages, "warnings")
    publish(pages, "w1", "w2", title="Sturm", severity=Severity.MODERATE)
    assert pages.get(f"{path}/glance").json["warnings"] == 1
    eye = shown(pages, path).partition('id="messages"')[0]
    assert eye.count("Sturm</") == 1


def test_a_date_of_both_stands_there_once(pages) -> None:
    path = mine(pages)
    publish(pages, "s1", "s2", occurrences=(Occurrence("x", pages.town.clock() + timedelta(hours=3)),))
    assert shown(pages, f"{path}/dates").count(TITLE) == 1
