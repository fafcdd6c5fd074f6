"""HTML forms of providers' wizards: hidden fields, choices, boxes, buttons. Nothing else of a page is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from calendars.text import decode
from hub.core.errors import SourceRefused
from hub.core.source import Document

_MOST = 20_000  # fields and options of one page


@dataclass(slots=True)
class Select:
    """One ``<select>``: its options as (label, value), and the attributes that scripts read."""

    attributes: Mapping[str, str]
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """The forms of one page. ``hidden``, ``boxes`` and ``buttons`` map names to values, ``texts`` are input fields."""

    hidden: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    selects: dict[str, Select] = field(default_factory=dict)

    def options(self, name: str) -> list[tuple[str, str]]:
        """Return the choices of a select as (label, value) without its "please choose"."""
        found = self.selects.get(name)
        return [one for one in found.options if one[0] and one[1] not in ("", "0", "-1")] if found else []


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._select: Select | None = None
        self._option: list[str] | None = None  # pieces of its label
        self._value: str | None = None
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in ("input", "select", "option", "button"):
            return
        self._count += 1
        if self._count > _MOST:
            raise SourceRefused("The provider's form has more choices than any town has streets.")
        if tag == "select":
            self._select = self.page.selects.setdefault(found.get("name", ""), Select(found))
        elif tag == "option":
            self._end_option()
            self._option, self._value = [], found.get("value")
        elif name := found.get("name", ""):
            self._field(tag, name, found)

    def _field(self, tag: str, name: str, found: Mapping[str, str]) -> None:
        kind, value = found.get("type", "submit" if tag == "button" else "text").lower(), found.get("value", "")
        if kind == "hidden":
            self.page.hidden[name] = value
        elif kind in ("checkbox", "radio"):
            self.page.boxes.setdefault(name, value)
        elif kind in ("submit", "image"):
            self.page.buttons[name] = value
        elif kind in ("text", "search"):
            self.page.texts.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("option", "select"):
            self._end_option()
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._option is not None and len(self._option) < 50:  # noqa: PLR2004 - pieces of one label
            self._option.append(data)

    def _end_option(self) -> None:
        if self._option is not None and self._select is not None:
            label = " ".join("".join(self._option).split())[:200]
            self._select.options.append((label, label if self._value is None else self._value))
        self._option = None


def read_forms(document: Document) -> Page:
    """Return the forms of an HTML page. Raises ``SourceRefused``."""
    reader = _Reader()
    text, _ = decode(document.body, document.content_type)
    try:
        reader.feed(text)
        reader.close()
    except (AssertionError, ValueError) as error:  # html.parser on mangled declarations
        raise SourceRefused("The provider's form cannot be read.", subject=document.url) from error
    return reader.page
