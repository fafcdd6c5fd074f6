"""Who may do what, in which municipality. Pure, and denied by default: what nobody was granted is nobody's (A-04).

A :class:`Role` is a bundle of :class:`Capability`; a :class:`Grant` is a role in one municipality, or in all of them.
A page declares what it wants by a :class:`Requirement`; :func:`ruling` says whether a visitor may have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.core.clubs import Bounds
from hub.core.sessions import is_fresh

EVERYWHERE = ""  # in the place of a municipality: all of them, those to come as well


class Role(StrEnum):
    """What somebody is in a municipality."""

    AUTHOR = "author"
    EDITOR = "editor"
    APPROVER = "approver"
    SOURCE_KEEPER = "source-keeper"
    OPERATOR = "operator"
    COUNTY_OPERATOR = "county-operator"
    CLUB = "club"


class Capability(StrEnum):
    """What a page or an act asks for."""

    ENTER = "enter"  # see the office of a municipality
    WRITE = "write"  # draft notices
    PUBLISH = "publish"  # publish ordinary notices, whoever wrote them
    APPROVE = "approve"  # release what needs a second person
    VETO = "veto"  # stop what a club is about to publish
    CLUB = "club"  # write in one topic, within bounds (hub.core.clubs)
    SOURCES = "sources"  # read sources again, release what they brought and was held
    OPERATE = "operate"  # a municipality's look, contact and settings
    PEOPLE = "people"  # invite people of a municipality, give and take roles
    AUDIT = "audit"  # read the audit log of a municipality
    COUNTY = "county"  # everything that belongs to no single municipality


_ENTER = Capability.ENTER
# Who operates does not write, and who approves does not operate: no single role can alarm anybody alone.
CAN: Mapping[Role, frozenset[Capability]] = {
    Role.AUTHOR: frozenset({_ENTER, Capability.WRITE}),
    Role.EDITOR: frozenset({_ENTER, Capability.WRITE, Capability.PUBLISH, Capability.VETO}),
    Role.APPROVER: frozenset({_ENTER, Capability.APPROVE, Capability.VETO}),
    Role.SOURCE_KEEPER: frozenset({_ENTER, Capability.SOURCES}),
    Role.OPERATOR: frozenset({
        _ENTER, Capability.SOURCES, Capability.OPERATE, Capability.PEOPLE, Capability.AUDIT, Capability.VETO,
    }),
    Role.COUNTY_OPERATOR: frozenset({
        _ENTER, Capability.SOURCES, Capability.OPERATE, Capability.PEOPLE, Capability.AUDIT, Capability.VETO,
        Capability.COUNTY,
    }),
    Role.CLUB: frozenset({_ENTER, Capability.CLUB}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in one ``municipality``, or :data:`EVERYWHERE`; ``bounds`` of a club desk."""

    role: Role
    municipality: str
    bounds: Bounds | None = None

    @property
    def valid(self) -> bool:
        """Whether such a grant can be: a county operator is one everywhere, a club has one town and its bounds."""
        if self.role is Role.COUNTY_OPERATOR:
            return self.municipality == EVERYWHERE
        return self.role is not Role.CLUB or (self.municipality != EVERYWHERE and self.bounds is not None)

    def covers(self, municipality: str) -> bool:
        """Whether it holds in ``municipality``; what belongs to all of them needs a grant for all."""
        return self.valid and self.municipality in {EVERYWHERE, municipality}


def may(grants: Iterable[Grant], capability: Capability, municipality: str) -> bool:
    """Whether somebody with these grants has a capability in a municipality (:data:`EVERYWHERE`: in all of them)."""
    return any(capability in CAN[one.role] and one.covers(municipality) for one in grants)


def roles_in(grants: Iterable[Grant], municipality: str) -> frozenset[Role]:
    """Return what somebody is in a municipality."""
    return frozenset(one.role for one in grants if one.covers(municipality))


def may_grant(grants: Iterable[Grant], wanted: Grant, *, own: bool) -> bool:
    """Whether somebody may give or take a grant; ``own``: it would be their own, which nobody may change (A-05)."""
    held = tuple(grants)
    if own or not wanted.valid:
        return False
    if may(held, Capability.COUNTY, EVERYWHERE):
        return True
    return wanted.municipality != EVERYWHERE and may(held, Capability.PEOPLE, wanted.municipality)


class Sort(StrEnum):
    """What opens a page."""

    PUBLIC = "public"
    LINK = "link"  # a secret one, which names what it opens by itself
    SIGNED_IN = "signed-in"
    CAPABILITY = "capability"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a route asks of its visitor.

    ``capability``, or any of ``others``. ``fresh``: to have proved within minutes who they are. ``unequipped``: is open
    before a second factor is set up.
    """

    sort: Sort
    capability: Capability | None = None
    fresh: bool = False
    unequipped: bool = False
    others: tuple[Capability, ...] = ()

    @property
    def opens_to_all(self) -> bool:
        """Whether no sign-in is asked for."""
        return self.sort in {Sort.PUBLIC, Sort.LINK}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in: with what grants, whether a second factor is set up, and when they last proved who they are."""

    grants: tuple[Grant, ...]
    equipped: bool
    proved_at: datetime


class Ruling(StrEnum):
    """Whether a visitor may go on, or what comes first."""

    ALLOWED = "allowed"
    SIGN_IN = "sign-in"
    EQUIP = "equip"  # set up a second factor first
    PROVE = "prove"  # say once more who you are
    FORBIDDEN = "forbidden"  # known here, but not for this
    HIDDEN = "hidden"  # a stranger here: it is as if there were nothing (T-01)


def ruling(wanted: Requirement | None, visitor: Visitor | None, municipality: str, now: datetime) -> Ruling:
    """Return whether ``visitor`` (``None``: nobody is signed in) may have a page that declares ``wanted``.

    A page that declares nothing is nobody's.
    """
    if wanted is None:
        return Ruling.HIDDEN
    if wanted.opens_to_all:
        return Ruling.ALLOWED
    if visitor is None:
        return Ruling.SIGN_IN
    if not visitor.equipped and not wanted.unequipped:
        return Ruling.EQUIP
    refused = _refused(wanted, visitor, municipality)
    if refused is not None:
        return refused
    return Ruling.PROVE if wanted.fresh and not is_fresh(visitor.proved_at, now) else Ruling.ALLOWED


def _refused(wanted: Requirement, visitor: Visitor, municipality: str) -> Ruling | None:
    if wanted.sort is Sort.SIGNED_IN:
        return None
    if wanted.capability is None:
        return Ruling.HIDDEN
    if any(may(visitor.grants, one, municipality) for one in (wanted.capability, *wanted.others)):
        return None
    return Ruling.FORBIDDEN if roles_in(visitor.grants, municipality) else Ruling.HIDDEN
