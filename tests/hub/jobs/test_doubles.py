"""What a county publishes in two towns reaches who is subscribed in both once on each way; nobody misses anything."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.house import Town, make_town, news
from fakes.towns import OTHER, Gatherer, add_source, add_town, everywhere, resident
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.losses import Sort as Loss
from hub.core.mutes import Mute, Sort
from hub.core.notice import Notice, Occurrence, Severity, Status
from hub.core.subscription import Action
from hub.jobs import aftermath, course, gather, months
from hub.jobs.watch import watch
from hub.store import ledger, mutes, publications, subscribers, towns
from hub.store.database import Store

NOW, MAIL, DIGEST = ("webpush", Action.NOW, ""), ("mail", Action.NOW, ""), ("mail", Action.DIGEST, "")
REMINDER = ("webpush", Action.REMINDER, "PT1H")
MORNING = "2026-11-24T07:05:00+01:00"


@pytest.fixture
def county(store: Store) -> Town:
    """Two municipalities whose sources read the county's one list."""
    return make_county(store)


def make_county(store: Store) -> Town:
    town = make_town(store, gatherer=Gatherer())
    add_town(town)
    town.source()
    add_source(town, "s2")
    return town


def closure(source: str, title: str = "K 31 gesperrt", **values: Any) -> Notice:
    return news("k31", title, source=source, **values)


def publish(town: Town, *sources: str, minutes: float = 15, **values: Any) -> None:
    """Let the county's list say the same to the sources of these towns."""
    for source in sources:
        town.gatherer.has(source, closure(source, **values))
    town.clock.forward(minutes=minutes)
    town.run()


def books(town: Town, slug: str) -> Counter[str]:
    """Return the sums of a town's accounts; everybody must be accounted for."""
    with town.store.read() as session:
        found = ledger.accounts(session, municipality=slug)
        words = [one for notice in aftermath.of_town(session, slug) for one in notice.words]
    assert all(one.balanced for one in found), found
    assert [one for one in words if one.difference] == []  # by way, too
    names = ("meant", "sent", "doubled", "suppressed", "bundled", "muted")
    return Counter({name: count for name in names if (count := sum(getattr(one, name) for one in found))})


def test_who_is_subscribed_in_both_is_told_once_on_each_way(county: Town) -> None:
    _, mine = resident(county, everywhere(NOW, MAIL), "webpush", "mail")
    _, neighbour = resident(county, everywhere(NOW)[1:], "webpush", home=OTHER)
    publish(county, "s1", "s2")
    told = Counter(one.endpoint for channel in (county.push, county.mail) for one, _ in channel.sent)
    assert told == {str(mine["webpush"]): 1, str(mine["mail"]): 1, str(neighbour["webpush"]): 1}
    one, other = books(county, "huertgenwald"), books(county, OTHER)
    assert one + other == Counter(meant=5, sent=3, doubled=2)
    assert not [one for one in watch(county.house, at_once=True) if one.sort in {Loss.FORGOTTEN, Loss.ACCOUNT}]


def test_an_hour_later_it_is_still_the_same_thing(county: Town) -> None:
    resident(county, everywhere(NOW), "webpush")
    publish(county, "s1")
    publish(county, "s2", minutes=60)
    assert county.push.told() == [("new", "K 31 gesperrt")]
    assert books(county, OTHER) == Counter(meant=1, doubled=1)


def test_other_words_are_another_thing(county: Town) -> None:
    resident(county, everywhere(NOW), "webpush")
    publish(county, "s1")
    publish(county, "s2", title="K 31 gesperrt: Kreuzau nicht erreichbar")
    assert len(county.push.told()) == 2


def test_a_change_is_told_once_too(county: Town) -> None:
    resident(county, everywhere(NOW), "webpush")
    publish(county, "s1", "s2")
    publish(county, "s2", "s1", body="Bis Freitag.")
    assert [change for change, _ in county.push.told()] == ["new", "revised"]


def test_two_ways_of_one_person_are_two(county: Town) -> None:
    """Push here and mail there: each was asked for."""
    one, _ = everywhere(NOW)
    _, other = everywhere(MAIL)
    resident(county, (one, other), "webpush", "mail")
    publish(county, "s1", "s2")
    assert (len(county.push.sent), len(county.mail.sent)) == (1, 1)


@pytest.mark.parametrize("late", [False, True])
def test_one_digest_tells_it_once(county: Town, late: bool) -> None:
    """Also when the second town's list is read after the first one's digest."""
    resident(county, everywhere(DIGEST), "mail")
    publish(county, "s1")
    if late:
        county.clock.to(MORNING)
        county.run()
    publish(county, "s2")
    for _ in range(2):
        county.clock.forward(hours=24)
        county.run()
    assert [len(message.entries) for _, message in county.mail.sent] == [1]
    assert not [one for one in watch(county.house, at_once=True) if one.sort is Loss.ENTRY]


@pytest.mark.parametrize("first", ["s1", "s2"])
def test_at_once_goes_before_the_digest(county: Town, first: str) -> None:
    """Here in the digest, there at once: told at once, and not again in the digest, whichever was read first."""
    (one, _), (_, other) = everywhere(DIGEST), everywhere(MAIL)
    resident(county, (one, other), "mail")
    publish(county, first)
    publish(county, "s2" if first == "s1" else "s1")
    county.clock.to(MORNING)
    county.run()
    assert county.mail.told() == [("new", "K 31 gesperrt")]


def test_a_date_of_both_is_reminded_of_once(county: Town) -> None:
    resident(county, everywhere(REMINDER), "webpush")
    date = Occurrence("x", county.clock() + timedelta(hours=3))
    publish(county, "s1", "s2", occurrences=(date,))
    county.clock.forward(hours=2)
    county.run()
    assert [change for change, _ in county.push.told()] == ["reminder"]


def test_the_monthly_mail_names_a_date_of_both_once(county: Town) -> None:
    person, ways = resident(county, everywhere(MAIL), "mail")
    dates = tuple(Occurrence(key, county.clock() + timedelta(days=days)) for key, days in (("x", 1), ("y", 2)))
    publish(county, "s1", "s2", occurrences=dates)
    with county.store.read() as session:
        town = towns.get(session, county.municipality)
        month = months.of_page(session, town, {ways["mail"]: person}, {}, county.clock())[ways["mail"]]
    assert [one.occurrence for one in month.coming] == list(dates)


def test_both_called_off_is_one_all_clear(county: Town) -> None:
    resident(county, everywhere(NOW), "webpush")
    publish(county, "s1", "s2")
    publish(county, "s1", status=Status.CANCELLED)
    publish(county, "s2", status=Status.CANCELLED, minutes=12)
    county.clock.forward(hours=1)
    county.run()
    assert [change for change, _ in county.push.told()] == ["new", "withdrawn"]


def test_called_off_in_one_town_only_it_is_told_as_that_of_the_other(county: Town) -> None:
    """Whoever was spared it there hears that it still holds, and how it ends."""
    resident(county, everywhere(NOW), "webpush")
    publish(county, "s1")
    publish(county, "s2")
    publish(county, "s1", status=Status.CANCELLED)
    assert [change for change, _ in county.push.told()] == ["new", "withdrawn"]
    county.clock.forward(minutes=20)
    county.run()
    assert [change for change, _ in county.push.told()] == ["new", "withdrawn", "new"]
    assert county.push.sent[-1][1].entries[0].town == "Kreuzau"
    assert books(county, OTHER) == Counter(meant=1, sent=1)
    publish(county, "s2", status=Status.CANCELLED)
    assert [change for change, _ in county.push.told()][3:] == ["withdrawn"]
    assert not [one for one in watch(county.house, at_once=True) if one.sort in {Loss.FORGOTTEN, Loss.ACCOUNT}]


@pytest.mark.parametrize(
    ("habit", "severity", "before_it_ends"),
    [
        ({"quiet_from": "12:00", "quiet_to": "18:00"}, Severity.UNKNOWN, 0),
        ({"paused_until": datetime(2026, 11, 23, 17, tzinfo=UTC)}, Severity.UNKNOWN, 0),
        ({"quiet_from": "12:00", "quiet_to": "18:00"}, Severity.SEVERE, 1),
    ],
)
def test_who_is_told_after_all_is_not_disturbed(
    county: Town, habit: dict[str, Any], severity: Severity, before_it_ends: int
) -> None:
    """What still holds in the other town waits for the end of quiet hours and of a pause, unless it is severe."""
    person, _ = resident(county, everywhere(NOW), "webpush")
    publish(county, "s1", severity=severity)
    publish(county, "s2", severity=severity)
    with county.store.begin() as session:
        subscribers.change(session, person, **habit)
    county.clock.to("2026-11-23T12:00:00+01:00")
    publish(county, "s1", status=Status.CANCELLED, severity=severity)
    for _ in range(3):
        county.clock.forward(hours=1)
        county.run()
    told = ["new", "withdrawn"]
    assert [change for change, _ in county.push.told()] == [*told, "new"][: 2 + before_it_ends]
    county.clock.to("2026-11-23T18:05:00+01:00")
    county.run()
    assert [change for change, _ in county.push.told()] == [*told, "new"]
    assert books(county, OTHER) == Counter(meant=1, sent=1)


def test_a_digest_tells_what_still_holds_in_the_other_town(county: Town) -> None:
    resident(county, everywhere(DIGEST), "mail")
    publish(county, "s1")
    publish(county, "s2")
    publish(county, "s1", status=Status.CANCELLED)
    county.clock.to(MORNING)
    county.run()
    ((_, digest),) = county.mail.sent
    assert ("new", "Kreuzau") in {(one.change.value, one.town) for one in digest.entries}
    publish(county, "s2", status=Status.CANCELLED)
    county.clock.to("2026-11-25T07:05:00+01:00")
    county.run()
    assert [(one.change.value, one.town) for one in county.mail.sent[-1][1].entries] == [("withdrawn", "Kreuzau")]


def test_a_change_that_was_spared_is_told_as_new_there(county: Town) -> None:
    resident(county, everywhere(NOW), "webpush")
    publish(county, "s1", "s2")
    publish(county, "s1", "s2", body="Bis Freitag.")
    publish(county, "s1", status=Status.CANCELLED)
    county.clock.forward(minutes=20)
    county.run()
    assert [change for change, _ in county.push.told()] == ["new", "revised", "withdrawn", "new"]
    books(county, OTHER), books(county, "huertgenwald")


def test_what_was_called_off_before_anybody_heard_it_is_told_by_the_other(county: Town) -> None:
    person, _ = resident(county, everywhere(NOW), "webpush")
    with county.store.begin() as session:
        subscribers.change(session, person, quiet_from="12:00", quiet_to="18:00")
    publish(county, "s1")
    publish(county, "s2")
    publish(county, "s1", status=Status.CANCELLED)
    county.clock.to("2026-11-23T18:05:00+01:00")
    county.run()
    assert county.push.told() == [("new", "K 31 gesperrt")]


def test_a_mute_counts_as_a_mute(county: Town) -> None:
    person, _ = resident(county, everywhere(NOW), "webpush")
    with county.store.begin() as session:
        mutes.put(session, person, Mute(Sort.TOPIC, "news"), county.clock())
    publish(county, "s1", "s2")
    assert books(county, OTHER) + books(county, "huertgenwald") == Counter(meant=2, muted=2)


def test_severe_ones_break_in_once(county: Town) -> None:
    resident(county, everywhere(NOW, topic="warnings"), "webpush")
    publish(county, "s1", "s2", topic="warnings", severity=Severity.SEVERE)
    assert len(county.push.told()) == 1


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_two_workers_at_once_see_each_other(county: Town) -> None:
    """Both publications are planned in the same moment: one of them waits for the other."""
    for _ in range(3):
        resident(county, everywhere(NOW), "webpush")
    for source in ("s1", "s2"):
        county.gatherer.has(source, closure(source))
    county.clock.forward(minutes=15)
    gather.gather_due(county.house)
    for source in ("s1", "s2"):
        county.engine._jobs["gather"](source)
    with county.store.read() as session:
        lanes = [lane for _, lane in publications.waiting(session, county.clock())]
    rows = []
    for lane in lanes:
        with county.store.begin() as session:
            rows.append(course.take(county.house, session, lane))
    ready = threading.Barrier(len(rows))

    def carry(row: Any) -> None:
        ready.wait(30)
        course.carry(county.house, row, course.Wake("publish", str(row["id"])))

    threads = [threading.Thread(target=carry, args=(row,)) for row in rows if row is not None]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    county.engine.run_all()
    assert len(county.push.told()) == 3
    assert books(county, OTHER) + books(county, "huertgenwald") == Counter(meant=6, sent=3, doubled=3)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["s1", "s2"]), st.sampled_from(["X", "Y"])), min_size=1, max_size=8))
def test_nobody_hears_anything_twice_and_nobody_misses_a_change(
    tmp_path_factory: pytest.TempPathFactory, empty: Path, story: list[tuple[str, str]]
) -> None:
    """Whatever the two lists say when: it is told unless the other town says so now and told it to this person."""
    store = Store(f"sqlite:///{shutil.copy(empty, tmp_path_factory.mktemp('county') / 'o.sqlite')}")
    county = make_county(store)
    resident(county, everywhere(NOW), "webpush")
    resident(county, everywhere(DIGEST), "mail")
    said: dict[str, list[str]] = {"s1": [], "s2": []}
    told_by: dict[str, bool] = {}
    heard: dict[str, str] = {}
    expected = []
    for source, title in story:
        publish(county, source, title=title)
        if said[source][-1:] == [title]:
            continue
        other = said["s2" if source == "s1" else "s1"]
        doubled = other[-1:] == [title] and other.count(title) == 1 and told_by["s2" if source == "s1" else "s1"]
        said[source].append(title)
        told_by[source] = not doubled
        if not doubled and heard.get(source) != title:  # back to what they heard of it last, it is no news
            heard[source] = title
            expected.append(title)
    assert [message.entries[0].notice.title for _, message in county.push.sent] == expected
    books(county, "huertgenwald"), books(county, OTHER)
    county.clock.to("2026-11-24T12:00:00+01:00")
    county.run()
    ((_, digest),) = county.mail.sent
    titles = [one.notice.title for one in digest.entries]
    came_back = any(len(set(one)) < len(one) for one in said.values())
    assert came_back or len(titles) == len(set(titles))
    assert set(titles) <= {one[-1] for one in said.values() if one}
    store.close()
