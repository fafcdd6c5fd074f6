"""Which entries of two polls are the same real item, although ids, addresses and titles change (S-06).

An entry has up to four features: canonical link, title, id, and the time it was published. Two entries are the
same item when two features agree. Each pair is a name of the item: the first is its key, the others become
``references``, by which the hub finds what it already knows. A name that two entries of one feed share
names neither of them.

A link that several entries share, or that leads to a start page, tells nothing ("Öffnungszeiten" of every season
stand on one page): it counts as none. A permalink, with a number or several words in it, is a name by itself: its
page stays the same page, even if id, title and date are all made anew.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"(utm_.*|mtm_.*|pk_.*|hsa_.*|at_(medium|campaign|link.*)|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid"
    r"|twclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi|wt_?(mc|zmc).*|cHash|PHPSESSID|jsessionid|sessionid|ref_src)",
    re.IGNORECASE,
)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PERMALINK = re.compile(r"(?:^|[/=-])\d{1,12}(?:$|[/&.-])|[^/=&]+-[^/=&-]+-[^/=&]+|\d{4,}")
_POSITION = re.compile(r"\d{0,3}", re.ASCII)  # an id that may be no more than a place in the list


@dataclass(frozen=True, slots=True)
class Features:
    """What may tell one item from another; empty where the entry has none.

    ``date`` is an exact UTC time or "", ``day`` the day of it, also where no time is known.
    """

    link: str = ""
    title: str = ""
    guid: str = ""
    date: str = ""
    body: str = ""
    day: str = ""


def canonical(url: str) -> str:
    """Return ``url`` in the form in which two addresses of one page are equal, or "" if it is no web address.

    http counts as https; ``www.``, tracking and session parameters, the fragment, a default port and a trailing slash
    fall away; the host is lower case, the parameters are in order.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower().removeprefix("www.")
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return ""
    if port and port not in _DEFAULT_PORTS.values():
        host = f"{host}:{port}"
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        pairs = [(parts.query, "")]
    query = urlencode(sorted(one for one in pairs if not _TRACKING.fullmatch(one[0])))
    path = _SESSION.sub("", parts.path).rstrip("/")
    return urlunsplit(("https", host, path, query, ""))


def untracked(url: str) -> str:
    """Return ``url`` without tracking and session parameters, which differ at every fetch; else as it is."""
    head, mark, rest = url.partition("?")
    query, fragment_mark, fragment = rest.partition("#")
    kept = [one for one in query.split("&") if not _TRACKING.fullmatch(one.partition("=")[0])]
    if not mark or len(kept) == len(query.split("&")):
        return url
    return head + ("?" if kept else "") + "&".join(kept) + fragment_mark + fragment


def plain_title(title: str) -> str:
    """Return ``title`` as it is compared: case and spacing do not count."""
    return " ".join(title.casefold().split())


def names(entries: Sequence[Features]) -> list[tuple[str, ...]]:
    """Return for each entry its names, the key first; () for one that repeats an earlier entry."""
    distinct = list(dict.fromkeys(entries))
    if len(distinct) < len(entries):  # a feed that lists one entry twice still has one item
        named = dict(zip(distinct, names(distinct), strict=True))
        return [named.pop(one, ()) for one in entries]
    common = _common_links(entries)
    pairs = [_pairs(one, common) for one in entries]
    shared = Counter(name for found in pairs for name in found.values())
    lone = Counter(name for one in entries for name in _lone(one, common))
    taken: set[str] = set()
    result = []
    for one, found in zip(entries, pairs, strict=True):
        own = [name for name in _key_candidates(one, found, common) if shared[name] + lone[name] == 1]
        key = own[0] if own else _name("all", one.link, one.title, one.date, one.guid, one.body)
        aliases = [name for name in found.values() if shared[name] == 1 and name != key]
        result.append(() if key in taken else (key, *aliases))
        taken.add(key)
    return result


def _common_links(entries: Sequence[Features]) -> set[str]:
    """Return the links that tell nothing: several entries share them, or they lead to a start page."""
    count = Counter(one.link for one in dict.fromkeys(entries))
    return {link for link, times in count.items() if times > 1 or not _leads_somewhere(link)}


def _leads_somewhere(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.path or parts.query)


def _key_candidates(one: Features, found: dict[str, str], common: set[str]) -> list[str]:
    """Return the names that may be the entry's key, the most lasting first; without a link of its own, its id is."""
    lone = _lone(one, common)
    return [*lone, *found.values()] if lone else [*found.values()]


def _lone(one: Features, common: set[str]) -> list[str]:
    """Return the names of one feature only: good for a key where there is nothing better, never for an alias."""
    if one.link and one.link not in common:
        return []
    features = (("guid", one.guid), ("title", one.title if not one.date else ""), ("body", one.body))
    return [_name(kind, value) for kind, value in features if value][:1]


def _pairs(one: Features, common: set[str]) -> dict[str, str]:
    """Return the names of an entry by the two features each is made of, the most lasting first."""
    guid = "" if _POSITION.fullmatch(one.guid) or canonical(one.guid) == one.link != "" else one.guid
    link = "" if one.link in common else one.link
    parts = {
        "link+title": (link, one.title),
        "guid+title": (guid, one.title),
        "guid+link": (guid, link),
        "link+date": (link, one.date),
        "title+date": (one.title, one.date),
        "guid+date": (guid, one.date),
        "title+day": () if link else (one.title, one.day),
        "title+page": () if link or one.day else (one.title, one.link),
        "permalink": (link,) if _is_permalink(link) else (),
    }
    return {kind: _name(kind, *values) for kind, values in parts.items() if values and all(values)}


def _is_permalink(link: str) -> bool:
    parts = urlsplit(link)
    return bool(_PERMALINK.search(parts.path) or _PERMALINK.search(parts.query))


def _name(kind: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
    return f"{kind}:{digest[:32]}"
