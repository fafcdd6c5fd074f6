"""Two hours in the life of a town: every kind at once, faults of all sorts, one clock of 121 ticks.

A script says what really happens; dice say how each server tells it, minute by minute. Whatever they throw: one first
word per real thing, one per real change, and the last word to exactly those who had the first.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from replay.answers import WORDS
from replay.bench import Bench, some
from replay.dialects import DIALECTS, Thing

import feeds
from hub.core.subscription import Action

TICKS = 121  # minutes, the first at 0
KINDS = sorted(set(DIALECTS) & set(feeds.kinds()))
TOMORROW = date(2026, 11, 24)
FAULTS = [
    "empty", "nothing", "html", "login", "half", "without-one", "cut-off", "garbage", "busy", "out-of-service", "fault",
    "silent", "gone", "skewed",
]  # fmt: skip
FINE = ["good", "good", "untagged", "reordered", "doubled", "noisy"]
ALERT = Thing(50, severity="Severe")


@dataclass
class Event:
    """At ``minute`` something really happens to the list of ``kind``."""

    minute: int
    kind: str
    happens: Callable[[list[Thing]], list[Thing]]


def appears(minute: int, kind: str, thing: Thing) -> Event:
    return Event(minute, kind, lambda things: [*things, thing])


def becomes(minute: int, kind: str, number: int, **values: object) -> Event:
    def happens(things: list[Thing]) -> list[Thing]:
        return [replace(one, **values) if one.number == number else one for one in things]  # type: ignore[arg-type]

    return Event(minute, kind, happens)


def vanishes(minute: int, kind: str, number: int) -> Event:
    return Event(minute, kind, lambda things: [one for one in things if one.number != number])


SCRIPT = [
    *(appears(5, kind, Thing(20, note="zuerst")) for kind in KINDS if DIALECTS[kind].announces),
    appears(12, "cap", ALERT),
    *(appears(35, kind, Thing(21)) for kind in KINDS if DIALECTS[kind].announces),
    *(becomes(45, kind, 20, note="geändert", version=1) for kind in KINDS if DIALECTS[kind].revises),
    becomes(50, "cap", 50, note="Orkan", version=1),
    becomes(75, "waste", 1, day=TOMORROW + timedelta(days=2)),  # its reminder went out at 12:30
    *(becomes(80, kind, 20, over=True, version=2) for kind in KINDS if DIALECTS[kind].calls_off),
    becomes(85, "cap", 50, over=True, version=2),
    vanishes(85, "roads", 21),  # reopened: the list of closures has it no more
    *(appears(90, kind, Thing(22)) for kind in KINDS if DIALECTS[kind].announces),
]


def weather(seed: int) -> dict[tuple[str, int], str]:
    """Throw what each server does in each minute: faults come in bouts of up to three minutes, a third of the time."""
    dice = random.Random(seed)
    found = {}
    for kind in KINDS:
        minute = 0
        while minute < TICKS:
            bout = dice.choice(FAULTS) if dice.random() < 0.2 else ""
            for _ in range(dice.randint(1, 3) if bout else 2):
                found[kind, minute] = bout if bout and minute < TICKS - 12 else dice.choice(FINE)
                # A fault that hides a thing shows another face the next minute: nothing real says it twice.
                bout = dice.choice(["html", "silent", "good"]) if bout and WORDS[bout].absent else bout
                minute += 1
    return found


def live(bench: Bench, seed: int) -> dict[str, dict[str, int]]:
    """Let the two hours pass; return who was there from the start and who came after an hour, by kind."""
    for kind in KINDS:
        first = [replace(one, day=TOMORROW) if kind == "waste" and one.number == 1 else one for one in some(8)]
        bench.add(kind, first, interval=60)
    bench.gatherer.snapshots.add("roads")
    remind = (("webpush", Action.REMINDER, "P1D@12:30"),)
    people = {kind: {"early": bench.person(kind, *(remind if kind == "waste" else ()))} for kind in KINDS}
    told_of, script = weather(seed), sorted(SCRIPT, key=lambda one: one.minute)
    for minute in range(TICKS):
        for event in script:
            if event.minute == minute:
                bench.page(event.kind).things = event.happens(bench.page(event.kind).things)
        if minute == 70:
            for kind in KINDS:
                people[kind]["late"] = bench.person(kind, *(remind if kind == "waste" else ()))
        for kind in KINDS:
            bench.page(kind).word = WORDS[told_of[kind, minute]]
        bench.tick(1)
    for kind in KINDS:  # the servers are well again: whatever is still owed is told
        bench.say(kind, *["good"] * 3, minutes=5)
    return people


def expected(kind: str) -> dict[str, Counter[tuple[str, str]]]:
    """Return what the script owes to somebody who was there from the start, and to who came after 70 minutes."""
    early: Counter[tuple[str, str]] = Counter()
    late: Counter[tuple[str, str]] = Counter()
    if DIALECTS[kind].announces:
        early.update({("new", "Nr020"): 1, ("new", "Nr021"): 1, ("new", "Nr022"): 1})
        late["new", "Nr022"] = 1
    if DIALECTS[kind].revises:
        early["revised", "Nr020"] = 1
    if DIALECTS[kind].calls_off:
        early["withdrawn", "Nr020"] = 1
    if kind == "cap":
        early.update({("new", "Nr050"): 1, ("revised", "Nr050"): 1, ("withdrawn", "Nr050"): 1})
    if kind == "roads":
        early["withdrawn", "Nr021"] = 1
    if kind == "waste":
        early.update({("reminder", "Restmüll"): 1, ("correction", "Restmüll"): 1})
    return {"early": early, "late": late}


@pytest.mark.parametrize("seed", range(3))
def test_two_hours_in_the_life_of_a_town(bench: Bench, seed: int) -> None:
    people = live(bench, seed)
    heard = {(kind, who): bench.heard(one) for kind, found in people.items() for who, one in found.items()}
    assert heard == {(kind, who): owed for kind in KINDS for who, owed in expected(kind).items()}


def test_the_story_has_faults_of_all_sorts() -> None:
    thrown = set(weather(0).values()) | set(weather(1).values()) | set(weather(2).values())
    assert set(FAULTS) | set(FINE) <= thrown
