"""Federation: installations give each other public notices; nothing circles, nothing stands twice (I21). Pure.

A notice keeps its :class:`~hub.core.notice.Origin` on all its ways. Its *names* are equal everywhere: its name at its
origin, and the name of the item that it was made of there. Whatever reaches a municipality under one of these names is
the same notice, and follows the best way that brings it: read from the provider itself, before given by its origin,
before passed on by others. Of equal ways the highest revision of the origin counts, so an older word changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from hub.core import desk
from hub.core.notice import Notice, Origin
from hub.core.twins import item_name

KIND = "ortsruf"  # of sources that are another installation
MOST_HOPS = 8
_KEPT_AT_HOME = frozenset({desk.KIND, desk.ACCOUNT, desk.CANARY})


class Way(IntEnum):
    """How a notice reached us, the best way first."""

    DIRECT = 0
    ORIGIN = 1
    RELAYED = 2


def way(notice: Notice) -> Way:
    """Return how ``notice`` reached us."""
    if notice.origin is None:
        return Way.DIRECT
    return Way.RELAYED if notice.origin.hops else Way.ORIGIN


def names(notice: Notice, address: str) -> tuple[str, ...]:
    """Return the names of a notice that are equal everywhere; ``address`` is where its source reads."""
    if notice.origin is not None:
        return (notice.key, *notice.references)
    return tuple(item_name(notice.kind, address, key) for key in (notice.key, *notice.references) if key)


def name_at_origin(origin: Origin) -> str:
    """Return what a notice is called everywhere after its origin: the key under which others keep it."""
    return f"{origin.installation}/{origin.notice}"


def may_leave(notice: Notice, *, relayed: bool) -> bool:
    """Whether a public notice is given to others: what they gave us only where an operator wants it passed on."""
    if notice.kind in _KEPT_AT_HOME or notice.topic in desk.HIDDEN:
        return False
    return notice.origin is None or (relayed and len(notice.origin.hops) < MOST_HOPS)


def passed_on(origin: Origin, installation: str) -> Origin:
    """Return the origin of a notice as ``installation`` passes it on."""
    return replace(origin, hops=(*origin.hops, installation))


def came_home(notice: Notice, installation: str) -> bool:
    """Whether a notice that somebody gives us began here, or was here before."""
    own_alerts = f"cap:{installation}."
    if notice.origin is None:
        return f"{notice.kind}:{notice.key}".startswith(own_alerts)
    been = {notice.origin.installation, *notice.origin.hops}
    return installation in been or any(one.startswith(own_alerts) for one in (notice.origin.item, *notice.references))


@dataclass(frozen=True, slots=True)
class Standing:
    """A notice of a municipality under one of the names of what comes.

    ``own``: the source that brings the new word brought this one, too; ``lives``: the source that brought it is read.
    """

    id: str
    notice: Notice
    own: bool
    lives: bool


def prevails(new: Notice, known: Standing) -> bool:
    """Whether ``new`` is to be followed instead of what stands under the same name.

    Whom we follow may itself begin to follow another: what a source says now counts, whatever origin it names. That its
    answers do not go back is for its reader to see (``feeds.ortsruf.fetch``).
    """
    before = known.notice
    if new.origin is None and before.origin is None:
        return True
    same = is_same_origin(new, before)
    if same and _revision(new) < _revision(before):
        return False
    if known.own or not known.lives:
        return True
    if way(new) is not way(before):
        return way(new) < way(before)
    return same and _revision(new) > _revision(before)


def is_same_origin(one: Notice, other: Notice) -> bool:
    """Whether both are words of one notice of one installation."""
    if one.origin is None or other.origin is None:
        return False
    return name_at_origin(one.origin) == name_at_origin(other.origin)


def _revision(notice: Notice) -> int:
    return notice.origin.revision if notice.origin is not None else 0


def once(notices: Iterable[Notice], address: str) -> list[Notice]:
    """Return of the notices of one answer those that prevail, each name once; what nobody federates stays as it is.

    Whatever the order of the answer, it is the same one.
    """
    given = list(notices)
    taken: dict[str, Notice] = {}
    dropped: set[int] = set()
    for one in sorted((one for one in given if one.origin is not None), key=_rank):
        called = names(one, address)
        if any(name in taken for name in called):
            dropped.add(id(one))
            continue
        taken |= dict.fromkeys(called, one)
    return [one for one in given if id(one) not in dropped]


def _rank(notice: Notice) -> tuple[int, int, str, int]:
    hops = len(notice.origin.hops) if notice.origin is not None else 0
    return way(notice), hops, notice.key, -_revision(notice)


def arriving(
    notices: Iterable[Notice], installation: str, address: str, standing: Callable[[Notice], Standing | None]
) -> tuple[list[Notice], dict[str, str]]:  # fmt: skip
    """Return the notices of an answer that are to be followed, and which standing notice (id) each continues, by key.

    Left out is what began here or was here before, and what reaches us on a better way or in a newer word.
    """
    followed, continues = [], dict[str, str]()
    for one in once((one for one in notices if not came_home(one, installation)), address):
        known = standing(one)
        if known is not None and not prevails(one, known):
            continue
        followed.append(one)
        if known is not None:
            continues[one.key] = known.id
    return followed, continues
