"""Where a Body of OParl is, with the repairs that real servers need."""

from __future__ import annotations

import re


def place_of(ags: str, rgs: str) -> tuple[str, str]:
    """Return scheme and key of a body from its ``ags`` and ``rgs`` (OParl 1.1, 3.3), empty if neither is one.

    Repairs: a lost leading zero (5358016), a ninth digit (051140000), an ARS written as AGS.
    """
    long, short = re.sub(r"\D", "", rgs), re.sub(r"\D", "", ags)
    if len(long) in {11, 12}:
        return "ars", long.zfill(12)
    if len(short) in {11, 12}:
        return "ars", short.zfill(12)
    if len(short) == 9 and short.endswith("0"):  # noqa: PLR2004 - Krefeld's ninth digit
        short = short[:8]
    if len(short) in {7, 8}:
        return "ags", short.zfill(8)
    return ("ars", short) if len(short) == 5 else ("", "")  # noqa: PLR2004 - a district
