"""What a family of providers works with: an account, the choices it offers, and what reading needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from feeds.waste.pickup import Found
from feeds.waste.providers._ask import Ask
from hub.core.source import Document


@dataclass(frozen=True, slots=True)
class Account:
    """One customer of a family: ``key`` is what the protocol asks for, ``name`` what a clerk knows it by.

    ``url`` is its own website (some widgets answer only to it), ``extra`` what this one has beside the others.
    """

    family: str
    key: str
    name: str = ""
    url: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """What ``Source.url`` is: ``awido:rosenheim``."""
        return f"{self.family}:{self.key}"


@dataclass(frozen=True, slots=True)
class Node:
    """One choice: the ``name`` that people read, and the provider's own handle for it (any text).

    An empty name means that the level is not told apart: one calendar for the whole town, or for the whole street.
    ``below`` holds the next level where the provider gave it along. ``scheme`` is the place's, of a street's level.
    """

    name: str
    id: str
    below: tuple[Node, ...] = ()
    scheme: str = "street"


@dataclass(frozen=True, slots=True)
class Context:
    """What reading an answer needs: the source's ``zone``, the ``window`` of rules, names by the provider's codes."""

    zone: str
    window: tuple[date, date]
    names: Mapping[str, str] = field(default_factory=dict)


class Family(Protocol):
    """One protocol that many customers share; its module in this folder is one.

    ``towns``, ``streets`` and ``houses`` return what can be chosen, one level each; the last one's ``id`` is what
    ``dates`` asks for. Providers that only answer to a search look for ``ask.wanted``.
    ``divided`` says whether a whole street's answer shows that its house numbers differ (then they are asked one by
    one); families that know beforehand return ``False``. Every one raises ``SourceError`` only, and ``read`` is pure.
    """

    FAMILY: str
    KEY: str  # regular expression of a key
    STREET_FIRST: bool  # whether a street may be asked as a whole before its house numbers are

    def towns(self, account: Account, ask: Ask) -> Sequence[Node]:
        """Return the towns."""
        ...

    def streets(self, account: Account, town: Node, ask: Ask) -> Sequence[Node]:
        """Return the streets of a town, or one without a name."""
        ...

    def houses(self, account: Account, street: Node, ask: Ask) -> Sequence[Node]:
        """Return the house numbers of a street, or one without a name."""
        ...

    def names(self, account: Account, leaf: Node, ask: Ask) -> Mapping[str, str]:
        """Return what the provider calls its codes of waste, where they are told apart from the dates."""
        ...

    def dates(self, account: Account, leaf: Node, ask: Ask) -> Sequence[Document]:
        """Return the answers with the dates of ``ask.years`` at one address; a later year may not be out yet."""
        ...

    def divided(self, documents: Sequence[Document]) -> bool:
        """Whether a street's own answer shows that its house numbers differ."""
        ...

    def read(self, document: Document, context: Context) -> Found:
        """Read one answer of ``dates``."""
        ...

    def tidy(self, title: str) -> str:
        """Return an exported title without what this provider adds to it."""
        ...
