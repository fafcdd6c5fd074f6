"""The gatherer's real doors: fetch through the guarded client, parse in a child process, resolve places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import feeds
from hub import reference
from hub.core.notice import Notice, PlaceRef
from hub.core.place import LOCAL, covers, nearest_km, related
from hub.core.ports import Http
from hub.core.source import Fetched, FetchState, NotModified, Source
from hub.sandbox import Parsed, parse_safely

NEAR_KM = 25.0  # from the centre of a municipality to its surroundings


class RealGatherer:
    """Reads sources of every kind in ``feeds/`` and the plug-in folders."""

    def __init__(self, http: Http, plugins: Sequence[Path] = ()) -> None:
        """Take the guarded client and extra plug-in folders."""
        self._http, self._plugins = http, tuple(plugins)

    def fetch(self, source: Source, state: FetchState) -> Fetched | NotModified:
        """Fetch ``source``; raises ``SourceError``."""
        return feeds.load(source.kind, self._plugins).fetch(source, state, self._http)

    def parse(self, fetched: Fetched) -> Parsed:
        """Parse in a limited child process; raises ``SourceError``."""
        return parse_safely(fetched.source.kind, fetched, plugins=self._plugins)

    def places(self, notice: Notice, source: Source) -> Sequence[str]:
        """Return the paths of the places that ``notice`` names, else of the source's own.

        Local places (a zone, a street) lie below the source's first official place.
        """
        official = [path for ref in source.places if ref.scheme not in LOCAL for path in reference.resolve(ref)]
        parent = official[0] if official else ""
        if notice.origin is not None and source.config.get("reach") == "everybody":
            # The operator wants the neighbour's news told here; where it is said to be stays as it is.
            named = _resolved(notice.places, parent) if notice.places else []
            return list(dict.fromkeys([*_resolved(source.places, parent), *named]))
        # A place that is named but not known, or an area far away, must not become "everybody here" (P-07); nor is
        # another town's street of the same name ours.
        if any(ref.scheme not in LOCAL for ref in notice.places):
            return _resolved(notice.places, parent)
        return _resolved(notice.places or source.places, parent) if _is_near(notice, parent) else []


def _is_near(notice: Notice, parent: str) -> bool:
    """Whether a notice that only has a geometry may concern the municipality at ``parent``."""
    town = reference.municipality(parent) if parent else None
    if notice.geometry is None or town is None or town.lat is None or town.lon is None:
        return True
    km = nearest_km((town.lon, town.lat), notice.geometry)
    return km is None or km <= NEAR_KM


def _resolved(refs: Sequence[PlaceRef], parent: str) -> list[str]:
    local = [ref for ref in refs if ref.scheme in LOCAL]
    wide = [path for ref in refs if ref.scheme == "nuts" for path in reference.resolve(ref)]
    rest = [path for ref in refs if ref.scheme not in {*LOCAL, "nuts"} for path in reference.resolve(ref)]
    # A statistical region beside a place in it only says where that place is: not everybody in the region is meant.
    rest += [path for path in wide if not any(covers(path, one) for one in rest)]
    if rest and not any(related(path, parent) for path in rest):
        parent = rest[0]  # the streets of the town that the notice itself names
    named = [path for ref in local if parent for path in reference.resolve(ref, parent)]
    # A street or zone is meant instead of its municipality, not beside it.
    return list(dict.fromkeys([*named, *(path for path in rest if not (named and path == parent))]))
