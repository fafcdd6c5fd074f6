"""Hostile HTML in, a few harmless tags and plain text out (P-04, P-12).

Length and depth are bounded before any HTML parser sees the text: 0.5 MB of nested ``<div>`` keep one busy for
20 seconds.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

import nh3

MAX_HTML = 65_536  # characters of one entry
MAX_DEPTH = 256
_SCHEMES = {"http", "https", "mailto"}
_KEPT = {"p", "br", "a", "ul", "ol", "li", "strong", "em", "b", "i", "h1", "h2", "h3", "h4", "h5", "h6"}
_DROPPED = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea", "select"}
_RENAMED = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"}
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})[^<>]{0,4000}>")
_BLOCK_END = re.compile(
    r"</(div|tr|td|th|dd|dt|dl|blockquote|section|article|figure|figcaption|table|pre|address|header|footer)\s*>",
    re.IGNORECASE,
)
_PIXEL = re.compile(r"""\s(?:width|height)\s*=\s*["']?[01]["'\s/>]""", re.IGNORECASE)
_IMAGE = re.compile(r"""<img\b[^<>]{0,2000}?\ssrc\s*=\s*(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')""", re.IGNORECASE)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p"}
)
_MAX_IMAGES = 5
_LONGEST_LINE = 5_000  # characters of a raw title
_BULLET = "– "


def safe_html(raw: str, base: str) -> str:
    """Return ``raw`` with nothing but text, paragraphs, lists, emphasis, headings and links; "" if it is too much.

    Relative links are resolved against ``base``; links other than http, https and mailto lose their address.
    """
    if len(raw) > MAX_HTML or depth(raw) > MAX_DEPTH:
        return ""
    spaced = _BLOCK_END.sub("<br>", raw)

    def absolute(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "rel":  # set by the cleaner itself; the source's own is not among the attributes
            return value
        return (_link(value, base) or None) if (tag, attribute) == ("a", "href") else None

    cleaned = nh3.clean(
        spaced,
        tags=_KEPT,
        clean_content_tags=_DROPPED,
        attributes={"a": {"href"}},
        attribute_filter=absolute,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return _tidied(_TAG.sub(_rename, cleaned))


def plain(markup: str) -> str:
    """Return the text of ``markup``: paragraphs as lines, list items with a dash. Any input is bearable."""
    text = re.sub(r"\s+", " ", markup[: 4 * MAX_HTML])
    text = re.sub(r"(?i)<(script|style)\b[^>]*>.*?(</\1\s*>|$)", " ", text)
    text = re.sub(r"(?i)<li\b[^<>]*>", f"\n{_BULLET}", text)
    text = re.sub(r"(?i)<br\b[^<>]*>|</?(p|div|tr|ul|ol|h[1-6]|blockquote|article|section)\b[^<>]*>", "\n", text)
    text = html.unescape(_TAG.sub("", re.sub(r"<!--.*?(-->|$)", "", text)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line and line != _BULLET.strip())


def one_line(raw: str) -> str:
    """Return a title as plain text on one line; escaped twice by the site, it is unescaped twice."""
    text = raw[:_LONGEST_LINE]
    for _ in range(2):
        text = html.unescape(text)
    without = _KNOWN_TAG.sub("", text)
    return " ".join(without.split())


def images(raw: str, base: str) -> list[str]:
    """Return the absolute http(s) addresses of the first images in ``raw``; counting pixels are none."""
    tags = re.findall(r"(?i)<img\b[^<>]{0,4000}>", raw[:MAX_HTML])
    sources = [_IMAGE.match(one) for one in tags if not _PIXEL.search(one)]
    found = (_link(html.unescape(one[1] or one[2]), base) for one in sources if one)
    return list(dict.fromkeys(one for one in found if one.startswith("http")))[:_MAX_IMAGES]


def web_address(url: str, base: str) -> str:
    """Return ``url`` as an absolute http(s) address, or "": ``javascript:``, ``data:`` and mail are none."""
    found = _link(url, base)
    return found if found.startswith("http") else ""


def depth(raw: str) -> int:
    """Return how deeply tags are nested at most, counting every start as open until an end tag comes."""
    deepest = level = 0
    # Looser than _TAG: what a parser takes for a tag must count here, whatever its attributes are.
    for found in re.finditer(r"<(/?)([A-Za-z][A-Za-z0-9]*)", raw):
        if found[2].lower() in _VOID:
            continue
        level = max(0, level - 1) if found[1] else level + 1
        deepest = max(deepest, level)
    return deepest


def _link(url: str, base: str) -> str:
    text = url.strip()
    if not text:
        return ""
    if any(one <= " " or one in '<>"\\' for one in text):
        text = re.sub(r"[\t\r\n]", "", text).replace(" ", "%20")
    try:
        found = urljoin(base, text)
        parts = urlsplit(found)
    except ValueError:
        return ""
    if parts.scheme == "mailto":
        return found
    bad = any(one <= " " or one in '<>"\\' for one in found)
    return found if parts.scheme in ("http", "https") and parts.hostname and not bad else ""


def _rename(tag: re.Match[str]) -> str:
    name = _RENAMED.get(tag[2])
    return f"<{tag[1]}{name}>" if name else tag[0]


def _tidied(markup: str) -> str:
    """Return ``markup`` without empty paragraphs and without breaks at its ends."""
    markup = re.sub(r"<(p|li|ul|ol|strong|em|h[2-4])>(?:\s|&nbsp;|<br>)*</\1>", "", markup)
    markup = re.sub(r"(?:<br>\s*){3,}", "<br><br>", markup)
    return re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", markup)


_KNOWN_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|div|em|font|h[1-6]|i|iframe|img|li|mark|object|ol|p|q|s|script|small|span|strike"
    r"|strong|style|sub|sup|svg|table|tbody|td|tr|tt|u|ul|video|wbr)(?:[\s/][^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
