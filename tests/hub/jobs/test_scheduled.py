"""Scheduled sends provably go out: a thousand across a restart, both changes of the clock, and workers that die."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fakes.drafts import HERE, desk, ordinary, warning
from fakes.house import restarted
from sqlalchemy import select

from hub import failpoints
from hub.core.release import Act, Wish
from hub.core.subscription import Criteria
from hub.failpoints import FailpointReached
from hub.jobs import issue, release, sweep
from hub.jobs.judge import Actor
from hub.jobs.release import Receipt
from hub.store import drafts
from hub.store.schema import draft, draft_step

BERLIN = ZoneInfo("Europe/Berlin")
THOUSAND = [pytest.param(40, 225), pytest.param(500, 18, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
PLACES = ("release.checked", "release.moved", "release.told", "release.issued", "store.before-commit",
          "store.after-commit")  # fmt: skip


@pytest.fixture(autouse=True)
def unharmed():
    yield
    failpoints.arm("")


@pytest.mark.parametrize(("count", "apart"), THOUSAND, ids=["some", "all"])  # around each change; seconds
@pytest.mark.parametrize("night", ["2026-10-25", "2027-03-28"], ids=["autumn", "spring"])
def test_a_thousand_go_out_once_and_in_time_whatever_dies(town, night: str, count: int, apart: int) -> None:
    """All through the local hour that comes twice, or not at all; workers die six times, once all do."""
    hall = desk(town)
    town.person()
    town.clock.to(f"{night}T00:00:00+00:00")  # 02:00, or 01:00 local: the change comes at 01:00 UTC
    began = town.clock().astimezone(BERLIN).replace(tzinfo=None) - timedelta(minutes=20)
    wanted = {}
    for number in range(count):
        local = began + timedelta(hours=1) + timedelta(seconds=apart * number)
        at = local.replace(tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))  # as the form reads what a clerk typed
        made = hall.begin(ordinary(f"Meldung {number}", send_at=at))
        hall.act(made, Act.RELEASE)
        wanted[made] = max(at, town.clock() + timedelta(seconds=30))
    deaths, end = 0, max(wanted.values()) + timedelta(minutes=2)
    while town.clock() < end:
        town.clock.forward(seconds=30)
        minute = int((town.clock() - datetime.fromisoformat(f"{night}T00:00:00+00:00")).total_seconds() // 60)
        if deaths < len(PLACES) and minute >= 10 * (deaths + 1):
            failpoints.arm(f"{PLACES[deaths]}:1:raise")
            _die(town)
            failpoints.arm("")
            deaths += 1
            sent = town.push.sent
            town = restarted(town, f"worker {deaths}")  # nothing in memory is left
            town.push.sent = sent
            sweep.sweep(town.house)
        _tick(town)
    assert deaths == len(PLACES)
    told = Counter(title for _, title in town.push.told())
    assert told == {f"Meldung {number}": 1 for number in range(count)}
    with town.store.read() as session:
        steps = session.execute(select(draft_step).where(draft_step.c.act == drafts.SENT)).mappings().all()
        assert set(session.scalars(select(draft.c.state))) == {"published"}
    assert Counter(row["draft_id"] for row in steps) == dict.fromkeys(wanted, 1)
    late = [row["at"] - wanted[row["draft_id"]] for row in steps]
    assert min(late) >= timedelta(0), "one went out early"
    assert max(late) <= timedelta(seconds=60), "one was late"


def _tick(town) -> None:
    """Do what the clock and the workers do for released notices; the rest has tests of its own."""
    issue.release_due(town.house)
    town.engine.run_all()


def _die(town) -> None:
    """Let whoever works now come to an end in the middle of it."""
    try:
        issue.release_due(town.house)
        with town.store.read() as session:
            due = drafts.due(session, town.clock())
        for one in due:
            issue.issue(town.house, str(one))
    except FailpointReached:
        return


def test_workers_at_once_send_each_once(town) -> None:
    hall = desk(town)
    town.person()
    made = [hall.begin(ordinary(f"Meldung {number}")) for number in range(12)]
    for one in made:
        hall.act(one, Act.RELEASE)
    town.clock.forward(seconds=31)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: issue.issue(town.house, str(one)), made * 4))
    town.run()
    assert Counter(title for _, title in town.push.told()) == {f"Meldung {number}": 1 for number in range(12)}


def test_a_thousand_repeats_at_once_are_one_act_and_one_answer(town) -> None:
    """A double click, a browser's and a proxy's retries, all at the same moment (A-10)."""
    hall = desk(town)
    number = hall.begin(ordinary())
    wish, receipt = Wish(Act.RELEASE, hall.row(number)["hash"]), Receipt("k" * 64, "/dort")

    def press(_: int) -> str:
        return release.perform(town.house, HERE, number, Actor(hall.editor), wish, receipt=receipt).location

    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(press, range(1000)))
    assert answers == {"/dort": 1000}
    assert hall.steps(number) == ["release"]


def test_an_abort_and_the_hour_meet_and_one_of_them_wins(town) -> None:
    hall = desk(town)
    town.person(Criteria(topics=("warnings",)))
    for _ in range(10):
        number = hall.begin(warning())
        hall.act(number, Act.SUBMIT)
        hall.act(number, Act.APPROVE)
        town.clock.forward(seconds=11)
        with ThreadPoolExecutor(2) as pool:
            sent = pool.submit(issue.issue, town.house, str(number))
            stopped = pool.submit(hall.act, number, Act.ABORT)
        assert sent.exception() is None
        told = "sent" in hall.steps(number)
        assert told is (stopped.exception() is not None)
        assert hall.state(number) == ("published" if told else "draft")
