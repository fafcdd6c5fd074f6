"""Families of providers, one module each, found by scanning this folder; their customers are rows of a table.

An address names both: ``awido:rosenheim``, or the customer by the name a clerk knows, ``provider:Landkreis Rosenheim``.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

from feeds.waste.providers._types import Account, Family
from hub.core.errors import SourceConfigError
from hub.core.place import slug

_TABLE = Path(__file__).parent.parent / "providers.toml"
_ADDRESS = re.compile(r"([a-z][a-z0-9-]{1,30}):(?!//)(.*)", re.DOTALL)
_ELSEWHERE = frozenset({"http", "https", "webcal", "webcals", "file", "wcs"})  # schemes that are no provider's
_BY_NAME = "provider"
_OWN = ("name", "url")


@cache
def families() -> tuple[str, ...]:
    """Return the names of all families, as they stand in addresses."""
    return tuple(sorted(_modules()))


@cache
def _modules() -> dict[str, str]:
    names = [one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")]
    return {name.replace("_", "-"): name for name in names}


def family(name: str) -> Family:
    """Return the family called ``name``. Raises ``SourceConfigError`` naming those there are."""
    if name not in _modules():
        known = ", ".join(families())
        raise SourceConfigError(f"There is no family of providers called {name!r}; there are {known}.", subject=name)
    return cast("Family", importlib.import_module(f"{__name__}.{_modules()[name]}"))


@cache
def rows() -> tuple[Account, ...]:
    """Return the customers that are known by name, in the order of their names."""
    data = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    found = [
        Account(name, key, called, one.get("url", ""), {field: one[field] for field in one if field not in _OWN})
        for name, customers in data.items() for key, one in customers.items()
        for called in ([one["name"]] if isinstance(one["name"], str) else one["name"])
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (slug(one.name), one.family)))


def is_address(url: str) -> bool:
    """Whether ``url`` names a provider (known or not) instead of a place on the web."""
    found = _ADDRESS.fullmatch(url.strip())
    return found is not None and found[1] not in _ELSEWHERE


def account(url: str) -> Account:
    """Return the customer at an address.

    A key that is in no row is taken as it is, so that a new customer needs no new table. Raises ``SourceConfigError``
    for an unknown family, a key that cannot be one, and a name that no row or several rows have.
    """
    found = _ADDRESS.fullmatch(url.strip())
    if found is None:
        raise SourceConfigError(f"{url!r} is no provider's address; write awido:<customer>, for example.", subject=url)
    name, key = found[1], found[2].strip()
    if name == _BY_NAME:
        return _named(key)
    asked = family(name)
    for one in rows():
        if one.family == name and one.key.casefold() == key.casefold():
            return one
    if not key:
        known = [f"{one.key} ({one.name})" for one in rows() if one.family == name]
        raise SourceConfigError(
            f"Name the customer: {name}:<customer>. Known are {', '.join(known[:8])} …", subject=url
        )
    if not re.fullmatch(asked.KEY, key):
        raise SourceConfigError(f"{key!r} cannot be a customer of {name}.", subject=url)
    return Account(name, key, key)


def _named(name: str) -> Account:
    """Return the one customer of this name. Raises ``SourceConfigError``."""
    exact = [one for one in rows() if slug(one.name) == slug(name)] if name else []
    if len(exact) == 1:
        return exact[0]
    near = search(name)
    offered = "; ".join(f"{one.name} ({one.address})" for one in near[:8]) or "none that sounds like it"
    raise SourceConfigError(f"No single provider is called {name!r}. Known are: {offered}.", subject=name)


def search(name: str) -> Sequence[Account]:
    """Return the customers whose name, key or family holds all words of ``name``; all of them for an empty one."""
    words = [word for word in slug(name).split("-") if word]
    return [one for one in rows() if all(word in slug(f"{one.name} {one.key} {one.family}") for word in words)]
