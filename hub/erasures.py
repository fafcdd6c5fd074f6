"""Who and what was deleted, noted beside the database, for a restored backup that still has it (T-02).

People are forgotten again; of municipalities the operator is asked. Numbers, slugs and moments only.
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
    """The list in ``file``; one line each: a person's id, and when they had signed up (ISO 8601).

    ``town:SLUG`` with the moment of its founding stands for a municipality that went, ``back:SLUG`` for one that was
    meant to come back.
    """

    file: Path

    def note(self, subscriber_id: int, created_at: datetime) -> None:
        """Add a person; a disk that refuses keeps nobody from being deleted, and the operator hears of it."""
        self._add(str(subscriber_id), created_at)

    def note_town(self, slug: str, created_at: datetime, *, back: bool = False) -> None:
        """Add a municipality that was removed or moved away; ``back``: it is to stay although it was."""
        self._add(f"{'back' if back else 'town'}:{slug}", created_at)

    def _add(self, name: str, created_at: datetime) -> None:
        try:
            with self.file.open("a", encoding="ascii") as out:
                # On a line of its own, also behind one that a crash cut short.
                out.write(f"\n{name} {created_at.astimezone(UTC).isoformat()}\n")
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            log.exception("an erasure could not be noted beside the database", file=str(self.file))

    def listed(self) -> list[tuple[int, datetime]]:
        """Return the people whom it names; a line that a crash cut short names nobody."""
        return [(int(name), at) for name, at in self._read() if name.isdecimal()]

    def towns(self) -> list[tuple[str, datetime]]:
        """Return the municipalities that went and were not meant to come back."""
        gone: dict[tuple[str, datetime], bool] = {}
        for name, at in self._read():
            what, _, slug = name.partition(":")
            if what in {"town", "back"} and slug:
                gone[slug, at] = what == "town"
        return [one for one, went in gone.items() if went]

    def _read(self) -> list[tuple[str, datetime]]:
        try:
            lines = self.file.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            name, _, moment = line.partition(" ")
            try:
                found.append((name, datetime.fromisoformat(moment)))
            except ValueError:
                continue
        return found
