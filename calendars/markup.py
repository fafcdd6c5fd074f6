"""Plain text out of HTML that exporters leave in SUMMARY, DESCRIPTION and LOCATION, which are plain (RFC 5545, 3.3.11).

Nothing is trusted here: the result is text, and whoever shows it escapes it as any other.
"""

from __future__ import annotations

import html
import re

_NAMES = (
    "a|abbr|b|big|blockquote|body|br|center|code|dd|del|div|dl|dt|em|font|h[1-6]|head|hr|html|i|img|ins|li|meta|ol|p|pre"
    "|s|script|small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|title|tr|u|ul"
)
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s[^<>]{{0,2000}})?\s?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s?/?>|</(?:p|div|li|tr|h[1-6]|table|ul|ol)>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


def has_markup(text: str) -> bool:
    """Whether ``text`` holds a tag or a character reference of HTML; a mere ``<`` or ``&`` is none."""
    return ("<" in text and _TAG.search(text) is not None) or ("&" in text and _ENTITY.search(text) is not None)


def without_markup(text: str) -> str:
    """Return ``text`` without tags and with character references resolved; breaks become lines.

    Escaped HTML (``&lt;br&gt;``) is resolved first, so that it does not come out as a tag that people read.
    """
    plain = html.unescape(text) if "&" in text else text
    plain = _TAG.sub("", _BREAK.sub("\n", _silenced(plain)))
    lines = [line.strip() for line in html.unescape(plain).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _silenced(text: str) -> str:
    """Drop what stands inside <script> and <style>; one pass each, whatever the nesting."""
    for name in ("script", "style"):
        opening, closing = re.compile(f"<{name}", re.IGNORECASE), re.compile(f"</{name}[^>]{{0,20}}>", re.IGNORECASE)
        kept, at = "", 0
        while (start := opening.search(text, at)) and (end := closing.search(text, start.end())):
            kept, at = kept + text[at : start.start()], end.end()
        text = kept + text[at:]
    return text
