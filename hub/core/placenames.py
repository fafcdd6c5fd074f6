"""What somebody typed as the place where they live, and how well a name fits it. Pure.

People write ``Mühlenweg``, ``Muehlenweg``, ``Muhlenweg``, ``mühlenw.``, ``Mühlen-Weg`` and ``Mülenweg``, the number
behind it and the town or its postcode before or behind. All of that must find the one street.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from hub.core.place import slug

_LONGEST = 120  # characters that are read
_MOST_WORDS = 8
_SAME = {"sankt": "st", "buergermeister": "bgm", "professor": "prof", "doktor": "dr", "freiherr": "frhr"}
_BARE = str.maketrans("äöüÄÖÜ", "aouAOU")
_NUMBER = re.compile(r"(\d{1,4})\s?([a-zA-Z])?(?:\s?[-–/]\s?\d{1,4}\s?[a-zA-Z]?)?(?![\w.])")  # of 5-7 the first

_LAST = "\U0010ffff"  # sorts behind whatever may follow
Value = TypeVar("Value")

EXACT, BEGINNING, ABBREVIATED, WITHIN, MISSPELT = 0, 1, 2, 3, 4  # likeness; each typing error adds one


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: folded ``words``, a ``postcode`` or its beginning (2 to 5 digits), a house ``number`` (12a)."""

    words: tuple[str, ...] = ()
    postcode: str = ""
    number: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words or self.postcode)

    @property
    def whole(self) -> tuple[str, ...]:
        """The words with the number among them, as in ``Bezirk 3``."""
        return (*self.words, *re.findall(r"\d+|[a-z]+", self.number))

    def splits(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Yield each way in which the words may be a street and a town, the street first or last."""
        for at in range(1, len(self.words)):
            yield self.words[:at], self.words[at:]
            yield self.words[at:], self.words[:at]


@dataclass(frozen=True, slots=True)
class Name:
    """A name prepared for comparing: its folded words, and these joined, with umlauts spelt out and left off."""

    words: tuple[str, ...]
    forms: tuple[str, ...]


def typed(text: str) -> Typed:
    """Read what was typed; the order of street, number, postcode and town does not matter."""
    rest = text[:_LONGEST].replace("\0", " ")
    postcode = ""
    if found := re.search(r"\b\d{5}\b", rest, re.ASCII):
        postcode, rest = found[0], f"{rest[: found.start()]}, {rest[found.end() :]}"
    elif re.fullmatch(r"\s*\d{2,4}\s*", rest, re.ASCII):
        return Typed(postcode=rest.strip())
    number = ""
    for one in reversed(list(_NUMBER.finditer(rest))):
        glued = one.start() > 0 and rest[one.start() - 1].isalnum()
        if not glued and slug(rest[: one.start()]):  # a number in front belongs to the name
            number = f"{int(one[1])}{(one[2] or '').lower()}"
            rest = f"{rest[: one.start()]}, {rest[one.end() :]}"
            break
    return Typed(_words(rest)[:_MOST_WORDS], postcode, number)


def named(text: str) -> Name:
    """Prepare a name for :func:`likeness`."""
    words, bare = _words(text), _words(text.translate(_BARE))
    return Name(words, tuple(dict.fromkeys(("".join(words), "".join(bare)))))


def likeness(words: tuple[str, ...], name: Name, *, spelt: bool = False) -> int | None:
    """Return how well ``words`` fit ``name``, the less the better; ``None`` if they do not.

    ``EXACT``, its ``BEGINNING``, each word ``ABBREVIATED`` in order, something ``WITHIN`` it, or ``MISSPELT`` and one
    more for each letter that is wrong, missing, too many or has changed places: one in four letters, two in eight.
    ``spelt``: only without such errors.
    """
    sought = "".join(words)
    if not sought:
        return None
    if any(form.startswith(sought) for form in name.forms):
        return EXACT if sought in name.forms else BEGINNING
    if _abbreviates(words, name.words):
        return ABBREVIATED
    if any(_abbreviates(words, name.words[at:]) for at in range(1, len(name.words))):
        return WITHIN
    allowed = 0 if spelt or len(sought) < 4 else 1 if len(sought) < 8 else 2  # noqa: PLR2004
    wrong = [found for form in name.forms if (found := _errors(sought, form, allowed)) is not None]
    return MISSPELT + min(wrong) if wrong else None


class Names(Generic[Value]):
    """Many names with what they stand for, so kept that few of them are compared: all municipalities of a country.

    Of a misspelt name the first or the second letter must be right.
    """

    def __init__(self, entries: Iterable[tuple[Name, Value]]) -> None:
        """Take the names."""
        self._entries = list(entries)
        keys: list[tuple[str, int]] = []
        self._letters: dict[tuple[int, str], set[int]] = defaultdict(set)
        for number, (name, _) in enumerate(self._entries):
            keys += {(key, number) for key in (*name.forms, *name.words)}
            for form in name.forms:
                for at, letter in enumerate(form[:2]):
                    self._letters[at, letter].add(number)
        self._keys = sorted(keys)

    def like(self, words: tuple[str, ...], *, spelt: bool = False) -> list[tuple[int, Value]]:
        """Return the likeness of each name that ``words`` may mean, with what it stands for."""
        if not words:
            return []
        first = set().union(*(self._beginning(one) for one in beginnings(words)))
        found = self._compared(words, first, spelt=True)
        if found or spelt:
            return found
        sought = "".join(words)
        near = set().union(*(self._letters.get((at, letter), set()) for at, letter in enumerate(sought[:2])))
        return self._compared(words, near, spelt=False)

    def _beginning(self, word: str) -> set[int]:
        """Return the names that begin with ``word``, or have a word that does."""
        first, last = bisect_left(self._keys, (word, 0)), bisect_left(self._keys, (word + _LAST, 0))
        return {number for _, number in self._keys[first:last]}

    def _compared(self, words: tuple[str, ...], numbers: Iterable[int], *, spelt: bool) -> list[tuple[int, Value]]:
        ranks = ((likeness(words, self._entries[one][0], spelt=spelt), self._entries[one][1]) for one in numbers)
        return [(rank, value) for rank, value in ranks if rank is not None]


def beginnings(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return with what a folded name (:func:`hub.core.place.slug`) that ``words`` may mean begins."""
    same = {one for pair in _SAME.items() for one in pair if words and words[0] in pair}
    return tuple(sorted({*words[:1], *same}))


def misspellings(text: str) -> set[str]:
    """Return every folded name that one typing error makes ``text`` of: what to ask an index for."""
    letters = "abcdefghijklmnopqrstuvwxyz-"
    parts = [(text[:at], text[at:]) for at in range(len(text) + 1)]
    lost = {a + b[1:] for a, b in parts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    other = {a + one + b[1:] for a, b in parts if b for one in letters}
    more = {a + one + b for a, b in parts for one in letters}
    return (lost | swapped | other | more) - {text}


def _words(text: str) -> tuple[str, ...]:
    return tuple(one for one in slug(text).split("-") if one)


def _begins(word: str, full: str) -> bool:
    """Whether ``word`` is the beginning of ``full``, or both are ways to write one title."""
    return full.startswith(word) or _SAME.get(full, full) == _SAME.get(word, word)


def _abbreviates(words: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether each word begins one of ``full``, in their order and without a gap at the front."""
    if not full or not _begins(words[0], full[0]):
        return False
    at = 0
    for one in words:
        while at < len(full) and not _begins(one, full[at]):
            at += 1
        if at == len(full):
            return False
        at += 1
    return True


def _errors(sought: str, form: str, allowed: int) -> int | None:
    """Return how many typing errors lie between ``sought`` and ``form``, one more for its mere beginning.

    Optimal string alignment: a swap of neighbours is one error. ``None``: more than ``allowed``.
    """
    if not allowed or len(form) < len(sought) - allowed:
        return None
    if len(set(sought) - set(form)) > allowed:
        return None  # far quicker than the table, and true of nearly every name
    form = form[: len(sought) + allowed + 1]
    before, last = [0] * (len(form) + 1), list(range(len(form) + 1))
    for row, sign in enumerate(sought, 1):
        now = [row] + [0] * len(form)
        for column, other in enumerate(form, 1):
            now[column] = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (sign != other))
            if row > 1 and column > 1 and sign == form[column - 2] and sought[row - 2] == other:
                now[column] = min(now[column], before[column - 2] + 1)
        if min(now) > allowed:
            return None
        before, last = last, now
    if last[-1] <= allowed:
        return last[-1]
    return min(last) + 1 if min(last) <= allowed else None
