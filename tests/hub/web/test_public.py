"""Pages that everybody may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fakes.house import NOON, news

from hub.core.notice import Fact, Link, NoticeText, Severity, Status, Value
from hub.store import towns


def notice_url(notice) -> str:
    return f"/huertgenwald/n/{notice.id}"


def test_one_town_is_gone_to_several_are_listed(pages) -> None:
    assert pages.get("/").location == "/huertgenwald/"
    with pages.town.store.begin() as session:
        values = {
            "id": "gey",
            "name": "Gey",
            "path": "01",
            "language": "en",
            "zone": "Europe/Berlin",
            "colour": "#AB1234",
        }
        towns.add(session, values, NOON)
    page = pages.get("/").text
    assert 'href="/gey/"' in page
    assert 'href="/huertgenwald/"' in page
    assert "/theme/ab1234.css" in pages.get("/gey/").text
    assert "--brand: #ab1234;" in pages.get("/theme/ab1234.css").text
    assert pages.get("/theme/red;}.css").status_code == 404
    assert 'lang="en"' in pages.get("/gey/").text


def test_a_notice_shows_what_matters(pages) -> None:
    pages.town.source()
    made = replace(
        news(title="Sturm & Regen"), severity=Severity.SEVERE, valid_from=NOON, expires=NOON + timedelta(hours=8),
        texts=(NoticeText("de", "Sturm & Regen", "Erster Satz.\n\nZweiter.", instruction="Bleiben Sie im Haus."),
               NoticeText("en", "Storm")),
        url="https://example.org/a", attribution="DWD",
        links=(Link("enclosure", "https://example.org/karte.pdf", "Karte"), Link("x", "javascript:alert(1)", "böse")),
    )  # fmt: skip
    pages.town.poll("s1", made)
    page = pages.get(notice_url(made)).text
    for part in ("Sturm &amp; Regen", "Schwer", "Erster Satz.", "Bleiben Sie im Haus.", "12:00 Uhr", "20:00 Uhr",
                 "https://example.org/a", "DWD", "Karte", "Hürtgenwald"):  # fmt: skip
        assert part in page
    assert "javascript:" not in page
    assert '<h1 lang="en">Storm</h1>' in pages.get(notice_url(made) + "?lang=en").text
    assert made.title.replace("&", "&amp;") in pages.get("/huertgenwald/?lang=de").text


def test_html_of_a_notice_is_cleaned_again(pages) -> None:
    pages.town.source()
    html = '<p onclick="x()">Text <img src="https://t.example/p.gif"><script>alert(1)</script><a href="javascript:x">a</a></p>'
    made = replace(news(), texts=(NoticeText("de", "Titel", html=html),))
    pages.town.poll("s1", made)
    prose = pages.get(notice_url(made)).text.split('class="prose"')[1].partition("</div>")[0]
    assert "Text" in prose
    for bad in ("onclick", "<img", "<script", "javascript:"):
        assert bad not in prose


def test_the_state_of_a_notice_is_said(pages) -> None:
    pages.town.source()
    made = news(expires=NOON + timedelta(hours=3))
    pages.town.poll("s1", made)
    assert "Geändert." not in pages.get(notice_url(made)).text
    pages.town.poll("s1", replace(made, texts=news(title="Freibad öffnet später").texts))
    assert "Geändert." in pages.get(notice_url(made)).text
    pages.town.poll("s1", replace(made, status=Status.CANCELLED))
    assert "Abgesagt." in pages.get(notice_url(made)).text
    pages.town.clock.forward(hours=4)
    assert "Vorbei." in pages.get(notice_url(made)).text


def test_a_road_that_is_free_again_is_open_and_not_called_off(pages) -> None:
    pages.town.source()
    road = replace(news(title="Am Markt gesperrt", expires=NOON + timedelta(days=3)), kind="roads", topic="roads")
    pages.town.poll("s1", road)
    pages.town.poll("s1", replace(road, expires=NOON - timedelta(hours=1)))
    shown = pages.get(notice_url(road)).text
    assert "Wieder frei." in shown
    assert "Abgesagt" not in shown


def test_a_severe_warning_stands_on_top_while_it_holds(pages) -> None:
    pages.town.source("d", "warnings")
    made = news(
        title="Orkan", topic="warnings", source="d", severity=Severity.EXTREME, expires=NOON + timedelta(hours=3)
    )
    pages.town.poll("d", made)
    assert 'id="urgent"' in pages.get("/huertgenwald/").text
    pages.town.poll("d", replace(made, status=Status.CANCELLED))
    assert 'id="urgent"' not in pages.get("/huertgenwald/").text


def test_a_stranger_towns_notice_is_not_shown(pages) -> None:
    pages.town.source()
    pages.town.poll("s1", news())
    with pages.town.store.begin() as session:
        values = {
            "id": "gey",
            "name": "Gey",
            "path": "01",
            "language": "de",
            "zone": "Europe/Berlin",
            "colour": "#123456",
        }
        towns.add(session, values, NOON)
    assert pages.get(f"/gey/n/{news().id}").status_code == 404
    assert pages.get("/huertgenwald/n/unknown").status_code == 404


def test_health_and_robots(pages) -> None:
    assert pages.get("/healthz").json == {"status": "ok"}
    ready = {"status": "ok", "faults": [], "oldest_due_seconds": 0.0, "watch_seconds": None}
    assert pages.get("/readyz").json == ready
    assert pages.get("/robots.txt").text == "User-agent: *\nDisallow:\n"
    pages.client.application.extensions["ortsruf"].health = lambda: ("", "The ticker stands still.")
    answer = pages.get("/readyz")
    assert (answer.status_code, answer.json["faults"]) == (503, ["The ticker stands still."])


def test_a_notice_tells_what_changed_and_when(pages) -> None:
    pages.town.source()
    first = news(
        "t", "Kita", deadline=NOON + timedelta(days=20), value=Value(1000.0), facts=(Fact("procedure", "open"),)
    )
    pages.town.poll("s1", first)
    page = pages.get(notice_url(first)).text
    assert "Was sich geändert hat" not in page
    assert "<dt>Verfahren</dt><dd>offenes Verfahren</dd>" in page
    second = replace(first, deadline=NOON + timedelta(days=27))
    pages.town.poll("s1", second)
    pages.town.poll("s1", replace(second, value=Value(1500.5)))
    page = pages.get(notice_url(first)).text
    changes = page.split('aria-labelledby="changes"')[1].partition("</section>")[0]
    assert changes.index("Auftragswert:") < changes.index("Frist:")  # the newest first
    assert "<del>1.000 EUR</del>" in changes
    assert "<ins>1.500,50 EUR</ins>" in changes
    assert "<del>So 13.12.</del>" in changes
    assert "Deadline:" in pages.get(notice_url(first) + "?lang=en").text
    pages.town.poll("s1", replace(second, status=Status.CANCELLED))
    assert "<strong>Abgesagt.</strong></li>" in pages.get(notice_url(first) + "?lang=de").text
