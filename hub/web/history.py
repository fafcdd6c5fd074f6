"""What changed in a notice, and when: its revisions as its page tells them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.codec import from_json
from hub.core.difference import difference
from hub.core.message import Change
from hub.store import notices, told
from hub.web.language import Language
from push import _changes as changes

MOST = 12  # revisions on a page, the newest
_LINES = 12  # changes of one revision


def history(session: Session, notice_id: str, language: Language, zone: str) -> list[dict[str, Any]]:
    """Return the revisions of a notice that changed something a reader sees, the newest first.

    Each has ``when`` and ``iso`` (its moment), ``cancelled``, ``lines`` (label, before, after) and ``more``.
    """
    rows = told.revisions(session, notice_id, most=MOST + 1)
    found = [_step(earlier, row, language, zone) for row, earlier in pairwise(rows)]
    return [one for one in found if one["lines"] or one["cancelled"]]


def _step(earlier: RowMapping, row: RowMapping, language: Language, zone: str) -> dict[str, Any]:
    before, after, at = from_json(earlier["content"]), from_json(row["content"]), row["at"]
    moved = notices.moved_from_json(row["moved"])
    found = difference(before, after, language=language.code, at=at, moved=moved)
    cancelled = row["change"] == Change.WITHDRAWN
    if cancelled:
        found = ()  # that it is called off says all
    return {
        "when": language.short(at, zone), "iso": at.isoformat(timespec="seconds"), "cancelled": cancelled,
        "lines": changes.lines(found[:_LINES], after.kind, zone, language.code),
        "more": changes.more(len(found) - _LINES, language.code),
    }  # fmt: skip
