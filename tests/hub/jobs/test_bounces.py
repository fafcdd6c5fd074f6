"""What came back ends an address, and only what we signed is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.core.message import Outlet
from hub.core.subscription import Action
from hub.jobs import bounces, own
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import mailboxes, subscribers
from push.mail import Settings, verp
from tests.fakes.house import PLACE, Criteria, make_town
from tests.push.mail.test_report import sample


@pytest.fixture
def town(store):
    made = make_town(store)
    outlet = Outlet(None, Settings(verp=True, return_path="bounces@example.org"), {"links": "key"})
    return replace(made, house=replace(made.house, outlet=lambda _name: outlet))


def state(town, endpoint_id):
    with town.store.read() as session:
        row = subscribers.endpoint_row(session, endpoint_id)
    return row["state"], row["ended_why"], row["address"]


def report(town, endpoint_id, name="postfix-unknown", key="key"):
    return sample(name, verp.return_path("bounces@example.org", str(endpoint_id), key), "https://x.example/u/1")


def test_a_hard_bounce_ends_the_address_and_nothing_else(town):
    mailed, other = town.person(channel="mail"), town.person(channel="mail")
    taken = bounces.take(town.house, report(town, mailed))
    assert (taken.endpoint, taken.ended_why) == (mailed, "bounced")
    assert state(town, mailed) == ("gone", "bounced", "")
    assert state(town, other)[0] == "active"
    assert bounces.take(town.house, report(town, mailed)).ended_why == ""  # again: nothing more to do


@pytest.mark.parametrize("key", ["another", ""])
def test_a_forged_bounce_is_ignored(town, key):
    mailed = town.person(channel="mail")
    assert bounces.take(town.house, report(town, mailed, key=key)).endpoint is None
    assert state(town, mailed)[0] == "active"


def test_a_bounce_never_ends_another_way(town):
    pushed = town.person()
    assert bounces.take(town.house, report(town, pushed)).ended_why == ""
    assert state(town, pushed)[0] == "active"


def test_the_address_that_the_server_took_it_for_counts_too(town):
    mailed = town.person(channel="mail")
    path = verp.return_path("bounces@example.org", str(mailed), "key").upper()
    assert bounces.take(town.house, sample("postfix-unknown", "x@example.org", ""), [path]).ended_why == "bounced"


@pytest.mark.parametrize("monthly", [False, True])
def test_without_a_return_path_of_its_own_the_signed_link_in_the_quoted_mail_counts(town, monthly):
    mailed = town.person(channel="mail")
    links = town.house.links
    link = links.end_monthly(mailed, 1) if monthly else links.unsubscribe(mailed, 1)
    assert bounces.take(town.house, sample("gmail-unknown", "x@example.org", link[:-1] + "~")).endpoint is None
    assert bounces.take(town.house, sample("gmail-unknown", "x@example.org", link)).ended_why == "bounced"
    assert state(town, mailed)[0] == "gone"


def test_a_complaint_ends_all_mails_and_no_other_way(town):
    wish = Wish(Criteria(places=(PLACE,)), (("mail", Action.NOW, ""), ("webpush", Action.NOW, "")))
    ways = {"mail": ("a@example.org", {}, "example.org"), "webpush": ("https://push.example/1", {}, "push.example")}
    person = sign_up(town.house, town.municipality, SignUp((wish,), ways))
    with town.store.begin() as session:
        rows = {row["channel"]: row["id"] for row in subscribers.endpoints_of(session, person)}
        subscribers.confirm(session, rows["mail"], town.clock())
    link = town.house.links.unsubscribe(rows["mail"], 1)
    assert bounces.take(town.house, sample("jmrp-complaint", "x@example.org", link)).ended_why == "complained"
    assert state(town, rows["mail"])[:2] == ("gone", "complained")
    assert state(town, rows["webpush"])[0] == "active"
    with town.store.read() as session:
        assert mailboxes.mail_lost(session, person) == "complained"


def test_soft_bounces_end_after_three_days_of_them(town):
    mailed = town.person(channel="mail")
    for _ in range(3):
        assert state(town, mailed)[0] == "active"
        bounces.take(town.house, report(town, mailed, "postfix-full"))
        town.clock.forward(minutes=36 * 60)
    assert state(town, mailed) == ("gone", "bounced", "")
    assert timedelta(hours=72) <= timedelta(minutes=2 * 36 * 60)


@pytest.mark.parametrize("name", ["vacation", "reply", "postfix-delayed", "postfix-delivered", "not-spam"])
def test_what_is_no_bounce_changes_nothing(town, name):
    mailed = town.person(channel="mail")
    assert bounces.take(town.house, report(town, mailed, name)).ended_why == ""
    assert state(town, mailed)[0] == "active"


def test_a_bounce_with_a_link_at_a_towns_own_host_counts_and_with_a_strangers_does_not(town):
    mailed = town.person(channel="mail")
    own.change(town.house, "command", town.municipality, {"hosts": "ruf.wald.example", "sender": "amt@wald.example"})
    there = town.house.links.at("ruf.wald.example").unsubscribe(mailed, 1)
    stranger = there.replace("ruf.wald.example", "evil.example")
    assert bounces.take(town.house, sample("gmail-unknown", "x@example.org", stranger)).endpoint is None
    assert bounces.take(town.house, sample("gmail-unknown", "x@example.org", there)).ended_why == "bounced"
