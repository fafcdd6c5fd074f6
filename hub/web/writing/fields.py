"""The form's fields as they were typed: read from a request, or made of a draft. Meaning comes in ``reading``. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from hub.core import drawing
from hub.core.draft import Attachment, Draft
from hub.core.notice import PlaceRef
from hub.core.place import local_path
from hub.core.repeating import Planned, plan
from hub.core.wallclock import typed

SIMPLE = (
    "topic", "severity", "urgency", "certainty", "drawn", "contact", "url", "from.date", "from.time", "until.date",
    "until.time", "send.date", "send.time", "mode",
)  # fmt: skip
TEXT = ("title", "body", "instruction")
ROW = ("day", "begin", "end", "weekly", "what")
MOST_ROWS, MOST_PLACES, MOST_FILES, MOST_TEXTS = 30, 200, 6, 12
HOUSES = "houses:"


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields hold. ``langs``: the main language first. ``places``: house numbers as typed, by the path.

    ``scope``: ``all`` of the town, ``some`` of it, or nothing yet. ``towns``: further municipalities. ``files`` that
    the draft has: name and title.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    langs: tuple[str, ...] = ()
    scope: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    towns: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def with_place(self, path: str, houses: str = "") -> Form:
        """Return the form with one more place."""
        known = self.places.get(path, "")
        both = ", ".join(dict.fromkeys(one for one in (known, houses) if one))
        return replace(self, places={**self.places, path: both}, scope="some")


def sent(given: MultiDict[str, str]) -> Form:
    """Return what a request sent; control characters and what is beyond the limits are left out."""

    def one(name: str) -> str:
        return given.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()

    langs = tuple(dict.fromkeys(given.getlist("lang")))[:MOST_TEXTS]
    names = (*SIMPLE, *(f"{lang}.{part}" for lang in langs for part in TEXT))
    paths = dict.fromkeys(given.getlist("place")[:MOST_PLACES])
    return Form(
        values={name: one(name) for name in names if name in given},
        langs=langs,
        scope=one("scope") or ("some" if paths else ""),
        places={path: one(HOUSES + path) for path in paths},
        towns=tuple(dict.fromkeys(given.getlist("town"))),
        rows=tuple(_rows(given)),
        files=tuple(
            (one(f"file{at}.name"), one(f"file{at}.title"))
            for at in range(MOST_FILES)
            if f"file{at}.name" in given and f"file{at}.drop" not in given
        ),
    )


def _rows(given: MultiDict[str, str]) -> Iterator[Mapping[str, str]]:
    for at in range(MOST_ROWS):
        row = {part: given.get(f"d{at}.{part}", "").strip() for part in ROW}
        if any(row.values()):
            yield row


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality as far as the form must know it."""

    slug: str
    path: str
    zone: str


def of_draft(draft: Draft, own: Place, others: Mapping[str, str], language: str) -> Form:
    """Return the fields that a draft fills; ``others``: paths of further municipalities by slug."""
    values = {
        "topic": draft.topic, "severity": draft.severity.name.lower(), "urgency": draft.urgency.value,
        "certainty": draft.certainty.value, "contact": draft.contact, "url": draft.url,
        "drawn": drawing.write(draft.geometry, language), "mode": draft.mode.value,
    }  # fmt: skip
    for name, moment in (("from", draft.valid_from), ("until", draft.expires), ("send", draft.send_at)):
        values[f"{name}.date"], values[f"{name}.time"] = typed(moment, own.zone)
    for text in draft.texts:
        values |= {f"{text.lang}.{part}": getattr(text, part) for part in TEXT}
    paths = {own.slug: own.path, **others}
    places: dict[str, list[str]] = {}
    for area in draft.areas:
        for ref in area.places:
            path, houses = place_of(ref, paths.get(area.town, ""))
            places.setdefault(path, []).extend([houses] * bool(houses))
    local = next((one.places for one in draft.areas if one.town == own.slug), None)
    return Form(
        values=values,
        langs=tuple(one.lang for one in draft.texts),
        scope="" if local is None else "some" if local else "all",
        places={path: ", ".join(houses) for path, houses in places.items()},
        towns=tuple(one for one in draft.towns if one != own.slug),
        rows=tuple(_row(one) for one in plan(draft.occurrences, own.zone)),
        files=tuple((one.name, one.title) for one in draft.attachments),
    )


def place_of(ref: PlaceRef, town: str) -> tuple[str, str]:
    """Return the path of a place below a municipality, and which of its house numbers are meant."""
    if ref.scheme != "house":
        return local_path(town, ref.scheme, ref.value), ""
    street, _, numbers = ref.value.partition("/")
    return local_path(town, "street", street), numbers


def _row(one: Planned) -> Mapping[str, str]:
    return {
        "day": one.day.isoformat(), "begin": f"{one.begin:%H:%M}" if one.begin else "",
        "end": f"{one.end:%H:%M}" if one.end else "", "weekly": one.weekly.isoformat() if one.weekly else "",
        "what": one.what,
    }  # fmt: skip


def kept(files: tuple[tuple[str, str], ...], known: Mapping[str, Attachment]) -> tuple[Attachment, ...]:
    """Return the files of a form that its municipality has, with their titles as typed."""
    return tuple(replace(known[name], title=title[:200]) for name, title in files if name in known)
