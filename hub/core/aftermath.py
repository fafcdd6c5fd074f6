"""What came of a notice: of each word that it had, on each channel, who was meant and what became of them (F81). Pure.

The arithmetic is the ledger's (:mod:`hub.core.ledger`): a channel's account is made as the whole word's is, and the
accounts of all channels together must be the word's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hub.core.delays import Delays, total
from hub.core.goals import FEWEST
from hub.core.ledger import SETTLED, SPARED, Account
from hub.core.message import Change
from hub.core.notice import Severity

REPLIES = timedelta(hours=48)  # so long whoever signs off counts as an answer to a message
COUNTS = ("meant", *SETTLED, *SPARED, "open")


class Word(StrEnum):
    """What a revision said."""

    NEW = "new"
    UPDATE = "update"
    ALL_CLEAR = "all-clear"


@dataclass(frozen=True, slots=True)
class Channel:
    """What came of a word on one channel; ``left``: ways signed off after it, ``None``: nobody counted them."""

    name: str
    account: Account
    delays: Delays = field(default_factory=Delays)
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one word of a notice. ``released``: when it was said."""

    revision: int
    word: Word
    title: str
    released: datetime
    severity: Severity
    account: Account
    channels: tuple[Channel, ...] = ()

    @property
    def delays(self) -> Delays:
        """How soon its recipients were told, on all channels."""
        return total(one.delays for one in self.channels)

    @property
    def left(self) -> int | None:
        """How many ways were signed off within two days after it; ``None`` if nobody counted them."""
        known = [one.left for one in self.channels if one.left is not None]
        return sum(known) if known else None

    @property
    def difference(self) -> int:
        """How many recipients nobody knows of, on whatever channel; 0: it adds up."""
        if self.account.pending:
            return 0
        apart = sum(abs(one.account.missing) for one in self.channels)
        return max(abs(self.account.missing), apart, self.uneven)

    @property
    def uneven(self) -> int:
        """By how much the channels together are not the whole; 0 where channels were not counted."""
        if self.account.pending or not self.channels:
            return 0
        whole = together([one.account for one in self.channels], self.account)
        return max(abs(int(getattr(whole, name)) - int(getattr(self.account, name))) for name in COUNTS)

    @property
    def under_way(self) -> bool:
        """Whether somebody is still to be told."""
        return self.account.pending or self.account.open > 0


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What came of a notice so far, the newest word first; ``calendars``: how many hold it, ``None`` if unknown."""

    notice_id: str
    title: str
    topic: str
    words: tuple[Told, ...]
    calendars: int | None = None

    @property
    def under_way(self) -> bool:
        """Whether somebody is still to be told."""
        return any(one.under_way for one in self.words)


def together(accounts: Iterable[Account], like: Account) -> Account:
    """Return the sums of accounts; whatever is no count is as in ``like``."""
    several = list(accounts)
    return replace(like, **{name: sum(getattr(one, name) for one in several) for name in COUNTS})


def word(change: str) -> Word:
    """Return what a revision of this change said."""
    return {Change.NEW: Word.NEW, Change.WITHDRAWN: Word.ALL_CLEAR}.get(Change(change), Word.UPDATE)


def shown(count: int | None) -> int | None:
    """Return a count of people as it may be shown: ``None`` for one to four of them, or if it is not known (T-06)."""
    return count if count is not None and (count == 0 or count >= FEWEST) else None


def coarse(count: int) -> int | None:
    """Return a standing number of people to two digits, rounded down: nobody is seen to come or go (T-06)."""
    if count < FEWEST:
        return None if count else 0
    step = max(FEWEST, int(10 ** (len(str(count)) - 2)))
    return count - count % step


def newest(words: Sequence[Told]) -> Told | None:
    """Return the newest word that was for anybody."""
    return next((one for one in words if one.account.meant or one.account.pending), words[0] if words else None)
