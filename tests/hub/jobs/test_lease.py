"""A chunk that outlives its lease: whoever took the batch over goes on alone, also within one process."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from fakes.house import FakeChannel, Town, news
from sqlalchemy import select

from hub.core.message import Outcome
from hub.jobs.turns import deliver
from hub.store.schema import batch

BOUND = 10.0


def test_a_slow_chunk_loses_its_batch_to_another_thread(village: Town) -> None:
    for _ in range(20):
        village.person()
    village.source()
    first_done, second_is_late, calls = threading.Event(), threading.Event(), []
    others: list[threading.Thread] = []

    class SlowChannel(FakeChannel):
        def send(self, chunk: Iterable[Any], outlet: Any) -> list[Outcome]:
            chunk = list(chunk)
            calls.append([recipient.endpoint for recipient, _ in chunk])
            if len(calls) == 1:  # too slow: the sweep wakes the batch again, another thread takes it
                village.clock.forward(seconds=31)
                with village.store.read() as session:
                    subject = str(session.scalar(select(batch.c.id).where(batch.c.state == "open")))
                others.append(threading.Thread(target=deliver, args=(village.house, subject)))
                others[0].start()
                assert second_is_late.wait(BOUND)
            elif len(calls) == 3:  # the second thread is at its second chunk when the first one comes back
                second_is_late.set()
                assert first_done.wait(BOUND)
            return super().send(chunk, outlet)

    village.channels["webpush"] = SlowChannel("webpush", WINDOW=0)  # a chunk is all that is under way
    village.poll("s1", news())
    first_done.set()
    others[0].join(BOUND)
    with village.store.read() as session:
        row = session.execute(select(batch)).mappings().one()
    assert (row["state"], row["sent"], row["cursor"]) == ("done", 20, 20)
    assert [len(one) for one in calls] == [10, 10, 10]
