"""A move to another device: a short code that people read from one screen and type into another. Pure."""

from __future__ import annotations

from datetime import timedelta

LIVES = timedelta(minutes=10)  # of a code
ARRIVES = timedelta(days=7)  # so long the new device may take to turn its notifications on, until the old one stays
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, without those that look alike: 0 and O, 1 and I
LENGTH = 8  # 40 bits; a code lives ten minutes and few may be tried


def typed(text: str) -> str:
    """Return a code as it was made from how somebody typed it; empty if it cannot be one."""
    found = "".join(text.split()).replace("-", "").replace("–", "").upper()
    return found if len(found) == LENGTH and set(found) <= set(SIGNS) else ""


def shown(code: str) -> str:
    """Return a code in two groups, as it is read out."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"
