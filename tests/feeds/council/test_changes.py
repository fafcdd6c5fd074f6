"""What residents are told when a council's own data change: moved, cancelled, deleted, an item more."""

from datetime import UTC, datetime

import pytest

from hub.core.changes import Known, decide
from hub.core.message import Change
from hub.core.notice import Status

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def told(council):
    """Return how a meeting, told as it was, is decided on when the server says something else of it."""

    def after(*, deleted=False, was=None, **now):
        (first,) = council.notices(council.meeting(1, **(was or {})))
        before = decide(first, None, NOW)
        gone = {"id": first.key, "type": "Meeting", "deleted": True, "modified": "2026-03-10T08:00:00+01:00"}
        (second,) = council.notices({"data": [gone]} if deleted else council.meeting(1, **now))
        return decide(second, Known(before.notice, 1, before.dates), NOW)

    return after


def test_a_moved_meeting_is_a_correction_of_the_same_date(told):
    decision = told(start="2026-03-24T19:00:00+01:00")
    assert (decision.change, decision.announce, decision.revision) == (Change.REVISED, True, 2)
    (moved,) = decision.moved
    assert (moved.before.start.day, moved.after.start.day) == (20, 24)


def test_another_room_is_told_too(told):
    (moved,) = told(location={"room": "Aula"}).moved
    assert moved.after.location == "Aula"


@pytest.mark.parametrize("how", [{"cancelled": True}, {"meetingState": "abgesagt"}, {"name": "ABGESAGT: Gemeinderat"}])
def test_a_cancelled_meeting_is_withdrawn(told, how):
    decision = told(**how)
    assert (decision.change, decision.announce) == (Change.WITHDRAWN, True)
    assert decision.dates[0].occurrence.status is Status.CANCELLED


def test_a_deletion_seen_through_modified_since_withdraws_with_the_words_that_were_told(told):
    decision = told(deleted=True)
    assert (decision.change, decision.announce) == (Change.WITHDRAWN, True)
    assert decision.notice.title == "Gemeinderat"
    assert decision.notice.places


def test_an_item_that_became_non_public_is_taken_out(told):
    items = [{"name": "Haushalt", "public": True}, {"name": "Kauf", "public": True}]
    decision = told(was={"agendaItem": items}, agendaItem=[items[0], items[1] | {"public": False}])
    assert decision.change is Change.REVISED
    assert "Kauf" not in decision.notice.texts[0].body


def test_the_same_word_again_is_nothing(told):
    assert told().change is None
    assert told(modified="2026-03-14T08:00:00+01:00").change is None
