"""A town's waste calendar, and a person who chose it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fakes.house import PLACE, Town, zone

from hub.core.notice import Notice, NoticeText, Occurrence, notice_id
from hub.store import towns


def pickups(key: str = "r", day: int = 25, where: str = "vossenack", title: str = "Restmüll") -> Notice:
    """Two pickups in one zone."""
    days = (Occurrence("a", date(2026, 11, day)), Occurrence("b", date(2026, 12, 9)))
    return Notice(
        id=notice_id("w", key), key=key, kind="waste", topic="waste", texts=(NoticeText("de", title),),
        occurrences=days, places=(zone(where),), series=True,
    )  # fmt: skip


def with_waste(town: Town) -> Town:
    """Give the town two zones and a source that holds the pickups of one."""
    with town.store.begin() as session:
        found = [(f"{PLACE}/zone:{name}", "zone", name.title()) for name in ("vossenack", "gey")]
        towns.add_places(session, "huertgenwald", found)
    town.source("w", "waste")
    town.poll("w", pickups())
    return town


def private(pages: Any, **more: str) -> str:
    """Sign up for a private calendar; returns its address."""
    token = pages.sign_up(
        waste="1", waste__calendar="1", waste__push="1", waste__remind="1", waste__zone=f"{PLACE}/zone:vossenack",
        council="1", council__calendar="1", **more,
    )  # fmt: skip
    pages.town.run()
    page = pages.get(f"/m/{token}/calendars").text
    return str(page.split('id="address-all"')[1].split('value="')[1].partition('"')[0])
