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

    def settle(self, endpoint: int, settled: Settled) -> None:
        """Note what became of one recipient."""
        self._settled[endpoint] = settled

    def __contains__(self, endpoint: int) -> bool:
        """Whether the recipient is settled and not yet in a step."""
        return endpoint in self._settled

    def __len__(self) -> int:
        """Return how many are settled and not yet in a step."""
        return len(self._settled)

    def take(self) -> Step:
        """Return the next step; its recipients are forgotten here."""
        if not self.ordered:
            taken = list(self._settled.items())
            self._settled.clear()
            return Step(self.cursor, taken)
        taken = []
        while self.cursor < len(self.ids) and (one := self._settled.pop(self.ids[self.cursor], None)) is not None:
            taken.append((self.ids[self.cursor], one))
            self.cursor += 1
        return Step(self.cursor, taken)


SUPPRESSED = Settled(Verdict.SUPPRESSED, detail="left meanwhile, or nothing left to say")
EXPIRED = Settled(Verdict.EXPIRED, detail="no longer of use")
