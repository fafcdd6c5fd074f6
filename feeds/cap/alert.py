"""One ``<alert>`` as plain data: what an ``Item`` carries from parsing to normalising (CAP 1.2, 3.2)."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from feeds.cap.area import areas_of, read_areas, why_nowhere
from feeds.cap.coverage import cut_to
from feeds.cap.tree import children, text_of, texts_of
from hub.core.errors import SourceRefused

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
SCOPES = ("Public", "Restricted", "Private")
MESSAGES = ("Alert", "Update", "Cancel", "Ack", "Error")
_TOLD = ("Alert", "Update", "Cancel")  # the others answer another system
_TEXTS = ("language", "event", "urgency", "severity", "headline", "description", "instruction")
_FACTS = ("effective", "onset", "expires", "senderName", "web")
_SENDER_NAME = "sender_langname"  # MoWaS: who it is in words
# The DWD publishes one alert as several files that differ in language; only the last part of the name tells them.
_DWD_LANGUAGE = re.compile(r"(2\.49\.0\.0\.276\.0\.DWD\..+)\.(?:MUL|DEU|DE|ENG|EN|ESP|ES|FRA|FR)", re.ASCII)
_LONGEST_KEY = 400
_LONGEST_REFERENCES, _MOST_REFERENCES = 100_000, 500
_TRIPLE = re.compile(r"[^,]{1,200},([^,\s]+),\S+")  # sender, identifier, sent


def not_for_residents(alert: etree._Element) -> str:
    """Return why an alert is not told to residents (``status Test``), or "" if it is real, public and a message.

    Raises ``SourceRefused`` when it does not say so in the words of CAP 1.2: in doubt nobody is told, and
    the operator sees why.
    """
    status = _word(alert, "status", STATUSES)
    scope = _word(alert, "scope", SCOPES)
    message = _word(alert, "msgType", MESSAGES)
    if status != "Actual":
        return f"status {status}"
    if scope != "Public":
        return f"scope {scope}"
    return "" if message in _TOLD else f"msgType {message}"


def key_of(identifier: str) -> str:
    """Return the identifier without the language suffix of the DWD's products (``.MUL``, ``.DEU`` …)."""
    found = _DWD_LANGUAGE.fullmatch(identifier)
    return found[1] if found else identifier


def key_in(alert: etree._Element) -> str:
    """Return the alert's key. Raises ``SourceRefused`` when it has none."""
    key = key_of(text_of(alert, "identifier"))
    if not key or len(key) > _LONGEST_KEY:
        raise SourceRefused("The alert has no usable identifier.")
    return key


def references_in(alert: etree._Element) -> list[str]:
    """Return the keys of earlier alerts that this one names: ``sender,identifier,sent`` separated by blanks.

    Senders with blanks in them (MoWaS) and bare identifiers (BIWAPP) are understood; an alert that refers to itself
    refers to nothing. Everything else is left out: a name taken for an alert's would tie strangers together.
    """
    own, text = key_in(alert), text_of(alert, "references")[:_LONGEST_REFERENCES]
    found = _TRIPLE.findall(text) if "," in text else [one for one in text.split() if re.search(r"\d", one)]
    keys = (key_of(one) for one in found)
    named = [one for one in dict.fromkeys(keys) if one and one != own and len(one) <= _LONGEST_KEY]
    return named[:_MOST_REFERENCES]


def read_alert(alert: etree._Element, wanted: tuple[str, ...] = ()) -> dict[str, Any] | None:
    """Return an alert as JSON-like data, or ``None`` if it concerns others than the ``wanted`` areas only.

    One for others that continues or cancels an earlier alert is kept as a bare end of it: those who were told before
    must hear that it is over for them, and nobody else needs to hear anything.

    Keys: ``sender``, ``sent``, ``message``, ``cancels``, ``references``, ``infos`` (texts and times of the parts that
    touch, as the source has them), and what :func:`feeds.cap.area.read_areas` returns. Raises ``SourceRefused``
    if the alert names no area and cancels nothing.
    """
    infos = children(alert, "info")
    references = references_in(alert)
    kept = cut_to([areas_of(one) for one in infos], wanted)
    elsewhere = kept is None
    if kept is None:
        if not references:
            return None
        infos, kept = [], []
    pairs = [(info, areas) for info, areas in zip(infos, kept, strict=True) if areas]
    pairs = pairs or [(info, []) for info in infos]  # parts without any area still say what is over
    covered = [area for _, areas in pairs for area in areas]
    message = text_of(alert, "msgType")
    data = {
        "sender": text_of(alert, "sender"),
        "sent": text_of(alert, "sent"),
        "message": message,
        "cancels": elsewhere or _cancels(message, [info for info, _ in pairs]),
        "elsewhere": elsewhere,
        "references": references,
        "infos": [_read_info(info, [one.name for one in areas]) for info, areas in pairs],
        **read_areas(covered),
    }
    _check(data, [one.name for one in covered])
    return data


def _check(data: dict[str, Any], names: list[str]) -> None:
    """Refuse an alert of which nobody could say whom it concerns."""
    if data["places"] or data["polygons"] or data["circles"] or (data["cancels"] and data["references"]):
        return
    if data["cancels"]:
        raise SourceRefused("The message cancels something but names neither an earlier alert nor an area.")
    if not data["infos"]:
        raise SourceRefused("The alert says nothing: it has no area that can be read and no text (no <info>).")
    raise SourceRefused(why_nowhere(data, names))


def _cancels(message: str, infos: list[etree._Element]) -> bool:
    """Whether the alert ends earlier ones: a Cancel, or all of it is an all-clear (DWD: Update, AUFHEBUNG)."""
    return message == "Cancel" or (bool(infos) and all(_all_clear(one) for one in infos))


def _all_clear(info: etree._Element) -> bool:
    return "AllClear" in texts_of(info, "responseType") or text_of(info, "headline").startswith("AUFHEBUNG")


def _read_info(info: etree._Element, areas: list[str]) -> dict[str, Any]:
    parameters = {text_of(one, "valueName"): text_of(one, "value") for one in children(info, "parameter")}
    read = {name: text_of(info, name) for name in (*_TEXTS, *_FACTS)}
    return {
        **read,
        "senderName": read["senderName"] or parameters.get(_SENDER_NAME, ""),
        "all_clear": _all_clear(info),
        "codes": [[text_of(one, "valueName"), text_of(one, "value")] for one in children(info, "eventCode")],
        "links": [[text_of(one, "uri"), text_of(one, "resourceDesc")] for one in children(info, "resource")],
        "areas": list(dict.fromkeys(filter(None, areas)))[:20],
    }


def _word(alert: etree._Element, name: str, known: tuple[str, ...]) -> str:
    found = text_of(alert, name)
    if not found:
        raise SourceRefused(f"The alert does not say its {name}.")
    if found not in known:
        raise SourceRefused(f"The alert's {name} {found[:40]!r} is none of CAP 1.2.")
    return found
