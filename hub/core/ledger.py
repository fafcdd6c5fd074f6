"""The ledger: who was meant by a message, and what became of each of them (F-07).

Always: meant = sent + expired + gone + failed + suppressed + lapsed + bundled + muted + doubled + open. What is left
over on either side is :attr:`Account.missing`: recipients that nobody works for and nobody gave up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SETTLED = ("sent", "expired", "gone", "failed", "suppressed")  # ends of a recipient's place in a batch
SPARED = ("lapsed", "bundled", "muted", "doubled")  # meant, and with a reason in no batch of this message
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Account:
    """One revision of a notice, a reminder, a digest: endpoints meant and what became of them.

    ``suppressed``: they left meanwhile, or a newer word overtook this one. ``lapsed``: it was over before they might be
    disturbed. ``bundled``: told in one message with others. ``doubled``: another municipality tells them the same.
    ``open``: waits, or is tried again. ``digested`` wait for a digest, which has its own account. ``first`` and
    ``last``: times from *seen* to the first and the last hand-over.
    """

    notice_id: str
    revision: int
    change: str
    title: str = ""
    municipality: str = ""
    at: datetime | None = None
    meant: int = 0
    sent: int = 0
    expired: int = 0
    gone: int = 0
    failed: int = 0
    suppressed: int = 0
    lapsed: int = 0
    bundled: int = 0
    muted: int = 0
    doubled: int = 0
    open: int = 0
    digested: int = 0
    pending: bool = False  # the publication is not carried out yet, so nobody can say who is meant
    first: timedelta | None = None
    last: timedelta | None = None

    @property
    def accounted(self) -> int:
        """How many of those meant have an end, a reason, or somebody who works for them."""
        return sum(getattr(self, name) for name in (*SETTLED, *SPARED, "open"))

    @property
    def missing(self) -> int:
        """How many nobody knows of; negative: more were told than were meant."""
        return 0 if self.pending else self.meant - self.accounted

    @property
    def balanced(self) -> bool:
        """Whether nobody is missing."""
        return self.missing == 0


def account(row: Mapping[str, Any]) -> Account:
    """Return the account of a publication with the sums of its batches.

    ``row``: ``notice_id``, ``revision``, ``change``, ``stage``, ``counted`` (has the publication counted whom it
    means?), ``meant`` and the spared as it counted them; of its batches ``size``, ``own`` (those among ``size`` that
    are told the message itself; the others are told of an earlier one's end), ``open``, the settled,
    ``seen_at``, ``first_at`` and ``done_at``; ``handed``: its batches were handed to the notice that continues it.
    """
    spared = {name: int(row[name]) for name in SPARED} if row["counted"] else dict.fromkeys(SPARED, 0)
    meant = int(row["meant"]) if row["counted"] else int(row["own"])
    if row["handed"]:
        meant, spared = int(row["own"]), dict.fromkeys(SPARED, 0)
    seen = row["seen_at"] or row["created_at"]
    return Account(
        notice_id=str(row["notice_id"]), revision=int(row["revision"]), change=str(row["change"]),
        title=str(row.get("title") or ""), municipality=str(row["municipality_id"]), at=row["created_at"],
        meant=meant + int(row["size"]) - int(row["own"]), open=int(row["open"]), digested=int(row["digested"]),
        pending=row["stage"] != "done", first=_since(seen, row["first_at"]), last=_since(seen, row["done_at"]),
        **spared, **{name: int(row[name]) for name in SETTLED},
    )  # fmt: skip


def _since(begin: datetime | None, end: datetime | None) -> timedelta | None:
    return max(end - begin, timedelta()) if begin is not None and end is not None else None


@dataclass(frozen=True, slots=True)
class Reminders:
    """The reminders of a notice, each one date, interest, channel and lead time: planned = fired + missed + ahead.

    ``due``: their time has come and they have not fired; ``missed``: counted, not sent, because it was too late.
    """

    planned: int = 0
    fired: int = 0
    missed: int = 0
    ahead: int = 0
    due: int = 0

    @property
    def missing(self) -> int:
        """How many are in none of the four states."""
        return self.planned - self.fired - self.missed - self.ahead - self.due


@dataclass(frozen=True, slots=True)
class Digests:
    """Entries of digests: they wait for the next one, or go out with one; ``stranded``: theirs is over already."""

    waiting: int = 0
    leaving: int = 0
    stranded: int = 0

    @property
    def missing(self) -> int:
        """How many are bound to a digest that will not go out any more."""
        return self.stranded


def summary(accounts: Iterable[Account]) -> tuple[int, int, int]:
    """Return (meant, accounted for, missing) of several accounts; too many and too few do not cancel out."""
    known = [one for one in accounts if not one.pending]
    return (
        sum(one.meant for one in known), sum(one.accounted for one in known), sum(abs(one.missing) for one in known)
    )  # fmt: skip
