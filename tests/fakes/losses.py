"""Losses to inject: what a bug, a crash, a wrong hand in the database or a full disk may do. Each names what it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fakes.house import PLACE, Town, news
from sqlalchemy import delete, func, insert, select, update

from hub.core.message import Result
from hub.core.notice import Occurrence, Severity
from hub.core.subscription import Action, Criteria
from hub.store.schema import (
    batch,
    digest_entry,
    heartbeat,
    mark,
    match,
    notice_revision,
    problem,
    publication,
    reminder,
    service,
    source,
    subscriber,
)  # fmt: skip

WASTE = news("w1", "Biotonne", topic="waste", series=True)


@dataclass
class Scene:
    """A town in which something has happened: who is who, and handles to break things."""

    town: Town
    people: list[int]
    reader: int

    def run(self, statement: Any) -> None:
        with self.town.store.begin() as session:
            session.execute(statement)

    def one(self, query: Any) -> Any:
        with self.town.store.read() as session:
            return session.execute(query).first()

    def batch(self, *where: Any, change: str = "new") -> Any:
        """Return the newest batch of a kind."""
        found = self.one(select(batch).where(batch.c.change == change, *where).order_by(batch.c.id.desc()).limit(1))
        assert found is not None
        return found

    def set(self, row: Any, **values: Any) -> None:
        self.run(update(batch).where(batch.c.id == row.id).values(**values))

    def later(self, **span: float) -> None:
        """Let time pass in which nobody works but the watch's own clockwork."""
        self.town.clock.forward(**span)
        with self.town.store.begin() as session:  # the watch has been there all the time
            session.execute(update(mark).where(mark.c.name == "watch").values(at=self.town.clock()))


def scene(town: Town) -> Scene:
    """Give a town with news told, a digest waiting, a reminder ahead and one fired, and a retry waiting."""
    town.source()
    town.source("s2", topic="waste")
    people = [town.person() for _ in range(4)]
    reader = town.person(None, ("mail", Action.DIGEST, ""), channel="mail")
    waste = Criteria(topics=("waste",), places=(PLACE,))
    people += [town.person(waste, ("webpush", Action.REMINDER, "PT1H")) for _ in range(2)]
    start = town.clock() + timedelta(hours=4)
    dates = (Occurrence("soon", town.clock() + timedelta(minutes=70)), Occurrence("later", start))
    town.gatherer.has("s2", news("w1", "Biotonne", topic="waste", source="s2", series=True, occurrences=dates))
    town.poll("s1", news())
    town.push.answers(people[0], *[Result.RETRY] * 8)
    town.poll("s1", news(), news("n2", "Unwetter", severity=Severity.SEVERE))
    return Scene(town, people, reader)


Injection = Callable[[Scene], None]
LOSSES: dict[str, tuple[str, Injection]] = {}


def loss(sort: str) -> Callable[[Injection], Injection]:
    def note(door: Injection) -> Injection:
        LOSSES[door.__name__] = (sort, door)
        return door

    return note


def _done(one: Scene, **values: Any) -> Any:
    row = one.batch(batch.c.state == "done")
    one.set(row, **values)
    return row


def _open(one: Scene, **values: Any) -> Any:
    row = one.batch(batch.c.state == "open")
    one.set(row, **values)
    return row


# --- publications and revisions -----------------------------------------------------------------------------------


def _unpublished(one: Scene, stage: str) -> None:
    """Store a notice whose job is lost, with the publication standing at ``stage``."""
    one.town.gatherer.has("s1", news(), news("n2", "Unwetter", severity=Severity.SEVERE), news("n3", "Wasserrohrbruch"))
    one.town.clock.forward(minutes=15)
    from hub.jobs import gather

    gather.gather_due(one.town.house)
    while (found := one.town.engine._take(["gather"])) is not None:
        one.town.engine._run(found)
    empty_queue(one)
    newest = select(func.max(publication.c.id)).scalar_subquery()
    one.run(update(publication).where(publication.c.id == newest).values(stage=stage))
    one.later(seconds=90)


def empty_queue(one: Scene) -> None:
    """Lose every job that waits."""
    engine = one.town.engine
    for queue in engine._queues.values():
        queue.clear()
    engine._later.clear()
    engine._queued.clear()


for _stage in ("match", "now", "stand-in", "earlier"):
    LOSSES[f"publication lost at {_stage}"] = ("publication", lambda one, stage=_stage: _unpublished(one, stage))
LOSSES["publication at a stage nobody knows"] = ("publication", lambda one: _unpublished(one, "mtach"))
LOSSES["publication said to be done"] = ("match", lambda one: _unpublished(one, "done"))


@loss("revision")
def publication_deleted(one: Scene) -> None:
    one.run(delete(publication).where(publication.c.id == select(func.max(publication.c.id)).scalar_subquery()))


@loss("revision")
def all_publications_deleted(one: Scene) -> None:
    one.run(delete(publication))


@loss("revision")
def revision_deleted(one: Scene) -> None:
    one.run(delete(notice_revision).where(notice_revision.c.notice_id == news().id))


# --- who is meant -------------------------------------------------------------------------------------------------


@loss("match")
def matches_of_a_warning_deleted(one: Scene) -> None:
    one.run(delete(match).where(match.c.notice_id == news("n2").id))


@loss("match")
def matches_of_news_deleted(one: Scene) -> None:
    one.run(delete(match).where(match.c.notice_id == news().id))


@loss("forgotten")
def done_batch_deleted(one: Scene) -> None:
    one.run(delete(batch).where(batch.c.id == one.batch(batch.c.state == "done").id))


@loss("forgotten")
def open_batch_deleted(one: Scene) -> None:
    one.run(delete(batch).where(batch.c.id == one.batch(batch.c.state == "open").id))


@loss("forgotten")
def every_batch_deleted(one: Scene) -> None:
    one.run(delete(batch))


@loss("forgotten")
def recipients_left_out(one: Scene) -> None:
    row = one.batch(batch.c.state == "done")
    one.set(row, ids=row.ids[1:], size=row.size - 1, cursor=row.cursor - 1, sent=row.sent - 1)


@loss("forgotten")
def recipients_of_a_warning_left_out(one: Scene) -> None:
    row = one.batch(batch.c.state == "open")
    one.set(row, ids=row.ids[:1], size=1, cursor=1, sent=0)


@loss("forgotten")
def batch_of_another_revision(one: Scene) -> None:
    _done(one, revision=77)


@loss("forgotten")
def batch_of_another_notice(one: Scene) -> None:
    row = one.batch(batch.c.notice_id == news("n2").id)
    one.set(row, notice_id=news().id, revision=9)


@loss("ids")
def ids_cut_short(one: Scene) -> None:
    row = one.batch(batch.c.state == "done")
    one.set(row, ids=row.ids[:-1])


@loss("ids")
def ids_emptied(one: Scene) -> None:
    _done(one, ids=[])


@loss("ids")
def size_changed(one: Scene) -> None:
    row = one.batch(batch.c.state == "open")
    one.set(row, size=row.size + 3)


# --- cursors and counts -------------------------------------------------------------------------------------------


def _half(one: Scene, **values: Any) -> Any:
    """Leave a batch of three of which one was told and nobody holds it."""
    ids = one.people[1:4]
    row = one.batch(batch.c.state == "done")
    one.set(row, ids=ids, size=3, state="open", cursor=1, sent=1, runs=1, due_at=one.town.clock(), **values)
    return row


@loss("cursor")
def cursor_jumped_to_the_end(one: Scene) -> None:
    one.set(_half(one), cursor=3)


@loss("cursor")
def cursor_jumped_by_one(one: Scene) -> None:
    one.set(_half(one), cursor=2)


@loss("cursor")
def cursor_fell_back(one: Scene) -> None:
    one.set(_half(one), cursor=0)


@loss("cursor")
def counts_forgotten(one: Scene) -> None:
    one.set(_half(one), sent=0)


@loss("cursor")
def cursor_beyond_the_end(one: Scene) -> None:
    one.set(_half(one), cursor=99)


@loss("cursor")
def retry_deleted(one: Scene) -> None:
    one.run(delete(problem))


@loss("cursor")
def retry_without_a_time(one: Scene) -> None:
    one.run(update(problem).values(retry_at=None))


@loss("cursor")
def everybody_told_but_open(one: Scene) -> None:
    row = one.batch(batch.c.state == "done")
    one.set(row, state="open", cursor=0)


@loss("sum")
def closed_before_its_end(one: Scene) -> None:
    one.set(_half(one), state="done")


@loss("sum")
def closed_without_a_beginning(one: Scene) -> None:
    one.set(_half(one), state="done", cursor=0, sent=0)


@loss("sum")
def closed_with_a_retry_waiting(one: Scene) -> None:
    _open(one, state="done")


@loss("sum")
def counted_too_few(one: Scene) -> None:
    row = one.batch(batch.c.state == "done")
    one.set(row, sent=row.sent - 1)


@loss("sum")
def counted_too_many(one: Scene) -> None:
    row = one.batch(batch.c.state == "done")
    one.set(row, failed=5)


@loss("sum")
def counts_wiped(one: Scene) -> None:
    _done(one, sent=0, cursor=0)


# --- batches that nobody works on ----------------------------------------------------------------------------------


@loss("state")
def state_misspelt(one: Scene) -> None:
    _open(one, state="opne")


@loss("state")
def state_emptied(one: Scene) -> None:
    _open(one, state="")


@loss("lease")
def lease_for_ever(one: Scene) -> None:
    _open(one, lease_until=one.town.clock() + timedelta(days=365), owner="ghost")


@loss("lease")
def lease_for_an_hour(one: Scene) -> None:
    _open(one, lease_until=one.town.clock() + timedelta(hours=1), owner="ghost")


@loss("stuck")
def worker_vanished_with_its_lease(one: Scene) -> None:
    _open(one, lease_until=one.town.clock() + timedelta(seconds=20), owner="ghost", due_at=one.town.clock())
    empty_queue(one)
    one.later(seconds=100)


@loss("stuck")
def queue_emptied(one: Scene) -> None:
    _open(one, due_at=one.town.clock())
    empty_queue(one)
    one.later(seconds=70)


@loss("stuck")
def lane_misspelt(one: Scene) -> None:
    _open(one, lane="emregency", due_at=one.town.clock())
    one.later(seconds=70)


@loss("postponed")
def put_off_for_years(one: Scene) -> None:
    row = one.batch(batch.c.state == "open")
    one.run(delete(problem))
    one.set(row, due_at=one.town.clock() + timedelta(days=999), runs=0, cursor=0, sent=0)


@loss("postponed")
def put_off_for_an_hour(one: Scene) -> None:
    row = one.batch(batch.c.state == "open")
    one.run(delete(problem))
    one.set(row, due_at=one.town.clock() + timedelta(hours=1), runs=0, cursor=0, sent=0)


@loss("retry")
def retry_put_off(one: Scene) -> None:
    _open(one, due_at=one.town.clock() + timedelta(hours=5))
    empty_queue(one)
    one.later(minutes=3)


# --- reminders and digests -----------------------------------------------------------------------------------------


@loss("reminder")
def reminders_not_fired(one: Scene) -> None:
    one.later(minutes=170)


@loss("unplanned")
def planned_reminders_deleted(one: Scene) -> None:
    one.run(delete(reminder))


@loss("unplanned")
def one_reminder_deleted(one: Scene) -> None:
    one.run(delete(reminder).where(reminder.c.slot == select(func.max(reminder.c.slot)).scalar_subquery()))


@loss("forgotten")
def reminder_fired_for_nobody(one: Scene) -> None:
    last = select(func.max(reminder.c.due_at)).scalar_subquery()
    one.run(update(reminder).where(reminder.c.due_at == last).values(state="fired", due_at=one.town.clock()))


@loss("digest")
def digest_overdue(one: Scene) -> None:
    one.run(update(subscriber).values(next_digest_at=one.town.clock()))
    one.later(seconds=80)


@loss("digest")
def digest_put_off_for_weeks(one: Scene) -> None:
    one.run(update(subscriber).values(next_digest_at=one.town.clock() + timedelta(days=20)))


@loss("entry")
def digest_entry_deleted(one: Scene) -> None:
    one.run(delete(digest_entry).where(digest_entry.c.notice_id == news().id))


@loss("entry")
def all_digest_entries_deleted(one: Scene) -> None:
    one.run(delete(digest_entry))


@loss("entry")
def entry_bound_to_a_digest_that_is_over(one: Scene) -> None:
    one.run(update(digest_entry).values(batch_id=one.batch(batch.c.state == "done").id))


@loss("entry")
def entry_bound_to_a_digest_that_never_was(one: Scene) -> None:
    one.run(update(digest_entry).values(batch_id=4711))


# --- everything around ----------------------------------------------------------------------------------------------


@loss("expired")
def over_before_anybody_tried(one: Scene) -> None:
    row = one.batch(batch.c.state == "done")
    one.set(row, sent=0, expired=row.size, first_at=None, tallied=False)


@loss("source")
def source_not_read(one: Scene) -> None:
    one.run(update(source).values(next_poll_at=one.town.clock()))
    one.later(minutes=6)


@loss("marked")
def keys_refused(one: Scene) -> None:
    row = one.batch(batch.c.state == "done")
    values = {"attempts": 1, "verdict": "failed", "at": one.town.clock(), "detail": "marked: the push service refuses"}
    one.run(insert(problem).values([{"batch_id": row.id, "endpoint_id": number, **values} for number in range(91, 95)]))


@loss("heartbeat")
def worker_killed(one: Scene) -> None:
    _beat(one, "w1", "work", seconds=90)
    _beat(one, "t1", "tick", seconds=1)
    _beat(one, "w2", "work", seconds=1, lanes="digest")


@loss("worker")
def every_worker_killed(one: Scene) -> None:
    _beat(one, "w1", "work", seconds=90)
    _beat(one, "t1", "tick", seconds=1)


@loss("scheduler")
def scheduler_killed(one: Scene) -> None:
    _beat(one, "t1", "tick", seconds=100)
    _beat(one, "w1", "work", seconds=1)


def _beat(one: Scene, name: str, role: str, *, seconds: float, lanes: str = "") -> None:
    now = one.town.clock()
    values = {"started_at": now - timedelta(hours=1), "at": now - timedelta(seconds=seconds), "detail": ""}
    one.run(insert(heartbeat).values(name=name, role=role, lanes=lanes, **values))


def service_paused(one: Scene) -> None:
    """Not a loss: a push service asked for a pause, so batches wait."""
    now = one.town.clock()
    values = {"paused_until": now + timedelta(hours=1), "failures": 1, "rate": 0, "changed_at": now}
    one.run(insert(service).values(channel="webpush", name="service", **values))
    _open(one, due_at=now + timedelta(hours=1))
