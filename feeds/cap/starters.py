"""The warnings that every municipality of Germany has from its first day: NINA's, of all channels."""

from __future__ import annotations

from hub.core.notice import PlaceRef
from hub.core.source import Offer


def starters(ars: str, name: str) -> list[Offer]:
    """Return NINA's list for the municipality ``ars``; ``discover`` asks whether NINA has it."""
    return [Offer(f"Warnungen für {name} (NINA, mit DWD)", f"nina:{ars}", {"areas": ars}, (PlaceRef("ars", ars),))]
