"""Hand encrypted messages to the push services, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import SimpleQueue

from hub.core.errors import OrtsrufError
from hub.core.message import Outcome, Outlet, Payload, Recipient
from hub.core.ports import Answer, Posting, Wire
from push.webpush import WINDOW
from push.webpush.desk import Desk, settings_of
from push.webpush.wire import HttpWire


def send(chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet) -> Iterator[Outcome]:
    """Hand every message over, many at a time; one outcome each as they become known, nothing is raised.

    The chunk is drawn from, and encrypted, as room comes free: never more than ``WINDOW`` ahead of the outcomes. Once a
    push service asks to slow down or falls silent, the rest for it comes back untried.
    """
    settings = settings_of(outlet)
    if settings.processes and outlet.wire is not None:
        from push.webpush.processes import senders

        yield from senders(outlet.wire, settings).send(chunk, outlet)
        return
    with HttpWire.for_want_of(outlet.wire, outlet.http, settings.connections) as wire:
        yield from _flow(chunk, outlet, wire)


def _flow(chunk: Iterable[tuple[Recipient, Payload]], outlet: Outlet, wire: Wire) -> Iterator[Outcome]:
    answers: SimpleQueue[tuple[Posting, Answer | OrtsrufError]] = SimpleQueue()
    desk, flying = Desk(outlet, wire, answers), 0
    for recipient, payload in chunk:
        while flying and (not answers.empty() or flying >= min(WINDOW, wire.room(desk.service))):
            if answers.empty():
                wire.flush()
            flying -= 1
            yield desk.outcome(*answers.get())
        refused = desk.hand_over(recipient, payload)
        if refused is not None:
            yield refused
            continue
        flying += 1
        if flying == 1:  # the first message waits for no other
            wire.flush()
    wire.flush()
    for _ in range(flying):
        yield desk.outcome(*answers.get())
