"""What the letter of a mail is made of."""

from __future__ import annotations

from dataclasses import dataclass

from push import _changes as changes


@dataclass(frozen=True, slots=True)
class Piece:
    """One notice as a mail tells it. ``facts`` are label and value; ``lang`` and ``dir`` those of the notice.

    ``foreign`` says that the text is in a language that the reader did not choose.
    ``changes`` are label, old and new value; ``more`` says how many there are besides.
    """

    heading: str
    lang: str
    dir: str
    severity: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    changes: tuple[changes.Line, ...] = ()
    more: str = ""
    remark: str = ""
    foreign: str = ""
    paragraphs: tuple[str, ...] = ()
    instruction: tuple[str, ...] = ()
    origin: tuple[tuple[str, str], ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Pieces of one topic; ``title`` is empty in a mail about one notice."""

    title: str
    pieces: tuple[Piece, ...]
