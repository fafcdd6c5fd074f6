"""The demo's clock: real time, and it may jump ahead so that an evening reminder need not wait for the evening."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class DemoClock:
    """Call it for the time in UTC; :meth:`forward` jumps."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        """Return real time plus what was jumped."""
        return datetime.now(UTC) + self.ahead

    def forward(self, **span: float) -> None:
        """Jump ahead."""
        self.ahead += timedelta(**span)
