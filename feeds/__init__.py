"""Sources: one folder per kind, found by scanning this folder and the plug-in folders.

``kinds()`` names them, ``load(kind)`` gives one. Nothing heavy is imported before a door (``fetch``, ``parse``,
``normalise``) is asked for, and then only that door's module.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hub.core.errors import SourceConfigError
from hub.core.notice import Notice
from hub.core.ports import Http
from hub.core.source import ConfigField, Fetched, FetchState, Item, NotModified, Offer, Source

_FACTS = ("KIND", "TOPIC", "CONFIG", "INTERVAL")


@dataclass(frozen=True, slots=True)
class FeedKind:
    """One kind of source: its facts at once, its doors when first asked for.

    ``INTERVAL`` is the usual number of seconds between two polls, ``package`` the import name of its folder.
    The doors raise ``ImportError`` if their module is missing.
    """

    KIND: str
    TOPIC: str
    CONFIG: tuple[ConfigField, ...]
    INTERVAL: int
    package: str

    @property
    def fetch(self) -> Callable[[Source, FetchState, Http], Fetched | NotModified]:
        """The only door that uses the network: ``fetch(source, state, http)``."""
        door: Callable[[Source, FetchState, Http], Fetched | NotModified] = self._door("fetch")
        return door

    @property
    def parse(self) -> Callable[[Fetched], list[Item]]:
        """``parse(fetched)``: pure; for foreign input call it through ``hub.sandbox`` only."""
        door: Callable[[Fetched], list[Item]] = self._door("parse")
        return door

    @property
    def normalise(self) -> Callable[[Item, Source], Notice]:
        """``normalise(item, source)``: pure; as ``parse``."""
        door: Callable[[Item, Source], Notice] = self._door("normalise")
        return door

    @property
    def from_files(self) -> Callable[..., Fetched] | None:
        """``from_files(paths, source, now)`` of the fetch module, for previews of files, if the kind has one."""
        return getattr(importlib.import_module(f"{self.package}.fetch"), "from_files", None)

    @property
    def schemes(self) -> tuple[str, ...]:
        """Schemes of addresses beside http and https that ``fetch`` understands (the folder's ``SCHEMES``)."""
        return tuple(getattr(importlib.import_module(self.package), "SCHEMES", ()))

    @property
    def discover(self) -> Callable[[Source, Http], list[Offer]] | None:
        """``discover(source, http)``: what the provider at ``source.url`` has to choose from, if the kind can ask.

        Returns ``[]`` when ``source`` is complete as it is. Uses the network; raises ``SourceError``.
        """
        if importlib.util.find_spec(f"{self.package}.discover") is None:
            return None
        door: Callable[[Source, Http], list[Offer]] = self._door("discover")
        return door

    @property
    def starters(self) -> Callable[[str, str], list[Offer]] | None:
        """``starters(ars, name)``: sources of this kind that are known for a municipality, if the kind knows any.

        Asks nobody; ``ars`` has 12 digits. What an offer leaves open, ``discover`` asks for.
        """
        if importlib.util.find_spec(f"{self.package}.starters") is None:
            return None
        door: Callable[[str, str], list[Offer]] = self._door("starters")
        return door

    def _door(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{self.package}.{name}"), name)


def kinds(extra: Sequence[Path] = ()) -> list[str]:
    """Return the names of all kinds, sorted: this folder's, those of ``extra`` and of ``ORTSRUF_PLUGINS``."""
    return sorted({*_own(), *_foreign(extra)})


def load(kind: str, extra: Sequence[Path] = ()) -> FeedKind:
    """Return the kind called ``kind``; a kind of this folder wins over a plug-in of the same name.

    Raises ``SourceConfigError`` if there is none (naming those there are) or if its folder cannot be loaded.
    """
    if kind in _own():
        return _facts(kind, importlib.import_module(f"{__name__}.{kind}"))
    folder = _foreign(extra).get(kind)
    if folder is None:
        known = ", ".join(kinds(extra)) or "none"
        raise SourceConfigError(f"There is no kind of source called {kind!r}; known: {known}.", subject=kind)
    try:
        return _facts(kind, _import(kind, folder))
    except SourceConfigError:
        raise
    except Exception as error:  # a stranger's module may raise anything at import
        raise SourceConfigError(
            f"The plug-in {kind!r} cannot be loaded: {type(error).__name__}: {error}.", subject=str(folder)
        ) from error


def plugin_folders(extra: Sequence[Path] = (), environ: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Return ``extra`` and the folders named by ``ORTSRUF_PLUGINS`` (separated by ``:``), each once, absolute."""
    named = (os.environ if environ is None else environ).get("ORTSRUF_PLUGINS", "")
    found = [one.absolute() for one in (*extra, *(Path(name) for name in named.split(os.pathsep) if name))]
    return tuple(dict.fromkeys(found))


def _own() -> set[str]:
    return {one.name for one in pkgutil.iter_modules(__path__) if one.ispkg and not one.name.startswith("_")}


def _foreign(extra: Sequence[Path]) -> dict[str, Path]:
    """Return the plug-in folders of this door by kind; the first of two with one name wins."""
    found: dict[str, Path] = {}
    for root in plugin_folders(extra):
        for one in pkgutil.iter_modules([str(root / "feeds")]):
            if one.ispkg and not one.name.startswith("_"):
                found.setdefault(one.name, root / "feeds" / one.name)
    return found


def _import(kind: str, folder: Path) -> ModuleType:
    """Import ``folder`` as a package of its own, under a name that no other folder can have."""
    name = f"_ortsruf_feed_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}_{kind}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SourceConfigError(f"The plug-in folder {folder} is not a Python package.", subject=str(folder))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs, so that its own relative imports find it
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _facts(kind: str, module: ModuleType) -> FeedKind:
    """Read the four facts of a kind's folder."""
    missing = [name for name in _FACTS if not hasattr(module, name)]
    if missing:
        raise SourceConfigError(f"The kind {kind!r} does not say {', '.join(missing)}.", subject=kind)
    return FeedKind(module.KIND, module.TOPIC, tuple(module.CONFIG), int(module.INTERVAL), module.__name__)
