"""Why a person gets a message, and how to get less like it: in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.message import Reason
from hub.core.mutes import Sort
from hub.language import Language
from hub.reference import cpv_label
from hub.sources import display_name
from hub.store import inbox, towns
from hub.web.source_view import topic_title
from hub.web.topics import TOPICS


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Why:
    """The reason as (title, text) rows; ``source`` is the id of its page, of municipality ``town``.

    ``less``: (mute, button) to choose from.
    """

    rows: tuple[tuple[str, str], ...]
    town: str = ""
    source: str = ""
    less: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Explainer:
    """What all explanations of a page share: the person's ``towns``, ``names`` of matched places, and ``sources``."""

    towns: Sequence[RowMapping]
    language: Language
    reasons: Mapping[str, Reason]
    names: Mapping[str, str]
    sources: Mapping[str, Mapping[Any, Any]]

    def why(self, row: Mapping[Any, Any], publisher: str = "") -> Why:
        """Explain the notice of a store row; ``publisher`` is who the notice itself says."""
        reason = self.reasons.get(row["id"]) or Reason(row["topic"])
        said, source = self.language.text, self.sources.get(row["source_id"] or "")
        called = publisher or (display_name(source["name"], source["url"]) if source else "")
        rows = [
            (said(_("Topic")), topic_title(reason.topic or row["topic"], self.language)),
            (said(_("Place")), self._named(reason.place)),
            (said(_("Words")), ", ".join(reason.words)),
            (said(_("CPV codes")), ", ".join(cpv_label(one.ljust(8, "0")) or one for one in reason.cpv)),
            (said(_("Distance")), said(_("{km} km"), km=f"{reason.km:.0f}") if reason.km is not None else ""),
            (said(_("Source")), called),
        ]
        return Why(
            tuple((title, text) for title, text in rows if text), row["municipality_id"],
            str(source["id"]) if source else "", tuple(self._less(row, reason)),
        )  # fmt: skip

    def _named(self, path: str) -> str:
        """Return what a place is called; a town's own name where nothing narrower was asked for."""
        name = self.names.get(path, path)
        return next((str(one["name"]) for one in self.towns if name == path == one["path"]), name)

    def _less(self, row: Mapping[Any, Any], reason: Reason) -> Iterable[tuple[str, str]]:
        said = self.language.text
        yield f"{Sort.NOTICE}:{row['id']}", said(_("Hear no more of this message"))
        if row["topic"] in TOPICS:
            topic = topic_title(row["topic"], self.language)
            yield f"{Sort.TOPIC}:{row['topic']}", said(_("Nothing of “{topic}” for a week"), topic=topic)
        place = reason.place.partition("/house:")[0]
        if "/" in place and place.startswith(tuple(str(one["path"]) for one in self.towns)):
            yield f"{Sort.PLACE}:{place}", said(_("Nothing of “{place}” for a week"), place=self._named(reason.place))


def explainer(
    session: Session, around: Sequence[RowMapping], language: Language, known: Iterable[Mapping[Any, Any]], *,
    whose: int, ids: Iterable[str],
) -> Explainer:  # fmt: skip
    """Return who explains these notices to a person; ``known`` are the rows of the sources ``around`` them."""
    reasons = inbox.reasons(session, whose, list(ids))
    paths = {one.place for one in reasons.values() if one.place}
    names = towns.place_names(session, paths) if paths else {}
    return Explainer(around, language, reasons, names, {one["id"]: one for one in known})
