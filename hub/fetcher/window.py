"""How many requests may be under way to one server: as many as it bears. Pure.

Rises by one with each good answer (so it doubles in a round trip) to what the connections carry, and halves when the
server asks to slow down or does not answer. RFC 9113, 5.1.2 leaves the number of streams to the peers; push services
allow about 100 a connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_SLOW_DOWN = frozenset({429, 503})


@dataclass
class Window:
    """The window of one origin; ``connections`` of ``streams`` each, one stream where the server has no HTTP/2."""

    connections: int
    streams: int
    size: int = field(init=False)
    _most: int = field(init=False)
    _spared: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Begin with one request per connection: nothing is known of the server yet."""
        self.size = self._most = self.connections

    def answered(self, status: int, *, multiplexed: bool) -> None:
        """Learn from an answer."""
        if status in _SLOW_DOWN:
            self._shrink()
            return
        self._spared = max(0, self._spared - 1)
        self._most = self.connections * (self.streams if multiplexed else 1)
        self.size = min(self.size + 1, self._most)

    def silent(self) -> None:
        """Learn from a request that got no answer."""
        self._shrink()

    def _shrink(self) -> None:
        """Halve, once for all requests that were under way together."""
        if self._spared:
            self._spared -= 1
            return
        self.size = max(1, self.size // 2)
        self._spared = self.size
