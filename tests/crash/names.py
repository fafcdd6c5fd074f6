"""The failpoints that the code has, read from its source."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_CALL = re.compile(r'\breached\("([^"]+)"\)')


@cache
def named_failpoints() -> tuple[str, ...]:
    """Return the names of all failpoints of ``hub`` and ``push``, sorted."""
    root = Path(__file__).parents[2]
    found: set[str] = set()
    for folder in ("hub", "push"):
        for path in (root / folder).rglob("*.py"):
            if path.name != "failpoints.py":
                found.update(_CALL.findall(path.read_text(encoding="utf-8")))
    return tuple(sorted(found))
