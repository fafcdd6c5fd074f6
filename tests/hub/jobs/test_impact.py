"""The month of a municipality: counted while it runs, kept once it is over, without anybody in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from fakes.house import Town, news
from hypothesis import given
from hypothesis import strategies as st

from hub.core import impact as core
from hub.core.errors import SourceRefused
from hub.core.message import Result
from hub.jobs import erase, impact, sweep, tallying
from hub.store import canaries, subscribers, towns
from hub.store import impact as store
from hub.store.schema import notice

TOWN, MONTH = "huertgenwald", "2026-11"
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def month(town: Town, which: str = MONTH) -> dict:
    with town.store.read() as session:
        return dict(impact.month(session, towns.get(session, TOWN), which, town.clock()))


def person(town: Town, endpoint: int):
    with town.store.read() as session:
        return subscribers.get(session, subscribers.endpoint_row(session, endpoint)["subscriber_id"])


def test_a_month_that_is_over_is_closed_once_and_outlives_what_it_was_counted_from(town: Town) -> None:
    town.source()
    people = [town.person() for _ in range(12)]
    town.push.answers(people[0], Result.GONE)
    town.poll("s1", news())
    tallying.tally(town.house)
    town.clock.to("2026-12-03T12:00:00+01:00")
    assert impact.close(town.house) == 0  # deliveries of the last days may still end
    running = month(town)
    town.clock.to("2026-12-04T12:00:00+01:00")
    assert (impact.close(town.house), impact.close(town.house)) == (1, 0)
    closed = month(town)
    assert closed == {**running, "closed": True}
    assert (closed["notices"], closed["words"]) == ({"news": 1}, 1)
    assert (closed["delivered"], closed["in_time_all"], closed["budget_used"]) == ({"webpush": 11}, 1.0, 0.0)
    assert (closed["people"], closed["reach"], closed["begun"]) == (10, {"webpush": 10}, 12)
    assert closed["first"] == {"p50": 0.0, "p95": 0.0}
    with town.store.begin() as session:
        session.execute(notice.update().values(expires=town.clock()))
    town.clock.forward(days=120)
    sweep.forget(town.house)
    sweep.retain(town.house)
    assert month(town) == closed
    with town.store.read() as session:
        assert MONTH in store.closed(session, TOWN)


def test_a_month_before_the_town_was_there_is_not_closed(town: Town) -> None:
    town.clock.to("2026-11-25T12:00:00+01:00")
    assert impact.close(town.house) == 0


def test_who_deletes_everything_counts_in_the_month_of_coming_and_of_going_and_nowhere_else(town: Town) -> None:
    people = [town.person() for _ in range(11)]
    town.clock.to("2026-12-20T12:00:00+01:00")
    for one in people[:5]:
        erase.erase(town.house, person(town, one))
    with town.store.begin() as session:
        subscribers.end_endpoints(session, people[5:7], town.clock(), state="ended")
    assert (month(town)["begun"], month(town)["ended"]) == (11, 0)
    assert (month(town, "2026-12")["begun"], month(town, "2026-12")["ended"]) == (0, 7)
    town.clock.to("2027-02-01T12:00:00+01:00")
    for one in people[5:7]:  # who was lost in December is not lost again
        erase.erase(town.house, person(town, one))
    assert month(town, "2026-12")["ended"] == 7
    assert month(town, "2027-02")["ended"] == 0


@pytest.mark.parametrize("count", [1, 4])
def test_few_people_are_nowhere_in_a_month(town: Town, count: int) -> None:
    town.source()
    people = [town.person() for _ in range(count)]
    town.poll("s1", news())
    tallying.tally(town.house)
    erase.erase(town.house, person(town, people[0]))
    found = month(town)
    counts = [found["people"], found["begun"], found["ended"], *found["reach"].values(), *found["delivered"].values()]
    assert [one for one in counts if one] == []
    assert found["in_time_all"] is None


def test_no_month_names_anybody(town: Town) -> None:
    town.source()
    for _ in range(6):
        town.person()
    town.poll("s1", news())
    text = json.dumps(month(town), ensure_ascii=False)
    assert "push.example" not in text
    assert "service" not in text


def test_a_source_that_was_silent_for_a_while_says_so(town: Town) -> None:
    town.source()
    town.gatherer.breaks("s1", SourceRefused("no"))
    town.clock.forward(minutes=15)
    town.run()
    town.clock.forward(hours=12)
    town.poll("s1", news())
    town.clock.to("2026-12-01T12:00:00+01:00")
    (one,) = month(town)["sources"]
    assert 0.98 < one["uptime"] < 0.985  # half a day of thirty


def test_test_messages_are_counted_by_channel(town: Town) -> None:
    with town.store.begin() as session:
        endpoint = subscribers.add_endpoint(
            session, TOWN, subscribers.add(session, TOWN, language="de", digest_at="07:00", next_digest_at=NOON, now=NOON),
            channel="webpush", address="x", service="canary", keys={}, active=True, now=NOON,
        )  # fmt: skip
        canaries.add(session, TOWN, "webpush", endpoint)
        for _ in range(3):
            canaries.set_out(session, TOWN, "n", town.clock())
            town.clock.forward(seconds=2)
        canaries.proved(session, endpoint, "public", town.clock())
        canaries.proved(session, endpoint, "public", town.clock())
    assert month(town)["canaries"] == {"webpush": {"sent": 3, "arrived": 1}}


POLLS = st.lists(st.tuples(st.integers(0, 1000), st.booleans()), max_size=20)


@given(POLLS)
def test_the_time_up_is_the_time_not_down(polls: list[tuple[int, bool]]) -> None:
    ordered = sorted(polls)
    begin, end = NOON + timedelta(minutes=200), NOON + timedelta(minutes=800)
    found = core.uptime([(NOON + timedelta(minutes=at), failed) for at, failed in ordered], begin, end)
    down = 0
    for minute in range(200, 800):
        before = [failed for at, failed in ordered if at <= minute]
        down += bool(before and before[-1])
    assert found == pytest.approx(1 - down / 600)


@pytest.mark.parametrize("which", ["", "2026", "2026-13", "2026-11-01", "heute!!"])
def test_what_is_no_month_is_refused(which: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the calendar says it in its own words
        core.bounds(which, "Europe/Berlin")


def test_a_month_begins_and_ends_in_its_own_zone() -> None:
    begin, end = core.bounds("2026-12", "Europe/Berlin")
    assert (begin.astimezone(UTC).isoformat(), end.astimezone(UTC).isoformat()) == (
        "2026-11-30T23:00:00+00:00", "2026-12-31T23:00:00+00:00"
    )  # fmt: skip
    assert core.month_of(begin, "Europe/Berlin") == "2026-12"
    assert core.before("2026-01") == "2025-12"
