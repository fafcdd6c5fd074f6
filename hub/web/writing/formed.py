"""The form as its page shows it: fields with their faults, choices in words, hints, and what is still missing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, g, make_response, render_template, request, url_for
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.draft import DANGEROUS, Draft
from hub.core.missing import LONGEST_TITLE, Desk, problems, stand_ins
from hub.core.notice import Severity
from hub.core.place import nearest_km
from hub.core.readability import Reading, reading
from hub.core.tongues import TONGUES, is_easy
from hub.jobs.find import Hit
from hub.store import attachments, finding
from hub.web.access import known
from hub.web.desk import desk, house, language
from hub.web.topics import TOPICS
from hub.web.writing import words
from hub.web.writing.authoring import author, others, own_place, page_of, setting
from hub.web.writing.doubles import doubles
from hub.web.writing.fields import HOUSES, ROW, Form, of_draft
from hub.web.writing.reading import Fault

_EASY, _MIDDLE = 6.5, 9.5  # school years
_EASY_SIMPLE = 4.5
_BESIDE_KM, _MOST_PROPOSED, _MOST_PARTS = 0.05, 40, 60


def _(message: str) -> str:
    return message


_LEVELS = (_("Easy to read."), _("Can be read. Shorter sentences help."), _("Hard to read for many."))


@dataclass(frozen=True, slots=True)
class Page:
    """What a form's page shows. ``row``: the draft as stored, if it is; ``seen``: the version that its writer saw."""

    draft: Draft
    form: Form
    row: RowMapping | None = None
    seen: int = 0
    faults: Mapping[str, Fault] = field(default_factory=dict)
    template: str = ""
    conflict: Mapping[str, Any] | None = None


def show(page: Page, *, status: int = 200) -> Response:
    """Return the page of a form."""
    if "suche" in request.args and not page.form.scope:  # who looks for a street means some places
        page = replace(page, form=replace(page.form, scope="some"))
    chosen = language()
    with house().store.read() as session:
        context = _context(session, page)
    faults = {name: chosen.text(one.text, **one.values) for name, one in page.faults.items()}
    asked = "pruefen" in request.args and request.method == "GET"
    if asked:
        faults |= {name: text for name, text in context["missing"] if name not in faults}
    body = render_template("writing/write.html", who=known(), faults=faults, asked=asked, page=page, **context)
    return make_response(body, status)


def _context(session: Session, page: Page) -> dict[str, Any]:
    form, number = page.form, page.row["id"] if page.row is not None else 0
    more = others(session)
    at = setting(session, page.draft, form)
    bound = author()
    tiles = desk().settings.map_tiles
    club = page.row["club"] if page.row is not None else bound.club
    found = problems(page.draft, Desk(g.town["zone"], club, g.town["id"]), house().now())
    return {
        "number": number, "once": secrets.token_urlsafe(12) if not number else "", "club": bound.club,
        "missing": [(one.field, words.said(one)) for one in found],
        "topic_options": [(one, TOPICS[one].title) for one in at.topics if one in TOPICS],
        "severities": severities(), "urgencies": words.URGENCIES, "certainties": words.CERTAINTIES,
        "langs": _langs(form), "addable": _addable(form), "stand_ins": _stand_ins(page.draft),
        "places": _places(form, at.known), "hits": _hits(form, more), "parts": _parts(session, form),
        "proposed": _proposed(session, page.draft, form),
        "more_towns": [(key, row["name"]) for key, row in more.items()],
        "rows": [*form.rows, dict.fromkeys(ROW, "")], "files": _files(session, form),
        "doubles": doubles(session, page.draft, number), "longest": LONGEST_TITLE,
        "tiles": url_for("mapping.tiles") if tiles else "", "credit": desk().settings.map_credit if tiles else "",
        "centre": f"{at.ground.centre[1]},{at.ground.centre[0]}" if at.ground.centre else "",
        "on": page_of(number) if number else "", "state": page.row["state"] if page.row is not None else "draft",
        "revision": page.row["revision"] if page.row is not None else 0, "dangerous": page.draft.severity >= DANGEROUS,
    }  # fmt: skip


def severities() -> list[tuple[str, str, str]]:
    """Return value, plain words with CAP's term, and what it means, of every level."""
    text = language().text
    cap: dict[Severity, str] = {one: f" (CAP: {one.name.title()})" for one in Severity if one is not Severity.UNKNOWN}
    return [
        (one.name.lower(), f"{text(said)}{cap.get(one, '')}", text(about))
        for one, (said, about) in words.SEVERITIES.items()
    ]


def _langs(form: Form) -> list[dict[str, Any]]:
    extra = request.args.get("sprache", "")
    langs = [*form.langs] or [g.town["language"]]
    if extra in TONGUES and extra not in langs:
        langs.append(extra)
    return [
        {
            "code": lang, "name": TONGUES[lang].name if lang in TONGUES else lang, "main": at == 0,
            "reading": readable(form.values.get(f"{lang}.body", ""), lang), "new": lang == extra,
        }
        for at, lang in enumerate(langs)
    ]  # fmt: skip


def readable(text: str, lang: str) -> dict[str, Any]:
    """Return how easy a text is, in words: ``level`` (empty: nothing to say) and ``hints``."""
    found, chosen = reading(text, lang), language()
    hints = [chosen.text(words.OBSTACLES[one.obstacle], words=one.words) for one in found.hints]
    return {"level": _level(found, lang), "hints": hints}


def _level(found: Reading, lang: str) -> str:
    if not found.grade:
        return ""
    easy = _EASY_SIMPLE if is_easy(lang) else _EASY
    level = 0 if found.grade <= easy else 1 if found.grade <= _MIDDLE else 2
    said = language().text(_LEVELS[level])
    return language().text(_("{said} School year {grade} of 15."), said=said, grade=round(found.grade))


def _addable(form: Form) -> list[tuple[str, str]]:
    shown = {*form.langs, request.args.get("sprache", ""), *([] if form.langs else [g.town["language"]])}
    return [(code, one.name) for code, one in TONGUES.items() if code not in shown]


def _stand_ins(draft: Draft) -> list[tuple[str, str]]:
    found = stand_ins(draft, TONGUES)
    return [(TONGUES[one].name, TONGUES[other].name) for one, other in found if other in TONGUES]


def _places(form: Form, known_places: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {
            "path": path, "kind": known_places[path][0], "name": known_places[path][1], "houses": houses,
            "field": HOUSES + path,
        }
        for path, houses in form.places.items() if path in known_places
    ]  # fmt: skip


def _hits(form: Form, more: Mapping[str, RowMapping]) -> Sequence[Hit] | None:
    """Return what a search found, ``None`` if nobody searched."""
    asked = request.args.get("suche", "").strip()[:120]
    if not asked:
        return None
    found = desk().finder.find(asked, within="" if more else g.town["id"], most=12)
    allowed = {g.town["id"], *more}
    return [one for one in found if one.town in allowed and "/" in one.path and one.path not in form.places]


def _parts(session: Session, form: Form) -> list[tuple[str, str]]:
    """Return the districts and zones that are not chosen yet, path and name."""
    rows = finding.parts(session, g.town["id"])
    return [(row["path"], row["name"]) for row in rows if row["path"] not in form.places][:_MOST_PARTS]


def _proposed(session: Session, draft: Draft, form: Form) -> list[tuple[str, str]]:
    """Return the places whose spot lies in what is drawn and that are not chosen yet."""
    shape = draft.geometry
    if shape is None:
        return []
    rows = (row for row in finding.spots(session, g.town["id"]) if row["path"] not in form.places)
    inside = [row for row in rows if (nearest_km((row["lon"], row["lat"]), shape) or 0) <= _BESIDE_KM]
    return [(row["path"], row["name"]) for row in inside][:_MOST_PROPOSED]


def _files(session: Session, form: Form) -> list[dict[str, Any]]:
    rows = attachments.about(session, g.town["id"], [name for name, _title in form.files])
    return [
        {
            "name": name, "title": title, "picture": rows[name]["media_type"].startswith("image/"),
            "kb": max(1, rows[name]["size"] // 1024),
        }
        for name, title in form.files if name in rows
    ]  # fmt: skip


def of_row(row: RowMapping, draft: Draft) -> Page:
    """Return the page of a stored draft."""
    return Page(draft, form_of(draft), row, row["version"])


def form_of(draft: Draft) -> Form:
    """Return the fields of a draft in this request's municipality."""
    with house().store.read() as session:
        more = {key: str(row["path"]) for key, row in others(session).items()}
    made = of_draft(draft, own_place(), more, language().code)
    return made if made.langs else replace(made, langs=(g.town["language"],))
