"""Documents to items: unpack, tell the format, read each notice, join those of one procedure, keep what is wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from feeds.tenders import archive, eforms, ocds, portal_rss, ted_search, ted_xml, values
from feeds.tenders.joining import joined
from feeds.tenders.tender import PAST, Tender
from feeds.tenders.wanted import may_hold, wanted
from feeds.tenders.xml_tree import local_name, root_of
from hub.core.errors import SourceRefused, SourceTooLarge
from hub.core.source import Document, Fetched, Item

MOST_NOTICES = 20_000  # of one fetch; the largest days seen have some thousand
_MOST_FAULTS = 200  # told one by one
_ATTRIBUTIONS = {
    "oeffentlichevergabe.de": "Quelle: Datenservice Öffentlicher Einkauf (CC0)",
    "ted.europa.eu": "Quelle: TED, © Europäische Union (CC BY 4.0)",
}
_BOM = b"\xef\xbb\xbf"
# What broken data can still raise inside a reader; every other exception would be our own mistake.
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, etree.LxmlError)

Read = Tender | Item  # an Item here is a fault


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per procedure, one with a ``fault`` for each notice that cannot be read, and notes on the whole.

    Raises ``SourceError`` if a whole document is no tender data: HTML, a bomb, a broken archive.
    """
    reader = _Reader(fetched)
    tenders: list[Tender] = []
    faults: list[Item] = []
    for document in fetched.documents:
        for found in reader.document(document):
            (faults if isinstance(found, Item) else tenders).append(found)  # type: ignore[arg-type]
            if len(tenders) + len(faults) > MOST_NOTICES:
                raise SourceTooLarge(f"The answer holds more than {MOST_NOTICES} notices; please take a shorter span.")
    procedures = joined(tenders)
    kept = [one for one in procedures if wanted(one, fetched.source.config)]
    items = [Item(one.key, one.to_data()) for one in kept]
    passed_over = len(procedures) - len(kept) + reader.skipped
    return [*items, *faults[:_MOST_FAULTS], *_notes(tenders, procedures, kept, passed_over), *_more(faults)]


def _more(faults: Sequence[Item]) -> Iterator[Item]:
    if len(faults) > _MOST_FAULTS:
        yield Item("faults", note=f"faults: {len(faults) - _MOST_FAULTS} more notices could not be read")


def _notes(
    tenders: Sequence[Tender], procedures: Sequence[Tender], kept: Sequence[Tender], passed_over: int
) -> Iterator[Item]:
    """Yield what the clerk who looks at the answer should know of it."""
    if len(tenders) > len(procedures):
        yield Item("joined", note=f"joined: {len(tenders)} notices belong to {len(procedures)} procedures")
    if passed_over:
        yield Item("settings", note=f"settings: {passed_over} of {len(kept) + passed_over} are not asked for")
    dateless = [one for one in kept if one.form == "ocds" and one.stage not in PAST and not _dated(one)]
    if dateless:
        yield Item(
            "no-deadline",
            note=f"no-deadline: {len(dateless)} OCDS releases give no closing date; the eForms export has it",
        )


def _dated(tender: Tender) -> bool:
    return any(lot.deadline for lot in tender.lots)


class _Reader:
    """Reads the documents of one fetch."""

    def __init__(self, fetched: Fetched) -> None:
        """Remember what all notices share."""
        self._zone = fetched.source.zone
        self._lang = values.language(fetched.source.language)
        self._config = fetched.source.config
        self._format = self._config.get("format", "") or "auto"
        self.skipped = 0  # files of archives that hold nothing wanted

    def document(self, document: Document) -> Iterator[Read]:
        """Yield the notices of one document, unpacking it if it is an archive."""
        attribution = _attribution(document.url)
        if not archive.is_zip(document.body):
            found: Iterable[Read] = self._plain(document.body, document.url[-100:])
        else:
            found = self._packed(document.body)
        for one in found:
            if isinstance(one, Tender) and not one.attribution:
                yield replace(one, attribution=attribution)
            else:
                yield one

    def _packed(self, body: bytes) -> Iterator[Read]:
        """Yield the notices of an archive; a member that cannot be read is a fault and the others go on."""
        for count, (name, content) in enumerate(archive.members(body)):
            key = f"{count}:{values.one_line(name, 100)}"
            if isinstance(content, str):
                yield Item(key, fault=content)
                continue
            if not may_hold(content, self._config):
                self.skipped += 1
                continue
            try:
                yield from self._plain(content, key)
            except SourceTooLarge:
                raise
            except SourceRefused as error:
                yield Item(key, fault=str(error))

    def _plain(self, body: bytes, key: str) -> list[Read]:
        """Return the notices of an unpacked document; ``key`` names faults."""
        start = body[:200].removeprefix(_BOM).lstrip()[:1]
        if start in (b"{", b"["):
            return self._json(_json(body), key)
        if archive.is_zip(body):
            raise SourceRefused("The file is an archive within an archive.")
        if not body.strip():
            raise SourceRefused("The file is empty.")
        return self._xml(root_of(body), key)

    def _json(self, data: Any, key: str) -> list[Read]:
        """Return the notices of a JSON document: an answer of TED's search, else OCDS."""
        if ted_search.is_answer(data):
            self._expect("ted", key)
            found = data["notices"]
            self._bound(len(found))
            return [
                self._one(ted_search.read, f"{key}#{count}", one, self._lang, self._zone)
                for count, one in enumerate(found)
            ]
        self._expect("ocds", key)
        releases = ocds.releases(data)
        self._bound(len(releases))
        return [self._one(ocds.read, f"{key}#{count}", one, self._zone) for count, one in enumerate(releases)]

    def _xml(self, root: etree._Element, key: str) -> list[Read]:
        """Return the notices of an XML document, by its root element."""
        name = local_name(root)
        if name in ("rss", "RDF", "feed"):
            self._expect("rss", key)
            return portal_rss.read_all(root, key, self._lang, self._zone)
        if name == ted_xml.ROOT:
            self._expect("ted", key)
            return [self._one(ted_xml.read, key, root, self._zone)]
        if name.lower() == "html":
            raise SourceRefused("The source answered with a web page instead of tenders.")
        self._expect("eforms", key)
        if name not in eforms.ROOTS:
            eforms.read(root, self._zone)  # refuses, and says why
        return [self._one(eforms.read, key, root, self._zone)]

    def _expect(self, found: str, key: str) -> None:
        """Raise ``SourceRefused`` if the source's setting promises another format than was ``found``."""
        known = {"auto": True, "both": found in ("ocds", "eforms"), "ocds": found in ("ocds", "eforms")}
        if not known.get(self._format, self._format == found):
            raise SourceRefused(f"The source is set to {self._format} but answered with {found}.", subject=key)

    @staticmethod
    def _bound(count: int) -> None:
        if count > MOST_NOTICES:
            raise SourceTooLarge(f"The answer holds more than {MOST_NOTICES} notices; please take a shorter span.")

    @staticmethod
    def _one(read: Callable[..., Tender], key: str, *args: object) -> Read:
        """Call ``read`` for one notice; a fault becomes an item."""
        try:
            return read(*args)
        except SourceRefused as error:
            return Item(key, fault=str(error))
        except _BROKEN as error:
            return Item(key, fault=f"The notice is broken ({type(error).__name__}).")


def _json(body: bytes) -> Any:
    """Return the JSON value in ``body``; raise ``SourceRefused`` if it is broken."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceRefused("The JSON is broken or cut off.") from error


def _attribution(url: str) -> str:
    """Return the attribution that the publisher at ``url`` asks for, or ""."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return next((text for name, text in _ATTRIBUTIONS.items() if host == name or host.endswith(f".{name}")), "")
