"""The monthly mail "quiet, but working" (F50): what was watched, what came, how devices fare, what is next. Pure."""

from __future__ import annotations

from datetime import datetime

from hub.core.message import Site
from hub.core.monthly import Coming, Device, Month, Watched
from hub.core.tongues import direction
from push import _wording as wording
from push.mail.section import Piece, Section
from push.mail.texts import MONTHLY, TEXTS


def opening(month: Month, site: str, tongue: str) -> tuple[str, ...]:
    """Return the first paragraphs: all is well, or that something is not."""
    told = "well" if month.well else "unwell"
    return TEXTS[tongue]["hello"], MONTHLY[tongue][told].format(site=site)


def sections(month: Month, site: Site, tongue: str) -> tuple[Section, ...]:
    """Return what was watched, what came, the devices and the next dates; what there is nothing of is left out."""
    words, zone = MONTHLY[tongue], site.zone
    found = (
        (words["watched"], tuple(_watched(one, site, tongue) for one in month.watched)),
        (words["received"], (_received(month, tongue),)),
        (words["devices"], _devices(month, zone, tongue)),
        (words["coming"], tuple(_coming(one, zone, tongue) for one in month.coming)),
    )
    return tuple(Section(title, pieces) for title, pieces in found if pieces)


def _piece(tongue: str, heading: str, *facts: tuple[str, str], remark: str = "") -> Piece:
    return Piece(wording.one_line(heading), tongue, direction(tongue), facts=facts, remark=remark)


def _watched(one: Watched, site: Site, tongue: str) -> Piece:
    words = MONTHLY[tongue]
    topics = ", ".join(wording.topic_name(topic, tongue) for topic in one.topics) or words["everything"]
    checked = wording.short(one.checked_at, site.zone, tongue) if one.checked_at else words["unchecked"]
    news = _day(one.news_at, site.zone, tongue) if one.news_at else words["no_news"]
    heading = " · ".join((topics, *one.places)) if one.places else f"{topics} · {site.name}"
    return _piece(
        tongue, heading, (words["checked"], checked), (words["news"], news), remark=words["late"] if one.late else ""
    )


def _received(month: Month, tongue: str) -> Piece:
    words = MONTHLY[tongue]
    facts = [(words.get(f"by_{channel}", channel), str(count)) for channel, count in month.received]
    return _piece(tongue, words["lately"], *(facts or [(words["messages"], words["none"])]))


def _devices(month: Month, zone: str, tongue: str) -> tuple[Piece, ...]:
    words = MONTHLY[tongue]
    if month.cut_off:
        return (_piece(tongue, words["cut_off"], remark=words["cut_off_how"]),)
    return tuple(_device(one, zone, tongue) for one in month.devices)


def _device(one: Device, zone: str, tongue: str) -> Piece:
    words = MONTHLY[tongue]
    reached = wording.short(one.reached_at, zone, tongue) if one.reached_at else words["nothing_to_send"]
    heading = words["device"].format(day=_day(one.since, zone, tongue))
    fails = one.troubled_since
    remark = words["fails"].format(day=_day(fails, zone, tongue)) if fails else ""
    return _piece(tongue, heading, (words["reached"], reached), remark=remark)


def _coming(one: Coming, zone: str, tongue: str) -> Piece:
    return _piece(tongue, one.title, (TEXTS[tongue]["when"], wording.full(one.occurrence.start, zone, tongue)))


def _day(moment: datetime, zone: str, tongue: str) -> str:
    return wording.full(wording.local_day(moment, zone), zone, tongue)
