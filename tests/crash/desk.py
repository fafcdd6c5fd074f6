"""What an editor does while the process dies: releases one notice, again whenever nobody answers; another waits."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from fakes.drafts import HERE, ordinary, warning
from fakes.house import Town
from fakes.people import account
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core.errors import ActRefused
from hub.core.permission import Grant, Role
from hub.core.release import Act, State, Wish
from hub.jobs import release
from hub.jobs.judge import Actor
from hub.jobs.release import Receipt
from hub.store import drafts
from hub.store.database import Store
from hub.store.schema import draft, draft_step

TOPIC = "lost"


def prepare(town: Town) -> dict[str, Any]:
    """Let one warning be approved and wait for its time, and leave another notice to be released."""
    people = {role.value: account(town, f"{role.value}@example.org", Grant(role, HERE)) for role in
              (Role.AUTHOR, Role.EDITOR, Role.APPROVER)}  # fmt: skip
    with town.store.begin() as session:
        waiting = drafts.add(session, HERE, warning(topic=TOPIC), people["author"], town.clock())
        ready = drafts.add(session, HERE, ordinary(topic=TOPIC), people["author"], town.clock())
        seen = {one: drafts.by_id(session, one) for one in (waiting, ready)}
    for act, who in ((Act.SUBMIT, "author"), (Act.APPROVE, "approver")):
        release.perform(town.house, HERE, waiting, Actor(people[who], strong=True), Wish(act, seen[waiting]["hash"]))
    return {
        "editor": people["editor"], "ready": ready, "hash": seen[ready]["hash"],
        "keys": [seen[waiting]["key"], seen[ready]["key"]],
    }  # fmt: skip


def act(town: Town, given: dict[str, Any]) -> None:
    """Release what is ready; who heard no answer presses again."""
    wish, receipt = Wish(Act.RELEASE, given["hash"]), Receipt("k" * 64, "/done")
    with suppress(ActRefused):
        release.perform(town.house, HERE, given["ready"], Actor(given["editor"]), wish, receipt=receipt)


def unsettled(session: Session) -> int:
    """Count what has not gone out."""
    query = select(func.count()).select_from(draft).where(draft.c.state != State.PUBLISHED.value)
    return int(session.scalar(query) or 0)


def check(store: Store, die: str) -> None:
    """See that each act and each sending stands in the books once."""
    with store.read() as session:
        rows = session.execute(select(draft_step.c.draft_id, draft_step.c.act)).all()
        revisions = set(session.scalars(select(draft.c.revision)))
    done = sorted(row.act for row in rows)
    assert done == ["approve", "release", "sent", "sent", "submit"], f"{die}: {done}"
    assert revisions == {1}, f"{die}: {revisions}"
