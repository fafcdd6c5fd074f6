"""From a source to a person, through the doors of the jobs, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from fakes.house import NOON, PLACE, Town, news, restarted
from sqlalchemy import func, select

from hub.core.errors import SourceRefused
from hub.core.fanout import Lane
from hub.core.message import Result
from hub.core.notice import Occurrence, Severity, Status
from hub.core.subscription import Action, Criteria
from hub.store import held, notices, recipients, sources
from hub.store.schema import batch, endpoint, match, notice, notice_revision, publication


def test_first_import_is_silent_and_what_comes_later_is_told_once(town: Town) -> None:
    town.person()
    town.source(imported=False)
    town.poll("s1", news("old"))
    assert town.push.told() == []
    town.poll("s1", news("old"), news("new", "Straßenfest"))
    town.poll("s1", news("old"), news("new", "Straßenfest"))
    assert town.push.told() == [("new", "Straßenfest")]


def test_a_changed_text_is_a_revision_in_the_same_thread(town: Town) -> None:
    town.person()
    town.source()
    town.poll("s1", news(title="Fest am Samstag"))
    town.poll("s1", news(title="Fest am Sonntag"))
    assert town.push.told() == [("new", "Fest am Samstag"), ("revised", "Fest am Sonntag")]
    first, second = (message for _, message in town.push.sent)
    assert first.thread == second.thread
    assert first.serial != second.serial


def test_absence_cancels_nothing(town: Town) -> None:
    town.person()
    town.source()
    town.poll("s1", news())
    for _ in range(4):
        town.poll("s1")
    assert town.push.told() == [("new", "Freibad öffnet")]
    with town.store.read() as session:
        assert not session.scalar(select(notice.c.withdrawn))


def test_a_cancel_reaches_exactly_those_who_had_the_alert(town: Town) -> None:
    early = town.person()
    town.source(topic="warnings")
    alert = news("a1", "Sturm", topic="warnings", severity=Severity.SEVERE, expires=NOON + timedelta(hours=9))
    town.poll("s1", alert)
    town.person()
    cancel = replace(alert, id="x", key="a2", references=("a1",), status=Status.CANCELLED, texts=(), places=())
    town.poll("s1", replace(cancel, texts=news("x", "Entwarnung").texts))
    assert [(r.endpoint, m.change) for r, m in town.push.sent] == [(str(early), "new"), (str(early), "withdrawn")]
    assert town.push.sent[0][1].thread == town.push.sent[1][1].thread


def test_an_expired_alert_is_kept_but_not_told(town: Town) -> None:
    town.person()
    town.source()
    town.poll("s1", news(expires=NOON))
    assert town.push.told() == []


def test_one_person_gets_one_message_however_many_subscriptions_fit(town: Town) -> None:
    from hub.jobs.subscribe import SignUp, Wish, sign_up

    wishes = tuple(
        Wish(Criteria(topics=topics, places=(PLACE,), words=words), (("webpush", Action.NOW, ""),))
        for topics, words in ((("news",), ()), ((), ()), ((), ("freibad",)))
    )
    sign_up(town.house, town.municipality, SignUp(wishes, {"webpush": ("https://push.example/1", {}, "service")}))
    town.source()
    town.poll("s1", news())
    assert len(town.push.sent) == 1
    with town.store.read() as session:
        assert session.scalar(select(func.count()).select_from(match)) == 3


def test_an_area_that_shrinks_tells_those_outside_that_it_ended(town: Town) -> None:
    from hub.core.notice import PlaceRef

    here = town.person()
    there = town.person(Criteria(places=("09",)))
    town.source(topic="warnings")
    both = (PlaceRef("ars", PLACE), PlaceRef("ars", "091620000000"))
    alert = news("a1", "Sturm", severity=Severity.SEVERE, places=both, expires=NOON + timedelta(hours=9))
    town.poll("s1", alert)
    town.push.forget()
    town.poll("s1", replace(alert, places=both[:1]))
    assert [(r.endpoint, m.change.value) for r, m in town.push.sent] == [
        (str(here), "revised"),
        (str(there), "withdrawn"),
    ]


def test_only_gone_ends_an_endpoint_and_retries_come_later(town: Town) -> None:
    gone, slow = town.person(), town.person()
    town.source()
    town.push.answers(gone, Result.GONE)
    town.push.answers(slow, Result.RETRY)
    town.poll("s1", news())
    with town.store.read() as session:
        states = dict(session.execute(select(endpoint.c.id, endpoint.c.state)).all())
    assert states == {gone: "gone", slow: "active"}
    assert town.push.told() == []
    town.clock.forward(minutes=2)
    town.run()
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(slow)]
    with town.store.read() as session:
        assert session.execute(select(batch.c.state, batch.c.sent, batch.c.gone)).all() == [("done", 1, 1)]


def test_a_retry_ends_when_the_notice_does(town: Town) -> None:
    slow = town.person()
    town.source()
    town.push.answers(slow, *[Result.RETRY] * 9)
    town.poll("s1", news(expires=town.clock() + timedelta(minutes=16)))
    town.clock.forward(minutes=10)
    town.run()
    assert town.push.told() == []
    with town.store.read() as session:
        assert session.execute(select(batch.c.state, batch.c.expired)).all() == [("done", 1)]


def test_a_broken_source_keeps_its_state_and_stops_no_other(town: Town) -> None:
    town.person()
    town.source("s1")
    town.source("s2")
    town.gatherer.breaks("s1", SourceRefused("The address answered with a web page."))
    town.gatherer.breaks("s3", RuntimeError("boom"))
    town.source("s3", imported=False)
    town.poll("s2", news("other", source="s2"))
    assert town.push.told() == [("new", "Freibad öffnet")]
    with town.store.read() as session:
        rows = {row["id"]: row for row in sources.listed(session)}
    assert rows["s1"]["fault"] == "The address answered with a web page."
    assert rows["s1"]["state"]["cursor"] == "c1"
    assert rows["s3"]["fault"] == "unexpected: RuntimeError"
    assert rows["s1"]["next_poll_at"] > town.clock()


def test_validators_come_back_only_after_a_good_poll(town: Town) -> None:
    town.source(imported=False)
    town.gatherer.breaks("s1", SourceRefused())
    town.run()
    town.poll("s1", news(), minutes=30)
    assert town.gatherer.states["s1"].cursor == ""
    town.poll("s1", news())
    assert town.gatherer.states["s1"].cursor == "c2"


def test_a_flood_is_held_for_the_editor_but_a_severe_warning_is_not(town: Town) -> None:
    town.person()
    town.source()
    flood = [news(f"n{number}", f"Meldung {number:02}") for number in range(30)]
    town.poll("s1", *flood, news("w", "Orkan", severity=Severity.EXTREME))
    assert town.push.told() == [("new", "Orkan")]
    with town.store.read() as session:
        assert session.scalar(select(func.count()).select_from(notice)) == 1
        assert len(held.waiting(session, "s1")) == 30


def test_every_job_run_twice_changes_no_row(town: Town) -> None:
    town.person()
    town.source()
    town.poll("s1", news())
    before = _everything(town)
    town.push.forget()
    with town.store.read() as session:
        publications = session.scalars(select(publication.c.id)).all()
        open_batches = session.scalars(select(batch.c.id)).all()
    for job, subjects in (("publish", publications), ("deliver", open_batches), ("gather", ["s1"])):
        for subject in subjects:
            town.engine._jobs[job](str(subject))
    assert town.push.told() == []
    assert _everything(town) == before


def _everything(town: Town) -> list[object]:
    with town.store.read() as session:
        return [session.execute(select(table)).all() for table in (notice, notice_revision, publication, batch, match)]


def test_a_pickup_that_moves_corrects_those_who_were_reminded(town: Town) -> None:
    early = town.person(Criteria(topics=("waste",)), ("webpush", Action.REMINDER, "P1D@18:00"))
    town.source(topic="waste")
    bins = news(
        "residual", "Restmüll", topic="waste", series=True,
        occurrences=(Occurrence("2026-11-24", date(2026, 11, 24)), Occurrence("2026-12-08", date(2026, 12, 8))),
    )  # fmt: skip
    town.poll("s1", bins)
    assert town.push.told() == []
    town.clock.to("2026-11-23T18:01:00+01:00")
    town.run()
    assert town.push.told() == [("reminder", "Restmüll 2026-11-24")]
    town.person(Criteria(topics=("waste",)), ("webpush", Action.REMINDER, "P1D@06:00"))
    moved = (Occurrence("2026-11-25", date(2026, 11, 25)), Occurrence("2026-12-08", date(2026, 12, 8)))
    town.push.forget()
    town.poll("s1", replace(bins, occurrences=moved))
    assert town.push.told() == [("correction", "Restmüll 2026-11-25")]
    recipient, message = town.push.sent[0]
    assert recipient.endpoint == str(early)
    assert message.entries[0].before is not None
    assert message.entries[0].before.start == date(2026, 11, 24)
    town.push.forget()
    town.clock.to("2026-11-24T18:01:00+01:00")
    town.run()
    assert ("reminder", "Restmüll 2026-11-25") in town.push.told()


def test_reminders_missed_during_an_outage_are_sent_while_useful(town: Town) -> None:
    town.person(Criteria(topics=("council",)), ("webpush", Action.REMINDER, "PT1H"))
    town.source(topic="council")
    start = NOON + timedelta(hours=3)
    town.poll(
        "s1",
        news("m1", "Rat", topic="council", occurrences=(Occurrence("meeting", start, start + timedelta(hours=2)),)),
    )
    town.push.forget()
    town.clock.at = start + timedelta(minutes=30)
    town.run()
    assert town.push.told() == [("reminder", f"Rat {start}")]
    town.run()
    assert len(town.push.sent) == 1


def test_a_digest_gathers_what_waits_at_the_persons_hour(town: Town) -> None:
    town.person(None, ("mail", Action.DIGEST, ""), channel="mail")
    town.source()
    town.poll("s1", news("n1", "Eins"), news("n2", "Zwei"))
    assert town.mail.told() == []
    town.clock.to("2026-11-24T07:01:00+01:00")
    town.run()
    assert [change for change, _ in town.mail.told()] == ["digest"]
    assert {one.notice.title for one in town.mail.sent[0][1].entries} == {"Eins", "Zwei"}
    town.clock.forward(days=1)
    town.run()
    assert len(town.mail.sent) == 1


def test_quiet_hours_wait_and_a_severe_warning_does_not(town: Town) -> None:
    endpoint_id = town.person()
    with town.store.begin() as session:
        from hub.store import subscribers

        row = subscribers.endpoint_row(session, endpoint_id)
        subscribers.change(session, row["subscriber_id"], quiet_from="22:00", quiet_to="06:30")
    town.source()
    town.clock.to("2026-11-23T23:00:00+01:00")
    town.poll("s1", news("n1", "Fest"), news("n2", "Orkan", severity=Severity.EXTREME))
    assert town.push.told() == [("new", "Orkan")]
    town.clock.to("2026-11-24T06:31:00+01:00")
    town.run()
    assert town.push.told() == [("new", "Orkan"), ("new", "Fest")]


def test_a_restart_finds_everything_that_was_left(town: Town) -> None:
    town.person()
    town.source()
    town.gatherer.has("s1", news())
    town.clock.forward(minutes=15)
    town.house.gatherer.fetch  # noqa: B018 - the town that dies
    with town.store.begin() as session:
        town.house.engine.defer(session, "gather", "s1")
    job = town.engine._take(list(Lane))
    assert job == ("gather", "s1")
    town.engine._run(job)  # the process dies after this transaction
    fresh = restarted(town)
    fresh.gatherer.has("s1", news())
    fresh.run()
    assert fresh.push.told() == [("new", "Freibad öffnet")]


def test_known_notices_are_found_by_any_name(town: Town) -> None:
    town.source()
    town.poll("s1", news("a1"))
    town.poll("s1", replace(news("a2", "Neu"), references=("a1",)))
    town.poll("s1", replace(news("a3", "Neuer"), references=("a2",)))
    with town.store.read() as session:
        known = notices.known(session, town.municipality, "s1", ["a3"])
    assert known is not None
    assert (known.revision, known.notice.title) == (3, "Neuer")
    assert known.notice.id == news("a1").id


def test_backfill_lays_a_new_interest_over_what_is_there(town: Town) -> None:
    town.source(topic="council")
    start = NOON + timedelta(hours=30)
    town.poll("s1", news("m1", "Rat", topic="council", occurrences=(Occurrence("meeting", start),)))
    town.person(Criteria(topics=("council",)), ("webpush", Action.REMINDER, "PT1H"))
    assert town.push.told() == []
    town.clock.at = start - timedelta(minutes=59)
    town.run()
    assert town.push.told() == [("reminder", f"Rat {start}")]


def test_reached_counts_only_who_was_told(town: Town) -> None:
    told, failed = town.person(), town.person()
    town.source()
    town.push.answers(failed, Result.FAILED)
    town.poll("s1", news())
    with town.store.read() as session:
        assert recipients.reached(session, news().id) == {told}


def test_one_cancel_may_end_several_alerts(town: Town) -> None:
    town.person()
    town.source(topic="warnings")
    later = NOON + timedelta(hours=9)
    town.poll("s1", news("a1", "Sturm", expires=later), news("a2", "Regen", expires=later))
    town.push.forget()
    cancel = replace(news("c", "Entwarnung"), references=("a1", "a2"), status=Status.CANCELLED)
    town.poll("s1", cancel)
    town.poll("s1", cancel)
    assert sorted(change for change, _ in town.push.told()) == ["withdrawn", "withdrawn"]
    with town.store.read() as session:
        assert set(session.scalars(select(notice.c.withdrawn))) == {True}


def test_an_update_that_merges_alerts_is_told_once(town: Town) -> None:
    town.person()
    town.source(topic="warnings")
    later = NOON + timedelta(hours=9)
    town.poll("s1", news("a1", "Sturm", expires=later), news("a2", "Regen", expires=later))
    town.push.forget()
    town.poll("s1", replace(news("u", "Sturm und Regen", expires=later), references=("a1", "a2")))
    assert town.push.told() == [("revised", "Sturm und Regen")]


def test_a_bare_cancel_of_something_unknown_is_nothing(town: Town) -> None:
    town.source(topic="warnings")
    town.poll("s1", replace(news("c"), texts=(), references=("never",), status=Status.CANCELLED))
    with town.store.read() as session:
        assert session.scalar(select(func.count()).select_from(notice)) == 0
