"""How easy a German text is to read: a school grade, an ease, and what stands in the way. Hints, never a verdict. Pure.

Sentences end at ``.``, ``!``, ``?``, ``:`` before a blank, and at the end of a line; the full stop of a number or a
short word (``8.``, ``Str.``, ``z. B.``) ends none. Syllables are counted by vowels, diphthongs and doubled vowels once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hub.core.tongues import is_easy, primary

LONGEST_SENTENCE, LONGEST_EASY_SENTENCE = 20, 12  # words
LONGEST_WORD, LONGEST_EASY_WORD = 25, 14  # letters without a hyphen
MOST_HINTS = 8
_MANY_SYLLABLES, _MANY_LETTERS = 3, 6
_VOWEL = re.compile(r"aa|ee|oo|ai|au|äu|ei|eu|ie|oi|ay|ey|[aeiouyäöüáàâéèêíìîóòôúùû]")
_WORD = re.compile(r"[^\W\d_]+(?:[-·’'][^\W\d_]+)*")
_SHORT = re.compile(
    r"\b(?:\d+|[a-zäöü]|str|nr|ca|bzw|usw|tel|inkl|evtl|ggf|st|dr|mo|di|mi|do|fr|sa|so)\.(?=\s)", re.IGNORECASE
)
_ENDS = re.compile(r"[.!?…]+(?=\s|$)|:(?=\s)|\n+")
_PASSIVE = re.compile(
    r"\b(?:wird|werden|wurden?|worden)\b(?:\W+\w+){0,14}?\W+"
    r"((?:ab|an|auf|aus|ein|um|zu|vor|weg|frei|fest)?ge\w{2,}(?:t|en)|\w{3,}iert|(?:ver|be|er|ent|zer)\w{3,}t)\b",
    re.IGNORECASE,
)
_GENITIVE = re.compile(
    r"\b(?i:wegen|aufgrund|infolge|innerhalb|außerhalb|anlässlich|bezüglich|hinsichtlich|seitens|zwecks|mittels)\b"
    r"|\b(?i:des|eines|ihres|unseres)\s+[A-ZÄÖÜ]\w+s\b"
)


class Obstacle(StrEnum):
    """What makes a text hard."""

    SENTENCE = "sentence"  # too long
    WORD = "word"  # long, without a hyphen
    PASSIVE = "passive"  # probably: nobody does anything
    GENITIVE = "genitive"  # probably
    CLAUSES = "clauses"  # several statements in one sentence; only asked of Leichte Sprache


@dataclass(frozen=True, slots=True)
class Hint:
    """One obstacle and where it is: the words themselves, shortened."""

    obstacle: Obstacle
    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found. ``grade``: Wiener Sachtextformel 1, a school year (4 is easy, 15 hard); ``ease``: Flesch-Amstad.

    Both are 0 where there are too few words to say, or the text is not German.
    """

    words: int
    sentences: int
    grade: float = 0.0
    ease: float = 0.0
    hints: tuple[Hint, ...] = ()


def syllables(word: str) -> int:
    """Return how many syllables a German word has, at least one."""
    return max(1, len(_VOWEL.findall(word.lower().replace("qu", "k"))))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    whole = _SHORT.sub(lambda found: found[0][:-1] + "\0", text)
    return [part.replace("\0", ".").strip() for part in _ENDS.split(whole) if _WORD.search(part)]


def reading(text: str, lang: str) -> Reading:
    """Return how easy ``text`` is to read; other languages than German are asked for long sentences only."""
    parts = sentences(text)
    words = [word for part in parts for word in _WORD.findall(part)]
    german = primary(lang) == "de"
    hints = tuple(_hints(parts, german=german, easy=is_easy(lang)))[:MOST_HINTS]
    if not german or len(words) < 5:  # noqa: PLR2004 - of a few words the formulas say nothing
        return Reading(len(words), len(parts), hints=hints)
    counts = [syllables(one) for one in words]
    length, total = len(words) / len(parts), len(words)
    many = 100 * sum(one >= _MANY_SYLLABLES for one in counts) / total
    single = 100 * sum(one == 1 for one in counts) / total
    letters = 100 * sum(len(one) > _MANY_LETTERS for one in words) / total
    grade = 0.1935 * many + 0.1672 * length + 0.1297 * letters - 0.0327 * single - 0.875
    ease = 180 - length - 58.5 * sum(counts) / total
    return Reading(total, len(parts), round(max(1.0, grade), 1), round(max(0.0, min(100.0, ease))), hints)


def _hints(parts: list[str], *, german: bool, easy: bool) -> Iterator[Hint]:
    most_words = LONGEST_EASY_SENTENCE if easy else LONGEST_SENTENCE
    most_letters = LONGEST_EASY_WORD if easy else LONGEST_WORD
    for part in parts:
        if len(part.split()) > most_words:
            yield Hint(Obstacle.SENTENCE, _short(part))
        elif easy and part.count(",") > 1:
            yield Hint(Obstacle.CLAUSES, _short(part))
        if not german:
            continue
        for word in _WORD.findall(part):
            if max(len(piece) for piece in re.split(r"[-·]", word)) > most_letters:
                yield Hint(Obstacle.WORD, word)
        if found := _PASSIVE.search(part):
            yield Hint(Obstacle.PASSIVE, _short(found[0]))
        if found := _GENITIVE.search(part):
            yield Hint(Obstacle.GENITIVE, _short(found[0]))


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:60].rsplit(" ", 1)[0] + " …"  # noqa: PLR2004 - one line
