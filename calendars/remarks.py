"""What each named repair did, in a clause for the clerk who looks at a calendar before it goes live.

A name here is a promise: providers are told of it, tests hold a file for each (``tests/calendars/test_repairs.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# ``{n}`` is how often it was needed; what is no event says what is counted.
REPAIRS: Mapping[str, str] = {
    # bytes
    "not-utf-8": "the text is not UTF-8 and was read as Windows-1252",
    "charset-header": "the server names another encoding than the text has",
    "byte-order-mark": "the text begins with a byte order mark, or is UTF-16",
    "cut-character": "line folds cut characters in two",
    "double-utf-8": "letters that were encoded twice (MÃ¼ll) were put right",
    # text
    "control-characters": "control characters were taken out",
    "line-endings": "lines end in different ways",
    "blank-lines": "empty lines were left out",
    "text-before-calendar": "something stood before the calendar and was left out",
    "text-after-calendar": "something stood after the calendar and was left out",
    # lines and components
    "overlong-line": "{n} lines were too long and were left out",
    "raw-line-break": "{n} line breaks inside a text were not written as such",
    "unclosed-component": "{n} events had no end (END:VEVENT)",
    # dates, times, zones
    "date-without-value": "{n} whole days were not marked as such (VALUE=DATE)",
    "time-in-date": "{n} whole days had a time, which was left out",
    "offset-in-time": "{n} times had an offset instead of a zone",
    "floating-time": "{n} times named no zone and were read as local",
    "unknown-zone": "{n} time zones are unknown and were read as local",
    "windows-zone": "{n} time zones had a Windows name",
    "zone-in-path": "{n} time zones were written as a path",
    "zone-spelling": "{n} time zones were spelt otherwise",
    "empty-date-list": "{n} lists of dates were empty",
    "period-as-start": "{n} periods counted by the start",
    "unreadable-end": "{n} events had an end that is no date; it was left out",
    "empty-rule": "{n} events had an empty rule",
    "odd-rule-part": "{n} rules had empty or private parts, which were left out",
    # events
    "missing-uid": "{n} events had no UID; the content is the identity",
    "missing-dtstamp": "{n} events had no DTSTAMP",
    "mixed-end": "{n} events had a day for a start and a time for an end, or the other way round",
    "end-before-start": "{n} events had an end before the start; it was left out",
    "midnight-as-day": "{n} events at midnight were read as whole days",
    "zero-length": "{n} events had an end equal to the start",
    "duplicate-rule": "{n} events had the same rule twice",
    "until-mismatch": "{n} rules ended with a day where a time belongs, or the other way round",
    "exception-mismatch": "{n} events had exceptions of another kind than the start",
    "html-in-text": "{n} events had HTML in the texts",
    "old-versions": "{n} earlier versions of events were left out",
    "duplicate-events": "{n} events stood there twice",
    "shared-uid": "{n} events shared a UID with another one",
}


def remarks(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return ``name: sentence`` for each repair that was needed, in the order in which it was."""
    return tuple(f"{name}: {_sentence(REPAIRS[name], count)}" for name, count in counts.items() if count)


def _sentence(text: str, count: int) -> str:
    found = text.format(n=f"{count:,}")
    if count != 1 or found == text:
        return found
    return re.sub(r"^(1 (?:\w+ )?\w+?)s\b", r"\1", found).replace(" were ", " was ").replace(" are ", " is ")
