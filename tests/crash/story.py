"""The town that dies: what was told before, what happens while it dies, and what must have arrived in the end.

One tick does everything at once: a new, a changed and a called-off notice, a moved collection whose reminder went out,
a reminder and a digest whose hour has come, a burst of events, a push service that asks to wait, a device that is gone,
sources that break, fall silent or are doubted, people who sign up, confirm, change, leave and erase themselves, and
warnings of two municipalities at the same moment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from crash import desk
from fakes.house import PLACE, Town, make_town, news
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.core.changes import decide
from hub.core.errors import SourceUnreachable, SubscribeError
from hub.core.fanout import Lane
from hub.core.notice import Notice, Occurrence, Severity, Status
from hub.core.subscription import Action, Criteria
from hub.jobs import erase, lapse, subscribe, sweep
from hub.jobs.subscribe import SignUp, Wish
from hub.store import lifesigns, notices, subscribers, towns
from hub.store.database import Store
from hub.store.schema import batch, digest_entry, endpoint, mail_ask, mark, publication, source, subscriber

NEWS, DIGESTS, REMINDED, TO_REMIND, CROWD = 12, 4, 2, 2, 2
FRESH = "fresh@example.org"  # signs up while the process dies
SLOW_MINUTES = 3  # so long the push service of one device asks to wait
EVENTS = tuple(f"e{number}" for number in range(1, 7))
TOLD = {("a", 1, "new"), ("b", 2, "revised"), ("c", 2, "withdrawn")}
NEIGHBOUR, WARNINGS = "neighbour", {"huertgenwald": ("w1", "w2"), "neighbour": ("w3",)}
TUESDAY, THURSDAY, LATER = date(2026, 11, 24), date(2026, 11, 26), (date(2026, 12, 8), date(2026, 12, 22))
Roles = dict[str, list[int]]


def collection(key: str, *days: date) -> Notice:
    """Write a timetable of one fraction; dates keep their keys when they move."""
    dates = tuple(Occurrence(str(at), day) for at, day in enumerate(days))
    return news(key, key.title(), topic="waste", source="s2", series=True, occurrences=dates)


def council(key: str) -> Notice:
    return news(key, f"Sitzung {key}", topic="council", source="s3")


def jobs() -> list[Notice]:
    return [news(f"j{at}", f"Stelle {at}", topic="jobs", source="s5") for at in range(4)]


def prepare(url: str) -> tuple[datetime, Roles, dict[str, Any]]:
    """Fill a database with people who were told of everything before; returns the moment, who is who, and tokens."""
    store = Store(url)
    store.upgrade()
    town = make_town(store)
    roles = _people(town)
    for name, topic in (("s1", "news"), ("s2", "waste"), ("s3", "council"), ("s4", "tenders"), ("s5", "jobs")):
        town.source(name, topic)
    town.source("s6", "roads")
    _poll(
        town, s1=(news("b", "Fest am Samstag"), news("c", "Markt")), s3=(council("d1"), council("d2")), s5=jobs(),
        s2=(collection("rest", TUESDAY, *LATER), collection("papier", TUESDAY, *LATER)), s4=(), s6=(),
    )  # fmt: skip
    town.clock.to("2026-11-23T18:01:00+01:00")
    town.run()
    told = Counter((message.change.value, recipient.endpoint) for recipient, message in town.push.sent)
    assert all(told["new", str(one)] == 2 for one in roles["news"])
    assert all(told["reminder", str(one)] == 1 for one in roles["reminded"])
    tokens = _doors(town, roles)
    town.clock.to("2026-11-23T19:01:00+01:00")
    with store.begin() as session:
        for one in roles["digest"]:
            row = subscribers.endpoint_row(session, one)
            assert row is not None
            subscribers.change(session, row["subscriber_id"], next_digest_at=town.clock())
        _quiet_people(session, roles, town.clock())
    tokens["desk"] = desk.prepare(town)
    store.close()  # the last connection folds the WAL into the file: one file to copy
    return town.clock(), roles, tokens


def _quiet_people(session: Session, roles: Roles, now: datetime) -> None:
    """Let the monthly mail of some be due, and others have shown no sign of life for a year or have been warned of it."""
    session.execute(delete(mark).where(mark.c.name == lapse.MARK))  # its round of the day is to come
    silent = {"alive_at": now - timedelta(days=400)}
    for role, values in (
        ("monthly", {"monthly_day": 23, "next_monthly_at": now}),
        ("dormant", silent), ("lapsed", silent | {"lapse_told_at": now - timedelta(days=31)}),
    ):  # fmt: skip
        for one in roles[role]:
            row = subscribers.endpoint_row(session, one)
            assert row is not None
            subscribers.change(session, row["subscriber_id"], **values)
    lifesigns.expires(session, roles["expiring"][0], now + timedelta(days=3))


def _poll(town: Town, **found: Iterable[Notice]) -> None:
    for source_id, items in found.items():
        town.gatherer.has(source_id, *items)
    town.clock.forward(minutes=15)
    town.run()


def _people(town: Town) -> Roles:
    """Sign everybody up, by what they are there for."""
    here = (PLACE,)

    def some(
        count: int, topic: str, *ways: tuple[str, Action, str], words: tuple[str, ...] = (), channel: str = "webpush"
    ) -> list[int]:
        wish = Criteria(topics=(topic,), places=here, words=words)
        return [town.person(wish, *ways, channel=channel) for _ in range(count)]

    now = ("webpush", Action.NOW, "")
    roles = {
        "news": some(NEWS, "news", now),
        "digest": some(DIGESTS, "council", ("mail", Action.DIGEST, ""), channel="mail"),
        "reminded": some(REMINDED, "waste", ("webpush", Action.REMINDER, "P1D@18:00"), words=("rest",)),
        "to-remind": some(TO_REMIND, "waste", ("webpush", Action.REMINDER, "P1D@19:00"), words=("papier",)),
        "crowd": some(CROWD, "events", now),
        "readers": some(1, desk.TOPIC, now),
        "slow": some(1, "news", now),
        "gone": some(1, "news", now),
        "leaving": some(1, "news", now),
        "changing": some(1, "roads", now),
        "erased": some(1, "roads", now),
        "monthly": some(2, "roads", ("mail", Action.DIGEST, ""), channel="mail"),
        "expiring": some(1, "roads", now),
        "dormant": some(1, "roads", now),
        "lapsed": some(1, "roads", now),
    }
    roles["news"] += roles["slow"]
    for name in WARNINGS:
        roles[f"warned in {name}"] = _neighbours(town, name)
    return roles


def _neighbours(town: Town, name: str) -> list[int]:
    """Let somebody of a municipality ask for warnings; the neighbours' is founded by that."""
    home, town.municipality = town.municipality, name
    if name == NEIGHBOUR:
        values = {
            "id": name,
            "name": name,
            "path": PLACE,
            "language": "de",
            "zone": "Europe/Berlin",
            "colour": "#000000",
        }
        with town.store.begin() as session:
            towns.add(session, values, town.clock())
    found = [town.person(Criteria(topics=("warnings",), places=(PLACE,)))]
    town.municipality = home
    return found


def _doors(town: Town, roles: Roles) -> dict[str, Any]:
    """Give what people hold in hand: links in mails that wait to be pressed; and somebody who never confirmed."""
    old = town.person(Criteria(topics=("roads",)), channel="mail")
    with town.store.read() as session:
        row = subscribers.endpoint_row(session, old)
        leaving = subscribers.endpoint_row(session, roles["leaving"][0])
        assert row is not None
        assert leaving is not None
    town.clock.forward(minutes=1)
    with town.store.begin() as session:
        session.execute(delete(mail_ask))  # an address is asked once a day; that day is over
    wish = Wish(Criteria(topics=("roads",)), (("mail", Action.NOW, ""),))
    subscribe.sign_up(town.house, town.municipality, SignUp((wish,), {"mail": (row["address"], {}, "service")}))
    town.engine.run_all()
    recipient, _ = town.mail.sent[-1]
    roles["confirming"], roles["replaced"] = [int(recipient.endpoint)], [old]
    with town.store.begin() as session:
        forgotten = subscribers.add(
            session, town.municipality, language="de", digest_at="07:00", next_digest_at=town.clock() + timedelta(days=9),
            now=town.clock() - timedelta(days=3),
        )  # fmt: skip
        subscribers.add_endpoint(
            session, town.municipality, forgotten, channel="mail", address="never@example.org", service="service",
            keys={}, active=False, now=town.clock() - timedelta(days=3),
        )  # fmt: skip
    return {
        "confirm": recipient.confirm_url.rpartition("/")[2],
        "unsubscribe": town.house.links.token("unsubscribe", leaving["id"], 1),
        "forgotten": forgotten,
    }


def answers(town: Town) -> None:
    """Let the sources say what is told while the process dies."""
    has = town.gatherer.has
    moved = collection("rest", THURSDAY, *LATER)
    cancelled = replace(news("c", "Markt"), status=Status.CANCELLED)
    events = [news(key, f"Termin {key}", topic="events") for key in EVENTS]
    has("s1", news("a", "Freibad öffnet"), news("b", "Fest am Sonntag"), cancelled, *events)
    has("s2", moved, collection("papier", TUESDAY, *LATER))
    has("s3", council("d1"), council("d2"))
    town.gatherer.breaks("s4", SourceUnreachable("The server does not answer."))
    has("s5")
    town.gatherer.snapshots.add("s5")
    town.gatherer.unchanged("s6")


def people_act(town: Town, roles: Mapping[str, Sequence[int]], tokens: Mapping[str, Any]) -> None:
    """Do what people do in those minutes, and again whenever the hub did not answer."""
    house = town.house
    wish = Wish(Criteria(topics=("roads",), places=(PLACE,), words=("umleitung",)), (("mail", Action.NOW, ""),))
    with suppress(SubscribeError):  # "we have already sent a confirmation": that one must arrive
        subscribe.sign_up(house, town.municipality, SignUp((wish,), {"mail": (FRESH, {}, "service")}))
    subscribe.confirm(house, tokens["confirm"])
    subscribe.end_endpoint(house, tokens["unsubscribe"])
    for role, act in (
        ("changing", lambda one: _change(house, one, wish)),
        ("erased", lambda one: erase.erase(house, one)),
    ):
        with town.store.read() as session:
            row = subscribers.endpoint_row(session, roles[role][0])
            person = subscribers.get(session, row["subscriber_id"]) if row is not None else None
        if person is not None:
            act(person)
    sweep.retain(house)
    _warn(town)
    desk.act(town, tokens["desk"])


def _change(house: Any, person: Any, wish: Wish) -> None:
    with house.store.begin() as session:
        subscribe.put_wishes(house, session, person, [wish])


def _warn(town: Town) -> None:
    """Let two municipalities warn at the same moment, one of them twice; a repeat changes nothing."""
    with town.store.begin() as session:
        for name, keys in WARNINGS.items():
            for key in keys:
                warning = news(key, f"Sturm {key}", topic="warnings", source=name, severity=Severity.EXTREME)
                known = notices.known_by_id(session, name, warning.id)
                made = notices.save(
                    session, name, None, decide(warning, known, town.clock()), places=(PLACE,), zone="Europe/Berlin",
                    now=town.clock(), names=(),
                )  # fmt: skip
                if made is not None:
                    town.house.engine.defer(session, "publish", str(made), lane=Lane.EMERGENCY)


def unsettled(town: Town) -> str:
    """Return what is left to do, in words; empty if nothing is."""
    with town.store.read() as session:
        counts = {
            "batches": session.scalar(select(func.count()).select_from(batch).where(batch.c.state == "open")),
            "publications": session.scalar(
                select(func.count()).select_from(publication).where(publication.c.stage != "done")
            ),
            "sources": session.scalar(
                select(func.count()).select_from(source).where(source.c.next_poll_at <= town.clock())
            ),
            "digests": session.scalar(
                select(func.count()).select_from(subscriber).where(subscriber.c.next_digest_at <= town.clock())
            ),
            "monthly mails": session.scalar(
                select(func.count()).select_from(subscriber).where(subscriber.c.next_monthly_at <= town.clock())
            ),
            "drafts": desk.unsettled(session),
            "rounds": 1 - (session.scalar(select(func.count()).where(mark.c.name == lapse.MARK)) or 0),
        }
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def check(
    posts: Sequence[Mapping[str, Any]], roles: Mapping[str, Sequence[int]], *, flying: int, die: str, released: set[str]
) -> int:  # fmt: skip
    """See that everybody was told everything, nothing would be shown twice; returns how many posts were repeats."""
    told: dict[int, set[tuple[str, int, str]]] = defaultdict(set)
    shown: dict[tuple[int, str, int, str], set[tuple[str, str]]] = defaultdict(set)
    for one in posts:
        for key, revision in one["entries"]:
            told[one["endpoint"]].add((key, revision, one["change"]))
            shown[one["endpoint"], key, revision, one["change"]].add((one["serial"], one["thread"]))
    doubled = {what for what, names in shown.items() if len(names) > 1}
    assert not doubled, f"{die}: would be shown twice: {doubled}"
    for one in roles["news"]:
        assert told[one] == TOLD, f"{die}: {one} was told {told[one]}"
    heard = {"digest": {"d1", "d2"}, "crowd": set(EVENTS), "readers": released}
    heard |= {f"warned in {name}": set(keys) for name, keys in WARNINGS.items()}
    for who, keys in ((one, keys) for role, keys in heard.items() for one in roles[role]):
        assert {key for key, _, _ in told[who]} == keys, f"{die}: {who} was told {told[who]} and not {keys}"
    for one in roles["reminded"]:
        assert told[one] == {("rest", 2, "correction")}, f"{die}: {one} was told {told[one]}"
    for one in roles["to-remind"]:
        assert told[one] == {("papier", 1, "reminder")}, f"{die}: {one} was told {told[one]}"
    for role in ("gone", "erased", "changing"):
        assert not any(told[one] for one in roles[role]), f"{die}: {role} was told"
    _check_quiet(posts, roles, die)
    fresh = {one["serial"] for one in posts if one["address"] == FRESH}
    assert len(fresh) == 1, f"{die}: {len(fresh)} confirmations for who signed up"
    repeats = len(posts) - len({(one["endpoint"], one["serial"]) for one in posts})
    assert repeats <= flying, f"{die}: {repeats} repeats, more than were in flight"
    return repeats


def _check_quiet(posts: Sequence[Mapping[str, Any]], roles: Mapping[str, Sequence[int]], die: str) -> None:
    """See that whoever was due for one word of ours heard it, and nothing else."""
    for role, change in (("monthly", "monthly"), ("expiring", "expiry"), ("dormant", "lapse")):
        for one in roles[role]:
            heard = {(post["change"], post["serial"]) for post in posts if post["endpoint"] == one}
            assert [what for what, _ in heard] == [change], f"{die}: {role} heard {heard}"


def check_rows(store: Store, roles: Mapping[str, Sequence[int]], tokens: Mapping[str, Any], die: str) -> None:
    """See that the books balance and that people are where they put themselves."""
    with store.read() as session:
        states = {row.id: row.state for row in session.execute(select(endpoint.c.id, endpoint.c.state))}
        books = session.execute(select(batch).where(batch.c.state == "done")).mappings().all()
        waiting = session.scalar(
            select(func.count()).select_from(digest_entry).where(digest_entry.c.endpoint_id.in_(roles["digest"]))
        )
        forgotten = subscribers.get(session, tokens["forgotten"])
        erased = [one for one in (*roles["erased"], *roles["lapsed"]) if one in states]
    wanted = {"gone": "gone", "leaving": "ended", "confirming": "active", "replaced": "ended", "slow": "active"}
    found = {role: states[roles[role][0]] for role in wanted}
    assert found == wanted, f"{die}: {found}"
    assert (forgotten, erased, waiting) == (None, [], 0), f"{die}: kept what was to be forgotten"
    desk.check(store, die)
    for row in books:
        ended = sum(row[name] for name in ("sent", "failed", "gone", "expired", "suppressed"))
        dropped = row["cursor"] == 0 and ended == 0  # overtaken before anybody began
        assert dropped or ended == row["size"], (
            f"{die}: batch {row['id']} ({row['change']}) has {ended} of {row['size']}"
        )
