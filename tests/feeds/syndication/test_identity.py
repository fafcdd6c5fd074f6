"""One real item is one notice, whatever its publisher changes (S-06)."""

import random
from dataclasses import replace

import pytest

from feeds._syndication.identity import Features, canonical, names


@pytest.mark.parametrize("url", [
    "https://a.example/x?id=1", "http://a.example/x?id=1", "https://A.example:443/x/?id=1#top", "http://a.example:80/x?id=1",
    "https://a.example/x?utm_source=rss&id=1&utm_medium=feed", "https://a.example/x?id=1&fbclid=abc&gclid=1", " https://a.example/x;jsessionid=9?id=1 ",
    "https://www.a.example/x?id=1",
])  # fmt: skip
def test_addresses_of_one_page_are_equal(url) -> None:
    assert canonical(url) == "https://a.example/x?id=1"


def test_addresses_of_different_pages_differ() -> None:
    urls = [
        "https://a.example/x",
        "https://a.example/y",
        "https://a.example/x?id=2",
        "https://a.example:8443/x",
        "https://a.example/X",
    ]
    assert len({canonical(one) for one in urls}) == len(urls)
    assert [
        canonical(one) for one in ("", "javascript:alert(1)", "https://[", "mailto:a@b.de", "https://a.example:99999/")
    ] == [""] * 5


def feed(rng: random.Random, variant: int, base: str) -> str:
    """Fifty items as one poll of a restless site gives them."""
    scheme = rng.choice(["http", "https"])
    order = list(range(50))
    rng.shuffle(order)
    items = []
    for number in order:
        tracking = rng.choice(
            ["", "?utm_source=rss", f"?fbclid={rng.random()}", f"?utm_campaign={variant}&gclid=x", "#c1", "/"]
        )
        guid = rng.choice([f"{variant}-{rng.random()}", f"{scheme}://verein.example/?p={number}&v={variant}", ""])
        day = 1 + number % 28
        items.append(
            f"<item><title>Meldung  {number}{rng.choice(['', ' '])}</title><link>{scheme}://verein.example/n/{number}{tracking.replace('&', '&amp;')}</link>"
            f"<guid isPermaLink='false'>{guid.replace('&', '&amp;')}</guid><pubDate>{day:02} Mar 2030 {number % 24:02}:15:00 +0100</pubDate></item>"
        )
    return f"<rss version='2.0'><channel><title>V</title><link>{base}</link>{''.join(items)}</channel></rss>"


def test_restless_ids_schemes_tracking_and_order_give_fifty_keys_in_twenty_polls(read) -> None:
    rng = random.Random(6)
    seen: set[str] = set()
    for variant in range(20):
        notices = read(feed(rng, variant, rng.choice(["http://verein.example", "https://verein.example/"])))
        assert len(notices) == 50
        seen |= {one.id for one in notices}
    assert len(seen) == 50


ITEM = Features(link="https://v.example/a", title="fest am see", guid="?p=7", date="2030-03-03T09:15:00+00:00")


@pytest.mark.parametrize("change", [
    {"guid": "other"}, {"link": "https://v.example/moved"}, {"title": "fest am see, korrigiert"}, {"date": ""}, {"guid": "", "date": ""},
    {"guid": "new", "link": "https://v.example/new"}, {"guid": "new", "title": "neu"}, {"link": "https://v.example/new", "title": "neu"},
])  # fmt: skip
def test_two_agreeing_features_are_the_same_item(change) -> None:
    before, after = names([ITEM])[0], names([replace(ITEM, **change)])[0]
    assert set(before) & set(after)


@pytest.mark.parametrize("change", [
    {"title": "neu", "guid": "x", "date": ""}, {"title": "neu", "link": "https://v.example/b", "date": "2030-03-04T09:15:00+00:00"},
])  # fmt: skip
def test_one_agreeing_feature_is_not_enough(change) -> None:
    assert not set(names([ITEM])[0]) & set(names([replace(ITEM, **change)])[0])


def test_an_id_that_repeats_the_link_proves_nothing_of_its_own() -> None:
    page = Features(link="https://v.example/termine", title="konzert", guid="https://v.example/termine")
    assert not set(names([page])[0]) & set(names([replace(page, title="versammlung")])[0])


def test_names_shared_within_a_feed_name_nobody() -> None:
    one, two = names([ITEM, replace(ITEM, guid="?p=8", date="2030-03-05T09:15:00+00:00")])
    assert one
    assert two
    assert not set(one) & set(two)


def test_an_exact_repeat_is_told_once() -> None:
    assert [bool(one) for one in names([ITEM, ITEM])] == [True, False]


def test_without_a_link_the_id_is_the_key() -> None:
    item = Features(title="kein titel", guid="413", body="x")
    assert names([item])[0][0] == names([replace(item, title="anders", body="y")])[0][0]
    other = names([item, replace(item, guid="414")])
    assert len({found[0] for found in other}) == 2


def test_places_in_the_list_are_no_ids() -> None:
    one, two = (Features(link=f"https://v.example/{n}", title=f"t{n}", guid="1") for n in (1, 2))
    assert not set(names([one])[0]) & set(names([two])[0])


def test_an_entry_listed_twice_is_the_item_it_was() -> None:
    one, other = (
        Features("https://a.example/1", "Fest", "g1", "d1"),
        Features("https://a.example/2", "Markt", "g2", "d2"),
    )
    assert names([one, other, one]) == [*names([one, other]), ()]
