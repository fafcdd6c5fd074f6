"""The pages of views, maps and searches as everybody can use them: axe finds nothing, nothing sticks out at 320 px."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.house import NOON, Town, news

from hub.core.notice import Geometry, NoticeText, Occurrence, PlaceRef, Severity, Value

AXE = Path(__file__).parents[1] / "node/node_modules/axe-core/axe.min.js"
AREA = Geometry(polygons=(((6.35, 50.68), (6.45, 50.68), (6.45, 50.74), (6.35, 50.74)),))


@pytest.fixture
def lively(village: Town) -> Town:
    """A town with a warning, a closure, a meeting with two dates and a tender."""
    village.source()
    warning = replace(
        news("w", topic="warnings", severity=Severity.SEVERE, expires=NOON + timedelta(hours=9), geometry=AREA), kind="cap",
        texts=(NoticeText("de", "Orkanböen", "Es stürmt.", instruction="Bleiben Sie im Haus."),),
        places=(PlaceRef("ars", "05358", "Kreis Düren"),),
    )  # fmt: skip
    meeting = news("m", "Ratssitzung", topic="council", occurrences=(
        Occurrence("a", NOON + timedelta(days=2)), Occurrence("b", NOON + timedelta(days=30))))  # fmt: skip
    closes = NOON + timedelta(days=9)
    tender = replace(
        news("t", "Dach der Schule", topic="tenders", sent=NOON, deadline=closes, expires=closes, cpv=("45261210",),
             value=Value(120000.0), occurrences=(Occurrence("deadline", closes),)), kind="tenders",
    )  # fmt: skip
    village.poll("s1", warning, meeting, tender)
    return village


def addresses(town: Town) -> list[str]:
    ids = [news(key).id for key in ("w", "m", "t")]
    return [
        "notices", "notices?when=week", "notices?place=nirgends", "map", "tenders?words=dach&cpv=45&tree=452",
        *(f"n/{one}" for one in ids),
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(lively, chromium, site, scheme) -> None:
    context = chromium.new_context(locale="de-DE", viewport={"width": 320, "height": 640}, color_scheme=scheme)
    page, foreign = context.new_page(), []
    page.on("request", lambda one: foreign.append(one.url) if not one.url.startswith(site) else None)
    for address in addresses(lively):
        page.goto(f"{site}/huertgenwald/{address}", wait_until="networkidle")
        page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
        found = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
        wrong = {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found["violations"]}
        wrong |= {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found["incomplete"]}
        assert wrong == {}, address
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
    assert foreign == []
    context.close()


def test_a_view_and_a_search_work_without_script(lively, chromium, site) -> None:
    context = chromium.new_context(locale="de-DE", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/huertgenwald/notices")
    page.get_by_label("Thema").select_option("council")
    page.get_by_role("button", name="Anzeigen").click()
    assert page.url == f"{site}/huertgenwald/notices?topic=council"
    assert page.locator(".notices li").count() == 1
    page.get_by_role("link", name="Diese Woche").click()
    assert page.url.endswith("topic=council&when=week")
    page.goto(f"{site}/huertgenwald/tenders")
    page.get_by_text("Aus der Liste wählen", exact=True).click()
    work = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Bauarbeiten", exact=True))
    work.get_by_role("link", name="Wählen").click()
    assert "cpv=45" in page.url
    page.get_by_text("1 Treffer im letzten Monat").wait_for()
    context.close()
