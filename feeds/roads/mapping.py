"""Which property of a GeoJSON feature means what: the settings of a source, a preset, or known names.

Templates are filled by looking names up in plain JSON; no attribute, index or format code of Python is reachable.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from feeds._json_body import plain_text
from feeds.roads.grids import epsg_of, is_known
from hub.core.errors import SourceConfigError
from hub.core.source import Source

FIELDS = (
    "id", "title", "body", "restriction", "prose", "start", "end", "street",
    "section", "district", "detour", "ars", "category", "url", "reason", "direction", "length", "state", "changed",
)  # fmt: skip
_MOST_VALUES = 50  # of a list property
_TELLING = 3  # properties that must be there for a preset to be recognised
_LONGEST = 10_000  # characters of one field
_HOLE = re.compile(r"\{([^{}|]{1,120})(?:\|(before|after|outside|inside))?\}")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LOOSE = re.compile(r"^[\s,;:/|–-]+|[\s,;:/|–-]+$")


@dataclass(frozen=True, slots=True)
class Fields:
    """The mapping of one source: ``patterns`` by field; ``automatic`` fills the others from known names.

    ``date_format`` is ``auto`` or for ``strptime``; ``whole_days`` takes 00:00 as "that day"; ``epsg`` is the grid
    of the positions, ``only`` a property and the value that it must have.
    """

    patterns: Mapping[str, str]
    automatic: bool
    date_format: str = "auto"
    whole_days: bool = False
    attribution: str = ""
    epsg: str = ""
    only: tuple[str, str] = ("", "")

    def value(self, field: str, properties: Mapping[str, Any]) -> Any:
        """Return the raw value of ``field``: as it is for a plain property, text for a template, else ``None``."""
        pattern = self.patterns.get(field, "")
        if pattern:
            return fill(pattern, properties) if "{" in pattern else look_up(pattern, properties)
        return _known(field, properties) if self.automatic else None

    def text(self, field: str, properties: Mapping[str, Any]) -> str:
        """Return ``field`` as plain text, lists as lines; empty if it is not there."""
        return as_text(self.value(field, properties))

    def is_wanted(self, properties: Mapping[str, Any]) -> bool:
        """Whether the entry has the value that the setting ``only`` asks for; true without that setting."""
        name, wanted = self.only
        return not name or as_text(look_up(name, properties)).casefold() == wanted.casefold()


def fields_of(source: Source) -> Fields:
    """Return the mapping of ``source``. Raises ``SourceConfigError`` for a preset that does not exist."""
    name = source.config.get("preset", "")
    preset = presets().get(name, {})
    if name and not preset:
        raise SourceConfigError(
            f"There is no preset called {name!r}; known: {', '.join(sorted(presets()))}.", subject=source.id
        )
    own = {field: source.config.get(f"mapping.{field}", "") for field in FIELDS}
    patterns = {field: own[field] or str(preset.get(field, "")) for field in FIELDS}
    return Fields(
        patterns={field: pattern for field, pattern in patterns.items() if pattern},
        automatic=not preset,
        date_format=source.config.get("date_format", "") or "auto",
        whole_days=(source.config.get("midnight") or preset.get("midnight")) == "day",
        attribution=source.config.get("attribution", "") or str(preset.get("attribution", "")),
        epsg=_grid(source),
        only=_only(source),
    )


def _grid(source: Source) -> str:
    """Return the EPSG code of the setting ``crs``. Raises ``SourceConfigError`` for one that cannot be read."""
    name = source.config.get("crs", "")
    epsg = epsg_of(name)
    if name and not is_known(epsg):
        raise SourceConfigError(
            f"crs must be one of EPSG:25831, 25832, 25833, 3857 or 4326, not {name!r}.", subject=source.id
        )
    return epsg


def _only(source: Source) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in source.config.get("only", "").partition("="))
    if name and not (equals and value):
        raise SourceConfigError("only must be property=value (gemeinde=Karlsruhe).", subject=source.id)
    return name, value


def with_preset(fields: Fields, name: str) -> Fields:
    """Return ``fields`` with the mapping of the preset ``name``; what the source's settings say stays."""
    preset = presets()[name]
    return replace(
        fields,
        patterns={field: str(preset[field]) for field in FIELDS if field in preset},
        automatic=False,
        whole_days=fields.whole_days or preset.get("midnight") == "day",
        attribution=fields.attribution or str(preset.get("attribution", "")),
    )


def recognised(names: Collection[str]) -> str:
    """Return the preset whose properties are all among ``names``, the one with the most of them; empty if none fits."""
    found = []
    for preset, table in presets().items():
        wanted = _properties_of(table)
        if len(wanted) >= _TELLING and wanted <= set(names):
            found.append((len(wanted), preset))
    return max(found, default=(0, ""))[1]


def _properties_of(table: Mapping[str, Any]) -> set[str]:
    """Return the names of the properties (of the outermost object) that a preset's patterns use."""
    patterns = [str(table[field]) for field in FIELDS if field in table]
    holes = [hole[1].strip() for pattern in patterns for hole in _HOLE.finditer(pattern)]
    return {one.partition(".")[0] for one in (*holes, *(pattern for pattern in patterns if "{" not in pattern))}


def presets() -> dict[str, dict[str, Any]]:
    """Return the built-in mappings by name (``presets.toml``)."""
    return {name: table for name, table in _table().items() if name != "automatic"}


def fill(pattern: str, properties: Mapping[str, Any]) -> str:
    """Return ``pattern`` with each ``{property}`` replaced by its text; separators left over at the ends go.

    ``{property|before}`` is the part before the last colon (empty if there is none), ``after`` the part after it
    (all if there is none), ``inside`` what stands in the last parentheses, ``outside`` the rest.
    """

    def one(match: re.Match[str]) -> str:
        return _part(as_text(look_up(match[1].strip(), properties)), match[2])

    lines = (_LOOSE.sub("", _HOLE.sub(one, line)) for line in pattern.replace("\\n", "\n").split("\n"))
    return "\n".join(filter(None, lines))[:_LONGEST]


def look_up(path: str, properties: Mapping[str, Any]) -> Any:
    """Return the property called ``path``, else follow its dots through nested objects; ``None`` if it is not there."""
    if path in properties:
        return properties[path]
    value: Any = properties
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def as_text(value: Any) -> str:
    """Return a scalar or a list of scalars (one a line) as plain text; anything else as an empty one."""
    if isinstance(value, list):
        return "\n".join(plain_text(one) for one in value[:_MOST_VALUES]).strip()[:_LONGEST]
    return plain_text(value, _LONGEST)


def _part(text: str, chosen: str | None) -> str:
    if chosen in {"before", "after"}:
        before, colon, after = text.rpartition(": ")
        return (before if colon else "") if chosen == "before" else after.strip()
    if chosen in {"inside", "outside"}:
        match = re.fullmatch(r"(.*?)\s*\(([^()]*)\)\s*", text, re.DOTALL)
        outside, inside = match.groups() if match else (text, "")
        return inside if chosen == "inside" else outside
    return text


def _known(field: str, properties: Mapping[str, Any]) -> Any:
    """Return the first usual property for ``field`` that says something."""
    folded = {_folded(name): value for name, value in properties.items()}
    for name in _table()["automatic"].get(field, ()):
        value = look_up(name, folded)
        if as_text(value):
            return value
    return None


@lru_cache(maxsize=4_096)
def _folded(name: str) -> str:
    text = name.casefold().translate(_UMLAUTS)
    return re.sub(r"[_\-\s]+", "", text)


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "presets.toml").read_text(encoding="utf-8"))
