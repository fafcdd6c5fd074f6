"""From fields to a draft: everything is read that can be, the rest is said by its field and left as it was. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from hub.core import drawing, repeating, wallclock
from hub.core.draft import Area, Attachment, Certainty, Draft, Mode, Urgency
from hub.core.missing import usual_end
from hub.core.notice import Geometry, NoticeText, Occurrence, PlaceRef, Severity
from hub.core.place import is_house, slug
from hub.core.tongues import TONGUES
from hub.web.writing.fields import TEXT, Form, Place, kept
from hub.web.writing.words import FLAWS


def _(message: str) -> str:
    return message


_NO_DATE = _("Please write the date as in 24.11.2026.")
_NO_TIME = _("Please write the time as in 08:30.")
_NO_DAY = _("Please name the day, too.")
_NO_HOUSE = _("House numbers are written as in 7, 12a, 20-40.")
_NO_PLAN = _("These dates do not work: a hundred at most, and none may repeat until before it begins.")
_NO_URL = _("A website begins with https://.")
_GAP = _("Clocks never show {time} that night. It is taken an hour later.")
_FOLD = _("Clocks show {time} twice that night. It is taken the first time.")
_LONGEST_LINE, _LONGEST_TEXT = 500, 20_000
_MORNING = time(8)
_LAST = time(23, 59)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a form is read. ``others``: paths of further municipalities that its writer may write in, by slug.

    ``known``: the local places that may be chosen, kind and name by path. ``base`` is the draft as it was.
    """

    own: Place
    now: datetime
    base: Draft = field(default_factory=Draft)
    others: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    files: Mapping[str, Attachment] = field(default_factory=dict)
    ground: drawing.Ground = field(default_factory=drawing.Ground)
    topics: tuple[str, ...] = ()
    language: str = "de"  # of the municipality


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field, as an English text with what it names."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """The draft, the faults by field, and remarks on times."""

    draft: Draft
    faults: Mapping[str, Fault]
    remarks: tuple[Fault, ...] = ()


class _Reader:
    def __init__(self, form: Form, setting: Setting) -> None:
        self.form, self.at = form, setting
        self.faults: dict[str, Fault] = {}
        self.remarks: list[Fault] = []

    def typed(self, name: str) -> str:
        return self.form.values.get(name, "")

    def moment(self, name: str, default: time, was: datetime | None) -> datetime | None:
        """Return the moment of a day and a time; what cannot be read stays as it was."""
        day, clock = self.typed(f"{name}.date"), self.typed(f"{name}.time")
        if not day:
            if clock and name != "until":
                self.faults[f"{name}.date"] = Fault(_NO_DAY)
            return None
        try:
            on = wallclock.day_of(day)
        except ValueError:
            self.faults[f"{name}.date"] = Fault(_NO_DATE)
            return was
        try:
            found = wallclock.shown(on, wallclock.time_of(clock) if clock else default, self.at.own.zone)
        except ValueError:
            self.faults[f"{name}.time"] = Fault(_NO_TIME)
            return was
        if found.remark is not None:
            odd = _GAP if found.remark is wallclock.Remark.GAP else _FOLD
            self.remarks.append(Fault(odd, {"time": clock}))
        return found.moment

    def texts(self) -> tuple[NoticeText, ...]:
        found = []
        main = self.form.langs[0] if self.form.langs else self.at.language
        for lang in self.form.langs or (main,):
            title, body, instruction = (self.typed(f"{lang}.{part}")[:_LONGEST_TEXT] for part in TEXT)
            if lang in TONGUES and (lang == main or title or body or instruction):
                found.append(NoticeText(lang, " ".join(title.split())[:_LONGEST_LINE], body, instruction=instruction))
        return tuple(found)

    def areas(self) -> tuple[Area, ...]:
        own, found = self.at.own, []
        local = tuple(self._refs(own.path))
        if self.form.scope == "all" or (self.form.scope == "some" and local):
            found.append(Area(own.slug, () if self.form.scope == "all" else local))
        towns = [one for one in self.form.towns if one in self.at.others]
        found += [Area(one, tuple(self._refs(self.at.others[one]))) for one in towns]
        # What somebody else may say of other municipalities is not theirs to take away.
        return (*found, *(one for one in self.at.base.areas if one.town not in {own.slug, *self.at.others}))

    def _refs(self, town: str) -> Iterator[PlaceRef]:
        for path, houses in self.form.places.items():
            known = self.at.known.get(path)
            if known is None or path.partition("/")[0] != town:
                continue
            kind, name = known
            value = name if slug(name) == path.rpartition(":")[2] else path.rpartition(":")[2]
            numbers = [one.strip().replace("–", "-").replace("/", "-") for one in houses.split(",") if one.strip()]
            wrong = [one for one in numbers if not is_house(one)]
            if wrong and kind == "street":
                self.faults["places"] = Fault(_NO_HOUSE)
            right = [one for one in numbers if one not in wrong] if kind == "street" else []
            if not right:
                yield PlaceRef(kind, value, name)
            yield from (PlaceRef("house", f"{value}/{one}", f"{name} {one}") for one in right)

    def geometry(self) -> Geometry | None:
        drawn, wrong = drawing.read(self.typed("drawn"), self.at.ground)
        if not wrong:
            return drawn
        self.faults["drawn"] = Fault(FLAWS[wrong[0].flaw], {"line": wrong[0].line})
        return self.at.base.geometry

    def occurrences(self) -> tuple[Occurrence, ...]:
        lines = []
        for at, row in enumerate(self.form.rows):
            line = self._planned(at, row)
            if line is None:
                return self.at.base.occurrences
            lines.append(line)
        try:
            return repeating.dates(lines, self.at.own.zone)
        except (ValueError, OverflowError):
            self.faults["dates"] = Fault(_NO_PLAN)
            return self.at.base.occurrences

    def _planned(self, at: int, row: Mapping[str, str]) -> repeating.Planned | None:
        found: dict[str, object] = {}
        for part, read, text in (
            ("day", wallclock.day_of, _NO_DATE), ("begin", wallclock.time_of, _NO_TIME),
            ("end", wallclock.time_of, _NO_TIME), ("weekly", wallclock.day_of, _NO_DATE),
        ):  # fmt: skip
            if not row[part] and part != "day":
                continue
            try:
                found[part] = read(row[part])
            except ValueError:
                self.faults[f"d{at}.{part}"] = Fault(text)
                return None
        return repeating.Planned(what=row["what"][:120], **found)  # type: ignore[arg-type]

    def url(self) -> str:
        written = self.typed("url")[:_LONGEST_LINE]
        if "." in written and not re.search(r"[\s:]", written):
            written = f"https://{written}"
        if written and not written.startswith(("https://", "http://")):
            self.faults["url"] = Fault(_NO_URL)
            return self.at.base.url
        return written


def read(form: Form, setting: Setting) -> Read:
    """Read a form; what is empty is empty, and only an end is always set."""
    one, base = _Reader(form, setting), setting.base
    topic = one.typed("topic")
    severity = next((s for s in Severity if s.name.lower() == one.typed("severity")), Severity.UNKNOWN)
    starts = one.moment("from", time(), base.valid_from)
    sends = one.moment("send", _MORNING, base.send_at)
    ends = one.moment("until", _LAST, base.expires)
    draft = Draft(
        topic=topic if topic in setting.topics else "",
        texts=one.texts(),
        severity=severity,
        urgency=next((u for u in Urgency if u.value == one.typed("urgency")), Urgency.UNKNOWN),
        certainty=next((c for c in Certainty if c.value == one.typed("certainty")), Certainty.UNKNOWN),
        category=base.category,
        areas=one.areas(),
        geometry=one.geometry(),
        valid_from=starts,
        expires=ends or usual_end(severity, max(starts or setting.now, sends or setting.now, setting.now)),
        occurrences=one.occurrences(),
        contact=one.typed("contact")[:_LONGEST_LINE],
        url=one.url(),
        attachments=kept(form.files, setting.files),
        mode=next((m for m in Mode if m.value == one.typed("mode")), base.mode),
        send_at=sends,
    )
    return Read(draft, one.faults, tuple(one.remarks))
