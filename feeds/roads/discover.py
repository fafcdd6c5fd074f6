"""What a road authority's address has to choose from: motorways, a map server's layers, a mapping for its GeoJSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from feeds._conditional import document as document_of
from feeds._conditional import get
from feeds._json_body import one_line, read_json
from feeds.roads import wzdx
from feeds.roads.fetch import AUTOBAHN, SCHEME, urls
from feeds.roads.geojson import features_in
from feeds.roads.gml import features as gml_features
from feeds.roads.mapping import fields_of, recognised
from feeds.roads.xml_stream import below, elements, local_name, root_name, text
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.ports import Http, Limits
from hub.core.source import Document, FetchState, Offer, Source

_MOST_OFFERS = 200
_MOST_LOOKED_AT = 50  # features
_ABOUT_ROADS = re.compile(r"baustell|sperr|verkehr|stra(?:ß|ss)e|roadwork|closure|umleit|behinder", re.IGNORECASE)
_LIMITS = Limits(size=10_000_000)


def discover(source: Source, http: Http) -> list[Offer]:
    """Return the motorways of the Autobahn API, the layers of a WFS, or mappings for an unknown GeoJSON.

    ``[]`` when ``source`` can be read as it is. Raises ``SourceError``: what is refused in a poll is refused here.
    """
    if source.url.lower().startswith(SCHEME) or re.search(r"/o/autobahn/?$", source.url):
        return _motorways(source, http)
    if source.config.get("road"):
        urls(source)  # says what is wrong with them
        return []
    answer = get(_capabilities(source.url), FetchState(), http, datetime.now(UTC), limits=_LIMITS)
    if answer is None:
        return []
    found = document_of(answer)
    if b"<" in found.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:2] and "Capabilities" in _root(found):
        return _layers(source, found)
    return _mappings(source, found)


def _motorways(source: Source, http: Http) -> list[Offer]:
    """Return one offer per motorway; one that is named needs no question."""
    short = source.url.lower().startswith(SCHEME)
    base = AUTOBAHN if short else source.url.rstrip("/")
    named = source.url[len(SCHEME) :].strip() if short else ""
    named = named or source.config.get("road", "")
    if named:
        urls(replace(source, config={**source.config, "road": named}))
        return [_motorway(named.upper(), base)]
    answer = get(f"{base}/", FetchState(), http, datetime.now(UTC), limits=_LIMITS)
    value = read_json(document_of(answer)) if answer else None
    roads = value.get("roads") if isinstance(value, dict) else None
    names = [one_line(one, 10) for one in roads] if isinstance(roads, list) else []
    found = [one for one in dict.fromkeys(names) if re.fullmatch(r"A\d{1,3}[a-z]?", one, re.ASCII)]
    if not found:
        raise SourceRefused("The Autobahn API names no motorway.", subject=base)
    return [_motorway(one, base) for one in sorted(found, key=_road_order)[:_MOST_OFFERS]]


def _motorway(road: str, base: str) -> Offer:
    return Offer(f"Autobahn {road}", base, {"road": road, "service": "roadworks,closure,warning"})


def _road_order(road: str) -> tuple[int, str]:
    return int(re.sub(r"\D", "", road)), road


def _capabilities(url: str) -> str:
    """Return the address to ask: a WFS without a request is asked what it has."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100))
    lower = {name.lower(): value for name, value in query.items()}
    looks = (
        re.search(r"/(?:wfs|ows)/?$|wfs[^/]*$", parts.path, re.IGNORECASE) or lower.get("service", "").lower() == "wfs"
    )
    if not looks or lower.get("request"):
        return url
    query |= {"service": "WFS", "request": "GetCapabilities"}
    return urlunsplit(parts._replace(query=urlencode(query)))


def _layers(source: Source, found: Document) -> list[Offer]:
    """Return one offer per feature type, those about roads first."""
    version, formats, offers = "2.0.0", "", []
    for element in elements(found.body, ("FeatureType", "OperationsMetadata")):
        if local_name(element).endswith("Capabilities"):
            version = element.get("version") or version
        elif local_name(element) == "OperationsMetadata":
            formats += " ".join(one.text or "" for one in below(element, "Value"))
        elif len(element) and (name := text(element, "Name")):
            own = formats + " ".join(one.text or "" for one in below(element, "Format"))
            title = one_line(text(element, "Title") or name, 150)
            offers.append(Offer(f"{title} ({name})", _get_feature(found.url, name, version, own)))
    if not offers:
        raise SourceRefused("The map server (WFS) offers no feature types.", subject=source.url)
    return sorted(offers, key=lambda one: not _ABOUT_ROADS.search(one.title))[:_MOST_OFFERS]


def _get_feature(url: str, name: str, version: str, formats: str) -> str:
    """Return the address of a layer, as GeoJSON in degrees where the server can."""
    parts = urlsplit(url)
    ours = {"service", "request", "version", "acceptversions"}
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0].lower() not in ours]
    new = version.startswith("2")
    query = [*kept, ("service", "WFS"), ("version", version), ("request", "GetFeature")]
    query += [("typeNames" if new else "typeName", name), ("srsName", "EPSG:4326")]
    json_format = next(
        (one for one in ("application/geo+json", "application/json", "geojson") if one in formats.lower()), ""
    )
    query += [("outputFormat", json_format)] if json_format else []
    query += [("count" if new else "maxFeatures", "1000")]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _mappings(source: Source, found: Document) -> list[Offer]:
    """Return what completes a GeoJSON or WFS source: a preset that fits, else each property that may be the title."""
    features = _features(found, source)
    if features is None or source.config.get("preset") or source.config.get("mapping.title"):
        return []
    known = _names(features)
    preset = recognised(known)
    if preset:
        return [Offer(f"{len(features)} entries, properties as in {preset}", source.url, {"preset": preset})]
    if not features or _suffices(source, features):
        return []
    offers = [
        Offer(f"Title from {name}, for instance “{example}”", source.url, {"mapping.title": name})
        for name, example in known.items()
        if re.search(r"[^\W\d_]{3}", example)
    ]
    if offers:
        return offers[:_MOST_OFFERS]
    raise SourceConfigError(
        f"No property can serve as a title; there are: {', '.join(known) or 'none'}. Say which means what: "
        "ortsruf source preview roads ADDRESS --set mapping.title=NAME --set mapping.start=NAME.",
        subject=source.url,
    )


def _features(found: Document, source: Source) -> list[Any] | None:
    """Return the features of GeoJSON or GML, ``None`` for a format that needs no mapping. Raises as a poll would."""
    if found.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        if _root(found) == "FeatureCollection":
            return [feature for feature, _ in gml_features(found.body)]
        _try(found, source)
        return None
    value = read_json(found)
    if wzdx.is_feed(value):
        return None
    features = features_in(value, found.url) if isinstance(value, dict) else None
    if features is None:
        _try(found, source)
        return None
    return features[0]


def _try(found: Document, source: Source) -> None:
    """Raise what a poll would raise for this answer."""
    from feeds.roads.parse import parse
    from hub.core.source import Fetched

    parse(Fetched((found,), datetime.now(UTC), FetchState(), source))


def _root(found: Document) -> str:
    if b"<html" in found.body[:2_000].lower() or b"<!doctype" in found.body[:2_000].lower():
        return ""
    return root_name(found.body)


def _names(features: Sequence[Any]) -> dict[str, str]:
    """Return the properties with an example each, in the order of the source."""
    found: dict[str, str] = {}
    for feature in features[:_MOST_LOOKED_AT]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        for name, value in (properties if isinstance(properties, dict) else {}).items():
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else one_line(value, 60)
            found[str(name)[:120]] = found.get(str(name)[:120]) or shown[:60]
    return found


def _suffices(source: Source, features: Sequence[Any]) -> bool:
    """Whether the known names give most entries a title or a street."""
    fields = fields_of(source)
    some = [one.get("properties") for one in features[:_MOST_LOOKED_AT] if isinstance(one, dict)]
    said = [_says(fields.text, one) for one in some if isinstance(one, Mapping)]
    return sum(said) * 2 >= len(said) > 0


def _says(read: Any, properties: Mapping[str, Any]) -> bool:
    return bool(read("title", properties) or read("street", properties))
