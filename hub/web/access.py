"""Who may see which page: every route declares what it asks for, and one that declares nothing opens to nobody (A-04).

Pages for residents are open by the name of their blueprint, :data:`OPEN`; those of the office declare a
:class:`~hub.core.permission.Requirement`, by blueprint in :data:`GUARDED` or by :func:`needs` on a view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from flask import (
    Flask,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from hub.core.flood import network
from hub.core.permission import Capability, Requirement, Ruling, Sort, ruling
from hub.jobs.sign_in import Caller, SignedIn, of_token
from hub.web import failures
from hub.web.agent import agent
from hub.web.desk import desk, house, language, town

COOKIE, DEVICE_COOKIE = "ortsruf-session", "ortsruf-device"
PUBLIC, LINK = Requirement(Sort.PUBLIC), Requirement(Sort.LINK)
OPEN = frozenset({
    "accessibility", "addresses", "assets", "board", "calendars", "canary", "dates", "device", "editor", "export",
    "farewell", "finder", "health", "inbox", "launch", "listing", "lost", "manage", "manifest", "mapping", "mine",
    "move", "mutes", "public", "searches", "sources", "start", "status", "subscribe", "tenders", "trial",
    "federation", "websub", "year",
    "files",
})  # fmt: skip
GUARDED: Mapping[str, Requirement] = {"keeping": Requirement(Sort.CAPABILITY, Capability.SOURCES)}
_SECRETS = frozenset({"token", "mark"})  # arguments of routes that name what they open by themselves
EXTRA = "ortsruf-open"
_OF_PROOF = frozenset({"csrf_token", "proof_password", "proof_code", "then", "username"})


def _(message: str) -> str:
    return message


_AGAIN = _("That took too long. Please load the page again.")
View = TypeVar("View", bound=Callable[..., Any])


def needs(
    *capabilities: Capability, sort: Sort | None = None, fresh: bool = False, unequipped: bool = False
) -> Callable[[View], View]:
    """Declare what a view asks for: any of ``capabilities`` in the municipality ``slug`` (without one: in all).

    Without any it asks for a sign-in. It must be the decorator nearest to the view.
    """
    first, others = next(iter(capabilities), None), capabilities[1:]
    wanted = sort or (Sort.SIGNED_IN if first is None else Sort.CAPABILITY)

    def declared(view: View) -> View:
        view.requirement = Requirement(wanted, first, fresh, unequipped, others)  # type: ignore[attr-defined]
        return view

    return declared


def takes(most_bytes: int) -> Callable[[View], View]:
    """Let a view take a form of that many bytes, files and all, from whoever is signed in; others send what all do."""

    def declared(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return declared


def keeps(view: View) -> View:
    """Let a form that is sent after its sign-in has ended come back with all that was typed, instead of being lost."""
    view.keeps = True  # type: ignore[attr-defined]
    return view


def make_room() -> None:
    """Give a form the room that its view takes; to be asked before anything reads it."""
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "most_bytes", 0)
    if most and request.method == "POST" and me() is not None:
        text = min(most, int(current_app.config["MAX_FORM_MEMORY_SIZE"]) * 4)  # of what is no file
        request.max_content_length = most if request.mimetype == "multipart/form-data" else text
        request.max_form_memory_size = text


def open_to_all(app: Flask, blueprint: str) -> None:
    """Let the pages of a blueprint from outside be open, as whoever starts the application wants it."""
    app.extensions.setdefault(EXTRA, set()).add(blueprint)


def requirement(app: Flask, rule: Rule) -> Requirement | None:
    """Return what a route declares; ``None`` if it declares nothing."""
    found = getattr(app.view_functions[rule.endpoint], "requirement", None)
    if isinstance(found, Requirement):
        return found
    name = rule.endpoint.rpartition(".")[0]
    if name in GUARDED:
        return GUARDED[name]
    if rule.endpoint == "static" or name in OPEN or name in app.extensions.get(EXTRA, ()):
        return PUBLIC if _SECRETS.isdisjoint(rule.arguments) else LINK
    return None


def install(app: Flask) -> None:
    """Guard every route of ``app``."""
    app.before_request(guard)


def guard() -> Any:
    """Let a visitor in, or answer what comes first. Open pages cost nothing and read no cookie."""
    if request.url_rule is None:
        return None
    wanted = requirement(current_app, request.url_rule)
    if wanted is not None and wanted.opens_to_all:
        return None
    g.secret = True  # such pages are kept in no cache
    who = me()
    slug = str((request.view_args or {}).get("slug", ""))
    verdict = ruling(wanted, who.visitor if who is not None else None, slug, house().now())
    if verdict is Ruling.ALLOWED:
        if slug:
            town(slug)
        return None
    return _instead(verdict)


def me() -> SignedIn | None:
    """Return who is signed in on this request."""
    if "who" not in g:
        g.who = of_token(house(), request.cookies.get(desk().cookie(COOKIE), ""))
    found: SignedIn | None = g.who
    return found


def known() -> SignedIn:
    """Return who is signed in, on a page that asks for that."""
    found = me()
    if found is None:
        abort(403)
    return found


def forbid() -> NoReturn:
    """Answer that somebody's role does not include this."""
    abort(failures.page(403, _("Your role does not include this. Please turn to your operator.")))


def caller() -> Caller:
    """Return who asks: network, browser in words, and whether this device is known."""
    device = request.cookies.get(desk().cookie(DEVICE_COOKIE), "")
    return Caller(network(request.remote_addr or ""), agent(request.headers.get("User-Agent", "")), device)


def _instead(verdict: Ruling) -> Response:
    if verdict is Ruling.HIDDEN:
        abort(404)
    if verdict is Ruling.FORBIDDEN:
        forbid()
    if request.is_json:
        return make_response(jsonify(error=language().text(_AGAIN), why=verdict.value), 401)
    here = request.full_path.rstrip("?") if request.method == "GET" else url_for("office.home")
    if verdict is Ruling.SIGN_IN:
        if request.method == "POST" and getattr(current_app.view_functions[request.endpoint or ""], "keeps", False):
            pairs = [(name, text) for name, text in request.form.items(multi=True) if name not in _OF_PROOF]
            return make_response(render_template("writing/signed_out.html", target=request.path, pairs=pairs), 401)
        if request.method != "GET":
            flash(_("You were signed out, so nothing was done. Please sign in and try again."))
        return redirect(url_for("signing.form", next=here), 303)
    if verdict is Ruling.EQUIP:
        return redirect(url_for("factors.page"), 303)
    if request.method == "GET":
        return redirect(url_for("signing.again", next=here), 303)
    return once_more(request.path, request.form.to_dict(), sends=True)


def once_more(
    target: str, fields: Mapping[str, str], *, sends: bool, fault: str = "", wait: int = 0, status: int = 200
) -> Response:  # fmt: skip
    """Ask who somebody is; what they were sending (``sends``) lies in the page and goes on to ``target`` afterwards."""
    kept = {name: value for name, value in fields.items() if name not in _OF_PROOF}
    body = render_template(
        "again.html",
        target=target,
        fields=kept,
        sends=sends,
        fault=fault,
        wait=wait,
        who=known(),
        directory=desk().directory,
    )
    return make_response(body, status)


def local(target: str) -> str:
    """Return ``target`` if it is a path on this site, else where people begin (no open redirect)."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if plain and "\\" not in target else url_for("office.home")
