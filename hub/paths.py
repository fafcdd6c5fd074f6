"""Where files lie, in a wheel and in a checkout."""

from __future__ import annotations

from pathlib import Path

_HUB = Path(__file__).resolve().parent


def templates() -> Path:
    """Return the folder of the site's templates: packed into the wheel, or beside the packages in a checkout."""
    packed = _HUB / "_templates"
    return packed if packed.is_dir() else _HUB.parent / "templates"
