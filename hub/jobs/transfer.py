"""Transfer: an installation, or one town of it, moves to another database; no message is lost or sent twice.

The old side is put on hold and must be at rest; then everything is copied in one transaction of the new side, proved,
and the old side is marked as moved. Killed at any moment it is simply repeated.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.core.errors import SettingsError, StoreError
from hub.jobs.reunite import reunite
from hub.store import copying, guests, heartbeats, leases, pushkeys, routes, standing, towns
from hub.store.database import Store
from hub.store.schema import municipality

_PATIENCE = 45  # looks, a second apart: a killed process is known to be dead after 30 seconds
_AHEAD = 100_000_000  # ids that stay free for what the old side goes on to give, to towns that have not moved yet


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where; ``town`` is a slug, or empty for the whole installation. ``where`` is shown to people."""

    old: Store
    new: Store
    where: str
    town: str = ""


def transfer(
    move: Move, now: Callable[[], datetime], *,
    say: Callable[[str], None] = lambda _text: None, pause: Callable[[float], None] = time.sleep,
) -> dict[str, int]:  # fmt: skip
    """Move everything; returns rows per table (empty: they were there already, from a run that was killed).

    The new side stays on hold until ``ortsruf release``. Raises ``SettingsError`` with what is in the way, and
    ``StoreError``; the old side then goes on as it was.
    """
    ours = _begin(move, now())
    try:
        _wait(move.old, now, say, pause)
        return _move(move, now(), say)
    except (SettingsError, StoreError):
        if ours:
            with move.old.begin() as session:
                standing.drop(session, standing.HOLD)
        raise


def _begin(move: Move, now: datetime) -> bool:
    """Put the old side on hold; whether it was not before."""
    with move.old.begin() as session:
        moved = standing.get(session, standing.MOVED)
        if moved is not None:
            raise SettingsError(f"This installation has moved to {moved['value']} already.")
        if move.town and towns.get(session, move.town) is None:
            gone = standing.get(session, f"{standing.MOVED_TOWN}{move.town}")
            raise SettingsError(
                f"{move.town} has moved to {gone['value']} already." if gone else f"There is no town {move.town}."
            )
        return standing.hold(session, f"Moving to {move.where}: give `ortsruf transfer` again if it was stopped.", now)


def _wait(
    store: Store, now: Callable[[], datetime], say: Callable[[str], None], pause: Callable[[float], None]
) -> None:
    """Wait until nobody works and nothing is in flight. Raises ``SettingsError`` that names who does."""
    busy = ""
    for attempt in range(_PATIENCE):
        with store.read() as session:
            names = [f"{row['role']} {row['name']}" for row in heartbeats.alive(session, now())]
            held = leases.under_way(session, now())
        busy = ", ".join(names) or (f"{held} deliveries in flight" if held else "")
        if not busy:
            return
        if not attempt:
            say(f"Waiting for {busy} to end …")
        pause(1.0)
    raise SettingsError(f"Still at work: {busy}. Stop Ortsruf on the old side (serve, web, work, tick), then repeat.")


def _move(move: Move, now: datetime, say: Callable[[str], None]) -> dict[str, int]:
    arrived = f"{standing.ARRIVED}:{move.town or '*'}"
    counts: dict[str, int] = {}
    with move.old.begin() as old:
        copying.lock(old)
        identity = _identity(old)
        with move.new.begin() as new:
            row = standing.get(new, arrived)
            if row is None or row["value"] != identity:
                counts = _copy(move, old, new, say)
                _settle_guests(move, old, new)
                standing.put(new, arrived, identity, now)
                standing.hold(new, "Moved here; `ortsruf release` begins to work.", now)
        # The new side has everything from here on; if this dies before the next commit, a repeat comes here at once.
        _leave(move, old, now)
    return counts


def _settle_guests(move: Move, old: Session, new: Session) -> None:
    """Let the people whom a town shares with others, on either side, be what they are on the new one."""
    if not move.town:
        return
    pushkeys.claim(new, move.town, pushkeys.of_town(old, move.town))
    back = guests.subscribed(new, move.town)
    people = sorted({*guests.straddling(old, move.town), *back})
    reunite(old, new, move.town, back)
    guests.bring_home(new, people)
    guests.wait_anew(new)
    routes.rebuild(new, people)


def _leave(move: Move, old: Session, now: datetime) -> None:
    """Mark the old side: nothing is done there any more, and a town that moved is not there any more.

    Who is subscribed in other towns, too, stays for these, at home in one of them.
    """
    if not move.town:
        standing.put(old, standing.MOVED, move.where, now)
        return
    people = guests.straddling(old, move.town)
    guests.leave_home(old, move.town)
    pushkeys.leave(old, move.town)
    old.execute(delete(municipality).where(municipality.c.id == move.town))
    guests.wait_anew(old)
    routes.rebuild(old, people)
    standing.put(old, f"{standing.MOVED_TOWN}{move.town}", move.where, now)
    standing.drop(old, standing.HOLD)


def _copy(move: Move, old: Session, new: Session, say: Callable[[str], None]) -> dict[str, int]:
    """Copy and prove, all in the caller's transactions."""
    served = list(new.scalars(select(municipality.c.id)))
    wanted = copying.parts(move.town)
    if not served:
        if not move.town and copying.signs_in(new):
            raise SettingsError("The new database has accounts or an audit log already. Name an empty one.")
        copying.empty(new, people=not move.town)
        wanted = [*(copying.common() if move.town else []), *wanted]
    else:
        _refuse_to_break(move, old, new, served)
    counts: dict[str, int] = {}
    for table, condition in wanted:
        try:
            read, there = copying.copy(old, new, table, condition, move.town)
        except IntegrityError as error:
            raise SettingsError(_COLLIDES.format(table=table.name, town=move.town or "the installation")) from error
        if read != there:
            raise StoreError(f"The copy of {table.name} is not what was read; nothing was moved.")
        counts[table.name] = counts.get(table.name, 0) + read.rows
        if read.rows:
            say(f"{table.name}: {read.rows} rows")
    copying.advance(old, new, ahead=_AHEAD if move.town else 0)
    return counts


_COLLIDES = (
    "Ids in {table} are taken on the new side. They stand in people's secret links and must not change, so {town} "
    "cannot move into this database; move it into an empty one."
)


def _refuse_to_break(move: Move, old: Session, new: Session, there: list[str]) -> None:
    """Raise ``SettingsError`` where a merge would break secret links or push subscriptions."""
    if not move.town:
        raise SettingsError(f"The new database serves {', '.join(there[:5])} already. Name an empty one.")
    if move.town in there:
        raise SettingsError(f"The new database has a town {move.town} already.")
    if _of_people(old) != _of_people(new):
        raise SettingsError(
            f"The new installation has other keys: every secret link and every push subscription of {move.town} would "
            "end. Move the town into an empty database (its keys go with it), or begin the new installation so."
        )


def _of_people(session: Session) -> dict[str, str]:
    """Return the keys that links and subscriptions depend on; each installation signs its feeds with its own."""
    return {name: value for name, value in towns.secrets(session).items() if not name.startswith("federation_")}


def _identity(session: Session) -> str:
    return hashlib.sha256(towns.secrets(session).get("links", "").encode()).hexdigest()
