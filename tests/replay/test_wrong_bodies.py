"""S-05: whatever comes instead of the data, the last good state stays, nobody hears a word, the source says so."""

from __future__ import annotations

from collections import Counter

import pytest
from replay.answers import HTML, LOGIN, WORDS, Word
from replay.bench import Bench, once, some
from replay.dialects import DIALECTS, Thing, ics, oparl

import feeds
from hub.core.health import State, state
from hub.store import outlook

KINDS = sorted(set(DIALECTS) & set(feeds.kinds()))
WRONG = {
    "web page": Word("w", body=lambda _body: HTML),
    "login page": Word("w", body=lambda _body: LOGIN),
    "nothing": Word("w", body=lambda _body: b""),
    "spaces": Word("w", body=lambda _body: b" \r\n" * 50),
    "error as JSON": Word("w", body=lambda _body: b'{"error": {"code": 500, "message": "internal"}}'),
    "error as XML": Word("w", body=lambda _body: b'<?xml version="1.0"?><error><code>500</code></error>'),
    "plain text": Word("w", body=lambda _body: "Bitte später versuchen.".encode()),
    "binary": Word("w", body=lambda _body: bytes(range(256)) * 20),
    "first half of the bytes": WORDS["cut-off"],
    "half of the things": WORDS["half"],
    "an empty list": WORDS["empty"],
    "another kind's data": Word("w", body=lambda body: oparl(some(3)) if body[:1] != b"{" else ics(some(3))),
}


def test_there_are_twelve_of_them() -> None:
    assert len(WRONG) == 12


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_body_changes_nothing(bench: Bench, kind: str, name: str) -> None:
    bench.add(kind, some(8))
    wants = bench.person(kind)
    with bench.town.store.read() as session:
        before = outlook.ahead(session, kind, bench.clock())
    states = []
    for _ in range(3):
        bench.say(kind, WRONG[name])
        states.append(state(bench.row(kind), bench.clock()).state)
    with bench.town.store.read() as session:
        after = outlook.ahead(session, kind, bench.clock())
    assert {one: [date.occurrence for date in dates] for one, dates in after.items()} == {
        one: [date.occurrence for date in dates] for one, dates in before.items()
    }
    assert bench.heard(wants) == Counter()
    if not (kind in {"cap", "rss"} or (kind == "tenders" and name in {"half of the things", "an empty list"})) and not (
        kind in {"ical", "table"} and name in {"first half of the bytes", "error as XML", "error as JSON"}
    ):
        # An empty list of warnings is fair weather, a shorter feed the course of time.
        assert states[0] in {State.DOUBTFUL, State.FAILING}
    bench.page(kind).things.append(Thing(9))
    bench.say(kind, "good", "good")
    assert bench.heard(wants) == (once(["Nr009"]) if DIALECTS[kind].announces else Counter())
    assert state(bench.row(kind), bench.clock()).state is State.OK
