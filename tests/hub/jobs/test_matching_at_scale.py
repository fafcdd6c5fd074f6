"""F-10: what the database and the predicate find together is what brute force finds, over many random interests.

``ORTSRUF_MATCHING`` is how many; the figures of the goal are 100,000 interests and 1,000 notices (``make matching``).
"""

from __future__ import annotations

import os
from random import Random

from fakes.county import notice, wish
from sqlalchemy import insert

from hub.core.matching import matches
from hub.core.subscription import criteria_from_json
from hub.jobs.publish import fitting
from hub.store import interests, notices, towns
from hub.store.database import Store
from hub.store.schema import notice as table
from hub.store.schema import notice_place, place

SIZE = int(os.environ.get("ORTSRUF_MATCHING", "400"))
PLACE = {"path": "053580000003", "kind": "municipality", "name": "A", "sought": "a", "lat": 50.7, "lon": 6.4}


def test_the_index_finds_what_brute_force_finds(store: Store) -> None:
    from fakes.house import NOON

    chance = Random(20261126)
    values = {"id": "t", "name": "T", "path": "05358", "language": "de", "zone": "Europe/Berlin", "colour": "#000000"}
    with store.begin() as session:
        towns.add(session, values, NOON)
        session.execute(insert(place), [PLACE])
        everything = {interests.ensure(session, "t", one)[0]: criteria_from_json(one.canonical())
                      for one in (wish(chance) for _ in range(SIZE))}  # fmt: skip
    found = 0
    for number in range(max(30, SIZE // 100)):
        one, places = notice(chance, number)
        row = {"id": one.id, "municipality_id": "t", "topic": one.topic, "revision": 1, "content": {}, "severity": 0,
               "first_seen_at": NOON, "changed_at": NOON}  # fmt: skip
        with store.begin() as session:
            session.execute(insert(table), [row])
            session.execute(insert(notice_place), [{"notice_id": one.id, "path": path} for path in set(places)])
            indexed = dict(fitting(session, towns.get(session, "t"), one))
            resolved = notices.places_of(session, one.id)
        centre = (6.4, 50.7) if [path.partition("/")[0] for path in resolved] == [PLACE["path"]] else None
        brute = {key: reason for key, each in everything.items()
                 if (reason := matches(one, resolved, each, elsewhere=centre)) is not None}  # fmt: skip
        assert indexed == brute
        found += len(brute)
    assert found > SIZE // 10
