"""The texts of an alert, one per language, in the source's own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.core.notice import NoticeText, Severity

DEFAULT_LANGUAGE = "en-US"  # CAP 1.2, 3.2.2 language
_TITLES = {"de": "Warnung", "en": "Warning"}
_LIFTED = (
    NoticeText("de", "Entwarnung", "Die Warnung wurde von der Stelle aufgehoben, die sie herausgegeben hat."),
    NoticeText("en", "All clear", "The warning has been lifted by the authority that issued it."),
)


def texts_of(infos: Sequence[Mapping[str, Any]], *, cancels: bool, first: str) -> tuple[NoticeText, ...]:
    """Return one text per language, those in language ``first`` before the others, else in the source's order.

    Several ``info`` blocks in one language: the most severe gives the title, the bodies stand one below the
    other, each further one under its own headline. A cancellation without words gets ours.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for info in infos:
        groups.setdefault(tag(info["language"]), []).append(info)
    found = tuple(_text(lang, group) for lang, group in groups.items())
    if cancels and not found:
        found = _LIFTED
    return tuple(sorted(found, key=lambda one: _distance(one.lang, first)))


def tag(language: str) -> str:
    """Return a language in BCP 47: ``de_DE`` is ``de-DE``, MoWaS' ``DE-LS`` (easy language) is ``de-x-ls``."""
    parts = language.strip().replace("_", "-").split("-")
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0], re.ASCII) or not all(
        re.fullmatch(r"[A-Za-z0-9]{1,8}", one, re.ASCII) for one in parts
    ):
        return DEFAULT_LANGUAGE
    private = "x" in (one.lower() for one in parts)
    rest = ["x", "ls"] if [one.lower() for one in parts[1:]] == ["ls"] else parts[1:]
    regions = [one.upper() if len(one) == 2 and not private else one for one in rest]  # noqa: PLR2004 - ISO 3166
    if rest == ["x", "ls"]:
        regions = rest
    return "-".join([parts[0].lower(), *regions])


def severity_of(word: str) -> Severity:
    """Return the severity that CAP's ``word`` means; what is unknown or missing is ``UNKNOWN``."""
    return Severity.__members__.get(word.upper(), Severity.UNKNOWN)


def _distance(lang: str, first: str) -> int:
    """Return 0 for the language itself, 1 for another form of it, 2 for others."""
    if lang.lower() == first.lower():
        return 0
    # Easy language stands behind the plain one: it is chosen, not the default.
    same = lang.partition("-")[0].lower() == first.partition("-")[0].lower()
    return (2 if "-x-" in lang else 1) if same else 3


def _text(lang: str, group: Sequence[Mapping[str, Any]]) -> NoticeText:
    ranked = sorted(group, key=lambda one: -severity_of(one["severity"]))
    title = _title(ranked[0]) or _TITLES.get(lang[:2], _TITLES["en"])
    bodies = {_plain(ranked[0]["description"]): ""}
    for info in ranked[1:]:
        bodies.setdefault(_plain(info["description"]), _title(info) if _title(info) != title else "")
    blocks = ("\n".join(filter(None, (headline, body))) for body, headline in bodies.items())
    return NoticeText(
        lang,
        title,
        _joined(blocks),
        instruction=_joined(dict.fromkeys(_plain(one["instruction"]) for one in ranked)),
    )


def _title(info: Mapping[str, Any]) -> str:
    """Return the headline, else the event, on one line."""
    return re.sub(r"\s*[\r\n]+\s*", " ", str(info["headline"] or info["event"]))


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(filter(None, blocks))


def _plain(text: str) -> str:
    """Return a text with HTML line breaks (some publishers send them in CAP) as line breaks; no word changes."""
    return re.sub(r"[ \t]*<br\s*/?>", "\n", text).strip()
