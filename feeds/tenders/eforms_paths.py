"""Reading UBL: the namespaces of eForms, and texts at element paths."""

from __future__ import annotations

from lxml import etree

from feeds.tenders import values

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
    "efext": "http://data.europa.eu/p27/eforms-ubl-extensions/1",
}
EXTENSION = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it


def text(element: Element, path: str) -> str:
    """Return the text of the first element at ``path``, stripped, or ""."""
    found = elements(element, path)
    return (found[0].text or "").strip()[:2000] if found else ""


def texts(element: Element, path: str, lang: str, limit: int = values.LONGEST_TEXT) -> dict[str, str]:
    """Return the texts at ``path`` by language, that of the notice first."""
    found: dict[str, str] = {}
    for one in elements(element, path):
        tag = values.language(one.get("languageID", ""), lang)
        plain = (values.one_line if limit == values.LONGEST_TITLE else values.clean)(one.text or "", limit)
        if plain:
            found.setdefault(tag, plain)
    return {tag: found[tag] for tag in sorted(found, key=lambda tag: tag != lang)}


def elements(element: Element, path: str) -> list[Element]:
    """Return the elements at ``path``."""
    return element.findall(path, NS)


def every(element: Element, path: str) -> list[str]:
    """Return the texts of all elements at ``path``, stripped."""
    return [(one.text or "").strip() for one in elements(element, path)]


def money(element: Element, *paths: str) -> tuple[float, str] | None:
    """Return (amount, currency) of the first positive sum at one of ``paths``, in their order."""
    for path in paths:
        for one in elements(element, path):
            if number := values.amount(one.text or ""):
                return number, values.currency(one.get("currencyID", ""))
    return None
