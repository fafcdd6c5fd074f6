"""Weigh what a poll brought against what is known: is the answer believed, and which of its items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import RowMapping

from hub.core import plausibility
from hub.core.changes import KnownDate
from hub.core.codec import content_hash, from_json
from hub.core.health import is_warning
from hub.core.notice import Notice, NoticeText, Position
from hub.core.plausibility import Answer, Doubted, Hold, Home, Verdict, Where
from hub.core.source import Fetched
from hub.jobs.arrive import arrive
from hub.jobs.house import Parsed
from hub.jobs.keep import Round, names_of
from hub.store import held, outlook, towns


@dataclass(frozen=True, slots=True)
class Weighed:
    """A judged answer: its notices (oldest word first), the ids its names stand for, and what was expected of it."""

    verdict: Verdict
    digest: str
    notices: tuple[Notice, ...]
    ids: Mapping[str, str]
    ahead: Mapping[str, Sequence[KnownDate]]

    def known(self, notice: Notice) -> bool:
        """Whether ``notice`` continues something that is stored."""
        return any(name in self.ids for name in names_of(notice))

    def seen(self) -> set[str]:
        """Return the ids of all notices that the answer names, be it only as refused."""
        return set(self.ids.values())


def weigh(around: Round, fetched: Fetched, parsed: Parsed) -> Weighed:
    """Judge a whole answer."""
    session, source_id = around.session, around.source.id
    # The oldest word first, so that an update follows the alert that it continues.
    ordered = sorted(
        arrive(around, parsed.notices),
        key=lambda one: (one.sent is not None, one.sent.timestamp() if one.sent else 0.0),
    )
    refused = [one.key for one in parsed.refused]
    ids = outlook.ids_by_name(session, source_id, [*(name for one in ordered for name in names_of(one)), *refused])
    digest = plausibility.fingerprint(ordered, refused)
    answer = Answer(len(ordered), len(refused), digest, fetched.partial, is_warning(around.row))
    doubted = Doubted(around.row["doubt_hash"], around.row["doubt_polls"], around.row["trusted_hash"])
    ahead = {} if around.first_import else outlook.ahead(session, source_id, around.now)
    live = not ordered and outlook.any_live(session, source_id, around.now)
    expected = plausibility.look_ahead(ahead, _by_id(ordered, ids), around.now, live=live)
    if fetched.snapshot and not around.first_import:
        standing = outlook.live(session, source_id, around.now)
        expected = plausibility.with_dateless(
            expected, [row["id"] for row in standing if not row["missed"] and row["id"] not in ahead], ids.values()
        )
    verdict = plausibility.judge(answer, expected, doubted, first_import=around.first_import)
    return Weighed(verdict, digest, tuple(ordered), ids, ahead)


def _by_id(found: Iterable[Notice], ids: Mapping[str, str]) -> dict[str, list[Notice]]:
    grouped: dict[str, list[Notice]] = defaultdict(list)
    for notice in found:
        for known in dict.fromkeys(ids[name] for name in names_of(notice) if name in ids):
            grouped[known].append(notice)
    return grouped


@dataclass(frozen=True, slots=True)
class Sifted:
    """The items of a believed answer: to act on, and to hold (with the reason); ``again``: some may be due soon."""

    act: tuple[Notice, ...]
    hold: tuple[tuple[Notice, Hold], ...]
    rows: Mapping[str, RowMapping]
    flood: bool = False


def sift(around: Round, weighed: Weighed) -> Sifted:
    """Divide the items into those to act on, those to hold, and those that the editor dropped (in neither)."""
    rows = held.of_keys(around.session, around.source.id, [one.key for one in weighed.notices])
    home, positions = _home(around), _positions(around, weighed.notices)
    act, hold = [], []
    for notice in weighed.notices:
        known = weighed.known(notice)
        where = _where(around, notice, home, positions)
        reason = plausibility.hold(notice, where, around.now, known=known)
        dropped, reason = _ruled(rows.get(notice.key), notice, reason, known=known)
        if dropped:
            continue
        if reason is None:
            act.append(notice)
        else:
            hold.append((notice, reason))
    news = [one for one in act if not weighed.known(one) and plausibility.is_news(one, around.now)]
    if around.first_import or len(news) <= plausibility.FLOOD:
        return Sifted(tuple(act), tuple(hold), rows)
    flood = {id(one) for one in news}
    hold += [(one, Hold.FLOOD) for one in news]
    return Sifted(tuple(one for one in act if id(one) not in flood), tuple(hold), rows, flood=True)


def _ruled(
    row: RowMapping | None, notice: Notice, reason: Hold | None, *, known: bool
) -> tuple[bool, Hold | None]:  # fmt: skip
    """Respect the editor's word on this key: (dropped, reason to hold). What changed since is looked at anew."""
    if row is None or row["verdict"] == held.Ruling.OUTDATED or row["reason"] == Hold.VANISHED:
        return False, reason
    if row["verdict"] == held.Ruling.DROPPED:
        same = content_hash(from_json(row["content"])) == content_hash(notice)
        return same or reason == row["reason"], reason
    if row["verdict"] == held.Ruling.RELEASED:
        return False, None if reason == row["reason"] else reason
    if reason is None and row["reason"] == Hold.FLOOD and not known:
        return False, Hold.FLOOD  # it still waits for the editor
    return False, reason


def _home(around: Round) -> Home:
    """Return where the municipality is, with the places that the operator gave the source."""
    blank = Notice("", "", around.source.kind, around.source.topic, (NoticeText("", ""),))
    own = around.house.gatherer.places(blank, around.source)
    row = towns.place_row(around.session, around.town["path"])
    return Home(tuple(dict.fromkeys([around.town["path"], *own])), _position(row))


def _position(row: RowMapping | None) -> Position | None:
    return (row["lon"], row["lat"]) if row is not None and row["lon"] is not None else None


def _positions(around: Round, found: Sequence[Notice]) -> dict[str, Position | None]:
    """Return the centres of the official places that warnings name."""
    paths = {
        path.partition("/")[0]
        for one in found
        if plausibility.warns(one) and one.places
        for path in around.house.gatherer.places(one, around.source)
    }
    return {path: _position(row) for path, row in towns.place_rows(around.session, sorted(paths)).items()}


def _where(around: Round, notice: Notice, home: Home, positions: Mapping[str, Position | None]) -> Where:
    if not plausibility.warns(notice):
        return Where.HERE
    if not notice.places and notice.geometry is None and notice.kind != "cap":
        return Where.HERE  # the operator gave the source its places
    paths = around.house.gatherer.places(replace(notice, geometry=None), around.source) if notice.places else ()
    return plausibility.whereabouts(notice, paths, home, positions)
