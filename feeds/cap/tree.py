"""XML from strangers, and the ``<alert>`` elements in it: no DOCTYPE, no entities, no network, no huge trees."""

from __future__ import annotations

from lxml import etree

from hub.core.errors import SourceRefused

NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")
_ATOM_ENTRY = "{http://www.w3.org/2005/Atom}entry"
_FEEDS = ("feed", "rss", "RDF")
_LOOKED_AT = 65_536  # bytes: a DOCTYPE must stand before the root element (XML 1.0, 2.8)
_DOCTYPE = "The XML declares a document type, which is not accepted."


def alerts(body: bytes) -> list[etree._Element]:
    """Return the alerts in ``body``: its root, or those embedded in the entries of an Atom or RSS feed.

    Raises ``SourceRefused`` for anything else, and for an index that only points to alerts.
    """
    root = _root(body)
    name = etree.QName(root)
    if name.localname == "alert":
        if name.namespace not in NAMESPACES:
            raise SourceRefused(f"The alert's namespace {str(name.namespace or 'none')[:100]!r} is not CAP 1.1 or 1.2.")
        return [root]
    if name.localname not in _FEEDS:
        raise SourceRefused(f"This is no CAP alert: the file begins with <{name.localname[:40]}>.")
    found = [one for namespace in NAMESPACES for one in root.iter(f"{{{namespace}}}alert")]
    if not found and next(root.iter(_ATOM_ENTRY, "item", "{*}item"), None) is not None:
        raise SourceRefused("This is an index of alerts; give the address of the alerts themselves or of their bundle.")
    return found


def _root(body: bytes) -> etree._Element:
    """Return the root element of ``body``; raise ``SourceRefused`` if it is broken or declares a DOCTYPE."""
    head = body[:_LOOKED_AT].replace(b"\0", b"").lstrip()  # UTF-16 hides the word behind NULs
    if b"<!DOCTYPE" in head.upper():
        raise SourceRefused(_DOCTYPE)
    if head[:1] in (b"{", b"["):
        raise SourceRefused("This is JSON; a source of this kind answers with CAP as XML or in a zip file.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise SourceRefused(f"The XML is broken: {str(error)[:200]}") from error
    # Encodings that spell the word differently are seen here; nothing was expanded or loaded meanwhile.
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceRefused(_DOCTYPE)
    return root
