"""Tend: a source's health may have changed; tell those who must know."""

from __future__ import annotations

from hub.jobs.house import House


def tend(house: House, source_id: str) -> None:
    """Look at the source again and tell the editor or its subscribers what changed; safe to repeat.

    ``gather`` wakes this in the transaction of a poll that broke, quarantined, healed, silenced or doubted the source,
    ended a doubt, held items for the editor, or found that its calendar ends. What was told is for this job to know.
    """
    del house, source_id
