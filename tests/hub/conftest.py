"""Installations that read each other, for jobs and pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes.federation import Net, Peer, make_peer
from fakes.stores import hastened

from hub.store.database import Store


@pytest.fixture
def net() -> Net:
    """Know no installation yet."""
    return Net()


@pytest.fixture
def peers(net: Net, empty: Path, tmp_path: Path) -> Iterator[Callable[..., list[Peer]]]:
    """``peers("huertgenwald", …)`` builds installations, one municipality each, on SQLite."""
    made: list[Store] = []

    def make(*slugs: str) -> list[Peer]:
        files = [shutil.copy(empty, tmp_path / f"{slug}.sqlite") for slug in slugs]
        stores = [hastened(f"sqlite:///{one}") for one in files]
        made.extend(stores)
        return [make_peer(store, net, slug) for store, slug in zip(stores, slugs, strict=True)]

    yield make
    for one in made:
        one.close()
