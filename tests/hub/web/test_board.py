"""What was entered once on a screen and in another website (U40): no cookie, no script of ours in a frame, no loss."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.house import Town, news

from hub.core.notice import Severity


@pytest.fixture
def told(pages, village: Town):
    village.source()
    found = [news(f"n{number}", f"Meldung {number}", body=f"Text {number}") for number in range(7)]
    storm = news(
        "storm", "Sturm", topic="warnings", severity=Severity.SEVERE, expires=village.clock() + timedelta(days=1)
    )
    village.poll("s1", *found, storm, replace(storm, id="x", key="x", topic="desk"))
    return pages


def titles(text: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]+)</h2>", text)


def test_a_screen_shows_everything_in_turn_the_warning_first(told) -> None:
    path, seen = "/huertgenwald/board", []
    for _ in range(4):
        shown = told.get(path).text
        seen.append(titles(shown))
        path = re.search(r'data-next="([^"]+)"', shown)[1]
        assert f'content="15;url={path}"' in shown  # without a script, too
    assert seen[0][0] == "Sturm"
    assert seen[3] == seen[0]  # and begins again
    assert sorted(one for page in seen[:3] for one in page) == sorted([*(f"Meldung {n}" for n in range(7)), "Sturm"])


@pytest.mark.parametrize("page", ["0", "99", "x", "٣", "-1", "9" * 5000])
def test_a_page_that_is_none_is_the_first(told, page: str) -> None:
    assert titles(told.get(f"/huertgenwald/board?page={page}").text)[0] == "Sturm"


def test_an_empty_board_is_calm(pages) -> None:
    shown = pages.get("/huertgenwald/board").text
    assert "Zurzeit gibt es nichts Neues." in shown or "nichts Neues" in shown
    assert "Seite 1" not in shown


def test_a_list_within_another_website_is_short_and_may_do_nothing(told) -> None:
    answer = told.get("/huertgenwald/widget?most=3&lang=en")
    assert len(re.findall(r"<li[ >]", answer.text)) == 3
    assert "Sturm" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_a_topic_narrows_it(told) -> None:
    shown = told.get("/huertgenwald/widget?topic=warnings").text
    assert "Sturm" in shown
    assert "Meldung" not in shown
    assert "Meldung" in told.get("/huertgenwald/widget?topic=desk").text  # what is no topic narrows nothing


def test_everything_else_stays_unframed(told) -> None:
    for path in ("/huertgenwald/", "/huertgenwald/board", "/huertgenwald/embed"):
        assert "frame-ancestors 'none'" in told.get(path).headers["Content-Security-Policy"]


def test_the_lines_to_copy_lead_to_the_list(told) -> None:
    shown = told.get("/huertgenwald/embed?topic=warnings").text
    assert "&lt;iframe src=&#34;https://ortsruf.example/huertgenwald/widget?topic=warnings&#34;" in shown
    assert 'value="https://ortsruf.example/huertgenwald/board"' in shown
    assert "/huertgenwald/embed" in told.get("/huertgenwald/").text


@pytest.mark.parametrize("path", ["board", "widget", "embed"])
def test_a_town_that_is_none_has_none(pages, path: str) -> None:
    assert pages.get(f"/nirgends/{path}").status_code == 404
