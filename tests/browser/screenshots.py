"""Pictures of the main pages for README and for whoever looks at a change: ``make screenshots``.

A village in a week of November, served on loopback and seen by Debian's Chromium. Without an argument the pictures that
README shows are taken anew, into deploy/screenshots; ``--all FOLDER`` takes every page at both widths, light and dark.
"""

from __future__ import annotations

import argparse
import base64
import logging
import math
import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from fakes.house import PLACE, Town, make_town, news
from fakes.people import account, session_of
from playwright.sync_api import Page, sync_playwright

from hub import log
from hub.blanks import blanks
from hub.core.draft import Area
from hub.core.notice import Fact, Geometry, NoticeText, Occurrence, PlaceRef, Severity, Value
from hub.core.permission import Grant, Role
from hub.core.release import State
from hub.core.subscription import Criteria
from hub.store import drafts, towns
from hub.store.database import Store
from tests.browser.conftest import ARGUMENTS, served

FOLDER = Path(__file__).parents[2] / "deploy" / "screenshots"
WIDTHS = {360: 760, 1280: 800}  # pixels: width to height
SCHEMES = ("light", "dark")
PAGES = ("town", "start", "notices", "notice", "map", "tenders", "mine", "office", "write", "preview", "release")
README = (
    ("town", 360, "light"), ("start", 360, "light"), ("mine", 360, "dark"), ("notice", 360, "light"),
    ("map", 1280, "light"), ("notices", 1280, "dark"), ("tenders", 1280, "light"),
    ("write", 360, "light"), ("preview", 360, "light"), ("release", 360, "light"),
)  # fmt: skip
QUALITY = 60  # of WebP
LARGEST = 60_000  # bytes


def name(page: str, width: int, scheme: str) -> str:
    """Return what a picture's file is called."""
    return f"{page}-{width}-{scheme}.webp"


def village(store: Store) -> Town:
    """Give a village in which all kinds of sources have something to say."""
    town = make_town(store)
    with store.begin() as session:
        zones = [(f"{PLACE}/zone:{key}", "zone", title) for key, title in (("gey", "Gey"), ("vossenack", "Vossenack"))]
        towns.add_places(session, "huertgenwald", zones)
    topics = {"d": "warnings", "r": "roads", "w": "waste", "c": "council", "n": "news", "t": "tenders"}
    for source, topic in topics.items():
        town.source(source, topic)
    for source, notices in _notices(town.clock()).items():
        town.poll(source, *notices, minutes=2)
    return town


def _notices(now: datetime) -> dict[str, list[object]]:
    def days(count: int, hour: int = 18) -> datetime:
        return (now + timedelta(days=count)).replace(hour=hour - 1, minute=0)

    storm = replace(
        news("storm", topic="warnings", source="d"), kind="cap", severity=Severity.SEVERE, publisher="Deutscher Wetterdienst",
        sent=now, valid_from=now, expires=now + timedelta(hours=9), geometry=_around(6.39, 50.72, 0.07),
        texts=(NoticeText(
            "de", "Amtliche Unwetterwarnung vor schweren Sturmböen",
            "Aus Südwesten treten schwere Sturmböen mit Geschwindigkeiten bis 100 km/h auf. In Schauernähe sind orkanartige "
            "Böen möglich.", instruction="Halten Sie Abstand von Bäumen und Gerüsten. Sichern Sie lose Gegenstände im Freien."),),
    )  # fmt: skip
    closed = news(
        "closed", "Vollsperrung der Kirchstraße in Gey", topic="roads", source="r", publisher="Straßen.NRW",
        body="Die Fahrbahn wird erneuert. Eine Umleitung über die Dürener Straße ist ausgeschildert.",
        valid_from=now, expires=days(12), occurrences=(Occurrence("1", now, days(12)),),
        geometry=Geometry(lines=(((6.405, 50.741), (6.412, 50.746), (6.421, 50.749)),)),
    )  # fmt: skip
    half = news(
        "half", "B 399 zwischen Kleinhau und Vossenack: halbseitig gesperrt", topic="roads", source="r",
        valid_from=now, expires=days(4), geometry=Geometry(points=((6.372, 50.717),)),
    )  # fmt: skip
    bins = [
        news(f"{kind}-{key}", title, topic="waste", source="w", series=True, category=kind,
             places=(PlaceRef("zone", key, key.title()),),
             occurrences=tuple(Occurrence(f"{at}", date(2026, 11, 24) + timedelta(days=14 * at + shift)) for at in range(6)))
        for key in ("gey", "vossenack")
        for shift, (kind, title) in enumerate((("residual", "Restmüll"), ("paper", "Papier"), ("organic", "Biotonne")))
    ]  # fmt: skip
    council = news(
        "council", "Sitzung des Gemeinderates", topic="council", source="c",
        body="Haushalt 2027 · Neubau der Feuerwache Vossenack · Fragen der Einwohner",
        occurrences=(Occurrence("1", days(3), days(3, 21), location="Rathaus Kleinhau, Ratssaal"),),
    )  # fmt: skip
    return {
        "r": [closed, half], "w": bins, "c": [council],
        "n": [
            news("market", "Weihnachtsmarkt in Vossenack", source="n", publisher="Ortsvereine Vossenack",
                 body="Rund um die Kirche: Stände der Vereine, Musik und warme Getränke.",
                 occurrences=(Occurrence("1", days(5, 15), days(5, 21)),)),
            news("office", "Bürgerbüro am Freitag geschlossen", source="n", body="Wegen einer Fortbildung."),
        ],
        "t": [
            _tender("roof", "Dachdeckerarbeiten an der Grundschule Gey", "45261210", 120_000.0, days(19, 11), now),
            _tender("heat", "Erneuerung der Heizung im Rathaus", "45331100", 240_000.0, days(5, 11), now),
            _tender("bus", "Schülerbeförderung 2027/28", "60130000", 410_000.0, days(30, 11), now),
        ],
        "d": [storm],
    }  # fmt: skip


def _tender(key: str, title: str, cpv: str, value: float, closes: datetime, now: datetime) -> object:
    made = news(
        key, title, topic="tenders", source="t", sent=now, deadline=closes, expires=closes, cpv=(cpv,),
        publisher="Gemeinde Hürtgenwald", value=Value(value), facts=(Fact("procedure", "open"),),
        occurrences=(Occurrence("deadline", closes, summary=f"Angebotsfrist: {title}"),),
    )  # fmt: skip
    return replace(made, kind="tenders")


def _around(east: float, north: float, by: float) -> Geometry:
    """Return a rough ring, as a forester would draw it."""
    reach = (1.0, 0.9, 1.1, 0.95, 1.15, 0.85, 1.0, 1.1, 0.9, 1.05, 0.8, 1.0)
    turns = [(one * math.cos(at * math.pi / 6), one * math.sin(at * math.pi / 6)) for at, one in enumerate(reach)]
    return Geometry(polygons=(tuple((east + 1.5 * by * x, north + by * y) for x, y in turns),))


def paths(page: Page, site: str) -> dict[str, str]:
    """Sign up as a resident does, and return where each page is."""
    page.goto(f"{site}/huertgenwald/start")
    page.locator("#waste-zone").select_option(label="Gey")
    for topic in ("warnings", "roads", "council"):
        page.locator(f"#{topic}").check()
        page.locator(f"#{topic}-push").check()
    page.locator("#waste-calendar").check()
    page.get_by_role("button", name="Anmelden").last.click()
    mine = page.locator("#manage-address").input_value().removeprefix(site)
    page.goto(f"{site}/huertgenwald/notices?topic=warnings")
    notice = page.get_by_role("link", name="Amtliche Unwetterwarnung").first.get_attribute("href") or ""
    page.context.clear_cookies()
    return {
        "town": "/huertgenwald/", "start": "/huertgenwald/start", "notices": "/huertgenwald/notices",
        "notice": notice.removeprefix(site), "map": "/huertgenwald/map", "tenders": "/huertgenwald/tenders", "mine": mine,
    }  # fmt: skip


def office(town: Town, page: Page, site: str) -> dict[str, str]:
    """Sign Berta in, who is to release what Anna wrote, and return where they work."""
    anna = account(town, "anna@example.org", Grant(Role.AUTHOR, "huertgenwald"))
    berta = account(
        town, "berta@example.org", Grant(Role.EDITOR, "huertgenwald"), Grant(Role.APPROVER, "huertgenwald")
    )  # fmt: skip
    for _ in range(34):
        town.person(Criteria(topics=("warnings",), places=(PLACE,)))
    until, at = town.clock() + timedelta(hours=9), "/verwaltung/huertgenwald/mitteilungen"
    written = NoticeText(
        "de", "Kein Trinkwasser in Gey: Rohrbruch",
        "In der Dorfstraße ist eine Leitung gebrochen. Bis heute Abend kommt kein sauberes Wasser.",
        instruction="Kochen Sie Wasser ab, bevor Sie es trinken.\nEin Wasserwagen steht am Dorfplatz.",
    )  # fmt: skip
    where = Area("huertgenwald", (PlaceRef("zone", "Gey", "Gey"),))
    draft = replace(
        blanks()["burst-pipe"].draft("huertgenwald", "de", town.clock()), topic="warnings", texts=(written,),
        severity=Severity.SEVERE, areas=(where,), expires=until, contact="Bauhof, 02429 30999",
    )  # fmt: skip
    with town.store.begin() as session:
        numbers = [drafts.add(session, "huertgenwald", draft, anna, town.clock()) for _ in range(2)]
        row = drafts.get(session, "huertgenwald", numbers[1])
        assert row is not None
        drafts.step(session, row, "submit", anna, town.clock())
        drafts.move(session, row, State.REVIEW)
    page.context.add_cookies([{"name": "ortsruf-session", "value": session_of(town, berta), "url": site}])
    return {
        "office": "/verwaltung/", "write": f"{at}/{numbers[0]}/schreiben", "preview": f"{at}/{numbers[0]}/vorschau",
        "release": f"{at}/{numbers[1]}/freigabe",
    }  # fmt: skip


def take(page: Page, address: str, width: int, scheme: str) -> bytes:
    """Return the picture of a page as a visitor first sees it, as WebP."""
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.goto(address, wait_until="networkidle")
    if page.locator(".map[data-shapes]:visible").count():
        page.locator(".map path.leaflet-interactive").first.wait_for(state="attached")
    session = page.context.new_cdp_session(page)
    found = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    session.detach()
    return base64.b64decode(found["data"])


def main() -> None:
    """Take them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--all", type=Path, metavar="FOLDER", help="every page, both widths, light and dark, into FOLDER"
    )
    given = options.parse_args()
    log.configure(level=logging.ERROR)
    wanted = [(one, width, scheme) for one in PAGES for width in WIDTHS for scheme in SCHEMES] if given.all else README
    folder: Path = given.all or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        store = Store(f"sqlite:///{Path(data) / 'village.sqlite'}")
        store.upgrade()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_context(locale="de-DE").new_page()
        town = village(store)
        with served(town) as site:
            known = paths(page, site)
            known |= office(town, page, site)
            town.engine.run_all()  # what was there before somebody signed up is theirs, too
            for one, width, scheme in wanted:
                picture = take(page, site + known[one], width, scheme)
                (folder / name(one, width, scheme)).write_bytes(picture)
                print(f"{name(one, width, scheme)}: {len(picture):,} bytes")
        browser.close()
        store.close()


if __name__ == "__main__":
    main()
