"""Which topics a town's form offers: those that every town has, and further ones where something gathers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g

from hub.store import sources
from hub.web.desk import house
from hub.web.topics import TOPICS, Topic


def offered(values: Mapping[str, str], town: str = "", prefix: str = "") -> Sequence[Topic]:
    """Return the topics to show to somebody whose form says ``values``: what they chose before stays in view.

    ``town`` is the municipality of the place whose fields begin with ``prefix``; left out, it is the page's.
    """
    here = town or (g.town["id"] if g.get("town") is not None else "")
    if not here:
        return [one for one in TOPICS.values() if not one.optional]
    with house().store.read() as session:
        gathered = {row["topic"].partition(".")[0] for row in sources.listed(session, here) if row["enabled"]}
    return [one for one in TOPICS.values() if not one.optional or one.name in gathered or values.get(prefix + one.name)]
