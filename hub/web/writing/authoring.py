"""Who writes on this request, where, and what the form must know of that place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import abort, g, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.draft import Area, Attachment, Draft, from_json
from hub.core.drawing import Ground
from hub.core.permission import EVERYWHERE, Capability, Role, may
from hub.core.place import local_path, slug
from hub.jobs.write import Author
from hub.store import attachments, finding, towns
from hub.web.access import known
from hub.web.desk import house
from hub.web.topics import TOPICS
from hub.web.writing.fields import Form, Place, place_of
from hub.web.writing.reading import Setting

SEES = (Capability.WRITE, Capability.PUBLISH, Capability.APPROVE, Capability.CLUB, Capability.VETO)
WRITES = (Capability.WRITE, Capability.CLUB)
_MOST_TOWNS = 200


def author() -> Author:
    """Return who writes in this request's municipality, and within which bounds."""
    who, here = known(), str(g.town["id"])
    return Author(here, who.id, "" if may(who.visitor.grants, Capability.WRITE, here) else _club())


def only_club() -> str:
    """Return the topic of the club whose work alone somebody sees here; empty for all others."""
    held = known().visitor.grants
    more = any(may(held, one, g.town["id"]) for one in SEES if one is not Capability.CLUB)
    return "" if more else _club()


def _club() -> str:
    mine = (one for one in known().visitor.grants if one.role is Role.CLUB and one.covers(g.town["id"]))
    return next((one.bounds.topic for one in mine if one.bounds is not None), "")


def writes() -> bool:
    """Whether whoever looks may write here."""
    return any(may(known().visitor.grants, one, g.town["id"]) for one in WRITES)


def page_of(number: int) -> str:
    """Return the page of one draft, where it is released."""
    return f"{url_for('drafts.page', slug=g.town['id'])}/{number}"


def own_place() -> Place:
    """Return this request's municipality as the form knows it."""
    return Place(g.town["id"], g.town["path"], g.town["zone"])


def others(session: Session) -> dict[str, RowMapping]:
    """Return the further municipalities in which somebody may write, by id; none for a club."""
    held, here = known().visitor.grants, g.town["id"]
    if not may(held, Capability.WRITE, here):
        return {}
    if may(held, Capability.WRITE, EVERYWHERE):
        rows = [one for one in towns.listed(session) if one["id"] != here]
    else:
        slugs = {one.municipality for one in held if may([one], Capability.WRITE, one.municipality)} - {here}
        rows = [row for slug in sorted(slugs) if (row := towns.get(session, slug)) is not None]
    return {one["id"]: one for one in rows[:_MOST_TOWNS]}


def setting(session: Session, base: Draft, form: Form) -> Setting:
    """Return where a form is read: with what its municipalities know of its places and files."""
    mine = own_place()
    more = {key: str(row["path"]) for key, row in others(session).items()}
    rows = towns.place_rows(session, list(form.places)).values()
    places = {
        one["path"]: (one["kind"], one["name"])
        for one in rows
        if one["kind"] in finding.KINDS and one["municipality_id"] in {mine.slug, *more}
    }
    places |= _of_base(base, {mine.slug: mine.path, **more})
    return Setting(
        mine, house().now(), base, more, places, _files(session, base, form), ground(session), topics(),
        g.town["language"],
    )  # fmt: skip


def topics() -> tuple[str, ...]:
    """Return the topics that whoever writes may choose."""
    bound = author().club
    return (bound,) if bound else tuple(one for one in TOPICS if one != "tenders")


def _of_base(base: Draft, paths: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the places that a draft names already, known to the tree or not."""
    found = {}
    for area in base.areas:
        for ref in area.places if area.town in paths else ():
            path, _houses = place_of(ref, paths[area.town])
            kind = "street" if ref.scheme == "house" else ref.scheme
            name = ref.value.partition("/")[0] if ref.scheme == "house" else ref.name or ref.value
            found[path] = (kind, name)
    return found


def _files(session: Session, base: Draft, form: Form) -> dict[str, Attachment]:
    known_files = {one.name: one for one in base.attachments}
    titles = {name: title for name, title in form.files if name not in known_files}
    rows = attachments.about(session, g.town["id"], titles) if titles else {}
    return known_files | {
        name: Attachment(name, titles[name], row["media_type"], row["size"]) for name, row in rows.items()
    }


def ground(session: Session) -> Ground:
    """Return where may be drawn: around the municipality, and at the places whose spot is known."""
    row = towns.place_row(session, g.town["path"])
    centre = (row["lon"], row["lat"]) if row is not None and row["lat"] is not None else None
    named = {slug(one["name"]): (one["lon"], one["lat"]) for one in finding.spots(session, g.town["id"])}
    return Ground(centre, named)


def content(row: RowMapping) -> Draft:
    """Return the draft of a row."""
    return from_json(row["content"])


def found(row: RowMapping | None) -> RowMapping:
    """Return a row that is there; 404 if not."""
    if row is None:
        abort(404)
    return row


def paths_of(areas: Iterable[Area], paths: Mapping[str, str]) -> frozenset[str]:
    """Return the paths of the places in ``areas``; of a municipality that is told as a whole, its own."""
    found_paths = []
    for area in areas:
        town = paths.get(area.town, "")
        refs = [local_path(town, one.scheme, one.value) for one in area.places]
        found_paths += refs or ([town] if town else [])
    return frozenset(found_paths)
