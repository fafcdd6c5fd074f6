"""What somebody chose in the form, as wishes, and back again. Pure.

Fields: ``<topic>`` (on), ``<topic>.push``, ``<topic>.mail`` (empty, now, digest, weekly), ``<topic>.calendar``,
``<topic>.remind``, ``<topic>.severity``; ``waste.zone``, ``waste.house``, ``waste.at`` (``18:00`` the evening before,
``m06:00`` the morning itself) and ``waste.at.<fraction>`` where it differs (``no``: none), ``roads.near``,
``tenders.words``, ``tenders.without``, ``tenders.cpv``, ``tenders.lead``, ``tenders.hook``; ``email``, ``digest_at``,
``digest_days`` (empty: every day).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from hub.core.notice import Position, Severity
from hub.core.schedule import EVERY_DAY
from hub.core.subscription import WEEKLY, Action, Criteria
from hub.jobs.subscribe import Way, Wish
from hub.web import bins
from hub.web.topics import DIGEST_HOURS, FRACTIONS, TOPICS, Topic

MOST_WORDS = 20
LEADS = ("1", "2", "3", "5", "7", "14")  # days before a closing date
_LONGEST = 400  # characters of a field of words


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the form is shown: the municipality's path, its streets and waste zones by path, and ways already there.

    ``town`` is its id, ``name`` its name, and ``others`` are the municipalities of further places, by id. ``centre`` is
    where it lies, if that is known, and ``near`` how many km away the others lie, by id, the nearest first.
    """

    path: str
    zones: Mapping[str, str] = field(default_factory=dict)
    has: Collection[str] = ()
    town: str = ""
    name: str = ""
    others: Mapping[str, Setting] = field(default_factory=dict)
    centre: Position | None = None
    near: Mapping[str, float] = field(default_factory=dict)

    def of(self, town: str) -> Setting | None:
        """Return the setting of a place in municipality ``town``; empty: where the form is shown."""
        return self if town in {"", self.town} else self.others.get(town)


@dataclass(frozen=True, slots=True)
class Choice:
    """A form that was read: wishes, the e-mail address as typed, and faults (English) by field."""

    wishes: tuple[Wish, ...]
    email: str
    digest_at: str
    faults: Mapping[str, str]
    digest_days: str = EVERY_DAY

    def uses(self, channel: str) -> bool:
        """Whether any wish goes out on ``channel``."""
        return any(way[0] == channel for wish in self.wishes for way in wish.ways)


def _(message: str) -> str:
    return message


def read(values: Mapping[str, str], setting: Setting) -> Choice:
    """Read a form; every fault is named at once."""
    faults: dict[str, str] = {}
    chosen = [topic for topic in TOPICS.values() if values.get(topic.name)]
    if not chosen:
        faults["topics"] = _("Please choose at least one topic.")
    wishes = tuple(wish for topic in chosen for wish in _wishes(topic, values, setting, faults))
    digest_at = values.get("digest_at") or "07:00"
    if digest_at not in DIGEST_HOURS:
        faults["digest_at"] = _("Please choose one of the hours offered.")
    days = values.get("digest_days") or EVERY_DAY
    if days != EVERY_DAY and days not in set(EVERY_DAY):
        faults["digest_days"], days = _("Please choose one of the days offered."), EVERY_DAY
    choice = Choice(wishes, values.get("email", "").strip(), digest_at, faults, days)
    if choice.uses("mail") and not choice.email and "mail" not in setting.has:
        faults["email"] = _("Please give your e-mail address, or choose another way.")
    return choice


def _wishes(topic: Topic, values: Mapping[str, str], setting: Setting, faults: dict[str, str]) -> list[Wish]:
    """Return the wishes of one topic: one, or of the waste one for each time at which somebody wants to be reminded."""
    criteria, ways = _criteria(topic, values, setting, faults), ways_of(topic, values, faults)
    if topic.name != "waste" or not values.get("waste.remind"):
        return [Wish(criteria, ways)]
    groups = bins.grouped(_lead(topic, values, faults), _exceptions(topic, values, faults))
    if len(groups) == 1:
        return [Wish(criteria, ways)]
    calm = [way for way in ways if way[1] is not Action.REMINDER]
    loud = [way[0] for way in ways if way[1] is Action.REMINDER]
    return [
        Wish(replace(criteria, categories=names), (*calm, *((one, Action.REMINDER, text) for one in loud if text)))
        for text, names in groups.items()
    ]


def ways_of(topic: Topic, values: Mapping[str, str], faults: dict[str, str]) -> tuple[Way, ...]:
    """Return what happens on which channel; a reminder goes out on each of push and mail that was chosen."""
    name, ways, loud = topic.name, list[Way](), list[str]()
    if values.get(f"{name}.push"):
        ways.append(("webpush", Action.NOW, ""))
        loud.append("webpush")
    mail = values.get(f"{name}.mail", "")
    if mail in {"now", "digest", WEEKLY}:
        ways.append(("mail", Action.NOW if mail == "now" else Action.DIGEST, WEEKLY if mail == WEEKLY else ""))
        loud.append("mail")
    if name == "tenders" and values.get("tenders.hook"):
        ways.append(("webhook", Action.NOW, ""))
    if topic.dated and values.get(f"{name}.calendar"):
        ways.append(("ical", Action.CALENDAR, ""))
    if not ways:
        faults[name] = _("Please choose at least one way to be told.")
    elif name == "warnings" and not loud:
        faults[name] = _("A calendar is no alarm: please choose notifications or e-mail for warnings, too.")
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
    found = bins.lead_of(values.get("waste.at") or "18:00")
    if not found:
        faults["waste.at"] = _("Please choose one of the hours offered.")
    return found or topic.lead


def _exceptions(topic: Topic, values: Mapping[str, str], faults: dict[str, str]) -> dict[str, str]:
    """Return the leads of fractions that are reminded of at another time; an empty one means not at all."""
    given = {name: values[f"waste.at.{name}"] for name in FRACTIONS if values.get(f"waste.at.{name}")}
    found = {name: "" if at == bins.NEVER else bins.lead_of(at) for name, at in given.items()}
    for name, at in given.items():
        if at != bins.NEVER and not found[name]:
            faults[f"waste.at.{name}"], found[name] = _("Please choose one of the hours offered."), topic.lead
    return found


def _criteria(topic: Topic, values: Mapping[str, str], setting: Setting, faults: dict[str, str]) -> Criteria:
    if topic.name == "waste" and setting.zones:
        zone = values.get("waste.zone", "")
        if zone not in setting.zones:
            faults["waste.zone"] = _("Please choose your street or collection zone.")
        return Criteria(topics=("waste",), places=(_house(zone, values, faults),))
    if topic.levels:
        severity = values.get(f"{topic.name}.severity") or "unknown"
        if severity not in topic.levels:
            faults[f"{topic.name}.severity"] = _("Please choose one of the levels offered.")
            severity = "unknown"
        zone = values.get("waste.zone", "")
        near = topic.near and bool(values.get(f"{topic.name}.near")) and zone in setting.zones
        places = (zone if near else setting.path,)
        return Criteria(topics=(topic.name,), places=places, severity=Severity[severity.upper()])
    if topic.name == "tenders":
        return Criteria(
            topics=("tenders",), places=(setting.path,), words=words_of("tenders.words", values, faults),
            without=words_of("tenders.without", values, faults), cpv=_codes(values, faults),
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


def words_of(name: str, values: Mapping[str, str], faults: dict[str, str]) -> tuple[str, ...]:
    """Split at commas, semicolons and line ends, so that a search may have several words."""
    text = values.get(name, "")
    words = tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", text) if part.strip()))
    if len(text) > _LONGEST or len(words) > MOST_WORDS:
        faults[name] = _("Please give at most 20 words.")
        return ()
    return words


def _codes(values: Mapping[str, str], faults: dict[str, str]) -> tuple[str, ...]:
    """Read CPV codes or their beginnings (2 to 8 digits, check digit allowed)."""
    codes = words_of("tenders.cpv", {"tenders.cpv": values.get("tenders.cpv", "").replace(" ", ",")}, faults)
    if not all(re.fullmatch(r"\d{2,8}|\d{8}-\d", code, re.ASCII) for code in codes):
        faults["tenders.cpv"] = _("A CPV code has 2 to 8 digits, such as 45 or 45233130.")
        return ()
    return tuple(code.partition("-")[0] for code in codes)
