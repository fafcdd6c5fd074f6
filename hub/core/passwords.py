"""Which passwords are good enough. Pure (NIST SP 800-63B-4, 3.1.1: long, no rules of composition, no common ones)."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST, LONGEST = 12, 200  # characters
_KINDS = 5  # different characters at least
_OWN_WORD = 4  # letters from which on a word of one's own counts
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertzuiopü", "qwertyuiop", "asdfghjklöä", "yxcvbnm", "zxcvbnm", "01234567890")
_COMMON = (
    "passwort", "password", "passwd", "kennwort", "geheim", "hallo", "willkommen", "welcome", "letmein", "iloveyou",
    "sommer", "winter", "fruehling", "frühling", "herbst", "schatz", "admin", "ortsruf", "rathaus", "gemeinde",
    "verwaltung", "stadtverwaltung", "changeme", "football", "fussball", "baseball", "dragon", "monkey", "master",
)  # fmt: skip


def _(message: str) -> str:
    return message


def fault(password: str, own: Iterable[str] = ()) -> str:
    """Return why a password will not do, as a text for the catalogues; empty if it will.

    ``own``: words that belong to the account, such as the address, the name and the municipality.
    """
    if len(password) < SHORTEST:
        return _("Please choose a password of at least 12 characters. A short sentence is good.")
    if len(password) > LONGEST:
        return _("Please choose a password of at most 200 characters.")
    if len(set(password.casefold())) < _KINDS:
        return _("This password repeats a few characters only. Please choose another one.")
    if _left(password, own) < SHORTEST // 2:
        return _("This password is easy to guess. Please choose one without common words and your own name.")
    return ""


def _left(password: str, own: Iterable[str]) -> int:
    """Return how many characters are left of a password when everything that can be guessed is taken out of it."""
    text = password.casefold()
    words = [part for word in own for part in re.split(r"[^\w]+", word.casefold()) if len(part) >= _OWN_WORD]
    for word in sorted((*words, *_COMMON), key=len, reverse=True):
        text = text.replace(word, "")
    for row in _ROWS:
        for line in (row, row[::-1]):
            for start in range(len(line) - _OWN_WORD + 1):
                text = text.replace(line[start : start + _OWN_WORD], "")
    return len(re.sub(r"[\W\d_]+$", "", text))
