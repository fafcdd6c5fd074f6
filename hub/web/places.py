"""Several places in one form: home, parents, work, each with its own topics and levels. Pure.

The fields of the first place stand as ``hub.web.choices`` reads them, those of the others behind ``p2.``, ``p3.`` …;
``p2.here`` says that there is a second place. What two places both want is one wish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hub.jobs.subscribe import Wish
from hub.web.choices import Choice, Setting, read

MOST_PLACES = 5
HERE = "here"
_SHARED = ("email", "digest_at", "digest_days")


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


def read_places(values: Mapping[str, str], setting: Setting) -> Choice:
    """Read the form of all places; every fault is named at once, by the field's whole name."""
    choices = {prefix: read(fields(values, prefix), setting) for prefix in prefixes(values)}
    faults = {
        name if name in _SHARED else f"{prefix}{name}": text
        for prefix, choice in choices.items()
        for name, text in choice.faults.items()
    }
    wishes = _merged([wish for choice in choices.values() for wish in choice.wishes])
    return replace(choices[""], wishes=wishes, faults=faults)


def _merged(wishes: list[Wish]) -> tuple[Wish, ...]:
    """Return each criteria once, with the ways of all wishes that have them."""
    found: dict[str, Wish] = {}
    for one in wishes:
        known = found.get(one.criteria.key())
        ways = tuple(dict.fromkeys((*(known.ways if known else ()), *one.ways)))
        found[one.criteria.key()] = Wish(one.criteria, ways)
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
