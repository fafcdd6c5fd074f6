"""XML from strangers: no DOCTYPE, no entities, no network, no huge trees."""

from __future__ import annotations

from lxml import etree

from hub.core.errors import SourceRefused


def root_of(body: bytes) -> etree._Element:
    """Return the root element of ``body``; raise ``SourceRefused`` if it is broken or declares a DOCTYPE."""
    # UTF-16 hides the word from this look; the second one below sees it whatever the encoding.
    if b"<!DOCTYPE" in body[:4096].upper():
        raise SourceRefused("The XML declares a document type, which is not accepted.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise SourceRefused(f"The XML is broken: {str(error)[:200]}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceRefused("The XML declares a document type, which is not accepted.")
    return root


def local_name(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return etree.QName(element).localname
