"""Which streets and districts a German text about a closure names: ``Hauptstraße zwischen Bahnhofstr. und Marktplatz``.

Only names of a form that is a street's are taken (``-straße``, ``Alter Weg``, ``B 170``), so that a text without one
still concerns the whole place and no wrong street narrows it. Streets of a detour are not closed, and nobody lives on a
motorway: it is no street of a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_STREETS = 12  # of one closure
_MOST_TEXT = 4_000  # characters that are looked through
_WORD = r"[A-ZÄÖÜ][\wäöüß'’]*(?:-[\wäöüß]+){0,6}"
_ENDS = (
    r"(?:stra(?:ß|ss)e|str\.|str\b|weg|allee|platz|gasse|gässchen|ring|damm|ufer|chaussee|steig|stieg|graben|wall|"
    r"markt|pfad|twiete|brücke|tunnel|kai|promenade|zeile)"
)
_OWN = (
    r"(?:Stra(?:ß|ss)e|Str\.|Weg|Allee|Platz|Gasse|Ring|Damm|Ufer|Chaussee|Steig|Stieg|Markt|"
    r"Pfad|Brücke|Promenade|Wall|Landstra(?:ß|ss)e|Landstr\.)"
)
_OLD = (
    r"(?:Alte[rns]?|Neue[rns]?|Große[rns]?|Kleine[rns]?|Obere[rns]?|Untere[rns]?|Hintere[rns]?|"
    r"Vordere[rns]?|Lange[rns]?|Hohe[rns]?|Breite[rns]?)"
)
_NAMED = re.compile(
    rf"(?<![\wäöüß-])(?:(?:{_OLD}|{_WORD})\s+{_OWN}|{_OLD}\s+{_WORD}{_ENDS}|"
    rf"[A-ZÄÖÜ][\wäöüß]*(?:-[\wäöüß]+){{0,6}}-(?:Stra(?:ß|ss)e|Str\.|{_OWN})|[A-ZÄÖÜ][\wäöüß]+?{_ENDS})(?![\wäöüß-])"
)
_AT = (
    r"(?:Am|An der|An den|Im|In der|In den|Zum|Zur|Auf der|Auf dem|Unter den|Unter der|"
    r"Hinter der|Hinter dem|Vor dem|Beim)"
)
_BETWEEN = re.compile(
    r"\bzwischen\s+(?:der\s+|dem\s+|den\s+)?(.{3,60}?)\s+und\s+(?:der\s+|dem\s+|"
    r"den\s+)?(.{3,60}?)(?=[,;.:()\n–]|\s-\s|$|\s(?:ist|sind|wird|voll|halb|gesperrt|vom|ab|bis|"
    r"in\s))"
)
_PREPOSED = re.compile(rf"{_AT}\s+{_WORD}(?:\s{_WORD})?")
_ROAD = re.compile(r"(?<![\w-])(B|L|K|S|St|LSt)\s?(\d{1,4}[a-z]?)(?![\w.,:]*\d)(?!\s?(?:m|km|t|%|€|Uhr)\b)")
_DETOUR = re.compile(r"\b(?:die\s+|eine\s+)?umleitung\b:?(?:str\.|\bd\.|\bz\.|[^.;:\n])*", re.IGNORECASE)
_DISTRICT = re.compile(
    rf"\b(?:OT|Ortsteil|Stadtteil|Stadtbezirk|Ortsdurchfahrt|OD|Ortslage)\s+(?!OT\b)({_WORD}(?:[ -](?!OT\b){_WORD})?)"
)
_ROAD_IN = re.compile(rf"\s*(?:in\s+|bei\s+|,\s*)?(?!OT\b)({_WORD}(?:[ -]{_WORD})?)\s*(?:[,:–(]|$)")
_NO_STREET = re.compile(
    r"(?:geh|rad|um|feld|fu(?:ß|ss)|wirtschafts|wald|schul|rettungs|fahr|anliege?r|seiten|neben|"
    r"stich|einbahn|haupt|bundes|"
    r"landes|kreis|staats|durchgangs|umgehungs|ortsumgehungs|gemeinde|stadt|land|erschlie(?:ß|ss)ungs|verbindungs|"
    r"fahrrad|zubringer|vorfahrts?|sack|hinter|baustellen|bau|"
    r"park|rast|spiel|sport|fest|arbeits|lager|stell|halte|einsatz|wende|kreuzungs|"
    r"wochen|weihnachts|jahr|super|floh|trödel|bauern|verbraucher|bau|bahn|friedhof|bahn|schul|"
    r"bauern|betriebs|recycling|ein|"
    r"strecken|anlauf|schienen|rückweg)-?"
    r"(?:stra(?:ß|ss)en?|str\.?|wege?|platz|markt|hof|damm|tunnel|brücke|ring|steig|zeile|graben)",
    re.IGNORECASE,
)
_REAL = re.compile(
    r"(?:Haupt|Schul|Bahn|Park|Land|Wald|Feld|Neben|Friedhof|Stadt)(?:straße|strasse|str\.|str)|"
    r"Waldweg|Feldweg|Stadtplatz|Stadtring|Stadtgraben|Parkring|Parkweg|Parkallee|Schulweg|"
    r"Sportplatz(?:weg|straße)|Schulplatz|Marktplatz",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"sperr|bau|arbeit|umleit|richtung|zwischen|fahr|h(?:ö|oe)he|verkehr|ampel|kanal|sanier|erneuer|bereich|voll|halb|"
    r"abschnitt|strecke|kreuzung|unfall|kilometer|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|asphalt|"
    r"br(?:ü|ue)cke|leitung|straße|strasse|gesamt|deck|spur|gefahr|einm(?:ü|ue)nd|gleis|hinweis|maßnahme",
    re.IGNORECASE,
)
_ARTICLES = re.compile(
    r"^(?:(?i:die|der|das|den|dem|in|an|auf|im|am|und|von|zur|zum|bei|höhe|einmündung|kreuzung|"
    r"ecke|ab|bis|richtung)\s+)+(?=[A-ZÄÖÜ])"
)
_PLAIN = re.compile(r"\s*(?:,|;|/|\s\|\s|\s-\s(?=[A-ZÄÖÜ])|\bu\.\s|\bund\s(?=[A-ZÄÖÜ]))\s*")
_SECTION = re.compile(r"\s+zwischen\s.*$", re.IGNORECASE | re.DOTALL)
_TAIL = re.compile(
    r"\s+(?:zwischen|in Höhe|Höhe|ab|bis|von|vor|hinter|gegenüber|Ecke|Hausnummer|Haus-Nr|Haus Nr|Hs\.-?Nr|Nr)\b.*$"
    r"|\s+\d+\s?[a-z]?(?:\s?[-–]\s?\d+\s?[a-z]?)?$",
    re.IGNORECASE | re.DOTALL,
)


def listed_streets(text: str) -> tuple[str, ...]:
    """Return the streets of a property that holds nothing else (``Reichsstraße, Am Markt / Wall 5-9``).

    House numbers and what follows a preposition are no part of the name; a road's number is written ``B 170``.
    """
    found = []
    for one in _PLAIN.split(_SECTION.sub("", " ".join(text.split()))):
        road = _ROAD.fullmatch(one.strip())
        name = _road(road) if road else re.sub(r"(?i)str$", "\\g<0>.", _TAIL.sub("", one).strip(" .,;:-–()"))
        if re.search(r"[^\W\d_]", name):
            found.append(name[:120])
    return tuple(dict.fromkeys(found))[:MOST_STREETS]


def named_streets(text: str) -> tuple[str, ...]:
    """Return the streets and classified roads that prose names, in its order, those of a detour left out."""
    plain = _DETOUR.sub(" ", " ".join(text[:_MOST_TEXT].split()))
    found = [(match.start(), _road(match)) for match in _ROAD.finditer(plain)]
    found += [(start, name) for start, name in _streets(plain)]
    for match in _BETWEEN.finditer(plain):
        found += [(match.start(), one[0]) for part in match.groups() if (one := _PREPOSED.fullmatch(part.strip()))]
    names: dict[str, str] = {}
    for _, name in sorted(found, key=lambda one: one[0]):
        names.setdefault(name.casefold(), name)
    return tuple(names.values())[:MOST_STREETS]


def named_districts(text: str) -> tuple[str, ...]:
    """Return the districts that prose names: ``OT Possendorf``, ``Ortsdurchfahrt Possendorf``, ``L 123 Possendorf``."""
    plain = " ".join(text[:_MOST_TEXT].split())
    found = [match[1] for match in _DISTRICT.finditer(plain)]
    for road in _ROAD.finditer(plain):
        after = _ROAD_IN.match(plain, road.end())
        if after:
            found.append(after[1])
    return tuple(dict.fromkeys(one for one in found if not _NO_PLACE.search(one) and not _NAMED.search(one)))[:3]


def _streets(text: str) -> Iterator[tuple[int, str]]:
    for match in _NAMED.finditer(text):
        name = _ARTICLES.sub("", match[0])
        first, _, rest = name.partition(" ")
        if rest and _NO_PLACE.search(first) and _NAMED.fullmatch(rest):
            name = rest  # "Vollsperrung Hauptstraße": the kind of works is no part of the name
        if not name or (_NO_STREET.fullmatch(name) and not _REAL.fullmatch(name)) or _NO_PLACE.fullmatch(first.lower()):
            continue
        if re.fullmatch(_OWN, name) or (rest and re.fullmatch(_OWN, rest) and _NO_PLACE.search(first)):
            continue  # a bare "Platz", "Sanierung Straße"
        yield match.start(), name


def _road(match: re.Match[str]) -> str:
    return f"{match[1]} {match[2]}"
