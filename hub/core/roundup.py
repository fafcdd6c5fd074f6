"""How a municipality is, at a glance: what is wrong there, how badly, and which one to look at first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from hub.core.goals import FEWEST, GOALS, TARGET
from hub.core.health import State

LOW = 0.25  # of the error budget left: somebody should look why
_BROKEN = frozenset({State.QUARANTINED, State.FAILING})


class Grade(IntEnum):
    """How badly somebody is needed."""

    WELL = 0
    LOOK = 1  # some day soon
    ACT = 2  # now


class Trouble(StrEnum):
    """What is wrong in a municipality, the gravest first."""

    QUEUE = "queue"  # something due waits for longer than its goal
    CANARY = "canary"  # a test message has not arrived
    SILENT = "silent"
    BROKEN = "broken"
    BUDGET = "budget"  # more was late or lost this month than the goal allows
    DOUBTED = "doubted"
    LATE = "late"
    ENDING = "ending"  # a calendar ends soon and nothing follows
    HELD = "held"
    LOW = "low"  # little is left of the error budget
    UNTOLD = "untold"  # nobody hears of it when a source breaks


_ACT = frozenset({Trouble.QUEUE, Trouble.CANARY, Trouble.SILENT, Trouble.BROKEN, Trouble.BUDGET})


@dataclass(frozen=True, slots=True)
class Line:
    """One municipality in the table of all.

    ``sources`` counts them by state; ``queue`` says by lane since how long something is due; ``late`` names the
    channels whose canary has not arrived, ``proved`` those whose has; ``spent`` is (kept, late, lost) of this month.
    """

    slug: str
    name: str
    sources: Mapping[State, int] = field(default_factory=dict)
    held: int = 0
    last: datetime | None = None
    sent: int = 0
    queue: Mapping[str, timedelta] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()
    spent: tuple[int, int, int] = (0, 0, 0)
    reached: bool = True

    @property
    def left(self) -> float | None:
        """How much of this month's error budget is left: 1 all, below 0 overspent; ``None``: too few to say."""
        return left(*self.spent)

    @property
    def longest(self) -> timedelta | None:
        """For how long the oldest of all lanes waits."""
        return max(self.queue.values(), default=None)

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong, the gravest first."""
        budget = self.left
        held = {
            Trouble.QUEUE: any(is_overdue(lane, age) for lane, age in self.queue.items()),
            Trouble.CANARY: bool(self.late),
            Trouble.SILENT: self.count(State.SILENT) > 0,
            Trouble.BROKEN: self.count(*_BROKEN) > 0,
            Trouble.BUDGET: budget is not None and budget < 0,
            Trouble.DOUBTED: self.count(State.DOUBTFUL) > 0,
            Trouble.LATE: self.count(State.LATE) > 0,
            Trouble.ENDING: self.count(State.ENDED) > 0,
            Trouble.HELD: self.held > 0,
            Trouble.LOW: budget is not None and 0 <= budget < LOW,
            Trouble.UNTOLD: not self.reached,
        }
        return tuple(one for one in Trouble if held[one])

    @property
    def grade(self) -> Grade:
        """How badly somebody is needed here."""
        found = self.troubles
        return Grade.WELL if not found else Grade.ACT if _ACT.intersection(found) else Grade.LOOK

    def count(self, *states: State) -> int:
        """Return how many sources are in one of these states."""
        return sum(self.sources.get(one, 0) for one in states)

    def rank(self) -> tuple[int, int, str]:
        """Sort by this: the municipality that needs somebody most comes first."""
        grave = len(_ACT.intersection(self.troubles))
        return (-self.grade, -grave if grave else -len(self.troubles), self.name.casefold())


def left(kept: int, late: int, lost: int) -> float | None:
    """Return which part of an error budget is left: 1 all, 0 nothing, below 0 overspent; ``None``: too few to say."""
    total = kept + late + lost
    if total < FEWEST:
        return None
    return 1 - (late + lost) / ((1 - TARGET) * total)


def is_overdue(lane: str, age: timedelta) -> bool:
    """Whether what waits in a lane has waited for longer than its goal; digests may take their hour."""
    return age > GOALS.get(lane, timedelta(minutes=5))
