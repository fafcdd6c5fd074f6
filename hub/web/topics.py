"""The topics people choose from, and what each can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def _(message: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. ``lead`` is its reminder (empty: none), ``dated`` whether a calendar of it makes sense.

    An ``optional`` one is offered only where a source of the town gathers it. ``levels`` are the lowest severities
    to choose from, with their names; a ``near`` one may be narrowed to one's own street; one that is told ``around`` a
    place, too, happens somewhere.
    """

    name: str
    title: str
    about: str
    dated: bool = True
    lead: str = ""
    reminder: str = ""
    optional: bool = False
    levels: Mapping[str, str] = field(default_factory=dict)
    near: bool = False
    around: bool = False


SEVERITIES = {
    "unknown": _("All, also plain information"),
    "minor": _("Minor and above"),
    "moderate": _("Moderate and above"),
    "severe": _("Severe and extreme only"),
    "extreme": _("Extreme only"),
}
_CLOSURES = {"unknown": _("All, also roadworks"), "moderate": _("Only where the road is closed")}

TOPICS = {
    one.name: one
    for one in (
        Topic(
            "waste", _("Waste collection"), _("Which bin goes out when, and every date that moves."),
            lead="P1D@18:00", reminder=_("Remind me the evening before"),
        ),
        Topic(
            "warnings", _("Warnings"), _("Severe weather, floods and other dangers."), levels=SEVERITIES
        ),
        Topic(
            "roads", _("Road closures"), _("Closed roads, roadworks and diversions."), levels=_CLOSURES, near=True,
            around=True,
        ),
        Topic(
            "council", _("Council meetings"), _("Meetings of the council and its committees, with their agenda."),
            lead="PT1H", reminder=_("Remind me an hour before"),
        ),
        Topic("news", _("News"), _("News of the municipality and of clubs.")),
        Topic(
            "events", _("Events"), _("What is on: markets, concerts, meetings of clubs."),
            lead="P1D@18:00", reminder=_("Remind me the evening before"), optional=True, around=True,
        ),
        Topic(
            "tenders", _("Tenders"), _("Public contracts, with their closing dates."),
            lead="P3D@08:00", reminder=_("Remind me of the closing date"), around=True,
        ),
        Topic(
            "jobs", _("Job offers"), _("Posts and apprenticeships, with their closing dates."),
            lead="P3D@08:00", reminder=_("Remind me three days before the closing date"), optional=True, around=True,
        ),
        Topic("lost", _("Lost and found"), _("What was found, and where to collect it."), dated=False, optional=True),
    )
}  # fmt: skip

REMINDER_HOURS = tuple(f"{hour:02}:00" for hour in range(15, 23))  # the evening before
MORNING_HOURS = tuple(f"{hour:02}:00" for hour in range(5, 9))  # of the day itself
FRACTIONS = {  # what bins hold, by the category of a notice (feeds.waste)
    "residual": _("Residual waste"), "organic": _("Organic waste"), "paper": _("Waste paper"),
    "packaging": _("Packaging"), "glass": _("Glass"), "bulky": _("Bulky waste"), "hazardous": _("Hazardous waste"),
    "green": _("Garden waste"), "christmas-tree": _("Christmas trees"), "other": _("Other waste"),
}  # fmt: skip
DIGEST_HOURS = tuple(f"{hour:02}:00" for hour in range(5, 22))
CHANNELS = {
    "webpush": _("Notifications on a device"),
    "mail": _("E-mail"),
    "ical": _("Private calendar"),
    "webhook": _("Webhook"),
}
