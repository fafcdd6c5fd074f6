"""What an OParl 1.0/1.1 answer holds: objects of a type, lists with ``data`` and ``links``, and truth values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from feeds._json_body import web_address

NOTE = "text/x-oparl-note"  # media type of the fetcher's own notes to the operator among the documents
TYPES = (
    "System", "Body", "Meeting", "Organization", "Paper", "Person", "File", "AgendaItem", "Location", "Consultation",
    "Membership", "LegislativeTerm",
)  # fmt: skip
_BODY_PAGES = 10
_PORTS = {"http": 80, "https": 443}


def type_of(value: Any) -> str:
    """Return the OParl type of an object ("Meeting"), guessed from its properties if it names none; else empty."""
    if not isinstance(value, dict):
        return ""
    named = str(value.get("type", "")).rstrip("/").rpartition("/")[2]
    if named:
        return named if named in TYPES else ""
    if "oparlVersion" in value:
        return "System"
    if "meeting" in value and "organization" in value:
        return "Body"
    return "Meeting" if "agendaItem" in value or ("start" in value and "id" in value) else ""


def objects_in(value: Any) -> list[Any] | None:
    """Return the objects of a list page, or a single object as a list of one; ``None`` if nothing in it is OParl."""
    found = value.get("data") if isinstance(value, dict) else value
    if not isinstance(found, list):
        found = [value]
    known = not found or any(type_of(one) for one in found)
    return list(found) if known else None


def next_page(value: Any, url: str) -> str:
    """Return the address of the page after the one at ``url`` (OParl 1.1, 2.5.2), empty after the last.

    Raises ``ValueError`` if it leads to another server: a list does not go on elsewhere.
    """
    links = value.get("links") if isinstance(value, dict) else None
    found = links.get("next") if isinstance(links, dict) else None
    if not isinstance(found, str) or not found.strip():
        return ""
    address = web_address(urljoin(url, found.strip()))
    if not address or not same_server(address, url):
        raise ValueError("The list goes on at another server, which is not followed.")
    return address


def bodies_in(value: Any) -> list[dict[str, Any]]:
    """Return the bodies of a list page, or a lone Body as a list of one."""
    return [one for one in objects_in(value) or () if type_of(one) == "Body"]


def next_page_of_bodies(value: Any, url: str, seen: set[str]) -> str:
    """Return the next page of a list of bodies and remember it in ``seen``; "" at its end, in a circle, elsewhere."""
    try:
        found = next_page(value, url)
    except ValueError:
        return ""
    if found in seen or len(seen) >= _BODY_PAGES:
        return ""
    seen.add(found)
    return found


def same_server(one: str, other: str) -> bool:
    """Whether both addresses are of one host; http and https at their usual ports count as one."""
    return _server(one) == _server(other)


def all_modified(objects: list[Any]) -> bool:
    """Whether every object says when it was modified, so that ``modified_since`` can be trusted."""
    return bool(objects) and all(isinstance(one, dict) and one.get("modified") for one in objects)


def is_true(value: Any) -> bool:
    """Whether a truth value (also as text) is true."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def listed(value: Any) -> Iterator[Any]:
    """Yield the members of a list, a lone value as its only member, nothing for ``None``."""
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def _server(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return ("", 0)
    return ((parts.hostname or "").lower(), 443 if port == _PORTS["http"] else port)
