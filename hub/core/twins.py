"""Twins: revisions of several municipalities that say the same, of which nobody needs more than one (F24). Pure.

A county's closure is published in each of its towns, a storm warning in all of them. Whoever is subscribed in two of
these towns is told once on each way. Two revisions are twins when the same item lies behind them and not a word of
what they say differs; only where it is, as each town resolves it, may. In doubt they are not: hearing a thing twice is
better than not at all.
"""

from __future__ import annotations

import hashlib
import json

from hub.core import desk
from hub.core.codec import to_json
from hub.core.notice import Notice

# Our own name for it, how each town cuts its part out of the item's area, and what no reader sees (core.codec).
_OWN = frozenset({"id", "key", "places", "geometry", "sent", "references", "origin"})
_WORLDWIDE = frozenset({"cap"})  # kinds whose keys mean the same wherever they were read (CAP 1.2, 3.2.1: identifier)


def twin_key(notice: Notice, address: str) -> str:
    """Return what all twins of this revision share: 32 hex digits; empty for what can have none.

    ``address`` is where the source reads, empty for an editor's notice, which is the same item if its kind and key are.
    Incidents of a source are its own town's.
    """
    if notice.kind == desk.KIND or not notice.key:
        return ""
    item = item_name(notice.kind, address, notice.key) if notice.origin is None else notice.origin.item
    said = {name: value for name, value in to_json(notice).items() if name not in _OWN}
    text = json.dumps([item, said], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def item_name(kind: str, address: str, key: str) -> str:
    """Return the name of an item, equal wherever it is read: kind, a mark of where from, and the key there.

    Of the address, which may hold a secret, only a hash is told. CAP's keys are names by themselves.
    """
    return f"{kind}:{key}" if kind in _WORLDWIDE else f"{kind}:{address_mark(address)}:{key}"


def address_mark(address: str) -> str:
    """Return what stands for a source's address in the names of its items; empty for no address."""
    return hashlib.sha256(address.encode()).hexdigest()[:16] if address else ""
