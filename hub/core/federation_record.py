"""The form in which installations give each other notices: what stands beside a JSON Feed item as ``_ortsruf``. Pure.

``notice`` holds every field of the notice (``hub.core.codec``); ``origin`` and ``names`` say what it is called
everywhere, ``area`` the official places (ARS) in which it holds, as its origin resolved them. deploy/federation.md
describes it for others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.core.codec import from_json, plain, to_json
from hub.core.federation import name_at_origin
from hub.core.notice import Link, Notice, Occurrence, Origin, PlaceRef, Status
from hub.core.place import LOCAL

VERSION = 1
_NOT_SENT = ("id", "key", "references", "origin")


def record(
    notice: Notice, origin: Origin, names: Sequence[str], area: Sequence[str], *, cancelled: Sequence[Occurrence] = ()
) -> dict[str, Any]:  # fmt: skip
    """Write a notice as it leaves; ``names`` are further names that are equal everywhere.

    ``area`` are the resolved official paths, ``cancelled`` the dates called off that the notice no longer lists.
    """
    here = {one.key for one in notice.occurrences}
    gone = tuple(replace(one, status=Status.CANCELLED) for one in cancelled if one.key not in here)
    told = replace(
        notice, places=absolute(notice.places, area), occurrences=(*notice.occurrences, *gone), origin=None
    )  # fmt: skip
    written = {name: value for name, value in to_json(told).items() if name not in _NOT_SENT}
    return {"origin": plain(origin), "names": list(dict.fromkeys(names)), "area": list(area), "notice": written}


def absolute(places: Sequence[PlaceRef], area: Sequence[str]) -> tuple[PlaceRef, ...]:
    """Return places that mean the same elsewhere: a street or zone is nothing without its municipality."""
    if any(one.scheme not in LOCAL for one in places):
        return tuple(places)
    return (*(PlaceRef("ars", one) for one in area), *places)


def read(data: Mapping[str, Any]) -> tuple[Notice, tuple[str, ...]]:
    """Return the notice of a record and its area. Raises ``KeyError``, ``TypeError`` or ``ValueError``.

    Its key is its name at its origin, its references are its further names.
    """
    origin = Origin(**{**data["origin"], "hops": tuple(data["origin"]["hops"])})
    key = name_at_origin(origin)
    origin = origin if origin.item else replace(origin, item=key)
    names = [one for one in dict.fromkeys((origin.item, *data["names"])) if one != key]
    notice = from_json({**data["notice"], "id": "", "key": key, "references": names})
    return replace(notice, origin=origin), tuple(data["area"])


def taken_over(notice: Notice, *, town: str, page: str) -> Notice:
    """Return a notice that came from its origin itself, with who it is from and where it stands there."""
    link = Link("via", page, f"Ortsruf {town}")
    known = not notice.url or any(one.href == page for one in notice.links) or notice.url == page
    return replace(
        notice,
        publisher=notice.publisher or town,
        attribution=notice.attribution or f"Ortsruf {town}",
        url=notice.url or page,
        links=notice.links if known or not page else (*notice.links, link),
    )
