"""What a notice is found by when people search in words: the folded text of all that its reader sees. Pure.

A search word is found wherever it stands in a word, so that ``sperrung`` finds ``Vollsperrung``. Umlauts are found
spelt out and as bare vowels (``Müll``: ``muell``, ``mull``), ``Str.`` is ``Straße``.
"""

from __future__ import annotations

import re
import unicodedata

from hub.core.notice import Notice

MOST_WORDS = 10
LONGEST = 120  # characters of a search
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def sought(notice: Notice) -> str:
    """Return the folded words of ``notice`` in all its languages, and after them what else they may be typed as."""
    parts = [notice.publisher, *(place.name for place in notice.places)]
    parts += [part for text in notice.texts for part in (text.title, text.body, text.instruction)]
    parts += [part for one in notice.occurrences for part in (one.summary, one.location)]
    text = " ".join(dict.fromkeys(filter(None, parts)))
    spelt = _folded(text.casefold().translate(_SPELT))
    known = set(spelt.split())
    bare = dict.fromkeys(word for word in _folded(text.casefold()).split() if word not in known)
    return " ".join([spelt, *bare])


def sought_words(text: str) -> tuple[str, ...]:
    """Return the folded words that a search as typed asks for, at most ``MOST_WORDS``; all of them must be found."""
    words = dict.fromkeys(_folded(text[:LONGEST].casefold().translate(_SPELT)).split())
    return tuple(words)[:MOST_WORDS]


def folded(text: str) -> str:
    """Return a text as :func:`sought_words` folds it, of whatever length."""
    return _folded(text.casefold().translate(_SPELT))


def _folded(text: str) -> str:
    """Return the words of ``text``, which is in lower case, between single blanks, without accents."""
    text = re.sub(r"str(\.|\b)", "strasse", text)
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", plain.replace("\0", " ")))
