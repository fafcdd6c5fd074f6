"""Languages of the pages; the catalogues themselves belong to the whole house."""

from __future__ import annotations

from markupsafe import Markup

from hub.core.tongues import direction
from hub.language import LANGUAGES, OFFICE_LANGUAGES, Language, catalogue, choose

__all__ = ["LANGUAGES", "OFFICE_LANGUAGES", "Language", "catalogue", "choose", "spoken"]


def spoken(page: Language, lang: str) -> Markup:
    """Return the attributes of an element of ``page`` in ``lang`` (BCP 47): ``lang``, and ``dir`` if it differs."""
    if not lang:
        return Markup("")
    way = direction(lang)
    return Markup(' lang="{}"').format(lang) + (Markup(' dir="{}"').format(way) if way != page.direction else "")
