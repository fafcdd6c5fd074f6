"""The keys of one process: read now and then, and at once when one is asked for that was made meanwhile."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping

from hub.core.errors import SettingsError, StoreError
from hub.store import pushkeys, towns
from hub.store.database import Store
from push.webpush.crypto import private_of, subject_of

_FOR = 60.0  # seconds
_SOONEST = 1.0  # seconds between two readings, whoever asks
_OWN = private_of("")


class Keyring(Mapping[str, str]):
    """The installation's secrets by name, and the push keys of municipalities by their public half. Thread-safe.

    ``ortsruf keys rotate`` needs no restart, and a municipality that was founded a moment ago has its key.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the keys. Raises ``SettingsError`` if the database is not ready."""
        self._store, self._clock, self._lock = store, clock, threading.Lock()
        self._known, self._read = _keys(store), clock()

    def refresh(self, after: float = 0.0) -> None:
        """Read the keys anew if they are older than ``after`` seconds."""
        with self._lock:
            if self._clock() - self._read >= after:
                self._read = self._clock()
                with contextlib.suppress(SettingsError):  # a database that is away for a moment takes no key with it
                    self._known = _keys(self._store)

    def __getitem__(self, name: str) -> str:
        """Return a key."""
        self.refresh(_FOR)
        if name not in self._known and name.startswith(_OWN):
            self.refresh(_SOONEST)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._known)


def _keys(store: Store) -> dict[str, str]:
    try:
        with store.read() as session:
            found = towns.secrets(session)
            own = pushkeys.of_towns(session)
    except StoreError as error:
        raise SettingsError(f"The database is not ready; run `ortsruf init` first. ({error})") from error
    for row in own:
        found |= {private_of(row["public"]): row["private"], subject_of(row["public"]): row["subject"]}
    return found
