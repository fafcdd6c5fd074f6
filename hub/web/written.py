"""Stored subscriptions as the values of the form that would make them, place by place. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.core.subscription import Action, criteria_from_json, lead
from hub.jobs.subscribe import Wish
from hub.web import bins
from hub.web.choices import Setting
from hub.web.places import HERE, MOST_PLACES, TOWN, prefix_of, read_places
from hub.web.surroundings import FIELD, distance, is_circle
from hub.web.topics import TOPICS


def written(subscriptions: Sequence[Mapping[str, Any]], setting: Setting) -> tuple[dict[str, str], tuple[Wish, ...]]:
    """Return the form's values for stored subscriptions, and the wishes that the form cannot show."""
    left = [_wish(one, setting) for one in subscriptions]
    values: dict[str, str] = {}
    for number in range(1, MOST_PLACES + 1):
        town, shown = _next_place(left, setting)
        if not shown and number > 1:
            break
        prefix = prefix_of(number)
        shown |= {HERE: "1"} | ({TOWN: town} if town else {})
        values |= {f"{prefix}{name}": value for name, value in shown.items()}
        made = {_key(one) for one in read_places({**values, "email": "-"}, setting).wishes}
        left = [one for one in left if _key(one) not in made]
    return values, tuple(left)


def _wish(stored: Mapping[str, Any], setting: Setting) -> Wish:
    """Return a subscription as a wish of the form: in the form's own municipality it names none."""
    town = stored.get("town", "")
    return Wish(
        criteria_from_json(stored["criteria"]), tuple(stored["ways"]), "" if town == setting.town else town
    )  # fmt: skip


def _next_place(left: Sequence[Wish], setting: Setting) -> tuple[str, dict[str, str]]:
    """Return municipality and values of the next place that can be shown; those where the form is shown first."""
    for town in sorted({one.town for one in left}):
        here = setting.of(town)
        if here is None:
            continue
        shown = _place([replace(one, town="") for one in left if one.town == town and not is_circle(one)], here)
        km = distance(left, here)
        if shown:
            return town, shown | ({FIELD: km} if km else {})
    return "", {}


def _key(wish: Wish) -> tuple[str, str, frozenset[object]]:
    return wish.town, wish.criteria.key(), frozenset(wish.ways)


def _place(wishes: Sequence[Wish], setting: Setting) -> dict[str, str]:
    """Return the values of one place: of each topic the first wish, and the bins of one street."""
    values: dict[str, str] = {}
    waste = [one for one in wishes if one.criteria.topics == ("waste",)]
    near = [one for one in wishes if one not in waste and _zone(one, setting)[0]]
    rest = [one for one in wishes if one not in (*waste, *near)]
    for candidates in (_bins(waste), *([one] for one in (*near, *rest))):
        if not candidates:
            continue
        topic, shown = candidates[0].criteria.topics, _shown(candidates, setting)
        taken = len(topic) == 1 and topic[0] in values
        zone = shown.get("waste.zone", values.get("waste.zone", ""))
        if (
            shown
            and not taken
            and values.get("waste.zone", zone) == zone
            and _same(values | shown, candidates, setting)
        ):
            values |= shown
    return values


def _bins(wishes: Sequence[Wish]) -> list[Wish]:
    """Return the wishes for the bins of the first place: one, or those that together are of all fractions."""
    if not wishes:
        return []
    first = wishes[0]
    return [one for one in wishes if one.criteria.places == first.criteria.places and bool(one.criteria.categories)
            == bool(first.criteria.categories)]  # fmt: skip


def _same(values: Mapping[str, str], wishes: Sequence[Wish], setting: Setting) -> bool:
    """Whether the form, filled so, makes just these wishes again."""
    again = read_places({**values, "email": "-"}, setting)
    return not again.faults and {_key(one) for one in wishes} <= {_key(one) for one in again.wishes}


def _zone(wish: Wish, setting: Setting) -> tuple[str, str]:
    """Return the street or zone that a wish is for, and the house number; empty for the whole town."""
    street, _mark, number = (wish.criteria.places[0] if wish.criteria.places else "").partition("/house:")
    return (street, number) if street in setting.zones else ("", "")


def _shown(wishes: Sequence[Wish], setting: Setting) -> dict[str, str]:
    criteria = wishes[0].criteria
    if len(criteria.topics) != 1 or criteria.topics[0] not in TOPICS:
        return {}
    name = criteria.topics[0]
    values = {name: "1"}
    for channel, action, text in (way for wish in wishes for way in wish.ways):
        values |= _shown_way(name, channel, action, text)
    zone, number = _zone(wishes[0], setting)
    if zone:
        values |= {"waste.zone": zone} | ({"waste.house": number} if number else {})
    if zone and TOPICS[name].near:
        values[f"{name}.near"] = "1"
    if TOPICS[name].levels:
        values[f"{name}.severity"] = criteria.severity.name.lower()
    if name == "tenders":
        values["tenders.words"], values["tenders.without"] = ", ".join(criteria.words), ", ".join(criteria.without)
        values["tenders.cpv"] = ", ".join(code.ljust(2, "0") for code in criteria.cpv)
    return values | (_hours(wishes) if name == "waste" else {})


def _hours(wishes: Sequence[Wish]) -> dict[str, str]:
    """Return when which bin is reminded of, where the hours differ."""
    if len(wishes) == 1:
        return {}
    leads = [next((text for _, action, text in one.ways if action is Action.REMINDER), "") for one in wishes]
    found = bins.ungrouped({text: one.criteria.categories for text, one in zip(leads, wishes, strict=True)})
    if found is None:
        return {}
    usual, others = found
    return {"waste.at": bins.hour_of(usual)} | {
        f"waste.at.{name}": bins.hour_of(text) if text else bins.NEVER for name, text in others.items()
    }


def _shown_way(name: str, channel: str, action: Action, text: str) -> dict[str, str]:
    if action is Action.REMINDER and name == "tenders":
        return {f"{name}.remind": "1", f"{name}.lead": str(lead(text).days)}
    if action is Action.REMINDER:
        return {f"{name}.remind": "1"} | ({f"{name}.at": bins.hour_of(text)} if name == "waste" else {})
    if action is Action.CALENDAR:
        return {f"{name}.calendar": "1"}
    if channel == "mail":
        return {f"{name}.mail": text or action.value}
    if channel == "webhook":
        return {}  # no form but that of the search knows them
    return {f"{name}.push": "1"}
