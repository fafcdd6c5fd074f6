"""The map beside the list, and the file under it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.house import NOON, news
from pydantic import ValidationError

from hub.core.notice import Geometry, Severity, Status
from hub.settings import Settings
from hub.web import create_app

LINE = Geometry(lines=(((6.40, 50.71), (6.41, 50.72)),))


@pytest.fixture
def closed(pages):
    pages.town.source()
    road = news("r", "Sperrung <b>", topic="roads", geometry=LINE, severity=Severity.SEVERE)
    pages.town.poll("s1", road, news("n", "Fest"))
    return pages


def test_a_view_is_geojson(closed) -> None:
    answer = closed.get("/huertgenwald/notices.geojson?topic=roads")
    assert answer.content_type == "application/geo+json"
    (feature,) = json.loads(answer.data)["features"]
    assert feature["geometry"]["type"] == "LineString"
    assert feature["properties"]["title"] == "Sperrung <b>"
    assert feature["properties"]["severity"] == "severe"
    again = closed.get("/huertgenwald/notices.geojson?topic=roads", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert closed.get("/huertgenwald/notices.geojson?topic=nothing").status_code == 404


def test_the_map_page_lists_all_and_may_ask_for_the_position(closed) -> None:
    page = closed.get("/huertgenwald/map")
    for part in ("Sperrung &lt;b&gt;", "Fest", "Auf der Karte", "Ohne Stelle auf der Karte", "<noscript>"):
        assert part in page.text
    assert "geolocation=(self)" in page.headers["Permissions-Policy"]
    assert "geolocation=()" in closed.get("/huertgenwald/notices").headers["Permissions-Policy"]
    assert closed.get("/map/tiles.pmtiles").status_code == 404


def test_the_ground_is_served_in_parts(village, tmp_path) -> None:
    file = tmp_path / "town.pmtiles"
    file.write_bytes(b"PMTiles\x03" + bytes(range(200)))
    app = create_app(village.house, Settings(map_tiles=str(file), map_credit="© basemap.de / BKG"))
    client = app.test_client()
    answer = client.get("/map/tiles.pmtiles", headers={"Range": "bytes=8-17"}, buffered=True)
    assert (answer.status_code, answer.data) == (206, bytes(range(10)))
    assert answer.headers["Content-Range"] == "bytes 8-17/208"
    assert "basemap.de" in client.get("/huertgenwald/map").text
    with pytest.raises(ValidationError, match="PMTiles file"):
        Settings(map_tiles=str(tmp_path / "nowhere"))


def test_a_notice_offers_its_dates_map_link_and_a_way_to_report(pages) -> None:
    from hub.core.notice import Occurrence

    town = pages.town
    town.source()
    made = news("m", "Markt & mehr", body="Auf dem Platz.", geometry=LINE, occurrences=(
        Occurrence("a", NOON, NOON + timedelta(hours=2)), Occurrence("b", NOON + timedelta(days=7))))  # fmt: skip
    town.poll("s1", made)
    page = pages.get(f"/huertgenwald/n/{made.id}").text
    for part in (
        '<meta property="og:title" content="Markt &amp; mehr">', '<meta name="description" content="Auf dem Platz.">',
        f'href="https://ortsruf.example/huertgenwald/n/{made.id}"', f'data-shapes="/huertgenwald/n/{made.id}.geojson"',
        f'?notice={made.id}"', "Fehler melden", "Alle Termine in meinen Kalender", "Gesendet",
    ):  # fmt: skip
        assert part in page, part
    assert "og:image" in page
    whole = pages.get(f"/huertgenwald/n/{made.id}.ics").data
    assert whole.count(b"BEGIN:VEVENT") == 2
    first = pages.get(f"/huertgenwald/n/{made.id}.ics?date=a").data
    assert first.count(b"BEGIN:VEVENT") == 1
    assert pages.get(f"/huertgenwald/n/{made.id}.ics?date=x").status_code == 404
    assert json.loads(pages.get(f"/huertgenwald/n/{made.id}.geojson").data)["features"]
    town.poll("s1", replace(made, status=Status.CANCELLED))
    page = pages.get(f"/huertgenwald/n/{made.id}").text
    assert "<strong>Abgesagt seit 23.11.2026" in page
