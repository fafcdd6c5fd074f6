"""Fetch an event calendar if it changed, and judge whether it is the whole calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from feeds._conditional import read
from hub.core.ports import Http, Limits
from hub.core.source import Fetched, FetchState, NotModified, Source

LIMITS = Limits(size=5_000_000)
_ACCEPT = "text/calendar, */*;q=0.5"
# Programs whose address gives the whole calendar. Many content systems give the next ten events only: there a new
# event pushes the last one out, which nobody called off.
_WHOLE = re.compile(
    rb"^PRODID:[^\r\n]{0,200}(?:Google Inc//Google Calendar|SabreDAV|Sabre//Sabre VObject|Nextcloud|Microsoft Exchange"
    rb"|Microsoft Corporation//Outlook|Apple Inc|davical|Zimbra|Kopano|SOGo|Radicale|Baikal|Open-Xchange)",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD = 4_000  # bytes in which PRODID must stand


def fetch(source: Source, state: FetchState, http: Http) -> Fetched | NotModified:
    """Fetch the calendar if it changed; ``webcal:`` is https. Raises ``SourceError`` only."""
    url = re.sub(r"^webcals?://", "https://", source.url, flags=re.IGNORECASE)
    answer = read(source, state, http, datetime.now(UTC), urls=[url], limits=LIMITS, accept=_ACCEPT)
    if isinstance(answer, NotModified):
        return answer
    return replace(answer, snapshot=is_whole(answer))


def is_whole(fetched: Fetched) -> bool:
    """Whether an event that the calendar no longer has was taken out of it: as set, else by the program (PRODID)."""
    wanted = fetched.source.config.get("complete", "auto")
    if wanted != "auto":
        return wanted == "yes"
    return all(_WHOLE.search(one.body[:_HEAD]) for one in fetched.documents)
