"""What becomes of drafts when an installation is restored, a town moves or leaves, and when they grow old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.drafts import HERE, NEIGHBOUR, desk, ordinary, warning
from fakes.house import Town, make_town
from fakes.people import account
from fakes.stores import hastened
from sqlalchemy import func, select

from hub.core.draft import Area
from hub.core.errors import ActRefused
from hub.core.permission import Grant, Role
from hub.core.release import Act, Refusal
from hub.jobs import sweep
from hub.jobs.backup import backup, restore
from hub.jobs.dissolve import dissolve
from hub.jobs.hold import release
from hub.jobs.transfer import Move, transfer
from hub.store import drafts
from hub.store.database import Store
from hub.store.schema import draft, draft_revision, draft_step


@pytest.fixture
def blank(tmp_path: Path) -> Iterator[Store]:
    made = hastened(f"sqlite:///{tmp_path / 'blank.sqlite'}")
    made.upgrade()
    yield made
    made.close()


def test_what_was_scheduled_before_a_backup_does_not_go_out_again(town: Town, blank: Store, tmp_path: Path) -> None:
    hall = desk(town)
    town.person()
    soon, later = hall.begin(ordinary("Bald")), hall.begin(ordinary("Morgen", send_at=town.clock() + timedelta(days=1)))
    for one in (soon, later):
        hall.act(one, Act.RELEASE)
    backup(town.store, tmp_path / "copy", town.clock())
    hall.wait()
    assert town.push.told() == [("new", "Bald")]
    assert restore(tmp_path / "copy", blank, town.clock()).dropped >= 1
    release(blank, town.clock())
    new = make_town(blank, town.clock, "new")
    new.run()
    assert new.push.told() == []
    with blank.read() as session:
        assert drafts.by_id(session, soon)["state"] == "draft"
        last = drafts.steps(session, soon)[-1]
    assert (last["act"], last["reason"], last["by"]) == ("held", "restored", 0)
    town.clock.forward(days=1)
    new.run()
    assert new.push.told() == [("new", "Morgen")]


def test_a_town_that_moves_takes_what_it_wrote_along_and_no_release(village: Town, blank: Store) -> None:
    """Account numbers mean other people there: nobody there may have been the second person, or be the first."""
    hall = desk(village)
    village.person()
    waiting, approved, told = hall.begin(warning()), hall.begin(warning("Sturm")), hall.begin(ordinary())
    hall.publish(told)
    hall.act(waiting, Act.SUBMIT)
    hall.act(approved, Act.SUBMIT)
    hall.act(approved, Act.APPROVE)
    transfer(Move(village.store, blank, "new", HERE), village.clock)
    release(blank, village.clock())
    new = make_town(blank, village.clock, "new")
    with blank.read() as session:
        rows = session.execute(select(draft).order_by(draft.c.id)).mappings().all()
        assert [row["state"] for row in rows] == ["draft", "draft", "published"]
        assert {row["author"] for row in rows} == {row["changed_by"] for row in rows} == {0}
        for table in (draft_revision, draft_step):
            assert set(session.scalars(select(table.c.by))) == {0}
    village.clock.forward(minutes=2)
    new.run()
    assert new.push.told() == []
    with village.store.read() as session:
        assert session.scalar(select(func.count()).select_from(draft)) == 0


def test_a_municipality_that_leaves_takes_its_drafts_along_and_holds_back_what_was_for_it(village: Town) -> None:
    hall = desk(village, there=(HERE, NEIGHBOUR))
    village.person()
    number = hall.begin(ordinary(areas=(Area(HERE), Area(NEIGHBOUR))))
    hall.act(number, Act.RELEASE)
    dissolve(village.house, "command", NEIGHBOUR)
    hall.wait()
    assert (hall.state(number), village.push.told()) == ("draft", [])
    assert hall.steps(number)[-1] == "held"
    dissolve(village.house, "command", HERE)
    with village.store.read() as session:
        assert session.scalar(select(func.count()).select_from(draft)) == 0


def test_a_year_later_it_is_gone_and_who_wrote_stays_known_until_it_is_out(village: Town) -> None:
    hall = desk(village)
    old, kept = hall.begin(ordinary("Alt")), hall.begin(warning())
    writer = account(village, "w@example.org", Grant(Role.AUTHOR, HERE), Grant(Role.APPROVER, HERE))
    hall.write(kept, writer, contact="x")
    hall.write(kept, contact="")
    hall.publish(old)
    hall.write(old, contact="neu")
    hall.publish(old)
    village.clock.forward(days=100)
    sweep.forget(village.house)
    with village.store.read() as session:
        assert [one["version"] for one in drafts.revisions(session, old)] == [2]
        assert len(drafts.revisions(session, kept)) == 3
    hall.act(kept, Act.SUBMIT)
    with pytest.raises(ActRefused) as found:
        hall.act(kept, Act.APPROVE, writer)
    assert found.value.why == Refusal.SELF.value
    hall.act(kept, Act.RETURN, hall.approver, reason="Ist das noch wahr?")
    village.clock.forward(days=366)
    sweep.forget(village.house)
    with village.store.read() as session:
        assert session.scalar(select(func.count()).select_from(draft)) == 0
