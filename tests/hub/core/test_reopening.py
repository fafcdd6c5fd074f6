"""A closure that ends earlier than announced is called off; one that ends as announced is just over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.changes import Known, decide
from hub.core.message import Change
from hub.core.notice import Notice, NoticeText, Status

NOW = datetime(2030, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROAD = Notice("n", "n", "roads", "roads", (NoticeText("de", "Am Markt gesperrt"),), expires=NOW + 24 * HOUR)


def test_an_end_moved_into_the_past_is_told_as_open_again() -> None:
    decision = decide(replace(ROAD, expires=NOW - HOUR), Known(ROAD, 1), NOW)
    assert (decision.change, decision.announce) == (Change.WITHDRAWN, True)
    assert (decision.notice.status, decision.notice.category) == (Status.CANCELLED, "reopened")
    again = decide(replace(ROAD, expires=NOW - HOUR), Known(decision.notice, 2, withdrawn=True), NOW)
    assert again.change is None


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (NOW - HOUR, NOW - HOUR, None),
        (NOW + HOUR, NOW + HOUR, None),
        (NOW + HOUR, NOW + 2 * HOUR, Change.REVISED),
        (NOW - 2 * HOUR, NOW - HOUR, Change.REVISED),
        (NOW - HOUR, NOW + HOUR, Change.REVISED),
    ],
)
def test_anything_else_is_what_it_was(before: datetime, after: datetime, change: Change | None) -> None:
    decision = decide(replace(ROAD, expires=after), Known(replace(ROAD, expires=before), 1), NOW)
    assert (decision.change, decision.notice.status) == (change, Status.ACTIVE)


def test_another_kind_is_not_reopened() -> None:
    news = replace(ROAD, kind="rss")
    assert decide(replace(news, expires=NOW - HOUR), Known(news, 1), NOW).change is Change.REVISED
