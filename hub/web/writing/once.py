"""What a form of the office is known by: sent twice, by a double click or a browser's retry, it acts once (A-10).

A page puts ``{{ once() }}`` into its form; the view makes a receipt of it for the job that acts.
"""

from __future__ import annotations

import secrets

from flask import abort, request

from hub.jobs.release import Receipt
from hub.web.access import known
from hub.web.desk import house

FIELD = "once"
_LENGTH = 24  # characters


def once() -> str:
    """Return a new key for a form."""
    return secrets.token_urlsafe(_LENGTH * 3 // 4)


def receipt(location: str) -> Receipt:
    """Return the receipt of the form that is sent, answered by ``location``; a form without a key does nothing.

    It is the person's own and this address's: nobody is answered what another one was.
    """
    given = request.form.get(FIELD, "")
    if not given or len(given) > 2 * _LENGTH:
        abort(400)
    return Receipt(house().links.fingerprint("once", f"{known().id}|{request.path}|{given}"), location)
