"""A process that may be killed while it sends an emergency through the real push channel; orders as in ``child.py``.

Every message is appended to the file ``wire`` as it would leave: a line of JSON with ``endpoint`` and ``body`` (hex).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from crash.child import CrashStore, main  # noqa: E402
from fakes.house import FakeClock, Town, make_town  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

import push  # noqa: E402
from hub import failpoints  # noqa: E402
from hub.core.message import Outlet  # noqa: E402
from hub.core.ports import Answer, Answered, Posting  # noqa: E402
from hub.jobs import sweep  # noqa: E402
from hub.store.schema import batch  # noqa: E402
from push.webpush import Settings  # noqa: E402


class FileWire:
    """Takes every message, and the kernel keeps it when we die."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def post(self, posting: Posting, into: Answered) -> None:
        line = {"endpoint": int(posting.key[0]), "body": posting.body.hex()}
        os.write(self._file, (json.dumps(line) + "\n").encode())
        into.put((posting, Answer(201, {}, b"", posting.url)))

    def flush(self) -> None:
        """Nothing waits here."""

    def room(self, origin: str) -> int:
        return 100

    def at_close(self, work: Callable[[], object]) -> None:
        """Nothing is closed."""

    def close(self) -> None:
        """Nothing is open."""


def town_at(order: dict[str, Any]) -> Town:
    """Build the town of one process, with the real channel."""
    town = make_town(CrashStore(order["url"]), FakeClock(datetime.fromisoformat(order["at"])), f"process {os.getpid()}")
    outlet = Outlet(
        None, Settings(allowed_hosts=("push.example",)), {"vapid_private": order["pem"]}, town.clock,  # type: ignore[arg-type]
        FileWire(order["wire"]),
    )  # fmt: skip
    object.__setattr__(town.house, "outlet", lambda _name: outlet)
    town.channels["webpush"] = push.load("webpush")  # type: ignore[assignment]
    return town


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Send what is left to send."""
    failpoints.arm(order.get("die") or "nowhere:0")
    town = town_at(order)
    sweep.sweep(town.house)
    town.engine.run_all()
    with town.store.read() as session:
        left = session.scalar(select(func.count()).select_from(batch).where(batch.c.state == "open"))
    town.store.close()
    return {"left": left}


if __name__ == "__main__":
    main(run)
