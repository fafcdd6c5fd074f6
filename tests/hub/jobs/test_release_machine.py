"""All acts x people x edits in any order: no danger is told that a second person did not release as it is (A-05, F-09)."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.drafts import HERE, desk, ordinary
from fakes.house import Town, make_town
from fakes.people import account
from fakes.stores import hastened
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from hub.core.codec import from_json as notice_from_json
from hub.core.draft import Mode, from_json
from hub.core.errors import ActRefused
from hub.core.notice import Severity
from hub.core.permission import Grant, Role
from hub.core.release import Act, Refusal, State, Wish, refusal
from hub.jobs import issue, release
from hub.jobs.judge import Actor, person_of, work_of
from hub.store import drafts, grants
from hub.store.schema import notice

PEOPLE = st.integers(0, 3)
ROLES = (Role.AUTHOR, Role.EDITOR, Role.APPROVER)
REASON = "Niemand sonst ist erreichbar"
_EMPTY: list[Path] = []


class Office(RuleBasedStateMachine):
    """Four people of changing roles around one draft; beside them the book of who wrote and who released what."""

    town: Town

    @initialize(severity=st.sampled_from(Severity), by=PEOPLE)
    def begin(self, severity: Severity, by: int) -> None:
        self.folder = tempfile.mkdtemp()
        self.store = hastened(f"sqlite:///{shutil.copy(_EMPTY[0], self.folder)}")
        self.town = make_town(self.store)
        self.hall = desk(self.town)
        self.people = [self.hall.author, self.hall.editor, self.hall.approver,
                       account(self.town, "viola@example.org", *(Grant(one, HERE) for one in ROLES))]  # fmt: skip
        self.number = self.hall.begin(ordinary(severity=severity), self.people[by])
        self.wrote = {self.people[by]}  # since it was last published, and who began it
        self.author = self.people[by]
        self.released: tuple[Act, int, str, bool] | None = None  # the last word that sends, the hash, a strong proof
        self.glasses: list = []
        self.revision = 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    def row(self):
        with self.store.read() as session:
            return drafts.by_id(session, self.number)

    @rule(who=PEOPLE, severity=st.none() | st.sampled_from(Severity), mode=st.sampled_from([*[Mode.ACTUAL] * 4, Mode.TEST]),
          contact=st.sampled_from(["", "a", "b"]), own=st.booleans())  # fmt: skip
    def save(self, who: int, severity, mode: Mode, contact: str, own: bool) -> None:
        by = self.people[who]
        with self.store.begin() as session:
            row = drafts.locked(session, self.number)
            if row is None:
                return
            work, person = work_of(session, row, self.town.clock()), person_of(session, row, Actor(by))
            if refusal(work, person, Wish(Act.SAVE), self.town.clock()) is not None:
                return
            draft = from_json(row["content"])
            made = replace(draft, severity=draft.severity if severity is None else severity, mode=mode, contact=contact)
            assert drafts.save(session, row, made, by, self.town.clock(), own=own)
        self.wrote.add(by)

    @rule(who=PEOPLE, act=st.sampled_from([one for one in Act if one is not Act.SAVE]), strong=st.booleans(),
          old=st.booleans())  # fmt: skip
    def act(self, who: int, act: Act, strong: bool, old: bool) -> None:
        self._act(who, act, strong=strong, seen="0" * 64 if old else "")

    @rule(who=PEOPLE, other=PEOPLE)
    def two_people_release(self, who: int, other: int) -> None:
        """Take the short way, which chance alone seldom finds."""
        self._act(who, Act.SUBMIT)
        self._act(other, Act.APPROVE)

    def _act(self, who: int, act: Act, *, strong: bool = True, seen: str = "") -> None:
        row, by = self.row(), self.people[who]
        if row is None or (act is Act.DISCARD and not row["revision"]):
            return
        wish = Wish(act, seen or row["hash"], REASON)
        try:
            release.perform(self.town.house, HERE, self.number, Actor(by, strong=strong), wish)
        except ActRefused as error:
            if error.why == Refusal.LIMIT:
                recent = [one for one in self.glasses if self.town.clock() - one < timedelta(days=1)]
                assert len(recent) >= 2
            return
        assert seen == "" or act in {Act.RETURN, Act.ABORT, Act.DISCARD}
        if act is Act.BREAK_GLASS:
            self.glasses.append(self.town.clock())
        if act in {Act.RELEASE, Act.APPROVE, Act.BREAK_GLASS}:
            self.released = (act, by, row["hash"], strong)

    @rule(who=PEOPLE, role=st.sampled_from(ROLES), give=st.booleans())
    def change_a_role(self, who: int, role: Role, give: bool) -> None:
        with self.store.begin() as session:
            if give:
                grants.add(session, self.people[who], Grant(role, HERE), self.town.clock())
                return
            for one in grants.rows_of(session, self.people[who]):
                if one["role"] == role:
                    grants.remove(session, one["id"])

    @rule(seconds=st.sampled_from([1, 9, 31, 31, 31, 90_000]))
    def wait(self, seconds: int) -> None:
        self.town.clock.forward(seconds=seconds)
        issue.release_due(self.town.house)
        self.town.engine.run_all()
        self._look()

    def _look(self) -> None:
        row = self.row()
        if row is None or row["revision"] == self.revision:
            return
        before, self.revision = self.revision, row["revision"]
        assert row["revision"] == before + 1
        told = from_json(row["published"])
        assert told.mode is Mode.ACTUAL
        assert self.released is not None
        act, by, seen, strong = self.released
        assert seen == row["hash"]
        if told.severity >= Severity.SEVERE:
            assert strong
            assert act is Act.BREAK_GLASS or (act is Act.APPROVE and by not in self.wrote)
        self.wrote = {self.author}

    @invariant()
    def only_what_is_meant_is_told(self) -> None:
        if not hasattr(self, "store"):
            return
        row = self.row()
        with self.store.read() as session:
            told = session.scalars(select(notice.c.content)).all()
        assert len(told) == (1 if row is not None and row["revision"] else 0)
        if row is not None and row["state"] == State.PUBLISHED:
            assert notice_from_json(told[0]).severity == from_json(row["published"]).severity


@pytest.mark.parametrize("steps", [40])
def test_no_order_of_acts_lets_one_person_alarm_everybody(empty: Path, steps: int) -> None:
    _EMPTY[:] = [empty]
    run_state_machine_as_test(
        Office, settings=settings(max_examples=60, stateful_step_count=steps, deadline=None,
                                  suppress_health_check=list(HealthCheck)),
    )  # fmt: skip
