"""Every job by its name, as engines call it: with the house and the id of its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.jobs import correspond, digest, erase, gather, issue, publish, remind, sweep, tend, turns
from hub.jobs.house import House

DOORS: Mapping[str, Callable[[House, str], object]] = {  # and ``websub``, which wants the network besides
    "gather": gather.gather, "tend": tend.tend, "publish": turns.publish, "backfill": publish.backfill,
    "deliver": turns.deliver, "letter": correspond.correspond, "remind": remind.remind, "digest": digest.digest,
    "sweep": sweep.sweep, "retain": sweep.retain, "erase": erase.clean, "release": issue.issue,
}  # fmt: skip
