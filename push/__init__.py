"""Ways out: one folder per channel, found by scanning this folder and the plug-in folders.

``channels()`` names them, ``load(name)`` gives one. ``render`` and ``send`` are imported when first asked for.
The scan is that of ``feeds``; the two stay apart because neither package may know the other.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from hub.core.errors import SettingsError
from hub.core.message import Message, Outcome, Outlet, Payload, Recipient, Site, Template

_FACTS = ("CHANNEL", "PULL", "CHUNK", "Settings", "check", "service")


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One channel: its facts at once, its doors when first asked for.

    ``PULL``: rendered on request, never sent. ``CHUNK``: outcomes between two checkpoints. ``WINDOW``: how many
    hand-overs may be under way beyond the last checkpoint, so how many a kill may repeat. ``PERSONAL``: its messages
    hold the reader's own links, to manage and to unsubscribe. ``folder`` holds its templates and client scripts;
    ``package`` is its import name. The doors raise ``ImportError`` if their module is missing.
    """

    CHANNEL: str
    PULL: bool
    CHUNK: int
    WINDOW: int
    PERSONAL: bool
    Settings: Any
    check: Callable[..., tuple[str, Mapping[str, str]]]
    service: Callable[[str], str]
    package: str
    folder: Path

    @property
    def render(self) -> Callable[[Message, Recipient, Site], Payload]:
        """``render(message, recipient, site)``: pure."""
        door: Callable[[Message, Recipient, Site], Payload] = self._door("render")
        return door

    @property
    def prepare(self) -> Callable[[Message, str, Site], Template]:
        """``prepare(message, language, site)``: what all recipients of one language share, written once; pure.

        A channel without a module ``prepare`` is rendered anew for each recipient.
        """
        if importlib.util.find_spec(f"{self.package}.prepare") is None:
            return functools.partial(_Rendered, self.render)
        door: Callable[[Message, str, Site], Template] = self._door("prepare")
        return door

    @property
    def send(self) -> Callable[[Iterable[tuple[Recipient, Payload]], Outlet], Iterable[Outcome]]:
        """``send(chunk, outlet)``: one outcome per recipient, as they become known; raises nothing.

        The chunk is drawn from as room comes free, at most ``WINDOW`` ahead of the outcomes given back. A channel that
        names no ``WINDOW`` gets a list of at most ``CHUNK``, which it may read as often as it likes.
        """
        door: Callable[[Iterable[tuple[Recipient, Payload]], Outlet], Iterable[Outcome]] = self._door("send")
        return door if self.WINDOW else functools.partial(_at_once, door)

    def close(self) -> None:
        """Close what ``send`` keeps between chunks, if it ever ran and keeps something."""
        module = sys.modules.get(f"{self.package}.send")
        close = getattr(module, "close", None)
        if close is not None:
            close()

    def _door(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{self.package}.{name}"), name)


def _at_once(
    send: Callable[[Iterable[tuple[Recipient, Payload]], Outlet], Iterable[Outcome]],
    chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet,
) -> Iterable[Outcome]:  # fmt: skip
    drawn = list(chunk)
    return send(drawn, outlet) if drawn else ()


@dataclass(frozen=True, slots=True)
class _Rendered:
    """The template of a channel that has none: every recipient's message is rendered whole."""

    render: Callable[[Message, Recipient, Site], Payload]
    message: Message
    language: str
    site: Site

    def fill(self, recipient: Recipient, serial: str) -> Payload:
        """Render for one recipient."""
        return self.render(replace(self.message, serial=serial), recipient, self.site)


def channels(extra: Sequence[Path] = ()) -> list[str]:
    """Return the names of all channels, sorted: this folder's, those of ``extra`` and of ``ORTSRUF_PLUGINS``."""
    return sorted({*_own(), *_foreign(extra)})


def load(name: str, extra: Sequence[Path] = ()) -> ChannelKind:
    """Return the channel called ``name``; one of this folder wins over a plug-in of the same name.

    Raises ``SettingsError`` if there is none (naming those there are) or if its folder cannot be loaded.
    """
    if name in _own():
        return _facts(name, importlib.import_module(f"{__name__}.{name}"))
    folder = _foreign(extra).get(name)
    if folder is None:
        known = ", ".join(channels(extra)) or "none"
        raise SettingsError(f"There is no channel called {name!r}; known: {known}.", subject=name)
    try:
        return _facts(name, _import(name, folder))
    except SettingsError:
        raise
    except Exception as error:  # a stranger's module may raise anything at import
        raise SettingsError(
            f"The plug-in {name!r} cannot be loaded: {type(error).__name__}: {error}.", subject=str(folder)
        ) from error


def _own() -> set[str]:
    return {one.name for one in pkgutil.iter_modules(__path__) if one.ispkg and not one.name.startswith("_")}


def _foreign(extra: Sequence[Path]) -> dict[str, Path]:
    """Return the plug-in folders of this door by channel; the first of two with one name wins."""
    found: dict[str, Path] = {}
    named = [Path(one) for one in os.environ.get("ORTSRUF_PLUGINS", "").split(os.pathsep) if one]
    for root in (one.absolute() for one in (*extra, *named)):
        for one in pkgutil.iter_modules([str(root / "push")]):
            if one.ispkg and not one.name.startswith("_"):
                found.setdefault(one.name, root / "push" / one.name)
    return found


def _import(channel: str, folder: Path) -> ModuleType:
    """Import ``folder`` as a package of its own, under a name that no other folder can have."""
    name = f"_ortsruf_channel_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}_{channel}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SettingsError(f"The plug-in folder {folder} is not a Python package.", subject=str(folder))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs, so that its own relative imports find it
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _facts(name: str, module: ModuleType) -> ChannelKind:
    """Read the facts of a channel's folder."""
    missing = [fact for fact in _FACTS if not hasattr(module, fact)]
    if missing:
        raise SettingsError(f"The channel {name!r} does not say {', '.join(missing)}.", subject=name)
    return ChannelKind(
        **{fact: getattr(module, fact) for fact in _FACTS},
        WINDOW=getattr(module, "WINDOW", 0),
        PERSONAL=getattr(module, "PERSONAL", True),
        package=module.__name__,
        folder=Path(module.__path__[0]),
    )
