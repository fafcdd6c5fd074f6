"""From a draft to people and back, through the doors that the pages use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.drafts import HERE, NEIGHBOUR, desk, ordinary, warning
from fakes.house import PLACE
from fakes.people import account, written
from sqlalchemy import select

from hub.core.draft import Area, Mode
from hub.core.errors import ActRefused
from hub.core.notice import NoticeText, Occurrence, PlaceRef, Severity
from hub.core.permission import Grant, Role
from hub.core.release import Act, Refusal, Wish
from hub.core.subscription import Criteria
from hub.jobs import issue, release, watch
from hub.jobs.judge import Actor
from hub.jobs.release import Receipt
from hub.jobs.tell import id_in
from hub.store import alarms, audit, grants, notices
from hub.store.schema import draft, notice, occurrence, publication
from hub.web.operating.record import ACTS


def refused(why: Refusal, act) -> None:
    with pytest.raises(ActRefused) as found:
        act()
    assert found.value.why == why.value


def test_an_ordinary_notice_goes_out_after_its_countdown_and_not_before(town) -> None:
    hall, reader = desk(town), town.person()
    number = hall.begin(ordinary())
    done = hall.act(number, Act.RELEASE)
    assert done.due_at == town.clock() + timedelta(seconds=30)
    hall.wait(29)
    assert (hall.state(number), town.push.told()) == ("scheduled", [])
    hall.wait(1)
    assert (hall.state(number), town.push.told()) == ("published", [("new", "Freibad öffnet")])
    assert [recipient.endpoint for recipient, _ in town.push.sent] == [str(reader)]
    assert hall.steps(number) == ["release", "sent"]
    assert hall.row(number)["revision"] == 1


def test_it_can_be_stopped_until_it_goes(village) -> None:
    hall = desk(village)
    village.person()
    number = hall.begin(ordinary())
    hall.act(number, Act.RELEASE)
    village.clock.forward(seconds=29)
    hall.act(number, Act.ABORT)
    hall.wait(60)
    assert (hall.state(number), village.push.told()) == ("draft", [])
    hall.act(number, Act.RELEASE)
    hall.wait()
    refused(Refusal.STATE, lambda: hall.act(number, Act.ABORT))


def test_a_time_that_was_chosen_is_kept(village) -> None:
    hall = desk(village)
    village.person()
    number = hall.begin(ordinary(send_at=village.clock() + timedelta(hours=3)))
    hall.act(number, Act.RELEASE)
    hall.wait(3600 * 3 - 1)
    assert village.push.told() == []
    hall.wait(1)
    assert len(village.push.told()) == 1


def test_a_warning_needs_another_person_with_a_second_factor(town) -> None:
    hall = desk(town)
    town.person(Criteria(topics=("warnings",)))
    number = hall.begin(warning(), hall.editor)
    refused(Refusal.SECOND, lambda: hall.act(number, Act.RELEASE))
    hall.act(number, Act.SUBMIT)
    refused(Refusal.ROLE, lambda: hall.act(number, Act.APPROVE, hall.editor))
    refused(Refusal.WEAK, lambda: hall.act(number, Act.APPROVE, strong=False))
    refused(Refusal.STALE, lambda: hall.act(number, Act.APPROVE, seen="0" * 64))
    done = hall.act(number, Act.APPROVE)
    assert done.due_at == town.clock() + timedelta(seconds=10)
    hall.wait(10)
    assert town.push.told() == [("new", "Trinkwasser abkochen")]
    with town.store.read() as session:
        assert session.scalar(select(publication.c.lane)) == "emergency"


def test_nobody_approves_what_they_wrote_part_of_also_not_in_another_role(village) -> None:
    hall = desk(village)
    number = hall.begin(warning())
    hall.act(number, Act.SUBMIT)
    with village.store.begin() as session:
        grants.add(session, hall.approver, Grant(Role.AUTHOR, HERE), village.clock())
    hall.write(number, hall.approver, contact="02429 309-0")
    hall.write(number, contact="")  # as it was
    hall.act(number, Act.SUBMIT)
    refused(Refusal.SELF, lambda: hall.act(number, Act.APPROVE))


def test_an_edit_after_the_approval_voids_it(village) -> None:
    hall = desk(village)
    village.person(Criteria(topics=("warnings",)))
    number = hall.begin(warning())
    hall.act(number, Act.SUBMIT)
    hall.act(number, Act.APPROVE)
    hall.act(number, Act.ABORT)
    hall.write(number, contact="0190 666")
    hall.wait()
    assert (hall.state(number), village.push.told()) == ("draft", [])


def test_what_was_changed_beside_the_doors_does_not_go_out_and_says_so(town) -> None:
    """The check at the last moment looks at what is there, not at what was approved."""
    hall = desk(town)
    town.person(Criteria(topics=("warnings",)))
    number = hall.begin(warning())
    hall.act(number, Act.SUBMIT)
    hall.act(number, Act.APPROVE)
    with town.store.begin() as session:
        row = hall.row(number)
        session.execute(draft.update().values(content={**row["content"], "contact": "forged"}))
    hall.wait()
    assert (hall.state(number), town.push.told()) == ("draft", [])
    assert hall.steps(number) == ["submit", "approve", "held"]
    with town.store.read() as session:
        assert [one["kind"] for one in alarms.current(session)] == ["unsent"]
    assert {address for _, address in written(town, "held-back")} == {"anna@example.org", "petra@example.org"}


def test_what_would_be_over_is_not_sent(village) -> None:
    hall = desk(village)
    village.person()
    end = village.clock() + timedelta(minutes=10)
    refused(Refusal.OVER, lambda: hall.act(hall.begin(ordinary(expires=village.clock())), Act.RELEASE))
    refused(Refusal.OVER, lambda: hall.act(hall.begin(ordinary(expires=end, send_at=end)), Act.RELEASE))
    soon = ordinary(expires=village.clock() + timedelta(seconds=20))
    refused(Refusal.OVER, lambda: hall.act(hall.begin(soon), Act.RELEASE))  # within the countdown
    number = hall.begin(ordinary(expires=end))
    hall.act(number, Act.RELEASE)
    hall.wait(700)  # nobody was there
    assert (hall.state(number), village.push.told()) == ("draft", [])
    assert hall.steps(number) == ["release", "held"]


def test_a_test_never_leaves(village) -> None:
    hall = desk(village)
    village.person()
    number = hall.begin(warning(mode=Mode.TEST))
    for act in (Act.SUBMIT, Act.RELEASE, Act.APPROVE, Act.BREAK_GLASS):
        with pytest.raises(ActRefused):
            hall.act(number, act, reason="eine Übung ist eine Übung")
    with village.store.begin() as session:  # nor if somebody forges its state
        session.execute(draft.update().values(state="scheduled", due_at=village.clock()))
    hall.wait()
    assert (hall.state(number), village.push.told()) == ("draft", [])


def test_an_update_replaces_what_people_have(town) -> None:
    hall = desk(town)
    town.person()
    date = Occurrence("fest", town.clock().date() + timedelta(days=3), None, "Fest")
    number = hall.begin(ordinary("Fest am Samstag", occurrences=(date,)))
    hall.publish(number)
    moved = Occurrence("fest", date.start + timedelta(days=1), None, "Fest")
    hall.write(number, texts=(NoticeText("de", "Fest am Sonntag", ""),), occurrences=(moved,))
    assert hall.state(number) == "draft"
    hall.wait()
    assert len(town.push.told()) == 1  # what is published stands meanwhile
    hall.publish(number)
    assert [(what, said[:15]) for what, said in town.push.told()] == [
        ("new", "Fest am Samstag"), ("revised", "Fest am Sonntag"),
    ]  # fmt: skip
    first, second = (message for _, message in town.push.sent)
    assert first.thread == second.thread  # the push service and the screen replace by it
    with town.store.read() as session:
        assert session.scalar(select(occurrence.c.sequence)) == 1
    assert hall.row(number)["revision"] == 2


def test_discarding_changes_leaves_what_is_published(village) -> None:
    hall = desk(village)
    number = hall.begin(ordinary())
    hall.publish(number)
    published = hall.row(number)
    hall.write(number, contact="anderswo")
    hall.act(number, Act.DISCARD)
    now = hall.row(number)
    assert (now["state"], now["hash"], now["revision"]) == ("published", published["hash"], 1)
    unsent = hall.begin(ordinary())
    hall.act(unsent, Act.DISCARD)
    with village.store.read() as session:
        assert session.execute(select(draft.c.id).where(draft.c.id == unsent)).first() is None


def test_an_all_clear_reaches_exactly_those_who_were_told(town) -> None:
    hall = desk(town)
    told = town.person(Criteria(topics=("warnings",)))
    number = hall.begin(warning())
    hall.publish(number)
    town.person(Criteria(topics=("warnings",)))  # came later
    town.push.forget()
    words = (NoticeText("de", "Entwarnung: Trinkwasser", "Sie können es wieder trinken."),)
    refused(Refusal.WEAK, lambda: hall.act(number, Act.WITHDRAW, strong=False, words=words))
    hall.act(number, Act.WITHDRAW, words=words)
    town.run()
    assert [(to.endpoint, said.change, said.entries[0].notice.title) for to, said in town.push.sent] == [
        (str(told), "withdrawn", "Entwarnung: Trinkwasser")
    ]
    assert hall.state(number) == "withdrawn"
    refused(Refusal.STATE, lambda: hall.act(number, Act.WITHDRAW))


def test_several_municipalities_are_told_at_once_and_their_neighbours_once(town) -> None:
    hall = desk(town, there=(HERE, NEIGHBOUR))
    both = Criteria(topics=("news",))
    town.person(both)
    town.municipality = NEIGHBOUR
    town.person(both)
    number = hall.begin(ordinary(areas=(Area(HERE), Area(NEIGHBOUR))))
    hall.publish(number)
    assert town.push.told() == [("new", "Freibad öffnet")] * 2
    with town.store.read() as session:
        twins = session.scalars(select(notice.c.id)).all()
        assert set(twins) == {id_in(hall.row(number), HERE), id_in(hall.row(number), NEIGHBOUR)}
        keys = {notices.revision(session, one, 1)["twin"] for one in twins}
    assert len(keys) == 1
    town.push.forget()
    hall.write(number, areas=(Area(HERE),))  # the neighbours are left out: there it is called off
    hall.publish(number)
    assert sorted(town.push.told()) == [("withdrawn", "Freibad öffnet")]
    hall.act(number, Act.WITHDRAW)
    town.run()
    assert sorted(town.push.told()) == [("withdrawn", "Freibad öffnet")] * 2


def test_a_right_must_hold_in_every_municipality(village) -> None:
    hall = desk(village, there=(HERE, NEIGHBOUR))
    local = account(village, "lokal@example.org", Grant(Role.EDITOR, HERE))
    number = hall.begin(ordinary(areas=(Area(HERE), Area(NEIGHBOUR))))
    refused(Refusal.ROLE, lambda: hall.act(number, Act.RELEASE, local))
    hall.act(number, Act.RELEASE)
    hall.act(number, Act.ABORT, local)  # whoever is responsible for one of them may stop it
    hall.publish(number)
    hall.write(number, areas=(Area(HERE),))
    refused(Refusal.ROLE, lambda: hall.act(number, Act.RELEASE, local))  # it would be called off there


def test_a_local_place_narrows_and_is_known_afterwards(village) -> None:
    hall = desk(village)
    inside = village.person(Criteria(topics=("news",), places=(f"{PLACE}/street:ahornweg",)))
    village.person(Criteria(topics=("news",), places=(f"{PLACE}/street:eichenweg",)))
    hall.publish(hall.begin(ordinary(areas=(Area(HERE, (PlaceRef("street", "ahornweg", "Ahornweg"),)),))))
    assert [to.endpoint for to, _ in village.push.sent] == [str(inside)]


def test_breaking_the_glass_is_limited_reasoned_and_wakes_everybody(town) -> None:
    hall = desk(town)
    account(town, "betrieb@example.org", Grant(Role.OPERATOR, HERE))
    town.person(Criteria(topics=("warnings",)))
    number = hall.begin(warning(), hall.editor)
    reason = "Niemand sonst ist erreichbar"
    refused(Refusal.REASON, lambda: hall.act(number, Act.BREAK_GLASS, reason="eilt"))
    refused(Refusal.WEAK, lambda: hall.act(number, Act.BREAK_GLASS, reason=reason, strong=False))
    refused(Refusal.ROLE, lambda: hall.act(number, Act.BREAK_GLASS, hall.author, reason=reason))
    hall.act(number, Act.BREAK_GLASS, reason=reason)
    hall.wait()
    assert town.push.told() == [("new", "Trinkwasser abkochen")]
    told = {address for _, address in written(town, "glass-broken")}
    assert told == {"emil@example.org", "petra@example.org", "betrieb@example.org"}
    with town.store.read() as session:
        assert reason in next(one["sentence"] for one in alarms.current(session) if one["kind"] == "glass")
        (event,) = audit.latest(session, acts=["notice.break-glass"])
        assert event["detail"]["reason"] == reason


def test_the_glass_breaks_twice_a_day_even_if_all_traces_of_the_draft_are_gone(village) -> None:
    hall = desk(village)
    for _ in range(2):
        number = hall.begin(warning(), hall.editor)
        hall.act(number, Act.BREAK_GLASS, reason="Niemand sonst ist erreichbar")
        hall.act(number, Act.ABORT)
        hall.act(number, Act.DISCARD)
    number = hall.begin(warning(), hall.editor)
    refused(Refusal.LIMIT, lambda: hall.act(number, Act.BREAK_GLASS, reason="Niemand sonst ist erreichbar"))
    village.clock.forward(days=1, seconds=1)
    hall.act(number, Act.BREAK_GLASS, reason="Niemand sonst ist erreichbar")


def test_who_may_approve_is_asked_by_mail_and_led_to_the_page(village) -> None:
    hall = desk(village)
    other = account(village, "zweite@example.org", Grant(Role.APPROVER, HERE), Grant(Role.AUTHOR, HERE))
    number = hall.begin(warning(), other)
    hall.act(number, Act.SUBMIT)
    assert written(village) == [("review-wanted", "petra@example.org")]  # not whoever wrote it
    (_, message) = village.mail.sent[-1]
    assert message.entries[0].url == f"https://ortsruf.example/verwaltung/{HERE}/mitteilungen/{number}"
    hall.act(number, Act.RETURN, hall.approver, reason="Bitte die Straße nennen")
    assert written(village, "returned") == [("returned", "zweite@example.org")]


def test_the_same_form_sent_again_is_answered_and_not_done_again(town) -> None:
    hall = desk(town)
    number = hall.begin(ordinary())
    receipt = Receipt("k" * 64, "/dort")
    first = hall.act(number, Act.RELEASE, receipt=receipt)
    hall.act(number, Act.ABORT)
    again = hall.act(number, Act.RELEASE, receipt=receipt)
    assert (first.location, first.again, again.location, again.again) == ("/dort", False, "/dort", True)
    assert hall.state(number) == "draft"  # the repeat did nothing
    refused(Refusal.STATE, lambda: hall.act(number, Act.ABORT, receipt=Receipt("z" * 64, "/da")))
    town.clock.forward(hours=25)
    town.run()
    assert not hall.act(number, Act.RELEASE, receipt=receipt).again or hall.state(number) == "draft"


def test_a_role_that_was_taken_a_moment_ago_is_gone(village) -> None:
    hall = desk(village)
    number = hall.begin(ordinary())
    with village.store.begin() as session:
        for row in grants.rows_of(session, hall.editor):
            grants.remove(session, row["id"])
    refused(Refusal.ROLE, lambda: hall.act(number, Act.RELEASE))


def test_what_is_overdue_is_an_alarm_and_goes_out_all_the_same(town) -> None:
    hall = desk(town)
    town.person()
    number = hall.begin(ordinary())
    hall.act(number, Act.RELEASE)
    watch.watch(town.house, at_once=True)
    for _ in range(4):
        town.clock.forward(seconds=31)
        watch.watch(town.house, at_once=True)
    with town.store.read() as session:
        assert [one["kind"] for one in alarms.current(session)] == ["overdue"]
    town.engine.run_all()  # the watch has woken it
    assert hall.state(number) == "published"
    watch.watch(town.house, at_once=True)
    with town.store.read() as session:
        assert alarms.current(session) == []


def test_a_published_notice_that_is_missing_is_mended_and_told_of(town) -> None:
    hall = desk(town)
    town.person()
    number = hall.begin(ordinary())
    hall.publish(number)
    town.push.forget()
    with town.store.begin() as session:
        session.execute(notice.delete())
    watch.watch(town.house, at_once=True)
    town.engine.run_all()
    assert town.push.told() == [("new", "Freibad öffnet")]
    with town.store.read() as session:
        assert "vanished" in [one["kind"] for one in alarms.current(session)]


def test_two_workers_send_it_once(town) -> None:
    hall = desk(town)
    town.person()
    number = hall.begin(ordinary())
    hall.act(number, Act.RELEASE)
    town.clock.forward(seconds=31)
    for _ in range(3):
        issue.issue(town.house, str(number))
    town.engine.run_all()
    assert len(town.push.told()) == 1


def test_another_towns_draft_is_nobodys_here(village) -> None:
    hall = desk(village, there=(HERE, NEIGHBOUR))
    number = hall.begin(ordinary())
    wish = Wish(Act.RELEASE, hall.row(number)["hash"])
    refused(Refusal.STATE, lambda: release.perform(village.house, NEIGHBOUR, number, Actor(hall.editor), wish))


def test_severity_counts_as_published_too(village) -> None:
    """An update that plays a warning down still needs the second person."""
    hall = desk(village)
    number = hall.begin(warning())
    hall.publish(number)
    hall.write(number, severity=Severity.MINOR)
    refused(Refusal.SECOND, lambda: hall.act(number, Act.RELEASE))
    hall.act(number, Act.SUBMIT)
    hall.act(number, Act.APPROVE)
    hall.wait()
    assert hall.row(number)["revision"] == 2


def test_every_act_stands_in_the_audit_log_in_words(village) -> None:
    hall = desk(village)
    number = hall.begin(warning())
    hall.act(number, Act.SUBMIT)
    hall.act(number, Act.RETURN, hall.approver, reason="Bitte genauer sagen, wo")
    hall.act(number, Act.BREAK_GLASS, reason="Niemand sonst ist erreichbar")
    hall.act(number, Act.ABORT)
    hall.publish(number)
    hall.write(number, contact="x")
    hall.act(number, Act.DISCARD)
    hall.act(number, Act.WITHDRAW)
    other = hall.begin(ordinary())
    hall.publish(other)
    with village.store.read() as session:
        told = {row["act"] for row in audit.latest(session, most=100)}
    notices_ = {one for one in told if one.startswith("notice.")}
    assert notices_ == {f"notice.{one.value}" for one in Act if one is not Act.SAVE} | {"notice.sent"}
    assert notices_ <= set(ACTS)
