"""The packaged tables, read on demand and kept as compact tuples.

Each is a gzip-compressed CSV without header in ``data/``; ``ORIGIN.md`` says where they come from. Together they
take about 12 MB once all are loaded (the index of names included); nothing is read before somebody asks.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from hub.core.place import ars_path


class Municipality(NamedTuple):
    """One municipality: ``name`` without its ``title`` ("Stadt"), postcode and WGS84 position of its seat."""

    ars: str
    name: str
    title: str
    population: int
    plz: str
    lat: float | None
    lon: float | None

    @property
    def ags(self) -> str:
        """The 8-digit key (Amtlicher Gemeindeschlüssel): the ARS without the association."""
        return self.ars[:5] + self.ars[9:]

    @property
    def path(self) -> str:
        """The path in the place tree; of a kreisfreie Stadt that of its district, of Berlin that of its land."""
        return ars_path(self.ars)

    @property
    def uninhabited(self) -> bool:
        """Whether this is a forest, a lake or another area outside all municipalities (gemeindefreies Gebiet)."""
        return self.population == 0


class Area(NamedTuple):
    """A land (2 digits), Regierungsbezirk (3), district (5) or association of municipalities (9)."""

    path: str
    name: str
    nuts: str


def rows(name: str) -> Iterator[list[str]]:
    """Yield the rows of ``data/<name>.csv.gz``."""
    packed = files("hub.reference").joinpath("data", f"{name}.csv.gz").read_bytes()
    with gzip.open(io.BytesIO(packed), "rt", encoding="utf-8", newline="") as text:
        yield from csv.reader(text)


@cache
def municipalities() -> dict[str, Municipality]:
    """Return all municipalities by AGS, in the order of their ARS."""
    found = (
        Municipality(
            ars,
            name,
            title,
            int(population),
            plz,
            float(lat) if lat else None,
            float(lon) if lon else None,
        )
        for ars, name, title, population, plz, lat, lon in rows("municipalities")
    )
    return {one.ags: one for one in found}


@cache
def areas() -> dict[str, Area]:
    """Return Länder, Regierungsbezirke, districts and associations by path."""
    return {row[0]: Area(*row) for row in rows("areas")}


@cache
def postcodes() -> dict[str, str]:
    """Return the paths (joined by spaces) that a postcode may mean."""
    return _pairs("postcodes")


@cache
def warn_cells() -> dict[str, str]:
    """Return the paths (joined by spaces) of warn cells that no rule resolves."""
    return _pairs("warncells")


@cache
def warn_areas() -> dict[str, str]:
    """Return the warn cell of MeteoAlarm's German areas by EMMA_ID, and of the DWD's districts and parts by name."""
    return _pairs("warnareas")


@cache
def cpv() -> dict[str, str]:
    """Return the German labels of CPV 2008 codes (8 digits without check digit), ascending."""
    return _pairs("cpv_de")


@cache
def nuts() -> dict[str, str]:
    """Return the German labels of the German NUTS codes."""
    return _pairs("nuts_de")


def _pairs(name: str) -> dict[str, str]:
    """Return a table of two columns."""
    return {row[0]: row[1] for row in rows(name)}
