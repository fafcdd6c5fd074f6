"""What the form sends: fields, files and the button, read together; and how that becomes a draft, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import abort, request
from sqlalchemy import RowMapping
from werkzeug.datastructures import FileStorage

from hub.core.draft import Draft
from hub.core.errors import DraftChanged, DraftError
from hub.jobs import write
from hub.jobs.attach import MOST_FILES, attach
from hub.pictures import FileRefused
from hub.web.access import known
from hub.web.desk import house
from hub.web.writing import fields, words
from hub.web.writing.authoring import author, content, setting
from hub.web.writing.fields import Form
from hub.web.writing.reading import Fault, Read, read

MOST_BYTES = 24 * 1024 * 1024  # of a form with its files


def row_of(number: int) -> RowMapping:
    """Return a draft that whoever is signed in may work on; 404 if there is none for them."""
    with house().store.read() as session:
        try:
            return write.opened(session, author(), number)
        except DraftError:
            abort(404)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: by which button (``act``, and what it is about), the fields as they are now, the draft in them."""

    act: str
    about: str
    form: Form
    read: Read
    base: Draft
    faults: Mapping[str, Fault]


def read_form(slug: str, row: RowMapping | None, *, files: bool) -> Sent:
    """Return what this request sent; ``files``: take those that came along, too."""
    base = content(row) if row is not None else write.empty(author(), house().now())
    act, _colon, about = request.form.get("do", "save").partition(":")
    form = _pressed(fields.sent(request.form), act, about)
    faults: dict[str, Fault] = {}
    if files:
        form, faults = _uploaded(slug, form)
    with house().store.read() as session:
        at = setting(session, base, form)
    found = read(form, at)
    return Sent(act, about, form, found, base, {**found.faults, **faults})


def _pressed(form: Form, act: str, about: str) -> Form:
    """Return the fields after a button that changes them."""
    if act == "take":
        path, _bar, houses = request.form.get("pick", "").partition("|")
        return form.with_place(path, houses) if "/" in path else replace(form, scope="all") if path else form
    if act == "draw" and form.places and form.scope == "all":  # what was just added says more than what stood there
        return replace(form, scope="some")
    if act == "drop-language" and about in form.langs[1:]:
        return replace(form, langs=tuple(one for one in form.langs if one != about))
    return form


def _uploaded(slug: str, form: Form) -> tuple[Form, dict[str, Fault]]:
    """Return the fields with the files that came along, and what is wrong with those that could not."""
    faults: dict[str, Fault] = {}
    found = list(form.files)
    for one in request.files.getlist("upload"):
        if not one.filename:
            continue
        if len(found) >= MOST_FILES:
            faults["upload"] = Fault(words.FILES["many"])
            break
        try:
            made = attach(house(), slug, _bytes(one))
        except FileRefused as error:
            faults["upload"] = Fault(words.FILES[error.why])
            continue
        if made.name not in {name for name, _title in found}:
            found.append((made.name, request.form.get("upload.title", "").strip()))
    return replace(form, files=tuple(found)), faults


def _bytes(file: FileStorage) -> bytes:
    return file.stream.read(MOST_BYTES)


def seen() -> int:
    """Return the version that whoever sends this form saw."""
    text = request.form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0  # noqa: PLR2004 - more is no version


def begun(draft: Draft) -> int:
    """Begin a draft; a form that is sent twice begins one."""
    return write.create(house(), author(), draft, once=request.form.get("once", "")[:40])


def kept(number: int | None, draft: Draft, *, own: bool) -> tuple[int, int]:
    """Save or begin a draft; returns its number and version. A form sent again from its first page saves the same."""
    if number is not None:
        return number, write.save(house(), author(), number, draft, seen=seen(), own=own)
    made = begun(draft)
    row = row_of(made)
    if row["changed_by"] != known().id:
        raise DraftChanged(subject=str(made))
    return made, write.save(house(), author(), made, draft, seen=row["version"], own=own)
