"""What a rehearsal has told of things that several municipalities say alike: once on each way is enough. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from hub.core.past import Past
from hub.core.subscription import Action


@dataclass(slots=True)
class Said:
    """By channel, manner and twin: the notice that was told, and of which municipality."""

    _told: dict[tuple[str, Action, str], tuple[str, str]] = field(default_factory=dict)
    _twins: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # of each notice's revisions

    def now(self, one: Past) -> None:
        """Remember that a municipality says this now."""
        self._twins[one.notice.id].append(one.twin)

    def already(self, one: Past, name: str, action: Action) -> bool:
        """Whether another municipality told it on channel ``name``, at once or in this way, and says nothing else now.

        As ``hub.store.twins.of`` has it: what it came back to does not count.
        """
        for how in (Action.NOW, action) if one.twin else ():
            notice, town = self._told.get((name, how, one.twin), ("", one.town))
            if town != one.town and self._twins[notice][-1] == one.twin and self._twins[notice].count(one.twin) == 1:
                return True
        return False

    def note(self, one: Past, name: str, action: Action) -> str:
        """Remember that it is told; returns the twin of which nothing is left to say in the next digest."""
        if not one.twin:
            return ""
        waiting = self._told.get((name, Action.DIGEST, one.twin), ("", ""))[0] if action is Action.NOW else ""
        self._told[name, action, one.twin] = (one.notice.id, one.town)
        return waiting if waiting != one.notice.id else ""
