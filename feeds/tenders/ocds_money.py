"""Sums of money in OCDS releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feeds.tenders import values

_MOST = 500


def money(value: Any) -> tuple[float, str] | None:
    """Return (amount, currency) of an OCDS value, or ``None``; ``amountNet`` where there is no ``amount``."""
    data = value if isinstance(value, dict) else {}
    for name in ("amount", "amountNet"):
        found = data.get(name)
        plain = str(found) if isinstance(found, int | float) and not isinstance(found, bool) else found
        number = values.amount(plain) if isinstance(plain, str) else None
        if number:
            code = data.get("currency")
            return number, values.currency(code if isinstance(code, str) else "")
    return None


def total_value(release: Mapping[str, Any], tender: Mapping[str, Any]) -> tuple[float | None, str]:
    """Return the estimated value, else the sum over the awards or the lots, with its currency."""
    own = money(tender.get("value"))
    if own:
        return own
    for holders in (release.get("awards"), tender.get("lots")):
        listed = holders[:_MOST] if isinstance(holders, list) else []
        found = {
            str(count): sum_
            for count, one in enumerate(listed)
            if isinstance(one, dict) and (sum_ := money(one.get("value")))
        }
        if found:
            return values.total(found)
    return None, ""
