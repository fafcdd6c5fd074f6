"""What of a council is public: meetings, agenda items and files that are not never leave this package.

Doubt hides. A word of a non-public item may be a person's name, a price or a building site: it cannot be taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from feeds._json_body import one_line, plain_text, web_address
from feeds.council.oparl import is_true, listed

_MOST_ITEMS = 900
_CLOSED = r"nicht[\W_]{0,3}(?:ö|oe)ff(?:entl\w*|\.)"
_SAYS_CLOSED = re.compile(
    rf"(?<!\w)(?:{_CLOSED}|n\.?(?:ö|oe)\.?(?=\W*(?:\)|\]|$)|\W+(?:sitzung|teil))|vertraulich\w*)", re.IGNORECASE
)
_SAYS_OPEN = re.compile(
    r"(?<!\w)(?:ö|oe)ff(?:entlich(?!\w)|\."
    r"|entliche\w{0,2}(?=\W+(?:\w+\W+)?(?:sitzung|teil|tagesordnung|beratung)|\W*[/&,+]|\W+(?:u\.|und)\W))"
    r"|(?<!\w)(?:ö|oe)(?=\W{0,3}[/&+])",
    re.IGNORECASE,
)
# Beside "Bekanntgabe der in nichtöffentlicher Sitzung gefassten Beschlüsse", which is a public item.
_MARKED_CLOSED = re.compile(
    rf"^\W*(?:{_CLOSED}|n\.?ö\.?)(?:\W+(?:sitzung|teil|tagesordnung)\w*)?\s*[:–—-]|[(\[]\s*(?:{_CLOSED}|n\.?ö\.?)\s*[)\]]"
    r"|^\W*vertraulich",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\W*(?:(?:teil\s+)?(?:[A-Z]|[IVX]+|\d+)[.):]?\W+)?(?P<closed>nicht[\W_]{0,3})?(?:ö|oe)ffentlich\w*"
    r"(?:\W+(?:sitzung|teil|tagesordnung|beratung)\w*)?\W*$",
    re.IGNORECASE,
)
_CLOSED_NUMBER = re.compile(r"N(?:Ö)?\W*\d", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)*\.?", re.ASCII)
_FILES = ("resolutionFile", "auxiliaryFile")
_WORD = re.compile(r"[^\W\d_]{5,}")
_USUAL_WORDS = frozenset({
    "einladung", "tagesordnung", "niederschrift", "protokoll", "vorlage", "beschlussvorlage", "beschluss", "anlage",
    "anlagen", "bekanntmachung", "öffentliche", "öffentlicher", "öffentlichen", "sitzung", "gemeinderat", "stadtrat",
    "ausschuss", "ausschusses", "mitteilung", "mitteilungen", "anfrage", "anfragen", "verschiedenes", "antrag",
    "bericht", "https", "oparl", "getfile", "download", "downloadfiles", "webservice",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agenda:
    """The public items with their numbers, in order, and what must not be shown: words and addresses of the others.

    ``closed`` is true if there are items and none of them is public.
    """

    items: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    hidden_words: frozenset[str] = frozenset()  # of hidden items and their files, that no public item has too
    hidden_addresses: frozenset[str] = frozenset()
    closed: bool = False


def says_closed(text: str) -> bool:
    """Whether a title calls the whole thing non-public; "(öffentlich/nichtöffentlich)" does not."""
    plain = unicodedata.normalize("NFC", text)
    return bool(_SAYS_CLOSED.search(plain)) and not _SAYS_OPEN.search(_SAYS_CLOSED.sub(" ", plain))


def is_refused(said: Any) -> bool:
    """Whether a ``public`` that is there says anything but yes."""
    return said is not None and not is_true(said)


def read_agenda(value: Any) -> Agenda:
    """Sort the items of a meeting (OParl 1.1, 3.9) into public ones and what is to be hidden.

    Besides ``public: false`` this hides what follows a heading "Nichtöffentliche Sitzung" and numbers like "N 2",
    as servers of OParl 1.0 leave ``public`` out.
    """
    closed, met = False, False
    kept, hidden = [], []
    for item in [one for one in listed(value) if isinstance(one, dict)][:_MOST_ITEMS]:
        number, name = one_line(item.get("number"), 20), one_line(item.get("name"), 500)
        heading = _HEADING.match(unicodedata.normalize("NFC", name)) if name else None
        if heading:
            closed = bool(heading["closed"])
            continue
        met = met or bool(name)
        if _is_public(item, number, name, closed=closed):
            kept.append((number, name, item))
        else:
            hidden.append(item)
    if all(_NUMBER.fullmatch(number) for number, _, _ in kept):
        kept.sort(key=lambda one: [int(part[:9]) for part in one[0].strip(".").split(".")])
    return Agenda(
        tuple(one for one in kept if one[1]),
        frozenset(word for item in hidden for word in _words(item))
        - frozenset(word for _, name, _ in kept for word in _WORD.findall(name.casefold()))
        - _USUAL_WORDS,
        frozenset(address for item in hidden for address in _addresses(item)),
        closed=met and not any(name for _, name, _ in kept),
    )


def public_lines(text: str) -> tuple[list[str], bool]:
    """Return the lines of a prose agenda without its non-public part, and whether nothing but that was there."""
    lines = [{"name": line} for line in text.split("\n") if line.strip()]
    found = read_agenda(lines)
    return [name for _, name, _ in found.items], found.closed


def may_be_shown(file: Mapping[str, Any], agenda: Agenda) -> bool:
    """Whether a file is none of a non-public item's, shares no word with one and is not called non-public itself."""
    names = [one_line(file.get(name)) for name in ("name", "fileName")]
    if is_refused(file.get("public")) or any(says_closed(one) for one in names):
        return False
    if agenda.hidden_addresses & {one_line(file.get(name), 2_000) for name in ("id", "accessUrl", "downloadUrl")}:
        return False
    told = unquote(" ".join((*names, web_address(file.get("accessUrl")) or web_address(file.get("downloadUrl")))))
    return agenda.hidden_words.isdisjoint(_WORD.findall(told.casefold()))


def _is_public(item: Mapping[str, Any], number: str, name: str, *, closed: bool) -> bool:
    said = item.get("public")
    if is_refused(said) or _MARKED_CLOSED.search(unicodedata.normalize("NFC", name)):
        return False
    return is_true(said) or not (closed or _CLOSED_NUMBER.match(number))


def _words(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words by which a file could betray a hidden item."""
    files = [file for rel in _FILES for file in listed(item.get(rel)) if isinstance(file, dict)]
    for one in (item.get("name"), *(file.get(name) for file in files for name in ("name", "fileName"))):
        yield from _WORD.findall(plain_text(one, 500).casefold())


def _addresses(item: Mapping[str, Any]) -> Iterator[str]:
    for rel in _FILES:
        for file in listed(item.get(rel)):
            found: Collection[Any] = (
                [file] if isinstance(file, str) else [file.get(one) for one in ("id", "accessUrl", "downloadUrl")]
                if isinstance(file, dict) else []
            )  # fmt: skip
            yield from (address for one in found if (address := web_address(one)))
