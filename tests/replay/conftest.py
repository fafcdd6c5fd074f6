"""Benches: on SQLite, on PostgreSQL, with the parser in its child process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.stores import hastened
from replay.bench import Bench

from hub.store.database import Store


@pytest.fixture
def bench(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Give a bench on SQLite; parsers run in this process."""
    store = hastened(f"sqlite:///{shutil.copy(empty, tmp_path / 'replay.sqlite')}")
    yield Bench(store, monkeypatch)
    store.close()


@pytest.fixture
def whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Give a bench on each database, with the parser in its child process."""
    return Bench(store, monkeypatch, child=True)
