"""What a list of all that holds now lacks: two polls must agree, and an unchanged second answer does."""

from __future__ import annotations

from collections import Counter

from replay.bench import Bench, once, some
from replay.dialects import Thing


def begin(bench: Bench) -> int:
    bench.add("roads", some(5))
    bench.gatherer.snapshots.add("roads")
    early = bench.person("roads")
    bench.page("roads").things.append(Thing(9))
    bench.say("roads", "good")
    return early


def test_an_unchanged_second_answer_is_the_second_poll_that_agrees(bench: Bench) -> None:
    early = begin(bench)
    late = bench.person("roads")
    page = bench.page("roads")
    del page.things[-1]
    bench.say("roads", "good")
    assert bench.heard(early) == once(["Nr009"])
    assert bench.row("roads")["state"]["validators"] == {}  # the next answer must come whole, though nothing changed
    bench.say("roads", "good", "good", "good")
    assert bench.heard(early) == once(["Nr009"]) + once(["Nr009"], "withdrawn")
    assert bench.heard(late) == Counter()
    assert page.sent[-3:] == [200, 304, 304]  # seen twice, it costs nothing any more


def test_what_comes_back_before_the_second_poll_was_never_away(bench: Bench) -> None:
    early = begin(bench)
    page = bench.page("roads")
    for _ in range(4):
        gone = page.things.pop()
        bench.say("roads", "good", "html", "silent")
        page.things.append(gone)
        bench.say("roads", "good")
    assert bench.heard(early) == once(["Nr009"])


def test_a_doubted_answer_that_stays_the_same_is_the_second_poll_too(bench: Bench) -> None:
    early = begin(bench)
    page = bench.page("roads")
    page.things = [*page.things[:2], Thing(10)]
    bench.say("roads", "good")
    assert (bench.row("roads")["doubt"], bench.heard(early)) == ("half", once(["Nr009"]))
    bench.say("roads", "good")
    assert bench.row("roads")["doubt"] == ""
    assert bench.heard(early) == once(["Nr009", "Nr010"])


def test_a_calendar_that_drops_a_date_calls_it_off_at_the_second_unchanged_answer(bench: Bench) -> None:
    page = bench.add("waste", some(8))
    wants = bench.person("waste")
    del page.things[3]
    bench.say("waste", "good")
    assert bench.told == []
    bench.say("waste", "good", "good")
    assert [(one.endpoint, one.change) for one in bench.told] == [(str(wants), "revised")]
