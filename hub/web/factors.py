"""The second step of signing in: codes of an app, passkeys, recovery codes; and what a browser's passkeys are asked."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from hub.core.permission import Sort
from hub.jobs import equip, passkey
from hub.jobs.sign_in import SignedIn, renewed
from hub.passkeys import Party, PasskeyRefused, Question, to_sign_in
from hub.web.access import caller, known, local, needs
from hub.web.desk import desk, house
from hub.web.signing import put_cookie, seconds, with_cookie

factors = Blueprint("factors", __name__)
_CHALLENGE = "challenge"


def _(message: str) -> str:
    return message


@factors.get("/konto/zweiter-schritt")
@needs(fresh=True, unequipped=True)
def page() -> Response:
    """Offer to set up codes of an app, or a passkey."""
    return _page()


def _page(fault: str = "") -> Response:
    who = known()
    address = equip.totp_address(house(), who)
    drawn = segno.make(address, error="m").svg_inline(scale=5, border=4, light="#fff", omitsize=False)
    secret = equip.totp_secret(house(), who)
    body = render_template(
        "factors.html", who=who, picture=Markup(drawn), address=address,  # noqa: S704 - drawn here, of squares only
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        faults={"code": fault} if fault else {},
    )  # fmt: skip
    return make_response(body, 400 if fault else 200)


@factors.post("/konto/zweiter-schritt")
@needs(fresh=True, unequipped=True)
def set_up() -> Response:
    """Set up codes of an app by the first of them."""
    who = known()
    codes = equip.set_up_totp(house(), who, request.form.get("code", ""))
    if codes is None:
        return _page(_("This code is not right. Please look whether the clock of your phone is right, and try again."))
    return _whole(shown(codes, _("The codes of your app are set up.")), who)


def _whole(response: Response, who: SignedIn) -> Response:
    """Give a sign-in that the first factor made whole another cookie."""
    return response if who.visitor.equipped else put_cookie(response, renewed(house(), who))


def shown(codes: list[str], message: str) -> Response:
    """Show new recovery codes, this once; without any go on to the account."""
    flash(message)
    if not codes:
        return redirect(url_for("account.page"), 303)
    return make_response(render_template("codes.html", codes=codes))


@factors.post("/konto/codes")
@needs(fresh=True)
def new_codes() -> Response:
    """Replace the recovery codes."""
    return shown(equip.new_codes(house(), known()), _("Your old recovery codes no longer work."))


@factors.post("/konto/app-entfernen")
@needs(fresh=True)
def remove_totp() -> Response:
    """Take the codes of the app down."""
    done = equip.remove_totp(house(), known())
    flash(_("The codes of the app are taken down.") if done else _LAST)
    return redirect(url_for("account.page"), 303)


@factors.post("/konto/passkeys/<int:passkey_id>/entfernen")
@needs(fresh=True)
def remove_passkey(passkey_id: int) -> Response:
    """Delete a passkey."""
    done = equip.remove_passkey(house(), known(), passkey_id)
    flash(_("The passkey is deleted.") if done else _LAST)
    return redirect(url_for("account.page"), 303)


_LAST = _("This is your only second step, so it stays. Set up another one first.")


# ---- what the script of passkeys asks for ----


def _asked(question: Question) -> Response:
    session[_CHALLENGE] = [question.challenge, int(house().now().timestamp())]
    return make_response(jsonify(question.options))


def _challenge() -> str:
    """Return the challenge that this browser was given a moment ago, and forget it."""
    kept = session.pop(_CHALLENGE, None)
    if not kept or house().now().timestamp() - kept[1] > passkey.LIVES.total_seconds():
        return ""
    return str(kept[0])


def _refused(message: str, status: int = 400) -> Response:
    from hub.web.desk import language

    return make_response(jsonify(error=language().text(message)), status)


def _answer() -> Any:
    return request.get_json(silent=True)


@factors.post("/anmelden/passkey/frage")
@needs(sort=Sort.PUBLIC)
def ask_to_sign_in() -> Response:
    """Ask the browser for any passkey of this site."""
    return _asked(to_sign_in(Party(house().links.base_url)))


@factors.post("/anmelden/passkey")
@needs(sort=Sort.PUBLIC)
def sign_in() -> Response:
    """Sign in by a passkey."""
    challenge, answer = _challenge(), _answer()
    found = passkey.sign_in(house(), challenge, answer, caller()) if challenge else None
    if found is None or not found.went_well:
        wait = seconds(found) if found is not None else 0
        return _refused(_("Please wait a little and try again."), 429) if wait else _refused(
            _("This passkey opens no account here. Please sign in with your password."))  # fmt: skip
    return with_cookie(make_response(jsonify(next=local(request.args.get("next", "")))), found)


@factors.post("/anmelden/nochmal/frage")
@needs(unequipped=True)
def ask_to_prove() -> Response:
    """Ask the browser for a passkey of who is signed in."""
    return _asked(to_sign_in(Party(house().links.base_url)))


@factors.post("/anmelden/nochmal/passkey")
@needs(unequipped=True)
def prove() -> Response:
    """Take a passkey as the proof of who one is."""
    challenge = _challenge()
    if not challenge or not passkey.prove(house(), known(), challenge, _answer()):
        return _refused(_("This passkey does not belong to your account."))
    return make_response(jsonify(ok=True))


@factors.post("/konto/passkeys/frage")
@needs(fresh=True, unequipped=True)
def ask_to_make() -> Response:
    """Ask the browser for a new passkey."""
    return _asked(passkey.ask_to_make(house(), known()))


@factors.post("/konto/passkeys")
@needs(fresh=True, unequipped=True)
def make() -> Response:
    """Add a passkey; the recovery codes that come with a first factor are shown by the next page."""
    challenge = _challenge()
    if not challenge:
        return _refused(_("That took too long. Please try again."))
    who = known()
    name = " ".join(request.args.get("name", "").split()) or who.session["agent"] or desk().settings.base_url
    try:
        codes = equip.add_passkey(house(), who, passkey.read_made(house(), challenge, _answer()), name)
    except PasskeyRefused:
        return _refused(_("That did not work. Please try again."))
    return _whole(make_response(jsonify(codes=codes, next=url_for("account.page"))), who)
