"""Sequences of answers for every kind: one message per real thing, changes only when something changed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from replay.answers import WORDS
from replay.bench import Bench, once, some
from replay.dialects import DIALECTS, Thing

import feeds
from hub.core.subscription import Action

KINDS = sorted(set(DIALECTS) & set(feeds.kinds()))
REMIND = ("webpush", Action.REMINDER, "P1D@18:00")


def test_every_kind_is_replayed() -> None:
    assert sorted(feeds.kinds()) == KINDS


def begin(bench: Bench, kind: str) -> tuple[int, int]:
    """Import eight things in silence; return somebody who wants them, and somebody who wants something else."""
    bench.add(kind, some(8))
    other = next(one for one in KINDS if DIALECTS[one].topic != DIALECTS[kind].topic)
    return bench.person(kind), bench.person(other)


SEQUENCES = {
    "flapping": ["good", "empty", "good", "empty", "good", "empty", "empty", "good"],
    "a web page instead": ["good", "html", "login", "good", "html", "html", "html", "html", "good"],
    "half, again and again": ["good", "half", "half", "half", "half", "good", "half", "good"],
    "one thing comes and goes": ["good", "without-one", "good", "without-one", "good", "without-one", "good"],
    "another order, and twice": ["good", "reordered", "doubled", "reordered", "good"],
    "cut off": ["good", "cut-off", "cut-off", "good", "cut-off", "good"],
    "a wrong clock": ["good", "skewed", "skewed", "good"],
    "noise": ["noisy"] * 6,
    "out of service": ["busy", "out-of-service", "silent", "fault", "gone", "out-of-service", "good"],
    "garbage": ["garbage", "good", "truncated-at-one-byte", "nothing", "good"],
    "without validators": ["untagged"] * 5,
}


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_recorded_sequence_tells_the_new_thing_once_and_nothing_else(bench: Bench, kind: str, name: str) -> None:
    wants, other = begin(bench, kind)
    words = SEQUENCES[name]
    bench.say(kind, *words[: len(words) // 2])
    bench.page(kind).things.append(Thing(9))
    bench.say(kind, *words[len(words) // 2 :], "good", "good")
    assert bench.heard(wants) == (once(["Nr009"]) if DIALECTS[kind].announces else Counter())
    assert bench.heard(other) == Counter()
    assert (bench.row(kind)["failures"], bench.row(kind)["doubt"]) == (0, "")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_any_order_of_faults_tells_each_new_thing_once(bench: Bench, kind: str, seed: int) -> None:
    dice = random.Random(f"{kind}{seed}")
    wants, _ = begin(bench, kind)
    tokens = []
    for number in range(9, 14):
        bench.page(kind).things.append(Thing(number))
        tokens.append(f"Nr{number:03}")
        for word in dice.choices(sorted(WORDS), k=4):
            bench.say(kind, word)
            if WORDS[word].absent:
                bench.say(kind, "good")  # else the source itself says twice that it is gone
        bench.say(kind, "good")
    assert bench.heard(wants) == (once(tokens) if DIALECTS[kind].announces else Counter())


@pytest.mark.parametrize("kind", [one for one in KINDS if DIALECTS[one].revises])
def test_a_real_change_is_told_once_amid_noise(bench: Bench, kind: str) -> None:
    wants, _ = begin(bench, kind)
    page = bench.page(kind)
    page.things.append(Thing(9))
    bench.say(kind, "good", "reordered", "html", "good")
    page.things[-1] = replace(page.things[-1], note="Neuer Ort", version=1)
    bench.say(kind, "out-of-service", "good", "doubled", "empty", "good", "reordered")
    assert bench.heard(wants) == once(["Nr009"]) + once(["Nr009"], "revised")


@pytest.mark.parametrize("kind", [one for one in KINDS if DIALECTS[one].calls_off])
def test_a_thing_called_off_is_told_to_exactly_those_who_had_the_first_word(bench: Bench, kind: str) -> None:
    early, _ = begin(bench, kind)
    page = bench.page(kind)
    page.things.append(Thing(9))
    bench.say(kind, "good")
    late = bench.person(kind)
    bench.say(kind, "html", "half", "good")
    page.things[-1] = replace(page.things[-1], over=True, version=1)
    bench.say(kind, "silent", "good", "empty", "good", "good")
    assert bench.heard(early) == once(["Nr009"]) + once(["Nr009"], "withdrawn")
    assert bench.heard(late) == Counter()


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_way_on_both_databases_with_the_parser_in_its_child(whole: Bench, kind: str) -> None:
    wants, _ = begin(whole, kind)
    whole.say(kind, "good", "html", "half")
    whole.page(kind).things.append(Thing(9))
    whole.say(kind, "good", "empty", "good")
    assert whole.heard(wants) == (once(["Nr009"]) if DIALECTS[kind].announces else Counter())
