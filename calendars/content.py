"""Content lines as RFC 5545 wants them written: clean, escaped, folded.

Everything foreign that ends up in a calendar passes :func:`clean` first: a line break in a title must never become
a line break on the wire, or a title could end its event and begin another one.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

_LINE_OCTETS = 75  # RFC 5545, 3.1, without the line break
_TOP_BITS, _CONTINUES = 0xC0, 0x80  # a byte 10xxxxxx continues a UTF-8 character (RFC 3629, 3)
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_URI = "%:/?#[]@!$&'()*+,;=-._~"  # RFC 3986, 2.2 and 2.3, and escapes that are there already


def clean(text: str) -> str:
    """Return ``text`` with a line feed for any line break, without control characters and halves of surrogate pairs.

    RFC 5545, 3.1 (CONTROL); a tab may stay.
    """
    return _CONTROLS.sub("", _BREAKS.sub("\n", text))


def text_value(text: str) -> str:
    """Write a TEXT value (RFC 5545, 3.3.11)."""
    return clean(text).translate(_ESCAPES)


def uri_value(url: str) -> str:
    """Write a URI value (RFC 5545, 3.3.13): what may not stand in a URI is percent-encoded, control characters go."""
    return quote(clean(url).replace("\n", "").strip(), safe=_URI)


def fold(line: str) -> bytes:
    """Return ``line`` as octets with CRLF, folded at 75 octets, no character cut in two (RFC 5545, 3.1)."""
    raw = line.encode()
    if len(raw) <= _LINE_OCTETS:
        return raw + b"\r\n"
    parts, start, room = [], 0, _LINE_OCTETS
    while len(raw) - start > room:
        end = start + room
        while raw[end] & _TOP_BITS == _CONTINUES:  # step back to the character's first byte
            end -= 1
        parts.append(raw[start:end])
        start, room = end, _LINE_OCTETS - 1  # the space that marks a continuation counts
    parts.append(raw[start:])
    return b"\r\n ".join(parts) + b"\r\n"


def utc_value(moment: datetime) -> str:
    """Write a DATE-TIME in UTC (RFC 5545, 3.3.5, form 2)."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def day_value(day: date) -> str:
    """Write a DATE (RFC 5545, 3.3.4)."""
    return day.strftime("%Y%m%d")


def duration_value(span: timedelta) -> str:
    """Write a DURATION (RFC 5545, 3.3.6) in days and time, to the second.

    Days stay days: across a clock change "a day before" means the same time of day.
    """
    sign, span = ("-", -span) if span < timedelta(0) else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    day = f"{span.days}D" if span.days else ""
    time = "".join(f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if value)
    if not day and not time:
        return "PT0S"
    return f"{sign}P{day}{'T' if time else ''}{time}"
