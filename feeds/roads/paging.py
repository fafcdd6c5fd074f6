"""Answers in pages: WFS and OGC API (``startIndex``, ``count``, ``next``), Open511 (``pagination.next_url``).

Only the head and the foot of a page are looked at: reading it is the parser's business, in its own process.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

_LOOKED_AT = 16_384  # bytes at each end of a page
_NEXT_XML = re.compile(rb"<[^<>]*FeatureCollection[^<>]*?\snext\s*=\s*[\"']([^\"'<>]{1,2000})[\"']")
_NEXT_JSON = re.compile(rb"\{[^{}\[\]]*\"rel\"\s*:\s*\"next\"[^{}\[\]]*\}")
_OPEN511 = re.compile(rb"\"pagination\"\s*:\s*(\{[^{}\[\]]*\})|<pagination>(.{0,2000}?)</pagination>", re.DOTALL)
_MATCHED = re.compile(rb"\b(?:numberMatched|totalFeatures)\"?\s*[:=]\s*\"?(\d{1,9})\b")
_RETURNED = re.compile(rb"\b(?:numberReturned|numberOfFeatures)\"?\s*[:=]\s*\"?(\d{1,9})\b")
_FEATURE = re.compile(rb"\"type\"\s*:\s*\"Feature\"|<(?:wfs:)?member>|<gml:featureMember>")


def is_wfs(url: str) -> bool:
    """Whether ``url`` asks a WFS for features."""
    query = _query(url)
    return query.get("service", "").lower() == "wfs" and query.get("request", "").lower() == "getfeature"


def next_page(url: str, body: bytes, read: int) -> str:
    """Return the address of the page after the one at ``url``, empty if this is the last.

    ``read`` is how many entries the pages so far had. A link to another host is not followed: map servers behind a
    proxy name their inner address, so the next page is then asked for by its index.
    """
    ends = (body[:_LOOKED_AT], body[-_LOOKED_AT:])
    link = next(filter(None, map(_link, ends)), "")
    target = urljoin(url, link) if link else ""
    if target and urlsplit(target).hostname == urlsplit(url).hostname:
        return urlunsplit((urlsplit(url).scheme, *urlsplit(target)[1:]))
    matched = next((int(found[1]) for part in ends if (found := _MATCHED.search(part))), 0)
    if not is_wfs(url) or not matched or not read or matched <= read:
        return ""
    return _with(url, startIndex=str(read))


def count_of(body: bytes) -> int:
    """Return how many entries a page says or seems to have."""
    for part in (body[:_LOOKED_AT], body[-_LOOKED_AT:]):
        if said := _RETURNED.search(part):
            return int(said[1])
    return sum(1 for _ in _FEATURE.finditer(body))


def is_whole(bodies: Sequence[bytes]) -> bool:
    """Whether each of ``bodies`` is a list of what holds now, not a single entry or what changed since (DATEX II)."""
    return bool(bodies) and all(_LIST.search(one[:65_536]) and not _CHANGES.search(one[:65_536]) for one in bodies)


_LIST = re.compile(
    rb"\"(?:roadworks|closure|warning|features|events|incidents)\"\s*:\s*[\[{]|"
    rb"<(?:\w+:)?(?:FeatureCollection|incidents|open511|d2LogicalModel|messageContainer|payload)\b"
)
_CHANGES = re.compile(rb"\b(?:singleElementUpdate|allElementUpdate|deltaPush|deltaPull|simpleDelta\w*)\b")


def _link(part: bytes) -> str:
    """Return the link to the next page that ``part`` holds."""
    if match := _NEXT_XML.search(part):
        return html.unescape(match[1].decode("utf-8", "replace"))
    if match := _NEXT_JSON.search(part):
        return _member(match[0], "href")
    if match := _OPEN511.search(part):
        if match[1]:
            return _member(match[1], "next_url")
        link = re.search(rb"<link[^<>]*rel=[\"']next[\"'][^<>]*href=[\"']([^\"'<>]+)", match[2])
        return html.unescape(link[1].decode("utf-8", "replace")) if link else ""
    return ""


def _member(text: bytes, name: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) and len(found) < 2_000 else ""  # noqa: PLR2004 - an address


def _query(url: str) -> dict[str, str]:
    try:
        return {name.lower(): value for name, value in parse_qsl(urlsplit(url).query, max_num_fields=100)}
    except ValueError:
        return {}


def _with(url: str, **changes: str) -> str:
    """Return ``url`` with these parameters instead of its own of the same names."""
    parts = urlsplit(url)
    lower = {name.lower() for name in changes}
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0].lower() not in lower]
    return urlunsplit(parts._replace(query=urlencode([*kept, *changes.items()])))
