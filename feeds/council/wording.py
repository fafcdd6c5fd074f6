"""What to tell a clerk whose address leads to something else than meetings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feeds._json_body import one_line, web_address

_NAMES = {
    "System": ("the entry page of a council system (OParl System)", "entry pages"),
    "Body": ("the description of a council (OParl Body)", "councils (OParl Body)"),
    "Organization": ("a single committee", "committees"),
    "Paper": ("a single paper", "papers"),
    "Person": ("a single person", "persons"),
    "File": ("a single file", "files"),
    "AgendaItem": ("a single agenda item", "agenda items"),
    "Location": ("a single place", "places"),
    "Consultation": ("a single consultation of a paper", "consultations of papers"),
    "Membership": ("a single membership", "memberships"),
    "LegislativeTerm": ("a single term of office", "terms of office"),
}
_LEADS = {"System": "body", "Body": "meeting", "Organization": "meeting"}


def no_meetings(kind: str, objects: Sequence[Mapping[str, Any]]) -> str:
    """Return the sentence for ``objects`` of the OParl type ``kind``, with the way on where it is known."""
    one, many = _NAMES.get(kind, ("something else of OParl", "something else of OParl"))
    what = one if len(objects) == 1 else f"a list of {many}"
    name = one_line(objects[0].get("name"), 80) if len(objects) == 1 and kind in _LEADS else ""
    said = f"This is {what}{f', {name!r},' if name else ','} not a list of meetings"
    on = web_address(objects[0].get(_LEADS.get(kind, ""))) if objects else ""
    if not on:
        return f"{said}; please give the address of the body or of its meetings."
    return f"{said}; {'its bodies are' if kind == 'System' else 'the meetings are'} at {on}"
