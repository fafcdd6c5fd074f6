"""When an incident begins and ends: once each, whatever order polls and looks come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.health import QUARANTINE, state
from hub.core.incidents import Sort, Turn, sort_of, turn

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)


def row(**values: Any) -> dict[str, Any]:
    """Return a source that works."""
    return {
        "id": "s1", "kind": "rss", "topic": "waste", "interval": 3600, "enabled": True, "failures": 0, "doubt": "",
        "doubt_since": None, "broken_since": None, "succeeded_at": NOW, "polled_at": NOW,
        "next_poll_at": NOW + timedelta(hours=1), **values,
    }  # fmt: skip


def looked(source: dict[str, Any], *open_keys: str, waiting: int = 0, last: date | None = None) -> Turn:
    return turn(source, state(source, NOW, last), waiting, open_keys, NOW)


def broken(**values: Any) -> dict[str, Any]:
    return row(failures=QUARANTINE, broken_since=NOW - timedelta(hours=2), **values)


def test_what_works_is_nothing_to_tell() -> None:
    assert looked(row()) == Turn()


@pytest.mark.parametrize(
    ("source", "more", "sorts"),
    [
        (row(failures=2, broken_since=NOW), {}, []),
        (broken(), {}, [Sort.BROKEN]),
        (row(doubt="half"), {}, [Sort.HELD]),
        (row(), {"waiting": 1}, [Sort.HELD]),
        (row(), {"last": NOW.date() + timedelta(days=13)}, [Sort.ENDS]),
        (row(), {"last": NOW.date() + timedelta(days=14)}, []),
        (broken(succeeded_at=NOW - timedelta(days=2)), {}, [Sort.BROKEN, Sort.SILENT]),
        (broken(succeeded_at=None), {}, [Sort.BROKEN]),
        (row(succeeded_at=NOW - timedelta(days=2), polled_at=NOW - timedelta(days=2),
             next_poll_at=NOW - timedelta(days=1)), {}, []),
        (broken(enabled=False), {}, []),
    ],
)  # fmt: skip
def test_what_begins(source: dict[str, Any], more: dict[str, Any], sorts: list[Sort]) -> None:
    assert [sort for sort, _ in looked(source, **more).begin] == sorts


def test_what_is_told_is_not_told_again() -> None:
    for source, more in ((broken(), {}), (row(), {"waiting": 3}), (row(doubt="empty"), {})):
        begun = looked(source, **more).begin  # type: ignore[arg-type]
        assert looked(source, *(key for _, key in begun), **more) == Turn()  # type: ignore[arg-type]


def test_without_an_editor_only_the_silence_is_told() -> None:
    source = broken(succeeded_at=NOW - timedelta(days=2), doubt="half")
    found = turn(source, state(source, NOW, NOW.date()), 5, (), NOW, edited=False)
    assert [sort for sort, _ in found.begin] == [Sort.SILENT]


def test_a_new_run_of_failures_is_a_new_incident() -> None:
    (_, key), *_rest = looked(broken()).begin
    later = broken() | {"broken_since": NOW - timedelta(minutes=50)}
    found = looked(later, key)
    assert found.end == (key,)
    assert [sort for sort, _ in found.begin] == [Sort.BROKEN]
    assert found.begin[0][1] != key


def test_one_failure_after_the_end_of_a_run_ends_the_incident_of_that_run() -> None:
    (_, key), *_rest = looked(broken()).begin
    assert looked(row(failures=1, broken_since=NOW), key) == Turn(end=(key,))


def test_the_end_of_an_unknown_calendar_is_no_all_clear() -> None:
    (_, key), *_rest = looked(row(), last=NOW.date()).begin
    assert looked(row(), key, last=None) == Turn()
    assert looked(row(), key, last=NOW.date() + timedelta(days=60)) == Turn(end=(key,))


steps = st.lists(st.tuples(st.booleans(), st.integers(1, 600), st.booleans()), max_size=60)


@given(steps)
def test_every_run_of_three_failures_that_somebody_looked_at_is_told_once(taken: list[tuple[bool, int, bool]]) -> None:
    """Steps: does the poll succeed, how many minutes pass before it, is the source looked at after it?"""
    at, source, open_keys, told = NOW, row(), list[str](), list[str]()
    for succeeds, minutes, looks in taken:
        at += timedelta(minutes=minutes)
        failed = {"failures": source["failures"] + 1, "broken_since": source["broken_since"] or at}
        source |= {"failures": 0, "broken_since": None, "succeeded_at": at} if succeeds else failed
        source |= {"polled_at": at, "next_poll_at": at + timedelta(hours=1)}
        if not looks:
            continue
        found = turn(source, state(source, at), 0, open_keys, at)
        assert not set(found.end) - set(open_keys)
        open_keys = [key for key in open_keys if key not in found.end] + [key for _, key in found.begin]
        told += [key for _, key in found.begin]
        assert [key for key in open_keys if sort_of(key) is Sort.BROKEN] == (
            [f"source:s1:broken:{source['broken_since'].isoformat()}"]
            if source["failures"] >= QUARANTINE or _still(open_keys, source)
            else []
        )
        assert turn(source, state(source, at), 0, open_keys, at) == Turn()
    assert len(told) == len(set(told))


def _still(open_keys: list[str], source: dict[str, Any]) -> bool:
    """Whether the present run was told already; only runs of three are."""
    return bool(source["failures"]) and any(key.endswith(str(source["broken_since"].isoformat())) for key in open_keys)
