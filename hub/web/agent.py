"""A browser's name in words, for the list of sign-ins: enough to know one's own again, too little to track (T-04)."""

from __future__ import annotations

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
             ("FxiOS", "Firefox"), ("Chrome/", "Chrome"), ("CriOS", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def agent(header: str) -> str:
    """Return ``Firefox, Android`` for a ``User-Agent``; empty parts are left out."""
    given = header[:400]
    found = [next((name for mark, name in marks if mark in given), "") for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(one for one in found if one)
