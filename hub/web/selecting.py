"""What a reader asks a municipality's list of notices for, read from the address and written back. Pure.

Fields: ``topic``, ``place`` (a name as people write it), ``when``, ``q`` (words), ``after`` (the mark of a page).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hub.core.place import slug
from hub.core.selection import Selection, When
from hub.core.sought import LONGEST, sought_words
from hub.store.views import Mark
from hub.web.topics import TOPICS

_MARK = re.compile(r"(\d{1,17})-(\w{1,32})", re.ASCII)
_SUGGESTED = 6


def _(message: str) -> str:
    return message


WHENS = {
    When.ALL: _("All"),
    When.TODAY: _("Today"),
    When.TOMORROW: _("Tomorrow"),
    When.WEEK: _("This week"),
    When.MONTH: _("This month"),
    When.PAST: _("Past"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. ``query`` is its one clean form, without page; ``faults`` are English, by field."""

    selection: Selection
    typed: str = ""
    place: str = ""
    after: Mark | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """The places below a municipality that can be named: by folded name, as (path, name)."""

    by_name: Mapping[str, tuple[str, str]]

    @property
    def names(self) -> list[str]:
        """Their names, as they are offered."""
        return [name for _, name in self.by_name.values()]


def places(rows: Iterable[Mapping[Any, Any]]) -> Places:
    """Return the places of store rows; of several with one name the first counts."""
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        found.setdefault(slug(row["name"]), (row["path"], row["name"]))
    return Places(dict(sorted(found.items())))


def asked(args: Mapping[str, str], known: Places) -> Asked:
    """Read an address; every fault is named at once, and what is wrong does not narrow."""
    args = {name: value.replace("\0", "").strip() for name, value in args.items()}
    faults: dict[str, str] = {}
    topic, when, typed = args.get("topic", ""), args.get("when", ""), " ".join(args.get("q", "").split())
    if topic and topic not in TOPICS:
        faults["topic"] = _("Please choose one of the topics offered.")
        topic = ""
    if when and when not in set(When):
        faults["when"] = _("Please choose one of the times offered.")
        when = ""
    if len(typed) > LONGEST:
        faults["q"] = _("Please search for fewer words.")
    name = args.get("place", "")
    path, called, suggested = _place(name, known)
    if name and not path:
        faults["place"] = _("We know no such street or district here.")
    after = mark(args.get("after", ""))
    if args.get("after") and after is None:
        faults["after"] = _("This page of the list does not exist. You see the first one.")
    selection = Selection(topic, path, When(when or "all"), sought_words(typed))
    query = {
        "topic": topic, "place": slug(called), "when": "" if selection.when is When.ALL else when,
        "q": typed if selection.words else "",
    }  # fmt: skip
    return Asked(
        selection, typed, called or name, after, {key: value for key, value in query.items() if value}, faults,
        suggested,
    )  # fmt: skip


def _place(name: str, known: Places) -> tuple[str, str, tuple[str, ...]]:
    """Return path and name of the place that somebody typed, or else what it may have meant."""
    wanted = slug(name)
    if wanted in known.by_name:
        return *known.by_name[wanted], ()
    near = [shown for folded, (_, shown) in known.by_name.items() if wanted and (wanted in folded or folded in wanted)]
    return "", "", tuple(near[:_SUGGESTED])


def mark(text: str) -> Mark | None:
    """Read where a page begins; ``None`` if that is no mark."""
    found = _MARK.fullmatch(text)
    if found is None:
        return None
    seconds, micro = divmod(int(found[1]), 1_000_000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro), found[2]
    except (ValueError, OverflowError, OSError):
        return None


def written_mark(row: Mapping[Any, Any]) -> str:
    """Write the mark of the page that follows the notice of this row (``hub.store.views.page``)."""
    at: datetime = row["at"]
    return f"{int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond}-{row['id']}"


def heading(one: Asked, topics: Sequence[str]) -> list[str]:
    """Return what a view is called, in parts: its topic, place, time and words."""
    return [
        *topics,
        *([one.place] if one.selection.place else []),
        *([f"„{one.typed}“"] if one.selection.words else []),
    ]
