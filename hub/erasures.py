"""Who deleted everything, noted beside the database: a restored backup that still knows them forgets them too (T-02).

Numbers and moments only; the file is no use without the database.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Erasures:
    """The list in ``file``; one line each: the person's id, and when they had signed up (ISO 8601)."""

    file: Path

    def note(self, subscriber_id: int, created_at: datetime) -> None:
        """Add a person; a disk that refuses keeps nobody from being deleted, and the operator hears of it."""
        try:
            with self.file.open("a", encoding="ascii") as out:
                out.write(f"{subscriber_id} {created_at.astimezone(UTC).isoformat()}\n")
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            log.exception("an erasure could not be noted beside the database", file=str(self.file))

    def listed(self) -> list[tuple[int, datetime]]:
        """Return whom it names; a line that a crash cut short names nobody."""
        try:
            lines = self.file.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            number, _, moment = line.partition(" ")
            try:
                found.append((int(number), datetime.fromisoformat(moment)))
            except ValueError:
                continue
        return found
