"""The languages of this house, and which of several language tags (BCP 47) fits a reader. Pure.

``de-simple`` is Leichte Sprache: "simple" is the registered variant for a simplified form (IANA Language Subtag
Registry, 2015). A further language is a line here, a file in ``push/_words`` and a catalogue in ``hub/translations``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EASY = "simple"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: its tag, what its speakers call it, its locale in CLDR.

    ``months`` are the names of the months where those of the locale do not do.
    """

    code: str
    name: str
    locale: str
    months: tuple[str, ...] = ()


# Arabic says both names of a month, as the United Nations do: Damascus and Baghdad know the first, Cairo the second.
_ARAB_MONTHS = (
    "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو",
    "تموز/يوليو", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
)  # fmt: skip
TONGUES = {
    one.code: one
    for one in (
        Tongue("de", "Deutsch", "de_DE"),
        Tongue("de-simple", "Leichte Sprache", "de_DE"),
        Tongue("en", "English", "en_GB"),
        Tongue("tr", "Türkçe", "tr_TR"),
        Tongue("uk", "Українська", "uk_UA"),
        Tongue("ar", "العربية", "ar_SY", _ARAB_MONTHS),
    )
}


def primary(tag: str) -> str:
    """Return the primary language of ``tag``, lower case: ``de`` of ``de-AT``."""
    return tag.replace("_", "-").partition("-")[0].lower()


def is_easy(tag: str) -> bool:
    """Whether ``tag`` means a simplified form of its language."""
    return EASY in tag.replace("_", "-").lower().split("-")[1:]


def direction(tag: str) -> str:
    """Return the direction of a language as HTML and notifications name it: ``ltr`` or ``rtl``."""
    return "rtl" if primary(tag) in _RIGHT_TO_LEFT else "ltr"


def fitting(wanted: str, offered: Iterable[str]) -> str:
    """Return the tag of ``offered`` that a reader of ``wanted`` understands best; empty if none is of that language.

    The same tag, else the same language in the same plainness, else the language in its usual form, else simplified.
    """

    def distance(tag: str) -> int:
        if tag.lower() == wanted.lower():
            return 0
        return 1 if is_easy(tag) == is_easy(wanted) else 2

    return min((tag for tag in offered if primary(tag) == primary(wanted)), key=distance, default="")
