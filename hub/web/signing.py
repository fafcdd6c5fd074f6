"""Sign in and out: password and second factor, and saying once more who one is. Works without a script."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from hub.core.permission import Sort
from hub.core.sessions import ABSOLUTE, Stage
from hub.jobs import sign_in
from hub.jobs.sign_in import Outcome
from hub.web.access import COOKIE, DEVICE_COOKIE, caller, known, local, me, needs, once_more
from hub.web.desk import desk, house

signing = Blueprint("signing", __name__)
_KNOWN_FOR = timedelta(days=365)  # a device that signed in once


def _(message: str) -> str:
    return message


_WRONG = _("This address and this password do not fit together.")
_WRONG_CODE = _("This code is not right, or it was used before. Please wait for the next one.")


@signing.get("/anmelden")
@needs(sort=Sort.PUBLIC)
def form() -> Response:
    """Show the form; whoever is signed in goes on."""
    if me() is not None:
        return redirect(local(request.args.get("next", "")), 303)
    return _form()


def _form(*, address: str = "", fault: str = "", wait: int = 0) -> Response:
    faults = {"password": fault} if fault else {}
    body = render_template(
        "sign_in.html", address=address, faults=faults, wait=wait, next=request.values.get("next", ""),
        directory=desk().directory,
    )  # fmt: skip
    return answered(body, wait=wait, refused=bool(fault))


def answered(body: str, *, wait: int = 0, refused: bool = False) -> Response:
    """Return a page that is kept in no cache; ``wait``: seconds until a try is looked at again."""
    response = make_response(body, 429 if wait else 400 if refused else 200)
    response.headers["Cache-Control"] = "no-store"
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@signing.post("/anmelden")
@needs(sort=Sort.PUBLIC)
def enter() -> Response:
    """Try a password."""
    given = request.form
    address = given.get("address", "")
    found = sign_in.with_password(house(), address, given.get("password", ""), caller())
    if not found.went_well:
        return _form(address=address, fault="" if found.wait else _WRONG, wait=seconds(found))
    return entered(found, given.get("next", ""))


def seconds(found: Outcome) -> int:
    """Return for how many seconds no try is looked at."""
    return ceil(found.wait.total_seconds())


def entered(found: Outcome, target: str) -> Response:
    """Send somebody on after a step of signing in, with the cookie that opens it."""
    where = {
        Stage.HALF: url_for("signing.code", next=local(target)), Stage.BARE: url_for("factors.page"),
        Stage.WHOLE: local(target),
    }  # fmt: skip
    return with_cookie(redirect(where[found.stage], 303), found)


def with_cookie(response: Response, found: Outcome) -> Response:
    """Give a sign-in's cookie to the browser; whatever another person's form kept there before is forgotten."""
    session.clear()
    return put_cookie(response, found)


def put_cookie(response: Response, found: Outcome) -> Response:
    """Give a sign-in's cookie to the browser of the same person."""
    own = desk()
    safe = {"secure": own.secure, "httponly": True, "samesite": "Lax", "path": "/"}
    response.set_cookie(own.cookie(COOKIE), found.token, max_age=ABSOLUTE, **safe)  # type: ignore[arg-type]
    if found.stage is Stage.WHOLE:
        token = sign_in.device_token(own.house, found.account_id)
        response.set_cookie(own.cookie(DEVICE_COOKIE), token, max_age=_KNOWN_FOR, **safe)  # type: ignore[arg-type]
    return response


@signing.get("/anmelden/code")
@needs(sort=Sort.PUBLIC)
def code() -> Response:
    """Ask for the second factor."""
    if sign_in.half_way(house(), request.cookies.get(desk().cookie(COOKIE), "")) is None:
        return redirect(url_for("signing.form", next=request.args.get("next", "")), 303)
    return _code()


def _code(*, fault: str = "", wait: int = 0) -> Response:
    body = render_template("second_factor.html", fault=fault, wait=wait, next=request.values.get("next", ""))
    return answered(body, wait=wait, refused=bool(fault))


@signing.post("/anmelden/code")
@needs(sort=Sort.PUBLIC)
def check() -> Response:
    """Try a code."""
    half = sign_in.half_way(house(), request.cookies.get(desk().cookie(COOKIE), ""))
    if half is None:
        flash(_("That took too long. Please begin again."))
        return redirect(url_for("signing.form", next=request.form.get("next", "")), 303)
    found = sign_in.with_code(house(), half, request.form.get("code", ""), caller())
    if not found.went_well:
        return _code(fault="" if found.wait else _WRONG_CODE, wait=seconds(found))
    return entered(found, request.form.get("next", ""))


@signing.get("/anmelden/nochmal")
@needs(unequipped=True)
def again() -> Response:
    """Ask once more who somebody is, before something dangerous."""
    return once_more(local(request.args.get("next", "")), {}, sends=False)


@signing.post("/anmelden/nochmal")
@needs(unequipped=True)
def prove() -> Response:
    """Take the answer, and let what was being sent go on: 307 lets the browser send it again to its target."""
    target = local(request.args.get("next", ""))
    given, sends = request.form, "then" in request.form
    found = sign_in.prove(house(), known(), given.get("proof_password", ""), given.get("proof_code", ""), caller())
    if not found.went_well:
        fault = "" if found.wait else _("This is not right. Please try again.")
        wait = seconds(found)
        return once_more(target, given.to_dict(), sends=sends, fault=fault, wait=wait, status=429 if wait else 400)
    return redirect(target, 307 if sends else 303)


@signing.post("/abmelden")
@needs(unequipped=True)
def leave() -> Response:
    """Sign out."""
    sign_in.leave(house(), known())
    session.clear()
    flash(_("You are signed out."))
    response = redirect(url_for("signing.form"), 303)
    response.delete_cookie(desk().cookie(COOKIE), secure=desk().secure, httponly=True, samesite="Lax", path="/")
    return response
