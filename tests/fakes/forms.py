"""Forms of pages as a browser without scripts would send them."""

from __future__ import annotations

import re
from html import unescape


def form(text: str) -> dict[str, str]:
    """Return the fields of the page's form as a browser would send them."""
    text = text[text.index("data-start") :]
    text = text[: text.index("</form>")]
    found = {}
    for tag in re.findall(r"<input [^>]+>", text):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("name") and (given.get("type") not in {"checkbox", "radio"} or " checked" in tag):
            found[given["name"]] = unescape(given.get("value", ""))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = unescape(chosen[1])
    return found
