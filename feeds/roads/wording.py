"""German words of road authorities: is the road closed in full, and how does a short title say it."""

from __future__ import annotations

import re

# What may be closed in full while the road itself stays open.
_BESIDE = (
    r"(?:gehweg|radweg|geh-|rad-|fu(?:ß|ss)|gehbahn|b(?:ü|ue)rgersteig|park(?:platz|stand|streifen|bucht)|rast|"
    r"as\b|anschlussstelle|rampe|ausfahrt|auffahrt|einfahrt|haltestelle)"
)
_FULL = re.compile(
    r"(?:\b(voll|gesamt|komplett|total)sperr(?:ung|en)\b|"
    r"\b(?:vollst(?:ä|ae)ndig|voll|komplett|ganz|beidseitig)\s+gesperrt\b|\bfull closure\b|\broad closed\b)"
    rf"(?!(?:\s+(?:von|der|des|auf|am|im|den|die|dem)){{0,2}}\s+{_BESIDE})",
    re.IGNORECASE,
)
_NOT = re.compile(r"(?:\b(?:keine|ohne|nicht)\b|\bfrei\b)[^.;\n]{0,20}$", re.IGNORECASE)
_CLOSED = re.compile(r"(?:sperr|closed|closure)", re.IGNORECASE)
_KINDS = {"roadworks": "Bauarbeiten", "closure": "Sperrung", "warning": "Verkehrsmeldung"}


def is_full_closure(*texts: str) -> bool:
    """Whether one of ``texts`` says that the road is closed in full: a footpath, car park or ramp is not the road."""
    for text in texts:
        for match in _FULL.finditer(text):
            beside = re.search(rf"{_BESIDE}[\w-]*\s*$", text[max(0, match.start() - 40) : match.start()], re.IGNORECASE)
            if not _NOT.search(text[: match.start()]) and not beside:
                return True
    return False


def names_closure(text: str) -> bool:
    """Whether ``text`` speaks of a closure at all, full or not."""
    return bool(_CLOSED.search(text))


def place_title(place: str, what: str, section: str, *, blocked: bool) -> str:
    """Return a title with the place first: ``Am Markt gesperrt – in Richtung Rathaus``, ``Am Markt: Baustelle``."""
    head = f"{place} gesperrt" if blocked else f"{place}: {what or 'Verkehrseinschränkung'}"
    return f"{head} – {section}" if section and section.lower() not in head.lower() else head


def motorway_title(title: str, kind: str, *, blocked: bool, lorries: str = "") -> str:
    """Return an Autobahn title (``A1 | AS Pansdorf (17) - AS Neustadt-Mitte (14)``) with the road and its state first.

    ``kind`` is the API's service; ``lorries`` the weight limit in tonnes if only heavier lorries are kept out.
    """
    road, bar, rest = (part.strip() for part in title.partition("|"))
    if not bar:
        return title
    what = f"gesperrt für Lkw über {lorries} t" if lorries else _KINDS.get(kind, _KINDS["roadworks"])
    head = f"{road} {what}" if lorries else place_title(road, what, "", blocked=blocked)
    section = re.sub(r"\s+-\s+", " bis ", rest)
    return f"{head} – {section}" if section else head
