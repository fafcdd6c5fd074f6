"""Road closures out of whatever format a road authority has (``dialects.py``), one item per closure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds._json_body import finite
from feeds.roads import dialects
from feeds.roads.closure import MOST_ENTRIES, Closure, NotShownError, Setting, to_item
from feeds.roads.geojson import Reader
from feeds.roads.geometry import is_near
from feeds.roads.identity import merged, named
from feeds.roads.mapping import fields_of
from feeds.roads.moments import ends
from hub.core.errors import SourceConfigError, SourceTooLarge
from hub.core.notice import Position
from hub.core.source import Fetched, Item, Source

_MOST_FAULTS = 200
_REPAIRS = {
    "swapped-coordinates": "latitude and longitude were swapped",
    "metres": "the coordinates are metres of a grid that the source does not name; set crs=EPSG:25832 (or 25833, 3857)",
    "unreadable-geometry": "the geometry cannot be read and was left out",
    "unreadable-times": "a time cannot be read and was left out",
    "nowhere": "the place is only a code (Alert-C) or missing, so nobody is told",
}


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per closure; those with one key are joined, those far from ``near`` left out.

    Raises ``SourceRefused`` for an answer of no known format, ``SourceTooLarge`` beyond 20,000 entries,
    ``SourceConfigError`` for settings that cannot work. A broken entry becomes a fault, the others go on; what is
    not for residents becomes a note.
    """
    source = fetched.source
    near = _near(source)
    closures: list[Closure] = []
    faults: list[Item] = []
    hidden: Counter[str] = Counter()
    for number, read in enumerate(_readers(fetched)):
        if number >= MOST_ENTRIES:
            raise SourceTooLarge(f"The answer holds more than {MOST_ENTRIES} entries.", subject=source.url)
        try:
            closures.append(read())
        except NotShownError as error:
            hidden[str(error)] += 1
        except ValueError as error:
            faults.append(Item(key=f"entry-{number + 1}", fault=str(error)))
    kept = [one for one in closures if near is None or (one.geometry and is_near(one.geometry, *near))]
    joined = [_ended(one, _zone(source)) for one in merged(kept)]
    return [
        *(to_item(one, key) for key, one in named(joined)),
        *_few(faults),
        *_notes(hidden, joined),
        *_incomplete(fetched),
    ]


def _readers(fetched: Fetched) -> Iterator[Callable[[], Closure]]:
    """Yield, for each entry of each document, what reads it."""
    source = fetched.source
    config = source.config
    setting = Setting(_zone(source), source.language, publishers=config.get("restricted") == "publishers")
    reader = Reader(fields_of(source), setting.zone, config.get("coordinates", "") or "auto")
    for document in fetched.documents:
        yield from dialects.readers(document, setting, reader, config.get("format", "") or "auto")


def _ended(closure: Closure, zone: ZoneInfo) -> Closure:
    """Mark as over what the source ended itself: its end lies before its last change."""
    past = closure.end is not None and closure.sent is not None and ends(closure.end, zone) <= closure.sent
    return replace(closure, over=True) if past else closure


def _few(faults: list[Item]) -> list[Item]:
    """Return so many faults as a person would read."""
    more = len(faults) - _MOST_FAULTS
    rest = [Item("faults", note=f"{more} more entries could not be read.")] if more > 0 else []
    return faults[:_MOST_FAULTS] + rest


def _notes(hidden: Counter[str], closures: Iterable[Closure]) -> list[Item]:
    """Return the remarks on the whole: what is not shown and why, and what was put right."""
    repairs: Counter[str] = Counter()
    for one in closures:
        repairs.update(set(one.repairs) | ({"nowhere"} if one.where and one.geometry is None else set()))
    said = [f"Not shown ({count}): {reason}." for reason, count in sorted(hidden.items())]
    said += [f"{name}: {count} × {_REPAIRS[name]}." for name, count in sorted(repairs.items())]
    return [Item(f"note-{number}", note=text) for number, text in enumerate(said, start=1)]


def _incomplete(fetched: Fetched) -> list[Item]:
    text = "The source has more pages than are read in one poll; please narrow the address (bbox, filter)."
    return [Item("note-pages", note=text)] if fetched.partial else []


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
