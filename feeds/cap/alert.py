"""One ``<alert>`` as plain data: what an ``Item`` carries from parsing to normalising (CAP 1.2, 3.2)."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from feeds.cap.area import read_areas
from hub.core.errors import SourceRefused

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
SCOPES = ("Public", "Restricted", "Private")
MESSAGES = ("Alert", "Update", "Cancel", "Ack", "Error")
_TOLD = ("Alert", "Update", "Cancel")  # the others answer another system
_TEXTS = ("language", "event", "urgency", "severity", "headline", "description", "instruction")
_FACTS = ("effective", "onset", "expires", "senderName", "web")
# The DWD publishes one alert as several files that differ in language; only the last part of the name tells them.
_DWD_LANGUAGE = re.compile(r"(2\.49\.0\.0\.276\.0\.DWD\..+)\.(?:MUL|DEU|DE|ENG|EN|ESP|ES|FRA|FR)", re.ASCII)
_LONGEST_KEY = 400


def meant_for_residents(alert: etree._Element) -> bool:
    """Whether an alert is real, public and a message to people (``Actual``, ``Public``; not ``Ack``, ``Error``).

    Raises ``SourceRefused`` when it does not say so in the words of CAP 1.2: in doubt nobody is told, and
    the operator sees why.
    """
    status = _word(alert, "status", STATUSES)
    scope = _word(alert, "scope", SCOPES)
    message = _word(alert, "msgType", MESSAGES)
    return status == "Actual" and scope == "Public" and message in _TOLD


def key_of(identifier: str) -> str:
    """Return the identifier without the language suffix of the DWD's products (``.MUL``, ``.DEU`` …)."""
    found = _DWD_LANGUAGE.fullmatch(identifier)
    return found[1] if found else identifier


def key_in(alert: etree._Element) -> str:
    """Return the alert's key. Raises ``SourceRefused`` when it has none."""
    key = key_of(_text(alert, "identifier"))
    if not key or len(key) > _LONGEST_KEY:
        raise SourceRefused("The alert has no usable identifier.")
    return key


def references_in(alert: etree._Element) -> list[str]:
    """Return the keys of earlier alerts that this one names: ``sender,identifier,sent`` separated by blanks.

    An alert that refers to itself refers to nothing. What is malformed is left out.
    """
    own = key_in(alert)
    parts = [one.split(",") for one in _text(alert, "references").split()]
    keys = (key_of(part[1] if len(part) > 1 else part[0]) for part in parts)
    return [one for one in dict.fromkeys(keys) if one and one != own and len(one) <= _LONGEST_KEY]


def read_alert(alert: etree._Element) -> dict[str, Any]:
    """Return an alert as JSON-like data; raises ``SourceRefused`` if it names no area and cancels nothing.

    Keys: ``sender``, ``sent``, ``message``, ``cancels``, ``references``, ``infos`` (texts and times as the source
    has them), ``places``, ``polygons``, ``circles``.
    """
    infos = _children(alert, "info")
    read = [_read_info(one) for one in infos]
    areas = read_areas([area for info in infos for area in _children(info, "area")])
    data = {
        "sender": _text(alert, "sender"),
        "sent": _text(alert, "sent"),
        "message": _text(alert, "msgType"),
        "cancels": _cancels(_text(alert, "msgType"), read),
        "references": references_in(alert),
        "infos": read,
        **areas,
    }
    _check(data)
    return data


def _check(data: dict[str, Any]) -> None:
    """Refuse an alert of which nobody could say whom it concerns."""
    if data["places"] or data["polygons"] or data["circles"] or (data["cancels"] and data["references"]):
        return
    if data["cancels"]:
        raise SourceRefused("The message cancels something but names neither an earlier alert nor an area.")
    raise SourceRefused("The alert has no area that can be read, so nobody can be told.")


def _cancels(message: str, infos: list[dict[str, Any]]) -> bool:
    """Whether the alert ends earlier ones: a Cancel, or all of it is an all-clear (DWD: Update, AUFHEBUNG)."""
    return message == "Cancel" or (bool(infos) and all(one["all_clear"] for one in infos))


def _read_info(info: etree._Element) -> dict[str, Any]:
    responses = [_stripped(one) for one in _children(info, "responseType")]
    links = [[_text(one, "uri"), _text(one, "resourceDesc")] for one in _children(info, "resource")]
    headline = _text(info, "headline")
    return {
        **{name: _text(info, name) for name in (*_TEXTS, *_FACTS)},
        "all_clear": "AllClear" in responses or headline.startswith("AUFHEBUNG"),
        "codes": [[_text(one, "valueName"), _text(one, "value")] for one in _children(info, "eventCode")],
        "links": links,
    }


def _word(alert: etree._Element, name: str, known: tuple[str, ...]) -> str:
    found = _text(alert, name)
    if not found:
        raise SourceRefused(f"The alert does not say its {name}.")
    if found not in known:
        raise SourceRefused(f"The alert's {name} {found[:40]!r} is none of CAP 1.2.")
    return found


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return element.findall(f"{{{etree.QName(element).namespace}}}{name}")


def _text(element: etree._Element, name: str) -> str:
    found = element.find(f"{{{etree.QName(element).namespace}}}{name}")
    return "" if found is None else _stripped(found)


def _stripped(element: etree._Element) -> str:
    return (element.text or "").strip()
