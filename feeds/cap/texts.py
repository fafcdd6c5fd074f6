"""The texts of an alert, one per language, in the source's own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.core.notice import NoticeText, Severity

EASY = "simple"
DEFAULT_LANGUAGE = "en-US"  # CAP 1.2, 3.2.2 language
_TITLES = {"de": "Warnung", "en": "Warning", "tr": "Uyarı", "uk": "Попередження", "ar": "تحذير"}
_MOST_AREAS = 5
_LINK = re.compile(
    r"""<a\s[^<>]{0,200}?href\s{0,5}=\s{0,5}["']([^"'<>]{1,1000})["'][^<>]{0,200}>([^<>]{1,500})</a\s{0,5}>""",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"</?(?:p|div|ul|ol|li|h[1-6])(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:b|i|u|em|strong|span)(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_LIFTED = (
    NoticeText("de", "Entwarnung", "Die Warnung wurde von der Stelle aufgehoben, die sie herausgegeben hat."),
    NoticeText("en", "All clear", "The warning has been lifted by the authority that issued it."),
    NoticeText("de-simple", "Gefahr vorbei", "Das Amt hat die Warnung beendet. Die Warnung gilt nicht mehr."),
    NoticeText("tr", "Tehlike geçti", "Uyarıyı yayımlayan kurum, uyarıyı kaldırdı."),
    NoticeText("uk", "Відбій", "Попередження скасувала установа, яка його оголосила."),
    NoticeText("ar", "زوال الخطر", "رفعت الجهة التي أصدرت التحذير هذا التحذير."),
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
    """Return a language in BCP 47: ``de_DE`` is ``de-DE``, MoWaS' ``DE-LS`` (Leichte Sprache) is ``de-simple``.

    "simple" is the registered variant for a simplified form (IANA Language Subtag Registry).
    """
    parts = language.strip().replace("_", "-").split("-")
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0], re.ASCII) or not all(
        re.fullmatch(r"[A-Za-z0-9]{1,8}", one, re.ASCII) for one in parts
    ):
        return DEFAULT_LANGUAGE
    private = "x" in (one.lower() for one in parts)
    rest = [EASY if one.lower() == "ls" else one for one in parts[1:]] if not private else parts[1:]
    regions = [one.upper() if len(one) == 2 and not private else one for one in rest]  # noqa: PLR2004 - ISO 3166
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
    return (2 if EASY in lang.split("-") else 1) if same else 3


def _text(lang: str, group: Sequence[Mapping[str, Any]]) -> NoticeText:
    ranked = sorted(group, key=lambda one: -severity_of(one["severity"]))
    title = _title(ranked[0]) or _TITLES.get(lang[:2], _TITLES["en"])
    bodies: dict[str, str] = {}
    for info in ranked:
        bodies.setdefault(_plain(info["description"]), _heading(info, ranked, title))
    blocks = ("\n".join(filter(None, (heading, body))) for body, heading in bodies.items())
    return NoticeText(
        lang,
        title,
        _joined(blocks),
        instruction=_joined(dict.fromkeys(_plain(one["instruction"]) for one in ranked)),
    )


def composed(infos: Sequence[Mapping[str, Any]]) -> bool:
    """Whether several parts in one language were put together, so that the text is no longer the source's own."""
    bodies = {(tag(one["language"]), one["description"]) for one in infos}
    return max(Counter(lang for lang, _ in bodies).values(), default=0) > 1


def _heading(info: Mapping[str, Any], group: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return what stands above one of several parts: its own title, and where it holds if the parts differ in that."""
    own = _title(info) if _title(info) != title else ""
    differ = len({tuple(one["areas"]) for one in group}) > 1
    where = ", ".join(info["areas"][:_MOST_AREAS]) if differ else ""
    return ": ".join(filter(None, (where, own)))


def _title(info: Mapping[str, Any]) -> str:
    """Return the headline, else the event, on one line."""
    return re.sub(r"\s*[\r\n]+\s*", " ", _plain(str(info["headline"] or info["event"])))


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(filter(None, blocks))


def _plain(text: str) -> str:
    """Return a text with HTML (some publishers send it in CAP) as plain text; no word is lost.

    Line breaks and paragraphs become line breaks, a link's address stands behind its words, emphasis falls away.
    """
    if "<" not in text:
        return text.strip()
    text = _LINK.sub(lambda found: found[2] if found[1] in found[2] else f"{found[2]} ({found[1]})", text)
    text = re.sub(r"[ \t]{0,50}<br\s{0,5}/?>[ \t]{0,50}", "\n", text, flags=re.IGNORECASE)
    text = _BLOCK.sub("\n", text)
    return re.sub(r"\n{3,}", "\n\n", _INLINE.sub("", text)).strip()
