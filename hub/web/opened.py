"""Who opens a notice has read it, where we know them: by their device or their own page. Nobody else is noted."""

from __future__ import annotations

from flask import request

from hub.core.errors import StoreError
from hub.jobs.subscribe import person_of
from hub.store import inbox as store
from hub.web.desk import NAME, desk, house
from hub.web.own import owner


def opened_here(notice_id: str) -> str:
    """Mark a public page's notice as read for the person whom this device remembers, if it is theirs.

    Returns their token, empty where nobody is known or the notice is not in their inbox. Nobody else leaves a trace.
    """
    token = request.cookies.get(desk().cookie(NAME), "")
    return token if token and note(token, notice_id) else ""


def note(token: str, notice_id: str) -> bool:
    """Mark a message as read; whether it is in this person's inbox. A page that is only fetched ahead is not read."""
    row = person_of(house(), token)
    if row is None:
        return False
    with house().store.read() as session:
        whose = owner(session, row)
        known = store.one(session, whose, notice_id)
    ahead = "prefetch" in (request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or "")
    new = known is not None and (known["unread"] or known["muted"])  # what is muted now may be heard of again
    if new and request.method == "GET" and not ahead:
        try:
            with house().store.begin() as session:
                store.read(session, whose, notice_id, house().now())
        except StoreError:
            return True  # a busy database hides no notice: it stays unread
    return known is not None
