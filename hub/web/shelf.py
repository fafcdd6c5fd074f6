"""A shelf of bounded size, and one worker per thing that is missing on it. Used by all threads of a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Place:
    """Where a value lies; whoever takes it sets ``used``."""

    value: Any
    size: int
    used: bool = False


class Shelf:
    """Values by key, up to ``most`` bytes of them.

    What nobody asked for since it was last looked at goes first (second chance): reading takes no lock.
    """

    def __init__(self, most: int) -> None:
        """Make an empty shelf."""
        self.size, self._most = 0, most
        self._places: OrderedDict[Hashable, Place] = OrderedDict()
        self.place: Callable[[Hashable], Place | None] = self._places.get
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """Return what lies under ``key``, or ``None``."""
        place = self._places.get(key)
        if place is None:
            return None
        place.used = True
        return place.value

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Lay ``value`` of ``size`` bytes under ``key``; others make room, and what is larger than all is not kept."""
        with self._lock:
            self._take(key)
            self._places[key] = Place(value, size)
            self.size += size
            while self.size > self._most:
                oldest, place = self._places.popitem(last=False)
                if place.used:
                    place.used = False
                    self._places[oldest] = place
                else:
                    self.size -= place.size

    def drop(self, key: Hashable) -> None:
        """Forget ``key``."""
        with self._lock:
            self._take(key)

    def _take(self, key: Hashable) -> None:
        place = self._places.pop(key, None)
        self.size -= place.size if place is not None else 0


@dataclass(slots=True, eq=False)
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0


class Turns:
    """Lets one thread at a time work on each key, so that a herd asks for a thing that is made once."""

    def __init__(self) -> None:
        """Nobody works yet."""
        self._turns: dict[Hashable, _Turn] = {}
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, key: Hashable) -> Iterator[None]:
        """Wait until nobody else works on ``key``."""
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._turns[key]
