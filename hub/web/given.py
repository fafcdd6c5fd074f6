"""What a municipality gives to other installations: its feed of whole notices, and its alerts; made once per change."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from flask import url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.federation import may_leave, passed_on
from hub.core.federation_record import VERSION, record
from hub.core.notice import Notice, Occurrence, Origin, Status
from hub.core.place import LOCAL
from hub.core.twins import item_name
from hub.jobs.seal import Seal
from hub.links import Links
from hub.reference import resolve
from hub.store import federation, notices, towns, views
from hub.web import cap
from hub.web.desk import desk, house
from hub.web.language import Language, choose
from hub.web.listing import item
from hub.web.syndication import Channel, atom, json_feed
from hub.web.topics import TOPICS

MOST = 500  # notices of a feed, the latest change first
_MOST_ALERTS = 20  # earlier alerts of a notice that are named


@dataclass(frozen=True, slots=True)
class Given:
    """The feed as bytes, its tag (strong, RFC 9110, 8.8.3), and when it last changed."""

    body: bytes
    tag: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class _Town:
    row: RowMapping
    seal: Seal
    now: datetime

    @property
    def slug(self) -> str:
        return str(self.row["id"])

    @property
    def links(self) -> Links:
        """A municipality's addresses lie at its own host, if it has one."""
        return house().links_of(self.row)

    @property
    def chosen(self) -> Language:
        """A feed speaks the municipality's own language, whoever asks."""
        return choose((self.row["language"],))


def feed(row: RowMapping, seal: Seal) -> Given:
    """Return a municipality's feed as JSON."""
    return _kept("json", _Town(row, seal, house().now()))


def index(row: RowMapping, seal: Seal) -> Given:
    """Return the list of a municipality's alerts as Atom."""
    return _kept("alerts", _Town(row, seal, house().now()))


def _kept(kind: str, town: _Town) -> Given:
    """Return a feed from the shelf if nothing changed since it was laid there."""
    shelf, key = desk().given, (town.slug, kind)
    with house().store.read() as session:
        keys = [(one.public, one.until) for one in town.seal.keys]
        stamp = (federation.stamp(session, town.slug, town.now), town.row["name"], town.links.base_url, keys)
        known = shelf.get(key)
        if known is not None and known[0] == stamp:
            found: Given = known[1]
            return found
        updated = stamp[0].changed_at or town.row["created_at"]
        write = _json if kind == "json" else _alerts
        body = write(session, town, updated)
        made = Given(body, tag(body), updated)
    shelf.put(key, (stamp, made), len(made.body))
    return made


def tag(body: bytes) -> str:
    """Return the tag of a feed or alert."""
    return f'"{base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode("ascii")}"'


def _leaving(session: Session, town: _Town) -> list[tuple[RowMapping, Notice]]:
    rows = federation.leaving(session, town.slug, town.now, most=MOST)
    found = [(row, from_json(row["content"])) for row in rows]
    return [(row, notice) for row, notice in found if may_leave(notice, relayed=bool(row["origin"]))]


def _json(session: Session, town: _Town, updated: datetime) -> bytes:
    rows = _leaving(session, town)
    area = views.places(session, [row["id"] for row, _ in rows])
    items = []
    for row, notice in rows:
        official = _area(notice) or _official(area.get(row["id"], ()), town)
        written = record(
            notice, _origin(row, notice, town), _names(row, notice, town), official, cancelled=_off(session, row)
        )  # fmt: skip
        items.append(replace(item(row, town.row, town.chosen), more=written))
    return json_feed(_channel(town, "federation.feed", updated), items)


def _channel(town: _Town, endpoint: str, updated: datetime) -> Channel:
    base, slug = town.links.base_url, town.slug
    path = url_for(endpoint, slug=slug)
    return Channel(
        key=path, title=f"Ortsruf {town.row['name']}", url=base + path, author=town.row["name"],
        page=base + url_for("listing.notices", slug=slug), language=town.chosen.code, begun=town.row["created_at"],
        more={
            "version": VERSION, "installation": town.seal.installation, "updated": updated.isoformat(),
            "municipality": {"id": slug, "name": town.row["name"], "ars": town.row["path"]},
            "keys": [
                {"key": one.public} | ({"until": one.until.isoformat()} if one.until else {}) for one in town.seal.keys
            ],
        },
    )  # fmt: skip


def _origin(row: RowMapping, notice: Notice, town: _Town) -> Origin:
    if notice.origin is not None:
        return passed_on(notice.origin, town.seal.installation)
    return Origin(
        town.seal.installation, town.slug, row["id"], row["revision"], _item(row, notice.kind, notice.key, town)
    )


def _item(row: RowMapping, kind: str, key: str, town: _Town) -> str:
    """Return what an item is called everywhere; what no source brought is ours alone."""
    if row["source_url"] is None:
        return f"{kind}:@{town.seal.installation}:{key}"
    return item_name(kind, row["source_url"], key)


def _names(row: RowMapping, notice: Notice, town: _Town) -> list[str]:
    """Return further names: of what it continues, and of its own alerts, which others may read as CAP."""
    if notice.origin is not None:
        return list(notice.references)
    found = [_item(row, notice.kind, one, town) for one in notice.references]
    if cap.is_alert(notice):
        first = max(1, row["revision"] - _MOST_ALERTS + 1)
        found += [
            f"cap:{cap.identifier(town.seal.installation, town.slug, row['id'], number)}"
            for number in range(first, row["revision"] + 1)
        ]
    return found


def _area(notice: Notice) -> list[str]:
    """Return where a notice that is passed on holds: where its origin says, not whom we tell of it."""
    if notice.origin is None:
        return []
    return list(dict.fromkeys(path for ref in notice.places if ref.scheme not in LOCAL for path in resolve(ref)))


def _official(paths: Sequence[str], town: _Town) -> list[str]:
    return list(dict.fromkeys(one.partition("/")[0] for one in paths)) or [town.row["path"]]


def _off(session: Session, row: RowMapping) -> list[Occurrence]:
    """Return the dates of a notice that were called off; of one that is over altogether nobody asks."""
    if row["withdrawn"] or not row["content"]["occurrences"]:
        return []
    dates = notices.dates(session, row["id"])
    return [one.occurrence for one, _ in dates if one.occurrence.status is Status.CANCELLED]


def alert(row: RowMapping, seal: Seal, notice_id: str, revision: int) -> bytes | None:
    """Return the signed alert of a revision; ``None`` if there is none that everybody may read."""
    town = _Town(row, seal, house().now())
    with house().store.read() as session:
        found = views.one(session, town.slug, notice_id)
        if found is None or found["origin"] or not may_leave(from_json(found["content"]), relayed=False):
            return None
        known = federation.revisions(session, [notice_id]).get(notice_id, [])
        told = [_told(town, one) for one in known if one["revision"] <= revision]
        if not told or known[len(told) - 1]["revision"] != revision or not cap.is_alert(told[-1].notice):
            return None
        paths = _official(views.places(session, [notice_id]).get(notice_id, ()), town)
        names = towns.place_names(session, paths)
    issuer = cap.Issuer(
        sender=f"{town.slug}@{urlsplit(house().links.base_url).hostname or 'localhost'}", name=row["name"],
        zone=row["zone"], page=town.links.notice(town.slug, notice_id), area=[(one, names[one]) for one in paths],
        events={one.lang: _topic(found["topic"], one.lang, town) for one in told[-1].notice.texts},
    )  # fmt: skip
    return seal.alert(cap.alert(issuer, told[-1], told[:-1][-_MOST_ALERTS:]))


def _topic(topic: str, lang: str, town: _Town) -> str:
    return choose((lang, town.row["language"])).text(TOPICS[topic].title) if topic in TOPICS else ""


def _told(town: _Town, row: RowMapping) -> cap.Told:
    notice = from_json(row["content"])
    name = cap.identifier(town.seal.installation, town.slug, row["notice_id"], row["revision"])
    return cap.Told(name, row["at"], cap.ends(notice), notice)


def _alerts(session: Session, town: _Town, updated: datetime) -> bytes:
    base, items = town.links.base_url, []
    for row, notice in _leaving(session, town):
        if not cap.is_alert(notice):
            continue
        path = url_for("federation.alert", slug=town.slug, notice_id=row["id"], revision=row["revision"])
        one = item(row, town.row, town.chosen)
        items.append(replace(one, page=base + path, media_type=cap.MEDIA_TYPE, source="", documents=()))
    return atom(_channel(town, "federation.alerts", updated), items)
