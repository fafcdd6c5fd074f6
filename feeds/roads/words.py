"""Plain German and English for the codes of DATEX II, WZDx, Open511 and CIFS (``words.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from hub.core.notice import NoticeText

LANGUAGES = ("de", "en")
_LONGEST_HEAD = 120  # characters of a title that is taken from a text


def word(table: str, code: str, lang: str) -> str:
    """Return the word for ``code`` in ``lang`` (``de`` or ``en``), empty if there is none."""
    found = _tables()[table].get(code)
    return found[LANGUAGES.index(lang)] if found else ""


def words(table: str, codes: Iterable[str], lang: str) -> list[str]:
    """Return the words for those ``codes`` that have one, each once."""
    return list(dict.fromkeys(filter(None, (word(table, one, lang) for one in codes))))


def frame(name: str, lang: str, number: str = "") -> str:
    """Return one of the words around the codes, with ``number`` put in."""
    return word("frame", name, lang).replace("{n}", shown(number, lang))


def shown(number: str, lang: str) -> str:
    """Return a number as ``lang`` writes it: with a decimal comma in German."""
    return number.replace(".", ",") if lang == "de" else number


def sentence(parts: Iterable[str]) -> str:
    """Return ``parts`` joined by commas, the first letter a capital."""
    text = ", ".join(dict.fromkeys(filter(None, parts)))
    return text[:1].upper() + text[1:]


def composed(lang: str, place: str, what: str, lines: Iterable[str], *, section: str = "", blocked: bool) -> NoticeText:
    """Return a text whose title says the place first: ``B 170 gesperrt – Possendorf``, ``B 170: Bauarbeiten``."""
    what = what or frame("trouble", lang)
    if place:
        head = f"{place} {frame('closed', lang)}" if blocked else f"{place}: {what}"
    else:
        head = what[:1].upper() + what[1:]
    title = f"{head} – {section}" if section and section.casefold() not in head.casefold() else head
    body = [one for one in dict.fromkeys(lines) if one and one.casefold() not in title.casefold()]
    return NoticeText(lang, title[:300], "\n".join(body))


def quoted(lang: str, text: str) -> NoticeText:
    """Return a text of the source's own: its first line or sentence is the title, the whole is the body."""
    lines = [" ".join(one.split()) for one in text.strip().splitlines()]
    first = next(filter(None, lines), "")
    title = first
    if len(first) > _LONGEST_HEAD:
        cut = first.rfind(". ", 20, _LONGEST_HEAD)
        title = first[: cut + 1] if cut > 0 else first[: first.rfind(" ", 0, _LONGEST_HEAD)] + "…"
    rest = lines[lines.index(first) + 1 :] if title == first else lines
    return NoticeText(lang, title.rstrip(" ."), "\n".join(rest).strip())


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
