"""Any GeoJSON of road works (RFC 7946): a FeatureCollection or one Feature, read through a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from feeds._json_body import one_line, web_address
from feeds.roads.autobahn import text_of
from feeds.roads.closure import Closure
from feeds.roads.geometry import read_geometry
from feeds.roads.mapping import Fields, as_text
from feeds.roads.moments import as_day, is_reversed, read_moment
from feeds.roads.prose import Period, read_period
from feeds.roads.wording import is_full_closure, motorway_title, names_closure, place_title
from hub.core.errors import SourceRefused
from hub.core.notice import Geometry, Moment

_WGS84 = ("CRS84", ":4326", ":4258", "EPSG::4326")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads features of one source: its ``fields``, its ``zone`` and its ``order`` of coordinates."""

    fields: Fields
    zone: tzinfo
    order: str = "auto"

    def closure(self, feature: Any) -> Closure:
        """Return one feature. Raises ``ValueError`` in plain words if it is none or says neither what nor where.

        A geometry that cannot be read is left out: a closure without position is still news for the whole town.
        """
        properties = _properties(feature)
        texts = {name: self.fields.text(name, properties) for name in _TEXTS}
        period = self._period(properties, texts["prose"] or texts["body"])
        texts["prose" if texts["prose"] else "body"] = "\n".join(text_of(period))
        blocked = is_full_closure(*texts.values())
        title = _title(texts, blocked=blocked)
        if not title:
            raise ValueError("The entry names neither a title nor a street.")
        return Closure(
            title=title,
            own_id=one_line(self.fields.value("id", properties), 500) or _feature_id(feature),
            kind="closure" if blocked or names_closure(texts["category"]) else "roadworks",
            category=_line(texts["category"])[:80],
            street=_line(texts["street"]),
            district=_line(texts["district"]),
            ars=texts["ars"],
            lines=(*_lines(texts, title), *self._odd_dates(properties)),
            blocked=blocked,
            begin=period.begin,
            end=period.end,
            url=web_address(self.fields.value("url", properties)),
            attribution=self.fields.attribution,
            geometry=self._geometry(feature),
        )

    def _period(self, properties: Mapping[str, Any], prose: str) -> Period:
        found = read_period(prose.split("\n"), self.zone)
        begin = self._moment("start", properties) or found.begin
        end = self._moment("end", properties) or found.end
        if begin == end:
            begin = end = as_day(begin, self.zone)  # from 00:00 to 00:00 of one day means that day
        if begin and end and is_reversed(begin, end, self.zone):
            end = None  # a mistake of the source: open is safer than over
        return Period(begin, end, found.when, found.rest)

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

    def _geometry(self, feature: Mapping[str, Any]) -> Geometry | None:
        try:
            return read_geometry(feature.get("geometry"), self.order)
        except ValueError:
            return None


_TEXTS = ("title", "street", "section", "district", "category", "restriction", "body", "prose", "detour", "ars")


def features_in(value: Any, url: str) -> list[Any] | None:
    """Return the features of ``value``, ``None`` if it is no GeoJSON.

    Raises ``SourceRefused`` for GeoJSON that is not meant: WZDx, coordinates in metres, a bare geometry.
    """
    if not isinstance(value, dict):
        return None
    if value.get("type") == "Feature":
        return [value]
    if value.get("type") != "FeatureCollection":
        return None
    if "feed_info" in value or "road_event_feed_info" in value:
        raise SourceRefused(
            "The address leads to WZDx, which is not read here; please give plain GeoJSON.", subject=url
        )
    _check_reference_system(value.get("crs"), url)
    features = value.get("features")
    if not isinstance(features, list):
        raise SourceRefused("The GeoJSON has no list of features.", subject=url)
    return features


def _feature_id(feature: Mapping[str, Any]) -> str:
    """Return the feature's ``id`` (RFC 7946, 3.2) unless a map server made it up for this one answer."""
    text = one_line(feature.get("id"), 500)
    return "" if ".fid-" in text or text.isdigit() else text


def _check_reference_system(crs: Any, url: str) -> None:
    """Refuse what names a grid in metres (GeoJSON 2008, ``crs``): the closures would lie in the Atlantic."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if name and not name.endswith(_WGS84):
        raise SourceRefused(
            f"The coordinates are in {one_line(name, 60)}; please ask the provider for WGS84 (EPSG:4326).", subject=url
        )


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
