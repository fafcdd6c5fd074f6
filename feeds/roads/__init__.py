"""Road closures and road works: Autobahn API, DATEX II, WZDx, Open511, CIFS, and GeoJSON or WFS with a mapping."""

from __future__ import annotations

from hub.core.source import ConfigField

KIND = "roads"
SCHEMES = ("autobahn",)
TOPIC = "roads"
INTERVAL = 1800

_FORMATS = ("auto", "autobahn", "geojson", "wfs", "datex2", "wzdx", "open511", "cifs")
_PROPERTY = 'property name, dotted path, or text like "{art}: {strasse}"'

CONFIG = (
    ConfigField("format", "Format of the answer", default="auto", choices=_FORMATS),
    ConfigField("road", "Motorways, separated by commas (A1, A2): the address is then the API's base"),
    ConfigField("service", "Autobahn lists, separated by commas: roadworks, closure, warning", default="roadworks"),
    ConfigField(
        "preset", "Ready-made mapping: viz-berlin, rostock, karlsruhe, norderstedt, chemnitz, autobahn-geojson"
    ),
    ConfigField("mapping.id", f"Identifier: {_PROPERTY}"),
    ConfigField("mapping.title", f"Title: {_PROPERTY}"),
    ConfigField("mapping.body", f"Text: {_PROPERTY}"),
    ConfigField("mapping.restriction", f"What is closed: {_PROPERTY}"),
    ConfigField("mapping.prose", f"German text to read the dates from: {_PROPERTY}"),
    ConfigField("mapping.start", f"Begin: {_PROPERTY}"),
    ConfigField("mapping.end", f"End: {_PROPERTY}"),
    ConfigField("mapping.street", f"Street: {_PROPERTY}"),
    ConfigField("mapping.section", f"Section of the street: {_PROPERTY}"),
    ConfigField("mapping.district", f"District: {_PROPERTY}"),
    ConfigField("mapping.detour", f"Detour: {_PROPERTY}"),
    ConfigField("mapping.ars", f"12-digit ARS: {_PROPERTY}"),
    ConfigField("mapping.category", f"Kind of obstruction: {_PROPERTY}"),
    ConfigField("mapping.reason", f"Why: {_PROPERTY}"),
    ConfigField("mapping.direction", f"Direction: {_PROPERTY}"),
    ConfigField("mapping.length", f"Length: {_PROPERTY}"),
    ConfigField("mapping.state", f"State (beendet, aufgehoben … mean that it is over): {_PROPERTY}"),
    ConfigField("mapping.changed", f"Last change of the entry: {_PROPERTY}"),
    ConfigField("mapping.url", f"Address of a page: {_PROPERTY}"),
    ConfigField("date_format", "Format of dates: auto, or as in strptime (%d.%m.%Y %H:%M)", default="auto"),
    ConfigField("midnight", "Is 00:00 a time, or does it stand for the whole day?", choices=("time", "day")),
    ConfigField("coordinates", "Order of coordinates", default="auto", choices=("auto", "lonlat", "latlon")),
    ConfigField("crs", "Grid of the coordinates, if the source does not name it (EPSG:25832, EPSG:25833, EPSG:3857)"),
    ConfigField("only", "Only entries with this value: property=value (gemeinde=Karlsruhe)"),
    ConfigField(
        "restricted",
        "Show DATEX II restricted to publishers (only if the provider lets you publish it)",
        default="no",
        choices=("no", "publishers"),
    ),
    ConfigField("near", "Only what is near this point: latitude,longitude (what has no position is left out)"),
    ConfigField("radius_km", "... within so many kilometres", default="25"),
    ConfigField("attribution", "Source note to show with each item"),
)
