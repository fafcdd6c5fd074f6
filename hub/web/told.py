"""Events of the audit log in words, for the pages of the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.account_texts import ROLES
from hub.core.permission import Role
from hub.store import accounts, drafts, grants
from hub.web.desk import language


def _(message: str) -> str:
    return message


ACTS = {  # what is told on pages; `ortsruf audit list` has everything
    "invited": _("invited somebody"), "invitation.accepted": _("accepted an invitation"),
    "invitation.revoked": _("revoked an invitation"), "role.given": _("gave a role"),
    "role.taken": _("took a role away"), "source.retry": _("had a source read again"),
    "source.pause": _("paused a source"), "source.resume": _("let a source go on"),
    "source.trust": _("vouched for an answer"), "source.release": _("released a message"),
    "municipality.added": _("founded the municipality"), "municipality.changed": _("changed settings"),
    "streets.imported": _("imported streets"), "push-key.made": _("made a push key"),
    "push-key.rotated": _("made a push key"), "source.added": _("added a source"),
    "notice.first": _("published the first notice"),
    "source.add": _("added a source"), "source.change": _("changed a source"),
    "source.remove": _("removed a source"), "export.public": _("took along what is public"),
    "resident.look": _("looked for a person"), "resident.erase": _("deleted a person on request"),
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


def told(session: Session, rows: Sequence[RowMapping], more: Mapping[str, str] | None = None) -> list[Told]:
    """Return events in words; people by their names, ended accounts too. ``more``: words for further acts."""
    texts = [text for row in rows for text in (row["actor"], row["subject"])]
    names = {f"account:{number}": name for number, name in accounts.names(session, _of("account", texts)).items()}
    asked = grants.addresses(session, _of("invitation", texts))
    names |= {f"invitation:{number}": address for number, address in asked.items()}
    titles = drafts.titles(session, _of("draft", texts))
    names |= {f"draft:{number}": title for number, title in titles.items() if title}
    return [_one(row, names, {**ACTS, **(more or {})}) for row in rows]


def who(session: Session, actors: Sequence[str]) -> dict[str, str]:
    """Return what actors are called: people by their names."""
    names = accounts.names(session, _of("account", actors))
    return {one: names.get(int(one.partition(":")[2] or 0), _actor(one)) if one.startswith("account:") else _actor(one)
            for one in actors if one}  # fmt: skip


def _actor(actor: str) -> str:
    return language().text(_ACTORS.get(actor.partition(":")[0], actor))


def _of(sort: str, texts: Sequence[str]) -> set[int]:
    return {int(text.partition(":")[2]) for text in texts if text.startswith(f"{sort}:")}


def _one(row: RowMapping, names: dict[str, str], acts: Mapping[str, str]) -> Told:
    text, at = language().text, row["at"]
    actor = _actor(row["actor"])
    what, role = text(acts.get(row["act"], row["act"])), row["detail"].get("role", "")
    named = text(ROLES[Role(role)][0]) if role in set(Role) else ""
    return Told(
        _when(at), at.isoformat(), names.get(row["actor"], actor), f"{what} ({named})" if named else what,
        names.get(row["subject"]) or row["detail"].get("title", "") or row["subject"].partition(":")[2],
    )  # fmt: skip


def _when(at: datetime) -> str:
    return language().short(at, g.town["zone"] if g.get("town") else "Europe/Berlin")
