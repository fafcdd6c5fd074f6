"""Where a tender concerns people: the place of performance, else the buyer's seat, as precisely as it is known.

The hub resolves what is named here (a postcode may mean several municipalities); these are the best references that
the notice itself gives. "All of Germany" is no place: then the buyer's own municipality is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from feeds.tenders.values import one_line

Place = tuple[str, str, str]  # scheme, value, name
_AGS_DIGITS = 8
_COUNTRY = 2  # characters of a NUTS code that names a whole country
NOWHERE: Place = ("nuts", "unknown", "")  # resolves to no place, so that nobody is told by mistake


def concerned(performed: Sequence[Place], seat: Sequence[Place], leitweg: Sequence[Place]) -> tuple[Place, ...]:
    """Return where the contract is performed; if that is not said, or a whole country, where the buyer sits.

    A municipality in the buyer's Leitweg-ID is surer than a postal address, a district in it is not.
    """
    own = [one for one in performed if one[0] != "nuts" or len(one[1]) > _COUNTRY]
    if own:
        return unique_places(_finest(own))
    municipal = [one for one in leitweg if len(one[1]) >= _AGS_DIGITS]
    return unique_places(municipal or seat or leitweg or performed)


def _finest(found: Sequence[Place]) -> list[Place]:
    """Return places without the regions that only contain another region of the list (``DE8`` beside ``DE803``)."""
    codes = {value for scheme, value, _ in found if scheme == "nuts"}
    wider = {code for code in codes if any(one != code and one.startswith(code) for one in codes)}
    return [one for one in found if one[0] != "nuts" or one[1] not in wider]


def regions(performed: Sequence[Place], seat: Sequence[Place]) -> tuple[str, ...]:
    """Return the NUTS codes of the performance, else of the buyer's seat."""
    own = [value for scheme, value, _ in performed if scheme == "nuts" and len(value) > _COUNTRY]
    return tuple(dict.fromkeys(own or [value for scheme, value, _ in seat if scheme == "nuts"]))


def shown(places: Iterable[Place]) -> str:
    """Return places as a reader knows them: ``35390 Gießen``, or the region's code where nothing else is said."""
    found = list(places)
    towns = [f"{value} {name}".strip() for scheme, value, name in found if scheme == "plz"]
    return ", ".join(dict.fromkeys(towns or [value for scheme, value, _ in found if scheme == "nuts"]))[:300]


def in_prose(text: str) -> list[Place]:
    """Return the postcodes with their town in a line like ``22880 Wedel``."""
    found = re.findall(r"(?<!\d)(?:D-)?(\d{5})(?!\d)[ \t\u00a0]*([^\d\s,;()][^\d,;()\n]*)?", text[:2000], re.ASCII)
    return [place for code, town in found for place in address_places("", code, town.strip(" .:–-"))]


def address_places(nuts: str, postcode: str, city: str, country: str = "DEU") -> list[tuple[str, str, str]]:
    """Return the places (scheme, value, name) of an address: its NUTS code, and a German postcode with the city."""
    found = []
    name = one_line(city, 100)
    if re.fullmatch(r"[A-Z]{2}[0-9A-Z]{0,3}", nuts.strip().upper(), re.ASCII):
        found.append(("nuts", nuts.strip().upper(), ""))
    digits = postcode.strip().upper().removeprefix("D-")
    if country.strip().upper() in ("DEU", "DE", "", "DEUTSCHLAND", "GERMANY") and re.fullmatch(
        r"\d{5}", digits, re.ASCII
    ):
        found.append(("plz", digits, name))
    return found


def leitweg_places(identifiers: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return the municipality or district that a Leitweg-ID begins with (AGS, ARS; XRechnung, BT-10).

    Only identifiers with a right check number count (ISO 7064 MOD 97-10): telephone numbers come in this field too.
    """
    found = []
    for text in identifiers:
        plain = text.strip().upper().removeprefix("0204:")
        match = re.fullmatch(r"(\d{2,12})(?:-([0-9A-Z]{1,30}))?-(\d{2})", plain, re.ASCII)
        if match is None or int("".join(str(int(one, 36)) for one in plain if one != "-")) % 97 != 1:
            continue
        if "01" <= match[1][:2] <= "16" and len(match[1]) in (5, 8, 12):
            found.append(("ags" if len(match[1]) == _AGS_DIGITS else "ars", match[1], ""))
    return found


def unique_places(places: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Return ``places`` each once, in order."""
    return tuple({(scheme, value): (scheme, value, name) for scheme, value, name in places}.values())
