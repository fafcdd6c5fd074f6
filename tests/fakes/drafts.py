"""Drafts to test with, and people who carry them through: an author, an editor, an approver of one town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fakes.house import Town
from fakes.people import account
from sqlalchemy import RowMapping

from hub.core.draft import Area, Draft
from hub.core.notice import NoticeText, Severity
from hub.core.permission import Grant, Role
from hub.core.release import Act, Wish
from hub.jobs import release
from hub.jobs.judge import Actor, content
from hub.jobs.release import Done
from hub.store import drafts, towns

HERE = "huertgenwald"
NEIGHBOUR = "nideggen"
NEIGHBOUR_PATH = "053580044044"


def ordinary(title: str = "Freibad öffnet", **values: Any) -> Draft:
    """Write something that anybody with the right may publish alone."""
    given = {"topic": "news", "texts": (NoticeText("de", title, "Am Samstag um zehn."),), "areas": (Area(HERE),)}
    return Draft(**{**given, **values})


def warning(title: str = "Trinkwasser abkochen", **values: Any) -> Draft:
    """Write something that needs a second person."""
    return ordinary(title, **{"topic": "warnings", "severity": Severity.EXTREME, **values})


@dataclass
class Desk:
    """A town hall: who is who, and what they do, each with a fresh second factor unless told otherwise."""

    town: Town
    author: int = 0
    editor: int = 0
    approver: int = 0
    ids: list[int] = field(default_factory=list)

    def begin(self, draft: Draft, by: int = 0, *, club: str = "") -> int:
        """Write a draft; returns its number."""
        with self.town.store.begin() as session:
            made = drafts.add(session, HERE, draft, by or self.author, self.town.clock(), club=club)
        self.ids.append(made)
        return made

    def row(self, number: int) -> RowMapping:
        with self.town.store.read() as session:
            found = drafts.by_id(session, number)
        assert found is not None
        return found

    def state(self, number: int) -> str:
        return str(self.row(number)["state"])

    def write(self, number: int, by: int = 0, **changes: Any) -> None:
        """Save changes, as the form does."""
        row = self.row(number)
        with self.town.store.begin() as session:
            assert drafts.save(session, row, replace(content(row), **changes), by or self.author, self.town.clock())

    def act(self, number: int, act: Act, by: int = 0, *, seen: str = "", strong: bool = True, **more: Any) -> Done:
        """Do something with what is there now."""
        who = by or (self.approver if act is Act.APPROVE else self.editor)
        wish = Wish(act, seen or self.row(number)["hash"], more.pop("reason", ""))
        return release.perform(self.town.house, HERE, number, Actor(who, strong=strong), wish, **more)

    def publish(self, number: int) -> None:
        """Release it, whatever it needs for that, and wait until it has gone out."""
        if content(self.row(number)).dangerous:
            self.act(number, Act.SUBMIT)
            self.act(number, Act.APPROVE)
        else:
            self.act(number, Act.RELEASE)
        self.wait()

    def wait(self, seconds: float = 31) -> None:
        self.town.clock.forward(seconds=seconds)
        self.town.run()

    def steps(self, number: int) -> list[str]:
        with self.town.store.read() as session:
            return [str(one["act"]) for one in drafts.steps(session, number)]


def desk(town: Town, *, there: Sequence[str] = (HERE,)) -> Desk:
    """Staff the town hall; with a second municipality in ``there`` its people have the same roles in both."""
    if NEIGHBOUR in there:
        values = {
            "id": NEIGHBOUR, "name": "Nideggen", "path": NEIGHBOUR_PATH, "language": "de", "zone": "Europe/Berlin",
            "colour": "#1d4f91",
        }  # fmt: skip
        with town.store.begin() as session:
            towns.add(session, values, town.clock())

    def person(name: str, role: Role) -> int:
        return account(town, f"{name}@example.org", *(Grant(role, one) for one in there))

    return Desk(
        town, person("anna", Role.AUTHOR), person("emil", Role.EDITOR), person("petra", Role.APPROVER)
    )  # fmt: skip
