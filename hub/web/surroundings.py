"""What lies around a place: the wishes for the municipalities near it, so that a border ends nobody's way. Pure.

Somebody who chose a place *and 10 km around* wants what happens there of the topics that happen somewhere: a closure
two villages on, not its council. Each municipality within reach gets a wish of its own: the same topic, within the
circle. What a source does not say where it is does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hub.core.subscription import Criteria
from hub.jobs.subscribe import Wish
from hub.web.choices import Setting
from hub.web.topics import TOPICS

KM = ("2", "5", "10", "20", "50")
FIELD = "km"
WIDE = 12.0  # km from a municipality's centre to its border, at most
MOST = 40  # municipalities, the nearest first


def _(message: str) -> str:
    return message


def around(values: Mapping[str, str], setting: Setting, wishes: Sequence[Wish], faults: dict[str, str]) -> list[Wish]:
    """Return the wishes for what lies around the place of ``values``; those for the place itself are ``wishes``."""
    km = values.get(FIELD, "")
    if not km:
        return []
    if km not in KM:
        faults[FIELD] = _("Please choose one of the distances offered.")
        return []
    if setting.centre is None:
        faults[FIELD] = _("We do not know where this place lies, so we cannot look around it.")
        return []
    near = [town for town, away in setting.near.items() if away <= float(km) + WIDE][:MOST]
    local = [one for one in wishes if reaches(one.criteria) and one.criteria.places == (setting.path,)]
    return [
        replace(one, town=town, criteria=replace(one.criteria, places=(), centre=setting.centre, radius_km=float(km)))
        for one in local
        for town in near
    ]


def reaches(criteria: Criteria) -> bool:
    """Whether these are of a topic that happens somewhere, so that a distance means something."""
    return all(name in TOPICS and TOPICS[name].around for name in criteria.topics) and bool(criteria.topics)


def is_circle(wish: Wish) -> bool:
    """Whether a wish is for what lies around a place."""
    return wish.criteria.centre is not None and wish.criteria.radius_km is not None and not wish.criteria.places


def distance(wishes: Sequence[Wish], setting: Setting) -> str:
    """Return the distance that stored wishes ask for around the place of ``setting``; empty if none do."""
    if setting.centre is None:
        return ""
    for one in wishes:
        if is_circle(one) and one.criteria.key() == replace(one.criteria, centre=setting.centre).key():
            km = f"{one.criteria.radius_km:.0f}"
            if km in KM:
                return km
    return ""
