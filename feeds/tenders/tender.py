"""The tender as all readers give it: one shape for OCDS, eForms, TED and RSS, plain enough to be JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

Texts = Mapping[str, str]  # language (BCP 47) to text

PLANNING, OPEN, AWARD, MODIFICATION = "planning", "tender", "award", "modification"
PAST = frozenset({AWARD, MODIFICATION})  # nobody can hand in a tender any more
CORRIGENDUM = "corrigendum"  # the category of a notice that holds nothing but what it changes


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of a tender.

    ``deadline`` is ISO 8601 with offset, or empty; ``place`` is as a reader knows it (``35390 Gießen``);
    ``facts`` are (name, value) of this lot alone.
    """

    id: str
    titles: Texts
    descriptions: Texts = field(default_factory=dict)
    deadline: str = ""
    amount: float | None = None
    currency: str = ""
    place: str = ""
    cpv: Sequence[str] = ()
    facts: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Tender:
    """One notice of one procedure.

    ``key`` names the procedure, ``notice`` this notice of it; ``references`` are all names by which later notices
    may call either. ``form`` is the format it was read from, ``stage`` where the procedure stands. ``remarks`` say
    what a corrigendum changed. ``places`` are (scheme, value, name), ``regions`` NUTS codes of the performance (else
    of the buyer), ``links`` (rel, href, title), ``facts`` (name, value). Times are ISO 8601 with offset.
    """

    key: str
    notice: str
    lang: str
    titles: Texts
    category: str
    form: str = ""
    stage: str = OPEN
    version: str = ""
    descriptions: Texts = field(default_factory=dict)
    remarks: Texts = field(default_factory=dict)
    lots: Sequence[Lot] = ()
    published: str = ""
    buyer: str = ""
    cpv: Sequence[str] = ()
    places: Sequence[Sequence[str]] = ()
    regions: Sequence[str] = ()
    amount: float | None = None
    currency: str = ""
    url: str = ""
    links: Sequence[Sequence[str]] = ()
    references: Sequence[str] = ()
    facts: Sequence[Sequence[str]] = ()
    attribution: str = ""
    cancelled: bool = False

    def to_data(self) -> dict[str, Any]:
        """Return the tender as JSON-like data."""
        # Not ``asdict``: its deep copies cost a third of the reading of a whole day.
        return {**_plain(self), "lots": [_plain(lot) for lot in self.lots]}


def _plain(one: Lot | Tender) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


def from_data(data: Mapping[str, Any]) -> Tender:
    """Read what :meth:`Tender.to_data` gave. Raises ``KeyError`` or ``TypeError`` on anything else."""
    return Tender(**{**data, "lots": tuple(Lot(**one) for one in data["lots"])})


def first_deadline(lots: Sequence[Lot], published: str) -> str:
    """Return the earliest deadline that was open when the notice appeared, else the latest; or "".

    Measured by the notice's own time, not by the clock: the same notice read tomorrow must give the same answer.
    """
    known = sorted((datetime.fromisoformat(lot.deadline), lot.deadline) for lot in lots if lot.deadline)
    since = datetime.fromisoformat(published) if published else None
    waiting = [text for moment, text in known if since is None or moment > since]
    return waiting[0] if waiting else known[-1][1] if known else ""
