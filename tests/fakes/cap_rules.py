"""The rules of CAP 1.2 (3.2, 3.3.2 and its schema), written down once more, to hold our alerts against."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

_NS = "{urn:oasis:names:tc:emergency:cap:1.2}"
_TIME, _NAME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", r"[^\s,<&]+"
_PAIR = r"-?\d+(\.\d+)?,-?\d+(\.\d+)?"
# Children in their order: how many there must and may be at least and at most.
_ORDER = {
    "alert": [
        ("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1), ("source", 0, 1),
        ("scope", 1, 1), ("restriction", 0, 1), ("addresses", 0, 1), ("code", 0, 99), ("note", 0, 1),
        ("references", 0, 1), ("incidents", 0, 1), ("info", 0, 99), ("Signature", 0, 1),
    ],
    "info": [
        ("language", 0, 1), ("category", 1, 99), ("event", 1, 1), ("responseType", 0, 99), ("urgency", 1, 1),
        ("severity", 1, 1), ("certainty", 1, 1), ("audience", 0, 1), ("eventCode", 0, 99), ("effective", 0, 1),
        ("onset", 0, 1), ("expires", 0, 1), ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1),
        ("instruction", 0, 1), ("web", 0, 1), ("contact", 0, 1), ("parameter", 0, 99), ("resource", 0, 99),
        ("area", 0, 99),
    ],
    "area": [
        ("areaDesc", 1, 1), ("polygon", 0, 999), ("circle", 0, 999), ("geocode", 0, 999), ("altitude", 0, 1),
        ("ceiling", 0, 1),
    ],
    "geocode": [("valueName", 1, 1), ("value", 1, 1)],
}  # fmt: skip
_WORDS = {
    "status": "Actual|Exercise|System|Test|Draft", "msgType": "Alert|Update|Cancel|Ack|Error",
    "scope": "Public|Restricted|Private",
    "category": "Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other",
    "responseType": "Shelter|Evacuate|Prepare|Execute|Avoid|Monitor|Assess|AllClear|None",
    "urgency": "Immediate|Expected|Future|Past|Unknown", "severity": "Extreme|Severe|Moderate|Minor|Unknown",
    "certainty": "Observed|Likely|Possible|Unlikely|Unknown", "circle": rf"{_PAIR} \d+(\.\d+)?",
    "polygon": rf"({_PAIR} ){{3,}}{_PAIR}", "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "sent": _TIME, "effective": _TIME, "onset": _TIME, "expires": _TIME, "identifier": _NAME, "sender": _NAME,
}  # fmt: skip


def broken(root: etree._Element) -> list[str]:
    """Return the rules that an alert breaks."""
    return list(_broken(root))


def _broken(root: etree._Element) -> Iterator[str]:
    if root.tag != f"{_NS}alert":
        yield f"the root is {root.tag}"
    for element in root.iter(f"{_NS}*"):
        name = etree.QName(element).localname
        text = element.text or ""
        yield from _children(element, name) if name in _ORDER else () if text.strip() else [f"{name} is empty"]
        if not re.fullmatch(_WORDS.get(name, r"(?s).*"), text):
            yield f"{name}: {text!r}"
        if name == "polygon" and text.split()[0] != text.split()[-1]:
            yield "a polygon is open"
        if name == "references" and not all(_is_reference(one) for one in text.split()):
            yield f"references: {text!r}"
    if root.findtext(f"{_NS}msgType") != "Alert" and not root.findtext(f"{_NS}references"):
        yield "an Update or Cancel refers to nothing"


def _children(element: etree._Element, name: str) -> Iterator[str]:
    found = [etree.QName(one).localname for one in element]
    order = [one for one, _, _ in _ORDER[name]]
    if [one for one in found if one not in order]:
        yield f"{name} holds {sorted(set(found) - set(order))}"
    elif [order.index(one) for one in found] != sorted(order.index(one) for one in found):
        yield f"{name} is out of order: {found}"
    for one, least, most in _ORDER[name]:
        if not least <= found.count(one) <= most:
            yield f"{name} holds {found.count(one)} × {one}"


def _is_reference(text: str) -> bool:
    parts, rules = text.split(","), (_NAME, _NAME, _TIME)
    return len(parts) == 3 and all(re.fullmatch(rule, part) for rule, part in zip(rules, parts, strict=True))
