"""The tender as all readers give it: one shape for OCDS, eForms and RSS, plain enough to be JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

Texts = Mapping[str, str]  # language (BCP 47) to text


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of a tender; ``deadline`` is ISO 8601 with offset, or empty."""

    id: str
    titles: Texts
    descriptions: Texts = field(default_factory=dict)
    deadline: str = ""


@dataclass(frozen=True, slots=True)
class Tender:
    """One notice of one procedure.

    ``key`` names the procedure, ``notice`` this notice of it. ``remarks`` say what a corrigendum changed.
    ``places`` are (scheme, value, name), ``links`` (rel, href, title). ``deadline`` and ``published`` are ISO 8601.
    """

    key: str
    notice: str
    lang: str
    titles: Texts
    category: str
    version: str = ""
    descriptions: Texts = field(default_factory=dict)
    remarks: Texts = field(default_factory=dict)
    lots: Sequence[Lot] = ()
    deadline: str = ""
    published: str = ""
    buyer: str = ""
    cpv: Sequence[str] = ()
    places: Sequence[Sequence[str]] = ()
    amount: float | None = None
    currency: str = ""
    url: str = ""
    links: Sequence[Sequence[str]] = ()
    references: Sequence[str] = ()
    attribution: str = ""
    cancelled: bool = False

    def to_data(self) -> dict[str, Any]:
        """Return the tender as JSON-like data."""
        return asdict(self)


def from_data(data: Mapping[str, Any]) -> Tender:
    """Read what :meth:`Tender.to_data` gave. Raises ``KeyError`` or ``TypeError`` on anything else."""
    return Tender(**{**data, "lots": tuple(Lot(**one) for one in data["lots"])})


def next_deadline(lots: Sequence[Lot], now: datetime) -> str:
    """Return the deadline that counts: the earliest of the lots still open at ``now``, else the latest; or ""."""
    known = sorted((datetime.fromisoformat(lot.deadline), lot.deadline) for lot in lots if lot.deadline)
    waiting = [text for moment, text in known if moment > now]
    return waiting[0] if waiting else known[-1][1] if known else ""
