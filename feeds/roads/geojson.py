"""Any GeoJSON of road works (RFC 7946): a FeatureCollection or one Feature, read through a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from feeds._json_body import one_line
from feeds.roads.autobahn import text_of
from feeds.roads.closure import Closure, NotShownError, facts
from feeds.roads.geometry import read_located
from feeds.roads.grids import epsg_of, is_known
from feeds.roads.identity import lasting_address
from feeds.roads.mapping import Fields, as_text, recognised, with_preset
from feeds.roads.moments import as_day, ends, is_reversed, read_moment
from feeds.roads.prose import Period, read_period
from feeds.roads.prose_facts import facts_in, is_ended, says_free, without_writing_time
from feeds.roads.spans import find_span
from feeds.roads.streets import listed_streets, named_districts, named_streets
from feeds.roads.wording import is_full_closure, motorway_title, names_closure, place_title
from hub.core.errors import SourceRefused
from hub.core.notice import Geometry, Moment


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads features of one source: its ``fields``, its ``zone`` and its ``order`` of coordinates."""

    fields: Fields
    zone: tzinfo
    order: str = "auto"

    def closure(self, feature: Any, epsg: str = "") -> Closure:
        """Return one feature whose positions are in the grid ``epsg`` (empty: degrees, or as the settings say).

        Raises ``ValueError`` in plain words if it is none or says neither what nor where, ``NotShownError`` if the
        settings leave it out. A geometry that cannot be read is left out: a closure without position is still news
        for the whole town.
        """
        properties = _properties(feature)
        if not self.fields.is_wanted(properties):
            raise NotShownError(f"not of {self.fields.only[1]}")
        texts = {name: without_writing_time(self.fields.text(name, properties)) for name in _TEXTS}
        period = self._period(properties, texts)
        texts["prose" if texts["prose"] else "body"] = "\n".join(text_of(period))
        blocked = is_full_closure(*(texts[name] for name in _SAYS_WHAT))
        title = _title(texts, blocked=blocked)
        if not title:
            raise ValueError("The entry names neither a title nor a street.")
        geometry, repairs = self._geometry(feature, self.fields.epsg or epsg)
        return Closure(
            title=title,
            own_id=one_line(self.fields.value("id", properties), 500) or _feature_id(feature),
            kind="closure" if blocked or names_closure(texts["category"]) else "roadworks",
            category=_line(texts["category"])[:80],
            street=_line(texts["street"]),
            streets=_streets(texts, title),
            districts=_districts(texts),
            section=_line(texts["section"] or texts["title"]),
            ars=texts["ars"],
            lines=(*_lines(texts, title), *self._odd_dates(properties)),
            blocked=blocked,
            over=self._is_over(properties, texts, period),
            begin=period.begin,
            end=period.end,
            spans=period.spans,
            facts=_facts(texts),
            url=lasting_address(self.fields.value("url", properties)),
            attribution=self.fields.attribution,
            geometry=geometry,
            repairs=repairs,
        )

    def fitted(self, features: Sequence[Any]) -> Reader:
        """Return the reader with the preset whose properties all ``features`` have, if the settings name no mapping."""
        if not self.fields.automatic or self.fields.patterns:
            return self
        names = {name for one in features[:_LOOKED_AT] for name in _property_names(one)}
        preset = recognised(names)
        return replace(self, fields=with_preset(self.fields, preset)) if preset else self

    def _period(self, properties: Mapping[str, Any], texts: Mapping[str, str]) -> Period:
        """Return what the fields say, else the lines of the Autobahn's form, else free prose."""
        found = read_period((texts["prose"] or texts["body"]).split("\n"), self.zone)
        begin = self._moment("start", properties) or found.begin
        end = self._moment("end", properties) or found.end
        if begin is None and end is None:
            begin, end = find_span("\n".join(texts[name] for name in _SAYS_WHEN), self.zone)
        elif end is None:  # "ab 1.3." as a date, "bis voraussichtlich Ende Mai 2027" in words
            end = find_span(f"bis {self.fields.text('end', properties)}", self.zone)[1]
        if begin == end:
            begin = end = as_day(begin, self.zone)  # from 00:00 to 00:00 of one day means that day
        if begin and end and is_reversed(begin, end, self.zone):
            end = None  # a mistake of the source: open is safer than over
        return Period(begin, end, found.when, found.rest, found.spans)

    def _is_over(self, properties: Mapping[str, Any], texts: Mapping[str, str], period: Period) -> bool:
        """Whether the source itself says that the road is free: in words, by a state, or by an end set in the past."""
        if is_ended(self.fields.text("state", properties)):
            return True
        if says_free(*(texts[name] for name in ("title", "category", "restriction", "body", "prose"))):
            return True
        changed = read_moment(self.fields.value("changed", properties), self.zone)
        return bool(period.end and isinstance(changed, datetime) and ends(period.end, self.zone) <= changed)

    def _moment(self, name: str, properties: Mapping[str, Any]) -> Moment | None:
        found = read_moment(self.fields.value(name, properties), self.zone, self.fields.date_format)
        return as_day(found, self.zone) if self.fields.whole_days else found

    def _odd_dates(self, properties: Mapping[str, Any]) -> list[str]:
        """Return dates in words ("Ende: Frühjahr 2027") for the text, so that they are not lost."""
        labels = {"start": "Beginn", "end": "Ende"}
        texts = {name: self.fields.text(name, properties) for name in labels}
        wordy = re.compile(r"[A-Za-zäöüÄÖÜ]{3}")
        return [
            f"{labels[name]}: {_line(text)}"
            for name, text in texts.items()
            if wordy.search(text) and self._moment(name, properties) is None
        ]

    def _geometry(self, feature: Mapping[str, Any], epsg: str) -> tuple[Geometry | None, tuple[str, ...]]:
        try:
            return read_located(feature.get("geometry"), self.order, epsg)
        except ValueError as error:
            return None, ("metres" if "grid" in str(error) else "unreadable-geometry",)


_LOOKED_AT = 50  # features whose property names are compared with the presets
_TEXTS = (
    "title", "street", "section", "district", "category", "restriction", "body", "prose", "detour", "ars", "reason",
    "direction", "length",
)  # fmt: skip
_SAYS_WHAT = ("title", "street", "section", "category", "restriction", "body", "prose")
_SAYS_WHEN = ("title", "restriction", "body", "prose", "section")


def features_in(value: Any, url: str) -> tuple[list[Any], str] | None:
    """Return the features of ``value`` and the grid of their positions (empty: degrees), ``None`` if it is no GeoJSON.

    Raises ``SourceRefused`` for GeoJSON in a grid that cannot be read, and for one without features.
    """
    if not isinstance(value, dict):
        return None
    if value.get("type") == "Feature":
        return [value], ""
    if value.get("type") != "FeatureCollection":
        return None
    features = value.get("features")
    if not isinstance(features, list):
        raise SourceRefused("The GeoJSON has no list of features.", subject=url)
    return features, _grid(value.get("crs"), url)


def _feature_id(feature: Mapping[str, Any]) -> str:
    """Return the feature's ``id`` (RFC 7946, 3.2) unless a map server made it up for this one answer."""
    text = one_line(feature.get("id"), 500)
    return "" if ".fid-" in text or text.isdigit() else text


def _grid(crs: Any, url: str) -> str:
    """Return the grid that the GeoJSON names (2008's ``crs``, as map servers still write it), empty for degrees."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = one_line(properties.get("name") or properties.get("code"), 100) if isinstance(properties, dict) else ""
    if not name or is_known(epsg_of(name)):
        return epsg_of(name)
    raise SourceRefused(
        f"The coordinates are in {name[:60]}, which cannot be read; please ask the provider for WGS84 (EPSG:4326).",
        subject=url,
    )


def _property_names(feature: Any) -> Iterable[str]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else ()


def _properties(feature: Any) -> Mapping[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise ValueError("The entry is no GeoJSON feature.")
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        raise ValueError("The entry has no properties.")  # noqa: TRY004 - bad data, not a wrong call
    return properties


def _title(texts: Mapping[str, str], *, blocked: bool) -> str:
    """Return the source's own title with the street before it, else one made of street, kind and section."""
    title, street = _line(texts["title"]), _line(texts["street"])
    what = _line(texts["category"]) or _line(texts["restriction"])
    if "|" in title and re.match(r"A\d", title):
        return motorway_title(title, "roadworks", blocked=blocked)
    if title:
        return f"{street}: {title}" if street and street.lower() not in title.lower() else title
    if street:
        return place_title(street, what, _line(texts["section"]), blocked=blocked)[:300]
    text = _line(texts["body"])
    return f"{what}: {text}"[:120] if what and text else what


def _streets(texts: Mapping[str, str], title: str) -> tuple[str, ...]:
    """Return the streets of the property, the cross streets of the section, else those that the text names."""
    listed, named = listed_streets(texts["street"]), named_streets(texts["street"])
    exact = [one for one in listed if not any(name != one and name in one for name in named)]
    found = (*exact, *named, *named_streets(texts["section"])) if texts["street"] else ()
    prose = (title, texts["section"], texts["restriction"], texts["body"], texts["prose"])
    return tuple(dict.fromkeys(found or named_streets(". ".join(filter(None, prose)))))


def _districts(texts: Mapping[str, str]) -> tuple[str, ...]:
    district = _line(texts["district"])
    if district:
        return tuple(filter(None, (one.strip() for one in re.split(r"[,;/]", district))))[:5]
    return named_districts(". ".join(filter(None, (texts["title"], texts["street"], texts["section"]))))


def _facts(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the facts of the properties, else those that the text states."""
    stated = facts_in("\n".join(texts[name] for name in _SAYS_WHAT))
    own = {
        "restriction": texts["restriction"], "reason": texts["reason"], "direction": texts["direction"],
        "length": texts["length"], "detour": texts["detour"],
    }  # fmt: skip
    return facts(**stated | {name: value for name, value in own.items() if value})


def _lines(texts: Mapping[str, str], title: str) -> list[str]:
    """Return the lines of the body that the title does not say already."""
    found = [
        line for name in ("section", "category", "restriction", "body", "prose") for line in texts[name].split("\n")
    ]
    known = title.lower()
    lines = [line for line in dict.fromkeys(found) if line and line.lower() not in known]
    detour = as_text(texts["detour"])
    return [*lines, f"Umleitung: {detour}"] if detour else lines


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
