"""Official places: finding a municipality, naming a path, and resolving what sources call a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from hub.core.notice import PlaceRef
from hub.core.place import LOCAL, ars_path, local_path, slug
from hub.reference import tables
from hub.reference.tables import Municipality

_AGS, _ASSOCIATION, _ARS = 8, 9, 12  # digits
_NO_MATCH = 3


class PlaceRow(NamedTuple):
    """One official node for the database's place table; ``kind`` is ``land``, ``district`` or ``municipality``.

    ``ars`` has 12 digits, ``nuts`` is that of the district; position and population only where known.
    """

    path: str
    ars: str
    kind: str
    name: str
    population: int | None
    lat: float | None
    lon: float | None
    nuts: str


def municipalities() -> Iterator[Municipality]:
    """Yield all municipalities of Germany in the order of their ARS, gemeindefreie Gebiete included."""
    yield from tables.municipalities().values()


def municipality(ars: str) -> Municipality | None:
    """Return the municipality with this ARS (12 digits), AGS (8) or path (``05334``… of a city), or ``None``.

    An ARS whose association has changed is found by its AGS.
    """
    digits = ars.ljust(_ARS, "0") if len(ars) < _AGS else ars
    ags = digits[:5] + digits[9:] if len(digits) == _ARS else digits
    return tables.municipalities().get(ags)


def find_municipality(query: str, limit: int = 10) -> list[Municipality]:
    """Return up to ``limit`` inhabited municipalities that ``query`` may mean, likeliest first.

    ``query`` is the beginning of a name or of a word in it (umlauts written in any way, "St." as "Sankt"), a
    postcode or its beginning (2 digits at least), or both: ``52511 Geilenkirchen``.
    """
    digits = "".join(re.findall(r"\b\d{2,5}\b", query, re.ASCII)[:1])
    word = _fold(re.sub(r"\d+", " ", query))
    if not word and not digits:
        return []
    allowed = _with_postcode(digits) if digits else None
    found = []
    for key, bare, one in _index():
        if allowed is not None and not allowed(one):
            continue
        rank = min(_rank(word, key), _rank(word, bare)) if word else 0
        if rank < _NO_MATCH:
            found.append((rank, -one.population, one.ars, one))
    return [one for *_, one in sorted(found)[:limit]]


def path_name(path: str) -> str:
    """Return the German name of the official place at ``path`` (of a local node: of the place it lies in), or ""."""
    official = path.partition("/")[0]
    if one := municipality(official):
        return one.name
    area = tables.areas().get(official)
    return area.name if area else ""


def district_nuts(path: str) -> str:
    """Return the NUTS 3 code of the district that the place at ``path`` is or lies in, or ""."""
    areas = tables.areas()
    digits = path.partition("/")[0]
    own = areas.get(digits) or areas.get(digits[:5])
    return own.nuts if own else ""


def resolve(ref: PlaceRef, parent: str = "") -> tuple[str, ...]:
    """Return the paths of the place tree that ``ref`` means; several where it is larger than one node, () if unknown.

    Schemes as in :class:`hub.core.notice.PlaceRef`; a ``district``, ``street``, ``zone`` or ``house`` lies
    below ``parent`` and is unknown without one.
    """
    if ref.scheme in LOCAL:
        named = all(slug(part) for part in (ref.value.partition("/")[::2] if ref.scheme == "house" else (ref.value,)))
        return (local_path(parent, ref.scheme, ref.value),) if parent and named else ()
    if ref.scheme == "emma":
        return _from_emma(ref.value.strip(), ref.name.strip())
    reader = _READERS.get(ref.scheme)
    found = reader(ref.value.strip()) if reader else ()
    return _called(found, ref.name) if ref.scheme == "plz" and len(found) > 1 and ref.name else found


def load_rows() -> Iterator[PlaceRow]:
    """Yield every land, district and municipality once, parents first, as ``ortsruf init`` stores them.

    A place that is several of these at once (Berlin, a kreisfreie Stadt) is its municipality.
    """
    areas = tables.areas()
    own = {one.path for one in municipalities()}
    for area in areas.values():
        kind = {2: "land", 5: "district"}.get(len(area.path))
        if kind and area.path not in own:
            yield PlaceRow(
                area.path,
                area.path.ljust(12, "0"),
                kind,
                area.name,
                None,
                None,
                None,
                area.nuts,
            )
    for one in municipalities():
        district = areas.get(one.path) or areas.get(one.ars[:5])
        nuts = district.nuts if district else ""
        yield PlaceRow(
            one.path,
            one.ars,
            "municipality",
            one.name,
            one.population,
            one.lat,
            one.lon,
            nuts,
        )


def _fold(name: str) -> str:
    """Fold a name for comparing: umlauts spelt out, words joined by ``-``, "Sankt" as "st"."""
    return re.sub(r"\bsankt\b", "st", slug(name))


def _bare(name: str) -> str:
    """Fold a name as people type it who leave the dots off: ``Munchen``."""
    return _fold(name.translate(str.maketrans("äöüÄÖÜ", "aouAOU")))


@cache
def _index() -> tuple[tuple[str, str, Municipality], ...]:
    """Return (folded, folded without umlauts, municipality) of every inhabited municipality."""
    return tuple((_fold(one.name), _bare(one.name), one) for one in municipalities() if not one.uninhabited)


def _rank(word: str, name: str) -> int:
    """Return 0 for the same name, 1 for its beginning, 2 for that of a word in it, else ``_NO_MATCH``."""
    if word == name:
        return 0
    if name.startswith(word):
        return 1
    return 2 if f"-{word}" in name else _NO_MATCH


@lru_cache(maxsize=256)
def with_postcode(digits: str) -> frozenset[str]:
    """Return the paths with a postcode that begins so: municipalities, or districts where no more is known.

    A postcode may be shared by several municipalities; the table is not complete.
    """
    codes = tables.postcodes()
    return frozenset(path for plz, found in codes.items() if plz.startswith(digits) for path in found.split())


def _with_postcode(digits: str) -> Callable[[Municipality], bool]:
    """Return the test whether a municipality has a postcode that begins with ``digits``."""
    wanted = with_postcode(digits)
    return lambda one: one.path in wanted


def _from_ars(value: str) -> tuple[str, ...]:
    """Resolve an ARS of any level; a municipality that changed its association is found by its AGS."""
    if not re.fullmatch(r"\d{2,12}", value, re.ASCII):
        return ()
    if len(value) == _ARS and (one := municipality(value)):
        return (one.path,)
    path = ars_path(value)
    if path in tables.areas():
        return (path,)
    inside = [one.path for one in municipalities() if one.ars.startswith(path)] if len(path) == _ASSOCIATION else []
    return tuple(inside[:1])


def _from_ags(value: str) -> tuple[str, ...]:
    """Resolve an AGS: 8 digits of a municipality, or 2, 3 or 5 digits (``000`` behind) of what is above it."""
    if not re.fullmatch(r"\d{2,8}", value, re.ASCII):
        return ()
    if len(value) == _AGS and (one := municipality(value)):
        return (one.path,)
    if len(value) == _AGS and not value.endswith("000"):
        return ()
    return _from_ars(value[:5])


def _from_warn_cell(value: str) -> tuple[str, ...]:
    """Resolve a DWD WARNCELLID (9 digits): 8 a municipality, 1 a district, 7 a quarter, 9 a part or a union.

    2 and 5 are lakes, coasts and sea areas: no place where somebody lives.
    """
    if not re.fullmatch(r"\d{9}", value, re.ASCII):
        return ()
    if known := tables.warn_cells().get(value):
        return tuple(known.split())
    kind, ags = value[0], value[1:]
    if kind in "78":
        return _from_ags(ags) if not ags.endswith("000") or municipality(ags) else ()
    return _from_ags(ags[:5]) if kind in "19" else ()


def _from_emma(value: str, name: str) -> tuple[str, ...]:
    """Resolve MeteoAlarm's EMMA_ID, in Germany a district or part of one as the DWD names it; else by that name.

    A code that is known wins over its name; codes of other countries are nowhere here.
    """
    cells = tables.warn_areas()
    cell = cells.get(value) or (cells.get(name) if value.startswith("DE") else "")
    return _from_warn_cell(cell) if cell else ()


def _from_nuts(value: str) -> tuple[str, ...]:
    """Resolve NUTS 0 to 3: the districts in it, or a land or Regierungsbezirk that is just the same."""
    code = value.upper()
    if not re.fullmatch(r"DE[0-9A-Z]{0,3}", code, re.ASCII):
        return ()
    if code == "DEZ" or code.startswith("DEZZ"):
        return ()
    areas = tables.areas().values()
    districts = {one.path: one.nuts for one in areas if one.nuts}
    wanted = {path for path, nuts in districts.items() if nuts.startswith(code)}
    for level in (2, 3):
        for above in {path[:level] for path in wanted}:
            below = {path for path in districts if path.startswith(above)}
            if len(below) > 1 and below <= wanted and above in tables.areas():
                wanted = (wanted - below) | {above}
    return tuple(sorted(wanted))


def _from_postcode(value: str) -> tuple[str, ...]:
    """Resolve a postcode: the municipalities that share it, or the district where only that is known."""
    return tuple(tables.postcodes().get(value, "").split())


def _called(paths: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return those of the municipalities of one postcode that bear ``name``; all of them if none does."""
    wanted = _fold(name)
    exact = tuple(path for path in paths if _fold(path_name(path)) == wanted)
    return exact or tuple(path for path in paths if _fold(path_name(path)).startswith(f"{wanted}-")) or paths


_READERS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "ars": _from_ars,
    "ags": _from_ags,
    "warncell": _from_warn_cell,
    "nuts": _from_nuts,
    "plz": _from_postcode,
}
