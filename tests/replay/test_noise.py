"""G14, S-06: 100 real items in 10 noisy variants each are told exactly 100 times."""

from __future__ import annotations

from replay.bench import Bench, once, some
from replay.dialects import Thing

from hub.store import polls


def test_a_hundred_items_in_ten_noisy_variants_are_a_hundred_notifications(bench: Bench) -> None:
    page = bench.add("rss", some(1))
    wants = bench.person("rss")
    for first in range(2, 102, 20):
        page.things += some(20, first)
        bench.say("rss", "noisy")
    bench.say("rss", *["noisy"] * 10)
    tokens = [f"Nr{number:03}" for number in range(2, 102)]
    assert bench.heard(wants) == once(tokens)
    with bench.town.store.read() as session:
        assert sum(row["revised"] for row in polls.history(session, "rss")) == 0


def test_a_site_move_of_everything_is_at_most_one_push(bench: Bench) -> None:
    page = bench.add("rss", some(60))
    wants = bench.person("rss")
    page.things = [Thing(one.number, link=f"https://new.example/{one.number}") for one in page.things]
    bench.say("rss", "good", "good")
    page.things = [Thing(one.number, note="neu gestaltet", link=one.link) for one in page.things]
    bench.say("rss", "good", "good")
    assert sum(bench.heard(wants).values()) <= 1
