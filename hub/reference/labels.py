"""German names of CPV and NUTS codes, and the CPV hierarchy.

CPV 2008 (Regulation (EC) 213/2008): division 2, group 3, class 4, category 5 digits, then finer, filled up with zeros.
"""

from __future__ import annotations

import re
from functools import cache

from hub.reference import tables


def cpv_code(text: str) -> str:
    """Return the 8 digits of a CPV code as sources write it (``45233130-9``, ``45233130.0``), or "" if it is none."""
    found = re.fullmatch(r"\s*(\d{8})(?:-\d|\.0)?\s*", text, re.ASCII)
    return found[1] if found else ""


def cpv_label(code: str) -> str:
    """Return the German label of ``code`` (8 digits, check digit allowed), or "" if unknown."""
    return tables.cpv().get(cpv_code(code), "")


def cpv_children(code: str = "") -> list[str]:
    """Return the codes one level below ``code`` (8 digits), or the 45 divisions without one, ascending.

    Where CPV skips a level, the next finer codes are the children.
    """
    wanted = cpv_code(code)
    return list(_tree().get(wanted, ())) if wanted or not code else []


def nuts_label(code: str) -> str:
    """Return the German label of a NUTS code of Germany, or "" if unknown."""
    return tables.nuts().get(code.strip().upper(), "")


@cache
def _tree() -> dict[str, tuple[str, ...]]:
    """Return the codes right below each code; those below "" are the divisions."""
    found: dict[str, list[str]] = {}
    codes = tables.cpv()
    for code in codes:
        prefixes = (code[:count].ljust(8, "0") for count in range(len(code.rstrip("0")) - 1, 1, -1))
        above = next((one for one in prefixes if one != code and one in codes), "")
        found.setdefault(above, []).append(code)
    return {code: tuple(below) for code, below in found.items()}
