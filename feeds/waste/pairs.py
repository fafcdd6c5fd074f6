"""The setting ``fractions``: names for what a source calls by a code."""

from __future__ import annotations

from hub.core.errors import SourceConfigError


def setting_pairs(text: str, subject: str) -> dict[str, str]:
    """Read ``RM=Restmüll, BM=Biotonne``. Raises ``SourceConfigError``."""
    names: dict[str, str] = {}
    for one in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        code, mark, name = (part.strip() for part in one.partition("="))
        if not mark or not code or not name:
            raise SourceConfigError(f"{one!r} in 'fractions' is no pair code=name.", subject=subject)
        names[code] = name
    return names
