"""What the records of a DATEX II situation say: codes into German and English, and the public's comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from feeds._json_body import finite, plain_text
from feeds.roads.datex_places import Whereabouts
from feeds.roads.words import frame, sentence, words
from feeds.roads.xml_stream import below, child, children, type_of

_FULL = frozenset(
    {"roadClosed", "carriagewayClosures", "closedPermanentlyForTheWinter", "roadBlocked", "carriagewayBlocked"}
)
_MANAGEMENT = (
    "roadOrCarriagewayOrLaneManagementType", "generalNetworkManagementType", "reroutingManagementType",
    "trafficConstrictionType", "speedManagementType", "winterEquipmentManagementType",
)  # fmt: skip
_WORKS = ("roadMaintenanceType", "constructionWorkType", "subjectTypeOfWorks")
_CAUSES = (
    "causeType", "accidentType", "obstructionType", "environmentalObstructionType", "vehicleObstructionType",
    "infrastructureDamageType", "abnormalTrafficType", "publicEventType", "disturbanceActivityType",
    "poorEnvironmentType", "weatherRelatedRoadConditionType", "nonWeatherRelatedRoadConditionType",
    "transitServiceInformation", "authorityOperationType", "equipmentOrSystemFaultType",
)  # fmt: skip
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Say:
    """The codes of one or more records, in document order."""

    management: tuple[str, ...]
    works: tuple[str, ...]
    causes: tuple[str, ...]
    kinds: tuple[str, ...]
    blocked: bool
    speed: str
    lanes_closed: str
    lanes_open: str
    route: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, record: etree._Element) -> Say:
        """Return what one ``situationRecord`` says."""
        management = _codes(record, _MANAGEMENT)
        vehicles = next(below(record, "forVehiclesWithCharacteristicsOf", "vehicleCharacteristics"), None)
        return cls(
            management=management,
            works=_codes(record, _WORKS),
            causes=_codes(record, _CAUSES),
            kinds=(type_of(record),),
            blocked=bool(_FULL & set(management)) and vehicles is None,
            speed=_number(record, "temporarySpeedLimit"),
            lanes_closed=_number(record, "numberOfLanesRestricted"),
            lanes_open=_number(record, "numberOfOperationalLanes"),
            route=_route(record),
        )

    def title(self, language: str) -> str:
        """Return what it is in the source's language, as a title without a place."""
        return self.what("de" if language.lower().startswith("de") else "en")

    def what(self, lang: str) -> str:
        """Return what it is, the reason first: ``Bauarbeiten, Fahrstreifen gesperrt``."""
        worst = sorted(self.management, key=lambda code: code not in _FULL)
        found = [*self._reasons(lang)[:2], *words("management", worst, lang)[:2]]
        return sentence(found) or sentence(words("record", self.kinds, lang))

    def reason(self, lang: str) -> str:
        """Return why: the works, the cause, else the kinds of records that are a cause."""
        return sentence(self._reasons(lang))

    def _reasons(self, lang: str) -> list[str]:
        causes = (one for one in self.kinds if not one.endswith("Management"))
        return words("works", self.works, lang) or words("cause", self.causes, lang) or words("record", causes, lang)

    def restriction(self, lang: str) -> str:
        """Return what is closed or limited."""
        return sentence(words("management", self.management, lang))

    def detour(self, lang: str) -> str:
        """Return the diversion's description, in ``lang`` if there is one."""
        routes = dict(self.route)
        return routes.get(lang) or next(iter(routes.values()), "")

    def until(self, lang: str) -> str:
        """Return the word between the two ends of a section."""
        return frame("until", lang)

    def lines(self, lang: str, places: Whereabouts) -> list[str]:
        """Return the body: reason, restriction, lanes, speed, direction, length, diversion."""
        detour = self.detour(lang)
        return [
            self.reason(lang),
            self.restriction(lang),
            frame("closed_lanes", lang, self.lanes_closed) if self.lanes_closed else "",
            frame("open_lanes", lang, self.lanes_open) if self.lanes_open else "",
            sentence([frame("speed", lang, self.speed)]) if self.speed else "",
            sentence([places.direction(lang)]),
            sentence([frame("length", lang, places.length)]) if places.length else "",
            f"{frame('detour', lang)}: {detour}" if detour else "",
        ]


def codes_of(records: Sequence[etree._Element]) -> Say:
    """Return what all ``records`` say together, each code once."""
    found = [Say.of(one) for one in records]

    def united(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for one in found for code in getattr(one, name)))

    return Say(
        management=united("management"),
        works=united("works"),
        causes=united("causes"),
        kinds=united("kinds"),
        blocked=any(one.blocked for one in found),
        speed=next(filter(None, (one.speed for one in found)), ""),
        lanes_closed=next(filter(None, (one.lanes_closed for one in found)), ""),
        lanes_open=next(filter(None, (one.lanes_open for one in found)), ""),
        route=tuple(dict.fromkeys(pair for one in found for pair in one.route)),
    )


def comments(records: Sequence[etree._Element], language: str) -> list[tuple[str, str]]:
    """Return the comments for the public by language (lower case), those of several records under each other."""
    found: dict[str, list[str]] = {}
    for record in records:
        for comment in children(record, "generalPublicComment"):
            for lang, value in multilingual(child(comment, "comment"), language):
                kept = found.setdefault(lang, [])
                if value not in kept:
                    kept.append(value)
    return [(lang, "\n".join(values)[:_LONGEST]) for lang, values in found.items()]


def multilingual(element: etree._Element | None, language: str) -> list[tuple[str, str]]:
    """Return the values of a MultilingualString with their language, ``language`` where none is said."""
    pairs = (
        (_tag(str(one.get("lang", "")), language), plain_text(one.text, _LONGEST)) for one in below(element, "value")
    )
    return [(lang, value) for lang, value in pairs if value]


def _tag(lang: str, otherwise: str) -> str:
    tag = lang.strip().lower()
    return tag if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", tag, re.ASCII) else otherwise.lower()


def _codes(record: etree._Element, names: Sequence[str]) -> tuple[str, ...]:
    found = (" ".join((one.text or "").split()) for one in below(record, *names) if not len(one))
    return tuple(dict.fromkeys(code for code in found if code))


def _number(record: etree._Element, name: str) -> str:
    """Return a number without a useless fraction (``70.0`` is 70), empty if there is none or it is 0."""
    number = next((finite(one.text) for one in below(record, name)), None)
    return f"{number:g}" if number else ""


def _route(record: etree._Element) -> tuple[tuple[str, str], ...]:
    found = []
    for one in below(record, "reroutingItineraryDescription", "alternativeRouteDescription"):
        found += multilingual(one, "")
    return tuple(found)
