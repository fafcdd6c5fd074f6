"""What is collected: providers' names of waste (mostly German) to the canonical fractions."""

from __future__ import annotations

import re
from functools import lru_cache

CATEGORIES = (
    "residual", "organic", "paper", "packaging", "glass", "bulky", "hazardous", "green", "christmas-tree", "other",
)  # fmt: skip

# Folded beginnings of words. The earliest match in a title wins ("Bio- / Restmüll" is organic), then the longest.
# "Grüne Tonne" is left out: it holds paper in one district and garden waste in the next.
_WORDS: dict[str, str] = {
    "christmas-tree": r"\w*(?:christb(?:a|ä)um|weihnachtsb(?:a|ä)um|tannenb(?:a|ä)um|christmas tree)|sapins? de no",
    "hazardous": r"\w*schadstoff|sonder(?:abf|müll|abfall)|problem(?:müll|stoff|abf)|gift(?:mobil|müll)|umweltmobil"
    r"|hazardous|gefährliche abfälle|farbmobil",
    "bulky": r"\w*sperr(?:müll|gut|abf|ige|ig\b|holz)|\bsperrm?\b|bulky|encombrant|möbelabfuhr|altholz",
    "green": r"grün(?:schnitt|gut|abf|müll|annahme)|garten(?:abf|müll|sack)|(?:baum|strauch|hecken|ast|gehölz|rasen)"
    r"(?:-|- und |schnitt|gut\b)|laub(?:sack|säcke|abfuhr|sammlung|tonne|\b)|häcksel|(?:ast|baum)werk|reisig"
    r"|garden|green waste|déchets verts",
    "paper": r"\w*papier|pappe|karton|kartonage|ppk\b|blaue[rsn]? (?:tonne|container)|blau\b|paper|cardboard|blue\b",
    "packaging": r"gelbe[rsn]?(?:/r)? ?(?:/? ?(?:sack|säcke|tonne|wertstoff|behälter|container)|wertstoff)|gelbe/r"
    r"|gelb\b"
    r"|\w*verpackung|lvp\b|dsd\b|wertstoff(?!hof|zentrum|insel|annahme)|plastik|kunststoff|grüner punkt|duales system"
    r"|packaging|recycl(?:ing|ables)(?!hof|zentrum)|plastic|yellow\b|poubelle jaune|orangene? (?:tonne|box)",
    "glass": r"(?:alt|weiß|bunt|grün|braun|behälter)?glas(?:\b|tonne|abfuhr|sammlung|container|box|korb)|glass\b|verre",
    "organic": r"bio|kompost|braune[rsn]? (?:tonne|container)|braun\b|speise(?:rest|abf)|küchenabf|organi(?:c|sch)"
    r"|food waste|brown\b",
    "residual": r"\w*restm(?:ü|ue)ll|\w*restabf|rest(?:tonne|stoff|behälter|\b|-)|haus(?:müll|abf)"
    r"|graue[rsn]? (?:tonne|container)"
    r"|schwarze[rsn]? (?:tonne|container)|grau\b|schwarz\b|windel|müll(?:abfuhr|tonne|sack|eimer|gefäß|großbehälter)"
    r"|abfalltonne|residual|general waste|refuse|gr[ae]y\b|ordures ménagères",
    "other": r"elektro|altkleider|textil|\w*schrott|altmetall|metall|kühlgerät|batterie|sonstige",
}
_PATTERNS = {name: re.compile(rf"(?<!\w)(?:{pattern})") for name, pattern in _WORDS.items()}

_HOLIDAYS = re.compile(
    r"neujahr(?:stag)?|heilige? (?:drei|3) könige|dreikönig\w*|epiphanias|rosenmontag|fastnacht\w*|fasching\w*"
    r"|aschermittwoch|weiberfastnacht|gründonnerstag|palmsonntag|karfreitag|karsamstag|ostern|oster(?:sonntag|montag|samstag)"
    r"|tag der arbeit|maifeiertag|1\. ?mai|(?:christi )?himmelfahrt(?:stag)?|vatertag|muttertag|pfingsten"
    r"|pfingst(?:sonntag|montag|samstag)|fronleichnam|mari(?:ä|a|ae) himmelfahrt|friedensfest"
    r"|(?:tag der )?deutschen? einheit|reformationstag|allerheiligen|allerseelen|bu(?:ß|ss)- ?(?:und|u\.) ?bettag"
    r"|volkstrauertag|totensonntag|ewigkeitssonntag|weltkindertag|(?:internationaler )?frauentag|heilig(?:er )?abend"
    r"|(?:[12]\.|erster|zweiter) ?weihnachts(?:feier)?tag|weihnacht(?:en|stag)|silvester"
    r"|(?:[1-4]\. ?)?advent(?:ssonntag)?"
    r"|nikolaus|valentinstag|(?:gesetzlicher )?feiertag|(?:\w+)?ferien(?: \w+)?|erntedank(?:fest)?"
    r"|new year'?s (?:day|eve)|good friday|easter (?:sunday|monday)|labou?r day|(?:\w+ )?ascension(?: day)?"
    r"|whit (?:sunday|monday)"
    r"|christmas(?: day| eve)?|boxing day|german unity day|epiphany|carnival|all saints'? day|corpus christi"
)
_TRIM = " \t\n\r-–—:;,.!*"


@lru_cache(maxsize=1_024)  # a calendar says the same few names hundreds of times
def category(title: str) -> str:
    """Return the canonical fraction of what a provider calls ``title``; ``other`` if no word of it is known.

    Of two fractions in one entry the first counts; both stand in the title that people read.
    """
    text = _spelt(title)
    found = [
        (match.start(), -len(match[0]), at, name)
        for at, (name, pattern) in enumerate(_PATTERNS.items())
        if (match := pattern.search(text))
    ]
    return min(found)[3] if found else "other"


def is_waste(title: str) -> bool:
    """Whether ``title`` holds any word for waste."""
    text = _spelt(title)
    return any(pattern.search(text) for pattern in _PATTERNS.values()) or bool(
        re.search(r"müll|abfall|abfuhr|tonne|sammlung|leerung|poubelle|waste|bin\b", text)
    )


@lru_cache(maxsize=1_024)
def is_holiday(title: str) -> bool:
    """Whether ``title`` is the name of a holiday and of nothing else: such an entry is no pickup."""
    text = _spelt(title).strip(_TRIM)
    plain = re.sub(r"\s*\([^)]*\)$", "", text).strip(_TRIM)
    return not is_waste(title) and any(_HOLIDAYS.fullmatch(one) for one in (text, plain))


def _spelt(title: str) -> str:
    """Fold case and blanks; spell umlauts that were written out in the words that matter."""
    text = re.sub(r"\s+", " ", title).strip().lower()
    for written, meant in (("muell", "müll"), ("gruen", "grün"), ("saecke", "säcke"), ("haecksel", "häcksel")):
        text = text.replace(written, meant)
    return text
