"""Several places in one form: home, parents, work, each with its own topics and levels. Pure.

The fields of the first place stand as ``hub.web.choices`` reads them, those of the others behind ``p2.``, ``p3.`` …;
``p2.here`` says that there is a second place, ``p2.town`` its municipality (empty: where the form is shown). What two
places both want is one wish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hub.jobs.subscribe import Wish
from hub.web.choices import Choice, Setting, read
from hub.web.surroundings import FIELD, around

MOST_PLACES = 5
HERE, TOWN, SOUGHT = "here", "town", "sought"
_SHARED = ("email", "digest_at", "digest_days")


def _(message: str) -> str:
    return message


def prefix_of(number: int) -> str:
    """Return what stands before the fields of place ``number``, counted from 1."""
    return f"p{number}." if number > 1 else ""


def prefixes(values: Mapping[str, str]) -> list[str]:
    """Return the prefixes of the places of a form, the first one always among them."""
    more = (prefix_of(number) for number in range(2, MOST_PLACES + 1))
    return ["", *(prefix for prefix in more if values.get(prefix + HERE))]


def fields(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the fields of one place, without their prefix, and those that all places share."""
    if not prefix:
        return dict(values)
    own = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
    return own | {name: values[name] for name in _SHARED if name in values}


def towns_in(values: Mapping[str, str]) -> set[str]:
    """Return the ids of the municipalities that the places of a form name."""
    return {values.get(prefix + TOWN, "") for prefix in prefixes(values)} - {""}


def looks_around(values: Mapping[str, str]) -> bool:
    """Whether any place of a form asks for what lies around it."""
    return any(values.get(prefix + FIELD) for prefix in prefixes(values))


def read_places(values: Mapping[str, str], setting: Setting) -> Choice:
    """Read the form of all places; every fault is named at once, by the field's whole name."""
    faults: dict[str, str] = {}
    found: list[Wish] = []
    first: Choice | None = None
    for prefix in prefixes(values):
        own = fields(values, prefix)
        here = setting.of(own.get(TOWN, ""))
        if here is None:
            faults[f"{prefix}{SOUGHT}"] = _("We found no such place. Please look at the spelling.")
            continue
        choice = read(own, replace(here, has=setting.has))
        first, wrong = first or choice, dict(choice.faults)
        ours = "" if here is setting else here.town
        found += [replace(wish, town=ours) for wish in choice.wishes]
        beyond = around(own, here, choice.wishes, wrong)
        found += [replace(wish, town="" if wish.town == setting.town else wish.town) for wish in beyond]
        faults |= {name if name in _SHARED else f"{prefix}{name}": text for name, text in wrong.items()}
    first = first or read(fields(values, ""), setting)
    return replace(first, wishes=_merged(found), faults=faults)


def _merged(wishes: list[Wish]) -> tuple[Wish, ...]:
    """Return each criteria once in each municipality, with the ways of all wishes that have them."""
    found: dict[tuple[str, str], Wish] = {}
    for one in wishes:
        key = (one.town, one.criteria.key())
        known = found.get(key)
        found[key] = replace(one, ways=tuple(dict.fromkeys((*(known.ways if known else ()), *one.ways))))
    return tuple(found.values())


def without(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the form without one place; those behind it move up."""
    numbers = [one for one in prefixes(values) if one != prefix]
    shared = {name: values[name] for name in _SHARED if name in values}
    found: dict[str, str] = {}
    for number, old in enumerate(numbers, 1):
        own = {
            name: value for name, value in fields(values, old).items() if not _of_another(name) and name not in shared
        }
        new = prefix_of(number)
        found |= {f"{new}{name}": value for name, value in own.items()} | ({f"{new}{HERE}": "1"} if new else {})
    return found | shared


def _of_another(name: str) -> bool:
    return any(name.startswith(prefix_of(number)) for number in range(2, MOST_PLACES + 1))
