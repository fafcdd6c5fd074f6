"""The audit log's pages: filters, pages, and a file that is proved without the installation."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from fakes.drafts import desk, warning
from fakes.house import Town
from fakes.people import COUNTY, account, operator, session_of

from hub.cli import main
from hub.jobs.record import record

COOKIE = "__Host-ortsruf-session"
PAGE, ALL = "/verwaltung/huertgenwald/protokoll", "/verwaltung/protokoll"


@pytest.fixture
def log(village: Town, pages):
    """A signed-in county operator, and a log of sixty events in two towns within two days."""
    made = account(village, "anna@example.org", COUNTY)
    berta = account(village, "berta@example.org", operator())
    for number in range(60):
        with village.store.begin() as session:
            town = "huertgenwald" if number % 3 else "nachbar"
            act = "source.pause" if number % 2 else "source.resume"
            record(village.house, session, f"account:{berta}", act, municipality=town, subject=f"source:s{number}")
        village.clock.at += timedelta(hours=1)
    sign_in(pages, village, made)
    return pages


def sign_in(pages, village: Town, made: int) -> None:
    pages.client.set_cookie(COOKIE, session_of(village, made), domain="ortsruf.example", secure=True)


def test_the_log_is_filtered_by_act_person_and_day(log) -> None:
    page = log.get(f"{PAGE}?lang=de").text
    assert "Vorgänge: 40" in page
    assert "hat eine Quelle angehalten" in page
    assert "Vorgänge: 20" in log.get(f"{PAGE}?was=source.pause&lang=de").text
    assert "Vorgänge: 0" in log.get(f"{PAGE}?was=nichts&lang=de").text
    assert "Vorgänge: 8" in log.get(f"{PAGE}?bis=2026-11-23&lang=de").text  # from noon to midnight in Berlin
    assert "Vorgänge: 16" in log.get(f"{PAGE}?von=2026-11-24&bis=2026-11-24&lang=de").text
    answer = log.get(f"{PAGE}?von=gestern&lang=de")
    assert "Bitte geben Sie einen Tag" in answer.text
    assert "nachbar" not in page


def test_all_events_stand_on_pages(log) -> None:
    seen = {number for page in (1, 2, 9) for number in numbers(log.get(f"{ALL}?seite={page}").text)}
    assert len(seen) == 60
    assert len(numbers(log.get(ALL).text)) == 49  # and the sign-in
    assert "nachbar" in log.get(f"{ALL}?seite=2").text
    assert 'rel="prev" href="/verwaltung/protokoll?was=source.pause&amp;seite=1"' not in log.get(
        f"{ALL}?was=source.pause"
    ).text  # fmt: skip


def numbers(page: str) -> set[str]:
    return {part.split("<")[0] for part in page.split('<span class="break">')[1:] if part.startswith("s")}


def verify(tmp_path, text: str, *words: str):
    file = tmp_path / "log.jsonl"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["audit", "verify", "--file", str(file), *words])


def test_the_whole_log_is_proved_by_its_file(log, tmp_path) -> None:
    text = log.get(f"{ALL}.jsonl").text
    lines = text.splitlines()
    assert len(lines) == 61  # and the sign-in
    answer = verify(tmp_path, text, "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["head"] == json.loads(lines[-1])["hash"]
    for wrong in (text.replace("source:s30", "source:s31"), "\n".join(lines[:20] + lines[21:]), "\n".join(lines[1:])):
        assert verify(tmp_path, wrong).exit_code == 1
    assert "CUT OFF" in verify(tmp_path, "\n".join(lines[:-1]), "--head", json.loads(lines[-1])["hash"]).output
    assert "no line of an audit log" in verify(tmp_path, "hello").output


def test_a_towns_log_is_an_extract(log, tmp_path) -> None:
    text = log.get(f"{PAGE}.jsonl").text
    assert {json.loads(line)["municipality"] for line in text.splitlines()} == {"huertgenwald"}
    assert verify(tmp_path, text).exit_code == 1
    answer = verify(tmp_path, text, "--extract")
    assert answer.exit_code == 0
    assert "Events: 40" in answer.output
    assert "Gaps: 20" in answer.output
    assert verify(tmp_path, text.replace('source:s1"', 'source:s2"'), "--extract").exit_code == 1
    assert "--extract" in log.get(PAGE).text
    assert "--extract" not in log.get(ALL).text
    assert "--extract" in log.get(f"{ALL}?was=source.pause").text
    assert len(log.get(f"{ALL}.jsonl?was=source.pause").text.splitlines()) == 30


def test_an_extract_needs_a_file() -> None:
    answer = CliRunner().invoke(main, ["audit", "verify", "--extract"])
    assert answer.exit_code == 1
    assert "give --file" in answer.output


def test_an_operator_of_a_town_reads_that_towns_log_only(log, village) -> None:
    sign_in(log, village, account(village, "carl@example.org", operator()))
    assert log.get(PAGE).status_code == 200
    assert log.get(ALL).status_code in {403, 404}
    assert log.get("/verwaltung/nachbar/protokoll").status_code == 404
    assert f'href="{PAGE}"' in log.get("/verwaltung/").text


def test_what_was_done_with_a_notice_is_said_in_words_and_by_its_title(pages, village) -> None:
    hall = desk(village)
    number = hall.begin(warning("Trinkwasser abkochen"))
    hall.publish(number)
    sign_in(pages, village, account(village, "olga@example.org", operator()))
    page = pages.get(f"{PAGE}?lang=de").text
    assert "hat eine Warnung als zweite Person freigegeben" in page
    assert page.count("Trinkwasser abkochen") >= 3  # asked, released, gone out
