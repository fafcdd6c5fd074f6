"""How far a batch is: outcomes come in any order, the cursor passes only what is settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.core.settle import WAITS, Settled, Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """What one checkpoint writes: the new ``cursor``, and what became of whom since the last one."""

    cursor: int
    settled: Sequence[tuple[int, Settled]]

    def counts(self) -> Counter[str]:
        """Return how many ended how; who is tried again has not ended."""
        return Counter(one.verdict.value for _, one in self.settled if one.verdict not in WAITS)


@dataclass
class Progress:
    """The recipients ``ids`` from position ``cursor`` on.

    ``ordered``: a step holds the settled ones that follow the cursor without a gap, so that a crash repeats only what
    lies behind it; else (tries again, the cursor stays) all that are settled.
    """

    ids: Sequence[int]
    cursor: int
    ordered: bool = True
    _settled: dict[int, Settled] = field(default_factory=dict)
    _reach: int = field(init=False)  # up to here everything is settled

    def __post_init__(self) -> None:
        """Begin at the cursor."""
        self._reach = self.cursor

    def settle(self, endpoint: int, settled: Settled) -> None:
        """Note what became of one recipient."""
        self._settled[endpoint] = settled
        while self.ordered and self._reach < len(self.ids) and self.ids[self._reach] in self._settled:
            self._reach += 1

    @property
    def ready(self) -> int:
        """How many recipients the next step would hold."""
        return self._reach - self.cursor if self.ordered else len(self._settled)

    def take(self) -> Step:
        """Return the next step; its recipients are forgotten here."""
        if not self.ordered:
            taken = list(self._settled.items())
            self._settled.clear()
            return Step(self.cursor, taken)
        taken = [(one, self._settled.pop(one)) for one in self.ids[self.cursor : self._reach]]
        self.cursor = self._reach
        return Step(self.cursor, taken)


SUPPRESSED = Settled(Verdict.SUPPRESSED, detail="left meanwhile, or nothing left to say")
EXPIRED = Settled(Verdict.EXPIRED, detail="no longer of use")
