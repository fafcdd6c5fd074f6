"""Content lines and components (RFC 5545, 3.1, 3.4): cut a text into raw events without judging their values.

One pass, no recursion, linear time: nesting depth is a counter, so no input can exhaust the stack.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.core.errors import SourceRefused

LONGEST_LINE = 100_000  # characters after unfolding; a longer property is dropped
MOST_VALUES = 6_000  # lines of one name in one component; more are dropped
_START = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]{0,60})\s*([;:])")
_DATES = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS"}
_ESCAPE = re.compile(r"\\([\\;,nN:\"])")


@dataclass(slots=True)
class Line:
    """One content line: parameters with upper-case names, and the raw value."""

    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """The content lines of a component by upper-case name; nested components are left out (alarms are foreign)."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    broken: str = ""  # why it cannot be used, as a clause

    def first(self, name: str) -> Line | None:
        """Return the first line called ``name``."""
        found = self.lines.get(name)
        return found[0] if found else None

    def text(self, name: str, longest: int) -> str:
        """Return the TEXT value of ``name`` (RFC 5545, 3.3.11) unescaped and stripped, at most ``longest`` long."""
        line = self.first(name)
        return unescape(line.value[: longest * 2]).strip()[:longest] if line else ""

    def every(self, name: str) -> list[Line]:
        """Return all lines called ``name``."""
        return self.lines.get(name, [])


@dataclass(slots=True)
class Cut:
    """A text cut up: the calendars' own properties, the raw events, and how often what was odd (repair names)."""

    calendar: Component
    events: list[Component]
    odd: Counter[str]


def unescape(value: str) -> str:
    """Undo the escapes of TEXT (RFC 5545, 3.3.11)."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def parse_line(line: str) -> tuple[str, Line] | None:
    """Read one unfolded line; ``None`` if it does not begin like a property. Forgives blanks and empty parameters."""
    start = _START.match(line)
    if start is None:
        return None
    name, rest = start[1].upper(), line[start.end() :]
    if start[2] == ":":
        return name, Line({}, rest)
    params, value = _params(rest)
    return name, Line(params, value)


def _params(rest: str) -> tuple[dict[str, str], str]:
    """Split ``A=1;B="x:y":value``; a colon inside quotes does not end the parameters."""
    head, value = _outside_quotes(rest)
    found: dict[str, str] = {}
    for one in re.findall(r'(?:[^;"]|"[^"]*"?)+', head):
        name, _, content = one.partition("=")
        if name.strip():
            found[name.strip().upper()] = content.strip().strip('"').strip()
    return found, value


def _outside_quotes(rest: str) -> tuple[str, str]:
    """Split ``rest`` at its first colon outside quotes; an unclosed quote counts as a letter."""
    if '"' not in rest:
        head, _, value = rest.partition(":")
        return head, value
    quoted = False
    for at, letter in enumerate(rest):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return rest[:at], rest[at + 1 :]
    head, _, value = rest.partition(":")
    return head, value


def unfold(text: str) -> Iterator[str]:
    """Yield the logical lines of ``text`` (line breaks LF only, no empty lines), continuations joined (3.1)."""
    parts: list[str] = []
    for line in text.split("\n"):
        if line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        if parts:
            yield "".join(parts)
        parts = [line]
    yield "".join(parts)


def cut(text: str, most_events: int) -> Cut:
    """Cut ``text`` into events.

    Raises ``SourceRefused`` if it ends inside a calendar (a broken download looks like that, and half a calendar must
    not pass for a whole one) or holds more than ``most_events`` events.
    """
    cutter = _Cutter(most_events)
    for line in unfold(text):
        cutter.take(line)
    if cutter.event is not None or cutter.inside:
        raise SourceRefused("The calendar is cut off: its end (END:VCALENDAR) is missing.")
    return cutter.found


class _Cutter:
    """Follows BEGIN and END; knows the event it is in, and how deep below it."""

    def __init__(self, most_events: int) -> None:
        self.found = Cut(Component(), [], Counter())
        self.event: Component | None = None
        self.inside = False  # a VCALENDAR
        self._most = most_events
        self._deep: list[str] = []  # open components other than VCALENDAR and VEVENT
        self._last: Line | None = None

    def take(self, line: str) -> None:
        parsed = parse_line(line) if len(line) <= LONGEST_LINE else None
        if len(line) > LONGEST_LINE:
            self._overlong(line[:80])
        elif parsed is None:
            self._continue(line)
        elif parsed[0] == "BEGIN":
            self._begin(parsed[1].value.strip().upper())
        elif parsed[0] == "END":
            self._end(parsed[1].value.strip().upper())
        elif not self._deep:
            self._keep(*parsed)

    def _overlong(self, head: str) -> None:
        """A line too long to read is left out; an event without its dates is broken, without a text it is not."""
        self.found.odd["overlong-line"] += 1
        self._last = None
        name = _START.match(head)
        if self.event is not None and not self._deep and name and name[1].upper() in _DATES:
            self.event.broken = f"its {name[1].upper()} is longer than {LONGEST_LINE:,} characters"

    def _continue(self, line: str) -> None:
        """A line that is no property: the value before it held a raw line break."""
        if self._last is not None and not self._deep and line.strip() and len(self._last.value) < LONGEST_LINE:
            self._last.value += "\\n" + line
            self.found.odd["raw-line-break"] += 1

    def _keep(self, name: str, line: Line) -> None:
        self._last = line
        target = self.event if self.event is not None else self.found.calendar
        known = target.lines.setdefault(name, [])
        if len(known) < MOST_VALUES:
            known.append(line)

    def _begin(self, name: str) -> None:
        self._last = None
        if name == "VEVENT":
            if self.event is not None or self._deep:
                self.found.odd["unclosed-component"] += 1
                self._close()
            self._deep.clear()
            self.event = Component()
        elif name == "VCALENDAR":
            self.inside = True
        else:
            self._deep.append(name)

    def _end(self, name: str) -> None:
        self._last = None
        if name == "VEVENT":
            self._deep.clear()
            self._close()
        elif name == "VCALENDAR":
            self._deep.clear()
            if self.event is not None:
                self.found.odd["unclosed-component"] += 1
            self._close()
            self.inside = False
        elif self._deep:
            self._deep.pop()

    def _close(self) -> None:
        if self.event is None:
            return
        self.found.events.append(self.event)
        self.event = None
        if len(self.found.events) > self._most:
            raise SourceRefused(f"The calendar holds more than {self._most:,} events.")
