"""The course of a publication: claimed for a lease that each step renews, and carried on until it is done.

take the publication whose turn it is in a lane -> step by step -> done, or back into line after a page when the turn is
another municipality's (G12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.turns import yields
from hub.failpoints import reached
from hub.jobs.house import LEASE, House
from hub.jobs.patience import patiently
from hub.jobs.publish import Telling, step, telling
from hub.store import lines, publications, recipients


class Wake(NamedTuple):
    """The job under whose name somebody works, to be woken again when it did not end what it took."""

    job: str
    subject: str


def take(house: House, session: Session, among: str, most: int | None = None) -> RowMapping | None:
    """Claim the publication of a lane whose turn it is, by turn ``most``; ``None`` if there is none to take."""
    row = publications.claim(session, among, house.worker(), house.now(), LEASE, most=most)
    if row is not None:
        reached("publish.claimed")
    return row


def carry(house: House, row: RowMapping, wake: Wake) -> None:
    """Carry out a claimed publication, or so much that it is another municipality's turn: then ``wake`` again."""
    course = Course(house, wake)
    following: RowMapping | None = row
    while following is not None:
        one = following
        # A deadlock or a cut connection need not wait for the lease to run out.
        following = patiently(lambda: course.step(one), stopping=house.stopping)  # noqa: B023 - called at once


@dataclass
class Course:
    """One worker's way through a publication; ``wake`` is the job that came to it."""

    house: House
    wake: Wake
    told: Telling | None = None
    meant: recipients.Meant | None = None

    def step(self, row: RowMapping) -> RowMapping | None:
        """Do the next step of ``row``; returns how it stands then, ``None`` if no more of it is to be done here."""
        house = self.house
        if row["stage"] == "now" and self.meant is None:  # outside the transaction that writes: others go on writing
            with house.store.read() as session:
                self.meant = recipients.meant(session, row["notice_id"], house.now(), after=row["position"])
        reached("publish.row-read")
        with house.store.begin() as session:
            told = telling(house, session, row, self.told)
            if told is not None:
                told.meant = self.meant
            after = step(house, session, row, told)
            if after is not None and row["stage"] != "match" and self._is_over(session, after):
                after = None
        self.told = told
        reached("publish.stage-committed")
        return after

    def _is_over(self, session: Session, row: RowMapping) -> bool:
        """Whether to let go after a page: the process ends, or it is another municipality's turn (G12)."""
        municipality, among = row["municipality_id"], row["lane"]
        turn = publications.next_turn(session, municipality, among)
        if self.house.stopping():  # wakes nobody: it would wake itself; the sweep of others finds the publication
            publications.put_back(session, row, row["turn"])
            return True
        if not yields(turn, *lines.of_others(session, municipality, among, turn, self.house.now())):
            publications.stay(session, row, turn)
            return False
        publications.put_back(session, row, turn)
        self.house.engine.defer(session, self.wake.job, self.wake.subject, lane=among)
        reached("publish.yielded")
        return True
