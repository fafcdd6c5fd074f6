"""Who is told of a change sees what is different from what they were told last."""

from __future__ import annotations

from datetime import timedelta

from fakes.house import NOON, Town, news

from hub.core.message import Result
from hub.core.notice import Value
from hub.core.subscription import Action, Criteria
from hub.store import told

DAY = timedelta(days=1)


def tender(days: int, **more):
    return news("t", "Kita", deadline=NOON + days * DAY, **more)


def changes(message):
    return [(one.name, one.before[:10], one.after[:10]) for one in message.entries[0].changes]


def test_a_change_is_told_with_its_fields(town: Town) -> None:
    town.person()
    town.source()
    town.poll("s1", tender(20, value=Value(10.0)))
    town.poll("s1", tender(27, value=Value(12.0)))
    first, second = (message for _, message in town.push.sent)
    assert changes(first) == []
    assert changes(second) == [("deadline", "2026-12-13", "2026-12-20"), ("value", "10.00 EUR", "12.00 EUR")]


def test_who_missed_a_revision_sees_the_difference_from_the_last_they_had(town: Town) -> None:
    asleep, awake = town.person(), town.person()
    town.source()
    town.poll("s1", tender(20))
    town.push.answers(asleep, Result.FAILED)
    town.poll("s1", tender(22))
    town.push.forget()
    town.poll("s1", tender(27))
    seen = {recipient.endpoint: changes(message) for recipient, message in town.push.sent}
    assert seen == {
        str(asleep): [("deadline", "2026-12-13", "2026-12-20")],
        str(awake): [("deadline", "2026-12-15", "2026-12-20")],
    }


def test_there_and_back_again_is_told_only_to_those_who_heard_of_it(town: Town) -> None:
    asleep, awake = town.person(), town.person()
    town.source()
    town.poll("s1", tender(20))
    town.push.answers(asleep, Result.FAILED)
    town.poll("s1", tender(22))
    town.push.forget()
    town.poll("s1", tender(20))
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(awake)]


def test_who_was_told_nothing_yet_sees_the_difference_from_the_revision_before(town: Town) -> None:
    town.source()
    town.poll("s1", tender(20))
    town.person()
    town.poll("s1", tender(27))
    assert [changes(message) for _, message in town.push.sent] == [[("deadline", "2026-12-13", "2026-12-20")]]


def test_a_digest_compares_with_what_the_digest_before_said(town: Town) -> None:
    town.person(Criteria(), ("webpush", Action.DIGEST, ""))
    town.source()
    town.poll("s1", tender(20))
    town.poll("s1", tender(21))
    town.clock.to("2026-11-24T07:31:00+01:00")
    town.run()
    (first,) = (message for _, message in town.push.sent)
    assert changes(first) == []  # never heard of it before: what came and went meanwhile is no change
    town.poll("s1", tender(25))
    town.poll("s1", tender(27))
    town.clock.to("2026-11-25T07:31:00+01:00")
    town.run()
    assert changes(town.push.sent[-1][1]) == [("deadline", "2026-12-14", "2026-12-20")]


def test_a_notice_that_went_to_very_many_is_compared_with_the_revision_before(town: Town, monkeypatch) -> None:
    asleep = town.person()
    town.source()
    town.poll("s1", tender(20))
    town.push.answers(asleep, Result.FAILED)
    town.poll("s1", tender(22))
    monkeypatch.setattr(told, "MOST_BATCHES", 0)
    town.poll("s1", tender(27))
    assert changes(town.push.sent[-1][1]) == [("deadline", "2026-12-15", "2026-12-20")]
