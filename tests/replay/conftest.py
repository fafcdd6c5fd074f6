"""Benches: on SQLite, on PostgreSQL, with the parser in its child process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replay.bench import Bench
from sqlalchemy import event

from hub.store.database import Store


def _hasten(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # nobody cuts the power here; D-03 has tests of its own


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Give a bench on SQLite; parsers run in this process."""
    store = Store(f"sqlite:///{tmp_path / 'replay.sqlite'}")
    event.listen(store.engine, "connect", _hasten)
    store.upgrade()
    yield Bench(store, monkeypatch)
    store.close()


@pytest.fixture
def whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Give a bench on each database, with the parser in its child process."""
    return Bench(store, monkeypatch, child=True)
