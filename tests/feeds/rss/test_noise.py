"""S-06: five hundred items, twenty restless polls, five hundred notices; through the hub's own names as well."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

import pytest
from fakes.house import Town
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.core.notice import Notice
from hub.store.schema import notice

Read = Callable[..., list[Notice]]
START = datetime(2026, 3, 1, 8, 3, tzinfo=UTC)
ITEMS, POLLS = 500, 20


@dataclass(frozen=True)
class Article:
    """A real item, as its author knows it."""

    number: int
    title: str
    path: str
    at: datetime


def article(number: int) -> Article:
    """Every tenth item has the same evergreen title; the paths are those of the usual systems."""
    paths = (
        f"/?p={number + 100}",
        f"/aktuelles/fest-der-feuerwehr-{number}",
        f"/index.php/{number}-meldung.html",
        f"/news/{number}/",
    )
    title = "Öffnungszeiten" if number % 10 == 0 else f"Meldung {number} aus dem Rathaus"
    return Article(number, title, paths[number % 4], START + timedelta(hours=7 * number))


@dataclass(frozen=True)
class Mood:
    """What a site does to an item in one poll."""

    scheme: str = "https"
    host: str = "verein.example"
    tracking: str = ""
    slash: bool = False
    guid: str = ""
    title: str = ""
    body: str = "Text"
    days: int = 0


def written(one: Article, mood: Mood) -> str:
    path = one.path
    if "?" not in path and not path.endswith(".html"):
        path = path.rstrip("/") + ("/" if mood.slash else "")
    mark = "&" if "?" in path else "?"
    link = f"{mood.scheme}://{mood.host}{path}{mark + mood.tracking if mood.tracking else ''}"
    return (
        f"<item><title>{escape(one.title + mood.title)}</title><link>{escape(link)}</link>"
        f"<guid isPermaLink='false'>{mood.guid}</guid><description>{escape(mood.body)}</description>"
        f"<pubDate>{format_datetime(one.at + timedelta(days=mood.days))}</pubDate></item>"
    )


def feed(items: list[str]) -> str:
    return f"<rss version='2.0'><channel><title>V</title><link>https://verein.example</link>{''.join(items)}</channel></rss>"


def restless(rng: random.Random, poll: int, number: int) -> Mood:
    return Mood(
        scheme=rng.choice(["http", "https"]),
        host=rng.choice(["verein.example", "www.verein.example", "Verein.example"]),
        tracking=rng.choice(["", "utm_source=rss&utm_medium=feed", f"fbclid={rng.random()}", "mtm_campaign=x", "PHPSESSID=1"]),
        slash=rng.random() < 0.5,
        guid=rng.choice([f"{poll}-{rng.random()}", f"stable-{number}", ""]),
        title=rng.choice(["", "", "", " (aktualisiert)", " – Korrektur"]),
        body=rng.choice(["Text", "Text, ergänzt", f"Stand {poll}"]),
        days=rng.choice([0, 0, 0, 1, 30]),
    )  # fmt: skip


class Names:
    """The hub's alias mechanism in a few lines: the first name that is known decides; all names are kept."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def take(self, notices: list[Notice]) -> None:
        for one in notices:
            called = (one.key, *one.references)
            found = next((self.known[name] for name in called if name in self.known), one.id)
            for name in called:
                self.known.setdefault(name, found)

    @property
    def notices(self) -> int:
        return len(set(self.known.values()))


def restless_polls(read: Read, items: int) -> Iterator[list[Notice]]:
    rng, articles = random.Random(6), [article(number) for number in range(items)]
    for poll in range(POLLS):
        rng.shuffle(articles)
        found = read(feed([written(one, restless(rng, poll, one.number)) for one in articles]))
        assert len(found) == items
        yield found


@pytest.mark.slow
def test_five_hundred_items_in_twenty_variants_are_five_hundred(read: Read) -> None:
    hub = Names()
    for found in restless_polls(read, ITEMS):
        hub.take(found)
    assert hub.notices == ITEMS


@pytest.mark.slow
def test_the_hub_itself_keeps_as_many_notices_as_there_are_items(village: Town, read: Read) -> None:
    village.source(imported=False)
    for found in restless_polls(read, 20):
        village.poll("s1", *found)
    with village.store.read() as session:
        assert session.scalar(select(func.count()).select_from(notice)) == 20
        assert session.scalar(select(func.count()).where(notice.c.withdrawn)) == 0


_MOODS = st.builds(
    Mood,
    scheme=st.sampled_from(["http", "https"]),
    host=st.sampled_from(["verein.example", "www.verein.example"]),
    tracking=st.sampled_from(["", "utm_source=rss", "fbclid=1", "gclid=2&utm_term=x", "cHash=ab"]),
    slash=st.booleans(),
    guid=st.sampled_from(["", "stable", "new", "newer", "https://verein.example/?p=1"]),
    title=st.sampled_from(["", " (aktualisiert)", "!", " – abgesagt"]),
    body=st.sampled_from(["Text", "Neu", ""]),
    days=st.integers(-3, 40),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), count=st.integers(1, 12), polls=st.integers(2, 6))
def test_whatever_a_site_does_to_an_item_it_stays_one(read: Read, data: st.DataObject, count: int, polls: int) -> None:
    hub, articles = Names(), [article(number) for number in range(count)]
    for _ in range(polls):
        order = data.draw(st.permutations(articles))
        moods = [
            replace(mood, guid=mood.guid and f"{mood.guid}-{one.number}")
            for one in order
            for mood in [data.draw(_MOODS)]
        ]
        hub.take(read(feed([written(one, mood) for one, mood in zip(order, moods, strict=True)])))
    assert hub.notices == count


def seasonal(day: int, link: str = "https://bad.example/", guid: str = "") -> str:
    at = datetime(2030, 3, day, 9, 30, tzinfo=UTC)
    guid = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    return (
        f"<item><title>Öffnungszeiten</title><link>{link}</link>{guid}<pubDate>{format_datetime(at)}</pubDate></item>"
    )


@pytest.mark.parametrize("guid", [True, False])
def test_evergreen_titles_with_different_dates_stay_apart(read: Read, guid: bool) -> None:
    hub = Names()
    for day in (1, 8, 15, 22):
        hub.take(read(feed([seasonal(day, guid=f"g{day}" if guid else "")])))
    assert hub.notices == 4
    together = Names()
    together.take(read(feed([seasonal(day, "https://bad.example/aktuelles") for day in (1, 8, 15)])))
    together.take(read(feed([seasonal(day, "https://bad.example/aktuelles") for day in (8, 15, 22)])))
    assert together.notices == 4


def test_one_page_for_all_items_and_new_ids_each_time(read: Read) -> None:
    """As a transport authority does it: every item leads to the same page."""
    hub, page = Names(), "https://linien.example/stoerungen"

    def line(number: int, poll: int) -> str:
        return (
            f"<item><title>Linie {number}: Umleitung</title><link>{page}</link><guid>{poll}{number}</guid>"
            f"<pubDate>{number + 1:02} Mar 2030 00:00:00 +0100</pubDate></item>"
        )

    for poll in range(4):
        hub.take(read(feed([line(number, poll + 1000) for number in range(9)])))
    assert hub.notices == 9


def test_two_items_that_share_id_and_link_stay_two(read: Read) -> None:
    hub, shared = Names(), "<link>https://v.example/termine</link><guid>https://v.example/termine</guid>"
    for _ in range(3):
        both = [f"<item><title>{one}</title>{shared}</item>" for one in ("Konzert", "Versammlung")]
        hub.take(read(feed(both)))
        hub.take(read(feed(both[::-1])))
    assert hub.notices == 2
