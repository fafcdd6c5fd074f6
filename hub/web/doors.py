"""The office's doors: which pages somebody's roles open in a municipality, and which of them a page lies behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for

from hub.core.permission import EVERYWHERE, Capability, Grant, may
from hub.web.desk import language
from hub.web.writing.authoring import SEES
from hub.web.writing.reports import READERS


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Door:
    """A page of the office: where it is, who may go there, and the blueprints of the pages behind it."""

    endpoint: str
    title: str
    capabilities: tuple[Capability, ...]
    behind: tuple[str, ...]


IN_A_TOWN = (
    Door("drafts.page", _("Notices"), SEES, ("drafts", "drafting", "releasing", "previewing", "versions", "patterns")),
    Door("reports.listed", _("Reports"), READERS, ("reports", "impact")),
    Door("keeping.desk", _("Sources"), (Capability.SOURCES,), ("keeping", "adding", "exchange")),
    Door("office.persons", _("People"), (Capability.PEOPLE,), ("office",)),
    Door("overview.operation", _("Operation"), (Capability.OPERATE,), ("overview",)),
    Door("belongings.page", _("Settings"), (Capability.OPERATE,), ("belongings",)),
    Door("data.page", _("Data"), (Capability.OPERATE,), ("data",)),
    Door("record.page", _("Audit log"), (Capability.AUDIT,), ("record",)),
)
OF_ALL = (
    Door("overview.county", _("All municipalities at a glance"), (Capability.COUNTY,), ()),
    Door("founding.begin", _("New municipality"), (Capability.COUNTY,), ()),
    Door("checked.settings", _("Settings check"), (Capability.COUNTY,), ()),
    Door("data.county", _("Data of the installation"), (Capability.COUNTY,), ()),
    Door("office.everybody", _("People of all municipalities"), (Capability.COUNTY,), ()),
    Door("record.everything", _("Audit log of everything"), (Capability.COUNTY,), ()),
)


def doors(held: Sequence[Grant], slug: str = EVERYWHERE) -> list[tuple[str, str, bool]]:
    """Return address and title of each page that is open to somebody in ``slug`` (without one: those of all towns).

    The third value says whether this request's page lies behind it.
    """
    among = IN_A_TOWN if slug else OF_ALL
    mine = (request.view_args or {}).get("slug", EVERYWHERE) == slug
    return [
        (url_for(one.endpoint, slug=slug or None), language().text(one.title), mine and request.blueprint in one.behind)
        for one in among if any(may(held, wanted, slug) for wanted in one.capabilities)
    ]  # fmt: skip
