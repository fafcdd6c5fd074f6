"""A channel that draws as it has room and answers out of order, as connections do; it may die in the middle."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fakes.house import FakeChannel, Town

from hub.core.message import Outcome, Payload, Recipient, Result


class Killed(BaseException):
    """The process ends here; nobody handles this."""


@dataclass
class LazyChannel(FakeChannel):
    """Keeps up to ``WINDOW`` recipients under way and answers them in an order of its own (``seed``).

    ``told`` of :class:`FakeChannel` is what arrived, in order. ``before`` is called with each recipient about to be
    handed over; ``judge`` may decide on the outcome.
    """

    seed: int = 0
    before: Callable[[Recipient], None] | None = None
    judge: Callable[[Recipient], Outcome | None] = lambda _recipient: None
    arrived: list[str] = field(default_factory=list)

    def send(self, chunk: Iterable[tuple[Recipient, Payload]], _outlet: Any) -> Iterator[Outcome]:  # type: ignore[override]
        order, flying = random.Random(self.seed), []
        for recipient, payload in chunk:
            flying.append((recipient, payload))
            if len(flying) >= max(1, self.WINDOW):
                yield self._hand_over(*flying.pop(order.randrange(len(flying))))
        while flying:
            yield self._hand_over(*flying.pop(order.randrange(len(flying))))

    def _hand_over(self, recipient: Recipient, payload: Payload) -> Outcome:
        if self.before is not None:
            self.before(recipient)
        found = self.judge(recipient)
        if found is not None and found.result is not Result.SENT:
            return found
        waiting = self.results.get(recipient.endpoint) or []
        result = waiting.pop(0) if waiting else Result.SENT
        if result is Result.SENT:
            self.arrived.append(recipient.endpoint)
            self.sent.append((recipient, self.rendered[recipient.endpoint, payload.body.decode()]))
        return Outcome(recipient.endpoint, result, status=201 if result is Result.SENT else 503)


def lazy(town: Town, **values: Any) -> LazyChannel:
    """Give a town a lazy push channel."""
    made = LazyChannel("webpush", **values)
    town.channels["webpush"] = made
    return made
