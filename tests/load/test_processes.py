"""Real processes, real channels: what ``benchmarks/load.py`` measures, small (sizes by ORTSRUF_LOAD)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash.names import named_failpoints
from sqlalchemy import update

from benchmarks.installation import Installation
from benchmarks.push_sink import Sink
from benchmarks.seed import seed
from hub.core.notice import Severity
from hub.store.database import Store
from hub.store.schema import batch

PEOPLE = int(os.environ.get("ORTSRUF_LOAD", "80"))
PATIENCE = 100.0
AT_ONCE = 4 * 200  # threads, and what each may have handed over since its last checkpoint


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    sink = Sink()
    made = Installation(f"sqlite:///{tmp_path / 'ortsruf.sqlite'}", tmp_path, sink)
    yield made
    made.close()
    sink.close()


def leases_end(store: Store) -> None:
    """Do what twenty seconds of waiting do."""
    with store.begin() as session:
        session.execute(update(batch).where(batch.c.owner.is_not(None)).values(lease_until=batch.c.created_at))


@pytest.mark.slow
def test_a_served_town_that_dies_again_and_again_on_the_wire_tells_everybody(here: Installation) -> None:
    """G1, D-02: a repeat has the Topic or Message-ID of the first, so the device shows one."""
    places = [one for one in named_failpoints() if one.startswith(("webpush.", "mail."))]
    assert len(places) >= 4
    seeded = seed(here.store, subscribers=PEOPLE, origin=here.sink.origin, mail=0.4)
    slug, path = seeded.towns[0]
    for number, place in enumerate(places):
        here.publish([(slug, path, place)], severity=Severity.EXTREME)
        process = here.start(ORTSRUF_FAILPOINT=f"{place}:{3 + number}")[0]
        process.wait(PATIENCE)
        assert process.returncode == -signal.SIGKILL, place
        leases_end(here.store)
    here.start()
    here.wait(PATIENCE)
    report = here.sink.ask(do="report")
    assert report["distinct"] == PEOPLE * len(places)
    assert report["repeats"] <= AT_ONCE * len(places)
    assert here.balanced(), here.ledger()
