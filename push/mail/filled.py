"""A mail that was filled in: literal bytes that all share, and values that are one recipient's own, by turns. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.core.message import Payload

Part = tuple[int, int, int | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """What mails with links of the same lengths have in common.

    ``plain`` are literals and gaps (empty) by turns, the first and the last a literal; ``stuffed`` the same with dots
    doubled, ``None`` if they are no lines or their dots cannot be doubled piece by piece. ``parts`` are the values
    (slot, and which part of it), ``order`` says which of them belongs into each gap, ``leading`` which begin a line.
    """

    plain: tuple[bytes, ...]
    stuffed: tuple[bytes, ...] | None
    parts: tuple[Part, ...]
    order: tuple[int, ...]
    leading: tuple[int, ...]

    def filled(self, own: Sequence[str], hints: Mapping[str, str]) -> Payload:
        """Return the mail with the values ``own`` of one recipient, by slot."""
        values = [own[slot][begin:end].encode() for slot, begin, end in self.parts]
        laid = [values[one] for one in self.order]
        if self.stuffed is None or any(values[one].startswith(b".") for one in self.leading):
            return Payload(b"".join(_laid(self.plain, laid)), hints)
        return Filled(self.plain, self.stuffed, laid, hints)


class Filled(Payload):
    """A mail whose bytes are joined when they leave; ``body`` is the same as a whole."""

    __slots__ = ("_plain", "_stuffed", "_values")

    _plain: tuple[bytes, ...]
    _stuffed: tuple[bytes, ...]
    _values: list[bytes]

    def __init__(
        self, plain: tuple[bytes, ...], stuffed: tuple[bytes, ...], values: list[bytes], hints: Mapping[str, str]
    ) -> None:
        """Keep the literals of both forms, and the values for the gaps in them."""
        put = object.__setattr__
        put(self, "headers", hints)
        put(self, "_plain", plain)
        put(self, "_stuffed", stuffed)
        put(self, "_values", values)

    @property
    def body(self) -> bytes:
        """Return the whole mail."""
        return b"".join(self.plain())

    def plain(self) -> Sequence[bytes]:
        """Return the mail in pieces, in lines that end with CR LF."""
        return _laid(self._plain, self._values)

    def stuffed(self) -> Sequence[bytes]:
        """Return the mail in pieces, with dots doubled where a line begins with one."""
        return _laid(self._stuffed, self._values)

    def __eq__(self, other: object) -> bool:
        """Whether the other is the same mail, however it was made."""
        if not isinstance(other, Payload):
            return NotImplemented
        return self.body == other.body and self.headers == other.headers

    __hash__ = None  # type: ignore[assignment]


def _laid(literals: tuple[bytes, ...], values: list[bytes]) -> list[bytes]:
    pieces = list(literals)
    pieces[1::2] = values
    return pieces
