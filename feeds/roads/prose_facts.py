"""Facts out of German prose of road authorities: detour, reason, restriction, direction, length, speed, width, lanes.

And what is no content: when the text was written, which changes although nothing changed for a reader.
"""

from __future__ import annotations

import re

_DETOUR = re.compile(
    r"\bUmleitung(?:en|sstrecken?|sempfehlung)?\b[^.;\n]{0,40}?((?:(?:ü|ue)ber|via|(?:ü|"
    r"ue)ber die)\s+(?:str\.|[^.;:\n])+)",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"\bUmleitung(?:en)?\b[^.;\n]{0,40}\b(?:ausgeschildert|eingerichtet|beschildert)\b", re.IGNORECASE)
_LABELS = {
    "reason": re.compile(
        r"^(?:Art der Ma(?:ß|ss)nahme|Grund|Anlass|Ursache|Ma(?:ß|ss)nahme):\s*(.+)$", re.IGNORECASE | re.MULTILINE
    ),
    "restriction": re.compile(
        r"^(?:Einschr(?:ä|ae)nkung(?:en)?|Verkehrsf(?:ü|ue)hrung|Sperrung):\s*(.+)$", re.IGNORECASE | re.MULTILINE
    ),
    "length": re.compile(
        r"\bL(?:ä|ae)nge(?: der Baustelle)?:?\s*(\d+(?:[.,]\d+)?\s?(?:k?m|Meter|Kilometer))\b", re.IGNORECASE
    ),
    "speed_limit": re.compile(
        r"\b(?:max\.|maximal|h(?:ö|oe)chstens|Tempo|"
        r"Geschwindigkeit(?:sbegrenzung)?(?: auf)?:?)\s*(\d{2,3})\s?(?:km/h)\b",
        re.IGNORECASE,
    ),
    "width": re.compile(r"\bDurchfahrt?s?breite:?\s*(\d+(?:[.,]\d+)?(?:\s?m)?)\b", re.IGNORECASE),
    "direction": re.compile(
        r"\b((?:in )?(?:Fahrt)?richtung\s+[A-ZÄÖÜ][\wäöüß-]+|in beiden (?:Fahrt)?richtungen|"
        r"beidseitig|stadteinw(?:ä|ae)rts|stadtausw(?:ä|ae)rts)\b",
        re.IGNORECASE,
    ),
}
_WRITTEN = re.compile(
    r"[ \t]*[(\[]?\b(?:Stand|Zuletzt (?:aktualisiert|ge(?:ä|ae)ndert)|Letzte (?:Aktualisierung|"
    r"(?:Ä|Ae)nderung)|Aktualisiert(?: am)?|"
    r"Datenstand|Abruf(?:datum)?|Last updated)\b\s*:?\s*(?:am\s+|vom\s+)?(?:\w+,\s*)?"
    r"(?:\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.\s?[A-Za-zä]+\s\d{4})"
    r"(?:[T,]?\s*(?:um\s+)?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s*Uhr|Z|[+-]\d{2}:?\d{2})?)?[)\].]?",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"(?:(?:die|der|das)\s+)?(?:(?:stra(?:ß|ss)e|strecke|fahrbahn|verkehr|durchfahrt|abschnitt|br(?:ü|ue)cke)\s+)?"
    r"(?:ist\s+|l(?:ä|ae)uft\s+)?(?:ab sofort\s+)?wieder\s+(?:f(?:ü|"
    r"ue)r den verkehr\s+)?(?:frei(?:gegeben)?|befahrbar|offen|ge(?:ö|oe)ffnet)|"
    r"(?:die\s+)?(?:voll|teil)?sperrung\s+(?:ist\s+|wurde\s+)?(?:aufgehoben|beendet)|"
    r"(?:die\s+)?(?:ma(?:ß|ss)nahme|baustelle|bauarbeiten|arbeiten)\s+(?:ist\s+|sind\s+|"
    r"wurden?\s+)?(?:vorzeitig\s+)?(?:beendet|abgeschlossen|aufgehoben)|"
    r"beendet|abgeschlossen|aufgehoben|aufgehobene sperrung|reopened|road (?:re)?open(?:ed)?",
    re.IGNORECASE,
)
_ENDED = frozenset(
    (
        "beendet",
        "abgeschlossen",
        "aufgehoben",
        "erledigt",
        "fertiggestellt",
        "geloescht",
        "gelöscht",
        "inaktiv",
        "inactive",
        "closed",
        "finished",
        "completed",
        "cancelled",
        "canceled",
        "deleted",
        "archived",
        "ended",
    )
)


def facts_in(text: str) -> dict[str, str]:
    """Return the facts that ``text`` states, by their stable names; only those it states."""
    found = {name: " ".join(match[1].split()) for name, form in _LABELS.items() if (match := form.search(text))}
    if "speed_limit" in found:
        found["speed_limit"] += " km/h"
    detour = detour_in(text)
    return found | ({"detour": detour} if detour else {})


def detour_in(text: str) -> str:
    """Return where the detour leads (``über B 170``), ``ausgeschildert`` if only that is said, else nothing."""
    match = _DETOUR.search(text)
    if match:
        return " ".join(match[1].split()).rstrip(" ,-–")
    return "ausgeschildert" if _SIGNED.search(text) else ""


def without_writing_time(text: str) -> str:
    """Return ``text`` without the note when it was written (``Stand: 12.03.2026 08:00``)."""
    if not _WRITTEN.search(text):
        return text
    return "\n".join(
        _WRITTEN.sub("", one).rstrip(" \t,;–-") if _WRITTEN.search(one) else one for one in text.split("\n")
    )


def says_free(*texts: str) -> bool:
    """Whether a line of ``texts`` says just that: ``wieder frei``, ``Sperrung aufgehoben``."""
    return any(_FREE.fullmatch(line.strip(" .!–-")) for text in texts for line in text.split("\n"))


def is_ended(state: str) -> bool:
    """Whether a property's value for the state of an entry says that it is over."""
    return state.strip().lower() in _ENDED
