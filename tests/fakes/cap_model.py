"""What CAP 1.2 and our promises mean, written down once more in the plainest way, to compare the hub with.

A :class:`Word` is one message of an authority. The :class:`Model` hears words (as a poll brings them) and speaks
(when deliveries run): it says who hears what. No database, no batches, no revisions: chains of words, and who holds
what they were told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.core.notice import Severity

LIVES = timedelta(hours=24)
_AREA = "<area><areaDesc>Ort</areaDesc>{}</area>"
_CODE = "<geocode><valueName>ARS</valueName><value>{}</value></geocode>"


@dataclass(frozen=True)
class Word:
    """One CAP message. ``bare``: a Cancel without any ``<info>``; ``pre``: a pre-alert (urgency Future)."""

    name: str
    sent: datetime
    message: str = "Alert"
    refs: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    severity: Severity = Severity.MODERATE
    expires: datetime | None = None
    all_clear: bool = False
    bare: bool = False
    pre: bool = False
    status: str = "Actual"
    scope: str = "Public"

    @property
    def ends(self) -> bool:
        """Whether it ends what it refers to."""
        return self.message == "Cancel" or self.all_clear

    @property
    def until(self) -> datetime:
        """Return when it expires: a day after it was sent if it does not say so (P-10)."""
        return self.expires or self.sent + LIVES

    def xml(self) -> bytes:
        """Write it as CAP 1.2."""
        refs = " ".join(f"warn@town.example,{one},{self.sent.isoformat()}" for one in self.refs)
        response = "<responseType>AllClear</responseType>" if self.all_clear else ""
        expires = f"<expires>{self.expires.isoformat()}</expires>" if self.expires else ""
        areas = "".join(_AREA.format(_CODE.format(one)) for one in self.places)
        info = (
            f"<info><language>de</language><event>Sturm</event>{response}"
            f"<urgency>{'Future' if self.pre else 'Immediate'}</urgency><severity>{self.severity.name.title()}</severity>"
            f"<certainty>Likely</certainty>{expires}<headline>{self.name}</headline>{areas}</info>"
        )
        return (
            f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{self.name}</identifier>'
            f"<sender>warn@town.example</sender><sent>{self.sent.isoformat()}</sent><status>{self.status}</status>"
            f"<msgType>{self.message}</msgType><scope>{self.scope}</scope><references>{refs}</references>"
            f"{'' if self.bare else info}</alert>"
        ).encode()


@dataclass(frozen=True)
class Wants:
    """What a person asked for: warnings of at least ``severity`` in one of ``places`` (none: everywhere)."""

    places: tuple[str, ...] = ()
    severity: Severity = Severity.UNKNOWN

    def fits(self, word: Word) -> bool:
        """Whether ``word`` is for this person."""
        return word.severity >= self.severity and (not self.places or bool(set(self.places) & set(word.places)))


@dataclass(eq=False)
class Chain:
    """Words that continue one another, the word that holds now, who holds it, and whether something is to be said."""

    word: Word
    names: set[str]
    over: bool = False
    holders: set[int] = field(default_factory=set)
    unsaid: bool = False
    headline: str = ""  # a bare Cancel goes by the name of what it ends

    def __post_init__(self) -> None:
        """Go by the first word's name."""
        self.headline = self.word.name


Said = tuple[int, str, str]  # person, "told" or "over", the headline of the word


@dataclass
class Model:
    """Who is told what."""

    people: Mapping[int, Wants]
    chains: list[Chain] = field(default_factory=list)

    def hear(self, words: Iterable[Word], now: datetime) -> None:
        """Take in what one poll brought: real and public words only, the oldest first."""
        for word in sorted(words, key=lambda one: one.sent):
            if word.status == "Actual" and word.scope == "Public":
                self._hear(word, now)

    def _hear(self, word: Word, now: datetime) -> None:
        known = self._called([word.name, *word.refs])
        if not known:
            chain = Chain(word, {word.name, *word.refs}, over=word.ends)
            chain.unsaid = not word.ends and word.until > now
            self.chains.append(chain)
            return
        chain, *others = known
        if word.sent < chain.word.sent:
            self._name(chain, word)
            return
        for other in others:
            self._join(chain, other, word, now)
        self._name(chain, word)
        if word.ends and not chain.over:
            chain.unsaid = chain.word.until > now
            chain.headline = chain.headline if word.bare else word.name
            chain.word, chain.over = word, True
        elif not word.ends and word != chain.word:
            chain.unsaid = word.until > now
            chain.word, chain.over, chain.headline = word, False, word.name

    def _join(self, chain: Chain, other: Chain, word: Word, now: datetime) -> None:
        """End a further chain that ``word`` refers to: with a word to its holders if called off, else it is continued."""
        if other.over:
            return
        other.over = True
        other.unsaid = word.ends and other.word.until > now
        if not word.ends:
            chain.holders |= other.holders
            chain.names |= other.names
            other.holders, other.names = set(), set()

    def _called(self, names: Collection[str]) -> list[Chain]:
        """Return the chains that go by one of ``names``, in the order of the names."""
        found = (chain for name in names for chain in self.chains if name in chain.names)
        return list(dict.fromkeys(found))

    def _name(self, chain: Chain, word: Word) -> None:
        taken = set().union(*(one.names for one in self.chains))
        chain.names |= {word.name, *word.refs} - taken

    def speak(self, now: datetime) -> set[Said]:
        """Say what is unsaid: the word that holds now to those it fits, its end to those who hold it."""
        said: set[Said] = set()
        for chain in self.chains:
            if not chain.unsaid:
                continue
            chain.unsaid = False
            fits = {person for person, wants in self.people.items() if wants.fits(chain.word)}
            told = set() if chain.over or chain.word.until <= now else fits
            ended = chain.holders if chain.over else chain.holders - fits
            said |= {(one, "told", chain.headline) for one in told}
            said |= {(one, "over", chain.headline) for one in ended}
            chain.holders = set() if chain.over else (chain.holders & fits) | told
        return said
