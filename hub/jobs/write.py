"""Write: begin a draft, save it, copy what was told, bring back a version, keep templates. Each in one transaction.

Who may is asked before (``hub.web.access``); what a club may is asked here, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import codec
from hub.core.again import again, of_notice
from hub.core.draft import Area, Draft, Mode, content_hash, from_json
from hub.core.errors import ActRefused, DraftChanged, DraftError
from hub.core.missing import usual_end
from hub.core.notice import Severity
from hub.core.release import Act, Refusal, State
from hub.jobs.house import House
from hub.jobs.record import by_account, record
from hub.store import answers, drafts, notices, patterns

_SAVED = frozenset({State.DRAFT, State.REVIEW, State.PUBLISHED})  # where a save leads back to a draft


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and in which municipality: an account; of a club the topic that it is bound to, else empty."""

    town: str
    account: int
    club: str = ""


def empty(author: Author, now: datetime) -> Draft:
    """Return a draft with nothing in it but an end."""
    areas = (Area(author.town),) if author.club else ()
    return Draft(topic=author.club, areas=areas, expires=usual_end(Severity.UNKNOWN, now))


def bounded(draft: Draft, town: str, club: str) -> Draft:
    """Return what a club may write of ``draft``: its topic, in its town, no warning."""
    if not club:
        return draft
    return replace(
        draft, topic=club, severity=Severity.UNKNOWN, areas=tuple(one for one in draft.areas if one.town == town)
    )


def create(house: House, author: Author, draft: Draft, *, once: str = "", how: str = "created") -> int:
    """Begin a draft; returns its number. What is sent twice under one key ``once`` is begun once (A-10)."""
    made = bounded(draft, author.town, author.club)
    with house.store.begin() as session:
        key = house.links.fingerprint("once", f"draft|{author.account}|{author.town}|{once}") if once else ""
        if key and (known := answers.given(session, key, "", house.now())):
            return int(known)
        number = drafts.add(session, author.town, made, author.account, house.now(), club=author.club)
        if key:
            answers.correct(session, key, str(number))
        _note(house, session, author, how, number)
    return number


def _note(house: House, session: Session, author: Author, act: str, number: int, **detail: str) -> None:
    actor = by_account(author.account)
    record(house, session, actor, f"draft.{act}", municipality=author.town, subject=f"draft:{number}", **detail)


def opened(session: Session, author: Author, number: int) -> RowMapping:
    """Return a draft of a municipality that somebody may work on. Raises ``DraftError``: there is none for them."""
    row = drafts.get(session, author.town, number)
    if row is None or (author.club and (row["club"], row["author"]) != (author.club, author.account)):
        raise DraftError(subject=str(number))
    return row


def save(house: House, author: Author, number: int, draft: Draft, *, seen: int, own: bool = True) -> int:
    """Save what somebody made of version ``seen``; returns the version that it is now.

    ``own`` false: the page saved by itself, and what it saved is replaced by the same person's next save. What changes
    nothing takes nothing back from review. Raises ``DraftChanged`` if somebody else saved meanwhile, ``ActRefused``
    while it is scheduled or called off, ``DraftError`` if there is no such draft.
    """
    with house.store.begin() as session:
        row = opened(session, author, number)
        if row["version"] != seen:
            raise DraftChanged(subject=str(number))
        made = bounded(draft, author.town, row["club"] and author.club)
        if row["revision"]:  # what was published does not become a test
            made = replace(made, mode=Mode.ACTUAL)
        if content_hash(made) == row["hash"]:
            if own:
                drafts.keep(session, row, author.account)
            return int(row["version"])
        if row["state"] not in _SAVED:
            raise ActRefused(Refusal.STATE, subject=str(number))
        version = drafts.save(session, row, made, author.account, house.now(), own=own)
        if version is None:
            raise DraftChanged(subject=str(number))
        if row["state"] != State.DRAFT:  # from here on what waits for a second person is another text
            _note(house, session, author, Act.SAVE, number, was=row["state"])
    return version


def copy(house: House, author: Author, number: int) -> int:
    """Begin a draft with the words of another one that somebody may work on; returns its number. Raises ``DraftError``.

    A club copies its own only: what the town hall or another club prepares is nothing to read by a copy.
    """
    with house.store.read() as session:
        row = opened(session, author, number)
    return create(house, author, again(from_json(row["content"]), house.now(), (author.town,)), how="copied")


def copy_notice(house: House, author: Author, notice_id: str) -> int:
    """Begin a draft with the words of a notice of the municipality, gathered or not; returns its number.

    Raises ``DraftError`` if there is none.
    """
    with house.store.read() as session:
        row = notices.get(session, author.town, notice_id)
    if row is None:
        raise DraftError(subject=notice_id)
    made = of_notice(codec.from_json(row["content"]), author.town, house.now())
    return create(house, author, made, how="copied")


def restore(house: House, author: Author, number: int, *, version: int, seen: int) -> int:
    """Save an earlier version of a draft again; returns the version that it is now. Raises as :func:`save` does."""
    with house.store.read() as session:
        opened(session, author, number)
        row = drafts.revision(session, number, version)
    if row is None:
        raise DraftError(subject=str(number))
    return save(house, author, number, from_json(row["content"]), seen=seen)


def keep_template(house: House, author: Author, number: int, name: str) -> int:
    """Keep a draft as a template of its municipality, without times and files; returns the template's number.

    One of the same name is replaced. Raises ``DraftError`` for a name of nothing, or if there is no such draft.
    """
    called = " ".join(name.split())[:80]
    if not called:
        raise DraftError(subject=str(number))
    with house.store.begin() as session:
        row = opened(session, author, number)
        made = replace(again(from_json(row["content"]), house.now(), (author.town,)), expires=None, attachments=())
        kept = patterns.keep(session, author.town, called, made, by=author.account, now=house.now())
        _note(house, session, author, "template-kept", number, name=called)
    return kept


def of_template(session: Session, town: str, number: int, now: datetime) -> Draft | None:
    """Return a draft from a municipality's own template; ``None`` if there is none."""
    row = patterns.get(session, town, number)
    if row is None:
        return None
    found = from_json(row["content"])
    return replace(found, expires=usual_end(found.severity, now))


def rename_template(house: House, author: Author, number: int, name: str) -> bool:
    """Call a template something else; ``False`` if it is not there or the name is nothing."""
    called = " ".join(name.split())[:80]
    with house.store.begin() as session:
        done = bool(called) and patterns.rename(session, author.town, number, called)
        if done:
            _note(house, session, author, "template-renamed", number, name=called)
    return done


def drop_template(house: House, author: Author, number: int) -> bool:
    """Delete a template; ``False`` if it is not there."""
    with house.store.begin() as session:
        done = patterns.drop(session, author.town, number)
        if done:
            _note(house, session, author, "template-dropped", number)
    return done
