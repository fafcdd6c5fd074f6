"""Which column is what: by the settings, else by the usual German and English headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feeds._table.sheet import Row
from hub.core.errors import SourceConfigError, SourceRefused

_HEAD = 20  # rows in which the header must stand, below a title
ROLES: Mapping[str, frozenset[str]] = {
    role: frozenset(names.split("|"))
    for role, names in {
        "id": "id|nr|nr.|nummer|lfd. nr.|lfd nr|kennung|kennziffer|fundnummer|fund-nr.|fundnr.|referenz|reference|uid",
        "title": "titel|title|veranstaltung|bezeichnung|name|name der veranstaltung|event|betreff|was|thema|stelle"
        "|stellenbezeichnung|stellentitel|job|job title|position|beruf|gegenstand|fundsache|fundgegenstand|item"
        "|artikel|summary|subject|ausschreibung",
        "date": "datum|date|tag|termin|beginn|start|startdatum|start date|von|am|wann|begin|from|funddatum|gefunden am"
        "|fundtag|found|found on|date found|veranstaltungsdatum|anfangsdatum",
        "end": "ende|end|enddatum|end date|bis|until|to|letzter tag",
        "time": "uhrzeit|zeit|time|beginn uhrzeit|startzeit|start time|anfang|einlass",
        "place": "ort|place|location|veranstaltungsort|wo|where|einsatzort|arbeitsort|dienstort|fundort|found at"
        "|place found|venue|lokalität|standort",
        "text": "beschreibung|description|text|details|inhalt|bemerkung|bemerkungen|hinweis|hinweise|info|infos|body"
        "|aufgaben|merkmale|beschreibung des gegenstandes",
        "who": "veranstalter|organizer|organiser|verein|arbeitgeber|employer|unternehmen|firma|company|dienststelle"
        "|amt|fachbereich|ausrichter|träger|organisation",
        "deadline": "bewerbungsfrist|bewerbungsschluss|bewerbung bis|bewerbungsende|frist|deadline|closing date"
        "|apply by|gültig bis|valid until|anmeldeschluss|anmeldung bis|einsendeschluss",
        "pickup": "abholung|abholort|abholen bei|abzuholen bei|aufbewahrungsort|fundbüro|lagerort|pickup|collect at"
        "|collection point|abholung bei|abholstelle",
        "url": "link|url|webseite|website|internet|homepage|web|weitere informationen|web address",
    }.items()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """The header's row, its titles, and the column of each role that the table has."""

    header: int
    titles: tuple[str, ...]
    of: Mapping[str, int]

    def cell(self, row: Row, role: str) -> str:
        """Return the cell of ``row`` that plays ``role``; empty if there is none."""
        at = self.of.get(role)
        return row[at] if at is not None and at < len(row) else ""

    def others(self, row: Row) -> list[tuple[str, str]]:
        """Return title and cell of the columns that play no role and say something."""
        taken = set(self.of.values())
        return [
            (title, row[at]) for at, title in enumerate(self.titles)
            if at not in taken and title and at < len(row) and row[at]
        ]  # fmt: skip


def find_columns(rows: Sequence[Row], config: Mapping[str, str], needed: Sequence[str]) -> Columns:
    """Find the header and what its columns are; ``needed`` are roles without which a row means nothing.

    Raises ``SourceConfigError`` for a column of the settings that is not there, ``SourceRefused`` if there is no
    usable header, naming what was found.
    """
    wanted = {
        role: " ".join(config[f"column_{role}"].lower().split()) for role in ROLES if config.get(f"column_{role}")
    }
    best: Columns | None = None
    for at, row in enumerate(rows[:_HEAD]):
        titles = tuple(" ".join(cell.split()).strip(":*") for cell in row)
        found = _roles([one.lower() for one in titles], wanted)
        if best is None or len(found) > len(best.of):
            best = Columns(at, titles, found)
    if best is None:
        raise SourceRefused("The table is empty.")
    missing = [role for role in wanted if role not in best.of]
    if missing:
        raise SourceConfigError(f"The table has no column {wanted[missing[0]]!r}; it has {_named(best.titles)}.")
    lacking = [role for role in needed if role not in best.of]
    if lacking:
        raise SourceRefused(
            f"The table has no column for the {lacking[0]}; it has {_named(best.titles)}. "
            f"Name it with the setting column_{lacking[0]}."
        )
    return best


def _roles(names: Sequence[str], wanted: Mapping[str, str]) -> dict[str, int]:
    found = {role: names.index(name) for role, name in wanted.items() if name in names}
    for role, usual in ROLES.items():
        taken = set(found.values())
        if role not in wanted:
            at = next((at for at, name in enumerate(names) if name in usual and at not in taken), None)
            found |= {role: at} if at is not None else {}
    return found


def _named(titles: Sequence[str]) -> str:
    return ", ".join(filter(None, titles))[:200] or "no headers"
