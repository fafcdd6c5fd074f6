"""What a provider has to choose from: customers, towns, streets, house numbers.

A source is complete with its town: without a street it holds the whole town. A street or house number that the
provider does not know by this name (``?`` is none) gives those that sound like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feeds.waste import providers
from feeds.waste.providers._ask import Ask, EnoughError
from feeds.waste.providers._types import Account, Family, Node
from feeds.waste.walk import EVERY, near, pick, pick_house
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.notice import PlaceRef
from hub.core.ports import Http
from hub.core.source import Offer, Source

_MOST = 1_000
_BY_NAME = "provider:"


def discover(source: Source, http: Http) -> list[Offer]:
    """Return what completes ``source``; nothing if it is complete. Raises ``SourceError``."""
    url = source.url.strip()
    if url and not providers.is_address(url):
        return []
    account = _account(url)
    if account is None:
        return _customers(url.removeprefix(_BY_NAME).strip())
    found = _Finder(account, providers.family(account.family), Ask(http, datetime.now(UTC)))
    try:
        return found.offers(source.config)
    except EnoughError as error:
        raise SourceRefused("The provider needs more questions than are polite at once; name more.") from error


def _account(url: str) -> Account | None:
    """Return the customer at ``url``, or nothing where a name is still to be chosen. Raises ``SourceConfigError``."""
    if not url:
        return None
    if not url.startswith(_BY_NAME):
        family, _, key = url.partition(":")
        if not key.strip():
            providers.family(family)
            return None
        return providers.account(url)
    try:
        return providers.account(url)
    except SourceConfigError:
        return None


def _customers(name: str) -> list[Offer]:
    """Return the rows that sound like ``name``, all of them if none does."""
    rows = providers.search(name.rstrip(":")) or providers.search("")
    return [Offer(f"{one.name} ({one.family})", one.address) for one in rows]


@dataclass(frozen=True, slots=True)
class _Finder:
    """Goes down the levels as far as the settings name them."""

    account: Account
    family: Family
    ask: Ask

    def offers(self, config: Mapping[str, str]) -> list[Offer]:
        wanted = {level: " ".join(config.get(level, "").split()) for level in ("town", "street", "house")}
        town = self._town(wanted["town"])
        if not isinstance(town, Node):
            return [self._offer(one.name, {"town": one.name}) for one in town]
        if wanted["street"] in ("", EVERY):
            return []
        self.ask.wanted = wanted["street"].strip("?")
        streets = self.family.streets(self.account, town, self.ask)
        street = pick(streets, wanted["street"])
        if street is None:
            return self._streets(town, streets, wanted["street"])
        if wanted["house"] in ("", EVERY):
            return []
        self.ask.wanted = wanted["house"].strip("?")
        houses = street.below or self.family.houses(self.account, street, self.ask)
        if pick_house(houses, wanted["house"]) is not None:
            return []
        return self._houses(town, street, houses, wanted["house"])

    def _town(self, wanted: str) -> Node | Sequence[Node]:
        """Return the town, or those to choose from."""
        self.ask.wanted = wanted
        towns = self.family.towns(self.account, self.ask)
        if len(towns) == 1 and not (wanted and towns[0].name):
            only = towns[0]
            return Node(only.name or wanted or self.account.name, only.id)
        found = pick(towns, wanted) if wanted else None
        return found or (near(towns, wanted) or towns)[:_MOST]

    def _streets(self, town: Node, streets: Sequence[Node], wanted: str) -> list[Offer]:
        whole = self._offer(f"{town.name} (all streets)", {"town": town.name, "street": EVERY})
        named = [one for one in (near(streets, wanted) or streets) if one.name][:_MOST]
        offers = [
            self._offer(f"{town.name}, {one.name}", {"town": town.name, "street": one.name}, one.scheme, one.name)
            for one in named
        ]
        return [whole, *offers]

    def _houses(self, town: Node, street: Node, houses: Sequence[Node], wanted: str) -> list[Offer]:
        settings = {"town": town.name, "street": street.name}
        whole = self._offer(
            f"{town.name}, {street.name} (all numbers)", {**settings, "house": EVERY}, street.scheme, street.name
        )
        plain = street.name.replace("/", "-")
        named = [one.name for one in (near(houses, wanted) or houses) if one.name][:_MOST]
        offers = [
            self._offer(f"{town.name}, {street.name} {one}", {**settings, "house": one}, "house", f"{plain}/{one}")
            for one in named
        ]
        return [whole, *offers]

    def _offer(self, title: str, settings: Mapping[str, str], scheme: str = "", value: str = "") -> Offer:
        places = (PlaceRef(scheme, value, value.replace("/", " ")),) if scheme else ()
        return Offer(title, self.account.address, dict(settings), places)
