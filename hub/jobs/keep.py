"""Keep: one item of a poll, within the poll's transaction: decide what it is, store it, wake its publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import Absence, Decision, decide
from hub.core.federation import is_same_origin
from hub.core.notice import Notice, Severity, Status
from hub.core.place import LOCAL, local_path
from hub.core.source import Source
from hub.core.twins import twin_key
from hub.failpoints import reached
from hub.jobs.house import House
from hub.store import batches, federation, notices, towns


@dataclass(frozen=True, slots=True)
class Round:
    """What all items of one poll (or of one word of the editor) share: the transaction, whose source, as of when."""

    house: House
    session: Session
    row: RowMapping
    town: RowMapping
    source: Source
    now: datetime
    first_import: bool = False
    absence: Absence = Absence.COUNTED

    @property
    def municipality(self) -> str:
        """The id of the municipality that the source belongs to."""
        return str(self.row["municipality_id"])


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of one item, and its publication if it has one."""

    decision: Decision
    publication: int | None = None


def names_of(notice: Notice) -> tuple[str, ...]:
    """Return all that the source calls this notice: its own key first, then what it continues."""
    return (notice.key, *notice.references)


def keep(around: Round, notice: Notice, *, announce: bool = True) -> Kept:
    """Store one item that is acted on; ``announce`` false takes it in without a word."""
    session, names = around.session, names_of(notice)
    known = notices.known(session, around.municipality, around.source.id, names)
    if known is not None and notice.sent and known.notice.sent and notice.sent < known.notice.sent:
        # An older word than the one we have: only its name is of use.
        return _save(around, Decision(None, known.notice, known.revision, known.dates), places=(), names=names)
    ids = notices.called(session, around.source.id, names)
    for other in ids[1:]:
        _end_other(around, notice, other, into=ids[0])
    if known is None and not notice.texts:
        return Kept(Decision(None, notice, 0, ()))  # a bare cancellation of something we never told
    decision = decide(notice, known, around.now, first_import=around.first_import, absence=around.absence)
    if known is not None and notice.origin != known.notice.origin:
        decision = _another_way(around, decision, known.notice, notice)
    if not announce:
        decision = replace(decision, announce=False)
    places = around.house.gatherer.places(decision.notice, around.source)
    towns.add_places(session, around.municipality, local_places(decision.notice, places))
    return _save(around, decision, places=places, names=names)


def _another_way(around: Round, decision: Decision, before: Notice, notice: Notice) -> Decision:
    """Keep the way by which a notice came last; that it came another way is no news (``hub.core.federation``).

    It is called as it is called there: by these names others know it from us.
    """
    now_is = replace(decision.notice, origin=notice.origin, key=notice.key, references=notice.references)
    decision = replace(decision, notice=now_is)
    if decision.change is None:
        federation.note_origin(around.session, now_is)
        return decision
    said = [(one.texts, one.severity, one.status, one.expires, one.occurrences) for one in (before, notice)]
    handed_over = notice.origin is None or before.origin is None or not is_same_origin(notice, before)
    return replace(decision, announce=False) if handed_over and said[0] == said[1] else decision


def end(around: Round, notice_id: str, *, sent: datetime | None = None, announce: bool = True) -> Kept | None:
    """Withdraw a notice as it is known; ``None`` if there is nothing (left) to withdraw."""
    known = notices.known_by_id(around.session, around.municipality, notice_id)
    if known is None or known.withdrawn:
        return None
    ending = replace(known.notice, status=Status.CANCELLED, sent=sent or known.notice.sent)
    decision = decide(ending, known, around.now)
    decision = replace(decision, announce=decision.announce and announce)
    return _save(around, decision, places=notices.places_of(around.session, notice_id), names=())


def _end_other(around: Round, notice: Notice, other: str, *, into: str) -> None:
    """End a further notice that ``notice`` refers to: called off with it, or merged ``into`` what it continues.

    Then it ends without a word, but who was told of it counts as told of what it became.
    """
    called_off = notice.status is Status.CANCELLED
    ended = end(around, other, sent=notice.sent, announce=called_off)
    if ended is not None and not called_off:
        notices.rename(around.session, other, into)
        batches.hand_over(around.session, other, into)


def _save(around: Round, decision: Decision, *, places: Sequence[str], names: Sequence[str]) -> Kept:
    publication = notices.save(
        around.session, around.municipality, around.source.id, decision,
        places=places, zone=around.town["zone"], now=around.now, names=names,
        twin=twin_key(decision.notice, around.source.url),
    )  # fmt: skip
    reached("keep.saved")
    if publication is not None:
        lane = "emergency" if decision.notice.severity >= Severity.SEVERE else "normal"
        around.house.engine.defer(around.session, "publish", str(publication), lane=lane)
        reached("keep.deferred")
    return Kept(decision, publication)


def local_places(notice: Notice, places: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return the places below a municipality that this notice names, with the name it gives them."""
    names = {local_path("", ref.scheme, ref.value): ref for ref in notice.places if ref.scheme in LOCAL}
    found: list[tuple[str, str, str]] = []
    for path in places:
        ref = names.get("/" + path.partition("/")[2])
        if ref is not None and "/" in path:
            found.append((path, ref.scheme, ref.name or ref.value))
        if ref is not None and ref.scheme == "house":  # whoever asks for the whole street must find it too
            found.append((path.partition("/house:")[0], "street", ref.value.partition("/")[0]))
    return found
