"""One entry as each format's reader hands it over, whatever the format."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

MAX_ENTRIES = 500  # of one feed; the first ones are the newest


@dataclass(frozen=True, slots=True)
class Entry:
    """Raw fields of one entry; "" where it has none.

    ``markup`` is HTML, ``text`` plain text; ``files`` are (rel, address, title). ``published`` is as written,
    ``parsed`` a library's UTC reading of it. ``base`` is the address against which relative links are meant.
    """

    title: str = ""
    markup: str = ""
    spare: str = ""  # a shorter version, for when ``markup`` is too much to be cleaned
    text: str = ""
    link: str = ""
    guid: str = ""
    published: str = ""
    parsed: time.struct_time | None = None
    language: str = ""
    author: str = ""
    base: str = ""
    files: tuple[tuple[str, str, str], ...] = ()
    starts: str = ""  # when what it tells of begins to hold
    ends: str = ""  # … and when it is over
    points: tuple[tuple[float, float], ...] = ()  # where, as (longitude, latitude)
    ring: bool = False  # the points are the outline of an area


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's own facts and its entries, at most ``MAX_ENTRIES``. ``closed``: its publisher ended it."""

    title: str = ""
    site: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = field(default=())
    closed: bool = False


def language_tag(text: str, default: str) -> str:
    """Return a feed's language as BCP 47 writes it (``de_DE``, ``de-de`` -> ``de-DE``), or ``default``."""
    parts = text.strip().replace("_", "-").split("-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", "-".join(parts), re.ASCII):
        return default
    return "-".join([parts[0].lower(), *(one.upper() if len(one) == 2 else one for one in parts[1:])])  # noqa: PLR2004 - a region
