"""Parse another installation's feed: one item per notice that concerns us; the rest is counted.

A notice that once may have concerned us and does not any more becomes a bare end of it: those who were told hear so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from feeds._json_body import read_json
from feeds.ortsruf.fetch import told_by
from feeds.ortsruf.seal import mark, pinned
from feeds.ortsruf.shape import check
from hub.core.codec import to_json
from hub.core.desk import HIDDEN
from hub.core.errors import SourceRefused
from hub.core.federation import MOST_HOPS
from hub.core.federation_record import read, taken_over
from hub.core.notice import Notice
from hub.core.place import ars_path, related
from hub.core.source import Fetched, Item, Source

MOST_ITEMS = 2_000
_NOT_ASKED = frozenset({"waste"})  # timetables of another town, unless a source asks for them
_TOPIC = re.compile(r"[a-z][a-z-]{0,31}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ARS = re.compile(r"\d{2,12}", re.ASCII)
_LONGEST_NAME = 400
_MOST_NAMES = 600
_REMARKS = {
    "elsewhere": "notices name only other places; they were left out (reach=everybody takes them for all of ours)",
    "topic": "notices are of topics that this source leaves out",
}


def parse(fetched: Fetched) -> list[Item]:
    """Return the items. Raises ``SourceError`` when the document as a whole is no such feed."""
    source, found, remarks = fetched.source, list[Item](), Counter[str]()
    for document in fetched.documents:
        feed = read_json(document)
        told = told_by(feed, document.url)
        town = told.get("municipality")
        name = str(town.get("name", ""))[:100] if isinstance(town, dict) else ""
        items = feed.get("items")
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            raise SourceRefused(f"The feed has no list of items, or more than {MOST_ITEMS}.", subject=document.url)
        if not items:
            found.append(Item("empty", note="The feed is in order, but the other town says nothing now."))
        for number, one in enumerate(items, 1):
            found += _items(one, f"item-{number}", source, (str(told["installation"]), name), remarks)
    found += _whose(source)
    return [*found, *(Item("note", note=f"{count} {_REMARKS[sort]}") for sort, count in sorted(remarks.items()))]


def _whose(source: Source) -> list[Item]:
    """Remark by which key the feed is believed: whoever adds it by its address alone must compare that."""
    told = "The feed is believed by the key {} …; compare it with what the other town reads out."
    return [Item("key", note=told.format(mark(one))) for one in pinned(source.config.get("key", ""))]


def _items(raw: Any, label: str, source: Source, giver: tuple[str, str], remarks: Counter[str]) -> list[Item]:
    try:
        notice, area = _read(raw)
    except SourceRefused as error:
        return [Item(label, fault=str(error))]
    origin = notice.origin
    if origin is None or (origin.installation if not origin.hops else origin.hops[-1]) != giver[0]:
        return [Item(label, fault="The notice is signed by somebody who neither made it nor passed it on.")]
    if not _wanted(notice, source):
        remarks["topic"] += 1
        return []
    if not origin.hops:
        notice = taken_over(notice, town=giver[1], page=str(raw.get("url") or ""))
    if source.config.get("reach") != "everybody" and not _touches(area, source):
        remarks["elsewhere"] += 1
        return [Item(notice.key, {"notice": to_json(notice), "over": True})] if origin.revision > 1 else []
    return [Item(notice.key, {"notice": to_json(notice), "over": False})]


def _read(raw: Any) -> tuple[Notice, tuple[str, ...]]:
    """Return the notice in an item of the feed, and its area. Raises ``SourceRefused`` for anything else."""
    data = raw.get("_ortsruf") if isinstance(raw, dict) else None
    if not isinstance(data, Mapping):
        raise SourceRefused("The item holds no notice of Ortsruf.")
    try:
        notice, area = read(data)
        check(notice)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise SourceRefused(f"The notice cannot be read: {type(error).__name__}: {str(error)[:100]}") from error
    if fault := _fault(notice, area):
        raise SourceRefused(fault)
    return notice, area


def _fault(notice: Notice, area: tuple[str, ...]) -> str:
    """Return what is wrong with a notice that has the right shape; empty if nothing."""
    origin = notice.origin
    ids = (origin.installation, origin.municipality, origin.notice, *origin.hops) if origin is not None else ("",)
    if origin is None or origin.revision < 1 or len(origin.hops) > MOST_HOPS or not all(map(_NAME.fullmatch, ids)):
        return "The notice does not say where it began, or came too far."
    if len(notice.references) > _MOST_NAMES or any(len(one) > _LONGEST_NAME for one in notice.references):
        return "The notice has too many names."
    if not _TOPIC.fullmatch(notice.topic) or not _TOPIC.fullmatch(notice.kind) or notice.topic in HIDDEN:
        return f"The topic {notice.topic[:40]!r} is none that towns exchange."
    if not notice.texts or not notice.title.strip():
        return "The notice has no text."
    if not all(_ARS.fullmatch(str(one)) for one in area):
        return "The notice's area is none."
    return ""


def _wanted(notice: Notice, source: Source) -> bool:
    asked = {one for one in re.split(r"[\s,;]+", source.config.get("topics", "")) if one}
    return notice.topic in asked if asked else notice.topic not in _NOT_ASKED


def _touches(area: tuple[str, ...], source: Source) -> bool:
    """Whether a notice holds in one of the source's places, or in what lies around or in them."""
    own = [_path(one.scheme, one.value) for one in source.places]
    return any(related(ars_path(there), here) for there in area for here in own if here)


def _path(scheme: str, value: str) -> str:
    if scheme == "ars" and value.isdecimal():
        return ars_path(value)
    # An AGS lacks the four digits of the association, so only its district is sure.
    return value[:5] if scheme == "ags" else ""
