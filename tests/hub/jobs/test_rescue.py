"""A dead push endpoint: its person is told by mail once, and severe warnings go there until a device lives again."""

from __future__ import annotations

from datetime import timedelta

from fakes.house import NOON, PLACE, Town, news
from sqlalchemy import select

from hub.core.message import Result
from hub.core.notice import Severity
from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import endpoints, subscribers
from hub.store.schema import endpoint


def resident(town: Town, *, mail: bool = True) -> tuple[int, int]:
    """Add somebody who wants news on a device and, with ``mail``, has a confirmed mailbox; returns person and device."""
    wish = Wish(Criteria(places=(PLACE,)), (("webpush", Action.NOW, ""),))
    ways = {"webpush": (f"https://push.example/r{next(town.count)}", {}, "service")}
    if mail:
        ways["mail"] = (f"r{next(town.count)}@example.org", {}, "example.org")
    person = sign_up(town.house, town.municipality, SignUp((wish,), ways))
    with town.store.begin() as session:
        rows = {row["channel"]: row for row in subscribers.endpoints_of(session, person)}
        if mail:
            subscribers.confirm(session, rows["mail"]["id"], town.clock())
    town.engine.run_all()
    town.mail.forget()
    return person, int(rows["webpush"]["id"])


def storm(key: str = "w1", severity: Severity = Severity.SEVERE):  # type: ignore[no-untyped-def]
    return news(key, f"Sturm {key}", severity=severity, expires=NOON + timedelta(hours=9))


def test_a_person_whose_last_device_dies_is_told_once_and_warned_by_mail(town: Town) -> None:
    person, device = resident(town)
    town.source()
    town.push.answers(device, Result.GONE)
    town.poll("s1", news())
    assert town.mail.told() == [("rescue", "")]
    with town.store.read() as session:
        assert endpoints.cut_off(session, person)
        row = session.execute(select(endpoint).where(endpoint.c.id == device)).mappings().one()
    assert (row["state"], row["ended_why"]) == ("gone", "gone")
    assert row["rescued_at"] is not None
    town.mail.forget()
    town.poll("s1", news(), news("n2", "Markt"), storm())
    town.poll("s1", news(), news("n2", "Markt"), storm())
    assert town.mail.told() == [("new", "Sturm w1")]  # what is not severe waits for a device
    with town.store.begin() as session:
        subscribers.add_endpoint(
            session, town.municipality, person, channel="webpush", address="https://push.example/new",
            service="service", keys={}, active=True, now=town.clock(),
        )  # fmt: skip
        assert not endpoints.cut_off(session, person)
    town.mail.forget()
    town.poll("s1", news(), news("n2", "Markt"), storm(), storm("w2", Severity.EXTREME))
    assert town.mail.told() == []
    assert town.push.told()[-1] == ("new", "Sturm w2")


def test_who_has_another_device_or_no_mailbox_gets_no_mail(village: Town) -> None:
    _, lonely = resident(village, mail=False)
    person, first = resident(village)
    with village.store.begin() as session:
        second = subscribers.add_endpoint(
            session, village.municipality, person, channel="webpush", address="https://push.example/2",
            service="service", keys={}, active=True, now=village.clock(),
        )  # fmt: skip
    village.source()
    village.push.answers(lonely, Result.GONE)
    village.push.answers(first, Result.GONE)
    village.poll("s1", news())
    assert village.mail.told() == []
    village.push.answers(second, Result.GONE)
    village.poll("s1", news(), news("n2", "Markt"))
    assert village.mail.told() == [("rescue", "")]


def test_a_withdrawal_reaches_the_mailbox_that_stood_in(village: Town) -> None:
    from dataclasses import replace

    from hub.core.notice import Status

    _, device = resident(village)
    village.source()
    village.push.answers(device, Result.GONE)
    village.poll("s1", news())
    village.mail.forget()
    village.poll("s1", storm())
    village.poll("s1", replace(storm(), status=Status.CANCELLED))
    assert [change for change, _ in village.mail.told()] == ["new", "withdrawn"]


def test_an_endpoint_that_only_failed_for_two_weeks_is_ended(village: Town) -> None:
    person, device = resident(village)
    village.source()

    def told_in_vain(key: str) -> None:
        village.push.answers(device, *[Result.RETRY] * 30)
        village.poll("s1", news(key, expires=village.clock() + timedelta(hours=1)))
        for _ in range(8):
            village.clock.forward(minutes=20)
            village.run()

    told_in_vain("n1")
    with village.store.read() as session:
        row = session.execute(select(endpoint).where(endpoint.c.id == device)).mappings().one()
    assert row["state"] == "active"
    assert row["troubled_since"] is not None
    village.clock.forward(days=14)
    told_in_vain("n2")
    with village.store.read() as session:
        row = session.execute(select(endpoint).where(endpoint.c.id == device)).mappings().one()
        assert endpoints.cut_off(session, person)
    assert (row["state"], row["ended_why"]) == ("gone", "dead")
    assert ("rescue", "") in village.mail.told()


def test_a_success_takes_the_mark_away(village: Town) -> None:
    _, device = resident(village)
    village.source()
    village.push.answers(device, Result.RETRY)
    village.poll("s1", news())
    village.clock.forward(minutes=2)
    village.run()
    village.poll("s1", news(), news("n2", "Markt"))
    with village.store.read() as session:
        assert session.scalar(select(endpoint.c.troubled_since).where(endpoint.c.id == device)) is None
