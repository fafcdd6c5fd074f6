"""XML from strangers: no DOCTYPE, no entities, no network, no huge trees; and the reading of its elements.

Elements are looked up in the namespace of the alert itself, whatever order they stand in.
"""

from __future__ import annotations

from lxml import etree

from hub.core.errors import SourceRefused

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
NAMESPACES = (CAP, "urn:oasis:names:tc:emergency:cap:1.1")
_LOOKED_AT = 65_536  # bytes: a DOCTYPE must stand before the root element (XML 1.0, 2.8)
_DOCTYPE = "The XML declares a document type, which is not accepted."


def root_of(body: bytes) -> etree._Element:
    """Return the root element of ``body``; raise ``SourceRefused`` if it is broken or declares a DOCTYPE."""
    head = body[:_LOOKED_AT].replace(b"\0", b"").lstrip()  # UTF-16 hides the word behind NULs
    if b"<!DOCTYPE" in head.upper():
        raise SourceRefused(_DOCTYPE)
    try:
        root = etree.fromstring(body.lstrip(), safe_parser())
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise SourceRefused(f"The XML is broken: {str(error)[:200]}") from error
    # Encodings that spell the word differently are seen here; nothing was expanded or loaded meanwhile.
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceRefused(_DOCTYPE)
    return root


def safe_parser() -> etree.XMLParser:
    """Return a parser that expands, loads and fetches nothing."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the children called ``name`` in the element's own namespace."""
    namespace = etree.QName(element).namespace
    return element.findall(f"{{{namespace}}}{name}" if namespace else name)


def new_alert() -> etree._Element:
    """Return an empty ``<alert>`` of CAP 1.2, to be filled from another format."""
    return etree.fromstring(f'<alert xmlns="{CAP}"/>')


def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """Append a child of CAP 1.2 called ``name``."""
    child = etree.SubElement(parent, f"{{{CAP}}}{name}")
    child.text = text
    return child


def all_text(element: etree._Element) -> str:
    """Return all text inside ``element``, blanks as single ones."""
    return " ".join(" ".join(str(one) for one in element.itertext()).split())


def text_of(element: etree._Element, name: str) -> str:
    """Return the text of the first child called ``name``, without blanks around it; "" if there is none."""
    return next(iter(texts_of(element, name, empty=True)), "")


def texts_of(element: etree._Element, name: str, *, empty: bool = False) -> list[str]:
    """Return the texts of all children called ``name``, without blanks around them; ``empty`` ones on request."""
    found = [(one.text or "").strip() for one in children(element, name)]
    return found if empty else [one for one in found if one]
