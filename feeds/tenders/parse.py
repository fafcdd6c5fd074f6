"""Documents to items: unpack, tell the format, read each notice, keep what is wanted and the newest of each key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

from feeds.tenders import archive, eforms, ocds, portal_rss, values
from feeds.tenders.tender import Tender
from feeds.tenders.xml_tree import local_name, root_of
from hub.core.errors import SourceRefused, SourceTooLarge
from hub.core.source import Document, Fetched, Item

_ATTRIBUTIONS = {
    "oeffentlichevergabe.de": "Quelle: Datenservice Öffentlicher Einkauf (CC0)",
    "ted.europa.eu": "Quelle: TED, © Europäische Union (CC BY 4.0)",
}
_CPV_DIGITS = 8
_BOM = b"\xef\xbb\xbf"
# What broken data can still raise inside a reader; every other exception would be our own mistake.
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, etree.LxmlError)

Read = Tender | Item  # an Item here is a fault


def parse(fetched: Fetched) -> list[Item]:
    """Return one item per procedure, or one with a ``fault`` for each notice that cannot be read.

    Raises ``SourceError`` if a whole document is no tender data: HTML, a bomb, a broken archive, TED's own formats.
    """
    reader = _Reader(fetched)
    tenders: dict[str, Tender] = {}
    faults: list[Item] = []
    for document in fetched.documents:
        for found in reader.document(document):
            if isinstance(found, Item):
                faults.append(found)
            elif wanted(found, fetched.source.config):
                tenders[found.key] = _newer(tenders.get(found.key), found)
    return [*(Item(tender.key, tender.to_data()) for tender in tenders.values()), *faults]


def wanted(tender: Tender, config: Mapping[str, str]) -> bool:
    """Whether ``tender`` passes the source's settings ``cpv``, ``nuts`` and ``buyer`` (empty: everything)."""
    cpv = [_cpv_prefix(one) for one in _words(config, "cpv")]
    nuts = [one.upper() for one in _words(config, "nuts")]
    buyers = [one.casefold() for one in _words(config, "buyer")]
    regions = [value for scheme, value, _ in tender.places if scheme == "nuts"]
    return (
        (not cpv or any(code.startswith(tuple(cpv)) for code in tender.cpv))
        and (not nuts or any(region.startswith(tuple(nuts)) for region in regions))
        and (not buyers or any(word in tender.buyer.casefold() for word in buyers))
    )


class _Reader:
    """Reads the documents of one fetch."""

    def __init__(self, fetched: Fetched) -> None:
        """Remember what all notices share."""
        self._now: datetime = fetched.at
        self._zone = fetched.source.zone
        self._lang = values.language(fetched.source.language)
        self._format = fetched.source.config.get("format", "") or "auto"

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
            self._expect("ocds", key)
            return [self._one(ocds.read, key, one, self._now, self._zone) for one in ocds.releases(body)]
        if archive.is_zip(body):
            raise SourceRefused("The file is an archive within an archive.")
        if not body.strip():
            raise SourceRefused("The file is empty.")
        return self._xml(root_of(body), key)

    def _xml(self, root: etree._Element, key: str) -> list[Read]:
        """Return the notices of an XML document, by its root element."""
        name = local_name(root)
        if name in ("rss", "RDF", "feed"):
            self._expect("rss", key)
            return [
                self._one(portal_rss.read, f"{key}#{count}", one, self._lang, self._zone)
                for count, one in enumerate(portal_rss.entries(root))
            ]
        if name == "TED_EXPORT":
            raise SourceRefused(
                "This is TED's XML from before 2024 (R2.0.9), which cannot be read yet; please use eForms."
            )
        if name.lower() == "html":
            raise SourceRefused("The source answered with a web page instead of tenders.")
        self._expect("eforms", key)
        return [self._one(eforms.read, key, root, self._now, self._zone, whole=True)]

    def _expect(self, found: str, key: str) -> None:
        """Raise ``SourceRefused`` if the source's setting promises another format than was ``found``."""
        if self._format not in ("auto", found):
            raise SourceRefused(f"The source is set to {self._format} but answered with {found}.", subject=key)

    @staticmethod
    def _one(read: Callable[..., Tender], key: str, *args: object, whole: bool = False) -> Read:
        """Call ``read`` for one notice; a fault becomes an item (``whole``: the document is this one notice)."""
        try:
            tender = read(*args)
        except SourceRefused as error:
            if whole and "is no eForms" in str(error):
                raise
            return Item(key, fault=str(error))
        except _BROKEN as error:
            return Item(key, fault=f"The notice is broken ({type(error).__name__}).")
        return tender


def _attribution(url: str) -> str:
    """Return the attribution that the publisher at ``url`` asks for, or ""."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return next((text for name, text in _ATTRIBUTIONS.items() if host == name or host.endswith(f".{name}")), "")


def _newer(old: Tender | None, new: Tender) -> Tender:
    """Return the later of two notices of one procedure; it refers to whatever the other refers to."""
    if old is None:
        return new
    last, first = (new, old) if _order(new) >= _order(old) else (old, new)
    references = dict.fromkeys([*first.references, *last.references])
    return replace(last, references=tuple(references))


def _order(tender: Tender) -> tuple[float, str, str]:
    """Return what the notices of a procedure are ordered by: time, version, and the id so that the order is total."""
    at = datetime.fromisoformat(tender.published).timestamp() if tender.published else 0.0
    return at, tender.version.zfill(5), tender.notice


def _words(config: Mapping[str, str], name: str) -> list[str]:
    """Return a setting that is a list separated by commas."""
    return [word for one in config.get(name, "").split(",") if (word := one.strip())]


def _cpv_prefix(text: str) -> str:
    """Return what a wanted CPV code begins with: ``45000000-7`` means the division ``45``."""
    digits = text.partition("-")[0].strip()
    return digits if len(digits) < _CPV_DIGITS else (digits[:2] + digits[2:].rstrip("0"))
