"""Found a municipality step by step in the browser: kept after each, gone back at will, founded in one transaction."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hub import reference
from hub.core import contrast, hosts
from hub.core.errors import OrtsrufError, SettingsError
from hub.core.permission import Capability
from hub.jobs import begun as job
from hub.jobs import found
from hub.jobs.begun import Begun
from hub.logo import cleaned
from hub.store import grants, towns
from hub.store import hosts as store_hosts
from hub.web.access import known, needs, takes
from hub.web.desk import house, language, town
from hub.web.language import LANGUAGES, Language
from hub.web.operating import asked, starting
from hub.web.operating.asked import STEPS, Step
from hub.web.operating.listed import heard

founding = Blueprint("founding", __name__, url_prefix="/verwaltung")
MOST_UPLOAD = 3_000_000  # bytes of a form with a file
_MOST_FOUND = 8
_NEW = "/gemeinde/neu"
CHECKED: dict[str, Callable[[bytes], object]] = {"logo": cleaned, "streets": heard}


def _(message: str) -> str:
    return message


@founding.get(_NEW)
@needs(Capability.COUNTY, fresh=True)
def begin() -> Response:
    """Begin, or go on where somebody stopped."""
    one = job.begun(house(), known().id)
    done = [step.name for step in STEPS if step.name in one.given.get("done", ())]
    rest = [step.name for step in STEPS if step.name not in done]
    return redirect(url_for("founding.page", step=rest[0] if rest else STEPS[-1].name), 303)


@founding.get(f"{_NEW}/orte.json")
@needs(Capability.COUNTY)
def options() -> Response:
    """Return the municipalities that some letters may mean, for the field that completes them."""
    hits = [
        {"title": row["name"], "about": row["about"], "url": url_for("founding.page", step="ort", ars=row["ars"])}
        for row in _candidates(request.args.get("q", ""))
        if not row["there"]
    ]
    return make_response(jsonify(hits=hits), 200)


def _candidates(query: str) -> list[dict[str, Any]]:
    with house().store.read() as session:
        there = {row["path"] for row in towns.listed(session)}
    rows = found.candidates(query[:80])[:_MOST_FOUND] if query.strip() else []
    return [
        {"ars": one.ars, "name": one.name, "about": reference.path_name(one.ars[:5]), "there": one.path in there}
        for one in rows
    ]


@founding.get(f"{_NEW}/<step>")
@needs(Capability.COUNTY)
def page(step: str) -> Response:
    """Show a step."""
    one = job.begun(house(), known().id)
    return _shown(_step(step), one, dict(one.given))


@founding.post(f"{_NEW}/<step>")
@takes(MOST_UPLOAD)
@needs(Capability.COUNTY)
def go_on(step: str) -> Response:
    """Keep what a step asked for, and go on to the next; with faults it stays."""
    at = _step(step)
    if at is STEPS[-1]:
        abort(404)
    one = job.begun(house(), known().id)
    given, faults = asked.checked(asked.typed(request, at.fields))
    files, wrong = _files(at)
    faults |= wrong
    faults |= {name: text for name, text in _together(at, given).items() if name not in faults}
    more = starting.chosen(house(), one, request.form) if at.name == "quellen" else {}
    sound = {name: text for name, text in given.items() if name not in faults}
    done = [name for name in one.given.get("done", ()) if name != at.name]
    stays = bool(faults) or request.form.get("do", "next") != "next" or bool(more.pop("stays", False))
    job.keep(house(), known().id, {**sound, **more, "done": done if stays else [*done, at.name]}, **files)
    if faults:
        return _shown(at, job.begun(house(), known().id), {**one.given, **given}, faults)
    following = at if stays else STEPS[STEPS.index(at) + 1]
    return redirect(url_for("founding.page", step=following.name), 303)


def _step(name: str) -> Step:
    found_ = next((one for one in STEPS if one.name == name), None)
    if found_ is None:
        abort(404)
    return found_


def _files(at: Step) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files that were sent, and what is wrong with them."""
    files: dict[str, bytes] = {}
    for name in {"aussehen": ("logo",), "strassen": ("streets",)}.get(at.name, ()):
        sent = request.files.get(name)
        content = sent.read() if sent is not None else b""
        if request.form.get(f"no_{name}"):
            content, files[name] = b"", b""
        if not content:
            continue
        try:
            CHECKED[name](content)
            files[name] = content
        except SettingsError:
            return {}, {name: asked.LOGO if name == "logo" else asked.STREETS}
    return files, {}


def _together(at: Step, given: dict[str, str]) -> dict[str, str]:
    with house().store.read() as session:
        if at.name == "ort":
            return asked.of_place(session, given)
        if at.name == "absender":
            ours = hosts.named(urlsplit(house().links.base_url).netloc)
            signs = bool(getattr(house().outlet("mail").settings, "dkim_domain", ""))
            return asked.of_addresses(session, given, "", ours=ours, signs=signs)
    return {}


def _shown(at: Step, one: Begun, given: dict[str, Any], faults: dict[str, str] | None = None) -> Response:
    body = render_template(
        f"operating/found_{at.name}.html", who=known(), at=at, steps=STEPS, one=one, given=given, faults=faults or {},
        mails=house().sender, **_around(at, one, given),
    )  # fmt: skip
    return make_response(body, 400 if faults else 200)


def _around(at: Step, one: Begun, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a step shows beside its fields."""
    shown: dict[str, Callable[[], dict[str, Any]]] = {
        "ort": lambda: _place(given),
        "aussehen": lambda: {"logo": _drawn(one.logo), "shades": shades(given.get("colour") or found.COLOUR)},
        "absender": lambda: {"spoken_here": [Language(code) for code in LANGUAGES]},
        "strassen": lambda: {"heard": heard(one.streets) if one.streets else None},
        "quellen": lambda: {"sources": starting.known(one)},
        "gruenden": lambda: _summary(one),
    }
    return shown[at.name]() if at.name in shown else {}


def _drawn(logo: bytes) -> str:
    """Return a logo for a page, before there is a municipality that could show it; empty for none."""
    if not logo:
        return ""
    kind, content = cleaned(logo)
    media = "image/png" if kind == "png" else "image/svg+xml"
    return f"data:{media};base64,{base64.b64encode(content).decode()}"


def _place(given: dict[str, Any]) -> dict[str, Any]:
    query = request.args.get("q", "")
    hits = _candidates(query)
    ars = request.args.get("ars") or (hits[0]["ars"] if len(hits) == 1 else "") or given.get("ars", "")
    place = reference.municipality(ars) if ars else None
    if place is not None and ars != given.get("ars"):
        with house().store.read() as session:
            taken = {row["id"]: row["path"] for row in towns.listed(session)}
        given |= {"name": place.name.partition(",")[0], "slug": found.suggested(place, taken)}
    return {"query": query, "hits": hits, "place": place, "about": reference.path_name(ars[:5]) if place else ""}


def shades(colour: str) -> dict[str, Any]:
    """Return a colour as it is shown and read, with the contrasts of both (WCAG)."""
    try:
        found_ = contrast.shades(colour)
    except ValueError:
        return {}
    least = min(contrast.contrast(found_.brand, one) for one in contrast.LIGHT)
    read = min(contrast.contrast(found_.light, one) for one in contrast.LIGHT)
    dark = min(contrast.contrast(found_.dark, one) for one in contrast.DARK)
    ratios = {"least": least, "read": read, "dark": dark}
    comma = "," if language().code == "de" else "."
    return {"one": found_, **{name: f"{ratio:.1f}".replace(".", comma) for name, ratio in ratios.items()}}


def _summary(one: Begun) -> dict[str, Any]:
    missing, plan = [], None
    try:
        plan = job.planned(one)
    except SettingsError:
        missing = [step for step in STEPS[:-1] if step.name not in one.given.get("done", ())] or [STEPS[0]]
    place = reference.municipality(one.field("ars")) if one.field("ars") else None
    first = one.field("hosts").partition(" ")[0]
    return {
        "plan": plan, "place": place, "missing": missing, "chosen": one.sources, "reading": one.reading,
        "address": f"{house().links.at(first).base_url}/{one.field('slug')}/",
        "tongues": ", ".join(Language(code).name for code in one.field("languages").split()),
    }  # fmt: skip


@founding.post(f"{_NEW}/verwerfen", endpoint="discard")
@needs(Capability.COUNTY)
def discard() -> Response:
    """Forget what was begun."""
    job.discard(house(), known().id)
    flash(_("What you had begun is thrown away."))
    return redirect(url_for("office.home"), 303)


@founding.post(f"{_NEW}/gruenden", endpoint="found")
@needs(Capability.COUNTY, fresh=True)
def found_it() -> Response:
    """Found the municipality; a second click finds it there."""
    try:
        slug = job.found_now(house(), known().id)
    except OrtsrufError:  # somebody else founded it meanwhile, or took its host
        flash(_("Something of this cannot be (any more). Please look through the steps again."))
        return redirect(url_for("founding.page", step="ort"), 303)
    if slug is None:
        slug = request.form.get("slug", "")
        with house().store.read() as session:
            if towns.get(session, slug) is None:
                return redirect(url_for("founding.begin"), 303)
    return redirect(url_for("founding.done", slug=slug), 303)


@founding.get("/<slug>/gegruendet")
@needs(Capability.COUNTY)
def done(slug: str) -> str:
    """Show where a new municipality is, and what comes next."""
    row = town(slug)
    with house().store.read() as session:
        invited = grants.open_in(session, slug, house().now())
        named = store_hosts.listed(session, slug)
    asked_ = [(one["address"], house().links.invitation(one["id"])) for one in invited]
    return render_template(
        "operating/founded.html", who=known(), row=row, invited=asked_, mails=house().sender, hosts=named,
        meanwhile=house().links.base_url + url_for("public.town_page", slug=slug),
        address=f"{house().links_of(row).base_url}{url_for('public.town_page', slug=slug)}",
    )  # fmt: skip
