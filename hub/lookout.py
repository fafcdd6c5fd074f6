"""Lookout: the second path of alarms (C-09). Every living process looks whether the others live, and tells."""

from __future__ import annotations

import threading

import structlog

from hub.core.errors import StoreError
from hub.jobs import alarming, watch
from hub.jobs.hold import standing_reason
from hub.jobs.house import House

EVERY = 15.0  # seconds

log = structlog.get_logger(__name__)


class Lookout:
    """A thread of its own, so that a scheduler or worker that hangs is told of by a process that does not."""

    def __init__(self, house: House, contact: str) -> None:
        """Take the house and the setting ``contact``."""
        self._house, self._contact = house, contact
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> list[str]:
        """Look once and tell the operator; returns the sentences of all alarms that hold.

        On hold nothing is done on purpose, and nobody is told that nothing is done.
        """
        with self._house.store.read() as session:
            if standing_reason(session):
                return []
        found = watch.second_look(self._house)
        alarming.tell(self._house, self._contact)
        return found

    def start(self) -> None:
        """Look from now on."""
        self._thread = threading.Thread(target=self._keep, name="ortsruf-lookout", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._ending.wait(EVERY):
            try:
                self.look()
            except StoreError as error:
                log.warning("the lookout cannot see", error=str(error))
            except Exception:
                log.exception("the lookout broke")

    def stop(self) -> None:
        """Look no more."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(2.0)
            self._thread = None
