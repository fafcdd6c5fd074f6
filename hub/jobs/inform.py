"""Inform: letters to the people of municipalities about a notice: whose word it waits for, and what happened to it.

A letter leads to a page and opens nothing by itself: whoever comes by it signs in first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.permission import Capability, may
from hub.core.release import SENDS, Refusal
from hub.jobs.correspond import write
from hub.jobs.house import House
from hub.jobs.judge import concerned
from hub.language import LANGUAGES, Language
from hub.office_texts import WHY
from hub.store import accounts, drafts, grants, towns


def holders(session: Session, there: Iterable[str], wanted: Iterable[Capability], *, every: bool = False) -> set[int]:
    """Return the accounts that have one of ``wanted`` in one of the municipalities (``every``: in all of them)."""
    asked, where = set(wanted), list(there)
    ids = {row["account_id"] for town in (*where, "") for row in grants.rows_in(session, town)}
    found = set()
    for one in ids:
        held = grants.of_account(session, one)
        can = [any(may(held, capability, town) for capability in asked) for town in where]
        if all(can) if every else any(can):
            found.add(int(one))
    return found


def review_wanted(house: House, session: Session, row: RowMapping, by: int, *, dangerous: bool) -> None:
    """Ask those who may release a draft, and wrote nothing of it, for their word."""
    wanted = Capability.APPROVE if dangerous else Capability.PUBLISH
    whom = holders(session, concerned(row), [wanted], every=True)
    whom -= drafts.writers(session, row) if dangerous else {by}
    _write(house, session, row, "review-wanted" if dangerous else "release-wanted", whom, by=by)


def returned(house: House, session: Session, row: RowMapping, by: int, reason: str) -> None:
    """Tell those who wrote a draft why it came back."""
    _write(house, session, row, "returned", drafts.writers(session, row) - {by}, by=by, reason=reason)


def glass_broken(house: House, session: Session, row: RowMapping, by: int, reason: str) -> None:
    """Tell all operators, approvers and editors of the municipalities that somebody released alone (F-09)."""
    wanted = (Capability.OPERATE, Capability.APPROVE, Capability.PUBLISH)
    _write(house, session, row, "glass-broken", holders(session, concerned(row), wanted), by=by, reason=reason)


def club_delayed(house: House, session: Session, row: RowMapping, by: int, at: datetime) -> None:
    """Tell those who may stop it what a club is about to publish."""
    whom = holders(session, [row["municipality_id"]], [Capability.VETO])
    _write(house, session, row, "club-delayed", whom - {by}, by=by, at=at)


def held(house: House, session: Session, row: RowMapping, why: Refusal | str) -> None:
    """Tell who wrote and who released a draft that it did not go out."""
    released = {
        one["by"] for one in drafts.steps(session, row["id"]) if one["act"] in SENDS and one["hash"] == row["hash"]
    }
    whom = {*drafts.writers(session, row), *released} - {0}
    _write(house, session, row, "held-back", whom, why=str(why))


def _write(
    house: House, session: Session, row: Mapping[Any, Any], sort: str, whom: Iterable[int], **given: Any
) -> None:
    """Write one letter to each of ``whom``, in their language."""
    own = towns.get(session, row["municipality_id"])
    names = [one["name"] for town in concerned(row) if (one := towns.get(session, town)) is not None]
    by = accounts.names(session, [given.get("by", 0)]).get(given.get("by", 0), "Ortsruf")
    about = {
        "title": row["title"][:120], "town": ", ".join(names), "name": by, "slug": row["municipality_id"],
        "number": str(row["id"]),
    }  # fmt: skip
    for account in accounts.listed(session, sorted(whom)):
        code = account["language"] if account["language"] in LANGUAGES else LANGUAGES[0]
        more: dict[str, str] = {"reason": str(given.get("reason", ""))[:1000]}
        if "at" in given and own is not None:
            more["at"] = Language(code).moment(given["at"], own["zone"])
        if "why" in given:
            more["why"] = Language(code).text(WHY.get(given["why"], WHY["state"]))
        values: dict[str, Any] = {**about, **more}
        write(house, session, sort, account["address"], code, account_id=account["id"], **values)
