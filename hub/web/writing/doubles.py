"""Who has told this already: what is published or about to be in the same topic, time and place, in like words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import g, url_for
from sqlalchemy.orm import Session

from hub.core import codec
from hub.core.alike import Told, alike
from hub.core.draft import KIND, Draft, from_json
from hub.core.release import State
from hub.core.selection import Selection
from hub.store import accounts, drafts, views
from hub.web.desk import house, language
from hub.web.writing.authoring import page_of, paths_of

_STATES = (State.REVIEW, State.SCHEDULED, State.PUBLISHED)
_MOST, _SHOWN = 200, 3


@dataclass(frozen=True, slots=True)
class Double:
    """A notice that says the same: its title, who told it when, and where it is to be read."""

    title: str
    who: str
    when: str
    iso: str
    href: str


def doubles(session: Session, draft: Draft, number: int) -> list[Double]:
    """Return the few notices of this request's municipality that say what draft ``number`` says, the likest first."""
    town, now = g.town, house().now()
    if not draft.topic or not draft.title.strip():
        return []
    shown = {}
    others = []
    for told, double in (*_drafts(session, draft.topic, number), *_gathered(session, draft.topic, now)):
        shown[told.ref] = double
        others.append(told)
    return [shown[one.ref] for one in alike(_told(draft, "", now, town["path"]), others)[:_SHOWN]]


def _told(draft: Draft, ref: str, begin: datetime, path: str) -> Told:
    text = " ".join(f"{one.title} {one.body}" for one in draft.texts[:1])
    begin = draft.valid_from or draft.send_at or begin
    return Told(draft.topic, draft.title, text, begin, draft.expires, _places(draft, path), ref)


def _places(draft: Draft, path: str) -> frozenset[str]:
    own = [one for one in draft.areas if one.town == g.town["id"]]
    return paths_of(own, {g.town["id"]: path})


def _drafts(session: Session, topic: str, number: int) -> Iterator[tuple[Told, Double]]:
    rows = [
        row for row in drafts.found(session, g.town["id"], [one.value for one in _STATES], most=_MOST)
        if row["id"] != number and (row["expires"] is None or row["expires"] > house().now())
    ]  # fmt: skip
    names = accounts.names(session, {row["author"] for row in rows})
    for row in rows:
        said = from_json(row["published"] or row["content"])
        if said.topic == topic:
            at = row["published_at"] or row["changed_at"]
            told = _told(said, f"draft:{row['id']}", at, g.town["path"])
            yield told, _double(said.title, names.get(row["author"], ""), at, page_of(row["id"]))


def _gathered(session: Session, topic: str, now: datetime) -> Iterator[tuple[Told, Double]]:
    rows = views.latest(session, g.town["id"], Selection(topic), now, g.town["zone"], most=_MOST)
    where = views.places(session, [row["id"] for row in rows])
    for row in rows:
        notice = codec.from_json(row["content"])
        if notice.kind == KIND or not notice.texts:
            continue
        begin = notice.valid_from or row["first_seen_at"]
        text = notice.texts[0]
        told = Told(
            topic, text.title, text.body, begin, row["over_at"], frozenset(where.get(row["id"], ())), row["id"]
        )  # fmt: skip
        href = url_for("public.notice", slug=g.town["id"], notice_id=row["id"])
        yield told, _double(text.title, notice.publisher or notice.attribution, row["first_seen_at"], href)


def _double(title: str, who: str, at: datetime, href: str) -> Double:
    return Double(title, who, language().short(at, g.town["zone"]), at.isoformat(), href)
