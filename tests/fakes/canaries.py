"""A municipality with a word in everything that is its own: where that word turns up elsewhere, something leaked (T-01)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from fakes.house import Town, news
from fakes.people import account, written

from hub.core.draft import Area, Attachment, Draft
from hub.core.notice import Link, Notice, NoticeText, Occurrence, PlaceRef, Severity, notice_id
from hub.core.permission import Grant, Role
from hub.core.release import State
from hub.core.source import Source
from hub.core.subscription import Action, Criteria
from hub.jobs import people
from hub.jobs.contact import set_contact
from hub.jobs.dress import dress
from hub.jobs.record import record
from hub.jobs.report import Report, report
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import drafts, sources, subscribers
from hub.store.schema import attachment, template

TOPICS = ("news", "warnings", "roads", "council", "events", "tenders")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled with ``word``: ids by the name that routes give their arguments."""

    word: str
    slug: str
    person: int
    endpoints: tuple[int, ...]
    accounts: dict[Role, int]
    arguments: dict[str, list[str]]


def filled(town: Town, slug: str, path: str, word: str) -> Filled:
    """Put ``word`` into everything that is the municipality's own, and tell its people."""
    town.municipality = slug
    accounts = _people_of_the_office(town, slug, word)
    source_id = _gathered(town, slug, path, word)
    person, endpoints = _resident(town, slug, path, word)
    found = [_notice(topic, word, source_id, town, path) for topic in TOPICS]
    town.poll(source_id, *found)
    numbers = _drafted(town, slug, word, accounts[Role.AUTHOR])
    report(town.house, slug, Report("error", f"Fehler {word}", f"leser-{word}@example.org".lower(), f"Titel {word}"))
    town.run()
    dress(town.house, slug, {"imprint_url": f"https://{word.lower()}.example/imprint", "barriers": f"Treppe {word}"})
    with town.store.begin() as session:
        record(town.house, session, "command", "municipality.changed", municipality=slug, subject=word, what=word)
    return Filled(word, slug, person, endpoints, accounts, {
        "notice_id": [one.id for one in found], "source_id": [source_id], "number": numbers, "topic": list(TOPICS),
    })  # fmt: skip


def _people_of_the_office(town: Town, slug: str, word: str) -> dict[Role, int]:
    """Return an account of each role that a municipality has; somebody is invited, too."""
    roles = (Role.AUTHOR, Role.EDITOR, Role.APPROVER, Role.SOURCE_KEEPER, Role.OPERATOR)
    made = {role: account(town, f"{role}-{word}@example.org".lower(), Grant(role, slug)) for role in roles}
    set_contact(town.house, slug, f"redaktion-{word}@example.org".lower())
    people.invite(
        town.house, made[Role.OPERATOR], f"neu-{word}@example.org".lower(), Grant(Role.EDITOR, slug), language="de"
    )  # fmt: skip
    written(town)
    return made


def _gathered(town: Town, slug: str, path: str, word: str) -> str:
    source_id = f"s-{slug}"
    made = Source(
        source_id, "rss", f"https://example.org/{word}", slug, topic="news", interval=600,
        places=(PlaceRef("ars", path),), name=f"Quelle {word}",
    )  # fmt: skip
    with town.store.begin() as session:
        sources.add(session, slug, made, town.clock())
    town.gatherer.has(source_id)
    town.run()
    return source_id


def _notice(topic: str, word: str, source_id: str, town: Town, path: str) -> Notice:
    soon = town.clock() + timedelta(days=1)
    found = news(
        f"{topic}-{word}", f"Titel {topic} {word}", topic=topic, source=source_id, body=f"Text {word}",
        occurrences=(Occurrence("a", soon, soon + timedelta(hours=1), f"Termin {word}", f"Saal {word}"),),
        links=(Link("enclosure", f"https://example.org/{word}.pdf", f"Anlage {word}"),), publisher=f"Amt {word}",
        places=(PlaceRef("ars", path),),
        severity=Severity.SEVERE if topic == "warnings" else Severity.UNKNOWN, expires=soon + timedelta(days=2),
        deadline=soon if topic == "tenders" else None,
    )  # fmt: skip
    return replace(found, id=notice_id(source_id, found.key))


def _resident(town: Town, slug: str, path: str, word: str) -> tuple[int, tuple[int, ...]]:
    """Return somebody who gets everything of the municipality on every way, and their endpoints."""
    ways = (("webpush", Action.NOW, ""), ("mail", Action.NOW, ""), ("ical", Action.CALENDAR, ""))
    wish = Wish(Criteria(topics=TOPICS, places=(path,)), ways)
    address = f"anna-{word}@example.org".lower()
    addresses = {
        "webpush": (f"https://push.example/{word}", {}, "service"), "mail": (address, {}, "example.org"),
        "ical": (f"ical:{word}", {}, ""),
    }  # fmt: skip
    person = sign_up(town.house, slug, SignUp((wish,), addresses))
    with town.store.begin() as session:
        rows = subscribers.endpoints_of(session, person)
        for row in rows:
            subscribers.confirm(session, row["id"], town.clock())
    town.run()
    return person, tuple(row["id"] for row in rows)


def _drafted(town: Town, slug: str, word: str, author: int) -> list[str]:
    """Return the numbers of drafts, one in each state, with a file and a template beside them."""
    name = f"{slug}-file.pdf"
    draft = Draft(
        "news", (NoticeText("de", f"Entwurf {word}", f"Text {word}"),), areas=(Area(slug),), contact=f"Amt {word}",
        attachments=(Attachment(name, f"Plan {word}", "application/pdf", 3),), expires=town.clock() + timedelta(days=3),
    )  # fmt: skip
    numbers = []
    with town.store.begin() as session:
        session.execute(attachment.insert().values(
            name=name, municipality_id=slug, media_type="application/pdf", size=3, content="JVBE", created_at=town.clock(),
        ))  # fmt: skip
        session.execute(template.insert().values(
            municipality_id=slug, name=f"Vorlage {word}", content={}, by=author, changed_at=town.clock(),
        ))  # fmt: skip
        for state in (State.DRAFT, State.REVIEW):
            made = drafts.add(session, slug, draft, author, town.clock())
            row = drafts.get(session, slug, made)
            drafts.step(session, row, "submit", author, town.clock(), reason=f"Grund {word}")
            drafts.move(session, row, state)
            numbers.append(str(made))
    return numbers
