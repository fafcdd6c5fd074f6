"""Before anything lapses there is a word: a device whose browser names an end, a person without a sign of life."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.house import PLACE, Town, news
from sqlalchemy import select, update

from hub.core.message import Result
from hub.core.subscription import Action, Criteria
from hub.jobs import lapse
from hub.jobs.contact import set_contact
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import alarms, lifesigns, subscribers
from hub.store.schema import endpoint, subscriber

NEWS = Wish(Criteria(("news",), (PLACE,)), (("webpush", Action.NOW, ""), ("mail", Action.DIGEST, "")))


def resident(town: Town, *channels: str) -> tuple[int, dict[str, int]]:
    """Add somebody with these ways; returns who, and their endpoints."""
    ways = {"webpush": (f"https://push.example/l{next(town.count)}", {}, "service"), "ical": ("", {}, "")}
    ways["mail"] = (f"l{next(town.count)}@example.org", {}, "example.org")
    chosen = {name: ways[name] for name in channels or ("webpush", "mail")}
    person = sign_up(town.house, town.municipality, SignUp((NEWS,), chosen))
    with town.store.begin() as session:
        rows = {row["channel"]: row["id"] for row in subscribers.endpoints_of(session, person)}
        if "mail" in rows:
            subscribers.confirm(session, rows["mail"], town.clock())
    town.engine.run_all()
    town.mail.forget()
    return person, rows


def year(town: Town, days: int = 366) -> None:
    """Let days pass on which the hub does its round, of which the first and the last are looked at."""
    town.clock.forward(days=1)
    lapse.lapse(town.house)
    town.clock.forward(days=days - 1)
    with town.store.begin() as session:
        alarms.ran(session, lapse.MARK, town.clock() - timedelta(days=1))
    lapse.lapse(town.house)
    town.engine.run_all()


def there(town: Town, person: int) -> bool:
    with town.store.read() as session:
        return subscribers.get(session, person) is not None


def test_a_year_without_a_sign_is_asked_once_on_every_way_and_ended_a_month_later(town: Town) -> None:
    person, ways = resident(town, "webpush", "mail", "ical")
    year(town, 350)
    assert (town.push.told(), town.mail.told()) == ([], [])
    year(town, 20)
    assert (town.push.told(), town.mail.told()) == ([("lapse", "")], [("lapse", "")])
    recipient, message = town.push.sent[0]
    assert recipient.confirm_url == town.house.links.keep(person, 1)
    assert recipient.endpoint == str(ways["webpush"])
    assert message.valid_until - message.now == timedelta(days=30)
    assert there(town, person)
    year(town, 29)
    assert there(town, person)
    year(town, 1)
    assert not there(town, person)
    assert len(town.push.sent) + len(town.mail.sent) == 2, "asked once"


def test_who_is_reached_now_and_then_is_never_asked(town: Town) -> None:
    person, _ = resident(town, "webpush")
    silent, _ = resident(town, "ical")
    town.source()
    for at in range(4):
        town.poll("s1", *[news(f"n{one}", f"Nachricht {one}") for one in range(at + 1)])
        town.push.forget()
        year(town, 120)
    year(town, 31)
    assert town.push.told() == []
    assert there(town, person)
    assert not there(town, silent)


def test_a_delivery_after_the_warning_spares_and_a_failed_one_does_not(village: Town) -> None:
    person, _ = resident(village, "webpush")
    other, ways = resident(village, "webpush")
    year(village)
    assert len(village.push.sent) == 2
    village.source()
    village.push.answers(ways["webpush"], *[Result.FAILED] * 9)
    village.poll("s1", news("n1"))
    year(village, 60)
    assert there(village, person)
    assert not there(village, other)


def test_one_tap_keeps_everything(village: Town) -> None:
    person, _ = resident(village)
    year(village)
    with village.store.begin() as session:
        lifesigns.kept(session, person, village.clock())
    year(village, 300)
    assert there(village, person)
    assert len(village.push.sent) == 1


def test_our_own_silence_is_nobodys_fault(village: Town) -> None:
    person, _ = resident(village)
    lapse.lapse(village.house)
    village.clock.forward(days=800)
    lapse.lapse(village.house)
    village.clock.forward(days=2)
    lapse.lapse(village.house)
    village.engine.run_all()
    assert village.push.told() == []
    assert there(village, person)


def test_an_editor_never_lapses(village: Town) -> None:
    row = set_contact(village.house, village.municipality, "rathaus@example.org")
    year(village, 500)
    assert there(village, row["id"])
    assert village.mail.told() == []


@pytest.mark.parametrize("mail", [True, False])
def test_a_device_is_told_in_its_last_week_once(town: Town, mail: bool) -> None:
    person, ways = resident(town, *(("webpush", "mail") if mail else ("webpush",)))
    ends = town.clock() + timedelta(days=20)
    with town.store.begin() as session:
        lifesigns.expires(session, ways["webpush"], ends)
    for days in (12.9, 0.05):
        town.clock.forward(days=days)
        town.run()
    assert town.push.told() == []
    for days in (1, 1, 4):
        town.clock.forward(days=days)
        town.run()
    assert town.push.told() == [("expiry", "")]
    assert town.mail.told() == [("expiry", "")] * mail
    recipient, message = town.push.sent[0]
    assert message.valid_until == ends
    assert recipient.manage_url == town.house.links.settings(person, 1)
    with town.store.begin() as session:  # renewed: the next end is told anew
        lifesigns.expires(session, ways["webpush"], ends + timedelta(days=30))
    town.clock.forward(days=30)
    town.run()
    assert town.push.told() == [("expiry", "")] * 2


def test_signs_are_kept_no_finer_than_a_month(village: Town) -> None:
    person, _ = resident(village, "webpush")
    began = village.clock()
    village.source()
    village.poll("s1", news("n1"))
    year(village, 20)
    with village.store.read() as session:
        assert session.scalar(select(subscriber.c.alive_at).where(subscriber.c.id == person)) == began


def test_a_crash_before_the_end_of_a_round_repeats_it_without_a_second_word(village: Town) -> None:
    person, _ = resident(village)
    with village.store.begin() as session:
        session.execute(update(subscriber).values(alive_at=village.clock() - timedelta(days=366)))
    lapse._tell_expiring(village.house, village.clock())
    lapse._turn_dormant(village.house, village.clock())  # and dies before it is marked
    with village.store.read() as session:
        assert lapse.MARK not in alarms.marks(session)
    lapse.lapse(village.house)
    village.engine.run_all()
    assert (village.push.told(), village.mail.told()) == ([("lapse", "")], [("lapse", "")])
    with village.store.read() as session:
        assert session.scalar(select(endpoint.c.state).where(endpoint.c.subscriber_id == person).limit(1)) == "active"
