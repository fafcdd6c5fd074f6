"""What somebody chose in the form, as wishes, and back again. Pure.

Fields: ``<topic>`` (on), ``<topic>.push``, ``<topic>.mail`` (empty, now, digest), ``<topic>.calendar``,
``<topic>.remind``; ``waste.zone``, ``waste.house``, ``waste.at``, ``warnings.severity``, ``tenders.words``,
``tenders.without``, ``tenders.cpv``, ``tenders.lead``, ``tenders.hook``; ``email`` and ``digest_at``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.core.notice import Severity
from hub.core.subscription import Action, Criteria, criteria_from_json, lead
from hub.jobs.subscribe import Way, Wish
from hub.web.topics import DIGEST_HOURS, REMINDER_HOURS, SEVERITIES, TOPICS, Topic

MOST_WORDS = 20
LEADS = ("1", "2", "3", "5", "7", "14")  # days before a closing date
_LONGEST = 400  # characters of a field of words


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the form is shown: the municipality's path, its streets and waste zones by path, and ways already there."""

    path: str
    zones: Mapping[str, str] = field(default_factory=dict)
    has: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A form that was read: wishes, the e-mail address as typed, and faults (English) by field."""

    wishes: tuple[Wish, ...]
    email: str
    digest_at: str
    faults: Mapping[str, str]

    def uses(self, channel: str) -> bool:
        """Whether any wish goes out on ``channel``."""
        return any(way[0] == channel for wish in self.wishes for way in wish.ways)


def _(message: str) -> str:
    return message


def read(values: Mapping[str, str], setting: Setting) -> Choice:
    """Read a form; every fault is named at once."""
    values = {name: value.replace("\0", "") for name, value in values.items()}  # PostgreSQL takes no NUL
    faults: dict[str, str] = {}
    chosen = [topic for topic in TOPICS.values() if values.get(topic.name)]
    if not chosen:
        faults["topics"] = _("Please choose at least one topic.")
    wishes = tuple(Wish(_criteria(topic, values, setting, faults), ways_of(topic, values, faults)) for topic in chosen)
    digest_at = values.get("digest_at") or "07:00"
    if digest_at not in DIGEST_HOURS:
        faults["digest_at"] = _("Please choose one of the hours offered.")
    choice = Choice(wishes, values.get("email", "").strip(), digest_at, faults)
    if choice.uses("mail") and not choice.email and "mail" not in setting.has:
        faults["email"] = _("Please give your e-mail address, or choose another way.")
    return choice


def ways_of(topic: Topic, values: Mapping[str, str], faults: dict[str, str]) -> tuple[Way, ...]:
    """Return what happens on which channel; a reminder goes out on each of push and mail that was chosen."""
    name, ways, loud = topic.name, list[Way](), list[str]()
    if values.get(f"{name}.push"):
        ways.append(("webpush", Action.NOW, ""))
        loud.append("webpush")
    mail = values.get(f"{name}.mail", "")
    if mail in {"now", "digest"}:
        ways.append(("mail", Action.NOW if mail == "now" else Action.DIGEST, ""))
        loud.append("mail")
    if name == "tenders" and values.get("tenders.hook"):
        ways.append(("webhook", Action.NOW, ""))
    if topic.dated and values.get(f"{name}.calendar"):
        ways.append(("ical", Action.CALENDAR, ""))
    if not ways:
        faults[name] = _("Please choose at least one way to be told.")
    elif topic.lead and values.get(f"{name}.remind"):
        text = _lead(topic, values, faults)
        ways += [(channel, Action.REMINDER, text) for channel in loud]
        if not loud:
            faults[name] = _("A reminder needs notifications or e-mail: please choose one of them too.")
    return tuple(ways)


def _lead(topic: Topic, values: Mapping[str, str], faults: dict[str, str]) -> str:
    if topic.name == "tenders":
        days = values.get("tenders.lead") or "3"
        if days not in LEADS:
            faults["tenders.lead"] = _("Please choose one of the times offered.")
            return topic.lead
        return f"P{days}D@08:00"
    if topic.name != "waste":
        return topic.lead
    at = values.get("waste.at") or "18:00"
    if at not in REMINDER_HOURS:
        faults["waste.at"] = _("Please choose one of the hours offered.")
        return topic.lead
    return f"P1D@{at}"


def _criteria(topic: Topic, values: Mapping[str, str], setting: Setting, faults: dict[str, str]) -> Criteria:
    if topic.name == "waste" and setting.zones:
        zone = values.get("waste.zone", "")
        if zone not in setting.zones:
            faults["waste.zone"] = _("Please choose your street or collection zone.")
        return Criteria(topics=("waste",), places=(_house(zone, values, faults),))
    if topic.name == "warnings":
        severity = values.get("warnings.severity") or "unknown"
        if severity not in SEVERITIES:
            faults["warnings.severity"] = _("Please choose one of the levels offered.")
            severity = "unknown"
        return Criteria(topics=("warnings",), places=(setting.path,), severity=Severity[severity.upper()])
    if topic.name == "tenders":
        return Criteria(
            topics=("tenders",), places=(setting.path,), words=_words("tenders.words", values, faults),
            without=_words("tenders.without", values, faults), cpv=_codes(values, faults),
        )  # fmt: skip
    return Criteria(topics=(topic.name,), places=(setting.path,))


def _house(street: str, values: Mapping[str, str], faults: dict[str, str]) -> str:
    """Return the path of the house number that was typed beside a street; without one the street's own."""
    number = "".join(values.get("waste.house", "").split()).lower()
    if not number or "/street:" not in street:
        return street
    if not re.fullmatch(r"[0-9]{1,4}[a-z]?", number):
        faults["waste.house"] = _("Please write a house number such as 12 or 12a, or leave it empty.")
        return street
    return f"{street}/house:{number}"


def _words(name: str, values: Mapping[str, str], faults: dict[str, str]) -> tuple[str, ...]:
    """Split at commas, semicolons and line ends, so that a search may have several words."""
    text = values.get(name, "")
    words = tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", text) if part.strip()))
    if len(text) > _LONGEST or len(words) > MOST_WORDS:
        faults[name] = _("Please give at most 20 words.")
        return ()
    return words


def _codes(values: Mapping[str, str], faults: dict[str, str]) -> tuple[str, ...]:
    """Read CPV codes or their beginnings (2 to 8 digits, check digit allowed)."""
    codes = _words("tenders.cpv", {"tenders.cpv": values.get("tenders.cpv", "").replace(" ", ",")}, faults)
    if not all(re.fullmatch(r"\d{2,8}|\d{8}-\d", code, re.ASCII) for code in codes):
        faults["tenders.cpv"] = _("A CPV code has 2 to 8 digits, such as 45 or 45233130.")
        return ()
    return tuple(code.partition("-")[0] for code in codes)


def written(subscriptions: Sequence[Mapping[str, Any]], setting: Setting) -> tuple[dict[str, str], tuple[Wish, ...]]:
    """Return the form's values for stored subscriptions, and the wishes that the form cannot show."""
    values: dict[str, str] = {}
    rest: list[Wish] = []
    for one in subscriptions:
        wish = Wish(criteria_from_json(one["criteria"]), tuple(one["ways"]))
        shown = _shown(wish, setting)
        fits = shown and not values.get(wish.criteria.topics[0])
        again = read({**shown, "email": "-"}, setting) if fits else None
        if again is not None and not again.faults and _same(again.wishes[0], wish):
            values |= shown
        else:
            rest.append(wish)
    return values, tuple(rest)


def _same(one: Wish, other: Wish) -> bool:
    return one.criteria.canonical() == other.criteria.canonical() and set(one.ways) == set(other.ways)


def _shown(wish: Wish, setting: Setting) -> dict[str, str]:
    criteria = wish.criteria
    if len(criteria.topics) != 1 or criteria.topics[0] not in TOPICS:
        return {}
    name = criteria.topics[0]
    values = {name: "1"}
    for channel, action, text in wish.ways:
        values |= _shown_way(name, channel, action, text)
    if name == "waste" and criteria.places:
        street, _mark, number = criteria.places[0].partition("/house:")
        if street in setting.zones:
            values |= {"waste.zone": street} | ({"waste.house": number} if number else {})
    if name == "warnings":
        values["warnings.severity"] = criteria.severity.name.lower()
    if name == "tenders":
        values["tenders.words"], values["tenders.without"] = ", ".join(criteria.words), ", ".join(criteria.without)
        values["tenders.cpv"] = ", ".join(code.ljust(2, "0") for code in criteria.cpv)
    return values


def _shown_way(name: str, channel: str, action: Action, text: str) -> dict[str, str]:
    if action is Action.REMINDER:
        found = lead(text)
        if name == "tenders":
            return {f"{name}.remind": "1", f"{name}.lead": str(found.days)}
        return {f"{name}.remind": "1"} | ({f"{name}.at": f"{found.at:%H:%M}"} if found.at else {})
    if action is Action.CALENDAR:
        return {f"{name}.calendar": "1"}
    if channel == "mail":
        return {f"{name}.mail": action.value}
    if channel == "webhook":
        return {}  # no form but that of the search knows them
    return {f"{name}.push": "1"}
