"""Kind pages for what goes wrong, with the cause and a way on."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from hub.core.errors import StoreError

log = structlog.get_logger(__name__)


def _(message: str) -> str:
    return message


_TEXTS = {
    400: (_("That did not work"), _("Your browser sent something we could not read. Please go back and try again.")),
    403: (_("Not allowed"), _("This request came from another website. Please use the form on our page.")),
    404: (_("Not found"), _("There is nothing at this address. The link may be incomplete, revoked or deleted.")),
    405: (_("That does not work this way"), _("This address does not understand what was sent to it.")),
    410: (_("No longer there"), _("What was here has ended.")),
    413: (_("Too much"), _("What you sent is too large.")),
    415: (_("That did not work"), _("Your browser sent something we could not read. Please go back and try again.")),
    429: (
        _("Please wait a little"),
        _("There were too many sign-ups from your connection. Please try again in an hour."),
    ),
    500: (_("Our mistake"), _("Something went wrong on our side. It has been noted. Please try again later.")),
    503: (
        _("Just a moment"),
        _("Our database does not answer right now. Nothing was lost. Please try again in a minute."),
    ),
}
_FORM_OLD = _("The form was open for too long, or your browser keeps no cookies. Please load the page again.")


def install(app: Flask) -> None:
    """Give ``app`` its error pages."""
    app.register_error_handler(CSRFError, lambda _error: page(400, _FORM_OLD))
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(StoreError, _database)
    app.register_error_handler(Exception, _broken)


def page(status: int, cause: str = "") -> Response:
    """Return the page of a failure; JSON where JSON was spoken."""
    title, text = _TEXTS.get(status, _TEXTS[400 if status < 500 else 500])  # noqa: PLR2004 - server errors
    if request.is_json:
        return make_response(jsonify(error=cause or text), status)
    return make_response(render_template("error.html", title=title, cause=cause or text, status=status), status)


def _refused(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects are no failures
        return make_response(error.get_response())
    response = page(error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _database(error: StoreError) -> Response:
    log.error("store refused", error=str(error), page=_rule())
    response = page(503)
    response.headers["Retry-After"] = "60"
    return response


def _broken(error: Exception) -> Response:
    log.error("page failed", page=_rule(), exc_info=error)
    return page(500)


def _rule() -> str:
    """Return which page it was, without the secrets in its address."""
    return request.url_rule.rule if request.url_rule else ""
