"""Road closures out of Autobahn lists and GeoJSON, told apart by their content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds._json_body import finite, read_json
from feeds.roads import autobahn, geojson
from feeds.roads.closure import Closure, merged, to_item
from feeds.roads.geometry import is_near
from feeds.roads.mapping import fields_of
from hub.core.errors import SourceConfigError, SourceRefused, SourceTooLarge
from hub.core.notice import Position
from hub.core.source import Document, Fetched, Item, Source

_MOST_ENTRIES = 20_000


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per closure; those with one key are joined, those far from ``near`` left out.

    Raises ``SourceRefused`` for an answer that is neither format, ``SourceTooLarge`` beyond 20,000 entries,
    ``SourceConfigError`` for settings that cannot work. A broken entry becomes a fault, the others go on.
    """
    source = fetched.source
    near = _near(source)
    closures: list[Closure] = []
    faults: list[Item] = []
    for number, read in enumerate(_readers(fetched)):
        if number >= _MOST_ENTRIES:
            raise SourceTooLarge(f"The answer holds more than {_MOST_ENTRIES} entries.", subject=source.url)
        try:
            closures.append(read())
        except ValueError as error:
            faults.append(Item(key=f"entry-{number + 1}", fault=str(error)))
    kept = (one for one in closures if near is None or (one.geometry and is_near(one.geometry, *near)))
    return [to_item(one) for one in merged(kept)] + faults


def _readers(fetched: Fetched) -> Iterator[Callable[[], Closure]]:
    """Yield, for each entry of each document, what reads it."""
    source = fetched.source
    zone = _zone(source)
    reader = geojson.Reader(fields_of(source), zone, source.config.get("coordinates", "") or "auto")
    for document in fetched.documents:
        found = read_json(document)
        lists = _lists(found, document, source)
        if lists is not None:
            for service, entries in lists.items():
                yield from (_entry(entry, service, zone) for entry in entries)
            continue
        yield from (_feature(one, reader) for one in _features(found, document))


def _entry(entry: Any, service: str, zone: ZoneInfo) -> Callable[[], Closure]:
    def read() -> Closure:
        if not isinstance(entry, dict):
            raise ValueError("The entry is no object.")  # noqa: TRY004 - bad data, not a wrong call
        return autobahn.read_closure(entry, service, zone)

    return read


def _feature(feature: Any, reader: geojson.Reader) -> Callable[[], Closure]:
    return lambda: reader.closure(feature)


def _lists(found: Any, document: Document, source: Source) -> dict[str, list[Any]] | None:
    """Return the Autobahn lists if this is the Autobahn API and may be; ``None`` leaves it to GeoJSON."""
    if source.config.get("format") == "geojson":
        return None
    lists = autobahn.lists_in(found)
    if lists or source.config.get("format") != "autobahn":
        return lists or None
    raise SourceRefused("The answer is no list of the Autobahn API.", subject=document.url)


def _features(found: Any, document: Document) -> list[Any]:
    features = geojson.features_in(found, document.url)
    if features is not None:
        return features
    if isinstance(found, dict) and "events" in found:
        raise SourceRefused(
            "The address leads to Open511, which is not read here; please give a GeoJSON address.", subject=document.url
        )
    raise SourceRefused("The answer is neither GeoJSON nor a list of the Autobahn API.", subject=document.url)


def _near(source: Source) -> tuple[Position, float] | None:
    """Return the point (longitude, latitude) and radius in km of the settings, ``None`` if they name no point."""
    text = source.config.get("near", "").strip()
    if not text:
        return None
    pair = [finite(one) for one in text.replace(";", ",").split(",")]
    radius = finite(source.config.get("radius_km", "") or "25")
    if len(pair) != 2 or None in pair or not radius or radius <= 0:  # noqa: PLR2004 - a pair
        raise SourceConfigError(
            "near must be latitude,longitude (51.05,13.74) and radius_km above 0.", subject=source.id
        )
    latitude, longitude = (float(one or 0.0) for one in pair)
    if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 - degrees
        raise SourceConfigError("near is no position on earth; it is latitude,longitude.", subject=source.id)
    return (longitude, latitude), radius


def _zone(source: Source) -> ZoneInfo:
    try:
        return ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceConfigError(f"There is no time zone called {source.zone!r}.", subject=source.id) from error
