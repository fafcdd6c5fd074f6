"""The organisations of an eForms notice: names, seats and identifiers by their ``ORG-`` number (OPT-200)."""

from __future__ import annotations

from collections.abc import Iterable

from feeds.tenders import values
from feeds.tenders.eforms_paths import EXTENSION, NS, Element
from feeds.tenders.places import Place, address_places, leitweg_places


class Organisations:
    """All organisations that a notice lists, looked up by number."""

    def __init__(self, root: Element) -> None:
        """Index the companies and touch points of ``root``."""
        self._found: dict[str, Element] = {}
        for path in ("efac:Company", "efac:TouchPoint"):
            for one in root.findall(f"{EXTENSION}/efac:Organizations/efac:Organization/{path}", NS):
                number = self._text(one, "cac:PartyIdentification/cbc:ID")
                if number:
                    self._found.setdefault(number, one)

    def names(self, numbers: Iterable[str], lang: str) -> str:
        """Return the names of ``numbers`` in ``lang`` (else the first language), joined by commas."""
        return ", ".join(dict.fromkeys(name for one in self._of(numbers) if (name := self._name(one, lang))))[:500]

    def seats(self, numbers: Iterable[str]) -> list[Place]:
        """Return the places of the addresses of ``numbers``."""
        addresses = [one.find("cac:PostalAddress", NS) for one in self._of(numbers)]
        return [place for address in addresses if address is not None for place in self.address(address)]

    def leitweg(self, numbers: Iterable[str]) -> list[Place]:
        """Return the municipalities or districts that the Leitweg-IDs of ``numbers`` begin with (BT-501)."""
        found = [self._text(one, "cac:PartyLegalEntity/cbc:CompanyID") for one in self._of(numbers)]
        return leitweg_places(found)

    def address(self, address: Element) -> list[Place]:
        """Return the places of a ``cac:Address`` or ``cac:PostalAddress``."""
        return address_places(
            self._text(address, "cbc:CountrySubentityCode"),
            self._text(address, "cbc:PostalZone"),
            self._text(address, "cbc:CityName"),
            self._text(address, "cac:Country/cbc:IdentificationCode"),
        )

    def _of(self, numbers: Iterable[str]) -> list[Element]:
        """Return the elements of ``numbers`` that the notice knows."""
        return [self._found[one] for one in dict.fromkeys(numbers) if one in self._found]

    def _name(self, one: Element, lang: str) -> str:
        """Return the name of an organisation."""
        found = one.findall("cac:PartyName/cbc:Name", NS)
        best = sorted(found, key=lambda name: values.language(name.get("languageID", ""), lang) != lang)
        return values.one_line(best[0].text or "", 200) if best else ""

    def _text(self, one: Element, path: str) -> str:
        """Return the text at ``path``, or ""."""
        return (one.findtext(path, "", NS) or "").strip()[:500]
