"""Which format an answer has, told by its content, and what reads it. The setting ``format`` forces one.

What is recognised but not meant (a login page, a news feed, measured traffic data, a map server's refusal) is refused
by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from feeds._json_body import read_json
from feeds.roads import autobahn, cifs, datex, geojson, gml, open511, wzdx
from feeds.roads.closure import MOST_ENTRIES, Closure, Setting
from feeds.roads.geojson import Reader
from feeds.roads.grids import is_known
from feeds.roads.xml_stream import root_name
from hub.core.errors import SourceRefused, SourceTooLarge
from hub.core.source import Document

FORMATS = ("autobahn", "geojson", "wfs", "datex2", "wzdx", "open511", "cifs")
_KNOWN = "the Autobahn API, GeoJSON, WFS (GML), DATEX II, WZDx, Open511 and Waze CIFS"
_LOGIN = re.compile(rb"""type\s*=\s*["']?password""", re.IGNORECASE)
_CODE = "EPSG:"

Readers = Iterator[Callable[[], Closure]]


def readers(document: Document, setting: Setting, reader: Reader, wanted: str) -> Readers:
    """Yield what reads each entry of ``document``; ``wanted`` is one of :data:`FORMATS` or ``auto``.

    Raises ``SourceRefused`` for what is none of them, or not the one that is wanted.
    """
    start = document.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1_000].replace(b"\0", b"")
    if b"<" in start[:4] and b"<html" not in start.lower() and b"<!doctype html" not in start.lower():
        return _from_xml(document, setting, reader, wanted)
    if b"<" in start[:4] and _LOGIN.search(document.body):
        raise SourceRefused("The source answered with a login page instead of data.", subject=document.url)
    return _from_json(read_json(document), document, setting, reader, wanted)


def _from_json(value: Any, document: Document, setting: Setting, reader: Reader, wanted: str) -> Readers:
    lists = [one for one in value.values() if isinstance(one, list)] if isinstance(value, dict) else []
    if any(len(one) > MOST_ENTRIES for one in lists):  # said at once, before any of them is read
        raise SourceTooLarge(f"The answer holds more than {MOST_ENTRIES} entries.", subject=document.url)
    name = _name_of(value, wanted)
    _check(name, wanted, document)
    if name == "autobahn":
        return _autobahn(autobahn.lists_in(value), setting)
    if name == "wzdx":
        return wzdx.readers(value, setting, document.url)
    if name == "open511":
        return open511.readers(value, setting)
    if name == "cifs":
        return cifs.readers(value, setting)
    found = geojson.features_in(value, document.url)
    if found is None:
        raise SourceRefused(f"The answer is neither of the formats that can be read: {_KNOWN}.", subject=document.url)
    features, epsg = found
    reader = reader.fitted(features)
    return (partial(reader.closure, one, epsg) for one in features)


def _name_of(value: Any, wanted: str) -> str:
    """Return the name of the format of a JSON value; GeoJSON if it is wanted and may be."""
    if not isinstance(value, dict):
        return "geojson"
    if wanted == "geojson" and value.get("type") in {"FeatureCollection", "Feature"}:
        return "geojson"
    if autobahn.lists_in(value):
        return "autobahn"
    if wzdx.is_feed(value):
        return "wzdx"
    if isinstance(value.get("events"), list):
        return "open511"
    return "cifs" if isinstance(value.get("incidents"), list | dict) else "geojson"


def _autobahn(lists: dict[str, list[Any]], setting: Setting) -> Readers:
    for service, entries in lists.items():
        yield from (partial(_entry, one, service, setting) for one in entries)


def _entry(entry: Any, service: str, setting: Setting) -> Closure:
    if not isinstance(entry, dict):
        raise ValueError("The entry is no object.")  # noqa: TRY004 - bad data, not a wrong call
    return autobahn.read_closure(entry, service, setting.zone)


def _from_xml(document: Document, setting: Setting, reader: Reader, wanted: str) -> Readers:
    root = root_name(document.body)
    if root in datex.ROOTS:
        _check("datex2", wanted, document)
        return datex.readers(document.body, setting)
    if root == "incidents":
        _check("cifs", wanted, document)
        return cifs.xml_readers(document.body, setting)
    if root == "open511":
        _check("open511", wanted, document)
        return open511.xml_readers(document.body, setting)
    if root == "FeatureCollection":
        _check("wfs", wanted, document)
        return _from_gml(document, reader)
    gml.refuse_exception(document.body)
    raise SourceRefused(_other(root), subject=document.url)


def _from_gml(document: Document, reader: Reader) -> Readers:
    found = list(gml.features(document.body))
    reader = reader.fitted([feature for feature, _ in found])
    for feature, epsg in found:
        if epsg and not is_known(epsg):
            raise SourceRefused(
                f"The coordinates are in {_CODE}{epsg}, which cannot be read; add srsName=EPSG:4326 to the address.",
                subject=document.url,
            )
        yield partial(reader.closure, feature, epsg)


def _other(root: str) -> str:
    """Return the sentence for XML that is known to be something else."""
    if "Capabilities" in root:
        return "This is a map server's description of itself; please choose one of its feature types (layers)."
    if root in {"rss", "feed", "RDF"}:
        return "The address leads to a news feed (RSS or Atom), which is a kind of source of its own."
    if root == "alert":
        return "The address leads to a CAP alert, which is a kind of source of its own."
    if root == "kml":
        return "The address leads to KML, which cannot be read; please ask the provider for GeoJSON."
    return f"The XML begins with <{root[:40]}>, which is none of the formats that can be read: {_KNOWN}."


def _check(name: str, wanted: str, document: Document) -> None:
    """Refuse another format than the one that the settings force; a WFS may answer with GeoJSON."""
    if wanted in {"", "auto", name} or (wanted == "wfs" and name == "geojson"):
        return
    raise SourceRefused(
        f"The answer is {name}, not {wanted} as the setting format says; known: {', '.join(FORMATS)}.",
        subject=document.url,
    )
