"""Calendars before Flask: the front answers what the application would, byte for byte, or lets it answer."""

from __future__ import annotations

import gc
import gzip
import logging
import threading
from dataclasses import replace
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from fakes.pickups import pickups, private, with_waste

from hub.core.errors import StoreError
from hub.settings import Settings
from hub.web import create_app
from hub.web.front import front, settle

ORIGIN = "https://ortsruf.example"
PUBLIC = "/huertgenwald/calendar/waste.ics"


@pytest.fixture
def waste(village, behind_front) -> Any:
    with_waste(village)
    return behind_front


@pytest.mark.parametrize("which", ["public", "private", "alarms"])
def test_every_answer_is_the_applications_own(waste, which) -> None:
    path = PUBLIC if which == "public" else private(waste) + ("?alarms=1" if which == "alarms" else "")
    first = waste.both(path)
    assert (first.status_code, first.mimetype) == (200, "text/calendar")
    assert "BEGIN:VEVENT" in first.text
    assert ("BEGIN:VALARM" in first.text) is (which == "alarms")
    head = waste.both(path, "HEAD")
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(first.data)))
    packed = waste.both(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == first.data
    for tag in (first.headers["ETag"], packed.headers["ETag"], "*", 'W/"x", ' + first.headers["ETag"]):
        assert waste.both(path, headers={"If-None-Match": tag}).status_code == 304
        assert waste.both(path, "HEAD", headers={"If-None-Match": tag}).status_code == 304
    assert waste.both(path, headers={"If-None-Match": '"x"'}).status_code == 200
    since = waste.both(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert since.status_code == (304 if which == "public" else 200)
    assert "Content-Security-Policy" in first.headers
    assert "Strict-Transport-Security" in first.headers


def test_what_changed_is_seen_through_the_front(waste) -> None:
    tag = waste.both(PUBLIC).headers["ETag"]
    waste.town.poll("w", pickups(day=26))
    waste.town.clock.forward(seconds=1)
    changed = waste.through.get(PUBLIC, base_url=ORIGIN, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "20261126" in changed.text


def test_a_revoked_calendar_is_gone_a_second_later(waste) -> None:
    address = private(waste)
    mine = waste.client.get("/huertgenwald/", base_url=ORIGIN).text.split('href="/m/')[1].partition('"')[0]
    assert waste.both(address).status_code == 200
    waste.send(f"/m/{mine}", f"/m/{mine}/calendars/new")
    waste.town.clock.forward(seconds=1)
    assert waste.through.get(address.removeprefix(ORIGIN), base_url=ORIGIN).status_code == 410


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 302), ("GET", "/calendar/WzEsMV0.x.ics", 404), ("POST", PUBLIC, 405), ("OPTIONS", PUBLIC, 200),
        ("GET", f"{PUBLIC}?x=1", 200), ("GET", f"{PUBLIC}?%00", 400), ("GET", "/huertgenwald/calendar/no.ics", 404),
    ],
)  # fmt: skip
def test_all_else_is_the_applications(waste, method, path, status) -> None:
    waste.client.get(PUBLIC, base_url=ORIGIN)
    assert waste.through.open(path, method=method, base_url=ORIGIN).status_code == status
    assert len(waste.behind.asked) == 1


def test_below_a_prefix_the_application_answers(waste) -> None:
    waste.both(PUBLIC)
    answer = waste.through.get(PUBLIC, base_url=f"{ORIGIN}/prefix")
    assert len(waste.behind.asked) == 1
    assert answer.status_code == 200


def test_without_a_database_the_application_says_so(waste, monkeypatch) -> None:
    waste.both(PUBLIC)
    waste.town.clock.forward(seconds=1)

    def refuse(_now):
        raise StoreError("The database refused: gone")

    desk = waste.behind.extensions["ortsruf"]
    monkeypatch.setattr(desk.feeds._touched, "look", refuse)
    logging.disable()
    try:
        answer = waste.through.get(PUBLIC, base_url=ORIGIN)
    finally:
        logging.disable(logging.NOTSET)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_many_threads_get_whole_answers(waste) -> None:
    address = private(waste).removeprefix(ORIGIN)
    wanted = waste.both(address).data
    found: list[bytes] = []

    def ask() -> None:
        for _ in range(50):
            environ: dict[str, object] = {"PATH_INFO": address}
            setup_testing_defaults(environ)
            found.append(b"".join(waste.application(environ, lambda _status, _headers: None)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(found) == {wanted}
    assert len(found) == 200


def test_front_and_application_share_one_house(village) -> None:
    app = create_app(village.house, Settings(base_url=ORIGIN))
    with pytest.raises(ValueError, match="one house"):
        front(app, replace(village.house))


def test_a_process_that_is_ready_reads_no_template_for_its_first_reader(pages, monkeypatch) -> None:
    application = pages.client.application
    settle(application)
    gc.unfreeze()
    monkeypatch.setattr(application.jinja_env.loader, "load", lambda *_args: pytest.fail("a template was read"))
    for path in ("/huertgenwald/", "/huertgenwald/start", "/huertgenwald/notices", "/app", "/offline"):
        assert pages.get(path).status_code == 200
