"""The map in Chromium: drawn from our own files alone, under the strict policy, the list beside it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from fakes.house import news
from fakes.pmtiles import earth
from werkzeug.serving import make_server

from hub.core.notice import Geometry
from hub.links import Links
from hub.settings import Settings
from hub.web import create_app

PAINTED = """() => new Promise((done, fail) => {
  setTimeout(() => fail(new Error("no ground was painted")), 10000);
  const seen = (one) => one.getContext("2d").getImageData(one.width / 2, one.height / 2, 1, 1).data[3] > 0;
  const look = () => ([...document.querySelectorAll(".map canvas")].some(seen) ? done() : requestAnimationFrame(look));
  look();
})"""


def test_the_map_draws_the_view_and_asks_nobody_else(village, phone) -> None:
    village.source()
    line = Geometry(lines=(((6.40, 50.71), (6.41, 50.72)),))
    village.poll("s1", news("r", "Sperrung <b>", topic="roads", geometry=line), news("n", "Fest"))
    page = phone.page
    page.goto(phone.site + "/huertgenwald/map")
    drawn = page.locator(".map path.leaflet-interactive")
    drawn.first.wait_for()
    assert drawn.count() == 1
    drawn.first.dispatch_event("click")
    popup = page.locator(".leaflet-popup-content a")
    popup.wait_for()
    assert popup.inner_text() == "Sperrung <b>"
    drawn.first.dispatch_event("mouseover")
    tip = page.locator(".leaflet-tooltip-pane .leaflet-tooltip", has_text="Sperrung")
    tip.wait_for()
    assert tip.inner_text() == "Sperrung <b>", "what a stranger wrote is text"
    assert phone.wide() <= 0
    assert phone.complaints == []
    assert phone.foreign == []


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_shape_has_a_name_and_opens_by_keyboard(village, phone, key) -> None:
    village.source()
    area = Geometry(polygons=(((6.35, 50.68), (6.45, 50.68), (6.45, 50.74), (6.35, 50.74)),))
    both = Geometry(points=((6.40, 50.71),), polygons=area.polygons)
    village.poll("s1", news("r", "Sperrung", geometry=area), news("b", "Baustelle", geometry=both))
    page = phone.page
    page.goto(phone.site + "/huertgenwald/map")
    page.get_by_role("button", name="Baustelle").first.wait_for()
    assert page.get_by_role("button", name="Baustelle").count() == 2
    page.get_by_role("button", name="Sperrung").press(key)
    page.locator(".leaflet-popup-content a:focus").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Sperrung"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sperrung").wait_for()
    assert phone.complaints == []


def test_the_position_is_asked_for_by_a_tap_only_and_stays_here(village, phone) -> None:
    village.source()
    phone.context.grant_permissions(["geolocation"], origin=phone.site)
    phone.context.set_geolocation({"latitude": 50.71, "longitude": 6.41})
    asked = []
    phone.page.goto(phone.site + "/huertgenwald/map", wait_until="networkidle")
    phone.context.on("request", lambda one: asked.append(one.url))
    phone.page.get_by_role("button", name="Zeigen, wo ich bin").click()
    phone.page.get_by_text("weder gesendet noch gespeichert").wait_for()
    assert asked == []
    assert phone.complaints == []


def test_the_ground_comes_from_the_operators_own_file(village, chromium, tmp_path) -> None:
    village.source()
    village.poll("s1", news("r", "Stelle", geometry=Geometry(points=((6.40, 50.71),))))
    file = tmp_path / "earth.pmtiles"
    file.write_bytes(earth())
    server = make_server("127.0.0.1", 0, None, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    house = replace(village.house, links=Links(address, "key"))
    server.app = create_app(house, Settings(base_url=address, map_tiles=str(file)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740}).new_page()
        complaints: list[str] = []
        foreign: list[str] = []
        page.on("console", lambda one: complaints.append(one.text) if one.type in {"error", "warning"} else None)
        page.on("request", lambda one: foreign.append(one.url) if not one.url.startswith(address) else None)
        page.goto(address + "/huertgenwald/map")
        page.evaluate(PAINTED)  # not wait_for_function: its polling is an eval, which the policy refuses
        assert "OpenStreetMap" in page.locator(".leaflet-control-attribution").inner_text()
        assert page.locator(".map path.leaflet-interactive").count() == 1
        # That we read the canvas again and again is a remark on this test, not on the page.
        assert [one for one in complaints if not one.startswith("Canvas2D")] == []
        assert foreign == []
        page.context.close()
    finally:
        server.shutdown()
        server.server_close()
