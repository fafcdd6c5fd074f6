"""What a county's directory says about people, turned into grants by configuration. Pure.

A rule is ``GROUP=ROLE@MUNICIPALITY``; ``*`` stands for all municipalities. Nobody becomes a county operator by a
directory, and no club: who may do everything is invited by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.core.permission import EVERYWHERE, Grant, Role

_INVITED_ONLY = frozenset({Role.COUNTY_OPERATOR, Role.CLUB})
# Kinds of proof (RFC 8176): what somebody knows, has, or is. Methods that are of none prove nothing more.
_KINDS = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "sms", "tel", "hwk", "swk", "sc", "pop"}),
    frozenset({"fpt", "face", "iris", "retina", "vbm"}),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is in ``group`` of the directory has ``grant``."""

    group: str
    grant: Grant


def rule(text: str) -> Rule:
    """Read ``GROUP=ROLE@MUNICIPALITY``; the group may hold ``=`` itself. Raises ``ValueError`` in plain words."""
    group, equals, rest = text.rpartition("=")
    name, at, municipality = rest.partition("@")
    if not (group.strip() and equals and at and municipality.strip()):
        raise ValueError(f"{text!r} must be GROUP=ROLE@MUNICIPALITY")
    allowed = sorted(one.value for one in Role if one not in _INVITED_ONLY)
    if name.strip() not in allowed:
        raise ValueError(f"{name.strip()!r} is no role that a directory can give; those are {', '.join(allowed)}")
    where = EVERYWHERE if municipality.strip() == "*" else municipality.strip()
    return Rule(group.strip(), Grant(Role(name.strip()), where))


def groups_in(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """Return the groups that ``claim`` lists; a dot leads into objects (``realm_access.roles``, as Keycloak has it)."""
    found: Any = claims
    for step in claim.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset({found})
    return frozenset(str(one) for one in found) if isinstance(found, list | tuple) else frozenset()


def granted(rules: Iterable[Rule], groups: Iterable[str]) -> frozenset[Grant]:
    """Return the grants of somebody who is in ``groups``."""
    held = frozenset(groups)
    return frozenset(one.grant for one in rules if one.group in held)


def has_second_factor(claims: Mapping[str, Any]) -> bool:
    """Whether the directory says that it asked for two factors: ``mfa``, or methods of two different kinds.

    A one-time password alone is one.
    """
    said = claims.get("amr")
    methods = {one for one in said if isinstance(one, str)} if isinstance(said, list) else set()
    return "mfa" in methods or sum(not kind.isdisjoint(methods) for kind in _KINDS) > 1
