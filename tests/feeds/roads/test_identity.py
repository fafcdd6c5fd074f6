"""S-06 and P-07 for roads: one message per real closure whatever the ids, positions, order and timestamps do."""

import json
import random
from datetime import UTC, datetime

import pytest

from feeds.roads.normalise import normalise
from feeds.roads.parse import parse
from hub.core.changes import Known, decide
from hub.core.message import Change

NOW = datetime(2030, 3, 1, tzinfo=UTC)


class Hub:
    """What the store does with names: a notice is found by any name the source ever gave it."""

    def __init__(self):
        self.known, self.names, self.told = {}, {}, []

    def take(self, notices):
        for one in notices:
            names = (one.key, *one.references)
            own = next((self.names[name] for name in names if name in self.names), one.id)
            decision = decide(one, self.known.get(own), NOW)
            if decision.change is not None:
                self.told.append((decision.change, one.title))
                withdrawn = decision.change is Change.WITHDRAWN
                self.known[own] = Known(decision.notice, decision.revision, decision.dates, withdrawn)
            self.names |= dict.fromkeys(names, own)


@pytest.fixture
def town():
    return [
        {
            "strasse": f"{'ABCDEFGHIJ'[n % 10]}{'aeiou'[n // 10 % 5]}{'lmnrstbdgk'[n // 50]}weg", "massnahme": "Kanalbau",
            "abschnitt": f"Hausnummer {n}", "beginn": "04.03.2030", "ende": "29.03.2030",
            "bemerkung": "Umleitung über Ringstraße.", "link": f"http://stadt.example/b?id={n}",
            "at": [13.7 + n % 20 / 100, 51.0 + n // 20 / 100],
        }
        for n in range(500)
    ]  # fmt: skip


def answer(roads, rows, dice, ids):
    """Return the rows as a source that has no stable anything writes them today."""
    features = []
    for number, row in enumerate(rows):
        shift = [one + dice.uniform(-1, 1) * 1e-5 for one in row["at"]]
        properties = {name: value for name, value in row.items() if name != "at"}
        properties["bemerkung"] += f" Stand: {dice.randrange(1, 28)}.02.2030 {dice.randrange(24):02}:00 Uhr"
        properties["stand"] = f"2030-02-{dice.randrange(1, 28):02}T08:00:00Z"
        properties["link"] += dice.choice(["", "&utm_source=x", "&fbclid=7", "#top"])
        properties["link"] = dice.choice(["http", "https"]) + properties["link"].removeprefix("http")
        if ids == "changing":
            properties["id"] = f"{dice.getrandbits(64):016x}"
        features.append(roads.feature(properties, {"type": "Point", "coordinates": shift}, id=f"b.fid-{number}"))
    dice.shuffle(features)
    return json.dumps(roads.collection(*features, timeStamp=str(dice.random()))).encode()


@pytest.mark.parametrize(("ids", "count"), [("changing", 500), ("none", 60)])
def test_500_closures_in_20_noisy_polls_are_500_messages(roads, town, ids, count):
    dice, hub = random.Random(6), Hub()
    for _ in range(20):
        fetched = roads.fetched(answer(roads, town[:count], dice, ids))
        hub.take(normalise(item, fetched.source) for item in parse(fetched) if not item.note)
    assert [change for change, _ in hub.told] == [Change.NEW] * count


def test_a_real_change_is_one_revision_and_other_works_are_other_notices(roads, town):
    dice, hub = random.Random(7), Hub()
    rows = town[:50]

    def poll():
        fetched = roads.fetched(answer(roads, rows, dice, "changing"))
        hub.take(normalise(item, fetched.source) for item in parse(fetched) if not item.note)

    poll()
    rows[3]["ende"] = "12.04.2030"
    rows[4]["at"] = [13.9, 51.2]
    poll()
    assert sorted(change for change, _ in hub.told[50:]) == [Change.NEW, Change.REVISED]
    rows[5] |= {"beginn": "01.05.2030", "ende": "03.05.2030"}  # the next works in the same street
    poll()
    assert [change for change, _ in hub.told[52:]] == [Change.NEW]


def test_order_of_lines_and_parts_changes_nothing(roads):
    lines = [[[13.70, 51.0], [13.71, 51.0]], [[13.72, 51.0], [13.73, 51.0]]]
    hub = Hub()
    for shape in (lines, lines[::-1]):
        feature = roads.feature({"titel": "Kanalbau"}, {"type": "MultiLineString", "coordinates": shape})
        hub.take(roads.notices(roads.collection(feature)))
    assert len(hub.told) == 1


def test_two_works_of_one_title_close_together_stay_two(roads):
    near = [roads.feature({"titel": "Kanalbau", "beschreibung": str(n)}, {"type": "Point", "coordinates": [13.7 + n / 5000, 51]})
            for n in range(2)]  # fmt: skip
    first, second = roads.notices(roads.collection(*near))
    assert not {first.key, *first.references} & {second.key, *second.references}
    hub = Hub()
    for _ in range(3):
        hub.take(roads.notices(roads.collection(*near)))
    assert len(hub.told) == 2
