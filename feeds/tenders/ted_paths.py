"""Reading TED's own XML (R2.0.9): texts at paths whatever the namespaces of a release are called."""

from __future__ import annotations

import re

from lxml import etree

from feeds.tenders import values

Element = etree._Element  # noqa: SLF001 - lxml has no other name for it
_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def find(element: Element, path: str) -> list[Element]:
    """Return the elements at ``path`` (names without namespace)."""
    steps = [f"{{*}}{step}" if re.match(r"\w", step) else step for step in path.split("/")]
    return element.findall("/".join(steps))


def text(element: Element, path: str) -> str:
    """Return the text of the first element at ``path``, stripped, or ""."""
    return next(iter(every(element, path)), "")


def every(element: Element, path: str) -> list[str]:
    """Return the whole texts of all elements at ``path``, stripped."""
    return ["".join(str(part) for part in one.itertext()).strip()[:2000] for one in find(element, path)]


def attribute(element: Element, path: str, name: str) -> str:
    """Return an attribute of the first element at ``path``, or ""."""
    found = find(element, path)
    return found[0].get(name, "") if found else ""


def prose(element: Element, path: str) -> str:
    """Return the paragraphs (``P``) of the first element at ``path`` as lines; superscripts stay readable (m²)."""
    for one in find(element, path)[:1]:
        paragraphs = find(one, ".//P") or [one]
        return values.clean("\n".join(_line(paragraph) for paragraph in paragraphs))
    return ""


def money(element: Element, *paths: str) -> tuple[float, str] | None:
    """Return (amount, currency) of the first positive sum at one of ``paths``, in their order."""
    for path in paths:
        for one in find(element, path):
            if number := values.amount(one.text or ""):
                return number, values.currency(one.get("CURRENCY", ""))
    return None


def moment(element: Element, pattern: str, zone: str) -> str:
    """Return ISO 8601 for a date and a time that stand at ``pattern`` with ``DATE`` and ``TIME`` put in."""
    return values.moment(
        text(element, pattern.format("DATE")), values.padded(text(element, pattern.format("TIME"))), zone
    )


def _line(paragraph: Element) -> str:
    parts = [paragraph.text or ""]
    for one in paragraph:
        inner = "".join(str(part) for part in one.itertext())
        parts += [inner.translate(_SUPER) if one.get("TYPE") == "SUP" else inner, one.tail or ""]
    return "".join(parts)
