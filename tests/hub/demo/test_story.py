"""What arrived in the demo, seen with other people's software: calendars, pushes, mails, one click."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from hub.demo.servers import _free_port
from hub.demo.story import Story
from hub.store.schema import endpoint
from tests.foreign.readers import (
    libical_errors,
    read_with_icalendar,
    read_with_icaljs,
    read_with_libical,
    store_with_vdirsyncer,
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Play the demo once and keep its pages open."""
    made = Story(tmp_path_factory.mktemp("demo"), _free_port())
    made.once(quiet=True)
    host, port = made.settings.listen_at
    server = make_server(host, port, made.web(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()
    made.close()


def _get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    from urllib.error import HTTPError

    try:
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers.items()), error.read()


def _calendars(story: Story) -> list[str]:
    links = story.building.house.links
    return [links.calendar(one["id"], one["generation"]) for one in story.active() if one["channel"] == "ical"]


def test_every_private_calendar_is_read_alike_by_four_readers(story: Story) -> None:
    urls = _calendars(story)
    assert len(urls) == 3
    for url in urls:
        _, headers, body = _get(url)
        assert headers["content-type"] == "text/calendar; charset=utf-8"
        assert libical_errors(body) == 0
        read = [sorted(_comparable(one) for one in reader(body)) for reader in _READERS]
        assert read[0] == read[1] == read[2]
        assert len(read[0]) == body.count(b"BEGIN:VEVENT") > 0
        assert store_with_vdirsyncer(url) == len(read[0])


_READERS = (read_with_icalendar, read_with_icaljs, read_with_libical)


def _comparable(event: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(event[name]) for name in ("uid", "start", "status", "summary"))


def test_a_calendar_that_did_not_change_answers_304(story: Story) -> None:
    for url in (*_calendars(story), f"{story.settings.base_url}/{story.town}/calendar/waste.ics"):
        status, headers, body = _get(url)
        again = _get(url)
        assert (status, again[2]) == (200, body)
        assert _get(url, **{"If-None-Match": headers["etag"]})[0] == 304


def test_the_moved_bin_day_moved_in_place(story: Story) -> None:
    _, _, body = _get(f"{story.settings.base_url}/{story.town}/calendar/waste.ics")
    text = body.decode().replace("\r\n ", "")
    moved = [part for part in text.split("BEGIN:VEVENT")[1:] if "SEQUENCE:1" in part]
    assert len(moved) == 1
    assert "STATUS:CANCELLED" not in moved[0]


def test_the_called_off_meeting_stays_as_cancelled(story: Story) -> None:
    _, _, body = _get(f"{story.settings.base_url}/{story.town}/calendar/council.ics")
    cancelled = [one for one in read_with_icalendar(body) if one["status"] == "cancelled"]
    assert len(cancelled) == 1
    assert "ABGESAGT" in cancelled[0]["summary"]


def test_pushes_decrypt_and_replace_each_other(story: Story) -> None:
    pushes = [one for one in story.world.pushes if one["device"] == "anna"]
    assert all("undecipherable" not in one for one in pushes)
    titles = [one["notification"]["title"] for one in pushes]
    for word in ("Morgen: Glas", "Verschoben: Glas", "STARKREGEN", "Entwarnung"):
        assert any(word in title for title in titles), titles
    threads: dict[str, list[str]] = {}
    for one in pushes:
        assert one["web_push"] == 8030
        assert int(one["ttl"]) > 0
        assert one["topic"] == one["notification"]["tag"]
        assert one["notification"]["navigate"].startswith(story.settings.base_url)
        threads.setdefault(one["topic"], []).append(one["notification"]["title"])
    assert any(len(found) == 2 and found[1].startswith("Verschoben") for found in threads.values())
    assert any(len(found) == 2 and found[1].startswith("Entwarnung") for found in threads.values())


def _mails(story: Story, to: str) -> list[EmailMessage]:
    return [mail for mail in story.mailbox.mails if to in str(mail["To"])]


def test_mails_carry_news_reminder_correction_and_digest(story: Story) -> None:
    subjects = [str(mail["Subject"]) for mail in _mails(story, "bernd@")]
    for word in ("Bitte bestätigen", "Morgen: Glas", "Verschoben: Glas", "In 1 Stunde", "Abgesagt", "Entwarnung"):
        assert sum(word in subject for subject in subjects) == 1, subjects
    bodies = [mail.get_body(("plain",)) for mail in _mails(story, "bernd@")]
    assert any(body is not None and "Tag der offenen Tür" in body.get_content() for body in bodies)
    assert len({str(mail["Message-ID"]) for mail in story.mailbox.mails}) == len(story.mailbox.mails)


def test_one_click_ends_the_mails_over_http(story: Story) -> None:
    mail = _mails(story, "bau@")[-1]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(mail["List-Unsubscribe"]).partition("<")[2].partition(">")[0]
    assert _get(url)[0] == 200
    assert _state(story, "bau@mueller.example") == "active"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with urlopen(Request(url, b"List-Unsubscribe=One-Click", form), timeout=10) as answer:
        assert answer.status == 200
    assert _state(story, "bau@mueller.example") is None


def _state(story: Story, address: str) -> str | None:
    with story.building.store.read() as session:
        return session.scalar(select(endpoint.c.state).where(endpoint.c.address == address))


def test_a_second_look_of_the_clock_sends_nothing_again(story: Story) -> None:
    before = (len(story.world.pushes), len(story.mailbox.mails))
    story.building.tick()
    story.building.run_all()
    assert (len(story.world.pushes), len(story.mailbox.mails)) == before


def test_the_recorded_payloads_name_their_origin() -> None:
    folder = Path(__file__).parents[3] / "hub" / "demo" / "payloads"
    listed = (folder / "SOURCES.md").read_text(encoding="utf-8")
    for path in folder.iterdir():
        assert path.name == "SOURCES.md" or path.name in listed
