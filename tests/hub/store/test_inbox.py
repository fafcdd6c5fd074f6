"""A person's inbox on both databases: exactly what matched, less what was read, as the pure rules say."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from fakes.house import PLACE, Town, news, zone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.core.codec import to_json
from hub.core.inbox import News, Reader, is_unread, read_through
from hub.core.mutes import Matter, Mute, Sort, silent
from hub.core.notice import Occurrence, Severity, Status
from hub.core.sought import sought_words
from hub.core.subscription import Action, Criteria
from hub.jobs import sweep
from hub.store import agenda, erasing, inbox, mutes, subscribers
from hub.store import interests as store_interests
from hub.store.inbox import Owner, Sought
from hub.store.schema import match, notice, notice_place, read_mark

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
PUSH = ("webpush", Action.NOW, "")
numbers = itertools.count()


def owner(town: Town, person: int) -> Owner:
    with town.store.read() as session:
        living = mutes.of(session, [person]).get(person, [])
        return Owner(person, subscribers.get(session, person)["read_until"], tuple(living))


def unread(town: Town, person: int) -> int:
    with town.store.read() as session:
        count, _newest = inbox.unread_count(session, owner(town, person))
        asked = Sought(unread=True)
        assert count == inbox.count(session, owner(town, person), asked)
        assert count == len(inbox.page(session, owner(town, person), asked, most=100))
    return count


def titles(town: Town, person: int, **sought) -> list[str]:
    with town.store.read() as session:
        rows = inbox.page(session, owner(town, person), Sought(**sought), most=100)
        assert inbox.count(session, owner(town, person), Sought(**sought)) == len(rows)
    return [row["content"]["texts"][0]["title"] for row in rows]


def read_everything(town: Town, person: int) -> None:
    with town.store.begin() as session:
        inbox.read_all(session, owner(town, person), town.clock(), town.clock())


# ---- generated histories ----

minutes = st.integers(-300, -1)
places = st.lists(st.sampled_from([PLACE, f"{PLACE}/zone:a", f"{PLACE}/zone:ab", "0535"]), max_size=2, unique=True)
rows = st.fixed_dictionaries({
    "news_at": minutes, "told": st.booleans(), "topic": st.sampled_from(["news", "roads", "waste"]), "places": places,
    "severity": st.sampled_from(Severity), "mine": st.booleans(),
})  # fmt: skip
acts = st.one_of(
    st.tuples(st.just("one"), st.integers(0, 9), minutes), st.tuples(st.just("all"), st.just(0), minutes),
    st.tuples(st.just("news"), st.integers(0, 9), minutes),
)  # fmt: skip
silences = st.one_of(
    st.tuples(st.just(Sort.TOPIC), st.sampled_from(["news", "roads"])),
    st.tuples(st.just(Sort.PLACE), st.sampled_from([PLACE, f"{PLACE}/zone:a", "05"])),
    st.tuples(st.just(Sort.NOTICE), st.integers(0, 9)),
)


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(rows, max_size=6), st.lists(acts, max_size=6), st.lists(silences, max_size=2))
def test_unread_is_what_matched_less_what_was_read(town: Town, made, done, quiet) -> None:
    """Whatever comes, is read, says something new and is muted: the count, the marks and the order are the model's."""
    run = next(numbers)
    ids = [f"n{run}x{number}" for number in range(len(made))]
    with town.store.begin() as session:
        person = subscribers.add(
            session, town.municipality, language="de", digest_at="07:00", next_digest_at=NOW, now=at(-200)
        )
        wanted, _ = store_interests.ensure(session, town.municipality, Criteria(topics=("news",), words=(f"w{run}",)))
        subscribers.subscribe(session, person, wanted, [PUSH])
        for name, one in zip(ids, made, strict=True):
            content = to_json(news(name, "Meldung"))
            session.execute(notice.insert().values(
                id=name, municipality_id=town.municipality, topic=one["topic"], revision=1, content=content,
                severity=int(one["severity"]), first_seen_at=NOW, changed_at=NOW, news_at=at(one["news_at"]),
                told=one["told"],
            ))  # fmt: skip
            for path in one["places"]:
                session.execute(notice_place.insert().values(notice_id=name, path=path))
            if one["mine"]:
                session.execute(match.insert().values(notice_id=name, interest_id=wanted, revision=1, reason={}))
        silence = [
            Mute(sort, ids[value] if value < len(ids) else "other") if sort is Sort.NOTICE else Mute(sort, value)
            for sort, value in quiet
        ]
        for one in silence:
            mutes.put(session, person, one, NOW)
    told = {name: one["told"] for name, one in zip(ids, made, strict=True)}
    when = {name: at(one["news_at"]) for name, one in zip(ids, made, strict=True)}
    muted = {
        name: silent(silence, Matter(name, one["topic"], one["places"], one["severity"]), NOW)
        for name, one in zip(ids, made, strict=True)
    }
    mine = [name for name, one in zip(ids, made, strict=True) if one["mine"]]
    reader = Reader(at(-200))

    def messages() -> list[News]:
        return [News(name, when[name], told[name], muted[name]) for name in mine]

    for sort, number, minute in done:
        name = ids[number] if number < len(ids) else "nothing"
        with town.store.begin() as session:
            if sort == "all":
                inbox.read_all(session, owner(town, person), at(minute), NOW)
                reader = read_through(reader, messages(), at(minute), NOW)
            elif sort == "one":
                assert inbox.read(session, owner(town, person), name, NOW) == (name in mine)
                marks = dict(reader.marks) | ({name: when[name]} if name in mine else {})
                reader = replace(reader, marks=tuple(marks.items()))
            elif name in when:
                when[name], told[name] = max(when[name], at(minute)), True
                session.execute(notice.update().where(notice.c.id == name).values(news_at=when[name], told=True))
    expected = {one.notice for one in messages() if is_unread(one, reader)}
    assert unread(town, person) == len(expected)
    with town.store.read() as session:
        found = inbox.page(session, owner(town, person), Sought(), most=100)
    assert [one["id"] for one in found] == sorted(mine, key=lambda name: (when[name], name), reverse=True)
    assert {one["id"] for one in found if one["unread"]} == expected
    assert {one["id"] for one in found if one["muted"]} == {name for name in mine if muted[name]}


# ---- through polls, as it happens ----


def resident(town: Town, *topics: str) -> int:
    endpoint = town.person(Criteria(topics=topics or ("news",), places=(PLACE,)))
    with town.store.read() as session:
        return int(subscribers.endpoint_row(session, endpoint)["subscriber_id"])


def test_news_are_unread_a_first_reading_and_a_timetable_are_not(town: Town) -> None:
    person = resident(town, "news", "waste")
    town.source("s1", imported=False)
    town.gatherer.has("s1", news("old", "Schon da"))
    town.run()
    town.poll("s1", news("old", "Schon da"), news("a", "Freibad öffnet"))
    town.source("w", "waste")
    bins = news(
        "b", "Restmüll", source="w", topic="waste", series=True, occurrences=(Occurrence("1", date(2026, 12, 1)),)
    )
    town.poll("w", bins)
    assert titles(town, person) == ["Restmüll", "Freibad öffnet", "Schon da"]
    assert titles(town, person, unread=True) == ["Freibad öffnet"]


def test_a_changed_and_a_called_off_notice_come_to_the_front_unread_again(town: Town) -> None:
    person = resident(town, "warnings")
    town.source("s1", "warnings")
    storm = news("o", "Sturm", topic="warnings", severity=Severity.MODERATE, expires=NOW + timedelta(hours=9))
    town.poll("s1", storm)
    read_everything(town, person)
    assert unread(town, person) == 0
    worse = replace(storm, severity=Severity.EXTREME, sent=NOW + timedelta(minutes=20))
    town.poll("s1", worse)
    assert unread(town, person) == 1
    read_everything(town, person)
    town.poll("s1", replace(worse, status=Status.CANCELLED, sent=NOW + timedelta(minutes=40)))
    assert titles(town, person, unread=True) == ["Sturm"]


def test_who_comes_later_finds_what_was_there_and_has_nothing_to_catch_up_on(town: Town) -> None:
    town.source()
    town.poll("s1", news("a", "Freibad öffnet"))
    person = resident(town)
    assert titles(town, person) == ["Freibad öffnet"]
    assert unread(town, person) == 0


def test_words_are_found_as_people_type_them(town: Town) -> None:
    person = resident(town)
    town.source()
    town.poll("s1", news("a", "Müllabfuhr verschoben"), news("b", "Vollsperrung der Hauptstr."), news("c", "100%"))
    for typed, found in (("muell", 1), ("mullabfuhr", 1), ("sperrung hauptstraße", 1), ("xyzzy", 0), ("", 3)):
        assert len(titles(town, person, words=sought_words(typed))) == found, typed


def test_paging_loses_none(town: Town) -> None:
    person = resident(town)
    town.source()
    for several in range(3):
        town.poll("s1", *(news(f"n{number}", f"Meldung {number}") for number in range(2 * several + 2)))
    seen: list[str] = []
    after = None
    while True:
        with town.store.read() as session:
            found = inbox.page(session, owner(town, person), Sought(), after=after, most=4)
        if not found:
            break
        seen += [row["id"] for row in found]
        after = (found[-1]["at"], found[-1]["id"])
    assert len(seen) == len(set(seen)) == 6


def test_another_persons_inbox_is_closed(town: Town) -> None:
    mine, other = resident(town), resident(town, "roads")
    town.source()
    town.poll("s1", news("a", "Freibad öffnet"))
    with town.store.begin() as session:
        assert inbox.one(session, owner(town, other), news("a").id) is None
        assert not inbox.read(session, owner(town, other), news("a").id, town.clock())
        assert session.scalar(select(func.count()).select_from(read_mark)) == 0
    read_everything(town, other)
    assert (unread(town, mine), unread(town, other)) == (1, 0)


def marks(town: Town) -> int:
    with town.store.read() as session:
        return int(session.scalar(select(func.count()).select_from(read_mark)) or 0)


def test_a_mark_goes_with_the_line_the_message_and_the_person(town: Town) -> None:
    first, second = resident(town), resident(town)
    town.source()
    town.poll("s1", news("a", "Markt", expires=NOW + timedelta(days=2)))
    read_everything(town, first)
    read_everything(town, second)
    assert marks(town) == 2
    town.clock.forward(hours=2)
    read_everything(town, first)  # the line has passed it by now
    assert marks(town) == 1
    with town.store.begin() as session:
        erasing.erase(session, [first], town.clock())
    assert marks(town) == 1
    town.clock.forward(days=33)
    sweep.forget(town.house)
    assert marks(town) == 0
    assert titles(town, second) == []


def test_dates_are_those_of_ones_own_streets(town: Town) -> None:
    wish = Criteria(topics=("waste",), places=(f"{PLACE}/zone:nord",))
    endpoint = town.person(wish)
    with town.store.read() as session:
        person = subscribers.endpoint_row(session, endpoint)["subscriber_id"]
    town.source("w", "waste")
    day = date(2026, 11, 24)
    town.poll("w", *(
        news(name, name, source="w", topic="waste", series=True, places=(zone(name),),
             occurrences=(Occurrence("1", day), Occurrence("2", day + timedelta(days=14)), Occurrence("0", date(2026, 11, 1))))
        for name in ("nord", "sued")
    ))  # fmt: skip
    whose = owner(town, person)
    with town.store.read() as session:
        whole = agenda.dates(session, whose, NOW, None, NOW)
        week = agenda.dates(session, whose, NOW, NOW + timedelta(days=7), NOW, topic="waste")
        none = agenda.dates(session, whose, NOW, None, NOW, topic="council")
        first = agenda.dates(session, whose, NOW, None, NOW, most=1)
    assert [one.occurrence.start for one in whole] == [day, day + timedelta(days=14)]
    assert week == first == whole[:1]
    assert none == []
