"""XML from strangers, read element by element: no DOCTYPE, no entities, no network, no huge texts.

Names are compared without their namespace: the versions and national extensions of DATEX II differ in it, not in
what an element means.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from functools import cache

from lxml import etree

from hub.core.errors import SourceRefused

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_LOOKED_AT = 65_536  # bytes: a DOCTYPE must stand before the root element (XML 1.0, 2.8)
_DEEPEST = 200  # elements within elements


def elements(body: bytes, names: Collection[str], heads: Collection[str] = ()) -> Iterator[etree._Element]:
    """Yield the root as soon as it is open, then each whole element called one of ``names``, then forget that one.

    Elements of ``heads`` are yielded too when they open (their attributes are there, their content is not). Raises
    ``SourceRefused`` where the XML declares a document type, is broken or nested too deeply.
    """
    head = body[:_LOOKED_AT].replace(b"\0", b"")  # UTF-16 hides the word behind NULs
    if b"<!DOCTYPE" in head.upper():
        raise SourceRefused("The XML declares a document type, which is not accepted.")
    events = etree.iterparse(
        io.BytesIO(body.lstrip()), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    depth, inside = 0, 0
    try:
        for event, element in events:
            name = local_name(element)
            if event == "start":
                depth += 1
                _check(element, depth)
                if depth == 1 or name in heads:
                    yield element
                inside += name in names
            else:
                depth -= 1
                inside -= name in names
                if name in names and not inside:
                    yield element
                    _forget(element)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise SourceRefused(f"The XML is broken: {' '.join(str(error).split())[:200]}") from error


def root_name(body: bytes) -> str:
    """Return the local name of the root element. Raises as :func:`elements`."""
    return local_name(next(elements(body, ())))


def local_name(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def type_of(element: etree._Element) -> str:
    """Return the local name of the element's ``xsi:type``, empty if it has none."""
    return str(element.get(_TYPE, "")).rpartition(":")[2].strip()


def children(element: etree._Element | None, *names: str) -> list[etree._Element]:
    """Return the direct children called one of ``names``, in document order."""
    return list(element.iterchildren(*_wanted(names))) if element is not None else []


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first element at ``path`` below ``element``, ``None`` if there is none."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(*_wanted((name,))), None)
    return element


def text(element: etree._Element | None, *path: str) -> str:
    """Return the text at ``path`` on one line, empty if there is none."""
    found = child(element, *path)
    return " ".join((found.text or "").split()) if found is not None else ""


def below(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """Yield every element called one of ``names`` at any depth below ``element``."""
    if element is not None:
        yield from element.iterdescendants(*_wanted(names))


@cache
def _wanted(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``names`` in any namespace, as lxml compares them by itself, which is many times faster."""
    return tuple(f"{{*}}{name}" for name in names)


def _check(element: etree._Element, depth: int) -> None:
    if depth > _DEEPEST:
        raise SourceRefused("The XML is nested too deeply to be real data.")
    # Encodings that spell DOCTYPE differently are seen here; nothing was expanded or loaded meanwhile.
    if depth == 1 and element.getroottree().docinfo.internalDTD is not None:
        raise SourceRefused("The XML declares a document type, which is not accepted.")


def _forget(element: etree._Element) -> None:
    """Free the element and what stood before it, so that a long list needs no more room than one entry."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
