"""The main pages of a municipality, as its header lists them, and which of them this page belongs to."""

from __future__ import annotations

from flask import current_app, request, url_for
from sqlalchemy import RowMapping

from hub.web.access import me
from hub.web.desk import language
from hub.web.doors import doors


def _(message: str) -> str:
    return message


# Endpoint, title, and the endpoints of the pages below it. A page that is not installed is left out.
_MAIN = (
    ("public.town_page", _("Overview"), ("start.first_visit", "start.go_on", "subscribe.sign_up_form")),
    ("listing.notices", _("Notices"), ("public.notice",)),
    ("mapping.page", _("Map"), ()),
    ("tenders.page", _("Tenders"), ()),
    ("sources.listed", _("Sources"), ("sources.one",)),
    ("status.page", _("Status"), ()),
)


def navigation(town: RowMapping) -> list[tuple[str, str, bool]]:
    """Return address and title of each main page of ``town``, and whether the page that is shown is it or below it.

    In the office these are the pages that somebody's roles open there.
    """
    who = me() if request.path.startswith(f"/verwaltung/{town['id']}/") else None
    if who is not None:
        return doors(who.visitor.grants, town["id"])
    return [
        (url_for(endpoint, slug=town["id"]), language().text(title), request.endpoint in {endpoint, *below})
        for endpoint, title, below in _MAIN if endpoint in current_app.view_functions
    ]  # fmt: skip
