"""Which topics a town's form offers: those that every town has, and further ones where something gathers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g

from hub.store import sources
from hub.web.desk import house
from hub.web.topics import TOPICS, Topic


def offered(values: Mapping[str, str]) -> Sequence[Topic]:
    """Return the topics to show to somebody whose form says ``values``: what they chose before stays in view."""
    town = g.get("town")
    if town is None:
        return [one for one in TOPICS.values() if not one.optional]
    with house().store.read() as session:
        gathered = {row["topic"].partition(".")[0] for row in sources.listed(session, town["id"]) if row["enabled"]}
    return [one for one in TOPICS.values() if not one.optional or one.name in gathered or values.get(one.name)]
