"""Tallies: what closed batches add to the totals, each batch once, however many processes count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, select, text, update
from sqlalchemy.orm import Session

from hub.core.goals import Tallied
from hub.core.ledger import SETTLED
from hub.store.database import insert_for
from hub.store.schema import batch, budget, problem
from hub.store.schema import tally as table

CANARY = "canary"  # the service of our own endpoints: they count in no figure of people
UNTALLIED = text("NOT batch.tallied AND batch.state = 'done'")  # written out, so that SQLite sees its partial index
_AT_ONCE = frozenset(
    {"sent", "failed", "gone"}
)  # verdicts that the first round can bring; others wait or were given up
TIMES = (  # what it takes to say how soon a batch told its recipients
    batch.c.id, batch.c.municipality_id, batch.c.notice_id, batch.c.revision, batch.c.change, batch.c.channel,
    batch.c.service, batch.c.lane, batch.c.runs, batch.c.created_at, batch.c.wanted_at, batch.c.seen_at,
    batch.c.first_at, batch.c.done_at, *(batch.c[name] for name in SETTLED),
)  # fmt: skip


def take(session: Session, *, most: int = 500) -> Sequence[RowMapping]:
    """Take closed batches that were not counted yet; they count as counted with this transaction."""
    chosen = session.scalars(select(batch.c.id).where(UNTALLIED).order_by(batch.c.id).limit(most)).all()
    if not chosen:
        return ()
    query = update(batch).where(batch.c.id.in_(chosen), UNTALLIED).values(tallied=True).returning(*TIMES)
    return session.execute(query).mappings().all()


@dataclass(frozen=True, slots=True)
class Tries:
    """What the problems of a batch say: when those were told who needed more than one try, and what else went on.

    ``tried``: somebody was tried more than once; ``later``: so it went on after the first round.
    """

    told: list[datetime] = field(default_factory=list)
    tried: bool = False
    later: bool = False


def tries(session: Session, batch_ids: Sequence[int]) -> dict[int, Tries]:
    """Return what the problems of batches say, by batch; those without any are left out."""
    found: dict[int, Tries] = {}
    query = select(problem.c.batch_id, problem.c.at, problem.c.verdict, problem.c.attempts)
    for row in session.execute(query.where(problem.c.batch_id.in_(list(batch_ids)))):
        one = found.get(row.batch_id, Tries())
        told = [*one.told, row.at] if row.verdict == "sent" else one.told
        again = row.attempts > 1
        found[row.batch_id] = Tries(told, one.tried or again, one.later or again or row.verdict not in _AT_ONCE)
    return found


def add(session: Session, counted: Sequence[tuple[RowMapping, Tallied]]) -> None:
    """Add batches to the totals, and to the budget of the day (UTC) on which they were done."""
    totals: Counter[tuple[str, str, str]] = Counter()
    days: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for row, one in counted:
        key = (row["channel"], row["lane"])
        for name in SETTLED:
            totals[*key, name] += row[name]
        for seconds, count in one.buckets.items():
            totals[*key, f"le:{seconds}"] += count
        totals[*key, "milliseconds"] += one.milliseconds
        day = (row["done_at"] or row["created_at"]).date().isoformat()
        days[row["municipality_id"], day, row["channel"]].update(kept=one.kept, late=one.late, lost=one.lost)
    for (channel, lane, name), value in sorted(totals.items()):
        if value:
            insert = insert_for(session)(table).values(channel=channel, lane=lane, name=name, value=value)
            more = {"value": table.c.value + value}
            session.execute(insert.on_conflict_do_update(index_elements=["channel", "lane", "name"], set_=more))
    for (town, day, channel), counts in sorted(days.items()):
        if any(counts.values()):
            _spend(session, {"municipality_id": town, "day": day, "channel": channel}, counts)


def _spend(session: Session, key: Mapping[str, str], counts: Mapping[str, int]) -> None:
    insert = insert_for(session)(budget).values(**key, **counts)
    more: dict[str, Any] = {name: budget.c[name] + value for name, value in counts.items()}
    session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=more))


def totals(session: Session) -> Sequence[RowMapping]:
    """Return all totals: ``channel``, ``lane``, ``name``, ``value``."""
    return session.execute(select(table).order_by(table.c.channel, table.c.lane, table.c.name)).mappings().all()


def spent(session: Session, municipality: str, since: str) -> dict[str, tuple[int, int, int]]:
    """Return (kept, late, lost) of a municipality by channel since the day ``since`` (ISO 8601)."""
    sums = [func.coalesce(func.sum(budget.c[name]), 0) for name in ("kept", "late", "lost")]
    query = select(budget.c.channel, *sums).where(budget.c.municipality_id == municipality, budget.c.day >= since)
    return {
        row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in session.execute(query.group_by(budget.c.channel))
    }


def forget(session: Session, before: str) -> None:
    """Forget the budgets of the days before ``before``."""
    session.execute(delete(budget).where(budget.c.day < before))
