"""Build ``hub/reference/data`` from public tables: ``python deploy/reference/build_reference.py INPUT [OUTPUT]``.

INPUT is a folder with the files that ``hub/reference/ORIGIN.md`` lists. The output is the same, byte by byte, for
the same input: rows are sorted and the gzip header carries no time.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

DEFAULT_OUTPUT = Path(__file__).resolve().parents[2] / "hub" / "reference" / "data"
_LEVELS = (2, 3, 5, 9, 12)
_DISTRICT_WORDS = {
    "43": "Kreis",
    "44": "Landkreis",
}  # GV100AD, Textkennzeichen of record type 40
_CITY_STATES = {"02", "11"}  # land, district and municipality in one
_SPELT_OUT = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
_TITLED = re.compile(r"kreis|region|verband", re.IGNORECASE)

Row = dict[str, str]
Rows = list[tuple[str, ...]]


def read_csv(path: Path) -> list[Row]:
    """Read a UTF-8 CSV with a header row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    """Write sorted ``rows`` without a header as gzip-compressed CSV, reproducibly."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(sorted(rows))
    path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


def path_of(ars: str) -> str:
    """Cut a 12-digit ARS to its level, as ``hub.core.place.ars_path`` does."""
    return next((ars[:level] for level in _LEVELS if not ars[level:].strip("0")), ars)


def fold(name: str) -> str:
    """Fold a place name for comparing: without what stands in brackets, behind a comma or a slash."""
    text = re.split(r"[,(/]", name)[0].lower().translate(_SPELT_OUT)
    text = re.sub(r"\b(st\.|sankt)\s*", "st", text)
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text))


def directory(source: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield (record type, key, name, text code) of the municipality directory GV100AD (fixed width)."""
    with zipfile.ZipFile(source / "GV100AD_2025-08-31.zip") as archive:
        text = archive.read("GV100AD_31082025.txt").decode("utf-8-sig")
    for line in text.splitlines():
        kind, key, name = line[:2], line[10:18].strip(), line[22:72].strip()
        association = line[18:22].strip()
        if kind in {"10", "20", "40", "50"}:
            yield (
                kind,
                key[:5] + association if kind == "50" else key,
                name,
                line[122:124],
            )


def areas(source: Path, municipalities: list[Row]) -> Rows:
    """Return (path, name, nuts3) of Länder, Regierungsbezirke, districts and associations of several municipalities.

    A place that is a municipality too (Berlin, every kreisfreie Stadt) keeps its row for the NUTS code.
    """
    nuts = {path_of(row["kreis_ags5"].ljust(12, "0")): row["nuts3"] for row in read_csv(source / "kreise_nuts3.csv")}
    taken = {path_of(row["ars"]) for row in municipalities}
    members = Counter(row["ars"][:9] for row in municipalities)
    rows: dict[str, tuple[str, ...]] = {}
    for kind, key, name, code in directory(source):
        path = path_of(key.ljust(12, "0"))
        if path in rows or (kind in {"20", "50"} and path != key) or (kind == "50" and members[key] == 1):
            continue  # the node above, or the one municipality below, says the same
        title = _DISTRICT_WORDS.get(code, "") if kind == "40" and not _TITLED.search(name) else ""
        plain = name.removeprefix("früher: ")  # a Regierungsbezirk that is only a statistical region today
        label = plain.split(",")[0] if path in taken else f"{title} {plain}".strip()
        rows[path] = (path, label, nuts.get(path, ""))
    return list(rows.values())


class Seats:
    """Where places lie and which municipality a postcode belongs to, from GeoNames' postcode table."""

    def __init__(self, source: Path, municipalities: list[Row]) -> None:
        """Index the places by district."""
        self.places = [row for row in read_csv(source / "plz_orte_geonames.csv") if row["kreis_ags5"]]
        self.by_name = {(row["ags"][:5], fold(row["name"])): row["ars"] for row in municipalities}
        self.by_district: dict[str, list[str]] = defaultdict(list)
        self.by_land: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in municipalities:
            self.by_district[row["ags"][:5]].append(row["ars"])
            self.by_land[row["ags"][:2], fold(row["name"])].append(row["ars"])
        self.names: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.postcodes: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.places:
            self.names[row["kreis_ags5"], fold(row["place"])].append(row)
            self.postcodes[row["kreis_ags5"], row["plz"]].append(row)

    def municipality(self, district: str, name: str) -> str:
        """Return the ARS of the municipality called ``name``, or whose name begins ``name`` ("Suthfeld Kreuzriehe")."""
        if len(self.by_district[district]) == 1:
            return self.by_district[district][0]
        words = name.replace("-", " ").split()
        tries = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        return next(
            (found for one in tries if (found := self.by_name.get((district, fold(one)), ""))),
            "",
        )

    def position(self, row: Row) -> tuple[str, str]:
        """Return latitude and longitude of a municipality's seat, or empty texts."""
        district, name, plz = row["ags"][:5], fold(row["name"]), row["plz_seat"]
        named = self.names.get((district, name), [])
        found = [one for one in named if one["plz"] == plz] or named or self.postcodes.get((district, plz), [])
        return (f"{float(found[0]['lat']):.4f}", f"{float(found[0]['lon']):.4f}") if found else ("", "")

    def candidates(self, municipalities: list[Row]) -> Rows:
        """Return (plz, paths): municipalities with that postcode, or the district where only that is known."""
        found: dict[str, set[str]] = defaultdict(set)
        districts: dict[str, set[str]] = defaultdict(set)
        for row in municipalities:
            if row["plz_seat"]:
                found[row["plz_seat"]].add(path_of(row["ars"]))
        for row in self.places:
            ars = self.municipality(row["kreis_ags5"], row["place"])
            if ars:
                found[row["plz"]].add(path_of(ars))
            else:
                districts[row["plz"]].add(row["kreis_ags5"])
        return [(plz, " ".join(sorted(found.get(plz) or districts[plz]))) for plz in {*found, *districts}]


def warn_cells(source: Path, municipalities: list[Row], seats: Seats) -> Rows:
    """Return (cell, paths) of the DWD warn cells that no rule resolves: parts, unions and former municipalities."""
    cells: dict[str, str] = json.loads((source / "dwd_warncells_kreise_gemeinden.json").read_text(encoding="utf-8"))
    known = {row["ags"] for row in municipalities}
    districts = {ags[:5] for ags in known}
    rows: Rows = []
    for cell, name in cells.items():
        kind, ags = cell[0], cell[1:]
        paths: set[str] = set()
        if kind == "9":
            paths = _union(ags, name, municipalities, seats)
        elif (kind in "78" and ags not in known) or (kind == "1" and ags[:5] not in districts):
            paths = _present(ags, name, seats)
        if paths:
            rows.append((cell, " ".join(sorted(paths))))
    return rows


def warn_areas(source: Path) -> Rows:
    """Return (EMMA_ID, cell) of MeteoAlarm's German areas, which are named like warn cells, and (name, cell)."""
    cells: dict[str, str] = json.loads((source / "dwd_warncells_kreise_gemeinden.json").read_text(encoding="utf-8"))
    named = {name: cell for cell, name in cells.items() if cell[0] in "19"}
    feed = (source / "meteoalarm-legacy-atom-germany.xml").read_text(encoding="utf-8")
    codes = re.findall(r"<value>(DE\d+)</value>\s*</cap:geocode>.*?<cap:areaDesc>(.*?)</cap:areaDesc>", feed, re.DOTALL)
    return [*((code, named[name]) for code, name in dict(codes).items() if name in named), *named.items()]


def _union(ags: str, name: str, municipalities: list[Row], seats: Seats) -> set[str]:
    """Return the paths of a cell that is part of a district, an island, or a district with its city."""
    if name.startswith("Insel ") and (ars := seats.municipality(ags[:5], name.removeprefix("Insel "))):
        return {path_of(ars)}
    _, union, city = name.rpartition("Stadt ")
    cities = [
        path_of(row["ars"])
        for row in municipalities
        if row["ags"][:2] == ags[:2] and row["ags"].endswith("000") and fold(row["name"]).startswith(fold(city))
    ]
    return {ags[:5], *cities[:1]} if union.strip() else {ags[:5]}


def _present(ags: str, name: str, seats: Seats) -> set[str]:
    """Return today's municipality of a city's quarter or of a municipality that has been merged."""
    if ags[:2] in _CITY_STATES:
        return {ags[:2]}
    plain = re.sub(r"^(Gemeinde|Stadt|Markt|Flecken|Hansestadt|Insel)\s+", "", name)
    if ars := seats.municipality(ags[:5], plain):
        return {path_of(ars)}
    same = seats.by_land.get((ags[:2], fold(plain)), [])
    if name.startswith("Stadt ") and len(same) == 1:
        return {path_of(same[0])}
    # Merged: the village still has a postcode, and if that belongs to one municipality, this is the one.
    codes = {row["plz"] for row in seats.names.get((ags[:5], fold(plain)), [])}
    found = {
        ars
        for code in codes
        for row in seats.postcodes[ags[:5], code]
        if (ars := seats.municipality(ags[:5], row["place"]))
    }
    return {path_of(ars) for ars in found} if len(found) == 1 else set()


def build(source: Path, output: Path) -> None:
    """Write all tables."""
    municipalities = read_csv(source / "gemeinden_2025-08-31.csv")
    seats = Seats(source, municipalities)
    output.mkdir(parents=True, exist_ok=True)
    rows = [
        (
            row["ars"],
            *_named(row["name"]),
            row["population"],
            row["plz_seat"],
            *seats.position(row),
        )
        for row in municipalities
    ]
    write(output / "municipalities.csv.gz", rows)
    write(output / "areas.csv.gz", areas(source, municipalities))
    write(output / "postcodes.csv.gz", seats.candidates(municipalities))
    write(output / "warncells.csv.gz", warn_cells(source, municipalities, seats))
    write(output / "warnareas.csv.gz", warn_areas(source))
    write(
        output / "cpv_de.csv.gz",
        [(row["cpv"], row["label_de"]) for row in read_csv(source / "cpv_2008_de.csv")],
    )
    write(
        output / "nuts_de.csv.gz",
        [(row["nuts"], row["label_de"]) for row in read_csv(source / "nuts_de.csv")],
    )


def _named(name: str) -> tuple[str, str]:
    """Split "Flensburg, Stadt" into name and title."""
    short, _, title = name.partition(", ")
    return short, title


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else DEFAULT_OUTPUT)
