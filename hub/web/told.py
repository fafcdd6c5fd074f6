"""Events of the audit log in words, for the pages of the office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.account_texts import ROLES
from hub.core.permission import Role
from hub.store import accounts, grants
from hub.web.desk import language


def _(message: str) -> str:
    return message


ACTS = {  # what is told on pages; `ortsruf audit list` has everything
    "invited": _("invited somebody"), "invitation.accepted": _("accepted an invitation"),
    "invitation.revoked": _("revoked an invitation"), "role.given": _("gave a role"),
    "role.taken": _("took a role away"), "source.retry": _("had a source read again"),
    "source.pause": _("paused a source"), "source.resume": _("let a source go on"),
    "source.trust": _("vouched for an answer"), "source.release": _("released a message"),
    "source.drop": _("dropped a message"), "source.release-all": _("released everything that was held"),
}  # fmt: skip
_ACTORS = {"command": _("command line"), "link": _("secret link"), "directory": _("directory")}


@dataclass(frozen=True, slots=True)
class Told:
    """One event in words; ``iso`` is its time for machines."""

    when: str
    iso: str
    who: str
    what: str
    to_what: str


def told(session: Session, rows: Sequence[RowMapping]) -> list[Told]:
    """Return events in words; people by their names, ended accounts too."""
    texts = [text for row in rows for text in (row["actor"], row["subject"])]
    names = {f"account:{number}": name for number, name in accounts.names(session, _of("account", texts)).items()}
    asked = grants.addresses(session, _of("invitation", texts))
    names |= {f"invitation:{number}": address for number, address in asked.items()}
    return [_one(row, names) for row in rows]


def _of(sort: str, texts: Sequence[str]) -> set[int]:
    return {int(text.partition(":")[2]) for text in texts if text.startswith(f"{sort}:")}


def _one(row: RowMapping, names: dict[str, str]) -> Told:
    text, at = language().text, row["at"]
    actor = text(_ACTORS.get(row["actor"].partition(":")[0], row["actor"]))
    what, role = text(ACTS.get(row["act"], row["act"])), row["detail"].get("role", "")
    named = text(ROLES[Role(role)][0]) if role in set(Role) else ""
    return Told(
        _when(at), at.isoformat(), names.get(row["actor"], actor), f"{what} ({named})" if named else what,
        names.get(row["subject"], row["subject"].partition(":")[2]),
    )  # fmt: skip


def _when(at: datetime) -> str:
    return language().short(at, g.town["zone"] if g.get("town") else "Europe/Berlin")
