"""Doubles: who hears a revision from another municipality already, asked in the transaction that plans it (F24)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.message import Change
from hub.store import twins


@dataclass(frozen=True)
class Doubles:
    """The twins of a revision of ``municipality`` that stand elsewhere, and whom they reach; read when asked for.

    ``ends``: the revision says that something is over.
    """

    session: Session
    municipality: str
    twins: Sequence[RowMapping]
    ends: bool = False

    @cached_property
    def told(self) -> set[int]:
        """Endpoints that a twin is told at once, or in a bundle."""
        return twins.placed(self.session, self.twins) if self.twins else set()

    @cached_property
    def awaiting(self) -> set[int]:
        """Endpoints that hear a twin at once or in a digest; of an end only those whose digest is still to come.

        Of what an earlier digest ended they may have heard here after that (``jobs.give_back``).
        """
        if not self.twins:
            return set()
        return self.told | twins.awaited(self.session, self.municipality, self.twins, past=not self.ends)

    def reminded(self, row: Mapping[str, Any] | RowMapping) -> set[int]:
        """Return the endpoints that are reminded of the same date of a twin as reminder ``row`` is of."""
        if not self.twins:
            return set()
        return twins.reminded(
            self.session, self.twins, slot=row["slot"], lead=row["lead"], valid_until=row["valid_until"]
        )

    def supersede(self, notice_id: str) -> None:
        """Let an older word of the notice that waits for a digest go for those who hear the newest from a twin."""
        if self.twins and self.awaiting:
            twins.take_out_of_digests(self.session, [notice_id], self.awaiting)

    def drop_entries(self, ids: Collection[int]) -> None:
        """Let those who are told at once now not find a twin in their next digest."""
        if self.twins and ids:
            twins.take_out_of_digests(self.session, [one["notice_id"] for one in self.twins], ids)


def doubles(session: Session, row: Mapping[str, Any] | RowMapping, *, planning: bool = True) -> Doubles:
    """Return the doubles of a ``row`` with ``municipality_id``, ``notice_id`` and ``revision``.

    ``planning``: until the transaction ends nobody else plans a twin, so that of two who come at once one sees the
    other's batches.
    """
    key = twins.key_of(session, row["notice_id"], row["revision"])
    if key and planning:
        twins.lock(session, key)
    found = twins.of(session, row["municipality_id"], row["notice_id"], {key} - {""}, standing=planning)
    return Doubles(session, row["municipality_id"], found, ends=row.get("change") == Change.WITHDRAWN)
